"""In which order things happen, how often, and what stays of a call.

Each of these programs gave a wrong number, a crash or a needless refusal at some time.
"""

import enum

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.7, -0.4, 1.3, 0.2])


# Names that the targets of an assignment bind are seen by the targets behind them, and by no others.


@corner(X)
def targets_before_names(x):
    i = 0
    values = [x[1], x[2], x[3]]
    values[i], i = x[0], 2
    i, values[i] = 1, x[3] ** 2
    values[i], (i, values[i]) = values[i + 1], (0, 5.0 * x[1])
    return values[0] + 2 * values[1] * values[2] + i


class Link:
    def __init__(self, value, after):
        self.value = value
        self.after = after


@corner(X)
def a_linked_list_is_turned(x):
    here, before = None, None
    for e in x:
        here = Link(e, here)
    while here:
        here.after, before, here = before, here, here.after
    total, weight = 0.0, 1
    while before:
        total, weight, before = total + weight * before.value**2, weight + 1, before.after
    return total


# What is updated is found before the value is computed, and a value before the place that it is put in.


@corner(X)
def an_index_that_the_value_moves(x):
    i = 0
    values = [x[0], x[1], x[2]]

    def following():
        nonlocal i
        i += 1
        return x[i] * 2

    values[i] += following()
    values[i] *= following()
    values[i] -= (i := 0) + x[3]
    return values[0] + 3 * values[1] + 7 * values[2] * i + values[0] * values[1]


@corner(X)
def a_list_that_the_value_replaces(x):
    values = [x[0], x[1]]
    first = values

    def other():
        nonlocal values
        values = [x[2], x[3]]
        return x[0]

    values[0] += other()
    return first[0] * 5 + values[0] + values[1] * first[1]


class Ring:
    def __init__(self, size):
        self.values = [0.0] * size
        self.count = 0

    def following(self):
        self.count += 1
        return self.count % len(self.values)


@corner(X)
def an_index_that_changes_the_value(x):
    ring = Ring(3)
    for e in x:
        ring.values[ring.following()] = ring.count * e
    return ring.values[0] + 2 * ring.values[1] + 5 * ring.values[2] * ring.count


# A sum begins with 0: of NumPy's booleans it is a number.


@corner(X)
def signs_are_counted(x):
    count = sum([x[0] > 0, x[1] > 0, x[2] > 0])
    return x[0] * count + max(x[0], x[0], x[0]) * sum((e > 0, x[3] > 0)[k] for k, e in enumerate(x[:2]))


# Lists that nothing is put into.

LAYERS: list = []


@corner(X)
def layers_that_are_not_there(x):
    for k, layer in enumerate(LAYERS):
        x = layer(x) * k
    for layer, e in zip(LAYERS, x, strict=False):
        if e > 0:
            break
        x = layer(x)
    else:
        x = x * 2
    return np.sum(x**2)


@corner(X)
def step_that_is_not_there_on_a_path(x):
    steps = list(LAYERS)
    if np.sum(x) < -9.0:
        x = steps.pop()(x) * 2
    for _ in range(2):
        if x[0] < -9.0:
            x = steps[0](x)
    return np.sum(x**2)


@corner(X)
def steps_that_are_not_there(x):
    steps = list(LAYERS)
    while steps:
        x = steps.pop()(x)
    return np.sum(x**2)


# What is noted in a list outside, and read there again, is what was computed.

NOTED: list = []
ALSO = {"noted": NOTED}


def note(value):
    NOTED.append(value)
    return value


@corner(X)
def noted_and_read(x):
    NOTED.append(x[0] * 2)
    return NOTED[-1] * x[1]


@corner(X)
def noted_and_read_by_another_name(x):
    for e in x:
        note(e**2)
    return ALSO["noted"][-1] * sum(NOTED[-3:])


def newest():
    return NOTED[len(NOTED) - 1]


@corner(X)
def noted_and_read_elsewhere(x):
    total = sum(note(e) * e for e in x)
    return total * newest()


class Level(enum.IntEnum):
    LOW = 2
    HIGH = 3


class Part(enum.IntFlag):
    FIRST = 1
    REST = 2


@corner(several=[(X, Level.LOW, Part.FIRST), (X, Level.HIGH, Part.FIRST | Part.REST)])
def whole_numbers_with_names(x, level, part):
    total = x[0] * level + part * x[1:]
    return np.sum(total ** int(level)) / part + x[level] ** level + level


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


@corner(several=[(X, Mode.FAST, {"mode": Level.LOW}), (X, Mode.SLOW, {"mode": Level.HIGH})])
def members_of_enumerations(x, mode, options):
    weights = {Level.LOW: x[0], Level.HIGH: x[1] * 2}
    parts = {}
    for e in x:
        parts[len(parts) % options["mode"]] = e * weights[options["mode"]]
    match mode:
        case Mode.FAST:
            return sum(parts.values()) ** 2
        case Mode.SLOW:
            return sum(parts.values()) * (3 if mode is Mode.SLOW else 5)


# An argument is copied as it is: descriptors of its class are not asked.


SET: list = []


def set_since():
    found = list(SET)
    SET.clear()
    return found


class Positive:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, obj, cls):
        return obj.__dict__[self.name]

    def __set__(self, obj, value):
        SET.append(self.name)
        obj.__dict__[self.name] = value


class Spring:
    stiffness = Positive()

    def __init__(self, stiffness):
        self.stiffness = stiffness
        self.log = []


@corner(Spring(2.0), X, argnums=1, effects=set_since)
def descriptors_of_an_argument(spring, x):
    for e in x:
        spring.log.append(e * spring.stiffness)
    spring.stiffness = spring.log.pop()
    return sum(spring.log) * spring.stiffness
