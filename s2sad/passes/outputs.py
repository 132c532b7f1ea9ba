"""``out=``: a call that writes its result into an array is the call, and a store of what it gives.

    np.add(a, b, out=c)                   c[...] = np.add(a, b)
    np.divide(a, b, out=c, where=m)       c[m] = np.divide(a[m], b[m])

The element type of ``out`` may decide that of the computation, so it has to be known and the same (a universal function
computes as its arguments say, and may be rounded to the array's own precision).  Functions of ``scipy.ndimage`` are
told it, and may write while they read: their ``output=`` must have memory of its own, or be the input itself.

    ndimage.laplace(a, output=c)          c[...] = ndimage.laplace(a)
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.core import Const, Operand, Value
from ..ir.types import Type
from ..rules.binding import may_write_its_input, output_of
from ..rules.signatures import positional
from ..rules.table import Rule
from . import effects
from .build import type_of_operand
from .containers import store

if TYPE_CHECKING:
    from .types import Walker

Arguments = tuple[list[Operand], dict[str, Operand]]


def written_out(walker: Walker, f: Any, rule: Rule | None, args: list[Operand], params: dict[str, Operand]) -> Any:
    """The result of a call that names ``out``, its store made; NotImplemented for every other call.

    Raises:
        UnsupportedError: where the element type of the result or of the array is not known, or they don't fit.
    """
    if rule is None or rule.effect:
        return NotImplemented
    (args, params), out = without_out(f, args, params)
    if out is None or type_of_operand(out).kind != "array":
        return NotImplemented
    where = params.pop("where", Const(True)) if isinstance(f, np.ufunc) else Const(True)
    place: Operand = Const(Ellipsis)
    if not (isinstance(where, Const) and where.value is True):
        mask = type_of_operand(where)
        if mask.kind != "array" or mask.dtype != np.bool_:
            return NotImplemented
        args, place = [_picked(walker, a, out, where) for a in args], _spread(walker, where, out)
    if output_of(f) == "output":
        params = {**params, **_in_dtype(walker, f, out, args, params)}
    value = walker.call_const(f, args, params)
    _check(walker, f, type_of_operand(out), type_of_operand(value))
    store(walker, operator.setitem, [out, place, value])
    return out


def without_out(f: Any, args: list[Operand], params: dict[str, Operand]) -> tuple[Arguments, Operand | None]:
    """The arguments of a call but ``out``, by name or by position, and ``out``; None where it is not given."""
    params, name = dict(params), output_of(f)
    out = params.pop(name, None)
    if isinstance(f, np.ufunc):
        if len(args) > f.nin + 1:
            return (args, params), None
        out, args = args[f.nin] if len(args) > f.nin else out, args[: f.nin]
    else:
        names = positional(f) if len(args) > 1 else ()
        at = names.index(name) if name in names else len(args)
        if len(args) > at:
            out = args[at]
            args, params = args[:at], {**dict(zip(names[at + 1 :], args[at + 1 :], strict=False)), **params}
    return (args, params), out


def _in_dtype(
    walker: Walker, f: Any, out: Operand, args: list[Operand], params: dict[str, Operand]
) -> dict[str, Operand]:
    """What tells a function of images the dtype of its result, where that is not the one of its input.

    Raises:
        UnsupportedError: where what it writes may share memory with what it reads.
    """
    dtype, read = type_of_operand(out).dtype, [a for a in (*args, *params.values()) if isinstance(a, Value)]
    own = bool(args) and args[0] is out and may_write_its_input(f)
    if not own or out in read[1:]:
        own = all(_is_apart(walker, out, a) for a in read if a.type.mutable)
    if dtype is None or not own:
        raise walker.refuse("output= is not supported here: assign the result to a slice instead")
    return {} if args and type_of_operand(args[0]).dtype == dtype else {"output": Const(dtype.type)}


def _is_apart(walker: Walker, out: Operand, x: Operand) -> bool:
    """Whether an operand certainly has no memory of an array, which was made in this function."""
    given = {walker.env.get(p) for p in walker.function.params}
    found, roots = _roots(walker, out), _roots(walker, x)
    made = found == {out} and out in walker.builder.defs
    return made and all(r is not out and (r in given or r in walker.builder.defs) for r in roots)


def _roots(walker: Walker, x: Operand) -> set[Operand]:
    """The values whose memory an operand may share."""
    made = walker.builder.defs.get(x) if isinstance(x, Value) else None
    if made is None or made.blocks:
        return {x} if made is None else {Value()}
    return set().union(*[_roots(walker, s) for s in effects.sources(made) if isinstance(s, Value)]) or {x}


def _spread(walker: Walker, x: Operand, out: Operand) -> Operand:
    """An operand in the shape of ``out``."""
    dims = type_of_operand(x).dims
    if dims is not None and dims == type_of_operand(out).dims:
        return x
    return walker.call_const(np.broadcast_to, [x, walker.builder.op(np.shape, out)], {})


def _picked(walker: Walker, x: Operand, out: Operand, mask: Operand) -> Operand:
    """What of an operand goes where the mask of ``where=`` is true."""
    if type_of_operand(x).is_number:
        return x
    return walker.apply(operator.getitem, [_spread(walker, x, out), _spread(walker, mask, out)], {})


def _check(walker: Walker, f: Any, target: Type, value: Type) -> None:
    known = target.dtype is not None and value.dtype is not None
    if known and target.dtype != value.dtype:
        known = isinstance(f, np.ufunc) and np.can_cast(value.dtype, target.dtype, "same_kind")  # type: ignore[arg-type]
    if known and target.dims is not None and value.dims is not None:
        spread = isinstance(f, np.ufunc)  # the others want the very shape, or flatten
        known = len(value.dims) <= len(target.dims) if spread else len(value.dims) == len(target.dims)
    if not known:
        raise walker.refuse("out= is not supported here: assign the result to a slice instead")
