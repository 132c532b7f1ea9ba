"""Calls: which functions are rewritten, which have a rule, which run as they are, and which are refused."""

from __future__ import annotations

import collections
import functools
import itertools
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import runtime
from ..autodiff.kept import DIGESTING, EQUAL, ORDER, PLACING
from ..errors import UnsupportedError
from ..ir.core import hashable
from ..ir.types import module_of
from ..rules.binding import by_position
from ..rules.own import helper
from ..rules.table import RULES, Rule, rule_for
from ..stores import FRAMES, READS_FRAMES
from ..wrapper import Checkpointed, CustomVjp, Wrapper, jitted
from . import custom, memory, natives
from .classes import (
    FUNCTION,
    PLAIN,
    PLAIN_PYTHON,
    SPARSE,
    is_matrix,
    is_plain_python,
    lookup,
    native_method,
    python_method,
)
from .construction import dataclass_of
from .following import Following, content, contents, label, outside
from .instrument import instrument, is_instrumented
from .iteration import computing
from .lending import original, working
from .made import Made, Use
from .records import Write
from .ruled import arrays_in, snapshot
from .substitutes import DRAWS, SUBSTITUTES

_AT = {np.add.at: 1, np.subtract.at: -1}

_FOLLOWED = (
    "s2sad.recording.substitutes", "s2sad.recording.grids", "s2sad.recording.vectorize", "s2sad.recording.again",
    "s2sad.runtime", "s2sad.ir.prims", "s2sad.rules", "s2sad.api", "s2sad.derived", "s2sad.trees", "s2sad.gradcheck",
    "s2sad.optimize", "s2sad.entry", *PLAIN_PYTHON,
)  # fmt: skip


class Calls(Following):
    """The part of `Recorder` that calls functions."""

    def call(self, f: Any, /, *args: Any, **kwargs: Any) -> Any:
        """``f(*args, **kwargs)``."""
        if self.closed:
            return self.do.call(f, *args, **kwargs)
        if self.refusal is not None:  # the program has caught it
            raise self.refusal
        if type(f) is types.BuiltinFunctionType and len(args) == 2:
            names = natives.BINARY.get(f) or natives.COMPARISONS.get(f)
            if names is not None:
                return self.binary(f, names, *args)
            if f is operator.getitem:
                return self.getitem(*args)
        handler = _HANDLERS.get(type(f))
        if handler is not None:
            return handler(self, f, args, kwargs)
        return self.other(f, args, kwargs)

    def python(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a function written in Python."""
        if f.__module__ != "s2sad.recording.substitutes":
            return self.python_of(f, args, kwargs)
        try:
            return self.python_of(f, args, kwargs)
        except NotImplementedError as error:
            raise self.missing(f, str(error)) if runtime.is_refusal(error) else error from None

    def python_of(self, f: Any, args: tuple, kwargs: dict) -> Any:
        f = helper(original(f))
        if is_instrumented(f.__code__):
            return self.run(self.rebound(f), args, kwargs)
        if any(type(x) is Made for x in (*args[:1], *kwargs.values())):
            rule = rule_for(f)
            kwargs = self.preconditioned(kwargs) if rule is not None and rule.watched else kwargs
            first, named = (args, kwargs) if args else by_position(f, args, kwargs)
            if first and type(first[0]) is Made and f in first[0]._of[1].methods:
                return self.use(first[0], f, first[1:], named)
        module = module_of(f)
        if module.startswith(SPARSE):
            meaning = self.of_matrices(f, args, kwargs)
            if meaning is not None:
                return meaning(*args, **kwargs)
        if f in self.settling:
            return getattr(self, self.settling[f])(f, *args)
        rule = rule_for(f)
        if rule is not None and (module != "s2sad.runtime" or all(type(a) in PLAIN for a in args)):
            return self.compared(f, rule, args, kwargs)
        if f in SUBSTITUTES:
            return self.python(SUBSTITUTES[f], args, kwargs)
        top = module.partition(".")[0]
        if (module, f.__name__) in natives.PASSING:
            return self.run(self.instrumented(f), args, kwargs)
        if (
            top in natives.MODULES
            or module in natives.MODULES
            or (module, f.__name__) in natives.FUNCTIONS
            or (module == "dataclasses" and f.__name__ not in natives.MAKING)
        ):
            return self.library(f, args, kwargs)
        if module in natives.OWN or (module, f.__name__) in natives.OWN:
            return f(*args, **kwargs)
        if top in ("numpy", "scipy", "s2sad") and not _is_rule_like(f):
            return self.unknown(f, args, kwargs)
        if args and dataclass_of(f, args[0]) is not None:
            return self.initialise_dataclass(f, *args[:1], args[1:], kwargs)
        return self.run(self.instrumented(f), args, kwargs)

    def library(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A function of the standard library that runs as it is; it may run a function of the user's for it."""
        self.loans.look((args, kwargs))
        if f in FRAMES:
            self.reads_frames(f)
        if f.__module__ in natives.RUNNERS:
            args = tuple([self.wrapped(a) if isinstance(a, CALLED) else a for a in args])
            kwargs = {k: self.wrapped(v) if isinstance(v, CALLED) else v for k, v in kwargs.items()}
        if f.__module__ == "weakref":  # whose containers may hold all that there is, and make no text
            return f(*args, **kwargs)
        self.shows((args, kwargs))
        y = f(*args, **kwargs)
        self.check_text((args, kwargs), y, whole=True)
        return y

    def reads_frames(self, f: Any) -> None:
        raise self.refuse(READS_FRAMES.format(f.__name__))

    def instrumented(self, f: types.FunctionType) -> types.FunctionType:
        """The function that records what ``f`` computes."""
        made = self.functions.get(f)
        if made is None or made[0] is not f.__code__:
            try:
                code = instrument(f)
            except UnsupportedError as error:
                raise self.refused(error) from None
            self.texts[f.__code__] = code
            self.loans.look(outside(f))
            made = self.functions[f] = (f.__code__, code.function(f, self))
        made[1].__defaults__, made[1].__kwdefaults__ = f.__defaults__, f.__kwdefaults__
        return made[1]

    def rebound(self, f: types.FunctionType) -> types.FunctionType:
        """A function that was rewritten for another recorder, around this one, for this one."""
        others = {id(c) for c in contents(f) if isinstance(c, Following) and c is not self}
        if not others:
            return f
        made = self.functions.get(f)
        if made is None:
            mine = types.CellType(self)
            cells = [mine if id(content(c)) in others else c for c in f.__closure__ or ()]
            copy = types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, tuple(cells))
            copy.__kwdefaults__ = f.__kwdefaults__
            made = self.functions[f] = (f.__code__, copy)
        return made[1]

    def method(self, f: Any, args: tuple, kwargs: dict) -> Any:
        if isinstance(f.__self__, Wrapper) and f.__func__.__module__ == "s2sad.compiled":
            if f.__name__ in ("once", "push"):  # which has tangents
                return self.transformed(f.__self__, *args)
            if f.__name__ == "bound":
                return f(*args)
        rule = rule_for(f)
        if rule is not None:
            return self.ruled(f, rule, args, kwargs)
        return self.call(f.__func__, f.__self__, *args, **kwargs)

    def partial(self, f: Any, args: tuple, kwargs: dict) -> Any:
        return self.call(f.func, *f.args, *args, **{**f.keywords, **kwargs})

    def builtin(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a function or bound method that is not written in Python."""
        special = _SPECIAL.get(f) if hashable(f) else None
        if special is not None:
            return getattr(self, special)(*args, **kwargs)
        if f.__module__ == "sys" and f in FRAMES:
            self.reads_frames(f)
        if f.__name__ in _ENTRY and args and isinstance(f.__self__, dict):
            self.check_entry(f.__self__, args[0])
        if f in natives.COMPARISONS:
            return self.binary(f, natives.COMPARISONS[f], *args)
        if f in natives.INPLACE:
            return self.update(f, *args)
        if f is operator.neg and type(args[0]) is Made:
            negative = self.combined(f, *args)
            if negative is not None:
                return negative
        if f in natives.UNARY and args:
            own = python_method(type(args[0]), natives.UNARY[f])
            if own is None and is_matrix(args[0]):
                own = getattr(type(args[0]), natives.UNARY[f])
            if own is not None:
                return self.call(own, *args, **kwargs)
        if f is natives.COUNT_ELEMENTS and not self.follows(args[0]):
            return self.native(f, args, kwargs)
        if f is next and args and isinstance(args[0], np.flatiter):
            return self.next_of_flat(*args)
        if f is next and args:
            self.check_step(args[0])
        elif f.__name__ in _STEPS and hasattr(type(f.__self__), "__next__"):
            self.check_step(f.__self__, *args)
        if f in SUBSTITUTES:
            if f is sum and self.all_numbers(args):
                return self.ruled(f, RULES[sum], (list(args[0]), *args[1:]), kwargs)
            return self.python(SUBSTITUTES[f], args, kwargs)
        if f in (max, min):
            return self.extreme(f, args, kwargs)
        if f in _AT:
            return self.add_at(_AT[f], *args)
        if natives.kind(f) is not None:
            return self.native(f, args, kwargs)
        rule = rule_for(f)
        if rule is not None:
            return self.compared(f, rule, args, kwargs)
        bound = getattr(f, "__self__", None)
        if bound is not None and not isinstance(bound, (types.ModuleType, type)):
            unbound = native_method(type(bound), f.__name__)
            if unbound is not None:
                return self.descriptor(unbound, (bound, *args), kwargs)
        return self.unknown(f, args, kwargs)

    def ufunc(self, f: np.ufunc, args: tuple, kwargs: dict) -> Any:
        rule = rule_for(f)
        return self.unknown(f, args, kwargs) if rule is None else self.compared(f, rule, args, kwargs)

    def compared(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> Any:
        """`ruled`, of a function that may tell whether two values are equal."""
        y = self.ruled(f, rule, args, kwargs)
        if f in EQUAL or f in ORDER:
            a, b = by_position(f, args, kwargs)[0][:2] if len(args) < 2 else args[:2]
            self.told_equal(f, y, a, b)
        return y

    def descriptor(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a method of a class that is not written in Python, with its object as the first argument."""
        owner, name = f.__objclass__, f.__name__
        if f in SUBSTITUTES:
            return self.python(SUBSTITUTES[f], args, kwargs)
        if owner is np.ndarray and name in _ITEM_METHODS:
            if (
                args and lookup(type(args[0]), name) is not f
            ):  # of a class of the user's with its own, which asks super()
                if self.follows(args):
                    raise self.missing(f)
                return f(*args)
            return getattr(self, _ITEM_METHODS[name])(*args)
        if owner is np.ndarray and name.startswith("__i") and getattr(operator, name.strip("_"), None):
            return self.update(getattr(operator, name.strip("_")), *args)
        if owner is np.ndarray and name in ("itemset", "resize", "setfield", "byteswap", "__setstate__"):
            raise self.refuse(f"ndarray.{name} is not supported: assign to elements, or make a new array")
        if name in _ENTRY and issubclass(owner, dict) and len(args) > 1:
            self.check_entry(args[0], args[1])
        if name in _STEPS and hasattr(owner, "__next__"):
            self.check_step(*args)
        if name in _DEFAULT and args and owner in _DEFAULT[name]:
            return getattr(self, _DEFAULT[name][owner])(*args, **kwargs)
        if owner in (float, complex) and name in natives.NUMERIC:
            operation, swapped = natives.NUMERIC[name]
            return self.ruled(operation, RULES[operation], args[::-1] if swapped else args, kwargs)
        if natives.kind(f) is not None:
            return self.native(f, args, kwargs)
        if name == "reshape" and len(args) > 2:  # the sizes one by one
            args = (args[0], tuple(args[1:]))
        rule = rule_for(f)
        if rule is None and issubclass(owner, np.generic) and hasattr(np.ndarray, name):
            rule = rule_for(getattr(np.ndarray, name))
        if rule is not None:
            return self.ruled(f, rule, args, kwargs)
        if name in ("hex", "as_integer_ratio", "tobytes", "tostring", "dumps") and self.follows(args[0]):
            raise self.missing(f)
        if name in ("tofile", "dump"):  # which may be read again
            self.shows(args[0])
        if owner is np.ndarray and self.follows(args[0]):
            y = self.do.call(f, *args, **kwargs)
            if not self.may_hold(y) or self.is_view(y, args):
                return y
            raise self.missing(f)
        return self.unknown(f, args, kwargs)

    def other(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of an object of any other type."""
        if type(f) is Made:
            return self.use(f, "__call__", args, kwargs)
        if type(f) is Use:
            return self.use(f.made, f.name, args, kwargs)
        if isinstance(f, type):
            return self.construct(f, args, kwargs)
        if isinstance(f, types.BuiltinFunctionType):  # a class of its own where the method knows its class
            return self.builtin(f, args, kwargs)
        if hasattr(type(f), "inside"):
            return self.transformed(f, args, kwargs)
        if isinstance(f, Checkpointed):
            return self.call(f.fun, *args, **kwargs)
        if (text := jitted(f)) is not None:
            return self.call(text, *args, **kwargs)
        if isinstance(f, CustomVjp):
            return custom.call(self, f, args, kwargs, snapshot)
        rule = rule_for(f)
        if f is np.shares_memory or f is np.may_share_memory:
            self.check_sharing(arrays_in(args[:2]))
        if rule is not None:
            return self.compared(f, rule, args, kwargs)
        if hashable(f) and f in SUBSTITUTES:
            if f in DRAWS and not self.follows(args[1:]):
                return self.unknown(f, args, kwargs)
            return self.python(SUBSTITUTES[f], args, kwargs)
        own = lookup(type(f), "__call__")
        if isinstance(own, (staticmethod, classmethod)):
            return self.call(own.__get__(f, type(f)), *args, **kwargs)
        rule = rule_for(own)
        if rule is not None:
            return self.ruled(own, rule, (f, *args), kwargs)
        if own in SUBSTITUTES:
            return self.python(SUBSTITUTES[own], (f, *args), kwargs)
        ours = module_of(type(f)).partition(".")[0] not in ("numpy", "scipy")
        if isinstance(own, FUNCTION) and (ours or _is_rule_like(own)):
            return self.call(own, f, *args, **kwargs)
        if is_plain_python(f) and isinstance(getattr(f, "__wrapped__", None), FUNCTION):
            return self.call(f.__wrapped__, *args, **kwargs)
        if isinstance(f, types.MethodWrapperType):
            return self.descriptor(vars(f.__objclass__)[f.__name__], (f.__self__, *args), kwargs)
        if self.reaches(f):  # an object that holds what is followed, such as the solution that solve_ivp gives
            raise self.missing(f)
        return self.unknown(f, args, kwargs)

    def memoised(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A function under ``lru_cache``: what is followed must not meet a value that was cached for another."""
        if self.reaches((args, kwargs)):
            key = (f, args, tuple(kwargs.items()))
            if key not in self.remembered:
                self.remembered.add(key)
                return self.call(f.__wrapped__, *args, **kwargs)
            y, changed = self.called_back(f, lambda: self.call(f.__wrapped__, *args, **kwargs), [f.__wrapped__])
            if changed:  # it would not be called again
                raise self.refuse(f"{label(f)} under lru_cache changes something outside, which is not supported")
            return y
        if isinstance(f.__wrapped__, FUNCTION) and is_instrumented(f.__wrapped__.__code__):
            return f(*args, **kwargs)
        return self.call(f.__wrapped__, *args, **kwargs) if self.reaches(f.__wrapped__) else f(*args, **kwargs)

    def transformed(self, f: Any, args: tuple, kwargs: dict, dots: Any = None) -> Any:
        """A derivative inside the program: its generated code is followed; ``dots``: the tangents of a ``jvp``."""
        if not self.reaches((f.fun, args, kwargs, dots)):
            return self.do.call(f, *args, **kwargs) if dots is None else self.do.call(f.push, args, kwargs, dots)
        return f.inside(self, args, kwargs, dots)

    def native(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A native function that may run as it is."""
        if "iterable" in kwargs and not args:  # the name of it wherever it has one
            args, kwargs = (kwargs["iterable"],), {k: v for k, v in kwargs.items() if k != "iterable"}
        elif kwargs and natives.kind(f) == "iterates":
            given, kwargs = by_position(f, args, kwargs)
            args = tuple(given)
        if natives.looks_inside(f):
            self.loans.look(args, 2)
        else:  # of a heap, whose elements were met before, a few
            self.loans.look([x for a in args for x in (a[:3] if type(a) is list else (a,))], 1)
        if f is reversed and isinstance(args[0], np.ndarray):
            return self.rows(args[0][::-1])
        if f is reversed and python_method(type(args[0]), "__getitem__") is not None:
            return self.backwards(args[0])
        if f in (any, all):
            return f(map(self.truth, self.iterate(args[0])))
        if args and natives.of_rows(f, len(args)) and not hasattr(type(args[-1]), "keys"):
            *before, rows = args
            args = (*before, map(self.open, self.iterate(rows)))
        if f in natives.CALLING:
            place, asks = natives.CALLING[f], f not in natives.HANDING_ON
            args = tuple([self.wrapped(a, asks) if k == place and callable(a) else a for k, a in enumerate(args)])
            named = natives.CALLED_BY_NAME
            kwargs = {k: self.wrapped(v, asks) if k in named and callable(v) else v for k, v in kwargs.items()}
        if f in natives.COMPARING:
            self.decides(*args)
        if natives.kind(f) == "iterates":
            taken = natives.TAKEN.get(getattr(f, "__name__", ""), range(len(args)))
            args = tuple([self.open(a) if k in taken else a for k, a in enumerate(args)])
        elif f is iter and len(args) == 1:
            return iter(self.iterate(args[0]))
        elif natives.makes_text(f):
            self.shows((args, kwargs))
        decisions = self.decisions
        y = f(*args, **kwargs)
        if f in (list, tuple) and self.decisions > decisions:  # of a generator, or of `map`
            y = f(self.listed(decisions, [*y]))
        if f in DIGESTING and self.follows(args):
            self.digests.add(y)
        elif f in PLACING:
            self.told_place(*args[1::-1])
        self.digests.hand_on(f, args, y)
        return y

    def next_of_flat(self, x: Any, *default: Any) -> Any:
        """The next element of ``a.flat``, which is read of the array."""
        place = x.index
        number = next(x, *default)
        return self.getitem(self.call(np.ravel, x.base), place) if x.index > place else number

    def open(self, x: Any) -> Any:
        """An argument of a function that takes elements: what takes those of arrays."""
        if isinstance(x, (np.flatiter, np.nditer, np.broadcast)):
            return self.iterate(x)
        if computing(x):
            return self.watched_steps(x)
        return self.rows(x) if type(x) is np.ndarray and x.ndim else self.plain(x)

    def wrapped(self, f: Any, asks: bool = False) -> Any:
        """A function that records what ``f`` computes when it is called from outside; ``asks``: to decide by it."""
        if isinstance(f, FUNCTION) and is_instrumented(f.__code__) and not asks:
            return f

        def call(*args: Any, **kwargs: Any) -> Any:
            with working(self):  # it may be called by another thread
                y = self.call(f, *args, **kwargs)
                if asks:
                    self.decides(y)
                return y

        return call

    def all_numbers(self, args: tuple) -> bool:
        return (
            len(args) > 0
            and isinstance(args[0], (list, tuple))
            and all(isinstance(e, (int, float, complex, np.number)) for e in (*args[0], *args[1:]))
        )

    def extreme(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """``max`` or ``min``: of numbers by its rule, otherwise by comparing."""
        items = args if len(args) > 1 else list(self.iterate(args[0]))
        if set(kwargs) <= {"default"} and items and all(isinstance(e, (int, float, np.number)) for e in items):
            return self.ruled(f, RULES[f], tuple(items) if len(items) > 1 else (list(items),), {})
        items = args if len(args) > 1 else (items,)
        key = kwargs.get("key")
        if key is None:
            self.decides(*items)
        return f(*items, **{**kwargs, **({} if key is None else {"key": self.wrapped(key, True)})})

    def check_sharing(self, arrays: list[np.ndarray]) -> None:
        """Refuse to say whether copies of arguments share memory where the caller's arrays do."""
        roots = {id(root): root for root in map(memory.owner, arrays) if id(root) in self.originals}
        callers = [self.originals[k][1] for k in roots]
        if any(np.may_share_memory(a, b) for a, b in itertools.combinations(callers, 2)):
            raise self.refuse("whether arguments share memory depends on the copies that are made")

    def watched(self, f: Any, callback: Any) -> Any:
        """A function for a native one that nothing is known of: nothing that is followed may come out of it."""

        def call(*args: Any, **kwargs: Any) -> Any:
            count = self.operations
            y = self.call(callback, *args, **kwargs)
            if self.operations != count or self.reaches(y):
                raise self.missing(f, _CALLS_BACK.format(label(f)))
            return y

        return call

    def unknown(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A native function that nothing is known of: may run if nothing that is followed can reach it."""
        if f is np.lib.stride_tricks.as_strided and any(id(memory.owner(a)) in self.contiguous for a in args[:1]):
            raise self.refuse("as_strided of an argument that is not contiguous is not supported: pass a copy of it")
        of_numbers = f is float.__new__ or f is complex.__new__
        if of_numbers and len(args) == 2 and self.follows(args[1]):
            return self.number_made(f.__self__, args[0], args[1:])
        if self.reaches((args, kwargs)):
            if module_of(f).startswith("numpy.lib") and not any(map(callable, args)):
                y = self.do.call(f, *args, **kwargs)
                if self.is_view(y, args):
                    return y
            raise self.missing(f)
        if f is memoryview and isinstance(args[0], np.ndarray):
            raise self.refuse("a memoryview of an array is not supported: use the array")
        before = [(a, a.copy()) for a in map(np.asarray, arrays_in([args, kwargs]))]  # plain ones
        args = tuple([self.watched(f, a) if isinstance(a, CALLED) else a for a in args])
        kwargs = {k: self.watched(f, v) if isinstance(v, CALLED) else v for k, v in kwargs.items()}
        y = self.do.call(f, *args, **kwargs)
        self.check_text((args, kwargs), y)
        self.digests.hand_on(f, args, y)
        for a, old in before:
            if not np.array_equal(a, old, equal_nan=a.dtype.kind in "fc"):
                self.wrote(Write(a, ..., None, old, False))
        return y


CALLED = (FUNCTION, types.MethodType)
_STEPS = {"__next__", "send", "throw"}
_CALLS_BACK = "{} calls a function that depends on what is differentiated, and has no derivative rule"
# What classes have by default: where a method of the user's calls it through ``super()``.
_DEFAULT: dict[str, dict[type, str]] = {
    "__call__": {type: "made"},
    "__get__": {property: "read_property"},
    "__set__": {property: "write_property"},
    "__getattribute__": {object: "found"},
    "__setattr__": {object: "stored"},
    "__getitem__": {dict: "element", collections.defaultdict: "element"},
    "__setitem__": {list: "store"},
}
_ENTRY = {"get", "pop", "setdefault", "__contains__"}
_ITEM_METHODS = {"__getitem__": "getitem", "__setitem__": "setitem"}


def _is_rule_like(f: Any) -> bool:
    """Whether a function of this package, or of NumPy, is plain Python that is there to be followed."""
    return (f.__module__ or "").startswith(_FOLLOWED)


_HANDLERS: dict[type, Callable[[Any, Any, tuple, dict], Any]] = {
    FUNCTION: Calls.python,
    types.MethodType: Calls.method,
    functools.partial: Calls.partial,
    types.BuiltinFunctionType: Calls.builtin,
    types.MethodDescriptorType: Calls.descriptor,
    types.WrapperDescriptorType: Calls.descriptor,
    type(functools.lru_cache(int)): Calls.memoised,
    type(functools.cmp_to_key(min)): lambda self, f, args, kwargs: f(*args, **kwargs),
    np.ufunc: Calls.ufunc,
}


_SPECIAL: dict[Any, str] = {
    getattr: "get", setattr: "setattribute", delattr: "delattribute", hasattr: "has",
    operator.getitem: "getitem", operator.setitem: "setitem", operator.delitem: "delitem", operator.truth: "truth",
    operator.not_: "not_", operator.contains: "contains", operator.call: "call",
    operator.is_: "same", operator.is_not: "differs", id: "identity",
}  # fmt: skip
