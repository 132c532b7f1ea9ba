"""Engines: ways to get the derivatives of one call.

Each is a pair of functions: `vjp(function, args, kwargs, y_bar, argnums)`, which gives a cotangent (or None) for each
of ``args``, and `jvp(function, args, kwargs, dots)`, with a tangent or None for each.
"""

from __future__ import annotations

import contextlib
import itertools
import linecache
import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np

import s2sad
from s2sad.compiled import Transformed
from s2sad.rules import apply, table
from s2sad.rules.binding import bind, definition_of

_programs = itertools.count()
_made: dict[Any, Callable[..., Any]] = {}


def apply_vjp(function: Any, y_bar: Any, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """The cotangents of the arguments of a call, by its rule."""
    rule = table.rule_of(function)
    return apply.apply_vjp(rule, y_bar, y, *bind(function, rule, args, kwargs))


def apply_jvp(function: Any, dots: tuple[Any, ...], y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The tangent of the result of a call, by its rule, from those (``None`` for zero) of its arguments."""
    rule = table.rule_of(function)
    return apply.apply_jvp(function, rule, dots, y, *bind(function, rule, args, kwargs))


def places(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int]:
    """Where each argument of a call stands among those of the rule, which may have them in another order."""
    rule, found = table.rule_of(function), []
    for k in range(len(args)):
        marked = object()
        try:
            arguments, _ = bind(function, rule, (*args[:k], marked, *args[k + 1 :]), kwargs)
        except TypeError:  # an option that must have its default
            arguments = []
        found.append(next((i for i, a in enumerate(arguments) if a is marked), k))
    return found


def definition(row: Any) -> table.Rule | None:
    """What the call of a row is in terms of others; None where a rule of its own has its derivative."""
    rule = table.rule_for(row.function)
    return rule and definition_of(row.function, rule, row.args, getattr(row, "kwargs", {}))


class TableEngine:
    """`rules.table` on real arrays: what generated code does where types are not known."""

    name = "table"

    @staticmethod
    def running(row: Any) -> Any:
        """What lasts while it works on a row."""
        return contextlib.nullcontext()

    @staticmethod
    def takes(row: Any) -> bool:
        """Whether it can differentiate a row: definitions and other programs are not in the table."""
        rule = table.rule_for(row.function)
        return rule is not None and definition(row) is None and getattr(row, "program", None) is None

    @staticmethod
    def vjp(
        function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], y_bar: Any, argnums: tuple[int, ...]
    ) -> tuple[Any, ...]:
        bars = apply_vjp(function, y_bar, function(*args, **kwargs), args, kwargs)
        return tuple(bars[i] if i < len(bars) else None for i in places(function, args, kwargs))

    @staticmethod
    def jvp(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], dots: tuple[Any, ...]) -> Any:
        y = function(*args, **kwargs)
        at = dict(zip(places(function, args, kwargs), dots, strict=True))
        count = len(bind(function, table.RULES[function], args, kwargs)[0])
        return apply_jvp(function, tuple(at.get(i) for i in range(count)), y, args, kwargs)


class CompiledEngine:
    """The compiler alone: a program of one call, through the public functions of the package."""

    name = "compiled"

    @staticmethod
    def takes(row: Any) -> bool:
        return getattr(row, "compiles", True)

    @staticmethod
    @contextlib.contextmanager
    def running(row: Any) -> Iterator[None]:
        """While it lasts, nothing is recorded; of SciPy, what is a program of its own may be."""
        with mock.patch.dict(os.environ, S2SAD_RECORD="0" if row.derived else "1"):
            yield

    @classmethod
    def vjp(
        cls, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], y_bar: Any, argnums: tuple[int, ...]
    ) -> tuple[Any, ...]:
        fun, given = program(function, args, kwargs, argnums, cls)
        _, pullback = s2sad.vjp(fun, *[args[k] for k in given], argnums=tuple(given.index(k) for k in argnums))
        bars = dict(zip(argnums, pullback(y_bar), strict=True))
        return tuple(bars.get(k) for k in range(len(args)))

    @classmethod
    def jvp(cls, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], dots: tuple[Any, ...]) -> Any:
        argnums = tuple(k for k, dot in enumerate(dots) if dot is not None)
        fun, given = program(function, args, kwargs, argnums, cls)
        return s2sad.jvp(fun, tuple(args[k] for k in given), tuple(dots[k] for k in given))[1]


class RecordedEngine(CompiledEngine):
    """The recorder: the same programs, where the compiler refuses everything."""

    name = "recorded"

    @staticmethod
    def takes(row: Any) -> bool:
        """Programs around calls mostly hand over functions and make objects, which only the compiler sees through."""
        return getattr(row, "program", None) is None or not row.compiles

    @staticmethod
    @contextlib.contextmanager
    def running(row: Any) -> Iterator[None]:
        """While it lasts, the compiler refuses everything."""

        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise s2sad.UnsupportedError("everything is refused here")

        with mock.patch.object(Transformed, "generate", refuse):
            yield


ENGINES = (TableEngine, CompiledEngine, RecordedEngine)


def program(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...], engine: Any = None
) -> tuple[Callable[..., Any], list[int]]:
    """``def program(x0): return function(x0, 2, axis=0)`` as a function with a source text.

    For equal texts of equal names it is the same function, of each engine its own: it compiles once for each type.

    Returns:
        The function, and the positions of the arguments that it takes: those to differentiate, and those that no
        literal stands for.
    """
    call, given, space = call_text(function, args, kwargs, argnums)
    text = f"def program({', '.join(f'x{k}' for k in given)}):\n    return {call}\n"
    key = (engine, text, *[(name, id(x)) for name, x in space.items()])  # which live as long as the program
    if key in _made:
        return _made[key], given
    while len(_made) > 100:
        del _made[next(iter(_made))]
    file = f"<rule {function_name(function)} {next(_programs)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), space)
    _made[key] = space["program"]
    return space["program"], given


def function_name(function: Any) -> str:
    if table.public_path(function) is not None:
        return str(table.public_path(function))
    name = getattr(function, "__qualname__", getattr(function, "__name__", str(function)))
    module = getattr(function, "__module__", None) or ""
    return f"{module.lstrip('_')}.{name}" if module and module != "builtins" else name


def call_text(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
) -> tuple[str, list[int], dict[str, Any]]:
    """The text of a call, the positions of the arguments for which names stand in it, and the names of all else."""
    given = [k for k, x in enumerate(args) if k in argnums or not (is_literal(x) or isinstance(x, type))]
    space = {"function": function, **{f"{name}_": x for name, x in kwargs.items()}}
    space.update(inf=np.inf, nan=np.nan)
    space.update({f"x{k}": x for k, x in enumerate(args) if isinstance(x, type)})
    call = [f"x{k}" if k in given or isinstance(x, type) else repr(x) for k, x in enumerate(args)]
    call += [f"{name}={x!r}" if is_literal(x) else f"{name}={name}_" for name, x in kwargs.items()]
    return f"function({', '.join(call)})", given, space


def is_literal(x: Any) -> bool:
    if isinstance(x, tuple):
        return all(map(is_literal, x))
    return x is None or type(x) in (bool, int, float, str)
