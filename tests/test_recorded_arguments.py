"""Arguments of every structure: objects with slots, dicts of all classes, what can't have a derivative."""

import collections
import dataclasses
import types
import typing
import weakref
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
