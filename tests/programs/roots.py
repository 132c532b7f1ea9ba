"""Loops that narrow an interval onto a root: what they find moves by the implicit function theorem."""

import functools
import math

import numpy as np

from .data import positive
from .harness import Program, corners

PROGRAMS: list[Program] = []
DECIDED = "found by decisions"
corner = functools.partial(corners(PROGRAMS), compiled_only=DECIDED)  # a run has no text to ask again


def bisect(f, a, b, tol=1e-13, maxiter=200):
    """As in textbooks, with what they check."""
    fa, fb = f(a), f(b)
    if fa * fb > 0:
        raise ValueError("no change of sign")
    for _ in range(maxiter):
        c = (a + b) / 2
        fc = f(c)
        if fc == 0 or (b - a) / 2 < tol:
            return c
        if fa * fc < 0:
            b, fb = c, fc
        else:
            a, fa = c, fc
    raise RuntimeError("no convergence")


@corner(several=[(2.0,), (0.3,)])
def root_of_an_argument(p):
    return bisect(lambda x: x * math.exp(x) - p, 0.0, 3.0) * p


@corner(several=[(4.0,), (2.0,)])
def root_that_is_hit(p):
    """At 4 the first middle is the root: the interval is still wide there."""
    return bisect(lambda x: x * x - p, 0.0, 4.0)


@corner(several=[(1.7,), (0.4,)])
def root_of_what_branches(p):
    def f(x):
        if x < 1:
            return x - p
        return x * x - p

    return bisect(f, 0.0, 3.0) ** 2


class Curve:
    def __init__(self, a):
        self.a = a
        self.asked = 0

    def value(self, x):
        return math.tanh(x) - self.a * 0.9

    def counted(self, x):
        self.asked += 1
        return self.value(x)


@corner(0.8)
def root_of_a_method(a):
    curve = Curve(a)
    return bisect(curve.value, 0.0, 5.0)


@corner(0.8, refused=DECIDED)
def root_of_what_counts(a):
    """Asking once more would count once more."""
    curve = Curve(a)
    return bisect(curve.counted, 0.0, 5.0) * curve.asked


@corner(2.0)
def roots_in_a_loop(p):
    total = 0.0
    for k in range(1, 4):
        low, high = 0.0, 10.0
        for _ in range(70):
            middle = (low + high) / 2
            if math.tanh(middle / k) > p / 5:
                high = middle
            else:
                low = middle
        total += middle * k
    return total


@corner(2.0, tolerance=1e-5)
def root_between_the_ends(p):
    """The equation takes several lines, and what is read are the ends."""
    low, high = 0.0, 1.0
    while abs(high - low) > 1e-12:
        middle = (low + high) / 2
        y = middle * p
        z = y + math.sin(y)
        left = z - 0.7
        if left > 0:
            high = middle
        else:
            low = middle
    root = (low + high) / 2
    if abs(root * p + math.sin(root * p) - 0.7) > 1e-6:
        raise ValueError
    return root**2


@corner(0.6, 1.3, argnums=(0, 1))
def ends_that_are_arguments(p, width):
    """The ends where the search begins have no influence."""
    low, high = p - width, p + width
    for _ in range(60):
        x = low + (high - low) / 2
        low, high = (x, high) if x**3 + x < p else (low, x)
    return x * low + high


@corner(2.0)
def root_by_signs_of_floats(p):
    a, b = 0.0, 4.0
    at_a = a * a - p
    c = a
    while abs(b - a) > 1e-12:
        c = (a + b) / 2
        at_c = c * c - p
        if abs(at_c) < 1e-15:
            break
        if math.copysign(1, at_c) == math.copysign(1, at_a):
            a, at_a = c, at_c
        else:
            b = c
    return c


@corner(2.0)
def root_and_the_number_of_steps(p):
    low, high = 0.0, 3.0
    steps = 0
    while True:
        middle = (low + high) / 2
        steps += 1
        if high - low < 1e-12:
            break
        if middle * middle > p:
            high = middle
        else:
            low = middle
    return middle * steps


@corner(2.0)
def root_that_is_kept(p):
    root = None
    low, high = 0.0, 3.0
    for _ in range(100):
        middle = (low + high) / 2
        value = middle**3 - p
        if abs(high - low) < 1e-12:
            root = middle
            break
        if value > 0:
            high = middle
        else:
            low = middle
    return root


@corner(2.0)
def root_of_a_loop(p):
    low, high = 0.0, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        y = 1.0
        for k in range(5):
            y = y * middle + 0.01 * k * p
        if y > p:
            high = middle
        else:
            low = middle
    return middle


def shot(slope, stiffness, steps=12):
    """Where a trajectory ends that begins with a slope: Runge and Kutta's steps on an array."""
    y, h = np.array([0.0, slope]), 1.0 / steps

    def rate(y):
        return np.array([y[1], -stiffness * np.sin(y[0])])

    for _ in range(steps):
        k1 = rate(y)
        k2 = rate(y + h / 2 * k1)
        y = y + h * k2
    return y[0]


@corner(several=[(2.0,), (0.5,)])
def shooting(stiffness):
    low, high = 0.0, 5.0
    while high - low > 1e-13:
        slope = 0.5 * (low + high)
        if shot(slope, stiffness) < 1.0:
            low = slope
        else:
            high = slope
    return slope


@corner(positive(5))
def threshold_of_a_projection(v):
    """Onto the simplex: what is left of all that is above a threshold is one."""
    low, high = np.min(v) - 1.0, np.max(v)
    for _ in range(100):
        t = 0.5 * (low + high)
        if np.sum(np.maximum(v - t, 0.0)) > 1.0:
            low = t
        else:
            high = t
    return np.sum(np.maximum(v - t, 0.0) * np.arange(5.0))


@corner(8.0, 100.0, 0.02, argnums=(0, 1, 2))
def implied_volatility(price, spot, rate):
    def normal(z):
        return 0.5 * (1 + math.erf(z / math.sqrt(2)))

    def call(s):
        d1 = (math.log(spot / 105.0) + rate + s * s / 2) / s
        return spot * normal(d1) - 105.0 * math.exp(-rate) * normal(d1 - s)

    low, high = 1e-4, 2.0
    while high - low > 1e-13:
        middle = (low + high) / 2
        if call(middle) > price:
            high = middle
        else:
            low = middle
    return middle


def depth(flow, width, slope, roughness=0.03):
    """Manning's equation of a rectangular channel, solved for the depth of the water."""
    shallow, deep = 1e-6, 50.0
    for _ in range(80):
        y = (shallow + deep) / 2
        area, wet = width * y, width + 2 * y
        carried = area * (area / wet) ** (2 / 3) * math.sqrt(slope / 1000) / roughness
        if carried < flow:
            shallow = y
        else:
            deep = y
    return y


@corner(20.0, 6.0, 1.5, argnums=(0, 1, 2))
def depth_of_a_channel(flow, width, slope):
    return depth(flow, width, slope) * width


@corner(2.0, tolerance=1e-5)
def steps_of_newton_from_a_root(p):
    low, high = 0.0, 3.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if middle**2 < p:
            low = middle
        else:
            high = middle
    x = (low + high) / 2
    for _ in range(3):
        x = x - (x * x - p) / (2 * x)
    return x


@corner(2.0)
def search_that_ends_early(p):
    """Four decisions do not find a root: the middle is what it is."""
    low, high = 0.0, 3.0
    for _ in range(4):
        middle = (low + high) / 2
        if middle**2 < p:
            low = middle
        else:
            high = middle
    return middle * p


@corner(2.5, refused=DECIDED, flat=True)
def search_without_a_root(p):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if middle**2 + 1 < p:
            low = middle
        else:
            high = middle
    return middle


@corner(2.0, refused=DECIDED, flat=True)
def search_that_finds_a_jump(p):
    low, high = 0.0, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        value = math.floor(middle * 2) + 0.1 * p * middle
        if value > 1.5:
            high = middle
        else:
            low = middle
    return middle


@corner(2.0, refused=DECIDED)
def interval_that_is_narrow_already(p):
    low, high = p, p + 1e-14
    while high - low > 1e-12:
        middle = (low + high) / 2
        if middle**2 < p:
            low = middle
        else:
            high = middle
    return low * 2


@corner(2.0, refused=DECIDED)
def root_and_what_is_left(p):
    """What the equation gives there is read, too."""
    low, high = 0.0, 3.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        value = middle * middle - p
        if value > 0:
            high = middle
        else:
            low = middle
    return middle + value


@corner(2.0, refused=DECIDED)
def middles_in_a_list(p):
    seen = []
    low, high = 0.0, 5.0
    while high - low > 1e-12:
        middle = 0.5 * (low + high)
        seen.append(middle)
        if middle**3 > p:
            high = middle
        else:
            low = middle
    return seen[-1]


@corner(2.0, refused=DECIDED)
def ends_in_a_list(p):
    ends = [0.0, 3.0]
    for _ in range(60):
        middle = (ends[0] + ends[1]) / 2
        if middle * middle > p:
            ends[1] = middle
        else:
            ends[0] = middle
    return ends[0]


@corner(np.array([2.0, 3.0]), refused=DECIDED)
def ends_in_arrays(p):
    low, high = np.zeros(2), np.array([3.0, 4.0])
    for k in range(2):
        for _ in range(50):
            middle = (low[k] + high[k]) / 2
            if middle * middle > p[k]:
                high[k] = middle
            else:
                low[k] = middle
    return low[0] + 2 * low[1]


@corner(several=[(2.5,), (6.5,)])
def place_in_a_table_of_floats(a):
    """A search among integers: nothing of it moves."""
    table, low, high = np.array([1.0, 3.0, 5.0, 7.0, 9.0]), 0, 5
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle] < a:
            low = middle
        else:
            high = middle
    return table[low] * a


# As courses teach it.  At 8 a middle is the root itself, while the interval is still wide.

BOTH = [(2.0,), (8.0,)]


def cubic(x, p):
    return x**3 - p


@corner(several=BOTH)
def root_in_a_course(p):
    a_n, b_n = 0.0, 4.0
    for _ in range(1, 101):
        m_n = (a_n + b_n) / 2
        f_m_n = cubic(m_n, p)
        if cubic(a_n, p) * f_m_n < 0:
            a_n = a_n
            b_n = m_n
        elif cubic(b_n, p) * f_m_n < 0:
            a_n = m_n
            b_n = b_n
        elif f_m_n == 0:
            return m_n
        else:
            return None
    return (a_n + b_n) / 2


@corner(several=BOTH, refused=DECIDED)
def root_in_a_course_by_recursion(p):
    def bisection(f, a, b, tol):
        m = (a + b) / 2
        if np.abs(f(m)) < tol:
            return m
        if np.sign(f(a)) == np.sign(f(m)):
            return bisection(f, m, b, tol)
        return bisection(f, a, m, tol)

    return bisection(lambda x: cubic(x, p), 0.0, 4.0, 1e-12)


@corner(several=BOTH, refused=DECIDED)
def root_by_a_step_that_is_halved(p):
    root, step = 0.0, 4.0
    for _ in range(100):
        step *= 0.5
        middle = root + step
        value = cubic(middle, p)
        if value <= 0.0:
            root = middle
        if abs(step) < 1e-13 or value == 0.0:
            return root
    return root


@corner(several=BOTH)
def root_by_an_error_in_percent(p):
    lower, upper = 0.0, 4.0
    x = lower
    error = 100.0
    for _ in range(100):
        before = x
        x = (lower + upper) / 2
        if x != 0:
            error = abs((x - before) / x) * 100
        test = cubic(lower, p) * cubic(x, p)
        if test < 0:
            upper = x
        elif test > 0:
            lower = x
        else:
            error = 0
        if error < 1e-11:
            break
    return x


@corner(several=BOTH)
def root_while_the_equation_is_not_solved(p):
    a, b = 0.0, 4.0
    c = (a + b) / 2
    while abs(cubic(c, p)) > 1e-13:
        if cubic(a, p) * cubic(c, p) < 0:
            b = c
        else:
            a = c
        c = (a + b) / 2
    return c


@corner(several=BOTH)
def root_that_is_asked_for_first(p):
    a, b = 0.0, 4.0
    while (b - a) / 2.0 > 1e-13:
        midpoint = (a + b) / 2.0
        if cubic(midpoint, p) == 0:
            return midpoint
        elif cubic(a, p) * cubic(midpoint, p) < 0:
            b = midpoint
        else:
            a = midpoint
    return midpoint


@corner(several=BOTH, refused=DECIDED)
def root_that_is_met_on_the_way(p):
    seen = []
    a, b = 0.0, 4.0
    for _ in range(100):
        m = (a + b) / 2
        seen.append(m)
        value = cubic(m, p)
        if cubic(a, p) * value < 0:
            b = m
        elif cubic(b, p) * value < 0:
            a = m
        else:
            break
    return m


@corner(several=BOTH, refused=DECIDED)
def ends_that_meet(p):
    seen = []
    a, b = 0.0, 4.0
    while b - a > 1e-13:
        m = (a + b) / 2
        seen.append(m)
        value = cubic(m, p)
        if value == 0.0:
            a = b = m
        elif value > 0:
            b = m
        else:
            a = m
    return a


@corner(several=BOTH)
def root_of_a_chord_that_is_halved(p):
    """The rule of Illinois."""
    a, b = 0.0, 4.0
    at_a, at_b = cubic(a, p), cubic(b, p)
    for _ in range(200):
        c = (a * at_b - b * at_a) / (at_b - at_a)
        at_c = cubic(c, p)
        if abs(at_c) < 1e-13:
            break
        if at_a * at_c < 0:
            b, at_b = c, at_c
            at_a /= 2
        else:
            a, at_a = c, at_c
            at_b /= 2
    return c


@corner(2.0)
def root_of_a_root(p):
    low, high = 0.0, 5.0
    while high - low > 1e-13:
        x = (low + high) / 2
        a, b = 0.0, 5.0
        while b - a > 1e-14:
            y = (a + b) / 2
            if y**3 > x * p + 0.1 * x:
                b = y
            else:
                a = y
        if y + 0.3 * x > p:
            high = x
        else:
            low = x
    return x * p


@corner(2.0)
def roots_one_behind_the_other(p):
    x = bisect(lambda x: x**3 - p, 0.0, 3.0)
    y = bisect(lambda y: math.exp(y) - x * p, 0.0, 4.0)
    return x * y


@corner(1.3)
def roots_between_changes_of_sign(p):
    """First the intervals, then what is in them."""
    grid = np.linspace(0.1, 9.0, 40)
    asked = [math.cos(p * x) for x in grid]
    intervals = [(grid[k], grid[k + 1]) for k in range(39) if asked[k] * asked[k + 1] < 0]
    found = []
    for low, high in intervals:
        while high - low > 1e-13:
            x = 0.5 * (low + high)
            if math.cos(p * low) * math.cos(p * x) > 0:
                low = x
            else:
                high = x
        found.append(x)
    return sum(k * x for k, x in enumerate(found, 1))


@corner(2.0)
def equation_that_changes_afterwards(p):
    low, high = 0.0, 3.0
    q = p
    for _ in range(60):
        x = (low + high) / 2
        if x * x > q:
            high = x
        else:
            low = x
    q = 5.0
    return x * q


@corner(2.0, refused=DECIDED, flat=True)
def jump_with_a_slope(p):
    """The interval is not that narrow, and a step of Newton's from the jump is not that long."""
    low, high = 0.0, 3.0
    while high - low > 1e-3:
        x = (low + high) / 2
        value = (x - p * 0.5) + (0.8 if x > 1.2 else -0.8)
        if value > 0:
            high = x
        else:
            low = x
    return x


# Arrays: each number is a search of its own.


@corner(positive(3) + 1.5)
def roots_by_where(a):
    low, high = np.zeros(3), np.full(3, 10.0)
    while np.max(high - low) > 1e-13:
        x = 0.5 * (low + high)
        f = np.exp(x) - a - x * a
        low = np.where(f < 0, x, low)
        high = np.where(f < 0, high, x)
    return np.sum(0.5 * (low + high) * a)


@corner(positive(3))
def roots_by_masks(a):
    low, high = np.zeros(3), np.full(3, 10.0)
    for _ in range(60):
        x = (low + high) / 2
        above = x**2 > a
        high[above] = x[above]
        low[~above] = x[~above]
    return np.sum(x * a)


@corner(positive(3))
def roots_by_masks_in_place(a):
    low, high = a * 0.1, a * 3.0 + 1.0
    for _ in range(60):
        x = 0.5 * (low + high)
        f = x**3 + x - a
        high[f > 0] = x[f > 0]
        low[f <= 0] = x[f <= 0]
    return np.sum(low * x)


@corner(positive(2, 3))
def roots_of_a_matrix(a):
    low, high = np.zeros((2, 3)), np.ones((2, 3)) * 10.0
    for _ in range(60):
        x = (low + high) / 2
        y = x
        for _ in range(2):
            y = y * x + 0.1 * y
        low, high = np.where(y < a, x, low), np.where(y < a, high, x)
    return np.sum(x * np.arange(6.0).reshape(2, 3))


@corner(positive(3), refused=DECIDED)
def middles_in_a_list_by_masks(a):
    low, high, seen = np.zeros(3), np.full(3, 10.0), []
    for _ in range(60):
        x = (low + high) / 2
        seen.append(x)
        above = x**2 > a
        high[above] = x[above]
        low[~above] = x[~above]
    return np.sum(seen[-1])
