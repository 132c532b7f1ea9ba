"""Which loops are taken for searches of roots, and that what they find moves in every mode, again and ahead of time."""

import ast
import datetime
import importlib.util
import sys
import textwrap
from pathlib import Path

import gast
import numpy as np
import pytest

import s2sad
from s2sad import runtime
from s2sad.ahead import module_text
from s2sad.frontend.brackets import marked
from s2sad.frontend.roots import FOUND
from s2sad.rules.own import helper

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import roots

SEARCH = """
    def f(p, g, low, high, middle=0.0, q=1.0, seen=()):
        while high - low > 1e-9:
            {}
        return {}
"""
HALVES = "m = (low + high) / 2; {}\n            if {} > 0: high = m\n            else: low = m"

FOUND_ROOTS = {
    "what decides": (HALVES.format("pass", "g(m, p)"), "m"),
    "by a name": (HALVES.format("v = g(m, p)", "v"), "m"),
    "by several": (HALVES.format("v = g(m, p); w = v + p", "w"), "m"),
    "a product": (HALVES.format("v = g(m, p)", "v * q"), "m"),
    "an end": (HALVES.format("v = g(m, p)", "v"), "low"),
    "between the ends": (HALVES.format("v = g(m, p)", "v"), "0.5 * (low + high)"),
    "a copy": (HALVES.format("best = m", "g(m, p)"), "best"),
    "a condition that is checked": (HALVES.format("v = g(m, p)", "v"), "m"),
    "a return inside": (HALVES.format("v = g(m)\n            if v == 0: return m\n            pass", "v"), "m"),
    "comprehensions": (HALVES.format("v = sum([c * m**k for k, c in enumerate(p)])", "v"), "m"),
    "a loop": (HALVES.format("v = 0\n            for k in p: v = v + k * m\n            pass", "v"), "m"),
}
UNCLEAR = {
    "what is left is read": (HALVES.format("v = g(m, p)", "v"), "m + v"),
    "it is put away": (HALVES.format("seen.append(m)", "g(m, p)"), "m"),
    "it is put into an array": (HALVES.format("seen[0] = m", "g(m, p)"), "m"),
    "the equation changes": (HALVES.format("q = q + 1", "g(m, p) - q"), "m"),
    "what it reads is written into": (HALVES.format("p[0] = 2", "g(m, p)"), "m"),
    "what it reads is handed on": (HALVES.format("p.update(3)", "g(m, p)"), "m"),
    "a question": (HALVES.format("pass", "g(m)").replace(" > 0", ""), "m"),
    "of another point": (HALVES.format("pass", "g(low)"), "m"),
    "of two points": (HALVES.format("pass", "g(m) * g(m + p)"), "m"),
    "integers": (HALVES.format("pass", "g(m)").replace(" / 2", " // 2"), "m"),
    "read in a function": (HALVES.format("pass", "g(m)"), "(lambda: low)()"),
    "read only perhaps": (HALVES.format("pass", "g(m)"), "m if p else 0"),
    "two places": (HALVES.format("n = 2 * m", "g(m)"), "n"),
    "not equal": (HALVES.format("pass", "g(m)").replace("> 0", "!= 0"), "m"),
}


def made(library, loop, result):
    tree = library.parse(textwrap.dedent(SEARCH.format(loop, result))).body[0]
    return [n for n in ast.walk(marked(tree, roots=True)) if getattr(n, "id", None) == FOUND]


@pytest.mark.parametrize("library", [ast, gast])
def test_which_loops(library):
    for name, (loop, result) in FOUND_ROOTS.items():
        assert made(library, loop, result), name
    for name, (loop, result) in UNCLEAR.items():
        assert not made(library, loop, result), name


@pytest.mark.parametrize("name", ["root_of_an_argument", "root_that_is_hit", "root_of_what_branches", "root_of_a_loop"])
def test_all_modes_agree(name):
    """Twice, too: reverse over reverse, forward over reverse, and the derivative by hand where it is short."""
    f = getattr(roots, name)
    for (p,) in next(q.args for q in roots.PROGRAMS if q.function is f):
        slope = s2sad.grad(f)(p)
        assert s2sad.jvp(f, (p,), (1.0,))[1] == pytest.approx(slope, rel=1e-12)
        assert s2sad.vjp(f, p)[1](1.0)[0] == pytest.approx(slope, rel=1e-12)
        again = s2sad.grad(s2sad.grad(f))(p)
        assert s2sad.hvp(f)((p,), (1.0,)) == pytest.approx(again, rel=1e-9, abs=1e-9)
        if name == "root_that_is_hit":
            assert (slope, again) == (pytest.approx(0.5 * p**-0.5, rel=1e-9), pytest.approx(-0.25 * p**-1.5, rel=1e-6))


def test_three_times():
    def f(p):
        low, high = 0.0, 3.0
        while high - low > 1e-14:
            x = (low + high) / 2
            if x**2 > p:
                high = x
            else:
                low = x
        return x

    assert s2sad.grad(s2sad.grad(s2sad.grad(f)))(2.0) == pytest.approx(0.375 * 2.0**-2.5, rel=1e-6)


def test_single_precision_and_loose_tolerances():
    """The equation is solved as well as it can be computed, or as the program asks."""

    def f(p):
        low, high = 0.0, 3.0
        x = 1.5
        while abs(x**3 - p) > 1e-2 * tolerance:
            x = (low + high) / 2
            if x**3 > p:
                high = x
            else:
                low = x
        return x

    for tolerance, digits in ((1e-1, 2e-3), (1e-5, 1e-6)):  # noqa: B007
        assert s2sad.grad(f)(2.0) == pytest.approx(2 ** (-2 / 3) / 3, rel=digits)
        slope = s2sad.grad(f)(np.float32(2.0))
        assert slope.dtype == np.float32
        assert slope == pytest.approx(2 ** (-2 / 3) / 3, rel=digits + 1e-5)


def test_the_value_is_that_of_the_program():
    for name in ("root_of_an_argument", "root_between_the_ends", "roots_in_a_loop"):
        f = getattr(roots, name)
        assert s2sad.value_and_grad(f)(2.0)[0] == f(2.0)


def test_the_program_asks_as_often_as_before(capsys):
    """What prints or counts is not asked once more: it is refused, where a root would be read."""

    def f(p):
        def g(x):
            print(end=".")
            return x * x - p

        return roots.bisect(g, 0.0, 3.0)

    with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
        s2sad.grad(f)(2.0)
    refused = capsys.readouterr().out
    f(2.0)
    assert refused == capsys.readouterr().out


def imported(tmp_path, text):
    file = tmp_path / "generated.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("generated", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def constant_weight(x, w):
    return np.sum((x * s2sad.stop_gradient(w)) ** 2)


def test_output_ahead_of_time_is_differentiated_as_the_program_is(tmp_path):
    """Its copies of helpers mean what the helpers mean."""
    name = "roots_in_a_loop"
    module = imported(tmp_path, module_text(getattr(roots, name), 0, "grad", {"p": 2.0}))
    first = getattr(module, f"{name}_grad")
    assert first(2.0) == s2sad.grad(getattr(roots, name))(2.0)
    assert s2sad.grad(first)(2.0) == s2sad.grad(s2sad.grad(getattr(roots, name)))(2.0)
    x, w = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    module = imported(tmp_path, module_text(constant_weight, 0, "grad", {"x": x, "w": w}))
    assert np.array_equal(s2sad.grad(lambda w: np.sum(module.constant_weight_grad(x, w)))(w), [0.0, 0.0])


def test_what_is_a_copy():
    def stop_gradient(x):
        return x

    def same(x):
        """``x`` itself, which counts as a constant where it is differentiated."""
        return x

    def other(x):
        """``x`` itself, which counts as a constant where it is differentiated."""
        return 2 * x

    assert helper(same) is runtime.stop_gradient
    assert helper(stop_gradient) is stop_gradient
    assert helper(other) is other


def test_no_root():
    for f, p in ((roots.search_without_a_root, 2.5), (roots.jump_with_a_slope, 2.0)):
        with pytest.raises(s2sad.MissingRuleError, match="no root with a slope") as caught:
            s2sad.grad(f)(p)
        assert caught.value.filename == roots.__file__


def test_equations_that_depend_on_each_other():
    def f(a):
        low, high = np.zeros(3), np.full(3, 10.0)
        for _ in range(60):
            x = (low + high) / 2
            above = x**2 - a + 0.01 * np.sum(x) > 0
            high = np.where(above, x, high)
            low = np.where(above, low, x)
        return np.sum(x)

    for call in (s2sad.grad(f), lambda a: s2sad.jvp(f, (a,), (np.ones(3),))):
        with pytest.raises(s2sad.MissingRuleError, match="depend on each other"):
            call(np.array([1.0, 2.0, 3.0]))


def year(p, low, high, limit):
    while high - low > datetime.timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle > limit:
            high = middle
        else:
            low = middle
    return p * low.year


def first_of_a_pair(p, key):
    low, high = 0.0, 8.0
    for _ in range(5):
        middle = (low + high) / 2
        if (middle, 1) > key:
            high = middle
        else:
            low = middle
    return p * low


def test_searches_among_what_are_no_numbers():
    """Nothing that is no arithmetic becomes it: dates have no sum, and pairs no difference."""
    days = [datetime.datetime(y, 5, 5) for y in (2020, 2024, 2022)]
    assert s2sad.value_and_grad(year)(2.0, *days) == (2 * 2022.0, 2022.0)
    assert s2sad.value_and_grad(first_of_a_pair)(2.0, (3.3, 1)) == (6.5, 3.25)
