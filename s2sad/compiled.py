"""The callable that a user holds: compiles on the first call of each kind of arguments, and dispatches after that."""

from __future__ import annotations

import functools
import inspect
import threading
import types
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import runtime
from .errors import UnsupportedError
from .ir.signature import is_function, object_type, signature

if TYPE_CHECKING:  # the compiler is imported when there is something to compile
    from .ir.core import Const
    from .ir.types import Type
    from .pipeline import Program, Selection

_LOCK = threading.RLock()


def resolve(fun: Any) -> tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]:
    """The Python function behind a callable, and the arguments that the callable brings along."""
    if isinstance(fun, types.FunctionType):
        return fun, (), {}
    if isinstance(fun, types.MethodType):
        inner, args, kwargs = resolve(fun.__func__)
        return inner, (fun.__self__, *args), kwargs
    if isinstance(fun, functools.partial):
        inner, args, kwargs = resolve(fun.func)
        return inner, (*args, *fun.args), {**kwargs, **fun.keywords}
    if isinstance(fun, Transformed):
        raise TypeError("resolve the generated function of a transformation by the types of its arguments")
    call = getattr(type(fun), "__call__", None)  # noqa: B004 (the method itself)
    if isinstance(call, types.FunctionType):
        return call, (fun,), {}
    return cast(types.FunctionType, apply), (fun,), {}


def apply(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """The call of a function that is not written in Python."""
    return function(*args, **kwargs)


class Entry:
    """One compilation: the function to call, and when it holds."""

    __slots__ = ("call", "guards", "program")

    def __init__(self, call: Callable, program: Program, function: types.FunctionType):
        from .passes.session import Guard

        self.call = call
        self.program = program
        defaults = [Guard(function, name, getattr(function, name)) for name in ("__defaults__", "__kwdefaults__")]
        program.session.forget()
        self.guards = (*program.session.guards.values(), *defaults)

    def holds(self) -> bool:
        return all([g.holds() for g in self.guards])  # noqa: C419 (faster than a generator)


class Arguments:
    """How the arguments of calls of one function meet its parameters."""

    def __init__(self, function: types.FunctionType):
        self.signature = inspect.signature(function, follow_wrapped=False)
        self.parameters = list(self.signature.parameters.values())
        self.names = [p.name for p in self.parameters]

    def plain_names(self) -> list[str]:
        """The parameters that take one argument each."""
        return [p.name for p in self.parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]

    def spread(self, values: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """A call's arguments from a value for each parameter."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for p, value in zip(self.parameters, values, strict=True):
            if p.kind is p.VAR_POSITIONAL:
                args.extend(value)
            elif p.kind is p.VAR_KEYWORD:
                kwargs.update(value)
            elif p.kind is p.KEYWORD_ONLY:
                kwargs[p.name] = value
            else:
                args.append(value)
        return args, kwargs

    def values(self, args: tuple, kwargs: dict[str, Any]) -> list[Any]:
        """A value for each parameter."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return [bound.arguments[name] for name in self.names]

    def select(self, argnums: Any, skip: int, given: int) -> Selection:
        """What ``argnums`` (int, name, or a sequence of them) names.

        ``skip`` arguments are bound already, ``given`` is how many positional ones the call has, those included.
        """
        from .pipeline import Selection

        plain = [p for p in self.parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        count = max(given, len(plain))
        single = isinstance(argnums, (int, str))
        chosen: list[tuple[int, int | None]] = []
        for a in (argnums,) if single else argnums:
            if isinstance(a, str):
                if a not in self.names:
                    raise ValueError(f"no parameter {a!r}; the parameters are {', '.join(self.names)}")
                chosen.append((self.names.index(a), None))
                continue
            place = self.place(a + skip if a >= 0 else count + a, count)
            if place is None or a + skip >= count or (a < 0 and count + a < skip):
                raise ValueError(f"argnums {a} is out of range for a call with {count - skip} arguments")
            chosen.append(place)
        return Selection(tuple(chosen), single)

    def place(self, position: int, count: int) -> tuple[int, int | None] | None:
        """Which parameter, and which element of ``*args``, the positional argument of a number meets."""
        plain = [i for i, p in enumerate(self.parameters) if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if position < len(plain):
            return plain[position], None
        for i, p in enumerate(self.parameters):
            if p.kind is p.VAR_POSITIONAL:
                return i, position - len(plain)
        return None


def argument_type(value: Any, name: str) -> Type | Const:
    """What compilation knows of an argument."""
    from .ir.core import Const

    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        raise TypeError(f"{name!r} is a {type(value).__name__}, whose operators are its own: pass np.asarray({name})")
    if isinstance(value, (bool, str, type(None))) or is_function(value):
        return Const(value, getattr(value, "__name__", None) if is_function(value) else None)
    return object_type(value, name)


def check_differentiable(t: Type | Const, value: Any, name: str) -> None:
    """Refuse to differentiate by what has no derivative."""
    from .ir.core import Const

    kind = "function" if isinstance(t, Const) else t.kind
    if isinstance(t, Const):
        raise TypeError(f"can't differentiate with respect to {name!r}, which is {value!r}")
    if kind == "int" or (kind in ("array", "scalar") and t.dtype is not None and t.dtype.kind in "biu"):
        raise TypeError(
            f"can't differentiate with respect to {name!r}, which is an integer ({value!r:.40}): pass a float"
        )
    if kind in ("array", "scalar") and t.dtype is not None and t.dtype.kind not in "fc":
        raise TypeError(f"can't differentiate with respect to {name!r}, an array of dtype {t.dtype}")
    if kind in ("str", "none", "slice", "range"):
        raise TypeError(f"can't differentiate with respect to {name!r}, which is {value!r}")


def has_derivative(t: Type | Const) -> bool:
    """Whether an argument of the type has anything to differentiate by."""
    from .autodiff.activity import may_vary
    from .ir.core import Const

    return not isinstance(t, Const) and may_vary(t)


class Transformed:
    """A transformed function: calling it computes a derivative.

    Attributes:
        fun: the function that is differentiated (the primal).
        source: the generated Python text.
    """

    def __init__(self, fun: Any, mode: str, argnums: Any = 0, has_aux: bool = False, backend: str = "numpy"):
        if backend != "numpy":
            raise NotImplementedError(f"backend={backend!r} is not available: use backend='numpy'")
        if not callable(fun):
            raise TypeError(f"expected a function, not {fun!r}")
        self.fun = fun
        self.mode = mode
        self.argnums = argnums if argnums is None or isinstance(argnums, (int, str)) else tuple(argnums)
        self.has_aux = has_aux
        self._last: Entry | None = None
        self._fast: Any = None  # the dispatcher of the last compilation, for calls of ``_count`` positional arguments
        self._count = -1
        functools.update_wrapper(self, fun, updated=())
        self._table = _table(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == self._count and not kwargs:
            return self._fast(*args)
        return self._slow(*args, **kwargs)

    def _slow(self, *args: Any, **kwargs: Any) -> Any:
        entry = self.entry(args, kwargs)
        if not kwargs and isinstance(self.fun, types.FunctionType):
            from .dispatch import dispatcher

            self._count, fast = -1, dispatcher(entry.call, self._slow, args, entry.guards)
            self._fast, self._count = fast, len(args)
        return entry.call(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def push(self, args: tuple, tangents: tuple, kwargs: dict[str, Any]) -> Any:
        """The value and the tangent, of a ``jvp``."""
        entry = self.entry(args, kwargs)
        function, first, _ = self.primal(args, kwargs)
        arguments = Arguments(function)
        count = len(first) + len(args)
        dots = {arguments.place(len(first) + i, count): t for i, t in enumerate(tangents) if t is not None}
        return entry.call(*args, tangents=dots, **kwargs)

    def entry(self, args: tuple, kwargs: dict[str, Any]) -> Entry:
        """The compilation for these arguments."""
        key: Any = tuple([signature(a) for a in args])
        if not isinstance(self.fun, (types.FunctionType, Transformed)):
            _, first, named = resolve(self.fun)
            key = (key, tuple(map(signature, first)), *[(k, signature(v)) for k, v in named.items()])
        if kwargs:
            key = (key, *[(k, signature(v)) for k, v in kwargs.items()])
        try:
            found = self._table.get(key)
        except TypeError:  # an argument that is not hashable is part of the key
            found, key = None, None
        if found is not None and found.holds():
            self._last = found
            return found
        with _LOCK:
            made = self.compile(args, kwargs)
            if key is not None:
                self._table[key] = made
        self._last = made
        return made

    def compile(self, args: tuple, kwargs: dict[str, Any]) -> Entry:
        """Compile for these arguments."""
        from . import cache
        from .pipeline import Selection

        function, first, named = self.primal(args, kwargs)
        arguments = Arguments(function)
        values = arguments.values((*first, *args), {**named, **kwargs})
        known = [argument_type(v, n) for v, n in zip(values, arguments.names, strict=True)]
        if self.argnums is None:
            everything = [arguments.place(j, len(values)) for j in range(len(first), len(first) + len(args))]
            selection = Selection(tuple(p for p in everything if p is not None and has_derivative(known[p[0]])), False)
        else:
            selection = arguments.select(self.argnums, len(first), len(first) + len(args))
            for p, _ in selection.places:
                check_differentiable(known[p], values[p], arguments.names[p])
        options = (self.mode, selection.places, selection.single, self.has_aux)
        program = cache.program(function, values, options, lambda: self.generate(function, known, selection))
        if self.mode == "vjp":
            everything = [arguments.place(j, len(values)) for j in range(len(first), len(first) + len(args))]
            main = _pullback_call(program, selection, everything if self.argnums is None else None, self.has_aux)
        elif self.mode == "jvp":
            main = _pushforward_call(program, selection, arguments)
        else:
            main = program.functions["main"]
        call = functools.partial(main, *first, **named) if first or named else main
        left_out = len(first) + len(args) + len(named) + len(kwargs) < len(arguments.plain_names())
        if left_out and self.mode != "jvp":
            call = _with_defaults(main, arguments, first, named)
        entry = Entry(call, program, function)
        if program.written:
            entry.call = _apart(call, function, first, entry.guards)
        return entry

    def generate(self, function: types.FunctionType, known: list[Type | Const], selection: Selection) -> Program:
        """The program for arguments of given types."""
        from .pipeline import gradient, pullback, pushforward

        if self.mode == "vjp":
            return pullback(function, known, selection, has_aux=self.has_aux)
        if self.mode == "jvp":
            return pushforward(function, known, selection)
        return gradient(function, known, selection, value=self.mode == "value_and_grad", has_aux=self.has_aux)

    def primal(self, args: tuple, kwargs: dict[str, Any]) -> tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]:
        """The Python function to differentiate: of a transformed function, the generated one for these arguments."""
        if isinstance(self.fun, Transformed):
            main = self.fun.entry(args, kwargs).program.functions.get("main")
            if main is None:
                raise TypeError(f"{self.fun!r} can't be differentiated again")
            _, first, named = resolve(self.fun.fun) if not isinstance(self.fun.fun, Transformed) else (None, (), {})
            return main, first, named  # type: ignore[return-value]
        return resolve(self.fun)

    @property
    def writes(self) -> bool:
        """Whether the function of the last call writes into its arguments."""
        return self._last is not None and bool(self._last.program.written)

    @property
    def source(self) -> str:
        if self._last is None:
            raise AttributeError("source: the function has not been called yet, so nothing is generated")
        return self._last.program.text

    def show(self) -> None:
        """Print the generated text."""
        print(self.source)

    def __repr__(self) -> str:
        return f"<s2sad.{self.mode} of {getattr(self.fun, '__qualname__', self.fun)}>"

    def __reduce__(self) -> Any:
        module, name = getattr(self.fun, "__module__", None), getattr(self.fun, "__qualname__", "")
        import sys

        found: Any = sys.modules.get(module or "")
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            return name
        return Transformed, (self.fun, self.mode, self.argnums, self.has_aux)


def _with_defaults(main: Callable, arguments: Arguments, first: tuple, named: dict[str, Any]) -> Callable:
    """Calls that leave arguments out get the defaults that the function has at the time."""

    def call(*args: Any, **kwargs: Any) -> Any:
        given, options = arguments.spread(arguments.values((*first, *args), {**named, **kwargs}))
        return main(*given, **options)

    return call


def _apart(call: Callable, function: types.FunctionType, first: tuple, guards: tuple[Any, ...]) -> Callable:
    """Refuse arguments that share memory, with each other or with what the function reads, if it writes one of them."""
    outside = [g for g in guards if g.signature is not None]

    def checked(*args: Any, **kwargs: Any) -> Any:
        objects = _mutable((*first, *args, *kwargs.values()))
        around = _mutable([getattr(g.holder, g.name) for g in outside])
        for i, a in enumerate(objects):
            for b in (*objects[:i], *around):
                if a is b or (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and _share(a, b)):
                    raise UnsupportedError(
                        f"two arguments of {function.__name__}() (or an argument and an array that it reads) share "
                        f"memory, and it writes one of them: pass copies"
                    )
        return call(*args, **kwargs)

    return checked


def _share(a: np.ndarray, b: np.ndarray) -> bool:
    return np.may_share_memory(a, b) and np.shares_memory(a, b)


def _mutable(values: Any, depth: int = 0) -> list[Any]:
    """The arrays, lists, dicts and objects that can be reached from values, each as often as it is."""
    found: list[Any] = []
    for x in values:
        if isinstance(x, np.ndarray):
            found.append(x)
        elif depth < 8 and isinstance(x, (list, tuple)):
            found += [x] if isinstance(x, list) else []
            found += _mutable(x, depth + 1)
        elif depth < 8 and isinstance(x, dict):
            found += [x, *_mutable(x.values(), depth + 1)]
        elif depth < 8 and hasattr(x, "__dict__") and not is_function(x):
            found += [x, *_mutable(vars(x).values(), depth + 1)]
    return found


_LASTING: dict[Any, dict] = {}
_TABLES: weakref.WeakKeyDictionary[Any, dict] = weakref.WeakKeyDictionary()


def _table(transformed: Transformed) -> dict[Any, Any]:
    """The compilations of a function under a transformation: shared by all that transform it in the same way."""
    key = (transformed.mode, transformed.argnums, transformed.has_aux)
    try:
        return _TABLES.setdefault(transformed.fun, {}).setdefault(key, {})
    except TypeError:
        pass
    try:  # no weak references: such as a ufunc, which lives as long as its module
        return _LASTING.setdefault(transformed.fun, {}).setdefault(key, {})
    except TypeError:  # not hashable
        return {}


def _pullback_call(program: Program, selection: Selection, everything: Any, has_aux: bool) -> Callable:
    """``call(*args) -> (value, pullback)`` from two halves; ``everything``: the places of all positional arguments."""
    forward, backward = program.functions["forward"], program.functions["backward"]
    order = selection.params
    seeded = program.seeded

    @functools.wraps(forward)
    def call(*args: Any, **kwargs: Any) -> Any:
        value, *aux, saved = forward(*args, **kwargs)

        def pull(cotangent: Any) -> Any:
            _check_cotangent(cotangent, value)
            bars = backward(saved, cotangent) if seeded else backward(saved)
            found = dict(zip(order, bars if len(order) > 1 else (bars,), strict=True)) if order else {}
            places = selection.places if everything is None else everything
            chosen = tuple([bar if k is None or bar is None else bar[k] for p, k in places for bar in (found.get(p),)])
            return chosen[0] if selection.single else chosen

        return (value, pull, *aux) if has_aux else (value, pull)

    return call


def _pushforward_call(program: Program, selection: Selection, arguments: Arguments) -> Callable:
    """``call(*args, tangents=...) -> (value, tangent)``."""
    main = program.functions["main"]

    def call(*args: Any, tangents: dict[tuple[int, int | None], Any], **kwargs: Any) -> Any:
        values = arguments.values(args, kwargs)
        dots = []
        for p in selection.params:
            if (p, None) in tangents:
                dots.append(_as_tangent(tangents[p, None], values[p]))
            else:
                dots.append(tuple(
                    _as_tangent(tangents[p, k], x) if (p, k) in tangents else runtime.zeros_like(x)
                    for k, x in enumerate(values[p])
                ))  # fmt: skip
        return main(*values, *dots)

    return call


def _as_tangent(dot: Any, x: Any) -> Any:
    _check_cotangent(dot, x)
    return runtime.match(dot, x)


def _check_cotangent(cotangent: Any, value: Any) -> None:
    numeric = (float, int, complex, np.ndarray, np.generic)
    if isinstance(value, numeric) and isinstance(cotangent, numeric) and np.shape(cotangent) != np.shape(value):
        raise ValueError(f"a cotangent of shape {np.shape(cotangent)} for a value of shape {np.shape(value)}")
