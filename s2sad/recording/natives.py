"""What is known of functions that are not written in Python: which may run as they are.

A native function sees floats that are objects like any other: where it stores, moves, compares or counts them, nothing
is lost.  What it must not do unseen is compute with them, or take the elements out of an array (each is a new object).

- ``STORES``: takes its arguments as they are and never looks inside an array.
- ``ITERATES``: takes elements: gets the elements of arrays one by one, and calls functions through the recorder.
- anything else has a rule, or is refused where it meets what is differentiated.
"""

from __future__ import annotations

import bisect
import builtins
import collections
import contextvars
import functools
import heapq
import itertools
import operator
import types
import weakref
from typing import Any

import numpy as np

CONTAINERS: tuple[type, ...] = (
    list, dict, set, frozenset, tuple, str, bytes, bytearray, range, slice, collections.deque, collections.OrderedDict,
    collections.defaultdict, types.GeneratorType, types.MappingProxyType, types.SimpleNamespace, object, type,
    type(iter([])), type(iter(())), type(iter({})), type({}.keys()), type({}.values()), type({}.items()),
    BaseException, Exception, types.TracebackType, types.FunctionType, types.MethodType,
    property, staticmethod, classmethod, super, bool, int,
)  # fmt: skip

# Containers that keep the very objects that are put into them.
KEEPING = (list, dict, collections.deque, types.MappingProxyType)

# Methods of these that take elements.
TAKE_ELEMENTS = {
    "extend",
    "extendleft",
    "update",
    "join",
    "fromkeys",
    "union",
    "intersection",
    "difference",
    "__iadd__",
    "__ior__",
    "__init__",
    "__new__",
}

# Which arguments these take the elements of, if not of all.
TAKEN = {
    "next": (), "reduce": (1,), "fromkeys": (0,), "defaultdict": (1,), "bisect_left": (), "bisect_right": (),
}  # fmt: skip

# Native functions that call functions that they are given, and where these stand if not under a name.
CALLING: dict[Any, int | None] = {
    builtins.map: 0, builtins.filter: 0, functools.reduce: 0, itertools.starmap: 0, itertools.takewhile: 0,
    itertools.dropwhile: 0, itertools.filterfalse: 0, builtins.iter: 0, functools.cmp_to_key: 0, itertools.groupby: 1,
    builtins.sorted: None, builtins.max: None, builtins.min: None, list.sort: None, bisect.bisect_left: None,
    bisect.bisect_right: None, bisect.insort_left: None, bisect.insort_right: None,
}  # fmt: skip
CALLED_BY_NAME = {"key", "mycmp", "func", "function"}
# Of these, what hands on the results, and decides nothing by them.
HANDING_ON = {builtins.map, functools.reduce, itertools.starmap, builtins.iter}
# What compares its elements with each other.
COMPARING = {
    builtins.sorted, builtins.max, builtins.min, list.sort, heapq.heappush, heapq.heappop, heapq.heapify,
    heapq.heapreplace, heapq.heappushpop,
}  # fmt: skip

NUMBER_METHODS = {
    "is_integer", "__format__", "__repr__", "__str__", "__hash__", "__bool__", "__eq__",
    "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__int__", "__trunc__", "__round__", "__floor__", "__ceil__",
}  # fmt: skip

COUNT_ELEMENTS: Any = vars(collections)["_count_elements"]

STORING = {
    builtins.isinstance, builtins.issubclass, builtins.id, builtins.callable, builtins.print, builtins.format,
    builtins.repr, builtins.ascii, builtins.hash, builtins.len, builtins.range, builtins.slice, builtins.type,
    builtins.object, builtins.super, builtins.property, builtins.staticmethod, builtins.classmethod, builtins.str,
    builtins.bytes, builtins.vars, builtins.dir, builtins.any, builtins.all, builtins.open, builtins.input,
    builtins.__import__, builtins.__build_class__, functools.partial, operator.is_, operator.is_not,
    operator.length_hint, operator.index, builtins.bool, builtins.int, types.SimpleNamespace, types.MappingProxyType,
    itertools.repeat, functools.lru_cache, functools.cache, functools.wraps,
    operator.itemgetter, operator.attrgetter, operator.methodcaller, functools.cmp_to_key, builtins.iter,
    types.MethodType, weakref.ref, heapq.heappush, heapq.heappop, heapq.heapify, heapq.heapreplace, heapq.heappushpop,
    weakref.proxy, contextvars.ContextVar, np.broadcast, np.vectorize,
    *[f for name, f in vars(heapq).items() if name in ("_heapify_max", "_heappop_max", "_heapreplace_max")],
}  # fmt: skip

ITERATING = {
    builtins.list, builtins.tuple, builtins.set, builtins.frozenset, builtins.dict, builtins.zip, builtins.enumerate,
    builtins.map, builtins.filter, builtins.sorted, builtins.reversed, builtins.next, functools.reduce,
    collections.deque, collections.OrderedDict, itertools.chain, itertools.chain.from_iterable, itertools.product,
    itertools.combinations, itertools.combinations_with_replacement, itertools.permutations, itertools.islice,
    itertools.cycle, itertools.zip_longest, itertools.starmap, itertools.takewhile, itertools.dropwhile,
    itertools.filterfalse, itertools.groupby, itertools.pairwise, itertools.compress, itertools.accumulate,
    itertools.tee, collections.defaultdict, COUNT_ELEMENTS, builtins.max, builtins.min, bisect.bisect_left,
    bisect.bisect_right, bisect.insort_left, bisect.insort_right,
}  # fmt: skip

# Python functions of these modules run as they are: they format, log, and look at types.
MODULES = {
    "logging", "warnings", "traceback", "inspect", "typing", "abc", "enum", "re", "json", "os", "posixpath", "time",
    "datetime", "threading", "pathlib", "string", "textwrap", "pprint", "weakref", "types", "sys", "io", "linecache",
    "tqdm", "numbers", "locale", "gettext", "genericpath", "codecs", "token", "pkgutil", "importlib", "zipimport",
    "_frozen_importlib", "_frozen_importlib_external", "tempfile", "shutil", "platform",
}  # fmt: skip
# But these give back what they are given, and are followed.
PASSING = {("typing", "cast"), ("typing", "assert_type")}
# What is s2sad's own: a pullback works inside the recorder that it was made in; these only sort arguments.
OWN = {"s2sad.recording.program", "s2sad.arguments", ("s2sad.compiled", "resolve"), ("s2sad.compiled", "writes"),
       ("s2sad.ir.signature", "object_type"), ("s2sad.ir.prims", "check_length"),
       ("s2sad.recording.classes", "held"),
       ("s2sad.recording.classes", "says_how_to_copy"), ("s2sad.recording.copying", "substituted"),
       ("s2sad.recording.depth", "limit")}  # fmt: skip

RUNNERS = {"threading", "re"}  # these call functions that they are given
MAKING = {"replace", "_replace", "asdict", "_asdict_inner", "astuple", "_astuple_inner"}  # those of dataclasses
FUNCTIONS = {("collections", "namedtuple"), ("functools", "update_wrapper"), ("functools", "lru_cache")}
FUNCTIONS |= {("scipy._lib._sparse", "issparse"), ("scipy.sparse._base", "issparse")}
FUNCTIONS |= {("functools", "cache"), ("functools", "wraps"), ("functools", "total_ordering")}

# Operators and builtins that ask the class of an operand for its method: the operator's, and the reflected one.
BINARY: dict[Any, tuple[str, str]] = {
    getattr(operator, name): (f"__{name.rstrip('_')}__", f"__r{name.rstrip('_')}__")
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift",
                 "rshift")
}  # fmt: skip
BINARY[divmod] = ("__divmod__", "__rdivmod__")
COMPARISONS: dict[Any, tuple[str, str]] = {
    operator.lt: ("__lt__", "__gt__"), operator.gt: ("__gt__", "__lt__"), operator.le: ("__le__", "__ge__"),
    operator.ge: ("__ge__", "__le__"), operator.eq: ("__eq__", "__eq__"), operator.ne: ("__ne__", "__ne__"),
}  # fmt: skip
UNARY: dict[Any, str] = {
    operator.neg: "__neg__", operator.pos: "__pos__", operator.invert: "__invert__", operator.abs: "__abs__",
    builtins.abs: "__abs__", builtins.len: "__len__", builtins.round: "__round__", builtins.iter: "__iter__",
    builtins.next: "__next__", builtins.reversed: "__reversed__", builtins.repr: "__repr__", builtins.hash: "__hash__",
    builtins.float: "__float__", builtins.int: "__int__", builtins.complex: "__complex__", builtins.bool: "__bool__",
    builtins.str: "__str__", operator.index: "__index__",
}  # fmt: skip
# The methods of Python's numbers: the operator, and whether its operands are swapped.
NUMERIC: dict[str, tuple[Any, bool]] = {
    name: (f, swapped)
    for f, names in BINARY.items()
    if f is not divmod
    for name, swapped in zip(names, (False, True), strict=True)
}
INPLACE: dict[Any, Any] = {
    getattr(operator, f"i{name.rstrip('_')}"): getattr(operator, name)
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift",
                 "rshift")
}  # fmt: skip


def makes_text(function: Any) -> bool:
    """Whether a function that stores makes text of its arguments."""
    owner = getattr(function, "__objclass__", None)
    return function in _TEXT or owner in (str, bytes) or getattr(function, "__name__", "") in _TEXT_METHODS


def of_rows(function: Any, count: int) -> bool:
    """Whether a function takes the elements of the elements of its last argument; ``count``: of its arguments."""
    owner, name = getattr(function, "__objclass__", type(None)), getattr(function, "__name__", "")
    if owner is collections.defaultdict and name == "__init__":
        return count > 2  # itself, and what makes its missing values
    if issubclass(owner, dict):
        return name in ("update", "__init__")
    return function in (itertools.starmap, itertools.chain.from_iterable, dict, collections.OrderedDict)


def looks_inside(function: Any) -> bool:
    """Whether a function asks the elements of what it is given for their methods: compares, hashes, makes text."""
    name = getattr(function, "__name__", "")
    return function in ITERATING or function in CALLING or name in _INSIDE or makes_text(function)


_INSIDE = {
    "sort", "index", "count", "remove", "__contains__", "__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__ne__",
    "__hash__", "hash", "heapify", "__str__", "__repr__",
}  # fmt: skip
_TEXT = {builtins.str, builtins.repr, builtins.ascii, builtins.format, builtins.bytes, builtins.print, operator.mod}
_TEXT_METHODS = {"__str__", "__repr__", "__format__"}


# Modules whose classes keep the very objects that they are given.
_MODULES = {"itertools", "_functools", "collections", "_collections", "builtins", "_thread", "_queue", "_contextvars"}


def kind(function: Any) -> str | None:
    """``"stores"``, ``"iterates"``, or None for a native function that nothing is known of."""
    try:
        if function in STORING:
            return "stores"
        if function in ITERATING:
            return "iterates"
    except TypeError:  # not hashable
        return None
    owner: Any = getattr(function, "__objclass__", None)
    name = getattr(function, "__name__", "")
    if owner is None and isinstance(getattr(function, "__self__", None), type):  # such as dict.fromkeys
        owner = function.__self__
    if owner is None:
        return None
    if owner in (float, complex) or (owner.__module__ == "numpy" and name in NUMBER_METHODS):
        return "stores" if name in NUMBER_METHODS else None
    if owner.__module__ in _MODULES:
        if owner in CONTAINERS or owner.__module__ != "builtins" or owner.__name__.endswith("iterator"):
            return "iterates" if name in TAKE_ELEMENTS or name == "sort" else "stores"
        if issubclass(owner, BaseException):
            return "stores"
    return None
