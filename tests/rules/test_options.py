"""Every documented option of every function with a rule is tested by a row, or refused by its name; none is ignored.

What all functions of a kind take alike is tested here, for each of them, against the same call without the option:
``out=`` and ``where=`` write into an array, ``dtype=`` of a universal function casts its operands, and ``casting=``,
``order=`` and ``subok=`` are about memory and checks alone.
"""

from __future__ import annotations

import inspect
import linecache
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.rules import table
from s2sad.rules.binding import OF_GENERATORS, OF_MEMORY, bind, definition_of, output_of
from s2sad.rules.draws import not_read_off

from . import harness

RULES = [r for r in harness.load_rules() if r.kind not in ("zero", "maker")]
ROWS = harness.load_rows("ROWS", scipy=False)
MIXED = (np.ldexp, np.frexp)  # whose operands have types of their own
LESS = ("axes", "the argument 'a'")  # the compiler stops before it knows what is wrong


def refuses(rule: table.Rule) -> bool:
    """Whether it refuses every derivative, whatever the options."""
    return rule.pullback is not_read_off


def is_covered_here(function: Any) -> bool:
    """Whether a function is NumPy's, of ``math`` or a builtin."""
    if isinstance(function, np.ufunc):
        return function in vars(np).values()
    owner = getattr(function, "__objclass__", function)
    return not (getattr(owner, "__module__", None) or "").startswith(("scipy", "s2sad"))


def documented(function: Any) -> list[str]:
    """The parameters of a function that have names."""
    if isinstance(function, np.ufunc):
        own = ["axes", "axis", "keepdims"] if function.signature else ["where"]
        return ["out", "dtype", "casting", "order", "subok", "signature", *own]
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # NumPy says so from 2.4 on, Python of all but five
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def given(row: harness.Row) -> set[str]:
    """The names of what a row passes."""
    if row.program is not None:  # the constants of its code hold the names of keyword arguments
        own = {name for names in row.program.__code__.co_consts if isinstance(names, tuple) for name in names}
        return {*row.kwargs, *own}
    try:
        parameters = inspect.signature(row.function).parameters.values()
    except (TypeError, ValueError):
        return set(row.kwargs)
    places = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return {*row.kwargs, *places[: len(row.args)]}


FUNCTIONS = [(f, rule) for rule in RULES for f in rule.functions if is_covered_here(f) and not refuses(rule)]


@pytest.mark.parametrize("block", range(8))
def test_every_option_has_a_row_or_is_refused(block: int) -> None:
    for function, rule in FUNCTIONS[block::8]:
        check_options(function, rule)


def check_options(function: Any, rule: table.Rule) -> None:
    rows = [row for row in ROWS if row.function in rule.functions]
    seen = set().union(*map(given, rows))
    here = ["out", "where", "dtype", "signature", *OF_MEMORY] if isinstance(function, np.ufunc) else ["out"]
    operands = rule.signature()[0]
    for name in documented(function):
        # of a draw, rows have all parameters; the methods of generators have their object first
        if name in seen or name in here or name in (["self", *operands] if rule.effect else operands[:1]):
            continue
        with pytest.raises(TypeError, match=f"has no derivative rule with the argument '{name}'"):
            meant = definition_of(function, rule, [], {name: None}) or rule
            bind(function, meant, [0.5] * (len(operands) + (function in OF_GENERATORS)), {name: object()})
            pytest.fail(f"{harness.function_name(function)} takes {name}=, of which there is no row")


# ---------------------------------------------------------------- SciPy's

SCIPY = harness.load_rows("ROWS")
EFFORT = {  # how a result is found and checked, of functions whose other rows say that no derivative depends on it
    "lapack_driver", "lwork", "driver", "releps", "abseps", "maxpts", "rng", "max_ev", "balanced", "assume_a", "cond",
    "rcond", "method", "atol", "rtol", "tol", "e", "wopts", "M", "maxiter", "permc_spec", "use_umfpack",
    "xtol", "ftol", "gtol", "maxfev", "maxfun", "disp",
}  # fmt: skip
ALIKE = {"check_finite": "False", "workers": "1", "plan": "None"}  # tested below, for all functions that take them
ELSEWHERE = {  # test_scipy_factorisations has them, as their functions read a triangle or ask for a Hermitian matrix
    "lower", "eigvals_only", "type", "subset_by_index", "subset_by_value", "homogeneous_eigvals", "singular", "select",
    "select_range", "s", "return_rank", "caxis", "baxis", "outaxis",
}  # fmt: skip
INTEGERS = {"exact", "extend"}  # of counts, which have no derivative where they are exact


def is_of_scipy(function: Any) -> bool:
    return not isinstance(function, np.ufunc) and (getattr(function, "__module__", None) or "").startswith("scipy.")


OF_SCIPY = [(f, rule) for rule in RULES for f in rule.functions if is_of_scipy(f) and not refuses(rule)]


@pytest.mark.parametrize("block", range(8))
def test_every_option_of_scipy_has_a_row_or_is_refused(block: int) -> None:
    for function, rule in OF_SCIPY[block::8]:
        check_options_of_scipy(function, rule)


def check_options_of_scipy(function: Any, rule: table.Rule) -> None:
    rows = [row for row in SCIPY if row.function in rule.functions]
    seen = set().union(*map(given, rows))
    operands = rule.signature()[0]
    elsewhere = ELSEWHERE if function.__module__.startswith("scipy.linalg") else set()
    for name in documented(function):
        if name in seen or name in operands[:1] or name in EFFORT | elsewhere | INTEGERS | ALIKE.keys():
            continue
        by_place = [o for o in operands if is_by_place(function, o)]
        with pytest.raises(TypeError, match=f"has no derivative rule with the argument '{name}'"):
            bind(function, rule, [0.5] * len(by_place), {name: object()})
            pytest.fail(f"{harness.function_name(function)} takes {name}=, of which there is no row")


def is_by_place(function: Any, operand: str) -> bool:
    """Whether an operand may be given without its name."""
    found = inspect.signature(function).parameters.get(operand)
    return found is not None and found.kind is not found.KEYWORD_ONLY


# ---------------------------------------------------------------- what many functions take alike


def first_rows(takes: Any, rows: list[harness.Row] = ROWS) -> list[Any]:
    """The first row of each function that a predicate picks."""
    found: dict[Any, harness.Row] = {}
    for row in rows:
        if takes(row.function) and row.program is None:
            found.setdefault(row.function, row)
    return [pytest.param(row, id=harness.function_name(f)) for f, row in found.items()]


def program(row: harness.Row, args: tuple[Any, ...], argnums: tuple[int, ...], body: str, **names: Any) -> Any:
    """A function of some arguments of a row; ``{call}`` in its text is the call without its last bracket."""
    call, taken, space = harness.call_text(row.function, args, row.kwargs, argnums)
    text = f"def program({', '.join(f'x{k}' for k in taken)}):\n    return {body.format(call=call[:-1])}\n"
    file = f"<option {harness.function_name(row.function)} {abs(hash(text))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space.update(np=np, **names)
    exec(compile(text, file, "exec"), space)
    return space["program"], taken


def assert_same(row: harness.Row, body: str, plain: str = "{call})", **names: Any) -> None:
    """That a call with an option has the derivatives of one without it, in both modes."""
    args = next(args for name, args in harness.variants(row))
    argnums = tuple(k for k in harness.differentiable(args) if row.argnums is None or k in row.argnums)
    rng = np.random.default_rng(2)
    dots = tuple(harness.direction(rng, args[k]) if k in argnums else None for k in range(len(args)))
    results = []
    for text in (body, plain):
        fun, taken = program(row, args, argnums, text, **names)
        y, pullback = s2sad.vjp(fun, *[args[k] for k in taken], argnums=tuple(taken.index(k) for k in argnums))
        weights = harness.direction(np.random.default_rng(3), harness.tree_map(np.asarray, y))
        y_dot = s2sad.jvp(fun, tuple(args[k] for k in taken), tuple(dots[k] for k in taken))[1]
        results.append((y, pullback(weights), y_dot))
    for ours, theirs in zip(*map(harness.leaves, results), strict=True):
        np.testing.assert_allclose(
            np.asarray(0.0 if ours is None else ours), np.asarray(0.0 if theirs is None else theirs), rtol=1e-12
        )


def empty(y: Any) -> str:
    """The text of arrays to write a result into."""
    if isinstance(y, tuple):
        return f"({', '.join(map(empty, y))})"
    return f"np.empty({np.shape(y)}, {np.asarray(y).dtype.str!r})"


@pytest.mark.parametrize("row", first_rows(lambda f: "out" in documented(f)))
def test_out(row: harness.Row) -> None:
    args = next(args for name, args in harness.variants(row))
    assert_same(row, "{call}, out=" + empty(row.function(*args, **row.kwargs)) + ")")


IMAGES = ("gaussian_filter", "correlate", "gaussian_laplace", "shift", "map_coordinates", "fourier_shift")


@pytest.mark.parametrize("row", first_rows(lambda f: output_of(f) == "output" and f.__name__ in IMAGES, SCIPY))
def test_output_of_images(row: harness.Row) -> None:
    args = next(args for name, args in harness.variants(row))
    assert_same(row, "{call}, output=" + empty(row.function(*args, **row.kwargs)) + ")")


@pytest.mark.parametrize("row", first_rows(lambda f: isinstance(f, np.ufunc) and f.nout == 1 and not f.signature))
def test_where_with_out(row: harness.Row) -> None:
    args = next(args for name, args in harness.variants(row))
    y = row.function(*args)
    mask = np.random.default_rng(4).random(y.shape) < 0.6
    base = np.full(y.shape, 0.25, y.dtype)
    assert_same(row, "{call}, where=mask, out=base.copy())", "np.where(mask, {call}), base)", mask=mask, base=base)


@pytest.mark.parametrize("row", first_rows(lambda f: isinstance(f, np.ufunc)))
@pytest.mark.parametrize("option", ["casting='unsafe'", "order='F'", "subok=False", "where=True", "out=None"])
def test_options_that_change_no_number(row: harness.Row, option: str) -> None:
    if row.function.nout > 1 and option == "out=None":
        pytest.skip("NumPy wants a tuple here")
    if row.function.signature and option == "where=True":
        with pytest.raises(TypeError):
            row.function(1.0, 1.0, where=True)
        return
    assert_same(row, "{call}, " + option + ")")


@pytest.mark.parametrize("option, row", [
    pytest.param(name, *p.values, id=f"{name}-{p.id}")
    for name in ALIKE for p in first_rows(lambda f: is_of_scipy(f) and name in documented(f), SCIPY)  # noqa: B023
])  # fmt: skip
def test_options_of_effort_change_nothing(option: str, row: harness.Row) -> None:
    if option not in row.kwargs:
        assert_same(row, f"{{call}}, {option}={ALIKE[option]})")


@pytest.mark.parametrize("row", first_rows(lambda f: isinstance(f, np.ufunc) and f not in MIXED))
@pytest.mark.parametrize("dtype", ["float64", "complex128", "longdouble"])
def test_dtype_of_universal_functions(row: harness.Row, dtype: str) -> None:
    args = next(args for name, args in harness.variants(row))
    try:
        row.function(*args, dtype=dtype)
    except TypeError:
        with pytest.raises(TypeError):
            assert_same(row, "{call}, dtype=dtype)", dtype=dtype)
        return
    cast = [f"np.asarray({a}, dtype=dtype)" for a in harness.call_text(row.function, args, {}, ())[0][9:-1].split(", ")]
    plain = f"function({', '.join(cast)})"
    assert_same(row, "{call}, dtype=dtype)", plain, dtype=np.dtype(dtype))
    ins, outs, kind = row.function.nin, row.function.nout, np.dtype(dtype)
    if kind == np.float64 and (loop := f"{kind.char * ins}->{kind.char * outs}") in row.function.types:
        assert_same(row, "{call}, signature=loop)", plain, dtype=kind, loop=loop)
        for loop in ((float,) * (ins + outs), (None,) * ins + (float,) * outs):
            assert_same(row, "{call}, signature=loop)", plain, dtype=kind, loop=loop)


def test_casting_is_asked_before_dtype() -> None:
    for fun in (lambda x: np.sin(x, dtype="f", casting="safe"), lambda x: np.clip(x, 0, 1, dtype="f", casting="safe")):
        with pytest.raises(TypeError, match="Cannot cast"):
            s2sad.grad(fun)(0.5)


def refusal(fun: Any, *args: Any) -> str:
    with pytest.raises(s2sad.UnsupportedError) as caught:
        s2sad.grad(fun)(*args)
    return str(caught.value)


X = np.array([[0.5, 1.2], [2.0, 0.7]])
REFUSED = {
    "signature": lambda x: np.sum(np.add(x, x, signature=(None, float, None))),
    "where": lambda x: np.sum(np.sin(x, where=x > 1)),
    "rank": lambda x: np.polyfit(np.array([1.0, 1.0, 2.0]), np.append(x[0], 3.0), 2)[0],
    "degree or rcond": lambda x: np.polyfit(np.array([1.0, 1.1, 2.0]), np.append(x[0], 3.0), 2, rcond=0.5)[0],
    "the argument 'a'": lambda x: np.sum(np.piecewise(x, [x > 1], [lambda t, a: t * a, 0.0], a=2.0)),
}


@pytest.mark.parametrize("name, record", [*[(n, "1") for n in REFUSED], *[(n, "0") for n in REFUSED if n not in LESS]])
def test_refusals_name_the_option(name: str, record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2SAD_RECORD", record)
    assert name in refusal(REFUSED[name], X)


def cleaned(x: Any) -> Any:
    y = np.append(x, np.nan)
    z = np.nan_to_num(y, copy=False, nan=2.0)
    z[0] = 3 * z[0]
    return np.sum(y**2)


def cleaned_by_position(x: Any) -> Any:
    y = np.stack([x, x * np.nan])
    np.nan_to_num(y[1], False)
    return np.sum(y * np.nan_to_num(np.array(x[0, 0]), False))


WRITING = {
    cleaned: lambda x: np.sum(x**2) + 8 * x[0, 0] ** 2,
    cleaned_by_position: lambda x: np.sum(x) * x[0, 0],
    (lambda x: np.median(x**2, overwrite_input=True)): lambda x: np.median(x**2),
    (lambda x: np.quantile(x * 2, 0.3, 0, None, True)[1]): lambda x: np.quantile(x * 2, 0.3, 0)[1],
    (lambda x: np.nanpercentile(x * 2, 30, overwrite_input=True)): lambda x: np.percentile(x * 2, 30),
}


@pytest.mark.parametrize("fun", WRITING, ids=[getattr(f, "__name__", "") for f in WRITING])
def test_functions_that_may_write_their_argument(fun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument is written, where its new numbers are known; what is destroyed without need, is not."""
    expected = s2sad.grad(WRITING[fun])(X)
    before = X.copy()
    np.testing.assert_allclose(s2sad.grad(fun)(X), expected, rtol=1e-14)
    monkeypatch.setattr("s2sad.compiled.Transformed.generate", refused)
    np.testing.assert_allclose(s2sad.grad(fun)(X), expected, rtol=1e-14)
    np.testing.assert_array_equal(X, before)


def refused(*args: Any, **kwargs: Any) -> Any:
    raise s2sad.UnsupportedError("everything is refused here")


# ---------------------------------------------------------------- by name


def named(row: harness.Row, args: tuple[Any, ...], first: int) -> dict[str, Any] | None:
    """The arguments of a row from the given one on, by the names that the function has for them."""
    try:
        parameters = list(inspect.signature(row.function).parameters.values())[: len(args)]
    except (TypeError, ValueError):
        return None
    if len(parameters) < len(args) or any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters[first:]):
        return None
    return {p.name: x for p, x in zip(parameters[first:], args[first:], strict=True)}


def check_by_name(row: harness.Row) -> None:
    """An argument says the same by its name as by its position."""
    rule = harness.definition(row) or table.RULES.get(row.function)
    if rule is None or rule.kind in ("zero", "maker") or row.program is not None:
        return
    args = next(args for name, args in harness.variants(row) if name == "real")
    by_place = bind(row.function, rule, args, row.kwargs)
    for first in range(len(args)):
        given = named(row, args, first)
        if given is not None and not given.keys() & row.kwargs.keys():
            arguments, options = bind(row.function, rule, args[:first], {**given, **row.kwargs})
            assert list(map(id, arguments)) == list(map(id, by_place[0])), sorted(given)
            assert options == by_place[1], sorted(given)


test_arguments_by_name = harness.in_blocks(harness.load_rows("ROWS"), check_by_name)


def test_many_arguments_have_names() -> None:
    rows = [row for row in harness.load_rows("ROWS") if row.derived and row.program is None]
    found = [row for row in rows if named(row, row.args, 0)]
    assert len(found) > 1000
