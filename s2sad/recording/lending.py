"""Methods that are called without the program saying so: ``__lt__`` by a sort, ``__hash__`` by a dict, ``__str__`` by
an f-string, the getter of a property by ``match``.

The recorder sees the sort, not the method that it calls.  So a class of the user's *lends* such methods to the runs
that meet it: while they last, a function stands in the place of each that runs the original through the recorder of
the thread that calls, or as it is where that thread records nothing.  Methods that only read and compare stay.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import threading
import types
from collections.abc import Iterable, Iterator
from typing import Any

from ..stores import LIBRARIES
from .classes import FUNCTION, attributes

# What Python and its C code call by themselves.  Operators are not here: the recorder asks classes for them.
UNASKED = frozenset(
    f"__{name}__"
    for name in (
        "lt", "le", "gt", "ge", "eq", "ne", "hash", "bool", "len", "length_hint", "contains", "iter", "next", "getitem",
        "missing", "reversed", "index", "int", "float", "complex", "round", "trunc", "floor", "ceil", "str", "repr",
        "format", "bytes", "fspath", "dir", "getattr", "get", "set", "delete", "set_name", "init_subclass",
        "class_getitem", "instancecheck", "subclasscheck", "subclasshook", "mro_entries", "prepare", "del", "array",
        "array_ufunc", "array_function", "array_wrap", "array_finalize", "copy", "deepcopy", "reduce", "reduce_ex",
        "getstate", "setstate", "sizeof", "setitem", "delitem", "enter", "exit",
    )
) | {"get", "keys", "items", "values"}  # fmt: skip

_lock = threading.RLock()
_lent: dict[type, tuple[list[int], dict[str, tuple[Any, Any]]]] = {}  # how many runs have it; name: (own, put there)
_originals: dict[Any, Any] = {}
_here = threading.local()


def original(function: Any) -> Any:
    """The method that a function stands for while it is lent."""
    return _originals.get(function, function) if type(function) is FUNCTION else function


@contextlib.contextmanager
def working(recorder: Any) -> Iterator[None]:
    """Until the block ends, methods that this thread calls unasked are recorded by ``recorder``."""
    before = getattr(_here, "recorder", None)
    _here.recorder = recorder
    try:
        yield
    finally:
        _here.recorder = before


class Loans:
    """The classes that a run has met, and what they lend it."""

    def __init__(self) -> None:
        self.met: set[type] = set()
        self.lending: list[type] = []

    def meet(self, t: type) -> None:
        """Borrow from a class and its bases what they have to lend."""
        self.met.add(t)
        if t in _KNOWN or not is_users(t):
            return
        meta: type = type(t)
        for c in (*t.__mro__, *meta.__mro__):
            if c is t or (c not in self.met and is_users(c)):
                self.met.add(c)
                if _lend(c):
                    self.lending.append(c)
                self.look(list(vars(c).values()), 2)  # descriptors, and what the class holds

    def look(self, values: Iterable[Any], depth: int = 3) -> None:
        """Meet the classes of values and of what containers hold, as far as is cheap."""
        for x in values:
            t = type(x)
            if t not in self.met:
                self.meet(t)
            if isinstance(x, type) and x not in self.met:
                self.meet(x)
            elif depth and isinstance(x, (list, tuple, set, frozenset, dict)) and 0 < len(x) < _MANY:
                self.look([*dict.keys(x), *dict.values(x)] if isinstance(x, dict) else x, depth - 1)
            elif depth and t not in _KNOWN and is_users(t):
                self.look(list(attributes(x).values()), depth - 1)

    def give_back(self) -> None:
        """The run is over."""
        for c in self.lending:
            _return(c)
        self.lending = []


_MANY = 10_000
_KNOWN = frozenset({float, int, bool, complex, str, bytes, list, dict, tuple, set, type(None), FUNCTION, type})
_HEAP, _IMMUTABLE = 1 << 9, 1 << 8


def is_users(x: Any) -> bool:
    """Whether a class or module is of the user's: it is not Python's own, NumPy's, SciPy's or of this package."""
    if isinstance(x, type) and x.__flags__ & (_HEAP | _IMMUTABLE) != _HEAP:
        return False
    name = (x.__module__ if isinstance(x, type) else x.__name__) or ""
    return str(name).partition(".")[0] not in LIBRARIES


def _lend(c: type) -> bool:
    with _lock:
        found = _lent.get(c)
        if found is not None:
            found[0][0] += 1
            return True
        made = {}
        for name, own in list(vars(c).items()):
            put = _lendable(name, own)
            if put is not own and _functions(put) != _functions(own):
                made[name] = own, put
        if not made:
            return False
        for name, (_, put) in made.items():
            _put(c, name, put)
        _lent[c] = [1], made
        return True


def _return(c: type) -> None:
    with _lock:
        count, made = _lent[c]
        count[0] -= 1
        if count[0]:
            return
        del _lent[c]
        for name, (own, put) in made.items():
            if vars(c).get(name) is put:  # the program may have assigned another
                _put(c, name, own)
            for f in _functions(put):
                _originals.pop(f, None)


def _put(c: type, name: str, x: Any) -> None:
    """Give a class what its objects find under a name, whatever its own class has under that name."""
    meta: type = type(c)
    owner = next((base for base in meta.__mro__ if name in vars(base)), None)
    if owner is None or owner is type or not hasattr(type(vars(owner)[name]), "__set__"):
        type.__setattr__(c, name, x)
        return
    descriptor = vars(owner)[name]
    type.__delattr__(owner, name)
    try:
        type.__setattr__(c, name, x)
    finally:
        type.__setattr__(owner, name, descriptor)


def _functions(x: Any) -> list[Any]:
    return [x.fget, x.fset, x.fdel] if type(x) is property else [getattr(x, "__func__", getattr(x, "func", x))]


def _lendable(name: str, own: Any) -> Any:
    """What a class has under a name, with lent functions in it."""
    if type(own) is functools.cached_property:
        made = functools.cached_property(_lent_function(own.func))
        made.attrname, made.__doc__ = own.attrname, own.__doc__  # type: ignore[misc]
        return made
    if type(own) is property:
        getter, setter, deleter = (_lent_function(f) for f in _functions(own))
        return property(getter, setter, deleter, own.__doc__)
    if name not in UNASKED:
        return own
    if type(own) in (classmethod, staticmethod):
        f = _lent_function(own.__func__)
        return type(own)(f) if f is not own.__func__ else own
    return _lent_function(own)


def _lent_function(f: Any) -> Any:
    if type(f) is not FUNCTION or f.__code__.co_filename == "<string>" or only_reads(f):
        return f

    @functools.wraps(f)
    def lent(*args: Any, **kwargs: Any) -> Any:
        recorder = getattr(_here, "recorder", None)
        return f(*args, **kwargs) if recorder is None else recorder.call(f, *args, **kwargs)

    _originals[lent] = f
    return lent


_READS = frozenset({
    "RESUME", "CACHE", "NOP", "COPY_FREE_VARS", "LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_LOAD_FAST", "LOAD_CONST",
    "LOAD_SMALL_INT", "LOAD_FAST_BORROW", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_COMMON_CONSTANT", "LOAD_DEREF",
    "LOAD_GLOBAL", "LOAD_ATTR", "COMPARE_OP", "IS_OP", "CONTAINS_OP", "UNARY_NOT", "TO_BOOL", "COPY", "SWAP",
    "POP_TOP", "POP_JUMP_FORWARD_IF_FALSE", "POP_JUMP_FORWARD_IF_TRUE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE",
    "POP_JUMP_FORWARD_IF_NONE", "POP_JUMP_FORWARD_IF_NOT_NONE", "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE",
    "JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP", "JUMP_FORWARD", "NOT_TAKEN", "RETURN_VALUE", "RETURN_CONST",
    "BUILD_TUPLE", "PRECALL", "CALL", "STORE_FAST",
})  # fmt: skip
_ASKS = ("isinstance", "type", "id", "hash", "len")
_PARTS = ("real", "imag", "T", "flat")  # attributes that are computed, of numbers and arrays

_known: dict[types.CodeType, bool] = {}


def only_reads(f: types.FunctionType) -> bool:
    """Whether a function only reads and compares, which may happen unseen: nothing is computed, changed or made text.

    The builtins that it calls must be those of ``_ASKS``.
    """
    found = _known.get(f.__code__)
    if found is None:
        found = _known[f.__code__] = _reads_only(f.__code__)
    names = [n for n in f.__code__.co_names if n in _ASKS] if found else []
    return found and not any(n in f.__globals__ for n in names)


def _reads_only(code: types.CodeType) -> bool:
    for i in dis.get_instructions(code):
        if i.opname not in _READS:
            return False
        if i.opname == "LOAD_ATTR" and ("NULL" in i.argrepr or i.argval in _PARTS):  # a method is called
            return False
        if i.opname == "LOAD_GLOBAL" and "NULL" in i.argrepr and i.argval not in _ASKS:
            return False
    return True
