"""The second way: what the compiler refuses is differentiated by recording its run."""

# ruff: noqa: B008, B012, B015, B020, SIM107

import contextlib
import json
import linecache
import logging
import os
import re
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed
from s2sad.recording import memory
from s2sad.recording.instrument import instrument
from s2sad.recording.recorder import Recorder
from s2sad.recording.records import NATIVE

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import programs
from tests.programs.harness import check, check_forward, check_product, check_second
from tests.rules.share import one_in

X = np.array([0.5, 1.2, -0.4])
PROGRAMS = programs()


# ---------------------------------------------------------------- every program, recorded

NOT_SCALAR = "must return a real scalar"


def agrees(checking, name):
    try:
        outcome = checking(PROGRAMS[name])
    except s2sad.UnsupportedError as error:
        if PROGRAMS[name].compiled_only is None:
            raise
        assert re.search(PROGRAMS[name].compiled_only, str(error))
        outcome = "refused"
    except TypeError as error:
        if NOT_SCALAR not in str(error):
            raise
        pytest.skip("its result is not a scalar, so it has no gradient")
    if outcome == "refused":
        pytest.skip("refused, as the program allows")


def positional(name):
    return not PROGRAMS[name].kwargs or isinstance(PROGRAMS[name].argnums, int)


@pytest.mark.parametrize("name", [n for n in PROGRAMS if one_in(2, n)])
def test_first_derivatives(name, recorded):
    agrees(check, name)
    if positional(name):
        agrees(check_forward, name)


@pytest.mark.parametrize("name", [n for n, p in PROGRAMS.items() if p.second and one_in(8, n)])
def test_gradient_of_gradient(name, recorded):
    agrees(check_second, name)


TWICE = [n for n, p in PROGRAMS.items() if p.second and not p.vjp and positional(n) and one_in(8, f"{n} twice")]


@pytest.mark.parametrize("name", TWICE)
def test_product_with_the_hessian(name, recorded):
    agrees(check_product, name)


# ---------------------------------------------------------------- memory


def test_part_of_a_shadow():
    a = np.arange(12.0).reshape(3, 4)
    shadow = memory.shadow(a)
    memory.part(shadow, a, a.T[1:, ::-1])[...] = 1.0
    memory.part(shadow, a, a[0])[3] += 2.0
    expected = np.ones((3, 4))
    expected[:, 0] = 0.0
    expected[0, 3] = 3.0
    assert np.array_equal(memory.part(shadow, a, a), expected)


def test_part_of_complex_memory():
    z = np.zeros(3, complex)
    shadow = memory.shadow(z)
    memory.part(shadow, z, z.imag)[:] = [1.0, 2.0, 3.0]
    assert np.array_equal(memory.part(shadow, z, z), [1j, 2j, 3j])


def test_part_of_nothing():
    a = np.zeros((0, 3))
    assert memory.part(memory.shadow(a), a, a[:, 1:]).shape == (0, 2)


def test_owner_through_views():
    a = np.arange(6.0)
    windows = np.lib.stride_tricks.sliding_window_view(a, 2)
    for view in (a[1:], a.reshape(2, 3).T, a[::2][1:], windows, windows[1]):
        assert memory.owner(view) is a


@pytest.mark.parametrize("made", [np.frombuffer(bytearray(16)), np.frombuffer(b"\0" * 16)])
def test_memory_of_others_is_refused(made):
    with pytest.raises(s2sad.UnsupportedError, match="pass a copy"):
        memory.own(made)


@pytest.mark.parametrize("view, overlaps", [
    (lambda a: a, False),
    (lambda a: a[::-2], False),
    (lambda a: a.reshape(2, 3).T, False),
    (lambda a: np.broadcast_to(a, (2, 6)), True),
    (lambda a: np.lib.stride_tricks.sliding_window_view(a, 2), True),
    (lambda a: np.lib.stride_tricks.as_strided(a, (3, 2), (16, 8)), False),
    (lambda a: np.broadcast_to(a[:1], (1, 1)), False),
])  # fmt: skip
def test_overlaps_itself(view, overlaps):
    assert memory.overlaps_itself(view(np.arange(6.0))) is overlaps


@pytest.mark.parametrize("view", [
    lambda a: a[1:4],
    lambda a: np.broadcast_to(a, (3, 6)),
    lambda a: np.broadcast_to(a[:, None], (6, 2)),
    lambda a: np.lib.stride_tricks.sliding_window_view(a, 3),
    lambda a: np.broadcast_to(np.lib.stride_tricks.sliding_window_view(a, 3), (2, 4, 3)),
])  # fmt: skip
def test_accumulate_is_the_transpose_of_reading(view):
    rng = np.random.default_rng(0)
    x = rng.normal(size=6)
    g = rng.normal(size=view(x).shape)
    shadow = memory.shadow(x)
    memory.accumulate(NATIVE, memory.part(shadow, x, view(x)), g)
    assert np.isclose(np.sum(memory.part(shadow, x, x) * x), np.sum(view(x) * g), rtol=1e-14)


# ---------------------------------------------------------------- rewritten code

LOG = []


def note(value, name):
    LOG.append(name)
    return value


class Noted:
    def __init__(self):
        self.items = {}

    def __getitem__(self, i):
        LOG.append("get")
        return self.items.get(i, 1)

    def __setitem__(self, i, v):
        LOG.append("set")
        self.items[i] = v


def order_of_everything(n):
    a, d = Noted(), {}
    note(a, "a")[note(0, "i")] = note(2, "v")
    note(a, "a")[note(0, "i")] += note(2, "v")
    note(d, "d")["x"], a[note(1, "j")] = note((3, 4), "t")
    d["y"] = a[note(2, "k")] = note(5, "u")
    note(n, "n").real if note(True, "c") and not note(False, "e") else note(0, "never")
    note(1, "p") < note(2, "q") < note(2, "r") < note(9, "never")
    {note("k", "key"): note("v", "value") for _ in range(note(1, "range"))}
    f"{note(1, 'f')!r:>{note(3, 'width')}}"
    (lambda u=note(1, "default"), *v: u)(*note((1, 2), "star"), **{})
    with note(open(__file__), "open") as f, note(open(__file__), "second"):
        note(f, "body")
    for _, (a[note(3, "target")], _) in note([(0, (1, 2))], "loop"):
        pass
    del note(d, "delete")[note("x", "which")]
    assert note(True, "assert"), note("never", "message")
    return sorted(d), a.items


def test_order_of_evaluation():
    LOG.clear()
    expected = order_of_everything(7)
    order = list(LOG)
    LOG.clear()
    assert Recorder().call(order_of_everything, 7) == expected
    assert order == LOG
    assert "never" not in order and len(order) > 30


def test_rewritten_code_keeps_names_and_lines():
    code = instrument(order_of_everything).code
    original = order_of_everything.__code__
    assert (code.co_name, code.co_qualname, code.co_filename) == (
        original.co_name, original.co_qualname, original.co_filename
    )  # fmt: skip
    assert {line for *_, line in code.co_lines() if line} <= {line for *_, line in original.co_lines() if line}


def test_functions_made_in_a_run_keep_their_names():
    def f(x):
        made = {}
        made["g"] = lambda t: t
        return x, made["g"]

    (_, g), _ = s2sad.vjp(f, 2.0)
    assert g.__qualname__ == f(2.0)[1].__qualname__


def test_user_names_are_kept_apart():
    def f(x):
        tape, operator, value, recorded = [x], 2.0, 3.0, x
        tape[0] *= operator
        tape.append(recorded)
        return tape[0] * value + tape[1]

    assert s2sad.grad(f)(1.5) == 7.0


# ---------------------------------------------------------------- what a user sees


def dictionary(x):
    d = {}
    for k, e in enumerate(x):
        d[k % 2] = d.get(k % 2, 0.0) + e * e
    try:
        return d[0] * d[1]
    except KeyError:
        return 0.0


def test_source_says_what_runs_and_why():
    gradient = s2sad.grad(dictionary)
    gradient(X)
    assert gradient.source.startswith("# Differentiated by recording each run")
    assert "Code was not generated, because:" in gradient.source
    assert "def dictionary" in gradient.source and "tape.call(operator.mul, e, e)" in gradient.source


def test_recording_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    with pytest.raises(s2sad.UnsupportedError):
        s2sad.grad(lambda x: dictionary(x))(X)


def hidden(x):
    values = {}
    values["text"] = [float(str(x[0])), x[1]]
    return values["text"][0] * x[1]


def test_place_of_a_refusal():
    with pytest.raises(s2sad.UnsupportedError, match="made from text") as caught:
        s2sad.grad(hidden)(X)
    error = caught.value
    line = linecache.getline(error.filename, error.lineno)
    assert Path(error.filename).name == "test_recording.py"
    assert line[error.offset - 1 : error.end_offset - 1] == "float(str(x[0]))"


def numbers_through_text(x):
    try:
        y = json.loads(json.dumps(float(x[0]))) * x[1]
    except Exception:
        y = x[1]
    return y * x[2]


def numbers_through_text_quietly(x):
    y = x[1]
    with contextlib.suppress(Exception):
        y = json.loads(json.dumps(float(x[0]))) * x[1]
    return y * x[2]


def numbers_through_text_and_away(x):
    try:
        return json.loads(json.dumps(float(x[0])))
    finally:
        return x[1]


def numbers_through_text_again_and_again(x):
    while True:
        try:
            return json.loads(json.dumps(float(x[0]))) * x[1]
        except Exception:
            x = x * 2


def numbers_through_text_otherwise_named(x):
    try:
        return json.loads(json.dumps(float(x[0])))
    except Exception as error:
        raise ValueError("no") from error


@pytest.mark.parametrize(
    "function",
    [
        numbers_through_text,
        numbers_through_text_quietly,
        numbers_through_text_and_away,
        numbers_through_text_again_and_again,
        numbers_through_text_otherwise_named,
    ],
)
def test_a_program_can_not_catch_its_refusal(function):
    with pytest.raises(s2sad.UnsupportedError, match="made from text"):
        s2sad.grad(function)(X)


class Weighed:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value * 2 < other.value * 2

    @property
    def twice(self):
        return self.value * 2


def test_classes_lend_their_methods_only_while_a_run_lasts():
    own, twice, seen = Weighed.__lt__, vars(Weighed)["twice"], []

    def f(x):
        seen.append(vars(Weighed)["__lt__"])
        return min([Weighed(x[0]), Weighed(x[1])]).twice

    np.testing.assert_allclose(s2sad.grad(f)(X), [2.0, 0.0, 0.0])
    assert Weighed.__lt__ is own and vars(Weighed)["twice"] is twice
    with pytest.raises(ZeroDivisionError):
        s2sad.grad(lambda x: f(x) * (1 / len([])))(X)
    assert Weighed.__lt__ is own and vars(Weighed)["twice"] is twice
    assert seen[-1] is not own


def test_exceptions_pass_through():
    def f(x, log):
        log.append("before")
        x[0] = 7.0
        state["x"] = x[1]
        raise KeyError("mine")

    state, log, x = {}, [], X.copy()
    with pytest.raises(KeyError, match="mine") as caught:
        s2sad.grad(f)(x, log)
    assert np.array_equal(x, X) and state["x"] == X[1]
    assert any(entry.name == "f" for entry in caught.traceback)


class Model:
    def __init__(self):
        self.calls, self.weights, self.history = 0, np.ones(3), []

    def loss(self, x):
        self.calls += 1
        self.weights *= x
        self.history.append(float(x[0]))
        self.last = x
        return np.sum(self.weights**2)


def test_state_outside_ends_as_after_one_primal_run():
    recorded, primal = Model(), Model()
    gradient = s2sad.grad(recorded.loss)
    for _ in range(2):
        gradient(X)
        primal.loss(X)
        assert (recorded.calls, recorded.history) == (primal.calls, primal.history)
        assert np.array_equal(recorded.weights, primal.weights) and np.array_equal(recorded.last, X)


KEPT = []


def test_what_a_run_leaves_behind_works_on():
    def f(x):
        KEPT.append(lambda t: t * x[0])
        KEPT.append(e * 2 for e in x)
        return np.sum(x**2)

    s2sad.grad(f)(X)
    scaled, doubled = KEPT
    KEPT.clear()
    assert scaled(3.0) == 1.5 and list(doubled) == list(2 * X) and s2sad.grad(scaled)(2.0) == 0.5


def test_pullback_survives_changes():
    buffer = np.zeros(3)

    def f(x):
        parts = {}
        buffer[:] = x**2
        parts["b"] = buffer
        return np.sum(parts["b"] * x)

    _, pullback = s2sad.vjp(f, X)
    (first,) = pullback(1.0)
    buffer[:] = 100.0
    (second,) = pullback(1.0)
    assert np.array_equal(first, second) and np.allclose(first, 3 * X**2) and np.all(buffer == 100.0)


def test_threads():
    gradient = s2sad.grad(dictionary)
    expected, found = gradient(X), []

    def work():
        found.extend(gradient(X) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 80 and all(np.array_equal(g, expected) for g in found)


def test_recursion_as_deep_as_the_primal():
    def down(x, k):
        try:
            return x if k == 0 else down(x, k - 1) * x
        finally:
            pass

    limit = sys.getrecursionlimit()
    assert np.isclose(s2sad.grad(down)(1.0, 700), 701.0)
    assert sys.getrecursionlimit() == limit


def test_cost_of_elementwise_writes_grows_as_the_program_does():
    def sweep(x, n):
        rows = {"a": np.zeros(n)}
        a = rows["a"]
        for k in range(1, n):
            a[k] = a[k - 1] * x + 1.0
        return a[-1]

    gradient = s2sad.grad(sweep)
    gradient(0.5, 10)

    def peak(n):
        tracemalloc.start()
        gradient(0.5, n)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(8000) < 2 * 8 * peak(1000)


def helper_that_writes(a):
    try:
        a[0] = a[1] * 5.0
    finally:
        logging.getLogger("s2sad.tests").debug("written")
    return np.sum(a)


def plain_helper(a):
    return np.sum(a**2)


def by_table(x, name):
    y = x * 2
    total = {"writes": helper_that_writes, "plain": plain_helper}[name](y)
    return total * y[0]


@pytest.mark.parametrize("name", ["writes", "plain"])
def test_compiled_code_that_calls_what_must_be_recorded(name):
    exact = s2sad.grad(by_table)(X, name)
    for k, unit in enumerate(np.eye(3)):
        h = 1e-6
        assert np.isclose(exact[k], (by_table(X + h * unit, name) - by_table(X - h * unit, name)) / (2 * h))


def test_thread_pools_and_threads_of_the_program():
    from concurrent.futures import ThreadPoolExecutor

    def f(x):
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda e: e**2, x))

    assert np.allclose(s2sad.grad(f)(X), 2 * X)


def computed_match(x):
    class Point:
        def __init__(self, v):
            self.v = v

        def __getattribute__(self, name):
            return self.v**2 if name == "square" else object.__getattribute__(self, name)

    match Point(x):
        case Point(square=s):
            return s


def element_of_a_matrix(x):
    values = {}
    values["m"] = x.view(np.matrix)
    return values["m"][0, 0] * x[1]


def rows_of_a_matrix(x):
    values = {}
    values["m"] = x.view(np.matrix)
    return sum([np.sum(row) for row in values["m"]])


REFUSED = {
    "matches": (computed_match, 1.5, "computes what it is asked for", None),
    "element_of_a_matrix": (element_of_a_matrix, X, "elements of a matrix are not supported", 'values["m"][0, 0]'),
    "rows_of_a_matrix": (rows_of_a_matrix, X, "elements of a matrix are not supported", 'values["m"]'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    function, x, reason, place = REFUSED[name]
    with pytest.raises(s2sad.UnsupportedError, match=reason) as caught:
        s2sad.grad(function)(x)
    if place is not None:
        error = caught.value
        assert linecache.getline(error.filename, error.lineno)[error.offset - 1 : error.end_offset - 1] == place


class Numbers(list):
    pass


class Celsius(float):
    pass


@pytest.mark.parametrize("argument", [Numbers([0.5, 1.2]), Celsius(0.5)])
def test_arguments_of_classes_of_numbers_are_refused(argument, recorded):
    with pytest.raises(s2sad.UnsupportedError, match=f"an argument of the class {type(argument).__name__}"):
        s2sad.grad(lambda x: np.sum(x) * 2.0)(argument)


def test_native_code_that_writes_into_arrays_in_a_list():
    """Its writes are undone on the way back, like those of the program."""
    before, after = np.array([2.0, 3.0, 4.0]), np.array([5.0, 6.0, 7.0])
    source, sink = os.pipe()

    def f(x):
        values = {}
        values["w"] = before.copy()
        y = np.sum(x * values["w"])
        os.readv(source, [values["w"]])
        return y * np.sum(x * values["w"])

    os.write(sink, after.tobytes())
    assert np.allclose(s2sad.grad(f)(X), before * (X @ after) + after * (X @ before))
    os.close(source)
    os.close(sink)


def test_writes_into_arguments_are_known_after_a_run():
    transformed = Transformed(helper_that_writes, "vjp", None)
    transformed.once((X.copy(),), {})
    assert transformed.writes
    transformed = Transformed(dictionary, "vjp", None)
    transformed.once((X,), {})
    assert not transformed.writes


# ---------------------------------------------------------------- every transformation


def cubes(x):
    d = {}
    for i, e in enumerate(x):
        d[i] = e**3
    try:
        return sum(d.values()) * d[0]
    finally:
        d.clear()


def rows(x):
    made = []
    try:
        made.extend(e**2 * x[0] for e in x)
    finally:
        made.append(1.0)
    return np.array(made)


def test_transformations_of_what_is_recorded():
    s2sad.check_grads(cubes, (X,), order=2)
    assert np.allclose(s2sad.hessian(cubes)(X) @ X, s2sad.hvp(cubes)((X,), (X,)))
    assert np.allclose(s2sad.jacobian(rows)(X), s2sad.jacfwd(rows)(X))
    _, pullback, aux = s2sad.vjp(lambda x: (cubes(x), {"twice": x * 2}), X, has_aux=True)
    assert np.allclose(pullback(1.0)[0], s2sad.grad(cubes)(X)) and np.array_equal(aux["twice"], 2 * X)

    def fourth(t):
        made = [t]
        try:
            made.append(t**4)
        finally:
            made.append(t)
        return made[1]

    assert np.isclose(s2sad.grad(s2sad.grad(s2sad.grad(fourth)))(1.5), 36.0)


def test_names_of_arguments_of_what_is_recorded():
    def f(x, *, k=2.0, **others):
        try:
            return k**3 * x * others["z"]
        finally:
            others.clear()

    gradient = s2sad.grad(f, "k")
    assert gradient(3.0, k=4.0, z=2.0) == 288.0
    assert s2sad.grad(gradient, "k")(3.0, k=4.0, z=2.0) == 144.0


def test_an_inner_derivative_by_what_the_outer_does_not_follow():
    """Numbers of the inner run that do not depend on the outer argument are followed by the inner run alone."""

    def slope(p, at):
        def inner(q):
            try:
                return (-q * q + 1.0) * p * p
            except KeyError:
                return 0.0

        return s2sad.grad(inner)(at)

    assert s2sad.grad(slope)(2.0, 3.0) == -24.0
    assert s2sad.jvp(slope, (2.0, 3.0), (1.0, None))[1] == -24.0
    assert s2sad.grad(s2sad.grad(slope))(2.0, 3.0) == -12.0
    assert s2sad.grad(slope, 1)(2.0, 3.0) == -8.0
    assert s2sad.grad(slope)(2.0, np.float64(3.0)) == -24.0
