"""Objects that say that they are of another class, classes with answers of their own, and what reads frames."""

import dataclasses
import functools
import inspect
import sys
import traceback
import typing
import weakref

import numpy as np
import pytest
import scipy.sparse

import s2sad


class Proxy:
    """Stands in the place of a function, and does more."""

    def __init__(self, function):
        self.function = function

    __class__ = property(lambda self: type(self.function))
    __code__ = property(lambda self: self.function.__code__)
    __defaults__ = __kwdefaults__ = __closure__ = None
    __globals__ = property(lambda self: self.function.__globals__)
    __name__ = "square"

    def __call__(self, x):
        return 2 * self.function(x)


def square(x):
    return x * x


PROXY, KEPT = Proxy(square), {"f": Proxy(square)}


class Other:
    def f(self, x):
        return 10 * x


class Pretending:
    __class__ = property(lambda self: Other)

    def f(self, x):
        return 50 * x


PRETENDING, NUMBER = Pretending(), Proxy(np.float64(3.0))
REFERENCE = weakref.proxy(OTHER := Other())


class Everything(type):
    def __instancecheck__(cls, x):
        return True


class Anything(metaclass=Everything):
    pass


@typing.runtime_checkable
class Named(typing.Protocol):
    def name(self): ...


OTHER.name = lambda: "other"


class BoundProxy(Proxy):
    """One that is bound to an object, as functions are."""

    def __get__(self, owner, cls=None):
        return self if owner is None else BoundProxy(functools.partial(self.function, owner))

    __class__ = property(lambda self: type(square))


class Decorated:
    @BoundProxy
    def method(self, x):
        return 3 * x


DECORATED = Decorated()


def decorated_method(x):
    return DECORATED.method(x)


def called(x):
    return PROXY(x)


def as_default(x, f=PROXY):
    return f(x)


def kept(x):
    return KEPT["f"](x)


def method(x):
    return PRETENDING.f(x) if isinstance(PRETENDING, Other) else -x


def by_reference(x):
    return REFERENCE.f(x)


def of_anything(x):
    return x**2 if isinstance(x, Anything) else x**3


def object_of_anything(x):
    return x**2 if isinstance(OTHER, Anything) else x**3


def of_a_protocol(x):
    return x**2 if isinstance(OTHER, Named) else x**3


def of_a_union(x):
    return x**2 if isinstance(x, int | float) else x**3


class Strange:
    __module__ = property(lambda self: "strange")

    def __call__(self, x):
        return 3 * x


def with_a_strange_module(x):
    return Strange()(x)


class Titled(type):
    title = property(lambda cls: cls.__name__)


class Model(metaclass=Titled):
    title = property(lambda self: self._title, lambda self, title: setattr(self, "_title", title))

    def __init__(self, rate):
        self.rate, self._title = rate, "first"

    def __call__(self, x):
        return self.rate * x


def with_a_property_of_its_class(x):
    models = {0: Model(x)}
    models[0].title = "second"
    return models[0](x) * (1.0 if models[0].title == "second" else 2.0)


class Scaled(np.ndarray):
    def __getitem__(self, i):
        return super().__getitem__(i) * 10


SCALED = np.arange(3.0).view(Scaled)


def of_a_subclass(x):
    return SCALED[1] * x


@functools.wraps(np.mean)
def mean(x):
    return 3.0 * x


def twice(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args) * 2

    return wrapper


tanh = twice(np.tanh)


def with_the_names_of_others(x):
    return mean(x) + tanh(x)


@dataclasses.dataclass
class Base:
    rate: float
    parts: list = dataclasses.field(default_factory=list)


class Derived(Base):
    def __init__(self, rate):
        super().__init__(rate)
        self.double = 2 * self.rate


def calls_the_initialiser_of_a_dataclass(x):
    made = Derived(x)
    return made.rate * made.double + len(made.parts)


def asks_for_sparse_matrices(x):
    kept = {}
    if scipy.sparse.issparse(x):
        return 0.0
    kept["y"] = x * x
    return kept["y"]


class Stored:
    """A descriptor that keeps a number in its object, and gives something else."""

    def __init__(self, give):
        self.give = give

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, owner, cls=None):
        return self if owner is None else self.give(owner.__dict__[self.name])

    def __set__(self, owner, value):
        owner.__dict__[self.name] = value


class Described:
    text, row = Stored(lambda text: text + "!"), Stored(lambda number: np.full(3, number))

    def __init__(self):
        self.text, self.row = "a", 2.0


DESCRIBED = Described()


def text_of_a_descriptor(x):
    return x if DESCRIBED.text == "a!" else 2 * x


def array_of_a_descriptor(x):
    return x * DESCRIBED.row[0] if np.ndim(DESCRIBED.row) else x


def asked_of_a_descriptor(x):
    return x if hasattr(DESCRIBED, "row") else 2 * x


@pytest.mark.parametrize("mode", ["0", "1"])
@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (called, 8.0), (decorated_method, 6.0), (DECORATED.method, 6.0),
        (as_default, 8.0), (PROXY, 8.0), (kept, 8.0), (method, 50.0), (by_reference, 10.0),
        (of_anything, 4.0), (object_of_anything, 4.0), (of_a_protocol, 4.0), (of_a_union, 4.0),
        (with_a_strange_module, 3.0), (text_of_a_descriptor, 1.0),
        (array_of_a_descriptor, 2.0), (asked_of_a_descriptor, 1.0),
        (with_the_names_of_others, 3.0 + 2.0 / np.cosh(2.0) ** 2), (calls_the_initialiser_of_a_dataclass, 8.0),
        (asks_for_sparse_matrices, 4.0), (with_a_property_of_its_class, 4.0), (of_a_subclass, 10.0),
    ],
)  # fmt: skip
def test_what_they_are(function, slope, mode, monkeypatch):
    """The value and its slope are those of the program, or it is refused when compiled."""
    monkeypatch.setenv("S2SAD_RECORD", mode)
    try:
        assert s2sad.value_and_grad(function)(2.0) == (function(2.0), pytest.approx(slope, rel=1e-12))
    except s2sad.UnsupportedError:
        assert mode == "0"
    assert Model.title == "Model"  # what was lent is given back


def test_a_number_that_is_none(monkeypatch):
    with pytest.raises((s2sad.UnsupportedError, TypeError)):
        s2sad.grad(lambda x: NUMBER * x)(2.0)


def caller():
    return sys._getframe(1).f_locals.get("b", 1.0)


def of_the_caller(a):
    b = a * a
    return caller() * a * (b > 0)


def of_itself(a):
    return a * (3.0 if "a" in inspect.currentframe().f_locals else 2.0)


def its_name(a):
    return a * len(inspect.stack()[0].function)


def its_lines(a):
    return a * len(traceback.extract_stack())


@pytest.mark.parametrize("mode", ["0", "1"])
@pytest.mark.parametrize("function", [of_the_caller, of_itself, its_name, its_lines])
def test_frames(function, mode, monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", mode)
    with pytest.raises(s2sad.UnsupportedError, match="reads the frames of running functions"):
        s2sad.grad(function)(3.0)
