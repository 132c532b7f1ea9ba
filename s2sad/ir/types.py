"""What is known of a value when compiling: kind, dtype, rank, sizes of 1.

``UNKNOWN`` is always right.  A ``Type`` with more in it is a promise: a program that meets the guards at
entry never breaks it, so passes may rely on it.  ``type_of`` reads the type of a real object, ``join`` is the
least type that covers two, ``dummy`` makes a small object of a type.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import types
from typing import Any

import numpy as np

# Kinds of objects that can neither be changed nor differentiated, and hold nothing.
PLAIN = ("none", "str", "slice", "range", "ellipsis", "module", "class", "bottom", "shape_tuple",
         "exception", "moves", "member")  # fmt: skip
SCALARS = ("bool", "int", "float", "complex", "number")


@dataclasses.dataclass(frozen=True)
class Dim:
    """A size.

    key: two dims with equal keys are equal at run time.
    one: True for known to be 1, False for known not to be 1, None for not known.
    """

    key: Any
    one: bool | None = None

    def __repr__(self) -> str:
        return "1" if self.one else f"{self.key}" if self.one is False else "?"


ONE = Dim(1, True)
_fresh = itertools.count()


def fresh_dim(one: bool | None = None) -> Dim:
    """A size that is equal to no other one."""
    return Dim(("fresh", next(_fresh)), one)


def same_sizes(s: Type, t: Type) -> bool:
    """Whether arrays that can be multiplied surely are of one shape: sizes that are not 1 are equal then."""
    if s.dims is None or t.dims is None or len(s.dims) != len(t.dims):
        return False
    return all(n.key == m.key or (n.one is False and m.one is False) for n, m in zip(s.dims, t.dims, strict=True))


def same_dtype(a: Any, b: Any) -> bool:
    """Whether two dtypes are known and equal: NumPy says that float64 and None, which is not known, are."""
    return a is not None and b is not None and a == b


@dataclasses.dataclass(frozen=True, eq=False)
class Type:
    """See the module.

    kind: ``bool int float complex`` (Python scalars), ``scalar`` (a NumPy scalar), ``number`` (a real scalar of
    Python or NumPy: which is not known; a broken power of a negative number may be complex), ``array`` (exactly
    ``np.ndarray``), ``numeric`` (a real or complex number or array: which is not known), ``none str slice range
    ellipsis tuple list dict function module class object``, ``closure`` (a function of the user's, of which only the
    captured values are there when the program runs, or an object that the function makes; or something else),
    ``optional`` (None, or a number, an array or a tuple of these, of the type in ``elems``), ``unknown``,
    ``moves`` (what `runtime.moved` says of a loop), ``member`` (of an enumeration, which ``value`` tells), and
    ``bottom`` for what never has a value.
    dtype: of ``scalar`` and ``array``; None where not known.
    dims: of ``array``: None where the rank is not known.
    elems: of ``tuple``: a type each; of ``list``: one for all elements, or one each where ``length`` is known; none
    for an empty list; of ``dict`` and ``object``: one for each of ``keys``, or one for all; of ``function``: the
    types of the captured values that stand before its arguments.
    length: of ``list``: the length where it is known and can't change.
    cls: of ``object`` and named ``tuple``: the class.  keys: of ``dict`` and ``object``: the keys or attributes.
    value: of ``function``: what it calls; of ``list``, ``dict`` and ``object``: the places that created it (a
    frozenset, so that a later write can widen its type; None for an object that was not made by the function); of
    ``int``: the ``Dim`` that it is the size of.
    """

    kind: str
    dtype: np.dtype | None = None
    dims: tuple[Dim, ...] | None = None
    elems: tuple[Type, ...] = ()
    length: int | None = None
    cls: Any = None
    keys: tuple[Any, ...] | None = None
    value: Any = None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Type):
            return NotImplemented
        if not (same_dtype(self.dtype, other.dtype) or self.dtype is other.dtype is None):
            return False
        return self.kind == other.kind and self._rest == other._rest

    def __hash__(self) -> int:
        return self._hash

    @property
    def _rest(self) -> tuple[Any, ...]:
        return self.dims, self.elems, self.length, self.cls, self.keys, self.value

    @functools.cached_property
    def _hash(self) -> int:
        """Kept, as types hold types: what is saved of a deep graph of calls is a tuple of tuples as deep."""
        return hash((self.kind, self.dtype, self.dims, self.elems, self.length, self.cls, self.keys, self.value))

    @property
    def parts(self) -> tuple[Type, ...]:
        """The types of what is in it, and may have been made by the function."""
        return self.elems

    @functools.cached_property
    def mutable(self) -> bool:
        """Whether an object of the type can be changed, or holds one that can."""
        if self.is_number or self.kind in PLAIN:
            return False
        return any(t.mutable for t in self.parts) if self.kind in ("tuple", "function", "optional") else True

    @functools.cached_property
    def made_here(self) -> bool:
        """Whether it is, or holds, an object that the function makes, or a function of the user's: see ``closure``."""
        own = self.kind == "closure" or (self.kind == "object" and bool(self.value))
        return own or any(t.made_here for t in self.parts)

    @functools.cached_property
    def holds_function(self) -> bool:
        """Whether it is, or holds, a function of the user's."""
        return self.kind in ("function", "closure") or any(t.holds_function for t in self.parts)

    @functools.cached_property
    def loose(self) -> bool:
        """Whether it has a size that nothing is known of."""
        return any(is_fresh(d.key) for d in self.dims or ()) or any(t.loose for t in self.parts)

    @property
    def rank(self) -> int | None:
        if self.kind in SCALARS or self.kind == "scalar":
            return 0
        return len(self.dims) if self.dims is not None else None

    @property
    def is_number(self) -> bool:
        """A scalar of Python or NumPy: immutable."""
        return self.kind in SCALARS or self.kind == "scalar"

    @property
    def is_numeric(self) -> bool:
        return self.is_number or self.kind in ("array", "numeric")

    @property
    def inexact(self) -> bool | None:
        """Whether it holds floating-point numbers; None where that is not known."""
        if self.kind in SCALARS:
            return self.kind in ("float", "complex") or (self.kind == "number" and self.dtype is None)
        if self.kind in ("scalar", "array"):
            return None if self.dtype is None else self.dtype.kind in "fc"
        return None

    def attribute(self, name: Any) -> Type | None:
        """The type of an attribute of an object, or of an entry of a dict; None where there is none."""
        return self.elems[self.keys.index(name)] if self.keys and name in self.keys else None

    def __repr__(self) -> str:
        if self.kind == "array":
            dtype = self.dtype.str[1:] if self.dtype is not None else "?"
            if self.dims is None:
                return f"{dtype}[...]"
            return f"{dtype}[{', '.join(_dim_text(d) for d in self.dims)}]"
        if self.kind == "scalar":
            return f"np.{self.dtype}"
        if self in (WHOLE, TRUTH):
            return "whole number" if self == WHOLE else "truth"
        if self.kind in ("tuple", "list"):
            return f"{self.kind}[{', '.join(map(repr, self.elems))}]"
        if self.kind == "object":
            return getattr(self.cls, "__name__", "object")
        if self.kind == "optional":
            return f"{self.elems[0]!r} or None"
        return self.kind


def _dim_text(dim: Dim) -> str:
    if dim.one:
        return "1"
    key = dim.key
    return str(key) if isinstance(key, (str, int)) else "?" if dim.one is None else ":"


UNKNOWN = Type("unknown")
BOTTOM = Type("bottom")
NUMERIC = Type("numeric")
NUMBER = Type("number")
WHOLE = Type("number", np.dtype(np.int64))  # an int of Python's or of NumPy's
TRUTH = Type("number", np.dtype(np.bool_))  # a bool of Python's or of NumPy's
DOUBLE = Type("scalar", np.dtype(np.float64))
NONE = Type("none")
CLOSURE = Type("closure")
BOOL, INT, FLOAT, COMPLEX, STR = Type("bool"), Type("int"), Type("float"), Type("complex"), Type("str")
SLICE = Type("slice")


def is_fresh(key: Any) -> bool:
    """Whether a size may be another one at another turn of a loop: not made of sizes that last for the whole call."""
    if isinstance(key, frozenset):
        return any(map(is_fresh, key))
    return isinstance(key, tuple) and (key[0] in ("fresh", "value") or any(map(is_fresh, key)))


def array(dtype: Any, dims: tuple[Dim, ...] | None) -> Type:
    return Type("array", np.dtype(dtype) if dtype is not None else None, dims)


def scalar(dtype: Any) -> Type:
    return Type("scalar", np.dtype(dtype))


def tuple_of(elems: tuple[Type, ...], cls: Any = None) -> Type:
    return Type("tuple", elems=tuple(elems), cls=cls)


def list_of(elem: Type, length: int | None = None) -> Type:
    return Type("list", elems=(elem,), length=length)


def element(t: Type, index: int | None = None) -> Type:
    """The type of an element of a tuple, list or dict: at a known index, or any."""
    if index is not None and len(t.elems) > 1 and -len(t.elems) <= index < len(t.elems):
        return t.elems[index]
    if t.kind == "tuple" and index is not None and -len(t.elems) <= index < len(t.elems):
        return t.elems[index]
    result = BOTTOM
    for e in t.elems:
        result = join(result, e)
    return result


def join(a: Type, b: Type) -> Type:
    """The least type that covers both."""
    if a == b or b.kind == "bottom":
        return a
    if a.kind == "bottom":
        return b
    if a.kind == b.kind:
        if a.kind == "array":
            dtype = a.dtype if same_dtype(a.dtype, b.dtype) else None
            if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
                return array(dtype, None)
            return array(dtype, tuple(map(join_dims, a.dims, b.dims)))
        if a.kind == "tuple" and len(a.elems) == len(b.elems) and a.cls is b.cls:
            return tuple_of(tuple(map(join, a.elems, b.elems)), a.cls)
        if a.kind == "list":
            sites = frozenset(a.value or ()) | frozenset(b.value or ())
            if a.length is not None and a.length == b.length and len(a.elems) == len(b.elems):
                return dataclasses.replace(a, elems=tuple(map(join, a.elems, b.elems)), value=sites)
            elem = join(element(a), element(b))
            return Type("list", elems=() if elem == BOTTOM else (elem,), value=sites)
        if a.kind == "dict":
            sites = frozenset(a.value or ()) | frozenset(b.value or ())
            if a.keys == b.keys and len(a.elems) == len(b.elems):
                return dataclasses.replace(a, elems=tuple(map(join, a.elems, b.elems)), value=sites)
            elem = join(element(a), element(b))
            return Type("dict", elems=() if elem == BOTTOM else (elem,), value=sites)
        if a.kind == "function" and a.value == b.value and len(a.elems) == len(b.elems):
            return dataclasses.replace(a, elems=tuple(map(join, a.elems, b.elems)))
        if a.kind == "object" and a.cls is b.cls and a.keys == b.keys and bool(a.value) == bool(b.value):
            value = a.value | b.value if a.value else None
            return dataclasses.replace(a, elems=tuple(map(join, a.elems, b.elems)), value=value)
        if a.kind in ("bool", "int", "str", "range", "slice"):
            return Type(a.kind)
    if {a.kind, b.kind} == {"exception", "none"}:
        return Type("exception")
    if {a.kind, b.kind} & {"none", "optional"}:
        t = join(present(a), present(b))
        if t.is_number or t.kind == "array" or (t.kind == "tuple" and _may_be_left_out(t)):
            return Type("optional", elems=(t,))
        return CLOSURE if t.kind in ("function", "closure") or t.made_here else UNKNOWN
    if _is_whole(a) and _is_whole(b):
        return WHOLE
    if _is_real_number(a) and _is_real_number(b):
        return NUMBER
    if a.is_numeric and b.is_numeric:
        return NUMERIC
    return CLOSURE if a.kind == "function" or b.kind == "function" or a.made_here or b.made_here else UNKNOWN


def _may_be_left_out(t: Type) -> bool:
    """Whether a part of a tuple may be one of what is a tuple or None."""
    return not t.mutable or t.kind == "array" or (t.kind == "tuple" and all(map(_may_be_left_out, t.elems)))


def present(t: Type) -> Type:
    """The type where it is not None."""
    return BOTTOM if t.kind == "none" else t.elems[0] if t.kind == "optional" else t


def _is_whole(t: Type) -> bool:
    return t.kind == "int" or (t.kind in ("scalar", "number") and same_dtype(t.dtype, WHOLE.dtype))


def _is_real_number(t: Type) -> bool:
    if t.kind == "scalar":
        return t.dtype is not None and t.dtype.kind in "biuf"
    return t.kind in ("bool", "int", "float", "number")


def join_dims(a: Dim, b: Dim) -> Dim:
    if a == b:
        return a
    return fresh_dim(False if a.one is False and b.one is False else None)


_PYTHON_SCALARS = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX, str: STR, type(None): NONE}


def in_class(cls: Any, name: str, otherwise: Any = None) -> Any:
    """What the objects of a class find in it under a name, as it stands there.

    It is not what the class itself finds: ``getattr(float, "__call__")`` makes floats, which no float can.
    A proxy, as some decorators of methods make, is `Strange`: it is no function, whatever it says.
    """
    for base in cls.__mro__:
        if name in vars(base):
            found = vars(base)[name]
            if not pretends(found):
                return found
            return (StrangeStore if hasattr(type(found), "__set__") else Strange)(found)
    return otherwise


class Strange:
    """A descriptor of which nothing is known but what it does."""

    def __init__(self, found: Any):
        self.found = found

    def __get__(self, owner: Any, cls: Any = None) -> Any:
        get = getattr(type(self.found), "__get__", None)
        return self.found if get is None else get(self.found, owner, cls)


class StrangeStore(Strange):
    """One that stores, too: it comes before what an object has itself."""

    def __set__(self, owner: Any, value: Any) -> None:
        type(self.found).__set__(self.found, owner, value)


def module_of(x: Any) -> str:
    """The name of the module of a class or function; "" where it is no text, as of the class of Cython's functions.

    Of a function that took its names from another (`functools.wraps`), it is where the function itself stands.
    """
    name = getattr(x, "__module__", None)
    if not isinstance(name, str):
        return ""
    if type(x) is types.FunctionType:
        home = x.__globals__.get("__name__")
        own = __name__.partition(".")[0]  # whose functions stand in the place of others
        if isinstance(home, str) and home.partition(".")[0] not in (name.partition(".")[0], own):
            return home
    return name


def pretends(x: Any) -> bool:
    """Whether an object says that it is of another class than it is, as proxies do: nothing is known of it then."""
    try:
        return x.__class__ is not type(x)
    except Exception:  # it computes what it says
        return True


# What a named tuple may not do in its own way, to be walked and compared as a tuple is.
_OF_TUPLES = [f"__{name}__" for name in (
    "getitem", "iter", "len", "contains", "eq", "ne", "lt", "le", "gt", "ge", "hash", "bool", "getattribute", "getattr",
)]  # fmt: skip


def is_named_tuple(cls: Any) -> bool:
    """Whether a class is a named tuple whose objects are made and read as all named tuples are."""
    if not isinstance(cls, type) or not issubclass(cls, tuple) or not hasattr(cls, "_fields"):
        return False
    own = in_class(cls, "__new__")
    made = getattr(getattr(own, "__func__", own), "__globals__", {})
    return (
        str(made.get("__name__", "")).startswith("namedtuple_")
        and cls.__init__ is object.__init__
        and all(getattr(cls, name, None) is getattr(tuple, name, None) for name in _OF_TUPLES)
    )


def is_bunch(cls: Any) -> bool:
    """Whether a class is one of SciPy's for results that are tuples and have more attributes than these have fields."""
    made = isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")
    return made and module_of(cls).startswith("scipy.") and not is_named_tuple(cls)


def _compiled_in(t: Type) -> tuple[Any, ...]:
    """The texts and switches inside of an argument, which are known when compiling."""
    if t.elems:
        return tuple(map(_compiled_in, t.elems))
    return (t.value,) if t.kind in ("bool", "str", "member") else ()


def type_of(x: Any, name: Any = None, depth: int = 0, other: Any = None) -> Type:
    """The type of a real object; array sizes become symbols of ``name``, apart from sizes of 1.

    ``other``: says of what type any other object is, from the object, its name and its depth.
    """
    kind = type(x)
    if other is not None and kind in (bool, str):  # inside of an argument: it is compiled in, as its signature says
        return Type(kind.__name__, value=x)
    if kind in _PYTHON_SCALARS:
        return _PYTHON_SCALARS[kind]
    if kind is np.ndarray:
        return array(x.dtype, tuple(ONE if n == 1 else Dim((name, i), False) for i, n in enumerate(x.shape)))
    if depth > 8 or pretends(x):
        return UNKNOWN
    if isinstance(x, np.generic):
        return scalar(x.dtype)
    if kind is tuple or is_named_tuple(kind):
        return tuple_of(
            tuple(type_of(e, (name, i), depth + 1, other) for i, e in enumerate(x)), None if kind is tuple else kind
        )
    if kind is list:
        elems = tuple(type_of(e, (name, i), depth + 1, other) for i, e in enumerate(x))
        if len(elems) > 16 or len({(str(e), _compiled_in(e)) for e in elems}) == 1:
            common = elems[0]
            for e in elems[1:]:
                common = join(common, e)
            elems = (common,)
        return Type("list", elems=elems, length=len(x), value=frozenset([("given", name)]))
    if kind is dict:
        return Type(
            "dict",
            elems=tuple(type_of(e, (name, k), depth + 1, other) for k, e in x.items()),
            keys=tuple(x),
            value=frozenset([("given", name)]),
        )
    if kind is slice:
        return SLICE
    if kind is range:
        return Type("range")
    if x is Ellipsis:
        return Type("ellipsis")
    return UNKNOWN if other is None else other(x, name, depth)


def dummy(t: Type, size: int | dict[Any, int] = 2, whole: int = 2) -> Any:
    """A small object of a type, to try pure functions on; whole numbers are ``whole``.

    ``size``: of axes that do not have size 1; or one for each key of a `Dim`.

    Raises:
        LookupError: where the type says too little.
    """
    if t.kind in ("bool", "int", "float", "complex"):
        return {"bool": whole > 0, "int": whole, "float": 0.625, "complex": 0.625 + 0.25j}[t.kind]
    if t.kind == "scalar":
        assert t.dtype is not None
        return t.dtype.type(whole) if t.dtype.kind in "biu" else t.dtype.type(0.625)
    if t.kind == "array" and t.dtype is not None and t.dims is not None and t.dtype.kind in "biufc":
        shape = tuple(1 if d.one else size if isinstance(size, int) else size[d.key] for d in t.dims)
        values = np.full(shape, 0.0625)
        if len(shape) >= 2 and shape[-1] == shape[-2]:
            values = values + np.eye(shape[-1])
        elif len(shape) == 1:
            values = values + 0.25 * np.arange(shape[0])
        return (values > 0.5 if t.dtype.kind in "biu" else values).astype(t.dtype)
    if t.kind in ("none", "str", "ellipsis"):
        return {"none": None, "str": "", "ellipsis": Ellipsis}[t.kind]
    if t.kind == "tuple" and t.cls is None:
        return tuple(dummy(e, size, whole) for e in t.elems)
    if t.kind == "list" and t.elems:
        count = t.length if t.length is not None else size if isinstance(size, int) else 2
        if t.elems == (Type("int"),):  # different positions, as of axes or elements
            return list(range(count))
        return [dummy(element(t, i if len(t.elems) > 1 else None), size, whole) for i in range(count)]
    raise LookupError(t)


def as_result(x: Any) -> Type:
    """The type of the result of a function that was tried on small objects: sizes say nothing."""
    t = type_of(x)
    if t.kind == "array":
        assert t.dims is not None
        return array(t.dtype, tuple(fresh_dim() for _ in t.dims))
    if t.kind == "tuple":
        return tuple_of(tuple(map(as_result, x)), t.cls)
    if t.kind in ("list", "dict", "function"):
        return UNKNOWN
    return t


def settled(t: Type) -> Type:
    """A type with those sizes forgotten that may differ from one iteration of a loop to the next."""
    if not t.loose:
        return t
    dims = t.dims
    if dims is not None:
        dims = tuple(fresh_dim(d.one) if is_fresh(d.key) else d for d in dims)
    return dataclasses.replace(t, dims=dims, elems=tuple(map(settled, t.elems)))


def as_open(t: Type) -> Type:
    """A type with its sizes forgotten, apart from sizes of 1."""
    dims = None if t.dims is None else tuple(ONE if d.one else fresh_dim(d.one) for d in t.dims)
    value = None if isinstance(t.value, Dim) else t.value
    return dataclasses.replace(t, dims=dims, elems=tuple(map(as_open, t.elems)), value=value)


def any_length(t: Type) -> Type:
    """A type with the lengths of its lists forgotten."""
    elems = tuple(map(any_length, t.elems))
    if t.kind == "list":
        elem = functools.reduce(join, elems, BOTTOM)
        return dataclasses.replace(t, elems=() if elem == BOTTOM else (elem,), length=None)
    return dataclasses.replace(t, elems=elems) if elems else t


def join_stable(a: Type, b: Type, own: set) -> Type:
    """`join`, with the sizes in ``own``, which such joins made, kept as they are: iterating it comes to an end."""
    if a.kind == b.kind == "array" and a.dims is not None and b.dims is not None and len(a.dims) == len(b.dims):
        dims = tuple(_join_dim(x, y, own) for x, y in zip(a.dims, b.dims, strict=True))
        return Type("array", a.dtype if same_dtype(a.dtype, b.dtype) else None, dims)
    if a.kind == b.kind == "tuple" and len(a.elems) == len(b.elems) and a.cls is b.cls:
        return tuple_of(tuple(join_stable(x, y, own) for x, y in zip(a.elems, b.elems, strict=True)), a.cls)
    if a.kind == b.kind and a.kind in ("list", "dict") and len(a.elems) == len(b.elems) and a.keys == b.keys:
        elems = tuple(join_stable(x, y, own) for x, y in zip(a.elems, b.elems, strict=True))
        sites = frozenset(a.value or ()) | frozenset(b.value or ())
        return dataclasses.replace(a, elems=elems, length=a.length if a.length == b.length else None, value=sites)
    if a.kind == b.kind == "object" and a.cls is b.cls and a.keys == b.keys and a.value and b.value:
        elems = tuple(join_stable(x, y, own) for x, y in zip(a.elems, b.elems, strict=True))
        return dataclasses.replace(a, elems=elems, value=a.value | b.value)
    return join(a, b)


def _join_dim(a: Dim, b: Dim, own: set) -> Dim:
    if a == b:
        return a
    one = False if a.one is False and b.one is False else None
    if a in own and a.one == one:
        return a
    made = fresh_dim(one)
    own.add(made)
    return made


def of_result(t: Type) -> Type:
    """The type of a callee's result, in which sizes that nothing is known of have one name: so it can be compared."""
    dims = t.dims
    if dims is not None:
        dims = tuple(Dim(("fresh", "of a result", i), d.one) if is_fresh(d.key) else d for i, d in enumerate(dims))
    return dataclasses.replace(t, dims=dims, elems=tuple(map(of_result, t.elems)))


def refreshed(t: Type) -> Type:
    """The type of one of many elements: a size that nothing is known of is not that of another element."""
    dims = t.dims
    if dims is not None:
        dims = tuple(fresh_dim(d.one) if d.one is None or is_fresh(d.key) else d for d in dims)
    return dataclasses.replace(t, dims=dims, elems=tuple(map(refreshed, t.elems)))
