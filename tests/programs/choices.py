"""Elements that are chosen: by an order, by a place, by a key; numbers in lists; what is None until it is found."""

import bisect
import copy
import math
from collections import namedtuple

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
RECORDED_TWICE = {"convex_order"}  # whose second derivative is recorded

X = np.array([0.7, 0.3, 1.2])
Y = np.array([-0.4, 1.3, 0.8])


# ---------------------------------------------------------------- orders


@corner(several=[(X,), (Y,)])
def order_by_swaps(a):
    order = list(range(len(a)))
    for _ in range(len(a)):
        for k in range(len(a) - 1):
            if a[order[k]] > a[order[k + 1]]:
                order[k], order[k + 1] = order[k + 1], order[k]
    return sum(k * a[i] ** 2 for k, i in enumerate(order))


@corner(several=[(X,), (Y,)])
def row_swaps(a):
    m = np.outer(a, a) + np.diag(a + 2)
    order = list(range(len(a)))
    sign = 1.0
    for k in range(len(a)):
        pivot = max(range(k, len(a)), key=lambda i: abs(m[i, k]))
        if pivot != k:
            m[[k, pivot]] = m[[pivot, k]]
            order[k], order[pivot] = order[pivot], order[k]
            sign = -sign
        for i in range(k + 1, len(a)):
            m[i, k] /= m[k, k]
            m[i, k + 1 :] -= m[i, k] * m[k, k + 1 :]
    return sign * np.prod(np.diag(m)) + order[0] * m[0, 0]


@corner(several=[(X,), (Y,)])
def convex_order(a):
    points = [(a[0], a[1]), (a[1], -a[2]), (-a[2], a[0])]
    around = sorted(points, key=lambda p: math.atan2(p[1], p[0]))
    area = 0.0
    for (x0, y0), (x1, y1) in zip(around, around[1:] + around[:1], strict=True):
        area += x0 * y1 - x1 * y0
    return area


@corner(several=[(X,), (Y,)])
def pairs_in_order(a):
    rows = sorted([(v**2, i) for i, v in enumerate(a)], reverse=True)
    return rows[0][0] * rows[2][0] + rows[1][1]


@corner(several=[(X,), (Y,)])
def greatest_pair(a):
    best = max(zip(a, a * 2, strict=True), key=lambda t: t[0] * t[1])
    value, place = min((v * v, i) for i, v in enumerate(a))
    return best[0] * best[1] + value * place


@corner(several=[(X,), (Y,)])
def extremes_by_key(a):
    far, near = max(a[0], a[1], a[2], key=abs), min(a, key=lambda v: (v - 0.45) ** 2)
    at = max(range(len(a)), key=a.__getitem__)
    return far**2 + near * a[at]


@corner(several=[(X,), (Y,)])
def best_entry(a):
    d = {"x": a[0], "y": a[1], "z": a[2]}
    name = max(d, key=lambda k: d[k])
    return d[name] ** 2 + min(d.items(), key=lambda item: item[1])[1]


@corner(X, 3)
def key_is_called_once_for_each(a, n):
    calls = [0]

    def key(v):
        calls[0] += 1
        return -v

    return sorted([v * v for v in a[:n]], key=key)[0] * calls[0]


@corner(np.array([0.5, 0.5, 0.5]))
def the_first_of_equals(a):
    rows = [(a[0], 1.0), (a[1] * 2, 2.0), (a[2] * 3, 1.0)]
    first = min(rows, key=lambda r: r[1])
    last = sorted(rows, key=lambda r: r[1], reverse=True)[2]
    return first[0] ** 2 + last[0]


@corner(several=[(0.3, X), (0.9, X)])
def piecewise_by_bisection(t, a):
    knots = [0.0, 0.5, 1.0]
    i = bisect.bisect(knots, t) - 1
    w = (t - knots[i]) / (knots[i + 1] - knots[i])
    return (1 - w) * a[i] + w * a[i + 1] ** 2


# ---------------------------------------------------------------- places


@corner(several=[(X,), (Y,)])
def free_nodes(a):
    stiffness = np.diag(a + 2) + 0.1 * np.outer(a, a)
    free = np.setdiff1d(np.arange(3), [0])
    u = np.zeros(3)
    u[free] = np.linalg.solve(stiffness[free][:, free], a[free])
    return u @ u


@corner(several=[(X,), (Y,)])
def places_of_all_kinds(a):
    inner = a[np.union1d([0], [2])][:1]
    (above,) = np.where(a > 0.5)
    block = np.outer(a, a)[np.ix_([0, 1], [0, 2])][:1]
    once = a[np.unique([0, 1, 1])][::-1]
    both = a[np.intersect1d([0, 1], [1, 2])][0]
    return np.sum(inner**2) + np.sum(a[above][:1] ** 3) + np.sum(block * block) + once[0] * both


@corner(X)
def places_from_both_ends(a):
    twice = np.arange(-3, 3)
    z = np.zeros(3)
    z[twice] = np.concatenate([a, a * a])
    z[np.arange(-3, 0)] += a
    z[np.arange(2, -1, -1)] *= a
    return np.sum(z * a[twice][1:4]) + np.sum(a[twice] ** 2 * np.arange(6))


# ---------------------------------------------------------------- numbers in lists


@corner(X)
def rows_as_lists(a):
    m = np.outer(a, a).tolist()
    s = 0.0
    for row in m:
        for v in row:
            s += v * v
    m[0][1] = 2.0 * m[1][1]
    return s + m[0][1] * m[0][0]


@corner(X)
def copied_by_the_module(a):
    b, c = copy.copy(a), copy.deepcopy(a)
    b[0] = 2.0
    c[1] *= a[2]
    rows = copy.copy([a[0], a[1]])
    rows[0] = rows[1] ** 2
    return np.sum(a * b * c) + rows[0]


@corner(X)
def entries_of_one_number(a):
    species = {"A": a[0], "B": a[1]}
    change = dict.fromkeys(species, 0.0)
    for name in ("A", "B"):
        change[name] += species[name] ** 2
    for name in list(species):
        species[name] += change[name]
    return species["A"] * species["B"] * a[2]


# ---------------------------------------------------------------- None until it is found


def nearest(a, t):
    best, which = None, None
    for k, v in enumerate(a):
        distance = (v - t) ** 2
        if best is None or distance < best:
            best, which = distance, k
    return best, which


@corner(several=[(X, 0.9), (Y, 0.1)])
def nearest_of_all(a, t):
    d, k = nearest(a, t)
    none, nowhere = nearest(a[:0], t)
    return d * a[k] if none is None and nowhere is None else d


@corner(several=[(X,), (Y,)])
def least_root(a):
    best = None
    for z in a:
        level = math.sin(z)
        if best is None or level < best[0]:
            best = (level, z)
    level, z = best
    return level + z * best[0]


Hit = namedtuple("Hit", "distance place")


@corner(several=[(X,), (Y,)])
def least_hit(a):
    best = None
    for k, z in enumerate(a):
        if best is None or z * z < best.distance:
            best = Hit(z * z, k)
    return best.distance * a[best.place]


def first_above(a, t):
    for v in a:
        if v > t:
            return v * v
    return None


@corner(several=[(X, 0.5, 5.0), (X, 5.0, 0.5), (Y, 0.1, 0.9), (Y, 8.0, 9.0)])
def found_or_not(a, s, t):
    one, other = first_above(a, s), first_above(a, t)
    if one is None:
        return a[0] * 3 if not other else other * a[1]
    return one * 2 if other is None else one * other


@corner(several=[(X,), (Y,)])
def differences_of_followers(a):
    before, total = None, 0.0
    for v in a:
        if before is not None:
            total += (v - before) ** 2
        before = v
    return total * before


@corner(several=[(2.0, 1.0), (0.3, 5.0)])
def until_it_settles(x, c):
    before = None
    while before is None or abs(x - before) > 1e-3:
        before = x
        x = 0.5 * (x + c / x)
    return x + 0.1 * before


@corner(several=[(X,), (Y,)])
def greatest_so_far(a):
    best = None
    for v in a:
        best = v**2 if best is None else max(best, v**2)
    return np.sqrt(best)


@corner(several=[(X, None, 1.0), (X, 0.5, None), (X, None, None)])
def perhaps_limited(a, low, high):
    total = 0.0
    for v in a:
        if low is not None:
            v = max(v, low)
        total += v * v if high is None else min(v, high) ** 2
    return total


@corner(several=[(X,), (Y,)])
def table_that_is_filled(a):
    table = [None] * len(a)
    for i in range(len(a)):
        table[i] = a[i] ** 2 * (1 if i == 0 else table[i - 1])
    return table[-1] * a[0] + table[0]


@corner(several=[(X,), (Y,)])
def one_branch_or_the_other(a):
    x = a[0] * a[1] if a[0] > 0.5 else None
    y = x if x is not None else a[2]
    z = None
    if a[1] > 0.5:
        z = a[1] ** 3
    return y * y + (z or 0.0) * y


def real_root(b, c):
    d = b * b - 4 * c
    return None if d < 0 else (math.sqrt(d) - b) / 2


@corner(several=[(X,), (Y,)])
def roots_that_are_there(a):
    total = 0.0
    for v in a:
        r, q = real_root(v, -abs(v)), real_root(v, v + 2)
        if r is not None:
            total += r
        if q is not None:
            total += 2 * q
    return total


class Controller:
    def __init__(self, gain, limit=None):
        self.gain, self.limit = gain, limit
        self.last = None
        self.integral = 0.0

    def __call__(self, error, dt):
        self.integral += error * dt
        slope = 0.0 if self.last is None else (error - self.last) / dt
        self.last = error
        u = self.gain * error + self.integral + 0.1 * slope
        return u if self.limit is None else min(u, self.limit)


@corner(several=[(X, 0.5), (X, 9.0)])
def controlled(a, limit):
    free, limited = Controller(a[0]), Controller(a[0], limit)
    y, z = 0.0, 0.0
    for _ in range(5):
        y += 0.1 * free(a[1] - y, 0.1)
        z += 0.1 * limited(a[2] - z, 0.1)
    return y * z * a[2]


@corner(several=[(X,), (Y,)])
def two_turns_ago(a):
    b = None
    for v in a:
        t = b
        b = v**2
        if t is not None and t > 0.1:
            b = b * t
    return b


# ---------------------------------------------------------------- any and all, which stop early


@corner(several=[(X,), (Y + 1.5,)])
def newton_until_all_agree(a):
    x = a.copy()
    for _ in range(20):
        y = 0.5 * (x + 2 / x)
        if all(abs(p - q) < 1e-8 for p, q in zip(x, y, strict=True)):
            break
        x = y
    return np.sum(x * a)


@corner(several=[(X,), (Y,)])
def halved_while_any_is_far(a):
    s = a[0]
    while any(s * s + v > 1.5 for v in a if v > 0):
        s *= 0.5
    return s * s + (a[1] if all(v > 0 for v in a) else a[2])


@corner(several=[(X,), (Y,)])
def points_that_are_apart(a):
    kept = []
    for v in a:
        if not any(abs(v - w) < 0.45 for w in kept):
            kept.append(v)
    return sum(v * v * (k + 1) for k, v in enumerate(kept))


@corner(several=[(X,), (Y,)])
def asked_as_often_as_needed(a):
    asked = [0]

    def is_large(v):
        asked[0] += 1
        return v > 0.5

    found = any(is_large(v * w) for v in a for w in a if w > 0)
    return a[2] * asked[0] * (3 if found else 1) + all(v > 9 for v in [])


# ---------------------------------------------------------------- arrays and numbers in one dict


@corner(X)
def state_in_a_dict(a):
    state = {"u": np.zeros(3), "v": a * 2.0, "t": 0.0}
    for i in range(3):
        state["u"][i] = a[i] ** 2 * state["t"] + a[0]
        state["v"] -= 0.1 * state["u"]
        state["t"] += a[i]
    return np.sum(state["u"] * state["v"]) * state["t"]
