"""Ways of writing that were met in packages of others: each compiled where that is possible, and recorded."""

import collections
import logging

import numpy as np
import pytest

import s2sad

X = np.array([1.1, 0.2, 0.3])


class Settings(dict):
    """A dict that takes something else than pairs."""

    def __init__(self, size):
        super().__init__()
        self.size = size


class ByName(dict):
    def __init__(self, a, b):
        super().__init__(a=a, b=b)


class Missing(collections.defaultdict):
    def __init__(self, first):
        super().__init__(float)
        self.first = first


class Repeated(list):
    def __init__(self, count, value):
        super().__init__([value] * count)


class Registry(dict):
    """Its methods call each other; a program that only reads an entry calls none of them."""

    def items(self):
        return dict.items(self)

    def values(self):
        return [v for _, v in self.items()]


class Asking:
    """Looks itself up where nothing was found."""

    def __getattr__(self, name):
        return object.__getattribute__(self, name)


class Choosing:
    def __init__(self, x):
        self.x = x

    def __getattr__(self, name):
        try:
            return super().__getattribute__(name)
        except AttributeError:
            return self.x * len(name)


class Both:
    def __init__(self, v):
        self.v = v

    def __getattribute__(self, name):
        if name == "twice":
            return object.__getattribute__(self, "v") * 2
        return super().__getattribute__(name)

    def __getattr__(self, name):
        if name == "missing":
            return self.v * 5
        raise AttributeError(name)


class Hidden:
    """A property that fails, in whose place ``__getattr__`` is asked."""

    def __init__(self, v):
        self.v = v

    @property
    def part(self):
        return self.nowhere

    def __getattr__(self, name):
        if name == "part":
            return self.v * 7
        raise AttributeError(name)


class Quantity(np.ndarray):
    """Takes part in NumPy's functions."""

    def plain(self):
        return self.view(np.ndarray)

    def __array_function__(self, function, types, args, kwargs):
        return function(*[a.plain() if isinstance(a, Quantity) else a for a in args], **kwargs)


class Bunch(dict):
    """Its entries are its attributes."""

    def __init__(self, **entries):
        super().__init__(entries)
        self.__dict__ = self


class Options:
    def __init__(self, **entries):
        self.__dict__ = entries


REGISTRY = Registry(a=2.0)
QUANTITY = np.array([2.5]).view(Quantity)


def settings(x):
    p = Settings(1)
    p["a"] = x
    return p["a"] ** 2


def by_name(x):
    p = ByName(x, 2.0)
    return p["a"] * p["b"] * x


def missing(x):
    p = Missing(x)
    p["u"] += x
    return p["u"] * p.first


def repeated(x):
    return sum(Repeated(3, x)) * x / 3


def of_a_registry(x):
    return x * REGISTRY["a"] * x / 2


def asking(x):
    return x * x if not hasattr(Asking(), "q") else x


def choosing(x):
    return Choosing(x).ab * x / 2


def both(x):
    b = Both(x)
    return (b.twice + b.missing + b.v) * x / 8


def hidden(x):
    return Hidden(x).part * x / 7


def bunch(x):
    b = Bunch(a=x, c=0.5)
    b.d = b.a * b["c"]
    b["e"] = b.d * x
    return 2 * b.e


def options(x):
    o = Options(a=x, b=1.0)
    o.c = o.a * x
    return o.c * o.b


def of_a_quantity(x):
    return x * QUANTITY.plain()[0] * x / 2.5


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("f", [settings, by_name, missing, repeated, of_a_registry, asking, choosing, both, hidden,
                               bunch, options, of_a_quantity])  # fmt: skip
def test_classes(f, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    expected = 1.0 if f is by_name else 0.5
    assert f(3.0) == pytest.approx(9.0 * 2 * expected)
    value, slope = s2sad.value_and_grad(f)(3.0)
    assert float(value) == pytest.approx(18.0 * expected) and slope == pytest.approx(12.0 * expected)
    assert s2sad.jvp(f, (3.0,), (1.0,))[1] == pytest.approx(12.0 * expected)


class Parent:
    """It is held by what it holds, and by a logger."""

    def __init__(self):
        self.child, self.k = Child(self), 2.0
        self.logger = logging.getLogger("s2sad.tests")

    def f(self, x):
        self.x = x
        self.logger.debug("x")
        return self.k * self.x**2


class Child:
    def __init__(self, parent):
        self.parent = parent


@pytest.mark.parametrize("forced", [False, True])
def test_methods_of_objects_in_a_circle(forced, request):
    if forced:
        request.getfixturevalue("recorded")
    assert s2sad.grad(Parent().f)(1.5) == 6.0


class WithLogger:
    def __init__(self):
        self.k, self.logger = 2.0, logging.getLogger("s2sad.tests")


def test_a_logger_in_an_argument(recorded):
    assert s2sad.grad(lambda o, x: o.k * x**2, argnums=1)(WithLogger(), 1.5) == 6.0


# Equal by chance to what was made in the same call


class Phase:
    def __init__(self, x):
        self.x, self.p = x, {"t": 0.0}

    def folded(self):
        y = self.x - np.floor(self.x)
        self.p["t"] = 2.0
        return y if y < 0.5 else 1 - y


class Satellite:
    pass


def begin(s, b):
    s.b, s.c = b, 0.5


def satellite(b):
    s = Satellite()
    begin(s, b)
    d = (0.5 + 0.0 * b) - s.c
    e = b * 0.0
    if abs(e) >= 0.95:
        e = 0.95
    return s.b * 3.0 + d + e


class Sum:
    def __init__(self):
        self.t = 0.0

    def add(self, x):
        self.t = self.t + (x - self.t) * 2


def area(x):
    a = Sum()
    a.add(x)
    return a.t if x <= 90 else 0.0 * x


def points(p):
    p = list(p)
    p[0] = p[0] * 2
    n = (p[1] - p[1]) - 0.0
    r = 3 * p[1]
    if n == 0.0:
        r = r * 2
    return r


def test_what_is_made_in_this_call_is_not_kept(recorded):
    folded = s2sad.value_and_grad(lambda x: Phase(x).folded())
    assert folded(0.25) == (0.25, 1.0) and folded(0.0) == (0.0, 1.0)
    assert s2sad.value_and_grad(satellite)(1.3) == (pytest.approx(3.9), 3.0)
    assert s2sad.value_and_grad(area)(0.0) == (0.0, 2.0)
    assert s2sad.value_and_grad(points)([0.0, 1.0, 2.0]) == (6.0, [0.0, 6.0, 0.0])


class Kept:
    """Keeps what it computed last, which is refused still."""

    def __init__(self):
        self.x, self.value = 0.7, np.sin(0.7)

    def at(self, x):
        if x != self.x:
            self.x, self.value = x, np.sin(x)
        return self.value


def test_what_is_kept_is_refused_still(recorded):
    kept = Kept()
    with pytest.raises(s2sad.UnsupportedError, match="keeps from an earlier call"):
        s2sad.grad(lambda x: kept.at(x))(0.7)


# Sums in place with what is no plain array


class Plain(np.ndarray):
    pass


class Given:
    def __array__(self, dtype=None, copy=None):
        return np.array([2.0, 3.0, 4.0])


def of_a_subclass(x):
    q = np.zeros(3).view(Plain)
    q += x
    return np.sum(np.asarray(q))


def by_a_subclass(x):
    a = x * 1.0
    a *= np.array([2.0, 3.0, 4.0]).view(Plain)
    return np.sum(a)


def masked(x):
    m = np.ma.zeros(3)
    m -= x[0]
    return float(m.sum())


def by_an_object(x):
    a = x * 1.0
    a *= Given()
    return np.sum(a)


def of_python_objects(x):
    o = np.zeros(3, dtype=object)
    o += x
    return float(o[0])


@pytest.mark.parametrize("f", [of_a_subclass, by_a_subclass, masked, by_an_object, of_python_objects])
def test_sums_in_place_that_nobody_follows_are_refused(f):
    for run in (lambda: s2sad.grad(f)(X), lambda: s2sad.jvp(f, (X,), (X,))):
        with pytest.raises(s2sad.UnsupportedError, match="is not supported: use") as caught:
            run()
        assert caught.value.filename == __file__


def test_constants_in_place():
    def f(x):
        q = np.zeros(3).view(Plain)
        q += 1.0
        o = np.zeros(2, dtype=object)
        o += 2.0
        return np.sum(np.asarray(q)) * x[0] + float(o[0]) * x[1]

    assert np.array_equal(s2sad.grad(f)(X), [3.0, 2.0, 0.0])


# Places in sparse matrices that are floats

PLACES = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0]])


@pytest.mark.parametrize("forced", [False, True])
def test_sparse_matrices_with_places_of_floats(forced, request):
    sparse = pytest.importorskip("scipy.sparse")
    if forced:
        request.getfixturevalue("recorded")

    def made(x):
        return np.sum(sparse.csr_matrix((x, (np.arange(3), np.array([0.0, 1.0, 2.0]))), (3, 3)) @ np.ones(3))

    def of_a_table(x):
        g = PLACES.copy()
        g[:, 1] = x
        return np.sum(sparse.csr_matrix((x, (np.arange(3), g[:, 0])), (3, 3)).toarray() @ np.arange(3.0))

    assert np.array_equal(s2sad.grad(made)(X), np.ones(3))
    assert np.array_equal(s2sad.grad(of_a_table)(X), np.arange(3.0))


# Objects to which NumPy leaves an operator


class Unit:
    __array_priority__ = 17

    def __rmul__(self, other):
        return other * 2.0


UNIT = Unit()


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("x", [1.5, np.float64(1.5), np.array([1.5, 2.0]), np.array(1.5)])
def test_units(x, forced, request):
    if forced:
        request.getfixturevalue("recorded")
    gradient = s2sad.grad(lambda x: np.sum(x * UNIT * x))(x)
    assert np.array_equal(gradient, 4.0 * x)


# Numbers of a class of one's own


class Length(float):
    def __new__(cls, x, unit):
        made = super().__new__(cls, x)
        made.unit = unit
        return made


class Phasor(complex):
    def __new__(cls, x):
        return complex.__new__(cls, x)


def test_classes_of_numbers():
    def f(x):
        t = Length(x, "mm")
        return t**2 + t * len(t.unit)

    assert s2sad.value_and_grad(f)(1.5) == (5.25, 5.0)
    assert s2sad.jvp(f, (1.5,), (1.0,)) == (5.25, 5.0)
    assert s2sad.value_and_grad(lambda x: (Phasor(x) * 1j * Phasor(x)).imag)(1.5) == (2.25, 3.0)


# Loops that add up something, near a limit


NODES, WEIGHTS = np.polynomial.legendre.leggauss(50)


def quadrature(x):
    total = 0.0
    for k in range(50):
        t = 4.0 / (1.0 + NODES[k]) ** 2 - 1.0
        total += WEIGHTS[k] / (1.0 + np.sqrt(x[0] ** 2 / (1.0 + t)) ** 2)
    return total


def test_a_sum_in_a_loop_is_no_search(recorded):
    step = np.array([1e-6, 0.0, 0.0])
    expected = (quadrature(X + step) - quadrature(X - step)) / 2e-6
    assert s2sad.grad(quadrature)(X)[0] == pytest.approx(expected, rel=1e-6)
    assert s2sad.jvp(quadrature, (X,), (np.ones(3),))[1] == pytest.approx(expected, rel=1e-6)


def by_key(x):
    c, w = 1.5, 1.5
    for _ in range(40):
        c = sorted((c - w, c - w / 2, c, c + w / 2, c + w), key=lambda t: (t**3 - x) ** 2)[0]
        w *= 0.6
    return c


def test_what_is_sorted_by_a_key_is_decided(recorded):
    with pytest.raises(s2sad.UnsupportedError, match="found by decisions"):
        s2sad.grad(by_key)(2.0)


# Helpers of helpers


def test_helpers_of_helpers_are_compiled_in_no_time(tmp_path, monkeypatch):
    lines = ["def h0(x): return x * 1.01\n"]
    lines += [f"def h{i}(x): return h{i - 1}(x) + h{i - 1}(x * 0.5)\n" for i in range(1, 30)]
    lines += ["class A:\n", "    def __init__(self, s): self.s = s\n", "    def m0(self): return self.s * 2.0\n"]
    for i in range(1, 25):
        lines += [f"    def m{i}(self):\n", f"        if self.s > {i}: return self.m{i - 1}()\n"]
        lines += [f"        else: return self.m{i - 1}() * 0.9\n"]
    lines += ["def f(x): return A(x).m24()\n"]
    (tmp_path / "helpers_of_helpers.py").write_text("".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    import helpers_of_helpers as module

    gradient = s2sad.grad(module.h9)
    assert gradient(1.5) == pytest.approx(module.h9(1.0))
    assert len(gradient.source) < 20_000
    assert s2sad.grad(module.f)(1.5) == pytest.approx(2.0 * 0.9**23)
    monkeypatch.setenv("S2SAD_RECORD", "0")
    with pytest.raises(s2sad.UnsupportedError, match="very many ways"):
        s2sad.grad(module.f)(1.5)
