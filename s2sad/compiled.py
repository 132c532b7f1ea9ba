"""The callable that a user holds: compiles on the first call of each kind of arguments, and dispatches after that."""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import operator
import os
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from . import runtime
from .arguments import Arguments, argument_type, check_differentiable, has_derivative, has_slots, holds_itself
from .calling import apart, as_tangent, pullback_call, pushforward_call, with_defaults
from .entry import _check_cotangent
from .errors import SourceNotFoundError, UnsupportedError
from .ir.signature import is_function, is_instance, signature
from .ir.types import in_class, pretends
from .patience import Attempts
from .wrapper import Checkpointed, CustomVjp, Wrapper, jitted

if TYPE_CHECKING:  # the compiler is imported when there is something to compile
    from .ir.core import Const, Function
    from .ir.types import Type
    from .passes.session import Session
    from .pipeline import Program, Selection
    from .recording.program import Recording

_LOCK = threading.RLock()
_MANY = 100_000  # objects that a compilation makes before the garbage collector looks at them
_UNSEEN = 300_000  # objects that compilations may make, in all, without that it ever looks at them
_STAYS = "writing into a default, or into what a callable brings along, is not supported: it stays written"
_KEPT = 1_000  # compilations of one function
_DEEP = 6_000  # nested calls: some 800 functions of the user's, each of which calls the next
AGAIN = "s2sad.recording.again"  # the module of functions that are recorded again
_PUSHING = ("jvp", "columns", "hvp")  # modes that take tangents
_RECORDED = ("grad", "value_and_grad", "vjp", "jvp")  # modes that can record what the compiler refuses
_FUNCTIONS = ("grad", "value_and_grad")  # modes whose generated function takes what the user calls it with


def resolve(
    fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]:
    """The Python function behind a callable, and the arguments that the callable brings along.

    ``args`` and ``kwargs`` are those of the call: they say which generated function stands behind a transformation.
    """
    if pretends(fun) or isinstance(fun, CustomVjp) or (isinstance(fun, types.FunctionType) and _has_rule(fun)):
        return cast(types.FunctionType, runtime.apply), (fun,), {}
    if isinstance(fun, types.FunctionType):
        return fun, (), {}
    if isinstance(fun, types.MethodType):
        inner, first, named = resolve(fun.__func__, (fun.__self__, *args), kwargs)
        return inner, (*first, fun.__self__), named
    if isinstance(fun, functools.partial):
        inner, first, named = resolve(fun.func, (*fun.args, *args), {**fun.keywords, **kwargs})
        return inner, (*first, *fun.args), {**named, **fun.keywords}
    if isinstance(fun, Checkpointed):
        return resolve(fun.fun, args, kwargs)
    if isinstance(fun, functools._lru_cache_wrapper):  # a cached value knows nothing of derivatives
        return resolve(fun.__wrapped__, args, kwargs)
    if (text := jitted(fun)) is not None:
        return text, (), {}
    if hasattr(type(fun), "generated"):
        return fun.generated(args, kwargs)
    call = in_class(type(fun), "__call__")
    if isinstance(call, (staticmethod, classmethod)):
        return resolve(call.__get__(fun, type(fun)), args, kwargs)
    if isinstance(call, types.FunctionType):
        return call, (fun,), {}
    return cast(types.FunctionType, runtime.apply), (fun,), {}


def _has_rule(function: Any) -> bool:
    """Whether its derivative is a rule that a user has registered."""
    from .rules.table import rule_for

    return rule_for(function) is not None


@contextlib.contextmanager
def _room_to_compile() -> Iterator[None]:
    """Let calls be nested deeper, as the user's are on top of ours, and let the garbage collector run less often.

    A compilation makes many objects at once, and nearly all of them stay: at Python's own pace the collector takes a
    sixth of the time.  What the first ones of a process make is old at once, as if it had survived.
    """
    threshold, depth = gc.get_threshold(), sys.getrecursionlimit()
    if 0 < threshold[0] < _MANY:
        gc.set_threshold(_MANY, *threshold[1:])
    sys.setrecursionlimit(max(depth, _DEEP))
    try:
        yield
    finally:
        sys.setrecursionlimit(depth)
        _make_old()
        gc.set_threshold(*threshold)


_unseen = 0


def _make_old() -> None:
    """Let the objects of the first compilations of a process be old at once, as if a collection had spared them."""
    global _unseen
    if _unseen >= _UNSEEN or not gc.isenabled():
        return
    if gc.get_freeze_count():  # somebody's own, which stay so; counting them takes long
        _unseen = _UNSEEN
        return
    _unseen += gc.get_count()[0]
    gc.freeze()  # young objects are put aside,
    gc.unfreeze()  # and come back as the oldest


class Entry:
    """One compilation: the function to call, and when it holds."""

    __slots__ = ("__weakref__", "call", "dispatchers", "guards", "program", "stale")

    def __init__(self, call: Callable, program: Program | Recording, guards: tuple[Any, ...]):
        self.call = call
        self.program = program
        self.guards = guards
        self.dispatchers: weakref.WeakSet[Any] = weakref.WeakSet()
        self.stale = False
        _ENTRIES.add(self)

    def holds(self) -> bool:
        return not self.stale and all([g.holds() for g in self.guards])  # noqa: C419 (faster than a generator)


_ENTRIES: weakref.WeakSet[Entry] = weakref.WeakSet()


def forget() -> None:
    """Compile everything anew at its next call: the rules have changed."""
    with _LOCK:
        for entry in list(_ENTRIES):
            entry.stale = True
            for dispatcher in list(entry.dispatchers):
                dispatcher.__globals__["run"] = dispatcher.__globals__["slow"]


class Request(NamedTuple):
    """What a call of a transformed function asks for.

    Attributes:
        function: the Python function to differentiate.
        first, named: the arguments that the callable brings along.
        arguments: how arguments meet the parameters.
        values: of each parameter.
        selection, moving: what to differentiate by, and what has tangents.
        everything: without ``argnums``: the places of all positional arguments.
    """

    function: types.FunctionType
    first: tuple
    named: dict[str, Any]
    arguments: Arguments
    values: list[Any]
    selection: Selection
    moving: Selection
    everything: list[tuple[int, int | None] | None] | None


def normalised(argnums: Any) -> Any:
    """``argnums`` as something that can be compared: an int, a name, a tuple of these, or None."""
    several = hasattr(argnums, "__iter__") and not isinstance(argnums, str)
    each = tuple(argnums) if several else (argnums,)
    for a in each:
        if isinstance(a, bool) or not (a is None or isinstance(a, str) or hasattr(a, "__index__")):
            raise TypeError(f"argnums must be numbers or names of arguments, not {a!r}")
    found = tuple([a if a is None or isinstance(a, str) else operator.index(a) for a in each])
    return found if several else found[0]


class Transformed(Wrapper):
    """A transformed function: calling it computes a derivative.

    Attributes:
        fun: the function that is differentiated (the primal).
        source: the generated Python text.
    """

    def __init__(self, fun: Any, mode: str, argnums: Any = 0, has_aux: bool = False, moving: Any = None):
        """``argnums``: by what; None for everything (``vjp``).  ``moving``: what has tangents (``hvp``)."""
        super().__init__(fun)
        self.mode = mode
        self.argnums = normalised(argnums)
        self.has_aux = has_aux
        self.moving = normalised(moving)
        self._last: Entry | None = None
        self._fast: Any = (-1, None)  # for calls with so many positional arguments, the last compilation's dispatcher
        self._dispatchers: weakref.WeakKeyDictionary[Entry, Callable] = weakref.WeakKeyDictionary()
        self._table = _table(self)
        self._attempts = Attempts()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        count, fast = self._fast  # read at once: other threads may compile
        if len(args) == count and not kwargs:
            return fast(*args)
        return self._slow(*args, **kwargs)

    def _slow(self, *args: Any, **kwargs: Any) -> Any:
        entry = self.entry(args, kwargs)
        if not kwargs and (isinstance(self.fun, types.FunctionType) or _is_of_instance(self.fun)):
            fast = self._dispatchers.get(entry)
            if fast is None:
                from .dispatch import dispatcher

                fast = self._dispatchers[entry] = dispatcher(entry.call, self._slow, args, entry.guards)
                entry.dispatchers.add(fast)
            self._fast = len(args), fast
        return entry.call(*args, **kwargs)

    def once(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        """A call of an object that is not kept: without the dispatcher that makes the next ones fast."""
        return self.entry(args, kwargs).call(*args, **kwargs)

    def push(self, args: tuple, kwargs: dict[str, Any], dots: dict[tuple[int, int | None], Any]) -> Any:
        """What a ``jvp`` or ``hvp`` gives; the tangents by place (see `Arguments.place`), zero where there is none."""
        return self.entry(args, kwargs).call(*args, tangents=dots, **kwargs)

    def bound(self, args: tuple, kwargs: dict[str, Any]) -> tuple[Arguments, list[Any], int]:
        """How a call meets the parameters, a value for each of them, and how many are bound already."""
        function, first, named = resolve(self.fun, args, kwargs)
        arguments = Arguments(function)
        return arguments, arguments.values((*first, *args), {**named, **kwargs}), len(first)

    def entry(self, args: tuple, kwargs: dict[str, Any]) -> Entry:
        """The compilation for these arguments."""
        key: Any = tuple([signature(a) for a in args])
        if not isinstance(self.fun, types.FunctionType) and not _is_of_instance(self.fun):
            function, first, named = resolve(self.fun, args, kwargs)
            key = (key, function, tuple(map(signature, first)), *[(k, signature(v)) for k, v in named.items()])
        if kwargs:
            key = (key, *[(k, signature(v)) for k, v in kwargs.items()])
        try:
            found = self._table.get(key)
        except TypeError:  # an argument that is not hashable is part of the key
            found, key = None, None
        if found is not None and found.holds():
            self._last = found
            return found
        with _LOCK, _room_to_compile():
            made = self.compile(args, kwargs, found)
            if key is not None:
                self._table[key] = made
                if len(self._table) > _KEPT:  # what its arguments hold changes from call to call
                    self._table.pop(next(iter(self._table)))
        self._last = made
        return made

    def bound_object(self) -> Any:
        """The object of the method that is differentiated, as a `Bound`: its attributes are told as they are read."""
        from .passes.session import Bound

        return Bound(self.fun) if _is_of_instance(self.fun) else None

    def whole(self) -> tuple[Any, ...]:
        """The guard of all that this object leads to."""
        from .passes.session import Guard

        own = self.bound_object()
        return () if own is None else (Guard(own, "object", signature(own.object), signature),)

    def compile(self, args: tuple, kwargs: dict[str, Any], before: Entry | None = None) -> Entry:
        """Compile for these arguments; what the compiler refuses is recorded.

        ``before``: the compilation for them that does not hold any more.
        """
        from . import cache
        from .passes.session import Session
        from .recording.instrument import is_instrumented
        from .rules.table import rule_for

        asked = self.asked(args, kwargs)
        function, first, named, arguments, values, selection, moving, _ = asked
        if function is runtime.apply and rule_for(first[0]) is None and not isinstance(first[0], CustomVjp):
            return self.recorded(asked, UnsupportedError(f"{first[0]!r} is not known when compiling"))
        if is_instrumented(function.__code__) or function.__module__ == AGAIN:
            return self.recorded(asked, UnsupportedError("it was made by a function that is recorded"))
        if any(has_slots(values[p]) for p, _ in selection.places):
            return self.recorded(asked, UnsupportedError("attributes in __slots__ are not known when compiling"))
        if any(holds_itself(values[p]) for p, _ in selection.places):
            return self.recorded(asked, UnsupportedError("an argument that holds itself is not known when compiling"))
        options = (self.mode, selection.places, selection.single, self.has_aux, moving.params)
        own = self.bound_object()
        if function is not getattr(self.fun, "__func__", None) or 0 in (*selection.params, *moving.params):
            own = None  # all that it leads to is taken for granted
        last = None if before is None else before.program.session
        growing = frozenset() if last is None else last.grown()

        def generate() -> Program:
            session = Session(growing)
            skip = 0 if own is None else 1
            rest = zip(values[skip:], arguments.names[skip:], strict=True)
            known = [argument_type(v, n) for v, n in rest]
            if own is not None:
                known.insert(0, session.data(own, own, "object", own.object))
            return self.generate(function, known, selection, moving.params, session)

        if self.mode in _RECORDED and self._attempts.left_out():
            return self.refused(asked, self._attempts.reason)
        try:
            program = generate() if growing else cache.program(function, values, options, generate, own)
            if not arguments.own(first, args, named, kwargs).isdisjoint(program.written):
                raise UnsupportedError(_STAYS)
        except (UnsupportedError, SourceNotFoundError) as error:  # also of what it calls
            self._attempts.refused(error)
            return self.refused(asked, error)
        self._attempts.compiled()
        call = self.calling(program, asked, generate)
        program.session.forget()
        left_out = len(first) + len(args) + len(named) + len(kwargs) < len(arguments.plain_names())
        if left_out and self.mode not in _PUSHING:
            bound = len(first) + len(args) if not kwargs and not named else None
            call = with_defaults(call, arguments, first, named, values, bound)
        elif first or named:
            call = functools.partial(call, *first, **named)
        guards = (*program.session.guards.values(), *_own_guards(function), *(self.whole() if own is None else ()))
        entry = Entry(call, program, guards)
        if program.written:

            def parameters(args: tuple, kwargs: dict[str, Any]) -> list[Any]:
                return arguments.values((*first, *args), {**named, **kwargs})

            def otherwise(reason: Exception, args: tuple, kwargs: dict[str, Any]) -> Callable:
                return self.refused(self.asked(args, kwargs), reason).call

            entry.call = apart(call, function.__name__, parameters, program.written, entry.guards, otherwise)
        return entry

    def asked(self, args: tuple, kwargs: dict[str, Any]) -> Request:
        """What a call asks for.

        Raises:
            TypeError: it is to be differentiated by something that has no derivative.
        """
        from .pipeline import Selection
        from .plugins import load_plugins

        load_plugins()

        function, first, named = resolve(self.fun, args, kwargs)
        arguments = Arguments(function)
        values = arguments.values((*first, *args), {**named, **kwargs})

        def type_at(p: int) -> Type | Const:
            return argument_type(values[p], arguments.names[p])

        def select(argnums: Any) -> Selection:
            if function is runtime.apply:
                argnums = _positions(first[0], argnums, args)
            selection = arguments.select(argnums, len(first), len(first) + len(args), {*named, *kwargs})
            for p, k in selection.places:
                x, name = values[p], arguments.names[p]
                if k is None:
                    check_differentiable(type_at(p), x, name)
                else:
                    check_differentiable(argument_type(x[k], name), x[k], k if isinstance(k, str) else f"{name}[{k}]")
            return selection

        everything = None
        if self.argnums is None:
            everything = [arguments.place(j, len(values)) for j in range(len(first), len(first) + len(args))]
            places = tuple(p for p in everything if p is not None and has_derivative(type_at(p[0])))
            selection = Selection(places, False)
        else:
            selection = select(self.argnums)
        moving = selection if self.moving is None else select(self.moving)
        return Request(function, first, named, arguments, values, selection, moving, everything)

    def calling(self, program: Program, asked: Request, generate: Callable[[], Program]) -> Callable:
        """The function of a program that takes what the user calls it with; ``generate`` makes the program again."""
        from .placing import placed

        parts = {
            role: placed(function, program.parts[role], lambda role=role: generate().parts[role])  # type: ignore[misc]
            for role, function in program.functions.items()
        }
        if self.mode == "vjp":
            return pullback_call(parts, program.seeded, asked.selection, asked.everything, self.has_aux)
        if self.mode in _PUSHING:
            return pushforward_call(parts["main"], asked.moving, asked.arguments)
        return parts["main"]

    def refused(self, asked: Request, reason: Exception) -> Entry:
        """What the compiler refuses is recorded, where that can be."""
        if self.mode not in _RECORDED or os.environ.get("S2SAD_RECORD") == "0":
            raise reason
        return self.recorded(asked, reason)

    def recorded(self, asked: Request, reason: Exception, do: Any = None) -> Entry:
        """A call that is differentiated by recording each run; ``do``: inside another recorder."""
        from .recording.program import Recording

        function, first, named = asked.function, asked.first, asked.named
        recording = Recording(function, asked.arguments, asked.selection, first, named, reason, do)
        if self.mode == "vjp":
            main = recording.pullback(asked.everything, self.has_aux, _check_cotangent)
        elif self.mode == "jvp":
            main = recording.pushforward(as_tangent)
        elif self.mode in _FUNCTIONS:
            main = recording.gradient(self.mode == "value_and_grad", self.has_aux)
        else:
            raise reason
        call = functools.partial(main, *first, **named) if first or named else main
        return Entry(call, recording, (*_own_guards(function), *self.whole()))

    def inside(self, recorder: Any, args: tuple, kwargs: dict[str, Any], dots: Any = None) -> Any:
        """What a call gives inside a recorder that follows it: generated code is followed, the rest is recorded.

        ``dots``: the tangents of a ``jvp``, as `push` takes them.
        """
        if self.mode in _FUNCTIONS:
            main, first, named = self.generated(args, kwargs)
            if main is not runtime.apply and main.__module__ != AGAIN:
                return recorder.call(main, *first, *args, **{**named, **kwargs})
        entry = self.recorded(self.asked(args, kwargs), UnsupportedError(f"{self!r} is recorded"), recorder)
        return entry.call(*args, **kwargs) if dots is None else entry.call(*args, tangents=dots, **kwargs)

    def generate(self, function: types.FunctionType, known: list[Type | Const], selection: Selection,
                 moving: tuple[int, ...], session: Session) -> Program:  # fmt: skip
        """The program for arguments of given types."""
        from .pipeline import gradient, hessian_product, pullback, pushforward

        if self.mode == "vjp":
            return pullback(function, known, selection, has_aux=self.has_aux, session=session)
        if self.mode in ("jvp", "columns"):
            return pushforward(function, known, selection, repeatable=self.mode == "columns", session=session)
        if self.mode == "hvp":
            return hessian_product(function, known, selection, moving, session=session)
        value = self.mode == "value_and_grad"
        return gradient(function, known, selection, value=value, has_aux=self.has_aux, session=session)

    def generated(
        self, args: tuple, kwargs: dict[str, Any]
    ) -> tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]:
        """The generated Python function for these arguments, as `resolve` gives it, to differentiate it again."""
        if self.mode not in _FUNCTIONS:
            raise TypeError(f"{self!r} can't be differentiated again")
        main = self.entry(args, kwargs).program.functions.get("main")
        if main is None:  # recorded: to be recorded again
            from .recording.again import again

            return again(self), (), {}
        return cast(types.FunctionType, main), *resolve(self.fun, args, kwargs)[1:]

    def of_types(self, function: Function, environment: Any, known: list[Type | Const],
                 places: tuple[tuple[int, int | str | None], ...], session: Session) -> types.FunctionType:  # fmt: skip
        """The generated Python function for arguments of given types, for a call inside of what is compiled.

        Args:
            function, environment: what stands behind `fun`, as it is lowered, and the function whose globals it sees.
            known: what is known of each of its parameters, captured values first.
            places: those that `argnums` says.
            session: the compilation.

        Returns:
            A function of all the parameters, by position.

        Raises:
            UnsupportedError: it has to be recorded.
        """
        from .pipeline import Selection, inner_gradient

        selection = Selection(places, isinstance(self.argnums, (int, str)))
        value = self.mode == "value_and_grad"
        program = inner_gradient(function, environment, known, selection, value=value, has_aux=self.has_aux,
                                 session=session)  # fmt: skip
        if program.written:
            raise UnsupportedError(f"{function.name}() changes its arguments, and its gradient is called here")
        return cast(types.FunctionType, program.functions["main"])

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

    def made_of(self) -> tuple[Any, ...]:
        return self.fun, self.mode, self.argnums, self.has_aux, self.moving


def _is_of_instance(fun: Any) -> bool:
    """Whether it is a method of an object of which only what is read is taken for granted."""
    if type(fun) is not types.MethodType or type(fun.__func__) is not types.FunctionType:
        return False
    return fun.__func__.__code__.co_argcount > 0 and is_instance(fun.__self__)


def _own_guards(function: Any) -> tuple[Any, ...]:
    """The guards of the code of a function, and of the values that it has for arguments that a call leaves out."""
    from .passes.session import Guard, Keywords

    guards = [Guard(function, name, getattr(function, name)) for name in ("__code__", "__defaults__", "__kwdefaults__")]
    keywords = Keywords(function)
    values = [(keywords, name, value) for name, value in (function.__kwdefaults__ or {}).items()]
    guards += [Guard(*place) for place in values]
    for holder, name, value in (function, "__defaults__", function.__defaults__), *values:
        if not _is_fixed(value):
            guards.append(Guard(holder, name, signature(value), signature))
    return tuple(guards)


def _is_fixed(value: Any) -> bool:
    """Whether what can be told of a value stays the same."""
    if isinstance(value, tuple):
        return all(map(_is_fixed, value))
    return isinstance(value, (bool, int, float, complex, str, type(None), np.number)) or is_function(value)


def _positions(function: Any, argnums: Any, args: tuple) -> Any:
    """``argnums`` with numbers for the names of parameters of a function that has a rule of its own.

    Raises:
        ValueError: an argument of that name is not passed by position.
    """
    if not isinstance(argnums, (int, str)):
        return tuple([_positions(function, a, args) for a in argnums])
    if isinstance(argnums, int):
        return argnums
    try:
        bound = list(inspect.signature(function).bind_partial(*args).arguments)
    except (TypeError, ValueError):  # written in C, with no signature
        bound = []
    if argnums not in bound:
        raise ValueError(f"to differentiate by {argnums!r}, pass it by position: {function!r} has a rule of its own")
    return bound.index(argnums)


_LASTING: dict[Any, dict] = {}
_TABLES: weakref.WeakKeyDictionary[Any, dict] = weakref.WeakKeyDictionary()


def _table(transformed: Transformed) -> dict[Any, Any]:
    """The compilations of a function under a transformation: shared by all that transform it in the same way."""
    recorded = os.environ.get("S2SAD_RECORD") != "0"
    key = (transformed.mode, transformed.argnums, transformed.has_aux, transformed.moving, recorded)
    try:
        return _TABLES.setdefault(transformed.fun, {}).setdefault(key, {})
    except TypeError:
        pass
    try:  # no weak references: such as a ufunc, which lives as long as its module
        return _LASTING.setdefault(transformed.fun, {}).setdefault(key, {})
    except TypeError:  # not hashable
        return {}
