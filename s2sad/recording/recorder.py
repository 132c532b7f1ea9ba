"""The recorder: what an instrumented program calls for each of its operations.

A value is *followed* when what is differentiated reaches it: a number by the identity of its object (every followed
number is an object of its own, kept alive here), an array by the memory that it is in.  Everything else runs as it is.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import operator
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import runtime
from ..errors import MissingRuleError, UnsupportedError
from ..rules.table import RULES, Rule, bind, rule_for
from ..wrapper import Checkpointed, CustomVjp
from . import custom, memory, natives
from .instrument import instrument, is_instrumented, place
from .records import NATIVE, AddAt, Bars, Operation, Read, Update, Write
from .substitutes import DRAWS, SUBSTITUTES

_PLAIN = frozenset({float, int, bool, complex, np.ndarray, np.float64, np.float32, np.int64, np.bool_, np.complex128})
_FUNCTION = types.FunctionType
_AT = {np.add.at: 1, np.subtract.at: -1}


class Recorder:
    """Records one run of a program.

    Args:
        dots: tangents that are pushed forward as the program runs; without them the records are kept for the way back.
        do: what runs the operations: another recorder, if this one works inside it.

    Attributes:
        records: what happened to values that are followed, and every write into an array, in order.
    """

    slice = slice

    def __init__(self, dots: Bars | None = None, do: Any = NATIVE):
        self.dots = dots
        self.do = do
        self.records: list[Any] = []
        self.numbers: dict[int, Any] = {}
        self.roots: dict[int, np.ndarray] = {}
        self.written: dict[int, np.ndarray] = {}
        self.frozen: dict[int, np.ndarray] = {}  # owners whose memory must not be written, and why
        self.why_frozen = ""
        self.closed = False
        self.functions: dict[types.FunctionType, Any] = {}
        self.texts: dict[types.CodeType, Any] = {}

    # ------------------------------------------------------------ what is followed

    def follows(self, x: Any) -> bool:
        """Whether a value that is a number or an array, or a list, tuple or dict of these, is followed."""
        t = type(x)
        if t is np.ndarray:
            return bool(self.roots) and id(memory.owner(x)) in self.roots
        if t is float or t is complex or isinstance(x, (float, complex, np.generic)):
            return id(x) in self.numbers
        if isinstance(x, (list, tuple, set, frozenset)):
            return any(map(self.follows, x))
        if isinstance(x, dict):
            return any(map(self.follows, x.values()))
        if isinstance(x, np.ndarray):
            return id(memory.owner(x)) in self.roots
        return False

    def number(self, x: Any) -> Any:
        """A followed number of the value of ``x``: an object that nothing else is."""
        if self.do is not NATIVE and isinstance(x, (float, complex, np.floating)):
            made: Any = self.do.call(operator.pos, x)
        elif type(x) is float:
            made = x * 1.0
        elif type(x) is complex:
            made = complex(x.real, x.imag)
        elif isinstance(x, np.generic):
            if x.dtype.kind not in "fc":
                return x
            made = x.copy()
        else:
            return x
        self.numbers[id(made)] = made
        return made

    def array(self, x: np.ndarray) -> None:
        """Follow an array, and all that share its memory."""
        if x.dtype.kind in "fc":
            root = memory.own(x)
            self.roots[id(root)] = root
        elif x.dtype.kind in "OV":
            raise self.refuse(f"an array of dtype {x.dtype} with what is differentiated is not supported: use floats")

    def reaches(self, x: Any) -> bool:
        """Whether anything followed can be reached from a value of any kind, functions and objects included."""
        todo, seen = [x], set()
        while todo:
            x = todo.pop()
            if id(x) in seen or isinstance(x, _OPAQUE):
                continue
            seen.add(id(x))
            if isinstance(x, (float, complex, np.generic, np.ndarray)):
                if self.follows(x):
                    return True
                if isinstance(x, np.ndarray) and x.dtype == object:
                    todo += x.ravel().tolist()
                continue
            parts = _parts(x)
            if parts is None:  # can't be looked into, such as a generator that has begun
                if self.numbers or self.roots:
                    return True
                continue
            todo += parts
        return False

    # ------------------------------------------------------------ errors

    def here(self) -> tuple[types.CodeType, int] | None:
        """Where the user's program is now: a code object and an instruction of it."""
        frame: Any = sys._getframe(1)
        while frame is not None and not is_instrumented(frame.f_code):
            frame = frame.f_back
        return None if frame is None else (frame.f_code, frame.f_lasti)

    def refuse(self, message: str) -> UnsupportedError:
        return UnsupportedError(message, place(self.here()))

    def missing(self, function: Any, why: str = "") -> MissingRuleError:
        name = _label(function)
        text = why or (f"{name} has no derivative rule: register one with s2sad.extend.defvjp, or write it with NumPy")
        return MissingRuleError(text, place(self.here()))

    # ------------------------------------------------------------ calls

    def call(self, f: Any, /, *args: Any, **kwargs: Any) -> Any:
        """``f(*args, **kwargs)``."""
        if self.closed:
            return self.do.call(f, *args, **kwargs)
        if type(f) is types.BuiltinFunctionType and len(args) == 2:
            names = natives.BINARY.get(f)
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
        if is_instrumented(f.__code__):
            return self.rebound(f)(*args, **kwargs)
        module = f.__module__ or ""
        rule = rule_for(f)
        if rule is not None and (module != "s2sad.runtime" or all(type(a) in _PLAIN for a in args)):
            return self.ruled(f, rule, args, kwargs)
        if f in SUBSTITUTES:
            return self.python(SUBSTITUTES[f], args, kwargs)
        top = module.partition(".")[0]
        if top in natives.MODULES or module in natives.MODULES or (module, f.__name__) in natives.FUNCTIONS:
            return f(*args, **kwargs)
        if module == "s2sad.recording.program":  # a pullback: works inside the recorder that it was made in
            return f(*args, **kwargs)
        if top in ("numpy", "scipy", "s2sad") and not _is_rule_like(f):
            return self.unknown(f, args, kwargs)
        return self.instrumented(f)(*args, **kwargs)

    def instrumented(self, f: types.FunctionType) -> types.FunctionType:
        """The function that records what ``f`` computes."""
        made = self.functions.get(f)
        if made is None or made[0] is not f.__code__:
            code = instrument(f)
            self.texts[f.__code__] = code
            made = self.functions[f] = (f.__code__, code.function(f, self))
        made[1].__defaults__, made[1].__kwdefaults__ = f.__defaults__, f.__kwdefaults__
        return made[1]

    def rebound(self, f: types.FunctionType) -> types.FunctionType:
        """A function that was rewritten for another recorder, around this one, for this one."""
        others = [c for c in _contents(f) if isinstance(c, Recorder) and c is not self]
        if not others:
            return f
        made = self.functions.get(f)
        if made is None:
            mine = types.CellType(self)
            cells = [mine if _content(c) in others else c for c in f.__closure__ or ()]
            copy = types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, tuple(cells))
            copy.__kwdefaults__ = f.__kwdefaults__
            made = self.functions[f] = (f.__code__, copy)
        return made[1]

    def method(self, f: Any, args: tuple, kwargs: dict) -> Any:
        if f.__name__ == "once" and type(f.__self__).__module__ == "s2sad.compiled":
            return self.transformed(f.__self__, *args)
        rule = rule_for(f)
        if rule is not None:
            return self.ruled(f, rule, args, kwargs)
        return self.call(f.__func__, f.__self__, *args, **kwargs)

    def partial(self, f: Any, args: tuple, kwargs: dict) -> Any:
        return self.call(f.func, *f.args, *args, **{**f.keywords, **kwargs})

    def builtin(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a function or bound method that is not written in Python."""
        special = _SPECIAL.get(f) if _hashable(f) else None
        if special is not None:
            return getattr(self, special)(*args, **kwargs)
        if f in natives.COMPARISONS:
            return self.binary(f, natives.COMPARISONS[f], *args)
        if f in natives.INPLACE:
            return self.update(f, *args)
        if f in natives.UNARY and args:
            own = _python_method(type(args[0]), natives.UNARY[f])
            if own is not None:
                return self.call(own, *args, **kwargs)
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
            return self.ruled(f, rule, args, kwargs)
        bound = getattr(f, "__self__", None)
        if bound is not None and not isinstance(bound, (types.ModuleType, type)):
            unbound = getattr(type(bound), f.__name__, None)
            if getattr(unbound, "__objclass__", None) is not None:
                return self.descriptor(unbound, (bound, *args), kwargs)
        return self.unknown(f, args, kwargs)

    def ufunc(self, f: np.ufunc, args: tuple, kwargs: dict) -> Any:
        rule = rule_for(f)
        return self.unknown(f, args, kwargs) if rule is None else self.ruled(f, rule, args, kwargs)

    def descriptor(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a method of a class that is not written in Python, with its object as the first argument."""
        owner, name = f.__objclass__, f.__name__
        if f in SUBSTITUTES:
            return self.python(SUBSTITUTES[f], args, kwargs)
        if owner is np.ndarray and name in _ITEM_METHODS:
            return getattr(self, _ITEM_METHODS[name])(*args)
        if owner is np.ndarray and name.startswith("__i") and getattr(operator, name.strip("_"), None):
            return self.update(getattr(operator, name.strip("_")), *args)
        if owner is np.ndarray and name in ("itemset", "resize", "setfield", "byteswap", "__setstate__"):
            raise self.refuse(f"ndarray.{name} is not supported: assign to elements, or make a new array")
        if natives.kind(f) is not None:
            return self.native(f, args, kwargs)
        rule = rule_for(f)
        if rule is None and issubclass(owner, np.generic) and hasattr(np.ndarray, name):
            rule = rule_for(getattr(np.ndarray, name))
        if rule is not None:
            return self.ruled(f, rule, args, kwargs)
        if name in ("hex", "as_integer_ratio", "tobytes", "dumps") and self.follows(args[0]):
            raise self.missing(f)
        if owner is np.ndarray and self.follows(args[0]):
            y = self.do.call(f, *args, **kwargs)
            if not self.may_hold(y) or self.is_view(y, args):
                return y
            raise self.missing(f)
        return self.unknown(f, args, kwargs)

    def other(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call of an object of any other type."""
        if isinstance(f, type):
            return self.construct(f, args, kwargs)
        if hasattr(type(f), "inside"):
            return self.transformed(f, args, kwargs)
        if isinstance(f, Checkpointed):
            return self.call(f.fun, *args, **kwargs)
        if isinstance(f, CustomVjp):
            return custom.call(self, f, args, kwargs, _snapshot)
        rule = rule_for(f)
        if rule is not None:
            return self.ruled(f, rule, args, kwargs)
        if _hashable(f) and f in SUBSTITUTES:
            if f in DRAWS and not self.follows(args[1:]):
                return self.unknown(f, args, kwargs)
            return self.python(SUBSTITUTES[f], args, kwargs)
        own = getattr(type(f), "__call__", None)  # noqa: B004 (the method itself)
        if isinstance(own, _FUNCTION) and not type(f).__module__.startswith(("numpy", "scipy")):
            return self.call(own, f, *args, **kwargs)
        if isinstance(f, types.MethodWrapperType):
            unbound = getattr(type(f.__self__), f.__name__, None)
            return self.descriptor(unbound, (f.__self__, *args), kwargs)
        return self.unknown(f, args, kwargs)

    def memoised(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A function under ``lru_cache``: what is followed must not meet a value that was cached for another."""
        if self.reaches((args, kwargs)):
            return self.call(f.__wrapped__, *args, **kwargs)
        if isinstance(f.__wrapped__, _FUNCTION) and is_instrumented(f.__wrapped__.__code__):
            return f(*args, **kwargs)
        return self.call(f.__wrapped__, *args, **kwargs) if self.reaches(f.__wrapped__) else f(*args, **kwargs)

    def transformed(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A derivative inside the program: its generated code is followed."""
        if not self.reaches((f.fun, args, kwargs)):
            return self.do.call(f, *args, **kwargs)
        return f.inside(self, args, kwargs)

    def native(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A native function that may run as it is."""
        if natives.kind(f) == "iterates":
            args = tuple([self.open(a) for a in args])
            kwargs = {k: self.wrapped(v) if callable(v) else v for k, v in kwargs.items()}
            if f is reversed and isinstance(args[0], types.GeneratorType):
                args = (list(args[0]),)  # of the elements of an array
        elif f is iter and len(args) == 1:
            return iter(self.iterate(args[0]))
        return f(*args, **kwargs)

    def open(self, x: Any) -> Any:
        """An argument of a function that takes elements or calls back."""
        if isinstance(x, np.ndarray):
            return self.iterate(x)
        if callable(x) and not isinstance(x, type(self)):
            return self.wrapped(x)
        if _python_method(type(x), "__iter__") is not None or _python_method(type(x), "__next__") is not None:
            return self.iterate(x)
        return x

    def wrapped(self, f: Any) -> Any:
        """A function that records what ``f`` computes when it is called from outside."""
        if isinstance(f, _FUNCTION) and is_instrumented(f.__code__):
            return f
        return lambda *args, **kwargs: self.call(f, *args, **kwargs)

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
        return f(*items, **{k: self.wrapped(v) if k == "key" and v is not None else v for k, v in kwargs.items()})

    def unknown(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A native function that nothing is known of: may run if nothing that is followed can reach it."""
        if self.reaches((args, kwargs)):
            if (getattr(f, "__module__", None) or "").startswith("numpy.lib") and not any(map(callable, args)):
                y = self.do.call(f, *args, **kwargs)
                if self.is_view(y, args):
                    return y
            raise self.missing(f)
        before = [(a, a.copy()) for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
        count = len(self.records)
        args = tuple([self.wrapped(a) if isinstance(a, (_FUNCTION, types.MethodType)) else a for a in args])
        kwargs = {k: self.wrapped(v) if isinstance(v, (_FUNCTION, types.MethodType)) else v for k, v in kwargs.items()}
        y = self.do.call(f, *args, **kwargs)
        if any(not isinstance(r, Write) for r in self.records[count:]):
            raise self.missing(f, f"{_label(f)} calls a function that depends on what is differentiated")
        for a, old in before:
            if not np.array_equal(a, old, equal_nan=a.dtype.kind in "fc"):
                self.wrote(Write(a, ..., None, old, False))
        return y

    # ------------------------------------------------------------ operators

    def binary(self, f: Any, names: tuple[str, str], a: Any, b: Any) -> Any:
        """A binary operator, as Python asks the operands' classes for it."""
        ta, tb = type(a), type(b)
        if ta in _PLAIN and tb in _PLAIN:
            return self.ruled(f, RULES[f], (a, b), {})
        left, right = _python_method(ta, names[0]), _python_method(tb, names[1])
        if left is None and right is None:
            if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple, int)):
                return f(a, b)
            numeric = (np.ndarray, np.generic, float, complex)
            rule = rule_for(f)
            if rule is not None and (isinstance(a, numeric) or isinstance(b, numeric)):
                return self.ruled(f, rule, (a, b), {})
            return f(a, b)
        if right is not None and ta is not tb and issubclass(tb, ta) and getattr(ta, names[1], None) is not right:
            y = self.call(right, b, a)
            if y is not NotImplemented:
                return y
            right = None
        if left is not None:
            y = self.call(left, a, b)
            if y is not NotImplemented:
                return y
        elif isinstance(a, (np.ndarray, np.generic)) and getattr(tb, "__array_ufunc__", False) is not None:
            raise self.refuse(f"an array with a {tb.__name__} in an operator is not supported: __array_ufunc__ = None")
        if right is not None and (ta is not tb or left is None):
            y = self.call(right, b, a)
            if y is not NotImplemented:
                return y
        if f is operator.eq:
            return a is b
        if f is operator.ne:
            if left is None or names[0] not in vars(ta):
                return not self.truth(self.binary(operator.eq, natives.COMPARISONS[operator.eq], a, b))
            return a is not b
        sign = {"__lt__": "<"}.get(names[0], names[0].strip("_"))
        raise TypeError(f"unsupported operand type(s) for {sign}: {ta.__name__!r} and {tb.__name__!r}")

    def update(self, f: Any, a: Any, b: Any) -> Any:
        """``a += b`` and its kin: the new value of ``a``."""
        plain = natives.INPLACE[f]
        if self.closed:
            return self.do.update(f, a, b)
        if type(a) is np.ndarray and type(b) in _PLAIN:
            if not (self.follows(a) or self.follows(b)) or a.dtype.kind not in "fc":
                old = self.do.call(np.copy, a)
                result = self.do.update(f, a, b)
                self.wrote(Write(a, ..., None, old, False))
                return result
            rule = RULES[plain]
            if isinstance(b, np.ndarray) and np.may_share_memory(a, b) and not memory.same_places(a, b):
                b = self.call(np.copy, b)
            self.check_writable(a)
            old = self.do.call(np.copy, a)
            result = self.do.update(f, a, b)
            self.array(a)
            self.wrote(Update(plain, rule, a, b, old))
            return result
        own = _python_method(type(a), f"__{f.__name__}__") or _python_method(
            type(a), f"__i{plain.__name__.strip('_')}__"
        )
        if own is not None:
            y = self.call(own, a, b)
            if y is not NotImplemented:
                return y
        if isinstance(a, np.ndarray):
            return self.update(f, a, self.call(np.asarray, b)) if isinstance(b, (list, tuple, np.generic)) else f(a, b)
        if (isinstance(a, (list, set, dict)) or type(a).__name__ == "deque") and not isinstance(b, np.ndarray):
            return f(a, self.open(b) if isinstance(a, list) and not isinstance(b, int) else b)
        return self.binary(plain, natives.BINARY[plain], a, b)

    def chained(self, first: Any, *rest: Any) -> Any:
        """``a < b < c``: pairs of a comparison and what gives the next operand."""
        a: Any = first
        result: Any = True
        for compare, operand in zip(rest[::2], rest[1::2], strict=True):
            b = operand()
            result = compare(a, b)
            if not self.truth(result):
                return result
            a = b
        return result

    def within(self, a: Any, b: Any) -> Any:
        """``a in b``."""
        own = _python_method(type(b), "__contains__")
        if own is not None:
            return bool(self.call(own, b, a))
        if _python_method(type(b), "__iter__") is not None:
            return any(e is a or self.truth(self.call(operator.eq, e, a)) for e in self.iterate(b))
        return a in b

    def contains(self, b: Any, a: Any) -> Any:
        """``operator.contains``."""
        return self.within(a, b)

    def not_(self, x: Any) -> bool:
        """``operator.not_``."""
        return not self.truth(x)

    def truth(self, x: Any) -> bool:
        """``bool(x)``."""
        for name in ("__bool__", "__len__"):
            own = _python_method(type(x), name)
            if own is not None:
                return bool(self.call(own, x))
        return bool(x)

    # ------------------------------------------------------------ numbers and arrays

    def ruled(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> Any:
        """A call of a function that the rule table knows."""
        if rule.kind == "definition" and self.reaches((args, kwargs)):
            return self.instrumented(rule.pullback)(*args, **kwargs)  # type: ignore[arg-type]
        if rule.kind == "maker" or rule.callbacks:
            self.check_handed_over(f, rule, args, kwargs)
        if isinstance(f, np.ufunc):
            if len(args) > f.nin:
                args, kwargs = args[: f.nin], {**kwargs, "out": args[f.nin :]}
        elif len(args) > 2 and _of_numpy(f):
            at = natives.OUT.get(f.__name__, len(args))
            if len(args) > at:
                args, kwargs = args[:at] + args[at + 1 :], {**kwargs, "out": args[at]}
        if "out" in kwargs:
            return self.into(f, args, kwargs)
        if any(k.startswith("overwrite") and v for k, v in kwargs.items()) or (
            f is np.nan_to_num and not kwargs.get("copy", True)
        ):
            raise self.refuse(f"{_label(f)} that writes its argument is not supported: leave the option out")
        args = tuple([list(x) if hasattr(x, "__next__") else x for x in args])
        followed = any(map(self.follows, args)) or (bool(kwargs) and any(map(self.follows, kwargs.values())))
        if not followed:
            others = [a for a in (*args, *kwargs.values()) if type(a) not in _PLAIN]
            if others and rule.kind != "zero" and any(map(self.reaches, others)):
                raise self.missing(f, f"{_label(f)} of a {type(others[0]).__name__} is not supported here")
            return self.do.call(f, *args, **kwargs)
        if rule.kind == "zero":
            return self.left(self.do.call(f, *args, **kwargs))
        if isinstance(f, np.ufunc) and kwargs.get("where", True) is not True:
            raise self.refuse("where= without out= leaves elements undefined: give out=")
        operands = [_snapshot(x) for x in (*args, *kwargs.values())]
        y = self.do.call(f, *args, **kwargs)
        if isinstance(y, np.ndarray) and not rule.view and any(y is x for x in args[1:]):
            raise self.refuse(f"{_label(f)} writes into one of its arguments: give it as out=")
        y, made = self.results(y, operands, isinstance(f, _FUNCTION))
        if made is None:
            return y
        try:  # whether a copy was made is plain by now
            arguments, options = bind(f, rule, args, {k: v for k, v in kwargs.items() if k != "copy"})
        except TypeError as error:
            raise self.missing(f, str(error)) from None
        if self.follows(options):
            name = next(k for k, v in options.items() if self.follows(v))
            raise self.missing(f, f"{rule.name} has no derivative by its argument {name!r}")
        arguments = [_snapshot(x) for x in arguments]
        each = [self.follows(x) for x in arguments]
        self.happened(Operation(f, rule, _snapshot(y), _snapshot(made), arguments, options, each, self.here()))
        return y

    def check_handed_over(self, f: Any, rule: Rule, args: tuple, kwargs: dict) -> None:
        """Refuse what only compiled calls see: what handed over functions capture, what objects are made of."""
        given = [*args, *kwargs.values()]
        handed = given if rule.kind == "maker" else [x for x in given if callable(x)]
        if any(map(self.reaches, handed)):
            raise self.missing(f, f"{_label(f)} depends on what is differentiated in a way that can't be recorded: "
                                  "call it where functions and types are known when compiling")  # fmt: skip

    def left(self, y: Any) -> Any:
        """A result that is not to be followed, though it may be an operand itself, as of ``stop_gradient``."""
        if isinstance(y, (list, tuple)):
            return runtime.rebuild(y, [self.left(e) for e in y])
        if not self.follows(y):
            return y
        return y.copy() if isinstance(y, (np.ndarray, np.generic)) else y * 1 if type(y) is complex else y * 1.0

    def results(self, y: Any, operands: list[Any], copied: bool) -> tuple[Any, Any]:
        """The result of an operation, and what of it is new and followed from now on (None for the rest)."""
        if isinstance(y, np.ndarray):
            if y.dtype.kind not in "fcOV" or self.is_view(y, operands):
                return y, None
            if copied or type(y) is not np.ndarray or memory.overlaps_itself(y):
                writable = y.flags.writeable
                y = self.do.call(np.array, y)  # a place for each element
                y.flags.writeable = writable
            self.array(y)
            return y, y
        if isinstance(y, (list, tuple)):
            pairs = [self.results(e, operands, copied) for e in y]
            made = [m for _, m in pairs]
            if all(m is None for m in made):
                return y, None
            return runtime.rebuild(y, [e for e, _ in pairs]), runtime.rebuild(y, made)
        if isinstance(y, dict):
            raise self.refuse(f"a result of the class {type(y).__name__} can't be recorded")
        number = self.number(y)
        return number, None if number is y else number

    def is_view(self, y: Any, operands: Any) -> bool:
        """Whether an array lies in the memory of one of the operands."""
        if not isinstance(y, np.ndarray):
            return False
        root = memory.owner(y)
        return any(root is memory.owner(x) for x in _arrays(operands))

    def may_hold(self, y: Any) -> bool:
        """Whether a result could carry a derivative."""
        if isinstance(y, (np.ndarray, np.generic)):
            return y.dtype.kind in "fcOV"
        if isinstance(y, (list, tuple)):
            return any(map(self.may_hold, y))
        return not isinstance(y, (int, str, bytes, type(None), np.dtype, dict))

    def happened(self, record: Any) -> None:
        if self.dots is not None:
            record.push(self.dots)
        else:
            self.records.append(record)

    def wrote(self, record: Any) -> None:
        """A write into an array that was checked by `check_writable`, or that nobody follows."""
        self.check_writable(record.a)
        root = memory.owner(record.a)
        self.written[id(root)] = root
        self.happened(record)

    def check_writable(self, a: np.ndarray) -> None:
        if id(memory.owner(a)) in self.frozen:
            raise self.refuse(self.why_frozen)

    def getitem(self, x: Any, i: Any) -> Any:
        """``x[i]``."""
        if type(x) is np.ndarray:
            y = self.do.getitem(x, i)
            if not self.roots or not self.follows(x):
                return y
            if type(y) is np.ndarray:
                if self.is_view(y, (x,)):
                    return y
                self.array(y)
            elif isinstance(y, np.generic):
                self.numbers[id(y)] = y
            else:
                raise self.refuse(f"reading from an array of dtype {x.dtype} is not supported")
            self.happened(Read(x, _kept(i, x), y))
            return y
        own = _python_method(type(x), "__getitem__")
        if own is not None:
            return self.call(own, x, i)
        if isinstance(x, np.flatiter):
            return self.getitem(self.call(np.ravel, x.base), i)
        if isinstance(x, np.generic) and self.follows(x):
            return self.getitem(self.call(np.array, x), i)
        if type(x).__name__ == "defaultdict" and i not in x and x.default_factory is not None:
            x[i] = self.call(x.default_factory)
        missing = _python_method(type(x), "__missing__")
        if missing is not None and i not in x:
            return self.call(missing, x, i)
        return x[i]

    def setitem(self, a: Any, i: Any, v: Any) -> None:
        """``a[i] = v``."""
        if type(a) is not np.ndarray:
            own = _python_method(type(a), "__setitem__")
            if own is not None:
                self.call(own, a, i, v)
            elif isinstance(a, np.flatiter):
                places: Any = np.unravel_index(np.arange(a.base.size)[i], a.base.shape)
                if isinstance(v, np.ndarray) and np.ndim(places[0]):
                    v = self.call(np.resize, v, np.shape(places[0]))
                self.setitem(a.base, places, v)
            elif isinstance(a, np.ndarray) and self.roots:
                raise self.refuse(f"writing into a {type(a).__name__} is not supported: use a plain array")
            else:
                a[i] = self.open(v) if isinstance(i, slice) and isinstance(v, np.ndarray) else v
            return
        if self.closed:
            self.do.setitem(a, i, v)
            return
        if a.dtype == object:
            if self.reaches(v):
                raise self.refuse("an array of objects can't hold what is differentiated: use an array of floats")
            a[i] = v
            return
        if isinstance(v, (list, tuple)):
            v = self.call(np.asarray, v)
        followed = self.follows(v) and a.dtype.kind in "fc"
        if not followed and not isinstance(v, (np.ndarray, np.generic, float, int, complex)) and self.reaches(v):
            raise self.refuse(f"assigning a {type(v).__name__} into an array is not supported: use floats or arrays")
        self.check_writable(a)
        repeats = _may_repeat(i)
        kept = _kept(i, a)
        target = a[kept]
        if isinstance(target, np.ndarray) and isinstance(v, np.ndarray) and memory.same_places(target, v):
            return  # what `a[i] += v` ends with
        old = self.do.call(np.copy, self.do.getitem(a, kept))
        self.do.setitem(a, i, v)
        if followed:
            self.array(a)
        self.wrote(Write(a, kept, _snapshot(v) if followed else None, old, repeats))

    def add_at(self, sign: int, a: Any, i: Any, v: Any) -> None:
        """``np.add.at`` and ``np.subtract.at``."""
        self.check_writable(a)
        kept = _kept(i, a)
        old = self.do.call(np.copy, self.do.getitem(a, kept))
        v = self.call(np.asarray, v) if isinstance(v, (list, tuple)) else v
        self.do.call(np.add.at if sign > 0 else np.subtract.at, a, i, v)
        followed = self.follows(v) and a.dtype.kind in "fc"
        if followed:
            self.array(a)
        self.wrote(AddAt(a, kept, v if followed else None, old, sign))

    def into(self, f: Any, args: tuple, kwargs: dict) -> Any:
        """A call with ``out=``: the result of the call without it, written there; where ``where=`` says so."""
        rest = {k: v for k, v in kwargs.items() if k != "out"}
        outs = kwargs["out"] if isinstance(kwargs["out"], tuple) else (kwargs["out"],)
        where = rest.pop("where", True) if isinstance(f, np.ufunc) else True
        if all(o is None for o in outs):
            return self.call(f, *args, **rest, **({} if where is True else {"where": where}))
        if where is not True:
            (out,) = outs
            mask = np.broadcast_to(where, out.shape)
            args = tuple([self.getitem(self.call(np.broadcast_to, a, out.shape), mask) for a in args])
            self.setitem(out, mask, self.call(f, *args, **rest))
            return out
        y = self.call(f, *args, **rest)
        for out, part in zip(outs, y if isinstance(y, tuple) else (y,), strict=True):
            if out is None:
                continue
            if isinstance(f, np.ufunc) and not np.can_cast(
                np.asarray(part).dtype, out.dtype, rest.get("casting", "same_kind")
            ):
                f(*args, **{**rest, "out": np.empty_like(out)})  # which raises
            self.setitem(out, ..., part)
        kept = tuple([p if o is None else o for o, p in zip(outs, y if isinstance(y, tuple) else (y,), strict=True)])
        return kept if isinstance(y, tuple) else kept[0]

    # ------------------------------------------------------------ iteration

    def iterate(self, x: Any, shape: Any = None) -> Any:
        """What a loop, a star or a target of several names runs over.

        Args:
            shape: how each element is taken apart, ``(0, (0, 0))`` for the target ``i, (a, b)``.
        """
        if shape is not None:
            return self.taken_apart(self.iterate(x), shape)
        if type(x) is np.ndarray:
            return self.rows(x)
        own = _python_method(type(x), "__iter__")
        if own is not None:
            return self.iterate(self.call(own, x))
        own = _python_method(type(x), "__next__")
        if own is not None:
            return self.drawn(x, own)
        own = _python_method(type(x), "__getitem__")
        if own is not None and not hasattr(type(x), "__iter__"):
            return self.numbered(x, own)
        if isinstance(x, np.flatiter) and x.index == 0:
            return self.rows(self.call(np.ravel, x.base))
        if isinstance(x, (np.nditer, np.flatiter)) and self.roots:
            raise self.refuse(f"a loop over a {type(x).__name__} is not supported: loop over indices")
        return x

    def rows(self, x: np.ndarray) -> Iterator[Any]:
        if x.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        k = 0
        while k < len(x):
            yield self.getitem(x, k)
            k += 1

    def drawn(self, x: Any, own: Any) -> Iterator[Any]:
        while True:
            try:
                element = self.call(own, x)
            except StopIteration:
                return
            yield element

    def numbered(self, x: Any, own: Any) -> Iterator[Any]:
        k = 0
        while True:
            try:
                element = self.call(own, x, k)
            except IndexError:
                return
            yield element
            k += 1

    def taken_apart(self, elements: Any, shape: tuple) -> Iterator[Any]:
        for e in elements:
            yield self.parts(e, shape)

    def parts(self, e: Any, shape: Any) -> Any:
        if shape == 0:
            return e
        inner = list(self.iterate(e))
        if len(inner) != len(shape):
            return inner  # Python's own message comes where it is unpacked
        return [self.parts(p, s) for p, s in zip(inner, shape, strict=True)]

    # ------------------------------------------------------------ objects

    def attribute(self, x: Any, name: str) -> Any:
        """``x.name``."""
        t = type(x)
        if (
            self.closed
            or t is types.ModuleType
            or t in _PLAIN
            or (isinstance(x, (list, dict, tuple, str)) and t in _BUILT)
        ):
            y = getattr(x, name)
            if isinstance(y, (float, np.generic)) and t is not types.ModuleType and self.follows(x):
                return self.part_of_number(x, name)
            if t is np.ndarray and name in ("data", "ctypes") and self.roots:
                raise self.refuse(f"the memory of an array as {name!r} is not supported: use the array")
            return y
        if isinstance(x, type):
            return getattr(x, name)
        if isinstance(x, np.generic) and name in ("real", "imag", "T"):
            return self.part_of_number(x, name)
        if isinstance(x, super):
            return self.of_super(x, name)
        if t.__getattribute__ is not object.__getattribute__ and isinstance(t.__getattribute__, _FUNCTION):
            return self.call(t.__getattribute__, x, name)
        found = _lookup(t, name)
        if found is not _ABSENT:
            getter = getattr(type(found), "__get__", None)
            data = hasattr(type(found), "__set__") or hasattr(type(found), "__delete__")
            if isinstance(found, property) and found.fget is not None:
                return self.call(found.fget, x)
            if data or name not in getattr(x, "__dict__", {}):
                if isinstance(getter, _FUNCTION):
                    return self.call(getter, found, x, t)
                if isinstance(found, _CACHED) and getter is not None:
                    return self.call(found.func, x)
                return getattr(x, name)
        elif isinstance(getattr(t, "__getattr__", None), _FUNCTION) and name not in getattr(x, "__dict__", {}):
            return self.call(t.__getattr__, x, name)
        return getattr(x, name)

    def of_super(self, x: Any, name: str) -> Any:
        mro = type(x.__self__).__mro__ if not isinstance(x.__self__, type) else x.__self__.__mro__
        for c in mro[mro.index(x.__thisclass__) + 1 :]:
            if name in vars(c):
                found = vars(c)[name]
                if isinstance(found, property) and found.fget is not None:
                    return self.call(found.fget, x.__self__)
                break
        return getattr(x, name)

    def part_of_number(self, x: Any, name: str) -> Any:
        """The real or imaginary part of a followed number."""
        if name in ("real", "imag"):
            y = self.call(np.real if name == "real" else np.imag, x)
            return self.call(type(getattr(x, name)), y) if type(y) is not type(getattr(x, name)) else y
        if name == "T":
            return self.call(np.transpose, x)
        raise self.refuse(f"the attribute {name!r} of a number is not supported")

    def setattribute(self, x: Any, name: str, v: Any) -> None:
        """``x.name = v``."""
        t = type(x)
        if isinstance(t.__setattr__, _FUNCTION) and not dataclasses.is_dataclass(t):
            self.call(t.__setattr__, x, name, v)
            return
        found = _lookup(t, name)
        if isinstance(found, property) and found.fset is not None:
            self.call(found.fset, x, v)
        elif found is not _ABSENT and isinstance(getattr(type(found), "__set__", None), _FUNCTION):
            self.call(type(found).__set__, found, x, v)
        elif t is np.ndarray and name in ("real", "imag", "flat"):
            self.setitem(getattr(x, name) if name != "flat" else x.reshape(-1), ..., v)
        elif t is np.ndarray and name in ("shape", "dtype", "strides", "data"):
            raise self.refuse(f"assigning the {name} of an array is not supported: use reshape or astype")
        else:
            setattr(x, name, v)

    def delattribute(self, x: Any, name: str) -> None:
        """``del x.name``."""
        own = _python_method(type(x), "__delattr__")
        if own is not None and not dataclasses.is_dataclass(type(x)):
            self.call(own, x, name)
        else:
            delattr(x, name)

    def delitem(self, x: Any, i: Any) -> None:
        """``del x[i]``."""
        own = _python_method(type(x), "__delitem__")
        if own is not None:
            self.call(own, x, i)
        else:
            del x[i]

    def has(self, x: Any, name: str) -> bool:
        try:
            self.attribute(x, name)
        except AttributeError:
            return False
        return True

    def get(self, x: Any, name: str, *default: Any) -> Any:
        try:
            return self.attribute(x, name)
        except AttributeError:
            if not default:
                raise
            return default[0]

    def construct(self, cls: Any, args: tuple, kwargs: dict) -> Any:
        """A call of a class."""
        rule = rule_for(cls)
        if cls in (float, complex) and args and isinstance(args[0], (str, bytes)):
            self.check_text(args[0])
        own = _python_method(type(args[0]), natives.UNARY[cls]) if cls in natives.UNARY and args else None
        if own is not None:
            return self.call(own, *args, **kwargs)
        if cls in SUBSTITUTES:
            return self.python(SUBSTITUTES[cls], args, kwargs)
        if natives.kind(cls) is not None and not (rule is not None and cls in (float, complex)):
            return self.native(cls, args, kwargs)
        if rule is not None:
            return self.ruled(cls, rule, args, kwargs)
        meta = type(cls)
        if issubclass(cls, enum.Enum):
            return cls(*args, **kwargs)
        if isinstance(meta.__call__, _FUNCTION):
            return self.call(meta.__call__, cls, *args, **kwargs)
        if cls.__module__.partition(".")[0] in ("numpy", "scipy") and not hasattr(cls, "_fields"):
            return self.unknown(cls, args, kwargs)
        if cls.__module__.startswith("s2sad."):
            return cls(*args, **kwargs)
        new, init = cls.__new__, cls.__init__
        if isinstance(new, _FUNCTION) and not (issubclass(cls, tuple) and hasattr(cls, "_fields")):
            made = self.call(new, cls, *args, **kwargs)
        elif new is object.__new__:
            made = new(cls) if init is not object.__init__ else new(cls, *args, **kwargs)
        elif isinstance(new, _FUNCTION):
            made = new(cls, *args, **kwargs)
        else:
            if not _stores_only(cls):
                return self.unknown(cls, args, kwargs)
            made = new(cls, *[self.open(a) for a in args], **kwargs)
        if isinstance(made, cls):
            self.initialise(made, args, kwargs)
        return made

    def check_text(self, text: Any) -> None:
        """Refuse a number that is made from text: the text may have been made from a number that is followed."""
        if (self.numbers or self.roots) and str(text).strip().lower().lstrip("+-") not in ("inf", "infinity", "nan"):
            raise self.refuse("a number that is made from text is not supported: make it outside the function")

    def initialise(self, made: Any, args: tuple, kwargs: dict) -> None:
        init = type(made).__init__
        if not isinstance(init, _FUNCTION):
            if init is not object.__init__:
                init(made, *[self.open(a) for a in args], **kwargs)
        elif dataclasses.is_dataclass(made) and init.__code__.co_filename == "<string>":
            self.initialise_dataclass(made, args, kwargs)
        else:
            self.call(init, made, *args, **kwargs)

    def initialise_dataclass(self, made: Any, args: tuple, kwargs: dict) -> None:
        """What the ``__init__`` of a dataclass does, with its factories and ``__post_init__`` recorded."""
        import inspect

        bound = inspect.signature(type(made)).bind(*args, **kwargs)
        later = []
        for name, f in type(made).__dataclass_fields__.items():
            kind = getattr(f._field_type, "name", "_FIELD")
            if kind == "_FIELD_CLASSVAR":
                continue
            if name in bound.arguments:
                value = bound.arguments[name]
            elif f.default_factory is not dataclasses.MISSING:
                value = self.call(f.default_factory)
            elif f.default is not dataclasses.MISSING:
                value = f.default
            else:
                continue
            if kind == "_FIELD_INITVAR":
                later.append(value)
            else:
                object.__setattr__(made, name, value)
        if hasattr(made, "__post_init__"):
            self.call(made.__post_init__, *later)

    def decorator(self, d: Any) -> Any:
        """A decorator whose call is recorded."""
        return lambda function: self.call(d, function)

    def manager(self, m: Any) -> Any:
        """A context manager whose methods are recorded."""
        enter = _python_method(type(m), "__enter__")
        leave = _python_method(type(m), "__exit__")
        return m if enter is None and leave is None else _Manager(self, m)

    # ------------------------------------------------------------ the way back

    def back(self, bars: Bars) -> None:
        """Go back along the record: memory gets its old values, and the cotangents reach what the run began with."""
        for record in reversed(self.records):
            record.undo(self.do)
            record.pull(bars)


class _Manager:
    """Enters and leaves a context through the recorder."""

    def __init__(self, tape: Recorder, manager: Any):
        self.tape, self.inner = tape, manager

    def __enter__(self) -> Any:
        return self.tape.call(type(self.inner).__enter__, self.inner)

    def __exit__(self, *error: Any) -> Any:
        return self.tape.call(type(self.inner).__exit__, self.inner, *error)


_FOLLOWED = ("s2sad.recording.substitutes", "s2sad.runtime", "s2sad.rules", "s2sad.api", "s2sad.derived", "s2sad.trees")
_OPAQUE = (str, bytes, int, type, types.ModuleType, type(None), Recorder, np.dtype, np.random.Generator)


def _parts(x: Any) -> list[Any] | None:
    """What a value holds; None where that can't be known."""
    if isinstance(x, dict):
        return [*x, *x.values()]
    if isinstance(x, (list, tuple, set, frozenset)) or type(x).__name__ in ("deque", "dict_values", "dict_items"):
        return list(x)
    if isinstance(x, _FUNCTION):
        return [*_contents(x), *(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()]
    if isinstance(x, (types.MethodType, types.BuiltinFunctionType, types.MethodWrapperType)):
        return [getattr(x, "__func__", None), x.__self__]
    if isinstance(x, functools.partial):
        return [x.func, x.args, x.keywords]
    if isinstance(x, np.flatiter):
        return [x.base]
    if hasattr(x, "__next__") and not isinstance(type(x).__next__, _FUNCTION):
        return None
    slots = [getattr(x, s, None) for c in type(x).__mro__ for s in _slots(c)]
    return [*slots, *getattr(x, "__dict__", {}).values()]


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def _contents(f: types.FunctionType) -> list[Any]:
    """The values of a function's captured variables."""
    return [_content(cell) for cell in f.__closure__ or ()]


_ABSENT = object()
_BUILT = frozenset({list, dict, tuple, str})
_CACHED = (functools.cached_property,)
_ITEM_METHODS = {"__getitem__": "getitem", "__setitem__": "setitem"}


def _lookup(t: type, name: str) -> Any:
    for c in t.__mro__:
        if name in vars(c):
            return vars(c)[name]
    return _ABSENT


@functools.lru_cache(maxsize=4096)
def _python_method_of(t: type, name: str) -> Any:
    found = _lookup(t, name)
    return found if isinstance(found, _FUNCTION) else None


def _python_method(t: type, name: str) -> Any:
    """The method of a class of the user's that Python would call for an operation; None for native ones."""
    if t in _PLAIN or t in _BUILT:
        return None
    found = _lookup(t, name)
    if not isinstance(found, _FUNCTION) or (found.__module__ or "").partition(".")[0] in ("numpy", "scipy", "s2sad"):
        return None
    return None if found.__code__.co_filename == "<string>" else found  # made by dataclass: stores and compares


def _stores_only(cls: type) -> bool:
    """Whether the native class that a class of the user's is made of keeps elements as they are."""
    bases = (list, dict, tuple, set, frozenset, str, BaseException)
    return issubclass(cls, bases) or cls.__module__ in ("collections", "_collections", "functools", "contextlib")


def _slots(c: type) -> tuple[str, ...]:
    slots = vars(c).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _hashable(x: Any) -> bool:
    try:
        hash(x)
    except TypeError:
        return False
    return True


def _label(f: Any) -> str:
    module, name = getattr(f, "__module__", None), getattr(f, "__qualname__", None) or getattr(f, "__name__", repr(f))
    name = str(name)
    return name if not module or module in ("builtins", "__main__") else f"{module.lstrip('_')}.{name}"


def _of_numpy(f: Any) -> bool:
    """Whether a function is NumPy's, or a method of its arrays."""
    return (getattr(f, "__module__", None) or "").startswith("numpy") or getattr(f, "__objclass__", None) is np.ndarray


def _is_rule_like(f: Any) -> bool:
    """Whether a function of this package is plain Python that is there to be followed."""
    return (f.__module__ or "").startswith(_FOLLOWED)


def _arrays(x: Any) -> list[np.ndarray]:
    if isinstance(x, np.ndarray):
        return [x]
    if isinstance(x, (list, tuple)):
        return [a for e in x for a in _arrays(e)]
    if isinstance(x, dict):
        return _arrays(list(x.values()))
    return []


def _snapshot(x: Any) -> Any:
    """A structure that later changes of lists and dicts do not reach."""
    if isinstance(x, list):
        return [_snapshot(e) for e in x]
    if isinstance(x, tuple) and type(x) is tuple:
        return tuple([_snapshot(e) for e in x])
    if isinstance(x, dict):
        return {k: _snapshot(e) for k, e in x.items()}
    return x


def _kept(i: Any, a: np.ndarray) -> Any:
    """An index that stays as it is now."""
    if isinstance(i, tuple):
        return tuple([_kept(e, a) for e in i])
    if isinstance(i, list):
        return np.array(i, dtype=None if i else np.intp)
    if isinstance(i, np.ndarray) and np.may_share_memory(i, a):
        return i.copy()
    return i


def _may_repeat(i: Any) -> bool:
    """Whether an index may name a place twice: one with arrays or lists of integers."""
    if isinstance(i, tuple):
        return any(map(_may_repeat, i))
    if isinstance(i, np.ndarray):
        return i.dtype.kind in "iu" and i.ndim > 0
    return isinstance(i, list)


_HANDLERS: dict[type, Callable[[Recorder, Any, tuple, dict], Any]] = {
    _FUNCTION: Recorder.python,
    types.MethodType: Recorder.method,
    functools.partial: Recorder.partial,
    types.BuiltinFunctionType: Recorder.builtin,
    types.MethodDescriptorType: Recorder.descriptor,
    types.WrapperDescriptorType: Recorder.descriptor,
    type(functools.lru_cache(int)): Recorder.memoised,
    np.ufunc: Recorder.ufunc,
}
_SPECIAL: dict[Any, str] = {
    getattr: "get", setattr: "setattribute", delattr: "delattribute", hasattr: "has",
    operator.getitem: "getitem", operator.setitem: "setitem", operator.delitem: "delitem", operator.truth: "truth",
    operator.not_: "not_", operator.contains: "contains",
}  # fmt: skip
