"""Which loops say how what they carry moves, when something has come near a limit, and what is said of it then."""

import ast
import functools
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad.ahead import module_text
from s2sad.autodiff.activity import flowing
from s2sad.ir.core import Op, Value
from s2sad.ir.types import UNKNOWN, Type
from s2sad.recording.loops import as_read, shared_names
from s2sad.runtime import last_move, moved

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import settling, settling_calls
from tests.programs.harness import check


def moves(values):
    found = None
    for x in values:
        found = moved(found, x)
    return found


HALVES = [1.26 + 2.0**-k for k in range(50)]


def test_what_has_settled():
    assert last_move(moves(HALVES)) < 1e-8
    assert last_move(moves([*HALVES, HALVES[-1], HALVES[-1]])) < 1e-8  # it stays there
    assert last_move(moves(map(np.float64, HALVES))) < 1e-8
    assert last_move(moves([0.0, x] for x in HALVES)) < 1e-8
    assert last_move(moves(np.array([x, k]) for k, x in enumerate(HALVES))) < 1e-8
    assert last_move(moves(np.full((20, 50), x).T for x in HALVES)) < 1e-8
    assert last_move(moves(map(np.float32, HALVES))) < 1e-1
    assert last_move(moves({"low": x} for x in HALVES)) < 1e-8
    assert last_move(moves(HALVES[: k + 1] for k in range(50))) < 1e-8  # the last of a list that grows


@pytest.mark.parametrize(
    "values",
    [
        HALVES[:12],  # a search that ended early
        [1.0, 2.0, 3.0, 3.0 + 1e-9],  # a last step that is cut
        [1e-7 * k for k in range(50)],  # a clock
        [math.inf, 5.0, 4.0, 3.0],  # the smallest so far
        [-math.inf, math.inf, math.nan, 1.0],
        [0.1, 0.1 + 1e-17, 0.1, 0.1 + 2e-17],  # rounding
        [np.float32(0.1), np.float32(0.2), np.float32(0.1) * 2, np.float32(0.2) * np.float32(1 + 1e-7)],
        [1.0],
        [None, "text", 3],
        [1.0, np.ones(2), [1.0], np.ones(3), 2.0],
        [],
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_has_not(values):
    assert last_move(moves(values) or ()) == math.inf
    arrays = [np.array([x, x]) for x in values if isinstance(x, float)]
    assert last_move(moves(arrays) or ()) == math.inf


PROGRAMS = settling.PROGRAMS + settling_calls.PROGRAMS
RIGHT = [p for p in PROGRAMS if p.refused is None]
LOOKED_AT = (
    "search_that_ends_early",
    "last_step_that_is_cut",
    "shifts_and_adds_of_constants",
    "scales_that_are_halved",
    "quadrature_by_steps_that_are_chosen",
)
REFUSED = [p for p in PROGRAMS if p.refused is not None]


@pytest.mark.parametrize("program", RIGHT, ids=lambda p: p.title)
def test_what_only_steers_leaves_no_trace(program):
    """Steps, dampings and grids are not looked at, but where they are summed up; times are, if somebody reads them."""
    gradient = s2sad.grad(program.function)
    gradient(*program.args[0])
    assert ("check_settled" in gradient.source) == (program.title in LOOKED_AT)


@pytest.mark.parametrize("program", REFUSED, ids=lambda p: p.title)
def test_refused_in_every_mode(program):
    (x,) = program.args[0]
    refused = pytest.raises(s2sad.UnsupportedError, match="found by decisions")
    with refused:
        s2sad.vjp(program.function, x)[1](1.0)
    with refused:
        s2sad.jvp(program.function, (x,), (np.ones_like(x) * 1.0 if np.ndim(x) else 1.0,))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)
def test_recorded(program, recorded):
    (x,) = program.args[0]
    if program.refused is None:
        check(program)
        return
    with pytest.raises(s2sad.UnsupportedError, match="found by decisions"):
        s2sad.grad(program.function)(x)


def left_by_else(p):
    """What `else` reads has left the loop."""
    low, high, found = 0.0, 3.0, 0.0
    for _ in range(60):
        middle = (low + high) / 2
        side = int(middle**3 > p)
        low, high = [(middle, high), (low, middle)][side]
    else:
        found = low * 2
        low = 0.0
    return found + low


def test_what_else_reads(recorded):
    with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
        s2sad.grad(left_by_else)(2.0)


def shrinking_weights(x, n=40, w=1.0):
    """Nobody sees in a run that no decision makes the weights smaller."""
    return 0.0 if n == 0 else (w * x if x * w > 0.01 else x * w) + shrinking_weights(x, n - 1, w / 2)


def test_constants_that_shrink_from_call_to_call(request):
    assert s2sad.grad(shrinking_weights)(2.0) == pytest.approx(2.0, rel=1e-9)
    assert s2sad.grad(lambda x: shrinking_weights(x, 12))(2.0) == pytest.approx(2.0, rel=1e-3)
    request.getfixturevalue("recorded")
    with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
        s2sad.grad(lambda x: shrinking_weights(x))(2.0)


def hidden(p):
    """What is found is no argument's function that anybody sees; a Newton step makes up for it."""
    low, high = 0.0, 3.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        side = 1 if middle**3 > p else -1
        low, high = (low, middle) if side > 0 else (middle, high)
    return low


def polished(p):
    x = s2sad.stop_gradient(hidden(p))
    return x - (x**3 - p) / (3 * x**2)


def polished_all_along(p):
    x = hidden(p)
    return x - (x**3 - p) / (3 * x**2)


@pytest.mark.parametrize("record", ["0", "1"])
def test_a_step_of_newtons_makes_up_for_it(monkeypatch, record):
    monkeypatch.setenv("S2SAD_RECORD", record)
    exact = 2.0 ** (-2 / 3) / 3
    assert s2sad.grad(polished)(2.0) == pytest.approx(exact, rel=1e-8)
    assert s2sad.grad(polished_all_along)(2.0) == pytest.approx(exact, rel=1e-8)
    with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
        s2sad.hvp(polished_all_along)((2.0,), (1.0,))
    with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
        s2sad.grad(s2sad.grad(polished_all_along))(2.0)


def polished_in_the_last_turn(x):
    low, high = 0.0, 3.0
    for _ in range(100):
        m = (low + high) / 2
        if high - low < 1e-9:
            return m - (m**3 - x) / (3 * m * m)
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return 0.0


def best_value_of_a_random_search(x):
    """It does not depend on where it was found, the derivative that it has of its argument there being 0."""
    rng = np.random.default_rng(0)
    c, s = 1.5, 1.0
    best = (c**3 - x) ** 2 + x
    for _ in range(600):
        t = c + s * rng.normal()
        v = (t**3 - x) ** 2 + x
        if v < best:
            c, best, s = t, v, s * 1.2
        else:
            s *= 0.93
    return best


def recursion_that_ends_with_newton(d):
    def go(low, high):
        middle = (low + high) / 2
        if high - low < 1e-9:
            return middle - (middle**3 - d[1] ** 3) / (3 * middle * middle)
        if int(np.sum(d < middle)) > 1:
            return go(low, middle)
        return go(middle, high)

    return go(-10.0, 10.0)


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    "f", [polished_in_the_last_turn, best_value_of_a_random_search, recursion_that_ends_with_newton]
)
def test_what_makes_up_for_it_does_so_once(request, f, forced):
    """The derivative does not depend on what was found, and its own does; forward mode can't know of either."""
    if forced:
        request.getfixturevalue("recorded")
    x = 2.0 if f is not recursion_that_ends_with_newton else settling.D
    h = 1e-6 * np.cos(np.arange(np.size(x)) + 1.0).reshape(np.shape(x))
    gradient = s2sad.grad(f)
    for _ in range(2):
        assert np.sum(gradient(x) * h) == pytest.approx((f(x + h) - f(x - h)) / 2, rel=1e-6)

    def slope(x):
        return np.sum(s2sad.grad(f)(x))

    for second in (lambda: s2sad.grad(slope)(x), lambda: s2sad.hvp(f)((x,), (x,))):
        with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
            second()
    with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
        s2sad.jvp(f, (x,), (x,))


def added_up(x):
    low, high, s = 0.0, 3.0, 0.0
    for k in range(60):
        m = (low + high) / 2
        s = s + m * x * 0.9**k
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return s


def added_up_in_an_array(x):
    low, high, s = 0.0, 3.0, np.zeros(2)
    for _ in range(60):
        m = (low + high) / 2
        s[1] += m * x
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return s[1]


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("f", [added_up, added_up_in_an_array])
def test_sums_of_it(request, f, forced):
    """Each term moves with what the loop comes near; the sum has no derivative, as its first terms jump."""
    if forced:
        request.getfixturevalue("recorded")
    for differentiated in (lambda: s2sad.grad(f)(2.0), lambda: s2sad.jvp(f, (2.0,), (1.0,))):
        with pytest.raises(s2sad.MissingRuleError, match="found by decisions"):
            differentiated()


def test_recursions_are_recorded(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    with pytest.raises(s2sad.UnsupportedError, match="calls itself with numbers") as caught:
        s2sad.grad(settling.recursion)(settling.D)
    assert caught.value.text.strip().startswith("return halved(d, ")


def test_calls_that_raise_are_no_turns(recorded):
    """Calls of one function one after the other are no recursion, whichever way they end."""

    def f(x):
        def g(t):
            if t < 1.0 + 1e-7:
                raise ValueError(t)
            return t

        s = 0.0
        for k in range(30):
            try:
                s = s + g(1.0 + 2.0**-k)
            except ValueError:
                s = s + x if x > k * 0.01 else s
        return s

    assert s2sad.grad(f)(2.0) == 6.0


def test_reduce_is_what_it_was(recorded):
    def f(x, items, *initial):
        return functools.reduce(lambda a, b: a * b + x, items, *initial)

    assert s2sad.grad(f)(2.0, [3.0, 4.0, 5.0]) == 6.0
    assert s2sad.grad(f)(2.0, [3.0], 4.0) == 1.0
    assert s2sad.grad(f)(2.0, iter([]), 4.0) == 0.0
    with pytest.raises(TypeError, match="empty iterable"):
        s2sad.grad(f)(2.0, [])


def test_the_reason_and_the_place():
    with pytest.raises(s2sad.MissingRuleError, match="x - f\\(x\\) / slope") as caught:
        s2sad.grad(hidden)(2.0)
    assert caught.value.filename == __file__
    assert caught.value.text.strip() == "while high - low > 1e-9:"


def test_ahead_of_time():
    """The copies of helpers that such a module has say the same."""
    made = {"__name__": "made_ahead"}
    exec(module_text(hidden, 0, "grad", {"p": 2.0}), made)
    with pytest.raises(NotImplementedError, match="found by decisions"):
        made["hidden_grad"](2.0)


def test_the_listing_is_the_users():
    """What looks at loops in a recorded run is left out where its code is shown."""
    tree = ast.parse(
        "turns = tape.loop()\n"
        "while x < 3:\n    x = x + 1\n"
    )  # fmt: skip
    assert ast.unparse(as_read(tree)) == ast.unparse(tree)

    def by_keys(p):
        ends = {"low": 0.0, "high": 3.0}
        for _ in range(3):
            middle = (ends["low"] + ends["high"]) / 2
            ends["high" if middle**3 > p else "low"] = middle
        return ends["low"] * p

    gradient = s2sad.grad(by_keys)
    assert gradient(2.0) == by_keys(2.0) / 2
    assert "turn" not in gradient.source.replace("return", "")


def test_which_variables_functions_share():
    tree = ast.parse(
        "def f(a, b):\n    c = d = 0\n    global d\n"
        "    def g():\n        nonlocal a, c, e\n        c = 1\n        x = 2\n"
    ).body[0]
    assert shared_names(tree) == {"a", "c"}


def test_names_without_a_value(monkeypatch):
    """A loop that does not run leaves its names without values, and an error is what it was."""

    def f(p, count):
        table = {}
        for k in range(count):
            last = p * k
            table[f"{k}"] = last
        return last

    monkeypatch.setenv("S2SAD_RECORD", "1")
    assert s2sad.grad(f)(2.0, 4) == 3.0
    with pytest.raises(UnboundLocalError, match="last"):
        s2sad.grad(f)(2.0, 0)


class Pair(tuple):
    """A class of the user's own."""

    __slots__ = ()


def test_what_is_not_replaced(recorded):
    """Arrays that can't be written, and tuples of a class of their own."""

    def f(p):
        w, pair = np.broadcast_to(0.5, 3), Pair((0.0, 3.0))
        low, high = 0.0, 3.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = [(middle, high), (low, middle)][int(middle**3 > p)]
            w, pair = np.broadcast_to(low, 3), Pair((low, high))
        return np.sum(w) * 0.0 + p * len(pair) * (type(pair) is Pair)

    assert s2sad.grad(f)(2.0) == 2.0


def test_only_of_real_numbers_is_the_sign_a_step():
    for t, flows in ((UNKNOWN, True), (Type("complex"), True), (Type("float"), False), (Type("array"), True)):
        assert bool(flowing(Op(np.sign, [Value("z", t)]))) == flows
