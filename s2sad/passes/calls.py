"""Calls of known functions: what the builtins mean, and arguments in the form in which rules take them."""

from __future__ import annotations

import contextlib
import copy
import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Const, Operand, Value, hashable
from ..ir.types import BOOL, BOTTOM, INT, NUMBER, UNKNOWN, Type, element, module_of, present
from ..rules.binding import casts
from ..rules.inference import cotangent_type
from ..rules.signatures import parameters
from ..rules.table import rule_for
from ..wrapper import Checkpointed, checkpoint
from . import dicts, ordering
from .attributes import above, has_attribute
from .build import class_of, type_of_operand
from .callees import check_closures, in_place_of
from .containers import known_elements, make_container, mutated
from .iterators import calling, lazily, taken
from .session import Partial, Wrapped, partial
from .transformed import wrapped

if TYPE_CHECKING:
    from .types import Walker


def canonical_method(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand]) -> Any:
    """Methods that take sizes one by one take them as one tuple, as rules and functions do."""
    if f in (np.ndarray.reshape, np.ndarray.transpose) and len(args) > 2:
        args = [args[0], walker.builder.op(prims.make_tuple, *args[1:])]
    if f is np.ndarray.transpose and len(args) == 1:
        f = np.transpose
    if f in _READING:
        check_order(walker, f, args, params)
    if isinstance(f, np.ufunc) and ("dtype" in params or "signature" in params):
        args, params = in_dtype(walker, f, args, params)
    return f, args, params


# Functions that may ask how an array lies in memory, and where they take ``order`` by position.
_READING = {np.reshape: 2, np.ndarray.reshape: 9, np.ravel: 1, np.ndarray.ravel: 1, np.ndarray.flatten: 1}


def check_order(walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand]) -> None:
    """Refuse the orders "A" and "K": generated code makes copies in an order of its own."""
    order = params.get("order", args[_READING[f]] if len(args) > _READING[f] else Const("C"))
    known = isinstance(order, Const) and order.value in ("C", "F")
    if not known and type_of_operand(args[0]).rank not in (0, 1):
        asked = repr(order.value) if isinstance(order, Const) else ""
        raise walker.refuse(
            f"order={asked}, which asks how the array lies in memory, is not supported: give 'C' or 'F'"
        )


OVERWRITING = {np.median, np.percentile, np.quantile, np.nanmedian, np.nanpercentile, np.nanquantile}
_NUMBERS = {"bool": np.dtype(bool), "int": np.dtype(int), "float": np.dtype(float), "complex": np.dtype(complex)}


def in_dtype(
    walker: Walker, f: np.ufunc, args: list[Operand], params: dict[str, Operand]
) -> tuple[list[Operand], dict[str, Operand]]:
    """The operands of a universal function with ``dtype=`` or ``signature=`` in that dtype, and its other options."""
    rule, asked = (
        rule_for(f),
        {k: known_tuple(walker, params[k]) for k in ("dtype", "signature", "casting") if k in params},
    )
    given = [_NUMBERS.get(t.kind, t.dtype) for t in map(type_of_operand, args)]
    if rule is None or rule.kind == "zero" or len(args) != f.nin or any(d is None for d in given):
        return args, params
    if not all(isinstance(x, Const) for x in asked.values()):
        return args, params
    dtypes = casts(f, given, {name: x.value for name, x in asked.items()})  # type: ignore[union-attr, arg-type]
    if dtypes is None:
        return args, params
    asarray, own = functools.partial(walker.builder.op, np.asarray), asked.get("dtype")
    cast = [x if d is None else asarray(x, dtype=own or Const(d)) for x, d in zip(args, dtypes, strict=True)]
    return cast, {name: x for name, x in params.items() if name not in asked}


def sparing(f: Any, args: list[Operand], params: dict[str, Operand]) -> tuple[list[Operand], dict[str, Operand]]:
    """The arguments of a call to SciPy without ``overwrite_a=True`` and its like; to NumPy, ``overwrite_input=True``.

    They allow the function to destroy an argument, which a derivative may still read, and change no result.  What
    leaves its result there (``overwrite_data=True`` of detrend) stays, to be refused.
    """
    if not (module_of(f).startswith("scipy.") or (hashable(f) and f in OVERWRITING)):
        return args, params
    given = dict(params)
    try:
        names = list(parameters(f))
    except (TypeError, ValueError):
        names = []
    spared = {name for name in (*names, *params) if name.startswith("overwrite_") and name != "overwrite_data"}
    first = next((i for i, name in enumerate(names) if name in spared), len(args))
    if first < len(args) > len(names):
        return args, params  # more than there are: Python says so
    given.update(zip(names[first:], args[first:], strict=False))  # what stands behind it goes by name
    return args[:first], {k: x for k, x in given.items() if k not in spared}


# What takes a shape, which may be a list, and where
_SHAPED: dict[Any, int] = {
    np.zeros: 0, np.ones: 0, np.empty: 0, np.full: 0, np.broadcast_to: 1, np.reshape: 1, np.ndarray.reshape: 1,
}  # fmt: skip


def shape_by_tuple(
    walker: Walker, f: Any, args: list[Operand], params: dict[str, Operand]
) -> tuple[list[Operand], dict[str, Operand]]:
    """The arguments of a call with a shape that is written as a list, ``np.zeros([n, 3])``, as a tuple.

    Of a tuple it is known which size is which.
    """
    at = _SHAPED.get(f) if hashable(f) else None
    if at is None:
        return args, params
    if "shape" in params:
        return args, {**params, "shape": _tuple_of_list(walker, params["shape"])}
    return [_tuple_of_list(walker, x) if k == at else x for k, x in enumerate(args)], params


def _tuple_of_list(walker: Walker, x: Operand) -> Operand:
    """A tuple of the elements of a list that is made just before, and that nothing has touched since."""
    made, ops = walker.builder.defs.get(x) if isinstance(x, Value) else None, walker.builder.block.ops
    if made is None or made.prim is not prims.make_list or made not in ops:
        return x
    since = ops[ops.index(made) + 1 :]
    if any(op.blocks or x in op.operands() for op in since):
        return x
    return walker.builder.op(prims.make_tuple, *made.args)


# ---------------------------------------------------------------- builtins


def _keep(prim: Any, kind: str) -> Callable[..., Operand]:
    def handle(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        strict = params.get("strict")
        off = strict is None or (isinstance(strict, Const) and not strict.value)
        strictly = isinstance(strict, Const) and strict.value is True and not walker.session.unroll
        if not off and not strictly and not walker.session.unroll:  # rules zip what has one length
            raise walker.refuse("zip(strict=...) needs True or False here")
        kept = {k: v for k, v in params.items() if k != "strict" or strictly}
        return walker.builder.op(prim, *args, hint=None, type=Type(kind), **kept)

    return handle


def _slice(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    stop = [Const(None), *args] if len(args) == 1 else args
    return walker.builder.op(slice, *stop, *[Const(None)] * (3 - len(stop)))


def known_tuple(walker: Walker, x: Operand) -> Operand:
    """A tuple of what is known when compiling, as one constant; every other operand as it is."""
    parts = walker.builder.elements(x) if isinstance(x, Value) and x.type.kind == "tuple" else None
    if parts is None or not all(isinstance(p, Const) for p in parts):
        return x
    return Const(tuple(p.value for p in parts if isinstance(p, Const)))


def _isinstance(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    check_closures(walker, isinstance, args[1:])
    classes = known_tuple(walker, args[1])
    answer = walker.builder.op(isinstance, args[0], classes)
    if isinstance(answer, Value):
        check_closures(walker, isinstance, args[:1])
    return answer


def _asks_for_complex(f: Any) -> Callable[..., Any]:
    """``np.iscomplexobj``: a user may ask it of a power, which rules take to be real (`runtime.check_real`)."""

    def ask(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        if walker.ours or params or len(args) != 1 or type_of_operand(args[0]) != NUMBER:
            return NotImplemented
        return walker.builder.make(f, tuple(args), {}, type=BOOL)

    return ask


def _reshape(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``number.reshape(1, 1)``: the method takes sizes one by one, too."""
    if len(args) > 2:
        args = [args[0], walker.builder.op(prims.make_tuple, *args[1:])]
    return walker.call_const(np.reshape, args, params)


def _len(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    check_closures(walker, len, args)
    t = type_of_operand(args[0])
    if t.kind == "list" and t.length is not None and isinstance(args[0], Value) and not mutated(walker, args[0]):
        return Const(t.length)
    if t.kind == "dict" and t.keys is not None and isinstance(args[0], Value):
        return Const(len(t.keys))
    return walker.builder.op(len, *args)


def _float(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    kind = type_of_operand(args[0]).kind if args else None
    if kind == "str" and isinstance(args[0], Value):
        raise walker.refuse(
            "a number that is made from text is not supported: the text may hold what is differentiated"
        )
    return args[0] if kind == "float" else NotImplemented


def _pow(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``pow(a, b)`` is ``a ** b``."""
    return walker.apply(operator.pow, args, {}) if len(args) == 2 and not params else NotImplemented


def _getattr(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    if not isinstance(args[1], Const) or not isinstance(args[1].value, str):
        return walker.builder.op(getattr, *args, type=UNKNOWN)
    if len(args) == 3:
        name = args[1].value
        known = _hasattr(walker, args[:2], {})
        if not isinstance(known, Const):
            raise walker.refuse(f"whether the object has an attribute {name!r} is not known when compiling")
        if not known.value:
            return args[2]
    return walker.getattr(args[0], args[1].value, args)


def _hasattr(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    obj, name = args
    if isinstance(name, Const) and isinstance(obj, Const):
        try:
            walker.getattr(obj, name.value, args)  # which guards what it finds
        except UnsupportedError:
            return NotImplemented
        return Const(True)
    known = has_attribute(type_of_operand(obj), name.value) if isinstance(name, Const) else None
    return NotImplemented if known is None else Const(known)


def _list(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``list(x)``: a new list of the elements."""
    if not args:
        return make_container(walker, prims.make_list, [])
    check_closures(walker, list, args)
    t = type_of_operand(args[0])
    parts = walker.builder.elements(args[0])
    if parts is not None:
        return make_container(walker, prims.make_list, parts)
    if t.kind in ("list", "tuple"):
        elems = t.elems if t.length is not None or t.kind == "tuple" else ((element(t),) if t.elems else ())
        length = t.length if t.kind == "list" else len(t.elems)
        return walker.builder.op(list, *args, type=Type("list", elems=elems, length=length))
    if t.kind == "range":
        return walker.builder.op(list, *args, type=Type("list", elems=(INT,)))
    if t.kind == "dict" and t.keys is not None:
        return make_container(walker, prims.make_list, list(map(Const, t.keys)))
    called = calling(walker, args[0])
    if called is not None and called.prim is filter:
        return in_place_of(walker, chosen_of, taken(walker, called))
    if called is not None or ((t.kind == "iterator" or (t.kind == "array" and t.rank)) and not walker.session.unroll):
        return in_place_of(walker, elements_of, args)
    return NotImplemented


def _of_pattern(prim: Any) -> Any:
    """`prims.is_sequence` and `prims.is_mapping`, which a ``match`` asks for: known by the class."""
    base: Any = Sequence if prim is prims.is_sequence else Mapping

    def handler(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        if isinstance(args[0], Const):
            return Const(prim(args[0].value))
        t = type_of_operand(args[0])
        cls = class_of(present(t))
        taken = cls is not None and issubclass(cls, base) and not issubclass(cls, (str, bytes, bytearray))
        known = cls is not None or present(t).is_numeric
        if not known or (taken and t.kind in ("optional", "object")):  # None is none; a class may count its reads
            raise walker.refuse("what a pattern of match asks for must be known when compiling")
        return Const(taken)

    return handler


def _matched_part(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    x, cls, position = args
    if not isinstance(cls, Const) or not isinstance(position, Const):
        raise walker.refuse("the class of a pattern of match must be known when compiling")
    if cls.value in prims.MATCHED_WHOLE:
        return x
    names = getattr(cls.value, "__match_args__", ())
    if position.value >= len(names):
        raise walker.refuse(f"{cls.value.__name__} has no __match_args__ for so many patterns")
    name = names[position.value]
    if not has_attribute(type_of_operand(x), name):
        raise walker.refuse(f"the pattern {cls.value.__name__}() asks for {name!r}, which this object may not have")
    return walker.apply(getattr, [x, Const(name)], {})


def _dtype(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``np.dtype("f4")``"""
    name = args[0].value if len(args) == 1 and isinstance(args[0], Const) and not params else None
    if isinstance(name, (str, type)):
        with contextlib.suppress(TypeError):  # it raises when the program runs
            return Const(np.dtype(name))
    return NotImplemented


def _limits(of: type) -> Any:
    """``np.finfo(float)``, whose attributes are numbers."""

    def handler(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        dtype = args[0].value if len(args) == 1 and isinstance(args[0], Const) and not params else None
        if isinstance(dtype, (str, type, np.dtype)):
            with contextlib.suppress(TypeError, ValueError):  # it raises when the program runs
                return Const(of(dtype))
        return NotImplemented

    return handler


def _copied(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``copy.copy(x)``"""
    t = type_of_operand(args[0]) if len(args) == 1 and not params else UNKNOWN
    if t.is_number or (t.kind == "tuple" and t.cls is None and not t.mutable):
        return args[0]
    method: Any = {"array": np.ndarray.copy, "list": list.copy, "dict": dict.copy}.get(t.kind)
    return NotImplemented if method is None else walker.call_const(method, args, {})


def _copied_deeply(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``copy.deepcopy(x)`` of what holds nothing that can be changed: what shares memory before does so afterwards."""
    t = type_of_operand(args[0]) if len(args) == 1 and not params else UNKNOWN
    numbers = t.kind != "array" or (t.dtype is not None and t.dtype.kind in "biufc")
    plain = numbers and not any(e.mutable for e in t.elems)
    return _copied(walker, args, params) if plain else NotImplemented


def elements_of(x: Any) -> list[Any]:
    """What ``list(x)`` of an array or iterator is."""
    return [e for e in x]  # noqa: C416 (which is to be compiled)


def chosen_of(f: Any, x: Any) -> list[Any]:
    """What ``list(filter(f, x))`` is."""
    return [e for e in x if (e if f is None else f(e))]


def any_of(x: Any) -> bool:
    """What ``any(x)`` of a map is, which calls its function as long as it must."""
    return any(e for e in x)


def all_of(x: Any) -> bool:
    """What ``all(x)`` of a map is."""
    return all(e for e in x)


def _over_map(meaning: Any) -> Callable[..., Operand]:
    def handle(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        called = calling(walker, args[0]) if len(args) == 1 else None
        known = called is not None and called.prim is map
        return in_place_of(walker, meaning, args) if known else NotImplemented

    return handle


def _tuple(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    return walker.apply(tuple, args, {}) if args else walker.builder.op(prims.make_tuple)


WALKING = {sum, max, min, sorted, tuple, any, all, math.prod}  # which walk over the one argument that they get


def of_views(walker: Walker, f: Any, args: list[Operand]) -> list[Operand]:
    """``sum(d.values())``: what walks all of a view of a dict, of what is reversed or mapped, walks a list of that."""
    made = walker.builder.defs.get(args[0]) if args and isinstance(args[0], Value) else None
    if made is None or (len(args) > 1 and f is not sum):
        return args
    views = made.prim in (dict.values, dict.keys, dict.items, reversed)
    once = calling(walker, args[0]) and f not in (any, all)  # which may leave some of it
    return [walker.call_const(list, args[:1], {}), *args[1:]] if views or once else args


def _sum(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``sum`` of elements that are known one by one is a chain of additions."""
    parts = known_elements(walker, args[0])
    if parts is None:
        return NotImplemented
    total = args[1] if len(args) > 1 else params.get("start", Const(0))
    for x in parts:
        first = isinstance(total, Const) and total.value == 0 and type(total.value) is int
        t = type_of_operand(x)
        same = t.inexact is True and (len(parts) > 1 or t.kind != "array")  # 0 + x is a new array, and counts booleans
        total = x if first and same else walker.apply(operator.add, [total, x], {})
    return total


def _super(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    if any(type_of_operand(a).kind == "bottom" for a in args):  # refused already
        return Value(None, BOTTOM)
    start: Any = args[0].value if len(args) == 2 and isinstance(args[0], Const) else None
    known = bool(args) and isinstance(args[-1], Const)
    cls: Any = type(args[-1].value) if known else type_of_operand(args[-1]).cls if args else None  # type: ignore[union-attr]
    of_object = not isinstance(cls, type) or not issubclass(cls, type)
    if not isinstance(start, type) or start not in getattr(cls, "__mro__", ()) or not of_object:
        raise walker.refuse("super() is not supported here: call the base class's method by its name")
    return walker.function_value(above(start, cls), [args[1]])


def _new_array(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``np.ndarray(shape, dtype)``"""
    plain = len(args) < 3 and params.keys() <= {"shape", "dtype"}
    return walker.call_const(np.empty, args, params, "np.empty") if plain else NotImplemented


def _zeros_like(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """In a gradient: the cotangent of a tuple that may be None may be so, too, and its parts are read."""
    zero = cotangent_type(type_of_operand(args[0]))
    if zero.kind != "tuple" or type_of_operand(args[0]).kind != "optional":
        return NotImplemented
    return walker.builder.op(runtime.zeros_like, args[0], type=Type("optional", elems=(zero,)))


def _object_init(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """``super().__init__()`` where no base class has one of its own: there is nothing to do."""
    if len(args) != 1 or params:
        raise walker.refuse("object.__init__ takes exactly one argument")
    return Const(None)


def _partial(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    return walker.function_value(partial(len(args) - 1, tuple(params)), [*args, *params.values()])


def call_partial(walker: Walker, f: Partial, args: list[Operand], params: dict[str, Operand]) -> Operand:
    """The call of the function, with what was captured before what is given."""
    inner, bound, given = args[0], args[1 : f.count + 1], args[f.count + 1 :]
    named = dict(zip(f.names, given, strict=False))
    return walker.call(inner, [*bound, *given[len(named) :]], {**named, **params})


def _checkpoint(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    f = args[0]
    if isinstance(f, Const):
        return Const(Checkpointed(f.value), f.path)
    if f.type.kind != "function":
        raise walker.refuse("the function of a checkpoint must be known when compiling")
    return wrapped(walker, f, Wrapped(f.type))


def _operator(function: Any, reflected: bool = False) -> Callable[..., Operand]:
    """A method of arrays that Python calls for an operator."""

    def handle(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        if function is operator.setitem:
            walker.apply(function, args, {})
            return Const(None)
        return walker.apply(function, args[::-1] if reflected else args, {})

    return handle


_METHODS = {
    getattr(np.ndarray, f"__{name.rstrip('_')}__"): _operator(getattr(operator, name))
    for name in (
        "getitem", "setitem", "iadd", "isub", "imul", "itruediv", "ipow", "imod", "ifloordiv", "imatmul", "iand",
        "ior", "ixor", "ilshift", "irshift",
    )
    if hasattr(np.ndarray, f"__{name}__")
}  # fmt: skip
_METHODS[np.ndarray.__rmatmul__] = _operator(operator.matmul, reflected=True)
_METHODS[np.ndarray.__rdivmod__] = _operator(divmod, reflected=True)


def _call(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    return walker.call(args[0], args[1:], params)


_METHODS[operator.setitem] = _operator(operator.setitem)


def _setattr(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
    walker.apply(setattr, args, {})
    return Const(None)


if hasattr(operator, "call"):
    _METHODS[operator.call] = _call

HANDLERS: dict[Any, Callable[..., Operand]] = {
    **_METHODS,
    checkpoint: _checkpoint,
    np.ndarray: _new_array,
    runtime.zeros_like: _zeros_like,
    range: _keep(range, "range"),
    zip: _keep(zip, "iterator"),
    enumerate: _keep(enumerate, "iterator"),
    reversed: _keep(reversed, "iterator"),
    dict.items: _keep(dict.items, "iterator"),
    dict.values: _keep(dict.values, "iterator"),
    dict.keys: _keep(dict.keys, "iterator"),
    np.dtype: _dtype,
    np.finfo: _limits(np.finfo),
    np.iinfo: _limits(np.iinfo),
    prims.is_sequence: _of_pattern(prims.is_sequence),
    prims.is_mapping: _of_pattern(prims.is_mapping),
    prims.matched_part: _matched_part,
    dict: dicts.made,
    dict.copy: dicts.made,
    dict.fromkeys: dicts.from_keys,
    dict.update: dicts.update,
    dict.setdefault: dicts.setdefault,
    dict.get: dicts.get,
    isinstance: _isinstance,
    np.generic.reshape: _reshape,
    np.iscomplexobj: _asks_for_complex(np.iscomplexobj),
    np.isrealobj: _asks_for_complex(np.isrealobj),
    len: _len,
    float: _float,
    pow: _pow,
    getattr: _getattr,
    setattr: _setattr,
    hasattr: _hasattr,
    list: _list,
    list.copy: _list,
    copy.copy: _copied,
    copy.deepcopy: _copied_deeply,
    tuple: _tuple,
    slice: _slice,
    sum: _sum,
    sorted: ordering.in_order,
    max: ordering.extreme(greatest=True),
    min: ordering.extreme(greatest=False),
    super: _super,
    object.__init__: _object_init,
    functools.partial: _partial,
    map: lazily(map),
    filter: lazily(filter),
    any: _over_map(any_of),
    all: _over_map(all_of),
}
