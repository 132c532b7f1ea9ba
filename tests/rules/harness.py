"""Checks a rule against differences of its function: takes a `Row`, raises AssertionError where the rule is wrong.

A row names a function, its arguments (samplers such as ``normal(2, 3)``, or plain objects) and keyword arguments.
`check_row` runs the row in its variants (see `variants`: other dtypes, kinds, sizes and memory) through an engine (see
`engines`: the table, the compiler, the recorder) and compares, for every differentiable argument,

- the tangent, in a random direction, with an extrapolated central difference,
- the two modes with each other: ``<y_bar, J v> = <J^T y_bar, v>``,
- shape, dtype and kind of the cotangent with those of its argument.

`check_point` compares cotangents with given numbers, at points where a derivative is a matter of convention.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import pkgutil
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import s2sad.rules
from s2sad import runtime
from s2sad.rules import table
from s2sad.rules.binding import bind

from .engines import (  # noqa: F401 (rows and tests take them from here)
    ENGINES,
    CompiledEngine,
    RecordedEngine,
    TableEngine,
    call_text,
    definition,
    function_name,
    program,
)
from .share import one_in
from .trees import difference, direction, inner, is_inexact, leaves, like, tree_map
from .variants import ALWAYS, sample, variants  # noqa: F401

SMALLEST = 1e-300  # the least that counts: NumPy pads what has no elements with whatever it finds


@dataclasses.dataclass
class Row:
    """One call to check.

    Attributes:
        function: what is called.
        args: positional arguments: samplers (called with a generator), plain objects, or tuples and lists of both.
        kwargs: keyword arguments, as they are.
        argnums: positions to differentiate; None for every one that holds floats.
        elementwise: the function must take floats, 0-d, zero-size and size-1 arguments.
        complex: also check with complex arguments.
        float32: also check with float32 arguments.
        without: names of variants to leave out, where they are at a point without a derivative.
        compiles: False where only the recorder can differentiate the call.
        note: a word for the test's name.
        program: what is called, where it is not the function itself but one that calls it: of floats to floats.
        tolerance: by how much the two modes may differ, where each solves something numerically.
        exact: how far the tangent may be from a difference of results that are found numerically.
        second: why it has no second derivative; that is refused.
        twice: False where differentiating it twice takes minutes, and other rows do it.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    argnums: tuple[int, ...] | None = None
    elementwise: bool = False
    complex: bool = False
    float32: bool = True
    without: tuple[str, ...] = ()
    compiles: bool = True
    note: str = ""
    program: Callable[..., Any] | None = None
    tolerance: float = 1e-12
    exact: float = 1e-7
    second: str = ""
    twice: bool = True

    @property
    def called(self) -> Callable[..., Any]:
        return self.program or self.function

    @property
    def derived(self) -> bool:
        """Whether variants of other sizes and kinds are made: not for SciPy, which crashes on some."""
        return "scipy" not in (getattr(self.function, "__module__", None) or "")

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
    derived = True

    @property
    def id(self) -> str:
        return "-".join([function_name(self.function), *([self.note] if self.note else [str(self.args)[:40]])])


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


# The checks.


def check_row(row: Row, engine: Any = TableEngine) -> None:
    """Check a row in its variants; AssertionError names the variant and the argument.

    The first engine that takes the row takes all of them, the others take a part, another one for each row.
    S2SAD_ALL_VARIANTS=1 says all.
    """
    first = engines(row)[0]
    for name, args in variants(row):
        if engine is not first and not _chosen(row.id, name):
            continue
        rng = np.random.default_rng(7)
        try:
            with engine.running(row):
                _check_call(rng, row, args, engine)
        except AssertionError as e:
            raise AssertionError(f"{row.id}, {engine.name}, variant {name!r}: {e}") from e


def _chosen(row: str, variant: str) -> bool:
    """Whether a variant is among those of which one in one, eight or twenty rows is taken."""
    return one_in(1 if variant in ("real", "strided") else 8 if variant in ALWAYS else 20, f"{row} {variant}")


def _check_call(rng: np.random.Generator, row: Row, args: tuple[Any, ...], engine: Any) -> None:
    def call(*args: Any) -> Any:
        return row.called(*args, **row.kwargs)

    y = call(*args)
    single = any(getattr(x, "dtype", None) in (np.float32, np.complex64) for a in (*args, y) for x in leaves(a))
    meaning = None if row.program else definition(row)
    if meaning is not None:
        arguments, options = bind(row.function, meaning, args, row.kwargs)
        meant = meaning.pullback(*arguments, **options)  # type: ignore[misc]
        tree_map(lambda d, r: check_close(d, r, 2e-6 if single else 1e-13, "value"), meant, y)
    y_bar = direction(rng, y)
    argnums = tuple(k for k in differentiable(args) if row.argnums is None or k in row.argnums)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        bars = engine.vjp(row.called, args, row.kwargs, y_bar, argnums)
    for k in argnums:
        x_bar = zero_bar(bars[k], args[k])
        tree_map(lambda b, x: check_like(b, x, f"cotangent of argument {k}"), x_bar, args[k])  # noqa: B023
    for group in _groups(row, argnums, engine):
        moving = tuple(args[k] for k in group)
        steps = tuple(direction(rng, x) for x in moving)
        dots = tuple(steps[group.index(k)] if k in group else None for k in range(len(args)))
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            y_dot = engine.jvp(row.called, args, row.kwargs, dots)
        tree_map(lambda d, y: check_like(d, y, "tangent"), y_dot, y)
        if not single:

            def along(moved: Any) -> Any:
                return call(*[moved[group.index(k)] if k in group else x for k, x in enumerate(args)])  # noqa: B023

            tree_map(lambda d, r: check_close(d, r, row.exact, "tangent"), y_dot, difference(along, moving, steps))
        found = tuple(zero_bar(bars[k], args[k]) for k in group)
        (ours, size), (theirs, other) = inner(found, steps), inner(y_bar, y_dot)
        tolerance = 2e-5 if single else row.tolerance
        assert abs(ours - theirs) <= tolerance * (size + other) + SMALLEST, (
            f"arguments {group}: <x_bar, v> = {ours}, <y_bar, Jv> = {theirs}"
        )


def _groups(row: Row, argnums: tuple[int, ...], engine: Any) -> list[tuple[int, ...]]:
    """Which arguments are pushed forward at once: each by itself in the table, and in one compiled row of six."""
    together = engine is not TableEngine and not one_in(6, row.id)
    return [argnums] if together and argnums else [(k,) for k in argnums]


def zero_bar(bar: Any, x: Any) -> Any:
    """A cotangent; None is a zero."""
    return runtime.zeros_like(x) if bar is None else bar


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
    with np.errstate(all="ignore"), engine.running(point):
        y = point.function(*point.args, **point.kwargs)
        y_bar = tree_map(lambda e: like(np.ones(np.shape(e)), e), y) if point.y_bar is None else point.y_bar
        bars = engine.vjp(point.function, point.args, point.kwargs, y_bar, differentiable(point.args))
    for k, expected in enumerate(point.bars):
        if expected is not None:
            x_bar = runtime.zeros_like(point.args[k]) if bars[k] is None else bars[k]
            np.testing.assert_allclose(x_bar, expected, rtol=1e-14, atol=0, err_msg=f"{engine.name}, argument {k}")
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
    """Each row as a parameter of a test."""
    return [pytest.param(row, id=name) for row, name in named(rows)]


def engines(row: Any) -> list[Any]:
    """Those that take a row: definitions and other programs are not in the table."""
    return [engine for engine in ENGINES if engine.takes(row)]


def in_blocks(rows: list[Any], check: Callable[[Any], None]) -> Callable[..., None]:
    """A test of many small checks, in a few parts: ``test_it = in_blocks(ROWS, check)`` names the row that fails."""

    @pytest.mark.parametrize("block", range(16))
    def test(block: int) -> None:
        for row, name in named(rows)[block::16]:
            try:
                check(row)
            except Exception as error:
                raise AssertionError(f"{name}: {error}") from error

    test.__doc__ = check.__doc__
    return test


def named(rows: list[Any]) -> list[tuple[Any, str]]:
    """Each row with a name of its own: the second one of a name ends with ``#2``."""
    counts: dict[str, int] = {}
    found = []
    for row in rows:
        counts[row.id] = counts.get(row.id, 0) + 1
        found.append((row, row.id if counts[row.id] == 1 else f"{row.id}#{counts[row.id]}"))
    return found
