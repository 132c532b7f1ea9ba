"""Corners of what is compiled: names that generated code likes too, stores by ``out=``, named tuples, base classes."""

import math
from collections import namedtuple
from typing import NamedTuple

import numpy as np

from .data import normal, positive
from .harness import Program

# Names


def steps_until(x, steps):
    s = 0.0
    for _step in range(steps):
        x = x * 1.1 + np.sin(s)
        if not x < 2.0:
            break
        s += x**2
    return s + x


def accumulate_is_a_number(x, u, n):
    rows = [u * 1.0]
    accumulate = 0
    while accumulate < 3 and n < 3:
        accumulate += 1
        rows[0] = np.cumsum(rows[0]) * x
    return np.sum(rows[-1] * rows[0]) + accumulate


def walked_and_carried(u, n):
    t = u * 1.0
    for t_1 in t:
        t = t * t_1 + n
    return np.sum(t)


# A value that may not be there yet, pushed forward


def searched(y, k):
    for i in range(k):
        if y > 0.8:
            return y * i
        y = y + 0.3 * y * y
    return y


def early_return_in_a_loop(u, n):
    return searched(u[0], n) * searched(np.tanh(u[1]), n % 4)


# What is read from an array before it is put back


def slice_overwritten_by_its_derived(u):
    for k in range(2, 0, -1):
        a = u * u - u * u * 0.5
        view = u[:2]
        view[-1] = np.tanh(a[k % 3]) * u[2]
    m = np.outer(u - u * 0.5, u)
    return np.sum(np.sin(m) * np.array([1.0, 2.0, 3.0]) @ m)


# Stores


def buffers_by_turns(x, steps):
    new = np.empty_like(x)
    for _ in range(steps):
        np.add(x[1:], x[:-1], out=new[1:])
        new[0] = x[0]
        x, new = new, x
    return np.sum(x**2)


def divided_where(x):
    safe = np.divide(1.0, x, out=np.zeros_like(x), where=x > 0.25)
    log = np.full(3, 7.0)
    np.log(x, out=log, where=x > 0.25)
    return np.sum(safe) + np.sum(log * x)


def out_by_position(x):
    c = np.zeros((3, 3))
    np.dot(np.outer(x, x), np.ones((3, 3)), c)
    d = np.zeros(6)
    np.concatenate([x, x], 0, d)
    e = np.zeros(3)
    np.cumsum(x, 0, None, e)
    f = x.clip(0, 0.4, np.zeros(3))
    return np.sum(c * c) + np.sum(d * d) + np.sum(e * f)


def out_of_a_reduction(a):
    total = np.empty(a.shape[1])
    np.sum(a, axis=0, out=total)
    biggest = np.max(a, axis=0, out=np.empty(a.shape[1]))
    return np.sum(total * biggest)


def out_overlaps(x):
    np.add(x[1:], x[:-1], out=x[:-1])
    np.multiply(x[::-1], 2.0, out=x)
    return np.sum(x * np.arange(len(x)))


def rounded_on_the_way(x):
    y = np.zeros(3, dtype=np.float32)
    np.add(x, 1.0, out=y)
    return float(y.dtype == np.float32) * np.sum(x * x)


def rows_by_ellipsis(x):
    a = np.zeros((2, 3))
    row = a[1]
    row[...] = x * x
    a[0][:] = row + x
    return np.sum(a**2)


def diagonal_of_views(x):
    a = np.outer(x, x)
    np.fill_diagonal(a, 0.5)
    np.fill_diagonal(a[:2], x[0])
    i = np.arange(3)
    a[i, i] += x
    return np.sum(a**2 * np.arange(9).reshape(3, 3))


def inserted(x):
    items = [x[0]]
    items.insert(0, x[1] * 2)
    items.insert(1, x[2] ** 2)
    items.insert(-1, x[0] * x[1])
    return items[0] * items[1] + items[2] * 3 + items[3]


# Named tuples

Pair = namedtuple("Pair", "x y")


class Vector(NamedTuple):
    x: float
    y: float = 2.0

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    @property
    def norm(self):
        return np.sqrt(self.dot(self))

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)


def vectors(x):
    v = Vector(x[0])
    w = Vector(x[1], y=x[2])
    s = v + w * 3.0
    return s.dot(v) + w.norm + s[1] + len(w)


def vector_argument(v):
    return (v + v * 2.0).dot(v)


def states(x):
    state = Pair(x[0], x[1])
    for _ in range(4):
        state = Pair(state.x + 0.1 * state.y, state.y - 0.1 * state.x * x[2])
    a, b = state._replace(y=state.x * state.y)
    return a**2 + b + sum(state)


def both(x):
    return Pair(x[0] * x[1], np.sin(x))


def pair_of_a_helper(x):
    r = both(x)
    a, b = r
    return r.x * np.sum(r.y * b) + a


def pair_returned(x):
    return Pair(x[0] * x[1], [both(x).y, x])


# Base classes


class Scaled:
    def __init__(self, k):
        self.k = k

    def value(self, x):
        return np.sum(x) * self.k

    @property
    def half(self):
        return self.k / 2


class Squared(Scaled):
    def value(self, x):
        twice = super(Squared, self)  # noqa: UP008 (the long form)
        return super().value(x) ** 2 + twice.value(x * x) * super().half

    def __call__(self, x):
        return self.value(x)


class Cubed(Squared):
    def value(self, x):
        return super().value(x) * __class__.factor

    factor = 1.5


MODEL = Cubed(2.0)


def by_super(x):
    return MODEL.value(x) + MODEL(x * 2)


def by_super_of_an_argument(model, x):
    return model(x)


def strictly(x):
    s = 0.0
    for a, b in zip(x, x[::-1], strict=True):
        s += a * b * b
    for i, (a, b) in enumerate(zip([1, 2, 3], x, strict=True)):
        s += a * b * i
    return s


# Arguments of arrays with integers among them, which have no gradient


def arrays_and_sizes(p):
    return np.sum(p["x"][p["places"]] ** 2) * p["n"]


def array_and_power(pair):
    values, n = pair
    return np.sum(values**n)


# Read through a view, and by elements of it, of an array that each turn overwrites


def view_of_the_overwritten(u):
    ends = u[::2]
    for _ in range(3):
        u[:] *= np.tanh(u[2]) * (ends[0] + 1.5)
    return np.sum(u) * ends[0]


# Numbers whose class depends on their values


def sum_of_what_may_be_nothing(x, n):
    total = sum([x * i for i in range(n)])
    return total * x if isinstance(total, float) else 3.0 * x


def whole_power_that_may_be_negative(x, n):
    k = pow(n, -n)
    k **= -2
    return x * k if isinstance(k, float) else 100.0 * x


def parts_of_a_complex_power(x, p):
    return (x**p).real + (x**p).imag


def dtype_that_is_not_known(x, flags, u, n):
    v = flags**n
    if x > 0.9:
        v = np.outer(u, u).dot(u)
    return x * (1.0 if v.dtype == np.float64 else 3.0) + np.sum(v * u)


def lists_pushed_forward(u, n):
    two = np.maximum([u[0], u[1]], [0.9, 0.3]) * np.multiply([u[0]], u[1:])
    return np.sum(two) + np.sum(np.concatenate([np.arange(n), u])) * math.prod([u[0], n])


# Limits of numbers, and shapes of parts


def limits(x):
    own = np.finfo(x.dtype)
    small = np.maximum(x**2, own.eps) / (np.finfo(float).tiny + np.sum(np.abs(x)))
    return np.sum(small) * np.iinfo(np.int8).max + np.finfo("f4").eps * x[0] + own.bits


def last_axes_joined(x):
    y = np.reshape(x, (*np.shape(x)[:-2], -1)) * 1.5
    y[0] = 2.0
    z = np.reshape(y, (*y.shape[:1], 2, *np.shape(x)[2:]))
    return np.sum(np.sort(y) ** 2) + np.sum(z[:, 0] ** 3)


PROGRAMS = [
    Program(steps_until, [(0.5, 20), (1.9, 3), (0.1, 0)]),
    Program(accumulate_is_a_number, [(0.7, normal(3), 1), (0.7, normal(3), 5)], argnums=(0, 1)),
    Program(walked_and_carried, [(positive(3), 2)]),
    Program(early_return_in_a_loop, [(positive(2), 3), (positive(2), 0), (positive(2) + 1, 3)]),
    Program(slice_overwritten_by_its_derived, [(normal(3),)]),
    Program(buffers_by_turns, [(normal(5), 3), (normal(5), 0)]),
    Program(divided_where, [(np.array([0.1, 0.7, 0.5]),), (np.array([0.1, 0.2, -1.0]),)]),
    Program(out_by_position, [(np.array([0.1, 0.7, 0.3]),)]),
    Program(out_of_a_reduction, [(normal(3, 2),)]),
    Program(out_overlaps, [(normal(4),)]),
    Program(rounded_on_the_way, [(normal(3),)]),
    Program(rows_by_ellipsis, [(normal(3),)]),
    Program(diagonal_of_views, [(normal(3),)]),
    Program(inserted, [(normal(3),)]),
    Program(vectors, [(positive(3),)]),
    Program(vector_argument, [(Vector(0.3, 0.4),)]),
    Program(states, [(normal(3),)]),
    Program(pair_of_a_helper, [(normal(3),)]),
    Program(pair_returned, [(normal(3),)], vjp=True),
    Program(by_super, [(normal(3),)]),
    Program(by_super_of_an_argument, [(Cubed(1.5), normal(3))], argnums=(0, 1)),
    Program(
        arrays_and_sizes,
        [
            (
                {
                    "x": normal(3),
                    "n": 3,
                    "on": True,
                    "name": "a",
                    "places": np.array([0, 2]),
                    "more": [1.5, 2, {"q": normal(2)}],
                },
            )
        ],
    ),
    Program(array_and_power, [((positive(3), 2),), ([positive(3), 2],)]),
    Program(strictly, [(normal(3),)]),
    Program(sum_of_what_may_be_nothing, [(0.7, 3), (0.7, 0)]),
    Program(whole_power_that_may_be_negative, [(0.7, 2), (0.7, -1)]),
    Program(parts_of_a_complex_power, [(-1.5, 0.5), (1.5, 0.5)]),
    Program(
        dtype_that_is_not_known,
        [(0.7, np.array([True, False]), normal(2), 3), (1.7, np.array([True, False]), normal(2), 3)],
        argnums=(0, 2),
    ),
    Program(lists_pushed_forward, [(positive(3), 2)]),
    Program(view_of_the_overwritten, [(1.0 + positive(3),)]),
    Program(limits, [(normal(3),), (normal(3, dtype=np.float32),)]),
    Program(last_axes_joined, [(normal(2, 2, 3),)]),
]
