"""What differentiating published programs found: a small program for each defect, with nothing else in it."""

import abc
import copy
import io
import types

import numpy as np

from .data import normal, positive
from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)


# ---------------------------------------------------------------- lists that an operator makes arrays


@corner(positive(3))
def direction_in_a_list(x):
    """NumPy's number is asked first: the list becomes an array."""
    parts = [x[0] * x[1], *x]
    parts /= np.linalg.norm(parts)
    return parts[0] + 2 * parts[1] * parts[2]


@corner(positive(2))
def moved_list(x):
    parts = [x[0], x[1]]
    parts -= x[1] * x[1]
    parts += np.sin(x[0])
    return parts[0] * parts[1]


class Reflected:
    def __init__(self, by):
        self.by = by

    def __radd__(self, values):
        return [v * self.by for v in values]


@corner(positive(2))
def list_that_meets_an_object(x):
    parts = [x[0], x[1]]
    parts += Reflected(x[0])
    return parts[0] * parts[1]


# ---------------------------------------------------------------- classes


class Curve(abc.ABC):
    """The one base class says nothing of ``__init__``."""

    def __init__(self, **options):
        super().__init__()
        self.scale = 2.0

    def __call__(self, t):
        return self.value(t * self.scale)

    @abc.abstractmethod
    def value(self, t): ...


class Saturating(Curve):
    def __init__(self, limit):
        super().__init__(kind="saturating")
        self.limit = limit

    def value(self, t):
        return self.limit * np.tanh(t)


@corner(normal(3), 1.5, argnums=(0, 1))
def abstract_curve(x, limit):
    curve = Saturating(limit)
    return np.sum(curve(x))


# ---------------------------------------------------------------- matrices of which one triangle is read


@corner(normal(3))
def axis_of_a_filled_triangle(x):
    """The other triangle holds zeros: the derivative by what is read is not halved."""
    m = np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            m[i, j] = x[i] * x[j] + np.sin(x[i] + j)
    values, vectors = np.linalg.eigh(m)
    return values[0] * vectors[0, 2] ** 2 + np.linalg.cholesky(m + 5 * np.eye(3))[2, 0]


# ---------------------------------------------------------------- what only some paths compute


def margins(n, before):
    after = n
    while after > before:
        after = after - 1
    return before, after


def framed(x, before):
    wide = x
    if before > 0:
        frame = margins(len(x), before)
        wide = np.pad(x, (frame, (0, 0)), mode="constant")
    return wide * wide


@corner(normal(2, 3), 2)
def frames_of_some_widths(x, n):
    """The tangent of what is saved on one path only."""
    total = 0.0
    for k in range(n):
        total = total + np.sum(framed(x, k) * x[0, 0])
    return total


# ---------------------------------------------------------------- what is known to raise


@corner(several=[(0.7,), (np.array([0.2, 0.7]),)])
def number_or_array(x):
    """A store into a number raises, which the program catches."""
    y = np.tan(x)
    try:
        y[x < 0.5] = np.sin(x[x < 0.5])
    except TypeError:
        if x < 0.5:
            y = np.sin(x)
    return np.sum(y)


@corner(positive(2))
def table_in_a_text(x):
    """A stream of text holds nothing that is differentiated."""
    table = np.loadtxt(io.StringIO("1.5 2.0\n0.5 3.0"))
    sums = {}
    for k, row in enumerate(table):
        sums[k] = row @ x * x[k]
    return sums.pop(0) + sums.pop(1)


@corner(positive(2))
def warned_once(x):
    """The globals of the function, which a recorded run has, too."""
    sums = {}
    for k, e in enumerate(x):
        sums[k] = e * e
    if "SEEN" not in globals() and "FACTOR" in globals():
        sums[0] = sums[0] * globals()["FACTOR"]
    return sums.pop(0) * sums.pop(1)


FACTOR = 3.0


@corner(several=[(1.5, 0.3), (1.5, 0.9)], argnums=(0, 1))
def beyond_the_critical_angle(index, sine):
    """Complex angles where the real ones end, as the values decide."""
    angle = np.emath.arcsin(index * sine)
    ratio = np.cos(angle) / (1.0 + np.emath.sqrt(1.0 - index * sine))
    return np.abs(ratio) ** 2


# ---------------------------------------------------------------- imports inside functions


@corner(positive(2))
def relative_import_inside(x):
    from . import data
    from .data import normal as draws

    scale = 2.0 if callable(draws) and callable(data.positive) else 3.0
    return np.sum(x * x) * scale


class Track:
    """What has the attribute is decided by what a number is, though it is known when compiling."""

    def __init__(self, start):
        self.place = start
        if np.ndim(start) == 0:
            self.innovation = 0.0
        else:
            self.innovation = np.zeros(len(start))

    def update(self, seen):
        self.innovation = seen - self.place
        self.place = self.place + 0.4 * self.innovation


@corner(normal(4))
def tracked(seen):
    track, total = Track(0.0), 0.0
    for z in seen:
        track.update(z)
        total += track.place * track.innovation
    return total


class Linear(metaclass=abc.ABCMeta):  # noqa: B024
    """A class whose own class is not `type`."""


class Table:
    def __init__(self, values):
        self.values, self.between = values, Linear


@corner(positive(3))
def copy_of_what_holds_a_class(x):
    first = Table(x)
    second = copy.deepcopy(first)
    second.values[0] = x[1] * x[2]
    return np.sum(second.values * x) * (2 if second.between is Linear else 3)


# ---------------------------------------------------------------- lists of whole numbers that are factors


@corner(several=[(positive(3), [1, 2, 3]), (positive(3), (2, 0, 1))])
def products_with_a_list_of_whole_numbers(x, weights):
    return np.dot(weights, x) + x.dot(weights) + np.inner(x, weights[:3]) * np.matmul(weights, x) + x @ list(weights)


# ---------------------------------------------------------------- objects that hold functions


class Filter:
    """Which function inverts is its user's choice."""

    def __init__(self, gain, inverse):
        self.gain, self.inverse = gain, inverse

    def updated(self, seen):
        return Filter(self.gain @ self.inverse(self.gain + np.outer(seen, seen)), self.inverse)


@corner(Filter(positive(2, 2), np.linalg.inv), positive(2), argnums=(0, 1), vjp=True)
def filter_that_holds_functions(f, seen):
    return f.updated(seen)


class Gauge:
    """Its readings are nothing, as long as there are none."""

    def __init__(self, level):
        self.level, self.readings = level, np.array([[None] * 2]).T

    def read(self, z):
        if self.readings[0, 0] is None:
            self.readings = np.array([[z], [z * self.level]])
        return self.readings


@corner(Gauge(1.5), 0.7, argnums=(0, 1))
def array_of_nothing(gauge, z):
    return np.sum(gauge.read(z) ** 2)


# ---------------------------------------------------------------- classes of arrays


class Signal(np.ndarray):
    def __new__(cls, values, label=None):
        made = np.asarray(values).view(cls)
        made.label = label
        return made

    def __array_finalize__(self, other):
        self.label = getattr(other, "label", None)


@corner(positive(3), vjp=True)
def signal_that_is_returned(x):
    return Signal(x * x[::-1], label="product")


@corner(positive(3))
def numbers_of_a_signal(x):
    signal = Signal(x * 2.0)
    numbers = np.asarray(signal)
    numbers[0] = x[1] * x[2]
    return np.sum(np.asarray(signal) ** 2 * x)


# ---------------------------------------------------------------- choices that are not taken


@corner(np.array([0.0, 0.01, 0.5]))
def encoded_by_select(x):
    """The slope of the power is infinite at 0, where it is not taken."""
    return np.sum(np.select([x < 0.018, x >= 0.018], [4.5 * x, 1.099 * np.abs(x) ** 0.45 - 0.099]) * (x + 1))


@corner(np.array([0.0, 0.01, 0.5]))
def encoded_by_choose(x):
    return np.sum(np.choose((x >= 0.018).astype(int), [4.5 * x, 1.099 * np.abs(x) ** 0.45 - 0.099]) * (x + 1))


# ---------------------------------------------------------------- namespaces


@corner(types.SimpleNamespace(mass=1.5, speed=np.array([0.3, -0.7]), name="ball"))
def namespace_that_is_written(ball):
    ball.speed[0] = ball.speed[1] * ball.mass
    ball.mass = ball.mass**2
    ball.energy = 0.5 * ball.mass * np.sum(ball.speed**2)
    return ball.energy


class Cell:
    """An object that says what array it is, and of which its writes are seen."""

    def __init__(self, sides):
        self.sides = sides

    def __array__(self, dtype=None, copy=None):
        return np.array(self.sides, dtype=dtype) if copy else self.sides


@corner(positive(3))
def array_of_an_object(x):
    cell = Cell(x * 2.0)
    copied, same = np.array(cell), np.asarray(cell)
    same[0] = x[1] * x[2]
    return np.sum(copied * cell.sides) + np.sum(np.asarray(cell, dtype=float) ** 3)
