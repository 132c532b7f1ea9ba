"""Tuples with arrays in them that may be None: states that begin as None, the best so far, searches in vain."""

import numpy as np

from .data import normal
from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])


def product(a, b):
    if a.shape[1] != b.shape[0]:
        print("the sizes differ")
        return None
    return a @ b, 1


@corner(normal(3, 3), normal(3, 3), argnums=(0, 1))
def helper_that_gives_none_for_bad_input(a, b):
    c, n = product(a, b)
    return np.sum(c**2) * n


def moments(x, state=None):
    mean, square = state if state is not None else (x * 0.0, x * 0.5)
    mean = 0.9 * mean + 0.1 * x
    return mean, square + mean**2


@corner(X)
def state_of_an_optimiser(x):
    state = None
    for _ in range(4):
        state = moments(x, state)
        x = x - 0.1 * state[0] / np.sqrt(state[1] + 1)
    return np.sum(x**2)


@corner(X)
def state_of_a_cell(x):
    state, out = None, 0.0
    for _ in range(3):
        if state is None:
            h, c = np.zeros(2), np.zeros(2)
        else:
            h, c = state
        c = np.tanh(x[:2] * h + x[2]) + c
        h = np.tanh(c) * h + x[:2]
        state = (h, c)
        out = out + np.sum(h)
    return out


@corner(X)
def best_so_far(x):
    best = None
    for k in range(4):
        point = x * (k - 1.5)
        cost = np.sum((point - 0.2) ** 2)
        if best is None or cost < best[0]:
            best = cost, point
    cost, point = best
    return cost + np.sum(point**3)


@corner(X, several=[(X,), (20 * X,)])
def perhaps_never_found(x):
    found = None
    for i in range(3):
        if x[i] > 10:
            found = (x, x * 2)
    return np.sum(x**2) if found is None else np.sum(found[0] * found[1])


def shrunk(x, tolerance):
    for i in range(5):
        x = x * 0.7
        if np.sum(x**2) < tolerance:
            return x, i
    return None


@corner(X)
def helper_that_finds_or_not(x):
    found, other = shrunk(x, 0.5), shrunk(x, 1e-9)
    if found is None:
        return np.sum(x)
    y, i = found
    return np.sum(y**2) * i + (0.0 if other is None else np.sum(other[0]))


@corner(X)
def none_again_and_again(x):
    s, out = None, 0.0
    for i in range(4):
        if i % 2:
            s = (x * i, np.sum(x))
        elif s is not None:
            out = out + np.sum(s[0] ** 2) * s[1]
            s = None
    return out


@corner(X)
def swapped(x):
    a, b = None, (x, x * 2)
    for _ in range(3):
        a, b = b, (a if a is not None else (x * x, x))
    return np.sum(a[0] * a[1] * b[0])


@corner(X)
def nested(x):
    state = None
    for _ in range(3):
        if state is None:
            state = ((x * 0.5, x[0]), 1)
        (a, b), k = state
        state = ((a * np.sin(x) + b, b * a[1]), k + 1)
    return np.sum(state[0][0]) * state[0][1] * state[1]


@corner(X)
def kept_in_a_list(x):
    out, s = [], None
    for i in range(3):
        s = (x[i], x * (i + 2)) if s is None else (s[0] + x[i], s[1] * x)
        out.append(s)
    return sum(np.sum(b) * a for a, b in out)


def powers(x, n=3, s=None):
    if n == 0:
        return np.sum(s[0]) * s[1]
    if s is None:
        s = (x, 1.0)
    return powers(x, n - 1, (s[0] * x, s[1] + x[0]))


PROGRAMS.append(Program(powers, [(X,)]))


@corner(X)
def copied_and_written(x):
    s = None
    for i in range(3):
        if s is None:
            s = (np.zeros(3), 0.0)
        b = s[0].copy()
        b[i] = x[i] ** 2
        s = (b, s[1] + x[i])
    return np.sum(s[0]) * s[1]


@corner(X, refused="may share memory")
def written_in_place(x):
    s = None
    for i in range(3):
        if s is None:
            s = (np.zeros(3), 0.0)
        s[0][i] = x[i] ** 2
        s = (s[0], s[1] + x[i])
    return np.sum(s[0]) * s[1]


@corner(X, refused="may share memory")
def views_of_what_is_written(x):
    y, s = x * 2, None
    if x[0] > 0:
        s = (y[:2], y[1:])
    y[1] = 7.0 * x[2]
    return np.sum(s[0] * s[1])


@corner(X, refused="may share memory")
def what_is_written_through_them(x):
    y, s = x * 2, None
    if x[0] > 0:
        s = (y[:2], y[1:])
    s[0][1] = 7.0 * x[2]
    return np.sum(y**2) + np.sum(s[1])


@corner(X)
def asked_by_truth(x):
    s = None
    if x[0] > 100:
        s = (x, x)
    return np.sum(s[0]) if s else np.sum(x**3)
