"""Every program of `tests/programs`: its gradient, the gradient of that, and that the program itself is sound."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

import s2sad

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import programs
from tests.programs.data import normal
from tests.programs.harness import (
    Program,
    check,
    check_forward,
    check_product,
    check_second,
    cotangent,
    differences,
    directions,
    leaves,
    move,
    rebuild,
    same,
)
from tests.rules.share import one_in

PROGRAMS = programs()
SECOND = [name for name, program in PROGRAMS.items() if program.second]

FORWARD = {  # jvp takes positional arguments to differentiate by
    name for name, program in PROGRAMS.items()
    if not program.kwargs or isinstance(program.argnums, int)
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_first_derivatives(name):
    """The gradient, and the tangent; and that differences say something of them."""
    check_differences(PROGRAMS[name])
    outcomes = [check(PROGRAMS[name])]
    if name in FORWARD:
        try:
            outcomes.append(check_forward(PROGRAMS[name]))
        except s2sad.UnsupportedError as error:
            pytest.xfail(f"refused: {error.msg}")
    if "refused" in outcomes:
        pytest.skip("refused, as the program allows")


@pytest.mark.parametrize("name", ["compiled.limits", "compiled.last_axes_joined"])
def test_is_not_recorded(name, monkeypatch):
    """What is computed of dtypes and shapes is known when compiling."""
    monkeypatch.setenv("S2SAD_RECORD", "0")
    assert check(PROGRAMS[name]) == "right"


PRODUCTS = [n for n in SECOND if n in FORWARD and not PROGRAMS[n].vjp and one_in(2, n)]


@pytest.mark.parametrize("name", [n for n in SECOND if n not in PRODUCTS and one_in(2, f"{n} twice")])
def test_gradient_of_gradient(name):
    try:
        outcome = check_second(PROGRAMS[name])
    except s2sad.UnsupportedError as error:
        pytest.xfail(f"refused: {error.msg}")
    except TypeError as error:
        if "must return a real scalar" not in str(error):
            raise
        pytest.skip("its result is not a scalar, so it has no gradient")
    if outcome == "refused":
        pytest.skip("refused, as the program allows")


@pytest.mark.parametrize("name", PRODUCTS)
def test_product_with_the_hessian(name):
    try:
        outcome = check_product(PROGRAMS[name])
    except s2sad.UnsupportedError as error:
        pytest.xfail(f"refused: {error.msg}")
    if outcome == "refused":
        pytest.skip("refused, as the program allows")


def check_differences(program):
    """The primal runs, gives the same twice, is smooth at the arguments, and depends on them."""
    largest = 0.0
    for args in program.args:
        first, second = program.primal(args), program.primal(args)
        assert same(first, second)
        assert program.vjp or np.size(first) == 1
        for direction in directions(program.selected(args)):
            assert direction, "nothing to differentiate by"
            coarse = differences(program, args, direction, step=4e-5)
            fine = differences(program, args, direction)
            assert np.isfinite(fine)
            assert abs(coarse - fine) <= 0.3 * program.tolerance * (1 + abs(fine))
            largest = max(largest, abs(fine))
    assert (largest < 1e-9) if program.flat else (largest > 1e-3)


def differences_engine(program):
    """An engine that takes one difference per number of the argument: slow, and independent of s2sad."""

    def value_and_gradient(*args, **kwargs):
        here = dataclasses.replace(program, kwargs=kwargs)
        selection = here.selected(args)
        zero = [np.zeros_like(leaf) for leaf in leaves(selection)]
        gradient = []
        for k, leaf in enumerate(leaves(selection)):
            entries = np.zeros(np.shape(leaf), np.asarray(leaf).dtype)
            for index in np.ndindex(np.shape(leaf)):
                for unit in (1.0, 1j) if np.iscomplexobj(leaf) else (1.0,):
                    direction = [z.astype(np.result_type(z, unit)) for z in map(np.asarray, zero)]
                    direction[k][index] = unit
                    entries[index] += np.conj(unit) * differences(here, args, direction)
            gradient.append(entries if isinstance(leaf, np.ndarray) else type(leaf)(entries[()]))
        return here.primal(args), rebuild(selection, iter(gradient), other=None)

    return value_and_gradient


HONEST = ["straight.column_times_row", "straight.single_precision", "straight.complex_argument", "calls.by_object"]
HONEST += ["containers.nested_arguments", "containers.returns_structure", "straight.keyword_only_argnum"]


@pytest.mark.parametrize("name", HONEST)
def test_harness_accepts_a_right_gradient(name):
    assert check(PROGRAMS[name], differences_engine) == "right"


def squares(x):
    return np.sum(x[0] ** 2) + x[1]


def spoiled(change):
    """An engine for `squares` whose right answer is changed by ``change(value, gradient, argument)``."""

    def value_and_gradient(x):
        return change(squares(x), [2 * x[0], 1.0], x)

    return lambda program: value_and_gradient


def write_argument(value, gradient, x):
    x[0][0] += 1.0
    return value, gradient


def print_something(value, gradient, x):
    print("backward")
    return value, gradient


SPOILS = {
    "is changed": (write_argument, "arguments were changed"),
    "prints": (print_something, "side effects"),
    "value": (lambda v, g, x: (v + 1e-6, g), "value"),
    "number": (lambda v, g, x: (v, [g[0] * 1.00001, g[1]]), "derivative"),
    "sign": (lambda v, g, x: (v, [g[0], -g[1]]), "derivative"),
    "dtype": (lambda v, g, x: (v, [g[0].astype(np.float32), g[1]]), "dtype"),
    "shape": (lambda v, g, x: (v, [g[0][:1], g[1]]), "shape"),
    "kind": (lambda v, g, x: (v, [g[0], np.float64(g[1])]), "not a float"),
    "type": (lambda v, g, x: (v, tuple(g)), "not a list"),
    "length": (lambda v, g, x: (v, g[:1]), "other elements"),
    "nan": (lambda v, g, x: (v, [g[0] * np.nan, g[1]]), "derivative"),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_harness_sees_a_wrong_gradient(spoil):
    change, message = SPOILS[spoil]
    program = Program(squares, [([normal(3), 2.0],)])
    with pytest.raises(AssertionError, match=message):
        check(program, spoiled(change))


def test_harness_accepts_the_unspoiled_gradient():
    assert check(Program(squares, [([normal(3), 2.0],)]), spoiled(lambda v, g, x: (v, g))) == "right"


def test_refusal_only_where_allowed():
    class UnsupportedError(Exception):
        pass

    def refusing(program):
        raise UnsupportedError("yield is not supported")

    program = Program(squares, [([normal(3), 2.0],)])
    with pytest.raises(UnsupportedError):
        check(program, refusing)
    assert check(dataclasses.replace(program, refused="yield"), refusing) == "refused"
    with pytest.raises(AssertionError, match="another reason"):
        check(dataclasses.replace(program, refused="lambda"), refusing)


def test_structures():
    x = {"a": [1.5, 2, "text"], "b": (np.zeros(2), None)}
    assert [np.shape(leaf) for leaf in leaves(x)] == [(), (2,)]
    moved = move(x, [1.0, np.array([1.0, 2.0])], 0.5)
    assert moved["a"] == [2.0, 2, "text"] and np.array_equal(moved["b"][0], [0.5, 1.0])
    assert cotangent(x)["a"][1:] == [None, None] and cotangent(x)["b"][0].shape == (2,)
