"""What a pullback keeps is its own: nobody who writes into an array after `vjp` changes what the pullback computes.

    def f_forward(x):                     def f_forward(x):
        return np.sum(x**2), (x,)    ->       return np.sum(x**2), (x.copy(),)

Copied is what may be memory of the caller, of the world outside, or of the value that the caller gets; what the forward
half has made for itself is kept as it is.
"""

from __future__ import annotations

from .. import runtime
from ..autodiff.absent import perhaps_none
from ..ir import prims
from ..ir.core import Function, Op, Operand, Value
from .emit import reachable
from .inplace import clone
from .memory import fixed, is_array
from .overlap import Summary, summarise


def keep(forward: Function) -> None:
    """Copy what the last result of a forward half, the tuple of what is saved, shares with others; in place."""
    ops = forward.body.ops
    place = _packing(forward)
    pack = ops[place]
    shared = _shared(forward)
    kept: list[Operand] = []
    copies: list[Op] = []
    nothing = perhaps_none(ops)
    for x in pack.args:
        if isinstance(x, Value) and x in shared:
            out = Value(x.hint, x.type, x.span)
            copies.append(Op(prims.copy if is_array(x) and x not in nothing else runtime.detached, [x], {}, [out]))
            kept.append(out)
        else:
            kept.append(x)
    pack.args = kept
    ops[place:place] = copies


def _packing(forward: Function) -> int:
    """Where the tuple of what is saved is made."""
    return next(k for k, op in enumerate(forward.body.ops) if op.outs == forward.results[-1:])


def _shared(forward: Function) -> set[Operand]:
    """Those of the values that are kept which may share memory with anything that lives on outside."""
    summaries: dict[Function, Summary] = {}
    for f in reachable(forward):
        if f is not forward:
            summaries[f] = summarise(clone(f, summaries))
    apart = clone(forward, summaries)
    kept, count = apart.body.ops.pop(_packing(apart)).args, len(forward.results) - 1
    names = forward.body.ops[_packing(forward)].args  # of the same values, before `present` was left out
    apart.body.results[count:] = kept
    summary = summarise(apart)
    assert summary.shares is not None
    found: set[Operand] = set()
    for k, x in enumerate(kept, count):
        with_values = any(i < count and j == k for i, j in summary.results)
        if not fixed(x) and (summary.shares[k] is None or summary.shares[k] or with_values):
            found.add(names[k - count])
    return found
