"""What is found out only when a program runs: rebound defaults, functions that change what they get, other objects."""

import importlib
import math
import pkgutil

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed


def helper(x, *, k=2.0):
    return x * k


def with_helper(x):
    return helper(x) * x


def test_keyword_defaults_are_guarded(monkeypatch):
    gradient, own = s2sad.grad(with_helper), s2sad.grad(helper)
    assert (gradient(1.5), own(1.5)) == (6.0, 2.0)
    monkeypatch.setitem(helper.__kwdefaults__, "k", 3.0)
    assert (gradient(1.5), own(1.5)) == (9.0, 3.0)
    monkeypatch.setattr(helper, "__kwdefaults__", {"k": 4.0})
    assert (gradient(1.5), own(1.5)) == (12.0, 4.0)
    for zero in (0.0, -0.0):  # equal, and not the same
        monkeypatch.setitem(helper.__kwdefaults__, "k", zero)
        assert str(gradient(1.5)) == str(zero)


def library(x):
    return math.sin(x) * np.pi + np.linalg.norm(np.array([x, 2.0]))


def test_functions_of_libraries_that_tests_replace(monkeypatch):
    gradient, x = s2sad.grad(library), 1.5
    plain = math.cos(x) * math.pi + x / math.hypot(x, 2.0)
    assert gradient(x) == pytest.approx(plain, rel=1e-14)
    with monkeypatch.context() as replaced:
        replaced.setattr(math, "sin", lambda x: 3.0 * x)
        assert gradient(x) == pytest.approx(3.0 * math.pi + x / math.hypot(x, 2.0), rel=1e-14)
        replaced.setattr(np.linalg, "norm", lambda a: np.sum(a**2))
        assert gradient(x) == pytest.approx(3.0 * math.pi + 2.0 * x, rel=1e-14)
        replaced.setattr(np, "pi", 1.0)
        assert gradient(x) == pytest.approx(3.0 + 2.0 * x, rel=1e-14)
    assert gradient(x) == pytest.approx(plain, rel=1e-14)


def writes_where_asked(x, y, flag):
    if flag > 0.0:
        x[0] = y[1] * 2.0
    return np.sum(x**2 * y)


@pytest.mark.parametrize("mode", ["grad", "vjp", "jvp"])
def test_arguments_that_are_read_only(mode):
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    calls = {
        "grad": lambda *args: s2sad.grad(writes_where_asked, 1)(*args),
        "vjp": lambda *args: s2sad.vjp(writes_where_asked, *args)[1](1.0)[1],
        "jvp": lambda *args: s2sad.jvp(writes_where_asked, args, (None, np.array([1.0, 0.0]), None))[1],
    }
    call, among = calls[mode], [1.0, 4.0] if mode != "jvp" else 1.0
    written = [64.0, 4.0 + 4 * 8.0 * 3.0] if mode != "jvp" else 64.0
    np.testing.assert_allclose(call(x.copy(), y, 1.0), written)
    x.flags.writeable = False
    np.testing.assert_allclose(call(x, y, -1.0), among)
    with pytest.raises(ValueError, match="read-only"):
        call(x, y, 1.0)
    np.testing.assert_array_equal(x, [1.0, 2.0])


class Squaring:
    """Multiplication is not what it means elsewhere."""

    def __init__(self, a):
        self.a = a

    def __rmul__(self, other):
        return other**2 * self.a


def times(x, choices, n):
    return x * choices[n]


def test_operand_of_unknown_kind():
    choices = [Squaring(2.0), 3.0]
    assert s2sad.grad(times)(1.5, choices, 1) == 3.0
    with pytest.raises(s2sad.MissingRuleError, match="Squaring"):
        s2sad.grad(times)(1.5, choices, 0)
    with pytest.raises(s2sad.MissingRuleError, match="Squaring"):
        s2sad.jvp(times, (1.5, choices, 0), (1.0, None, None))


def overwrites(x):
    x[0] = 5.0
    return x * 2.0


def reads(x):
    return x * 2.0


def by_table(x, table, n):
    y = x * 1.0
    return np.sum(table[n](y) * y)


def beside_it(x, table, n):
    y = np.ones(3)
    table[n](y)
    return np.sum(x * y)


def test_unknown_function_that_changes_its_argument():
    table, x = [reads, overwrites], np.arange(3.0)
    assert np.allclose(s2sad.grad(by_table)(x, table, 0), 4 * x)
    assert np.allclose(s2sad.grad(by_table)(x, table, 1), [0.0, 4.0, 8.0])
    assert s2sad.grad(beside_it)(x, table, 0).shape == (3,)
    with pytest.raises((s2sad.UnsupportedError, ValueError), match="changes its arguments"):
        s2sad.grad(beside_it)(x, table, 1)


def unpacked(x):
    a, b = x * 2.0
    return a * b


def test_lengths_are_checked():
    gradient = s2sad.grad(unpacked)
    assert list(gradient(np.array([1.0, 2.0]))) == [8.0, 4.0]
    with pytest.raises(ValueError, match="too many values to unpack"):
        gradient(np.arange(3.0))


def half_done(x, flag):
    return unsupported(x, flag) * x


def unsupported(x, flag):
    x = np.sin(x)
    if flag:
        return x
    del x[0]
    return x


def test_nothing_half_done_is_found_again(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")
    for _ in range(2):
        with pytest.raises(s2sad.UnsupportedError, match="line"):
            s2sad.grad(half_done)(1.5, 0)


def test_every_module_of_rules_loads_with_this_scipy():
    pytest.importorskip("scipy")
    from s2sad.rules import scipy as rules
    from s2sad.rules.table import load_all

    load_all()
    found = [m.name for m in pkgutil.walk_packages(rules.__path__, rules.__name__ + ".")]
    assert len(found) > 20
    for name in found:
        importlib.import_module(name)


LOSSES = []
STEPS = {"seen": [], "count": 0}


def noted_outside(x):
    loss = np.sum(np.tanh(x) ** 2)
    LOSSES.append(len(LOSSES))
    STEPS["seen"].append("step")
    STEPS["count"] += 1
    return loss * len(LOSSES)


class Model:
    """Keeps what it has computed."""

    def __init__(self):
        self.losses = []

    def loss(self, x):
        loss = np.sum(np.tanh(x) ** 2) * (1 + len(self.losses))
        self.losses.append(loss)
        return loss


@pytest.fixture
def compilations(monkeypatch):
    """The names of the functions that were compiled, each time."""
    made = []
    generate = Transformed.generate

    def counted(self, function, *rest):
        made.append(function.__name__)
        return generate(self, function, *rest)

    monkeypatch.setattr(Transformed, "generate", counted)
    monkeypatch.setenv("S2SAD_CACHE", "0")
    return made


def test_lists_outside_grow(compilations):
    LOSSES.clear()
    STEPS["seen"].clear()
    gradient, x = s2sad.grad(noted_outside), np.array([0.3, -0.2])
    for k in range(1, 20):
        assert np.allclose(gradient(x), 2 * k * np.tanh(x) / np.cosh(x) ** 2)
        assert len(LOSSES) == len(STEPS["seen"]) == k
    assert len(compilations) <= 3
    LOSSES.append("text")  # another type: compiled again, and right
    assert np.allclose(gradient(x), 2 * 21 * np.tanh(x) / np.cosh(x) ** 2)


def test_what_is_refused_is_not_tried_at_each_call(compilations):
    model, x = Model(), np.array([0.3, -0.2])
    gradient = s2sad.grad(model.loss)
    for k in range(1, 40):
        assert np.allclose(gradient(x), 2 * k * np.tanh(x) / np.cosh(x) ** 2)
    assert len(model.losses) == 39
    assert len(compilations) <= 8


class Shape:
    made = {"unit": 2.0}  # noqa: RUF012

    def __init__(self, side):
        self.side = side

    @classmethod
    def named(cls, name):
        return cls(cls.made[name])

    def area(self, x):
        return self.side * x


class Drawing:
    shape = Shape(1.5)


def of_bound_methods(x):
    return Shape.named("unit").area(x) + Drawing.shape.area(x) * Shape.made.get("unit")


def test_methods_that_are_bound_when_looked_up_are_the_same(compilations):
    gradient = s2sad.grad(of_bound_methods)
    for _ in range(5):
        assert gradient(0.7) == 5.0
    assert len(compilations) == 1


def test_a_package_whose_name_begins_as_numpys_does(monkeypatch):
    """Its classes are the user's: their objects may be called in a recorded run."""
    monkeypatch.setattr(Steep, "__module__", "numpy_like.functions")
    sums = {}

    def total(x):
        for k in range(2):
            sums[k] = Steep()(x)
        return sums.pop(0) + sums.pop(1)

    assert s2sad.grad(total)(0.5) == pytest.approx(2 * 3 * 0.25)


class Steep:
    def __call__(self, x):
        return x**3
