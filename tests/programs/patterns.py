"""``match``: by values, sequences, mappings, classes; guards that let fall through; names that stay bound."""

import dataclasses

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
RECORDED_TWICE = {"by_name"}  # whose second derivative is recorded

X = np.array([0.7, -0.3, 1.2, 0.4, -1.1, 0.9])


@corner(several=[(X, name) for name in ("square", "sq", "cube", "exp", "other")])
def by_name(x, kind):
    match kind:
        case "square" | "sq":
            return np.sum(x**2)
        case "cube":
            y = x**3
        case str() as name if name.startswith("e"):
            y = np.exp(x) * len(name)
        case _:
            y = -x
    return np.sum(y)


@corner(several=[(X, item) for item in (None, 1, True, 2.5, [2.0, 1.0, 0.5], [2.0, 3.0], (1.0, 2.0, 3.0, 4.0), 3)])
def by_form(x, item):
    match item:
        case None:
            y = x
        case 1 | 2:
            y = x * item
        case [first, *rest, last]:
            y = x * first + sum(rest) * last * x**2
        case float(v):
            y = v * x
        case int(n):
            y = x**n
    return np.sum(y)


@corner(X)
def elements_by_their_places(x):
    total = 0.0
    for k, v in enumerate(x):
        match (k % 3, bool(v > 0)):
            case (0, _):
                continue
            case (1, True):
                total += v**2
            case (1, False):
                total -= v
            case (n, flag) if flag:
                total += n * v
                if total > 100:
                    break
            case other:
                total += other[0] * v * 3
    return total


@corner(X)
def state_of_a_machine(x):
    state = ("first", 0.0)
    for v in x:
        match state:
            case ("first", total):
                state = ("then", total + v * v)
            case ("then", total):
                state = ("then", total * v + 1)
    return state[1]


@corner(X)
def names_stay_bound_when_the_guard_says_no(x):
    found = 0.0
    match [x[0], x[1]]:
        case [found, second] if second > 0:
            return found * second
        case [_, second]:
            return found**2 * second


@dataclasses.dataclass
class Circle:
    radius: float


@dataclasses.dataclass
class Box:
    width: float
    height: float


def area(shape):
    match shape:
        case Circle(radius):
            return 3.0 * radius**2
        case Box(w, height=h) if w > h:
            return w * h
        case Box():
            return shape.width * shape.height * 2
    return 0.0


@corner(several=[(0.7, 0.3), (0.3, 0.7)])
def areas_of_shapes(a, b):
    return area(Circle(a * b)) + area(Box(a, b)) * area(Box(b, a))
