"""Cut an adjoint in two functions: a forward half that returns what the backward half will read.

    def smooth_forward(x):  ...  return y, (x, t)
    def smooth_backward(saved, y_bar):  x, t = saved;  ...  return x_bar

Calls to users' functions become calls to these halves, so the generated program has the shape of the user's, and
recursion needs nothing special.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, another, hashable
from ..ir.types import UNKNOWN, tuple_of
from ..passes.branches import join_branches
from ..passes.build import Builder, type_of_operand
from ..passes.effects import all_ops
from ..passes.returned import leave
from ..passes.session import Session
from ..passes.simplify import once_only, replace, simplify
from ..passes.words import WORDS, describe
from ..rules.inference import cotangent_type
from .absent import define
from .again import SIZES
from .custom import own_halves
from .save import save

if TYPE_CHECKING:
    from .reverse import Reverse


class Halves:
    """The two halves of a function's adjoint, for given active parameters and results."""

    def __init__(self, name: str):
        self.forward = Function(f"{name}_forward", Block())
        self.backward = Function(f"{name}_backward", Block())


def halves(
    function: Function, active: tuple[bool, ...], results: tuple[bool, ...], session: Session, recompute: bool = False
) -> Halves:
    """The halves of a functional callee; a recursive one finds itself under way."""
    cache = function.attrs.setdefault("halves", {})
    key = (active, results, recompute)
    if key not in cache:
        made = cache[key] = Halves(function.name)
        made.forward.attrs["base"] = made.backward.attrs["base"] = function.name
        try:
            cut(function, active, results, session, made, recompute=recompute)
        except BaseException:  # what is half done must not be found by the next call
            del cache[key]
            raise
    return cache[key]


def cut(function: Function, active: tuple[bool, ...], results: tuple[bool, ...], session: Session, into: Halves,
        finish: Any = None, recompute: bool = False) -> None:  # fmt: skip
    """Fill in the halves of a function.

    Args:
        finish: makes what is returned: of a builder, a cotangent, its parameter.
        recompute: the backward half gets the arguments only, and begins with the function itself.
    """
    from .reverse import reverse

    twice = once_only(function) if recompute else []
    if twice:
        reasons = [(span, f"{name}() would happen a second time, in a checkpoint") for span, name in twice]
        raise UnsupportedError(reasons[0][1], reasons[0][0], reasons)

    adjoint = reverse(function, list(active), session, marks=list(results))
    whole = adjoint.function
    seeds = [s for s in adjoint.seeds if s is not None]
    for s in seeds:
        s.hint = s.hint or "result_bar"
    whole.body.params = [*whole.body.params, *seeds]
    bars = adjoint.bars
    if finish is not None:
        build = Builder(whole.body, whole.attrs["defs"])
        build.attrs = {"backward": True}
        params = [p for p, a in zip(function.params, active, strict=True) if a]
        bars = [finish(build, b, p) for b, p in zip(bars, params, strict=True)]
    whole.body.results = [*([] if recompute else adjoint.results), *bars]
    save(describe(leave(simplify(whole))))
    simplify(join_branches(simplify(whole)))
    if recompute:
        backward, whole.body.ops = whole.body.ops, list(function.body.ops)
        whole.body.results = [*function.results, *whole.results]
    else:
        backward = [op for op in whole.body.ops if op.attrs.get("backward")]
        whole.body.ops = [op for op in whole.body.ops if not op.attrs.get("backward")]
    split(whole, backward, len(function.params), len(function.results), into, recompute)


def split(whole: Function, backward: list[Op], params: int, results: int, into: Halves, recompute: bool) -> None:
    """Part a simplified adjoint between its forward ops, which are in its body, and its backward ops."""
    body = whole.body
    forward = body.ops
    inputs, seeds = body.params[:params], body.params[params:]
    values, bars = body.results[:results], body.results[results:]
    if not recompute:
        same = read_before(body, backward, inputs)
        bars = [same.get(b, b) if isinstance(b, Value) else b for b in bars]
    visible = inputs if recompute else [*inputs, *(o for op in forward for o in op.outs)]
    read = set(_reads(backward)) | {b for b in bars if isinstance(b, Value)}
    ends = [*bars, *(r for op in all_ops(Block(ops=backward)) for b in op.blocks for r in b.results)]
    constant = {x: op for x, op in _constants(forward).items() if not any(x is e for e in ends)}
    kept = [v for v in visible if v in read and v not in constant]
    define(forward, set(kept))
    saved = Value("saved", tuple_of(tuple(v.type for v in kept)))
    pack = Op(prims.make_tuple, list(kept), {}, [saved])
    into.forward.body = Block(list(inputs), [*forward, pack], [*values, saved])
    into.forward.span, into.forward.origin = whole.span, whole.origin
    into.forward.attrs.update(defs={**whole.attrs["defs"], saved: pack})
    again = Value("saved", saved.type)
    parts = list(map(another, kept))
    env: dict[Value, Operand] = dict(zip(kept, parts, strict=True))
    backward = _with_constants(backward, constant)
    many, count = len(kept) > 1, Const(len(kept) if len(kept) > 1 else 0)
    unpack = Op(prims.unpack if many else operator.getitem, [again, count], {}, list(parts), attrs={"backward": True})
    replace(backward, env)
    out = [env.get(b, b) if isinstance(b, Value) else b for b in bars]
    into.backward.body = Block([again, *seeds], [unpack, *backward] if kept else backward, out)
    into.backward.span, into.backward.origin = whole.span, whole.origin
    into.backward.attrs["defs"] = dict(whole.attrs["defs"])


def read_before(forward: Block, backward: list[Op], inputs: list[Value]) -> dict[Value, Operand]:
    """Let the forward ops read the attributes and entries that the backward ops do, so that no whole object is kept.

    So it is with the size of an array of which nothing else is read.

    Returns:
        What stands for values of the backward ops now.
    """
    known: dict[Any, Value] = {}
    kept = set(_reads([op for op in all_ops(Block(ops=backward)) if not _is_of_size(op)], deep=False))
    kept |= {r for op in all_ops(Block(ops=backward)) for b in op.blocks for r in b.results if isinstance(r, Value)}
    build = Builder(forward, {})
    visible = {*inputs, *(o for op in forward.ops if not op.blocks for o in op.outs)}  # which are not None on any path
    same: dict[Value, Operand] = {}

    def walk(ops: list[Op]) -> list[Op]:
        rest = []
        for op in ops:
            base = op.args[0] if op.args else None
            base = same.get(base, base) if isinstance(base, Value) else None
            if base in visible and base not in kept and _is_of_size(op):
                key: Any = (np.shape if op.prim is np.zeros_like else op.prim, base)
                if key not in known:
                    known[key] = build.op(*key)
                    known[key].word = WORDS.get(key[0])
                    visible.add(known[key])
                if op.prim is np.zeros_like:
                    rest.append(Op(np.zeros, [known[key]], {}, op.outs, attrs=op.attrs, span=op.span))
                else:
                    same[op.outs[0]] = known[key]
                continue
            if base not in visible or not _is_read(op, base):
                rest.append(op)
                for inner in op.blocks:
                    inner.ops = walk(inner.ops)
                continue
            key = (op.prim, base, op.args[1].value)  # type: ignore[union-attr]
            if key not in known:
                known[key] = another(op.outs[0])
                forward.ops.append(Op(op.prim, [base, op.args[1]], {}, [known[key]]))
                visible.add(known[key])
            same[op.outs[0]] = known[key]
        return rest

    backward[:] = walk(backward)
    replace(backward, same)
    return same


def _is_read(op: Op, base: Any) -> bool:
    """Whether an op reads a known attribute of an object, or an entry of a dict."""
    if op.prim is not (getattr if base.type.kind == "object" else operator.getitem):
        return False
    key = op.args[1]
    known = base.type.keys or ()
    return (
        base.type.kind in ("object", "dict") and isinstance(key, Const) and hashable(key.value) and key.value in known
    )


def _is_of_size(op: Op) -> bool:
    """Whether an op reads the size of an array alone: it asks for it, or makes zeros of that size."""
    if not hashable(op.prim) or len(op.args) != 1 or op.params or type_of_operand(op.args[0]).kind != "array":
        return False
    t = type_of_operand(op.args[0])
    if op.prim is len and not t.rank:  # which would raise of an array without axes, where nobody asks
        return False
    return op.prim in SIZES or (op.prim is np.zeros_like and t.dtype == np.float64)


def _constants(ops: list[Op]) -> dict[Value, Op]:
    """What makes slices and tuples of what is written in the program: they need not be kept."""
    found: dict[Value, Op] = {}
    for op in ops:
        if op.prim in (slice, prims.make_tuple) and all(x in found for x in op.operands() if isinstance(x, Value)):
            found[op.outs[0]] = op
    return found


def _with_constants(ops: list[Op], constant: dict[Value, Op]) -> list[Op]:
    """The ops with what they read of ``constant`` made before each."""
    made: list[Op] = []
    for op in ops:
        for v in dict.fromkeys(x for x in op.operands() if isinstance(x, Value) and x in constant):
            old = constant[v]
            new = Op(old.prim, list(old.args), dict(old.params), [another(v)], span=old.span, attrs={"backward": True})
            made += _with_constants([new], constant)
            op.args = [new.out if x is v else x for x in op.args]
            op.params = {k: new.out if x is v else x for k, x in op.params.items()}
        for inner in op.blocks:
            inner.ops = _with_constants(inner.ops, constant)
        made.append(op)
    return made


def _reads(ops: list[Op], deep: bool = True) -> list[Value]:
    found: list[Value] = []
    for op in ops:
        found.extend(x for x in op.operands() if isinstance(x, Value))
        for inner in op.blocks if deep else ():
            found.extend(_reads(inner.ops))
            found.extend(r for r in inner.results if isinstance(r, Value))
    return found


def masks(walk: Reverse, op: Op) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Which arguments and results of a call are active."""
    return tuple(map(walk.is_active, op.args)), tuple(map(walk.is_active, op.outs))


def prepared_call(walk: Reverse, op: Op, copied: Op) -> None:
    """The forward op of an active call: a call to the forward half."""
    function = op.attrs["function"]
    if "custom" in op.attrs:
        made = Halves(function.name)
        made.forward, made.backward = own_halves(function, op.attrs, *masks(walk, op), walk.session)
        del copied.attrs["custom"]  # what it is now is differentiated again as it stands
    else:
        made = halves(function, *masks(walk, op), walk.session, bool(op.attrs.get("recompute")))
    done = made.forward.results  # none of a recursive function that is under way
    saved = Value(f"{function.name}_saved", type_of_operand(done[-1]) if done else UNKNOWN)
    copied.attrs.update(function=made.forward, halves=made, saved=saved)
    copied.outs = [*op.outs, saved]


def backward_call(walk: Reverse, op: Op) -> None:
    """The backward op of an active call: a call to the backward half."""
    active, results = masks(walk, op)
    if not any(results):
        return
    prepared = walk.pullbacks[op]
    from .bars import restore, zero

    bars: list[Any] = [walk.take(o) for o in op.outs]
    if all(b is None for b in bars):
        return
    build = walk.builder
    given = [b if b is not None else zero(build, o) for b, o, r in zip(bars, op.outs, results, strict=True) if r]
    outs = [Value(None, cotangent_type(type_of_operand(x))) for x, a in zip(op.args, active, strict=True) if a]
    if "custom" in op.attrs:  # the user may return what is only nearly a cotangent
        outs = [Value(None, type_of_operand(r)) for r in prepared.attrs["halves"].backward.results]
    attrs = {"function": prepared.attrs["halves"].backward}
    build.append(Op("call", [prepared.attrs["saved"], *given], {}, list(outs), attrs=attrs))
    rest = iter(outs)
    for x, a in zip(op.args, active, strict=True):
        bar = next(rest) if a else None
        if bar is not None and bar.type.kind != "none":
            walk.accumulate(x, restore(build, bar, x))
