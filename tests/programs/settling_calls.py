"""Calls that come near something by decisions, one inside the other or one after the other, and what they leave.

The functions call each other, or themselves under no name of theirs; what they find stands in arguments, in what they
capture, in objects, lists, exceptions, generators, functions.  Refused; quadratures and Newton's method stay right.
"""

import functools
import math
import operator
from typing import NamedTuple

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
REFUSED = "found by decisions"
X = 1.7


def left(x, low, high):
    m = (low + high) / 2
    if high - low < 1e-12:
        return x * m
    if m * m < x:
        return right(x, m, high)
    return right(x, low, m)


def right(x, low, high):
    m = (low + high) / 2
    if high - low < 1e-12:
        return math.sin(x * m)
    if m * m > x:
        return left(x, low, m)
    return left(x, m, high)


@corner(X, refused=REFUSED)
def product_by_two_functions(x):
    return left(x, 0.0, 4.0)


@corner(X, refused=REFUSED)
def product_on_the_way_back(x):
    def go(low, high, n):
        m = (low + high) / 2
        if n == 0:
            return m
        return on(*((m, high) if m * m < x else (low, m)), n - 1) * x / x

    def on(low, high, n):
        return math.sin(x) * go(low, high, n)

    return go(0.0, 2.0, 50)


class Methods:
    def ask(self, x, low, high, n):
        if n == 0:
            return x * (low + high) / 2
        m = (low + high) / 2
        return self.go_on(x, m, high, n - 1) if m * m < x else self.go_on(x, low, m, n - 1)

    def go_on(self, x, low, high, n):
        return self.ask(x, low, high, n)


@corner(X, refused=REFUSED)
def product_by_two_methods(x):
    return Methods().ask(x, 0.0, 4.0, 50)


@corner(X, refused=REFUSED)
def product_put_into_a_list(x):
    box = []

    def go(low, high, n):
        m = (low + high) / 2
        if n == 0:
            box.append(x * m)
            return
        go(*((m, high) if m * m < x else (low, m)), n - 1)

    go(0.0, 4.0, 50)
    return box[0]


@corner(X, refused=REFUSED)
def products_put_into_a_dict(x):
    found = {}

    def go(low, high, n):
        m = (low + high) / 2
        found["last"] = x * m
        if n:
            go(*((m, high) if m * m < x else (low, m)), n - 1)

    go(0.0, 4.0, 50)
    return found["last"]


@corner(X, refused=REFUSED)
def product_that_is_captured(x):
    last = 0.0

    def go(low, high, n):
        nonlocal last
        m = (low + high) / 2
        last = x * m
        if n:
            go(*((m, high) if m * m < x else (low, m)), n - 1)

    go(0.0, 4.0, 50)
    return last


class Box:
    pass


@corner(X, refused=REFUSED)
def product_in_an_attribute(x):
    box = Box()

    def go(low, high, n):
        m = (low + high) / 2
        box.value = x * m
        if n:
            go(*((m, high) if m * m < x else (low, m)), n - 1)

    go(0.0, 4.0, 50)
    return box.value


@corner(X, refused=REFUSED)
def product_in_an_attribute_between_ends_that_move(x):
    box = Box()

    def go(low, high):
        m = (low + high) / 2
        if high - low < 1e-12:
            box.value = m * x
            return
        go(m, high) if m * m < x else go(low, m)

    go(0.1 * x, 2 * x)
    return box.value


@corner(X, refused=REFUSED)
def list_between_ends_that_move(x):
    out = []

    def go(low, high, n):
        m = (low + high) / 2
        out.append(m)
        if n == 0:
            return
        if m * m < x:
            go(m, high, n - 1)
        else:
            go(low, m, n - 1)

    go(0.1 * x, 2 * x, 50)
    return x * out[-1] + math.sin(out[-2])


@corner(X, refused=REFUSED)
def dict_by_two_functions_between_ends_that_move(x):
    out = {}

    def go(low, high, n):
        m = (low + high) / 2
        out[n] = m * x
        if n > 0:
            (go if n % 2 else other)(*((m, high) if m * m < x else (low, m)), n - 1)

    def other(*rest):
        go(*rest)

    go(0.1 * x, 2 * x, 50)
    return out[0]


@corner(X, refused=REFUSED)
def lambda_that_calls_itself(x):
    go = lambda low, high, n: (  # noqa: E731
        x * (low + high) / 2
        if n == 0
        else go((low + high) / 2, high, n - 1)
        if ((low + high) / 2) ** 2 < x
        else go(low, (low + high) / 2, n - 1)
    )
    return go(0.0, 2.0, 50)


@corner(X, refused=REFUSED)
def object_that_calls_itself(x):
    class Search:
        def __call__(self, low, high, n):
            m = (low + high) / 2
            if n == 0:
                return x * m
            return self(m, high, n - 1) if m * m < x else self(low, m, n - 1)

    return Search()(0.0, 2.0, 50)


@corner(X, refused=REFUSED)
def ends_in_starred_arguments(x):
    def go(n, *ends):
        low, high = ends
        m = (low + high) / 2
        if n == 0:
            return x * m
        return go(n - 1, *((m, high) if m * m < x else (low, m)))

    return go(50, 0.0, 2.0)


@corner(X, refused=REFUSED)
def ends_in_named_arguments(x):
    def go(n, **ends):
        m = (ends["low"] + ends["high"]) / 2
        if n == 0:
            return x * m
        return go(n - 1, **({**ends, "low": m} if m * m < x else {**ends, "high": m}))

    return go(50, low=0.0, high=2.0)


@corner(X, refused=REFUSED)
def function_given_to_itself(x):
    def go(self, low, high, n):
        m = (low + high) / 2
        if n == 0:
            return x * m
        return self(self, m, high, n - 1) if m * m < x else self(self, low, m, n - 1)

    return go(go, 0.0, 2.0, 50)


@corner(X, refused=REFUSED)
def functions_in_a_table(x):
    table = {}

    def go(low, high, n):
        m = (low + high) / 2
        table[n] = m
        return 0 if n == 0 else table["up" if m * m < x else "down"](low, m, high, n - 1)

    table["up"] = lambda low, m, high, n: go(m, high, n)
    table["down"] = lambda low, m, high, n: go(low, m, n)
    go(0.0, 2.0, 50)
    return table[0] * x


@corner(X, refused=REFUSED)
def functions_handed_back(x):
    def go(low, high, n):
        m = (low + high) / 2
        if n == 0:
            return x * m
        return (lambda: go(m, high, n - 1)) if m * m < x else (lambda: go(low, m, n - 1))

    r = go(0.0, 2.0, 50)
    while callable(r):
        r = r()
    return r


@corner(X, refused=REFUSED)
def function_of_what_is_found(x):
    def go(low, high, n):
        m = (low + high) / 2
        if n == 0:
            return functools.partial(operator.mul, m)
        return go(m, high, n - 1) if m * m < x else go(low, m, n - 1)

    return go(0.0, 2.0, 50)(x)


class Found(Exception):
    pass


@corner(X, refused=REFUSED)
def found_by_an_exception(x):
    def go(low, high, n):
        m = (low + high) / 2
        if n == 0:
            raise Found(m)
        go(m, high, n - 1) if m * m < x else go(low, m, n - 1)

    try:
        go(0.0, 2.0, 50)
    except Found as found:
        return found.args[0] * x


@corner(X, refused=REFUSED)
def objects_that_make_others(x):
    class Node:
        def __init__(self, low, high, n):
            self.m = (low + high) / 2
            self.kid = None
            if n:
                self.kid = Node(self.m, high, n - 1) if self.m * self.m < x else Node(low, self.m, n - 1)

    node = Node(0.0, 2.0, 50)
    while node.kid is not None:
        node = node.kid
    return node.m * x


class Pair(tuple):
    def middle(self):
        return (self[0] + self[1]) / 2


class Ends(NamedTuple):
    low: float
    high: float


@corner(X, refused=REFUSED)
def ends_in_a_tuple_of_the_users(x):
    def go(p, n):
        m = p.middle()
        if n == 0:
            return x * m
        return go(Pair((m, p[1])), n - 1) if m * m < x else go(Pair((p[0], m)), n - 1)

    return go(Pair((0.0, 2.0)), 50)


@corner(X, refused=REFUSED)
def tuples_of_the_users_in_a_loop(x):
    p = Pair((0.1 * x, 2 * x))
    for _ in range(50):
        m = p.middle()
        p = Pair((m, p[1])) if m * m < x else Pair((p[0], m))
    return x * p.middle()


@corner(X, refused=REFUSED)
def named_tuples_in_a_loop(x):
    p = Ends(0.0, 2.0)
    for _ in range(50):
        m = (p.low + p.high) / 2
        side = "low" if m * m < x else "high"
        p = p._replace(**{side: m})
    return x * p.low


@corner(X, refused=REFUSED)
def generators_inside_each_other(x):
    def go(low, high):
        m = (low + high) / 2
        if high - low < 1e-12:
            yield m
        elif m * m < x:
            yield from go(m, high)
        else:
            yield from go(low, m)

    return x * next(go(0.0, 2.0))


@corner(X, refused=REFUSED)
def generators_between_ends_that_move(x):
    def go(low, high):
        m = (low + high) / 2
        if high - low < 1e-12:
            yield m
        else:
            yield from (v for v in (go(m, high) if m * m < x else go(low, m)))

    (r,) = go(0.1 * x, 2.0 * x)
    return math.sin(x * r)


@corner(X, refused=REFUSED)
def two_generators(x):
    def ask(low, high):
        m = (low + high) / 2
        if high - low < 1e-12:
            yield m * x
            return
        yield from go_on(m, high) if m * m < x else go_on(low, m)

    def go_on(low, high):
        yield from ask(low, high)

    return next(ask(0.0, 2.0))


# What they find has no part in the derivative, or has one that is computed.


def simpson(f, a, fa, b, fb):
    m = (a + b) / 2
    fm = f(m)
    return m, fm, abs(b - a) / 6 * (fa + 4 * fm + fb)


def adaptive(f, a, fa, b, fb, eps, whole, m, fm):
    lm, flm, lower = simpson(f, a, fa, m, fm)
    rm, frm, upper = simpson(f, m, fm, b, fb)
    delta = lower + upper - whole
    if abs(delta) <= 15 * eps:
        return lower + upper + delta / 15
    return adaptive(f, a, fa, m, fm, eps / 2, lower, lm, flm) + adaptive(f, m, fm, b, fb, eps / 2, upper, rm, frm)


@corner(X, second=False)  # its second derivative is refused
def deep_adaptive_quadrature(x):
    def f(t):
        return math.sqrt(t) * math.cos(x * t)

    fa, fb = f(0.0), f(2.0)
    m, fm, whole = simpson(f, 0.0, fa, 2.0, fb)
    return adaptive(f, 0.0, fa, 2.0, fb, 1e-8, whole, m, fm)


@corner(X)
def adaptive_quadrature_by_two_functions(x):
    def f(t):
        return 1 / (1e-2 + (t - x / 5) ** 2)

    def go(a, b, eps):
        h, m = b - a, (a + b) / 2
        once = h * f(m)
        twice = h / 2 * (f((a + m) / 2) + f((m + b) / 2))
        return twice + (twice - once) / 3 if abs(twice - once) < eps else split(a, m, b, eps)

    def split(a, m, b, eps):
        return go(a, m, eps / 2) + go(m, b, eps / 2)

    return go(0.0, 2.0, 1e-1)


class Quadrature:
    def __init__(self):
        self.calls, self.total = 0, 0.0

    def add(self, f, a, b, eps):
        self.calls += 1
        h, m = b - a, (a + b) / 2
        once = h * f(m)
        twice = h / 2 * (f((a + m) / 2) + f((m + b) / 2))
        if abs(twice - once) < eps:
            self.total += twice + (twice - once) / 3
            return
        self.add(f, a, m, eps / 2)
        self.add(f, m, b, eps / 2)


@corner(X)
def adaptive_quadrature_by_an_object(x):
    quadrature = Quadrature()
    quadrature.add(lambda t: 1 / (1e-2 + (t - x / 5) ** 2), 0.0, 2.0, 1e-1)
    return quadrature.total


@corner(X)
def adaptive_quadrature_by_a_generator(x):
    def f(t):
        return 1 / (1e-2 + (t - x / 5) ** 2)

    def parts(a, b, eps):
        h, m = b - a, (a + b) / 2
        once = h * f(m)
        twice = h / 2 * (f((a + m) / 2) + f((m + b) / 2))
        if abs(twice - once) < eps:
            yield twice + (twice - once) / 3
        else:
            yield from parts(a, m, eps / 2)
            yield from parts(m, b, eps / 2)

    return sum(parts(0.0, 2.0, 1e-1))


@corner(X)
def newtons_method_by_two_functions(x):
    def step(y, n):
        return y * x if n == 0 else check((y + x / y) / 2, n - 1)

    def check(y, n):
        return step(y, n) if y > 0 else 0.0

    return step(x, 20)
