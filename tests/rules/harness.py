"""Checks a rule against differences of its function: takes a `Row`, raises AssertionError where the rule is wrong.

A row names a function, its arguments (samplers such as ``normal(2, 3)``, or plain objects) and keyword arguments.
`check_row` runs the row in its variants (real, float32, complex, strided; for elementwise functions also floats,
0-d, zero-size and size-1 arrays) through an engine and compares, for every differentiable argument,

- the tangent, in a random direction, with an extrapolated central difference,
- the two modes with each other: ``<y_bar, J v> = <J^T y_bar, v>``,
- shape, dtype and kind of the cotangent with those of its argument.

`check_point` compares cotangents with given numbers, at points where a derivative is a matter of convention.

Engines are pairs of functions: `vjp(function, args, kwargs, y_bar, argnums)`, which gives a cotangent (or None) for
each of ``args``, and `jvp(function, args, kwargs, dots)`, with a tangent or None for each.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import linecache
import pkgutil
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import s2sad
import s2sad.rules
from s2sad import runtime
from s2sad.rules import table

STEP = 2.0**-10
_programs = itertools.count()


@dataclasses.dataclass
class Row:
    """One call to check.

    Attributes:
        function: what is called.
        args: positional arguments: samplers (called with a generator), plain objects, or tuples and lists of both.
        kwargs: keyword arguments, as they are.
        argnums: positions to differentiate; None for every one that holds floats.
        elementwise: also check with floats, 0-d, zero-size and size-1 arguments.
        complex: also check with complex arguments.
        float32: also check with float32 arguments.
        note: a word for the test's name.
        program: what is called, where it is not the function itself but one that calls it: of floats to floats.
        tolerance: by how much the two modes may differ, where each solves something numerically.
        exact: how far the tangent may be from a difference of results that are found numerically.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    argnums: tuple[int, ...] | None = None
    elementwise: bool = False
    complex: bool = False
    float32: bool = True
    note: str = ""
    program: Callable[..., Any] | None = None
    tolerance: float = 1e-12
    exact: float = 1e-7

    @property
    def called(self) -> Callable[..., Any]:
        return self.program or self.function

    @property
    def id(self) -> str:
        options = [f"{k}={v}" for k, v in self.kwargs.items() if isinstance(v, (int, str, tuple, type(None)))]
        return "-".join([function_name(self.function), *options, *([self.note] if self.note else [])])


@dataclasses.dataclass
class Point:
    """The cotangents that a call must have at one point, exactly (NaN equals NaN).

    Attributes:
        bars: one per argument; None for those that do not matter.
        y_bar: cotangent of the result; ones where not given.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    bars: tuple[Any, ...]
    kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    y_bar: Any = None
    note: str = ""

    @property
    def id(self) -> str:
        return "-".join([function_name(self.function), *([self.note] if self.note else [str(self.args)[:40]])])


def function_name(function: Any) -> str:
    if table.public_path(function) is not None:
        return str(table.public_path(function))
    name = getattr(function, "__qualname__", getattr(function, "__name__", str(function)))
    module = getattr(function, "__module__", None) or ""
    return f"{module.lstrip('_')}.{name}" if module and module != "builtins" else name


# Samplers: functions of a random generator.


def normal(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: rng.standard_normal(shape)


def uniform(low: float, high: float, *shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: rng.uniform(low, high, shape)


def positive(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    return uniform(0.5, 2.0, *shape)


def distinct(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Numbers of both signs, no two of which come closer than a difference's step."""
    return lambda rng: rng.permutation(np.arange(np.prod(shape, dtype=int)) - 1.7).reshape(shape)


def real(sampler: Callable[[np.random.Generator], Any]) -> Callable[[np.random.Generator], Any]:
    """A sampler whose values stay real in the complex variant."""
    sampler.stays_real = True  # type: ignore[attr-defined]
    return sampler


# Trees: results and arguments may be tuples and lists of arrays.


def tree_map(f: Callable[..., Any], x: Any, *others: Any) -> Any:
    if isinstance(x, (list, tuple)):
        elements = [tree_map(f, *parts) for parts in zip(x, *others, strict=True)]
        return elements if isinstance(x, list) else tuple(elements)
    return f(x, *others)


def leaves(x: Any) -> Iterator[Any]:
    if isinstance(x, (list, tuple)):
        for e in x:
            yield from leaves(e)
    else:
        yield x


def is_inexact(x: Any) -> bool:
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def direction(rng: np.random.Generator, x: Any) -> Any:
    """A random tangent or cotangent with the structure, shapes, dtypes and kinds of ``x``."""

    def leaf(x: Any) -> Any:
        if not is_inexact(x):
            return None
        d = rng.uniform(-1, 1, np.shape(x))
        if np.iscomplexobj(x):
            d = d + 1j * rng.uniform(-1, 1, np.shape(x))
        return like(d, x)

    return tree_map(leaf, x)


def like(d: Any, x: Any) -> Any:
    """The numbers ``d`` in the kind and dtype of ``x``."""
    if isinstance(x, np.ndarray):
        return np.asarray(d, x.dtype)
    if isinstance(x, np.generic):
        return x.dtype.type(d)
    return type(x)(d)


def inner(a: Any, b: Any) -> tuple[float, float]:
    """Real part of the sum of products of two trees (no conjugation), and the sum of their magnitudes."""
    products = [
        np.asarray(p) * np.asarray(q)
        for p, q in zip(leaves(a), leaves(b), strict=True)
        if p is not None and q is not None
    ]
    return float(sum(np.sum(p).real for p in products)), float(sum(np.sum(np.abs(p)) for p in products))


def difference(f: Callable[[Any], Any], x: Any, x_dot: Any) -> Any:
    """The derivative of ``f`` at ``x`` along ``x_dot``: central differences, extrapolated once (error h**4)."""

    def central(h: float) -> Any:
        ahead = f(tree_map(lambda a, d: a if d is None else a + h * d, x, x_dot))
        behind = f(tree_map(lambda a, d: a if d is None else a - h * d, x, x_dot))
        return tree_map(lambda a, b: (a - b) / (2 * h) if is_inexact(a) else None, ahead, behind)

    return tree_map(lambda c, b: None if c is None else (4 * c - b) / 3, central(STEP / 2), central(STEP))


# Engines.


class TableEngine:
    """`rules.table` on real arrays: what generated code does where types are not known."""

    name = "table"

    @staticmethod
    def vjp(
        function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], y_bar: Any, argnums: tuple[int, ...]
    ) -> tuple[Any, ...]:
        return table.apply_vjp(function, y_bar, function(*args, **kwargs), args, kwargs)

    @staticmethod
    def jvp(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], dots: tuple[Any, ...]) -> Any:
        y = function(*args, **kwargs)
        count = len(table.bind(function, table.RULES[function], args, kwargs)[0])
        return table.apply_jvp(function, (*dots, *[None] * (count - len(dots))), y, args, kwargs)


class CompiledEngine:
    """The compiler: a program of one call, through the public functions of the package."""

    name = "compiled"

    @staticmethod
    def vjp(
        function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], y_bar: Any, argnums: tuple[int, ...]
    ) -> tuple[Any, ...]:
        fun, given = program(function, args, kwargs, argnums)
        _, pullback = s2sad.vjp(fun, *[args[k] for k in given], argnums=tuple(given.index(k) for k in argnums))
        bars = dict(zip(argnums, pullback(y_bar), strict=True))
        return tuple(bars.get(k) for k in range(len(args)))

    @staticmethod
    def jvp(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], dots: tuple[Any, ...]) -> Any:
        argnums = tuple(k for k, dot in enumerate(dots) if dot is not None)
        fun, given = program(function, args, kwargs, argnums)
        return s2sad.jvp(fun, tuple(args[k] for k in given), tuple(dots[k] for k in given))[1]


ENGINES = (TableEngine, CompiledEngine)


def available(engine: Any) -> bool:
    return engine is TableEngine or (hasattr(s2sad, "vjp") and hasattr(s2sad, "jvp"))


def program(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
) -> tuple[Callable[..., Any], list[int]]:
    """``def program(x0): return function(x0, 2, axis=0)`` as a function with a source text.

    Returns:
        The function, and the positions of the arguments that it takes: those to differentiate, and those that no
        literal stands for.
    """
    call, given, space = call_text(function, args, kwargs, argnums)
    text = f"def program({', '.join(f'x{k}' for k in given)}):\n    return {call}\n"
    file = f"<rule {function_name(function)} {next(_programs)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), space)
    return space["program"], given


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


# The checks.


def sample(rng: np.random.Generator, arg: Any, want_complex: bool = False) -> Any:
    """The argument of a row: samplers called, in tuples and lists too."""
    if isinstance(arg, (list, tuple)):
        return type(arg)(sample(rng, a, want_complex) for a in arg)
    if not callable(arg) or isinstance(arg, (type, np.ufunc)):
        return arg
    x = arg(rng)
    if want_complex and is_inexact(x) and not hasattr(arg, "stays_real"):
        x = x + 0.5j * rng.standard_normal(np.shape(x))
    return x


def strided(x: Any) -> Any:
    """Equal numbers in memory that is neither contiguous nor in C order."""
    if not isinstance(x, np.ndarray) or x.ndim == 0:
        return x
    wide = np.repeat(x, 2, axis=-1)
    return wide[..., ::2] if x.ndim == 1 else np.asfortranarray(wide)[..., ::2]


def variants(row: Row) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The arguments that a row stands for, each set with a name."""
    seed = zlib.crc32(row.id.encode())

    def drawn(want_complex: bool = False) -> tuple[Any, ...]:
        rng = np.random.default_rng(seed)
        return tuple(sample(rng, a, want_complex) for a in row.args)

    def arrays(f: Callable[[np.ndarray], Any]) -> tuple[Any, ...]:
        return tuple(tree_map(lambda x: f(x) if isinstance(x, np.ndarray) else x, a) for a in drawn())

    yield "real", drawn()
    yield "strided", arrays(strided)
    if row.float32:
        yield "float32", arrays(lambda x: x.astype(np.float32) if x.dtype == np.float64 else x)
    if row.complex:
        yield "complex", drawn(want_complex=True)
    if row.elementwise:
        yield "float", arrays(lambda x: x.flat[0].item())
        yield "numpy scalar", arrays(lambda x: x.flat[0])
        yield "0-d", arrays(lambda x: np.array(x.flat[0]))
        yield "size 1", arrays(lambda x: np.array(x.flat[:1]).reshape(1, 1))
        yield "size 0", arrays(lambda x: np.zeros((2, 0), x.dtype))
        if len(row.args) > 1:
            for k in range(len(row.args)):
                few = [a.flat[0].item() if i == k and isinstance(a, np.ndarray) else a for i, a in enumerate(drawn())]
                yield f"float at {k}", tuple(few)


def check_row(row: Row, engine: Any = TableEngine) -> None:
    """Check a row in all its variants; AssertionError names the variant and the argument."""
    for name, args in variants(row):
        rng = np.random.default_rng(7)
        try:
            _check_call(rng, row, args, engine)
        except AssertionError as e:
            raise AssertionError(f"{row.id}, variant {name!r}: {e}") from e


def _check_call(rng: np.random.Generator, row: Row, args: tuple[Any, ...], engine: Any) -> None:
    def call(*args: Any) -> Any:
        return row.called(*args, **row.kwargs)

    single = any(isinstance(x, np.ndarray) and x.dtype == np.float32 for a in args for x in leaves(a))
    y = call(*args)
    if is_definition(row.function) and row.program is None:
        meant = table.RULES[row.function].pullback(*args, **row.kwargs)  # type: ignore[misc]
        tree_map(lambda d, r: check_close(d, r, 2e-6 if single else 1e-13, "value"), meant, y)
    y_bar = direction(rng, y)
    argnums = differentiable(args) if row.argnums is None else row.argnums
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        bars = engine.vjp(row.called, args, row.kwargs, y_bar, argnums)
    for k in argnums:
        x = args[k]
        x_dot = direction(rng, x)
        dots = tuple(x_dot if i == k else None for i in range(len(args)))
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            y_dot = engine.jvp(row.called, args, row.kwargs, dots)
        x_bar = runtime.zeros_like(x) if bars[k] is None else bars[k]  # None: no derivative by this argument
        tree_map(lambda b, x: check_like(b, x, f"cotangent of argument {k}"), x_bar, x)  # noqa: B023
        tree_map(lambda d, y: check_like(d, y, "tangent"), y_dot, y)
        if not single:

            def along(x: Any) -> Any:
                return call(*args[:k], x, *args[k + 1 :])  # noqa: B023

            tree_map(lambda d, r: check_close(d, r, row.exact, "tangent"), y_dot, difference(along, x, x_dot))
        (ours, size), (theirs, other) = inner(x_bar, x_dot), inner(y_bar, y_dot)
        tolerance = 2e-5 if single else row.tolerance
        assert abs(ours - theirs) <= tolerance * (size + other), (
            f"argument {k}: <x_bar, v> = {ours}, <y_bar, Jv> = {theirs}"
        )


def differentiable(args: tuple[Any, ...]) -> tuple[int, ...]:
    """The positions of the arguments that hold floats."""
    return tuple(k for k, x in enumerate(args) if any(map(is_inexact, leaves(x))))


def check_like(bar: Any, x: Any, what: str) -> None:
    if not is_inexact(x):
        return
    assert bar is not None, f"{what} is None"
    assert np.shape(bar) == np.shape(x), f"{what} has shape {np.shape(bar)}, not {np.shape(x)}"
    if isinstance(x, (np.ndarray, np.generic)):
        assert getattr(bar, "dtype", None) == x.dtype, f"{what} has {getattr(bar, 'dtype', type(bar))}, not {x.dtype}"
    else:
        assert type(bar) is type(x), f"{what} is a {type(bar).__name__}, not a {type(x).__name__}"


def check_close(value: Any, reference: Any, rtol: float, what: str) -> None:
    """Equal within ``rtol`` of the largest reference (and of 1, below which differences lose their digits)."""
    if reference is None:
        return
    assert np.all(np.isfinite(reference)), (
        f"the reference of the {what} is not finite: outside of the function's domain"
    )
    scale = max(1.0, float(np.max(np.abs(reference), initial=0.0)))
    error = np.max(np.abs(np.asarray(value) - np.asarray(reference)), initial=0.0)
    assert error <= rtol * scale, f"{what} {value!r} is not {reference!r}"


def check_point(point: Point, engine: Any = TableEngine) -> None:
    with np.errstate(all="ignore"):
        y = point.function(*point.args, **point.kwargs)
        y_bar = tree_map(lambda e: like(np.ones(np.shape(e)), e), y) if point.y_bar is None else point.y_bar
        bars = engine.vjp(point.function, point.args, point.kwargs, y_bar, differentiable(point.args))
    for k, expected in enumerate(point.bars):
        if expected is not None:
            x_bar = runtime.zeros_like(point.args[k]) if bars[k] is None else bars[k]
            np.testing.assert_allclose(x_bar, expected, rtol=1e-14, atol=0, err_msg=f"argument {k}")
            tree_map(lambda b, x: check_like(b, x, f"cotangent of argument {k}"), x_bar, point.args[k])  # noqa: B023


# Collecting rules and rows.


def load_rules() -> list[table.Rule]:
    """Every rule that the package registers, of NumPy, math, operator and builtins, and of SciPy where it is there."""
    for module in pkgutil.iter_modules(s2sad.rules.__path__, "s2sad.rules."):
        importlib.import_module(module.name)
    table.load_all()
    return list(dict.fromkeys(table.RULES.values()))


def load_rows(kind: str, scipy: bool = True) -> list[Any]:
    """The lists ``ROWS`` or ``POINTS`` of all modules ``tests/rules/rows_*.py``; without SciPy not those of SciPy."""
    package = importlib.import_module(__package__)
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("rows_"))
    if not scipy or importlib.util.find_spec("scipy") is None:
        names = [name for name in names if not name.startswith("rows_scipy")]
    return [row for name in names for row in getattr(importlib.import_module(f"{__package__}.{name}"), kind, [])]


def parameters(rows: list[Any]) -> list[Any]:
    """Each row with each engine; the table does not run definitions, which only the compiler knows."""
    return [
        pytest.param(row, engine, id=f"{engine.name}-{name}")
        for row, name in named(rows)
        for engine in ENGINES
        if engine is not TableEngine or not (is_definition(row.function) or getattr(row, "program", None))
    ]


def is_definition(function: Any) -> bool:
    rule = table.rule_for(function)
    return rule is not None and rule.kind == "definition"


def named(rows: list[Any]) -> list[tuple[Any, str]]:
    """Each row with a name of its own: the second one of a name ends with ``#2``."""
    counts: dict[str, int] = {}
    found = []
    for row in rows:
        counts[row.id] = counts.get(row.id, 0) + 1
        found.append((row, row.id if counts[row.id] == 1 else f"{row.id}#{counts[row.id]}"))
    return found
