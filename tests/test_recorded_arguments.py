"""Arguments of every structure: objects with slots, dicts of all classes, what can't have a derivative."""

import collections
import dataclasses
import functools
import itertools
import types
import typing
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.compiled import Transformed

X = np.array([0.5, 1.2, -0.4])


@pytest.fixture(params=["as it is", "recorded"])
def way(request, monkeypatch):
    """As the compiler has it, and where it refuses everything."""

    def refuse(self, *args, **kwargs):
        raise s2sad.UnsupportedError("everything is refused here")

    if request.param == "recorded":
        monkeypatch.setattr(Transformed, "generate", refuse)
        monkeypatch.setattr("s2sad.compiled._TABLES", weakref.WeakKeyDictionary())
        monkeypatch.setenv("S2SAD_CACHE", "0")


class Slotted:
    __slots__ = ("__hidden", "a", "b")

    def __init__(self, a, b):
        self.a, self.b, self.__hidden = a, b, 1.5


class SlottedToo(Slotted):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.note = "n"


@dataclasses.dataclass(slots=True)
class Data:
    a: Any
    b: Any
    n: int = 3


@dataclasses.dataclass(slots=True, frozen=True)
class Frozen:
    a: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class FrozenWithout:
    a: Any
    b: Any
    n: int = 3


class Named(typing.NamedTuple):
    a: Any
    b: Any


class Plain:
    def __init__(self, a, b):
        self.a, self.b = a, b


CLASSES = [Slotted, SlottedToo, Data, Frozen, FrozenWithout, Named, Plain]


def value(p):
    return np.sum(p.a**2) * p.b


def check(p, g):
    assert type(g) is type(p)
    np.testing.assert_allclose(g.a, 2 * X * 2.0)
    assert type(g.b) is float and np.isclose(g.b, np.sum(X**2))
    assert getattr(g, "n", None) is None


@pytest.mark.parametrize("cls", CLASSES)
def test_objects(cls, way):
    p = cls(X, 2.0)
    check(p, s2sad.grad(value)(p))
    check(p, s2sad.grad(lambda ps: value(ps[0]))([p])[0])
    check(p, s2sad.grad(lambda ps: value(ps[1][0]))((1.0, (p,)))[1][0])
    check(p, s2sad.grad(lambda ps: value(ps["k"]))({"k": p})["k"])
    check(p, s2sad.grad(lambda o: value(o.a))(Plain(p, "s")).a)
    check(p, s2sad.grad(lambda o: value(o.b))(Data(1.0, p)).b)
    assert p.a is X and p.b == 2.0


@pytest.mark.parametrize("cls", CLASSES)
def test_tangents_of_objects(cls, way):
    _, dot = s2sad.jvp(value, (cls(X, 2.0),), (cls(np.ones(3), 0.5),))
    assert np.isclose(dot, np.sum(4 * X) + 0.5 * np.sum(X**2))


def test_slots_that_are_written(way):
    def f(ps):
        ps[0].a = ps[0].a * ps[0].b
        return np.sum(ps[0].a ** 2)

    p = Slotted(X.copy(), 2.0)
    (g,) = s2sad.grad(f)([p])
    np.testing.assert_allclose(g.a, 8 * X)
    assert np.isclose(g.b, 4 * np.sum(X**2)) and p.b == 2.0
    np.testing.assert_array_equal(p.a, X)


def test_copies_of_slots_are_deep(way):
    import copy

    def f(x):
        p = Slotted(x, x[0])
        q = copy.deepcopy(p)
        q.a[0] = 3.0
        return np.sum(q.a**2) * p.a[0] * q.b

    h = 1e-6
    differences = [(f(X + h * e) - f(X - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(s2sad.grad(f)(X), differences, rtol=1e-6)


class Kept(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.note = 1.0


@pytest.mark.parametrize(
    "made",
    [
        {"a": X, "b": 2.0},
        collections.OrderedDict(a=X, b=2.0),
        collections.defaultdict(list, {"a": X, "b": 2.0}),
        collections.Counter({"a": X, "b": 2.0}),
        Kept(a=X, b=2.0),
    ],
    ids=lambda d: type(d).__name__,
)
def test_the_gradient_by_a_dict_of_any_class_is_a_dict(made, way):
    def f(d):
        return np.sum(d["a"] ** 2) * d["b"] * (1.0 if type(d) is type(made) else 0.0)

    v, g = s2sad.value_and_grad(f)(made)
    (h,) = s2sad.grad(lambda ds: f(ds[0]))([made])
    assert v == f(made)
    for found in (g, h):
        assert type(found) is dict and list(found) == ["a", "b"]
        np.testing.assert_allclose(found["a"], 4 * X)
        assert np.isclose(found["b"], np.sum(X**2))


def test_namespaces(way):
    g = s2sad.grad(value)(types.SimpleNamespace(a=X, b=2.0))
    assert type(g) is types.SimpleNamespace
    np.testing.assert_allclose(g.a, 4 * X)


@pytest.mark.parametrize(
    ("argument", "where"),
    [
        ([{1.5, 2.0}], r"'p\[0\]', a set"),
        ({"k": frozenset({1.5})}, r"\"p\['k'\]\", a frozenset"),
        (Plain(collections.deque([X]), 1.0), r"'p\.a', a deque"),
        ((types.MappingProxyType({"a": 1.5}),), r"'p\[0\]', a mappingproxy"),
        ([1.0, np.array([1.5, None], dtype=object)], r"'p\[1\]', a ndarray"),
        (collections.deque([1.5]), r"'p', a deque"),
    ],
)
def test_numbers_that_can_not_have_derivatives_are_named(argument, where, way):
    with pytest.raises(TypeError, match=where):
        s2sad.grad(lambda p: 1.0)(argument)


def test_what_holds_no_numbers_stays_none(way):
    g = s2sad.grad(lambda p: p["x"] ** 2)({"x": 1.5, "s": {1, 2}, "d": collections.deque(["a"]), "o": object()})
    assert g == {"x": 3.0, "s": None, "d": None, "o": None}


# What a callable brings along is not the caller's: what is written into it is there at the next call.


def counting(x, calls=[0], *, sums=np.zeros(3), seen={}):  # noqa: B006, B008
    calls[0] += 1
    sums += x
    seen[calls[0]] = 1.0
    return np.sum(sums * x) * calls[0] * len(seen)


def adding(total, x):
    total[1:] += 1.0
    return np.sum(total * x**2)


class Adding:
    def __init__(self):
        self.total = np.zeros(3)

    def loss(self, x):
        return adding(self.total, x)


def _plain():
    f = types.FunctionType(counting.__code__, counting.__globals__, "counting", ([0],))
    f.__kwdefaults__ = {"sums": np.zeros(3), "seen": {}}
    return f, lambda: [f.__defaults__, *f.__kwdefaults__.values()]


def _partial(name):
    total = np.zeros(3)
    return functools.partial(adding, **{name: total}) if name else functools.partial(adding, total), lambda: [total]


def _method():
    model = Adding()
    return model.loss, lambda: [model.total]


ONES = (np.ones(3),)
TWICE = {
    "grad": lambda f: s2sad.grad(f),
    "value_and_grad": lambda f: s2sad.value_and_grad(f),
    "vjp": lambda f: lambda x: s2sad.vjp(f, x)[1](1.0),
    "jvp": lambda f: lambda x: s2sad.jvp(f, (x,), ONES),
    "hvp": lambda f: lambda x: s2sad.hvp(f)((x,), ONES),
    "gradient of a gradient": lambda f: s2sad.grad(lambda x: np.sum(s2sad.grad(f)(x) ** 2)),
}


@pytest.mark.parametrize("made", [_plain, lambda: _partial(""), lambda: _partial("total"), _method],
                         ids=["defaults", "partial", "partial by name", "method"])  # fmt: skip
@pytest.mark.parametrize("transformation", TWICE)
def test_what_a_callable_brings_along_stays_written(made, transformation, way):
    (f, state), (g, expected) = made(), made()
    if made is not _plain and not isinstance(f, types.MethodType) and "total" in f.keywords:
        f, g = (functools.partial(lambda x, total: adding(total, x), **h.keywords) for h in (f, g))
    derivative = TWICE[transformation](f)
    for _ in range(3):
        derivative(X)
        g(X)
        assert str(state()) == str(expected())
    before = str(state())
    if transformation == "grad" and made is _plain:
        mine = [5]
        derivative(X, mine)  # the caller's stays as it is
        assert mine == [5] and str(state()[0]) == str(expected()[0]) and str(state()) != before


def test_places_of_a_copy(monkeypatch):
    """The run has copies of the arguments: strides that the caller's have are not those of a contiguous copy."""
    monkeypatch.setattr(Transformed, "generate", lambda *args, **kwargs: no_code())

    def windows(a):
        return np.sum(np.lib.stride_tricks.as_strided(a, (2, 2), (16, 16)) ** 2)

    a = np.arange(8.0)
    np.testing.assert_array_equal(s2sad.grad(windows)(a), [0, 0, 8, 0, 8, 0, 0, 0])
    with pytest.raises(s2sad.UnsupportedError, match="not contiguous"):
        s2sad.grad(windows)(a[::2])


def test_bits_of_other_numbers_are_no_result(monkeypatch):
    monkeypatch.setattr(Transformed, "generate", lambda *args, **kwargs: no_code())
    with pytest.raises(s2sad.UnsupportedError, match="read or written as float64"):
        s2sad.vjp(lambda c: c.view(np.float64), np.ones(4, np.complex64))
    _, pull = s2sad.vjp(lambda c: c.view(np.float32), np.ones(2, np.complex64))
    np.testing.assert_array_equal(pull(np.ones(4, np.float32))[0], [1 - 1j, 1 - 1j])


def test_out_decides_what_a_reduction_computes_in(monkeypatch):
    monkeypatch.setattr(Transformed, "generate", lambda *args, **kwargs: no_code())
    a = np.array([1.0, 1e-9, -1.0], np.float32)
    value, pull = s2sad.vjp(lambda a: np.sum(a, out=np.zeros(())), a)
    assert value == np.sum(a, out=np.zeros(())) != np.sum(a)
    np.testing.assert_array_equal(pull(1.0)[0], np.ones(3, np.float32))


def no_code():
    raise s2sad.UnsupportedError("everything is refused here")


GIVEN = {"scale": 2.0}
FIRST = np.array([0.5, 1.2, -0.4])


def by_identity(x, options, others):
    seen = [x]  # lists in a list that grows are recorded
    for e in others:
        seen.append(e)
    total = np.sum(x) * (2 if x is FIRST else 3) + np.sum(x) * (5 if options is GIVEN else 7)
    return total * (11 if any(seen[0] is e for e in seen[1:]) else 13) * (17 if options is not GIVEN else 19)


def test_arguments_are_the_objects_that_they_are(way):
    gradient = s2sad.value_and_grad(by_identity)
    for x in (FIRST, FIRST.copy()):
        for options in (GIVEN, dict(GIVEN)):
            for others in ([x], [FIRST], [np.ones(3)]):
                value, slope = gradient(x, options, others)
                assert value == by_identity(x, options, others)
                assert np.allclose(slope, value / np.sum(x))


def doubled_unless(asked):
    def f(x):
        return x.sum() if asked(x) else 2 * x.sum()

    return f


LAYOUTS = [lambda x: x.flags.c_contiguous, lambda x: x.flags["OWNDATA"], lambda x: x.strides[0] == 8,
           lambda x: x.flags.writeable, lambda x: np.shares_memory(x, x[1:])]  # fmt: skip


@pytest.mark.parametrize("asked", LAYOUTS, ids=["contiguous", "own", "strides", "writeable", "shares"])
@pytest.mark.parametrize("x", [X.copy(), np.arange(6.0)[::2], np.arange(6.0)[1:4]], ids=["own", "strided", "part"])
def test_how_an_argument_lies_in_memory(way, asked, x):
    f = doubled_unless(asked)
    value, gradient = s2sad.value_and_grad(f)(x)
    assert value == f(x)
    np.testing.assert_array_equal(gradient, [f(x) / x.sum()] * 3)


def test_argument_that_may_not_be_written():
    def f(x):
        class Recorded:
            pass

        x[0] = 1.0
        return x.sum()

    x = X.copy()
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        s2sad.grad(f)(x)


def asks_for_base(x, y):
    return x.sum() if x.base is None else 2 * y.sum()


def asks_whether_they_share(x, y):
    return x.sum() if np.shares_memory(x, y) else 2 * np.sum(x * y)


@pytest.mark.parametrize("f", [asks_for_base, asks_whether_they_share])
def test_memory_of_the_caller_that_copies_do_not_have(way, f):
    whole = np.arange(6.0)
    try:
        value = s2sad.value_and_grad(f)(whole[1:4], whole[2:5])[0]
    except s2sad.UnsupportedError as error:
        assert "copies that are made" in str(error)
    else:
        assert value == f(whole[1:4], whole[2:5])


# Gradients and tangents are in memory of their own: whoever scales one scales nothing else.
SHARED = np.array([1.0, -2.0, 3.0])


def swapped(a, b, n):
    for _ in range(n):
        a, b = b, a
    return np.sum((a + b) ** 2)


def of_either(d, n):
    return np.sum(d["a"] + d["b"]) if n > 1 else np.sum(d["a"] * SHARED)


def exponentials(x):
    e = np.exp(x)
    return np.sum(e), e


@pytest.mark.parametrize(("function", "args", "argnums"), [
    (lambda d: np.sum(d["a"] + d["b"]), ({"a": X, "b": X},), 0),
    (lambda d: np.sum(SHARED * d["a"]), ({"a": X},), 0),
    (lambda d, e: np.sum(e * d["a"]) + np.sum(d["b"] * e), ({"a": X, "b": X}, X), 0),
    (lambda d: np.sum(d.a + d.b["k"]), (Plain(X, {"k": X}),), 0),
    (lambda d: d["a"] * d["b"], ({"a": np.array(2.0), "b": np.array(3.0)},), 0),
    (lambda l: np.sum(l[0][0] + l[1][0]), ([[X], (X,)],), 0),
    (swapped, (X, X, 0), (0, 1)),
    (swapped, (X, X, 2), (0, 1)),
    (of_either, ({"a": X, "b": X}, 1), 0),
    (of_either, ({"a": X, "b": X}, 2), 0),
])  # fmt: skip
def test_gradients_share_no_memory(function, args, argnums, way):
    arrays = arrays_in(s2sad.grad(function, argnums=argnums)(*args))
    assert arrays and all(a.flags.writeable for a in arrays)
    others = [SHARED, *arrays_in(args)]
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(arrays, 2))
    assert not any(np.shares_memory(a, b) for a in arrays for b in others)


@pytest.mark.parametrize("function", [
    lambda x: x, lambda x: x + SHARED, lambda x: (x, x), lambda x: [x * 1, x[::-1]], lambda x: {"a": x.reshape(3, 1)},
])  # fmt: skip
def test_tangents_share_no_memory(function, way):
    tangent = np.ones(3)
    arrays = arrays_in(s2sad.jvp(function, (X,), (tangent,))[1])
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations([*arrays, tangent], 2))


def test_gradient_and_auxiliary_share_no_memory(way):
    (_, aux), gradient = s2sad.value_and_grad(exponentials, has_aux=True)(X)
    assert not np.shares_memory(aux, gradient)


def arrays_in(x):
    """The arrays of a structure."""
    if isinstance(x, np.ndarray):
        return [x]
    parts = x.values() if isinstance(x, dict) else vars(x).values() if hasattr(x, "__dict__") else x
    return [a for p in parts for a in arrays_in(p)] if isinstance(parts, Iterable) else []


# What changes between two calls.


def test_defaults_that_are_changed(way):
    def powers(x, k=[2.0], *, scale=1.0):  # noqa: B006
        return scale * np.sum(x ** k[0])

    gradient = s2sad.grad(powers)
    assert np.allclose(gradient(X), 2 * X)
    powers.__defaults__[0][0] = 3.0
    assert np.allclose(gradient(X), 3 * X**2)
    powers.__defaults__ = ([4.0],)
    assert np.allclose(gradient(X), 4 * X**3)
    powers.__kwdefaults__["scale"] = 2.0
    assert np.allclose(gradient(X), 8 * X**3)


def test_code_that_is_changed(way):
    def powers(x):
        return np.sum(x**2)

    gradient = s2sad.grad(powers)
    assert np.allclose(gradient(X), 2 * X)
    powers.__code__ = (lambda x: np.sum(x**3)).__code__  # as IPython's autoreload does
    assert np.allclose(gradient(X), 3 * X**2)


def test_integers_have_no_tangent(way):
    def counted(x):
        return x, np.sum(x > 0), np.argmax(x), len(x)

    _, tangents = s2sad.jvp(counted, (X,), (np.ones(3),))
    assert tangents[1:] == (None, None, None)
