"""Types found by trying: ``try_small(prim, args, params)`` calls a function on small objects of its operands' types."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..ir.core import Value
from ..ir.types import SLICE, UNKNOWN, Dim, Type, array, as_result, dummy, tuple_of, type_of


def typed(x: Any) -> Type:
    """The type of an argument of an inference function."""
    if isinstance(x, Value):
        return x.type
    if isinstance(x, tuple):
        return tuple_of(tuple(map(typed, x)))
    if isinstance(x, slice):
        return SLICE
    return type_of(x)


def try_small(prim: Any, args: list[Any], params: dict[str, Any]) -> Type:
    """Call the function on small objects of the types, of two sizes: what they agree on does not depend on sizes.

    Whole numbers may be options (an axis, a flag), so that of these three are tried.
    """
    small, large = 2, 3
    try:
        trials = [_tried(prim, args, params, small, 1), _tried(prim, args, params, large, 0)]
    except LookupError:  # too small for the positions or the number of parts that the call asks for
        small, large = 6, 12
        trials = [_tried(prim, args, params, small, 1), _tried(prim, args, params, large, 0)]
    given = [*args, *params.values()]
    whole = any(map(_has_whole, given))
    if whole:
        trials.append(_tried(prim, args, params, large, 2))
    if len({(str(t), t.kind) for t in trials}) > 1:
        raise LookupError(prim)
    factors = any(typed(x).is_number and typed(x).inexact for x in given)  # an angle, or by how much to zoom
    module = getattr(prim, "__module__", None) or "numpy"
    native = module.partition(".")[0] != "numpy"  # may not expect such sizes
    return trials[0] if whole or factors or native else _with_sizes(trials[0], prim, args, params)


def _with_sizes(t: Type, prim: Any, args: list[Any], params: dict[str, Any]) -> Type:
    """The type of a result, with those sizes that are one of the arguments'.

    The function is called on arrays all of whose sizes differ: with growing sizes; with falling ones, and zeros in the
    arrays; and with the smallest.  So a size that only happens to be equal, the largest of two, one that a number
    among the arguments limits, or the number of some elements, is not taken for it.
    """
    parts = t.elems if t.kind == "tuple" else (t,)
    given = [*args, *params.values()]
    dims = {d.key: d for x in given for d in _dims_within(x)}
    if not dims or not any(e.kind == "array" and e.dims for e in parts):
        return t
    if 2 * len(dims) > len(_LENGTHS):
        return t
    growing, falling = zip(dims, _LENGTHS, strict=False), zip(dims, reversed(_LENGTHS), strict=False)
    trials = [(dict(growing), False), (dict(falling), True), (dict.fromkeys(dims, 2), False)]
    try:
        shapes = [_shapes(prim, args, params, *trial, t.kind == "tuple") for trial in trials]
    except LookupError:
        return t
    if any([len(s) for s in each] != [len(e.dims or ()) for e in parts] for each in shapes):
        return t
    places = {tuple([sizes[k] for sizes, _ in trials]): d for k, d in dims.items()}

    def known(e: Type, *axes: tuple[int, ...]) -> Type:
        if e.kind != "array" or e.dims is None:
            return e
        return array(
            e.dtype, tuple(places.get(found, d) for d, found in zip(e.dims, zip(*axes, strict=True), strict=True))
        )

    sized = tuple(map(known, parts, *shapes))
    return tuple_of(sized, t.cls) if t.kind == "tuple" else sized[0]


_LENGTHS = (3, 4, 5, 6, 7, 8)


def _shapes(
    prim: Any, args: list[Any], params: dict[str, Any], sizes: dict[Any, int], empty: bool, several: bool
) -> list[tuple[int, ...]]:
    """The shape of what the function returns for arrays of such sizes, or of each of its parts."""
    options = {k: _sized(v, sizes, empty) for k, v in params.items()}
    result = _called(prim, [_sized(a, sizes, empty) for a in args], options)
    return list(map(np.shape, result if several else (result,)))


def _dims_within(x: Any) -> list[Dim]:
    """The sizes, other than 1, of the arrays in an argument."""
    if isinstance(x, tuple):
        return [d for e in x for d in _dims_within(e)]
    t = x.type if isinstance(x, Value) else UNKNOWN
    elems = [d for e in t.elems for d in _dims_within(Value(None, e))]
    return [*(d for d in t.dims or () if not d.one), *elems]


def _sized(x: Any, sizes: dict[Any, int], empty: bool) -> Any:
    """A small object in the place of an argument: arrays of these sizes, with zeros if ``empty``."""
    if isinstance(x, tuple):
        return tuple(_sized(e, sizes, empty) for e in x)
    if not isinstance(x, Value):
        return x
    made = dummy(x.type, sizes)
    return np.zeros_like(made) if empty and isinstance(made, np.ndarray) else made


def _has_whole(x: Any) -> bool:
    if isinstance(x, tuple):
        return any(map(_has_whole, x))
    t = typed(x) if isinstance(x, Value) else UNKNOWN
    return t.is_number and t.inexact is False


def _tried(prim: Any, args: list[Any], params: dict[str, Any], size: int, whole: int) -> Type:
    def small(x: Any) -> Any:
        if isinstance(x, Value):
            return dummy(x.type, size, whole)
        if isinstance(x, tuple):
            return tuple(map(small, x))
        if isinstance(x, slice):
            raise LookupError
        return x

    return as_result(_called(prim, [small(a) for a in args], {k: small(v) for k, v in params.items()}))


def _called(prim: Any, args: list[Any], params: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about these arrays, and not the user's
        try:
            return prim(*args, **params)
        except Exception as error:  # whatever the function dislikes about the small arrays: nothing is known
            raise LookupError from error
