"""Loops that come near something by decisions alone, in any form: refused, where constants by decisions stay right.

No operation says how what they find moves, and the text does not show a form that is known: it is the run that tells.
"""

import functools
import itertools
import math

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
REFUSED = "found by decisions"
D = np.array([1.0, 2.0, 3.5])


def count_below(d, e, x):
    n, q = 0, 1.0
    for i in range(len(d)):
        q = d[i] - x - (e[i - 1] ** 2 / q if i > 0 else 0.0)
        if q < 0:
            n += 1
    return n


@corner(D, refused=REFUSED)
def sturm(d):
    e = [0.5, 0.3]
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        if count_below(d, e, m) > 1:
            hi = m
        else:
            lo = m
    return m


@corner(D, refused=REFUSED)
def sturm_end(d):
    e = [0.5, 0.3]
    lo, hi = -10.0, 10.0
    while hi - lo > 1e-12:
        m = (lo + hi) / 2
        if count_below(d, e, m) > 1:
            hi = m
        else:
            lo = m
    return lo


@corner(D, refused=REFUSED)
def sturm_inline(d):
    e = np.array([0.5, 0.3])
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        n = 0
        q = d[0] - m
        if q < 0:
            n += 1
        for i in range(1, 3):
            q = d[i] - m - e[i - 1] ** 2 / q
            if q < 0:
                n += 1
        if n > 1:
            hi = m
        else:
            lo = m
    return 0.5 * (lo + hi)


@corner(D, refused=REFUSED)
def median(x):
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        if np.sum(x < m) > 1:
            hi = m
        else:
            lo = m
    return m


@corner(D, refused=REFUSED)
def median_len(x):
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        if len(x[x < m]) > 1:
            hi = m
        else:
            lo = m
    return m


@corner(D, refused=REFUSED)
def median_gen(x):
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        if sum(1 for v in x if v < m) > 1:
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_flag(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        big = False
        if m * m * m > x:
            big = True
        if big:
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_flag_int(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        s = 1 if m * m * m > x else -1
        if s > 0:
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_float_flag(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        s = 1.0 if m * m * m > x else -1.0
        if s > 0:
            hi = m
        else:
            lo = m
    return m


def feasible(x, m):
    total = 0.0
    k = 0
    while total < 10.0:
        total += x * m
        k += 1
    return k < 5


@corner(2.0, refused=REFUSED)
def by_steps_count(x):
    lo, hi = 0.1, 30.0
    for _ in range(60):
        m = (lo + hi) / 2
        if feasible(x, m):
            hi = m
        else:
            lo = m
    return m


class Box:
    def __init__(self, d):
        self.d = d

    def below(self, x):
        return int(np.sum(self.d < x))


@corner(D, refused=REFUSED)
def by_object(x):
    b = Box(x)
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        if b.below(m) > 1:
            hi = m
        else:
            lo = m
    return m


def kth(n_below, k):
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        if n_below(m) > k:
            hi = m
        else:
            lo = m
    return m


@corner(D, refused=REFUSED)
def by_closure(x):
    def below(m):
        return np.count_nonzero(x < m)

    return kth(below, 1)


@corner(D, refused=REFUSED)
def by_sorted(x):
    lo, hi = -10.0, 10.0
    s = np.sort(x)
    for _ in range(80):
        m = (lo + hi) / 2
        if np.searchsorted(s, m) > 1:
            hi = m
        else:
            lo = m
    return m


@corner(D, refused=REFUSED)
def by_where(x):
    lo, hi = -10.0 * np.ones(2), 10.0 * np.ones(2)
    k = np.array([1, 2])
    for _ in range(80):
        m = (lo + hi) / 2
        n = np.sum(x[:, None] < m, axis=0)
        lo, hi = np.where(n < k, m, lo), np.where(n < k, hi, m)
    return np.sum(lo * np.array([1.0, 2.0]))


def helper_pick(lo, hi, m, n):
    if n > 1:
        return lo, m
    return m, hi


@corner(D, refused=REFUSED)
def by_helper(x):
    lo, hi = -10.0, 10.0
    for _ in range(80):
        m = (lo + hi) / 2
        lo, hi = helper_pick(lo, hi, m, int(np.sum(x < m)))
    return m


@corner(D)
def search_that_ends_early(x):
    """A search that ends early: its ends are what they are."""
    lo, hi = -10.0, 10.0
    for _ in range(5):
        m = (lo + hi) / 2
        if np.sum(x < m) > 1:
            hi = m
        else:
            lo = m
    return m * x[0]


@corner(D)
def table_search(x):
    t = np.linspace(0.0, 1.0, 50)
    lo, hi = 0, 49
    while hi - lo > 1:
        k = (lo + hi) // 2
        if t[k] > x[0] * 0.1:
            hi = k
        else:
            lo = k
    return t[lo] + (x[1]) * (t[hi] - t[lo])


@corner(D)
def constant_search(x):
    """Nothing of x has a part."""
    lo, hi = 0.0, 3.0
    t = np.linspace(0.0, 3.0, 50)
    for _ in range(60):
        m = (lo + hi) / 2
        if np.sum(t < m) > 20:
            hi = m
        else:
            lo = m
    s = 0.0
    for v in x:
        if v > 1.2:
            s += v * m
    return s


@corner(2.0, refused=REFUSED)
def closure_flag(x):
    def big(m):
        return m * m * m > x

    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        if big(m):
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def closure_flag2(x):
    def big(m):
        return m * m * m > x

    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        ok = big(m)
        if ok:
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_a_chain(x):
    def f(m):
        return m * m * m - x

    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        if 0.0 < f(m) < 1e9:
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_an_element(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        flags = [m * m * m > x]
        if flags[0]:
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_any(x):
    def big(m):
        return m * m * m > x

    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        if any(big(m) for k in range(2)):
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_bits(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        if int(np.sign(m**3 - x)) & 2:
            lo = m
        else:
            hi = m
    return m


@corner(2.0, refused=REFUSED)
def loop_flag(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        good = True
        for k in range(3):
            if m**3 + k > x + k:
                good = False
                break
        if good:
            lo = m
        else:
            hi = m
    return m


@corner(2.0, refused=REFUSED)
def for_else(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        for k in range(3):
            if m**3 + k > x + k:
                hi = m
                break
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_text(x):
    def side(m):
        return "above" if m**3 > x else "below"

    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        if side(m) == "above":
            hi = m
        else:
            lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_match(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        match m**3 > x:
            case True:
                hi = m
            case False:
                lo = m
    return m


@corner(2.0, refused=REFUSED)
def by_exceptions(x):

    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        try:
            math.sqrt(x - m**3)
            lo = m
        except ValueError:
            hi = m
    return m


@corner(2.0, refused=REFUSED)
def by_index(x):
    ends = [0.0, 3.0]
    for _ in range(60):
        m = (ends[0] + ends[1]) / 2
        ends[m**3 > x] = m
    return m


@corner(2.0, refused=REFUSED)
def by_arith(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        s = m**3 > x
        lo, hi = lo * s + m * (1 - s), hi * (1 - s) + m * s
    return m


@corner(2.0, refused=REFUSED)
def by_arith_np(x):
    lo, hi = 0.0, 3.0
    for _ in range(60):
        m = (lo + hi) / 2
        s = np.sign(m**3 - x)
        m2 = 0.5 * (1 + s)
        lo = m2 * lo + (1 - m2) * m
        hi = m2 * m + (1 - m2) * hi
    return m


@corner(2.0, refused=REFUSED, tolerance=1e-2)
def grids_that_zoom_in(x):
    lo, hi = 0.0, 3.0
    for _ in range(12):
        t = np.linspace(lo, hi, 11)
        k = int(np.argmin(np.abs(t**3 - x)))
        lo, hi = t[max(k - 1, 0)], t[min(k + 1, 10)]
    return 0.5 * (lo + hi)


@corner(2.0, refused=REFUSED)
def rotations_by_decisions(x):
    a = 0.0
    for k in range(40):
        s = 2.0**-k
        a = a + s if np.sin(a) < x * 0.2 else a - s
    return a


@corner(2.0, refused=REFUSED)
def parts_of_parts(x):
    lo, hi = 0.0, 3.0
    while hi - lo > 1e-12:
        t = [lo + (hi - lo) * k / 4 for k in range(5)]
        for k in range(4):
            if (t[k] ** 3 - x) * (t[k + 1] ** 3 - x) <= 0:
                lo, hi = t[k], t[k + 1]
                break
    return lo


@corner(2.0, refused=REFUSED)
def digits(x):
    a, step = 0.0, 0.5
    while step > 1e-12:
        while (a + step) ** 3 < x:
            a += step
        step /= 10
    return a


@corner(2.0, refused=REFUSED, tolerance=1e-2)
def pattern_search(x):
    p, s = 0.0, 0.5

    def f(z):
        return (z**3 - x) ** 2

    fp = f(p)
    while s > 1e-10:
        for q in (p + s, p - s):
            fq = f(q)
            if fq < fp:
                p, fp = q, fq
                break
        else:
            s *= 0.5
    return p


@corner(2.0, refused=REFUSED)
def returns_inside(x):
    lo, hi = 0.0, 3.0
    for _ in range(200):
        m = (lo + hi) / 2
        big = False
        if m**3 > x:
            big = True
        if hi - lo < 1e-12:
            return m
        if big:
            hi = m
        else:
            lo = m
    return 0.0


@corner(2.0, refused=REFUSED)
def while_true(x):
    lo, hi = 0.0, 3.0
    while True:
        m = (lo + hi) / 2
        s = 0
        if m**3 > x:
            s = 1
        if hi - lo < 1e-12:
            break
        lo, hi = ((lo, m), (m, hi))[1 - s]
    return m


@corner(2.0)
def levenberg_marquardt(x):
    """Damping by decisions is a constant."""
    p, lam = 1.0, 1e-1
    r = p**3 - x
    for _ in range(60):
        J = 3 * p * p
        q = p - J * r / (J * J + lam)
        rq = q**3 - x
        if rq * rq < r * r:
            p, r, lam = q, rq, lam / 10
        else:
            lam = lam * 10
        if lam > 1e6 or abs(r) < 1e-13:
            break
    return p


@corner(2.0)
def adaptive_steps(x):
    """dy/dt = -x y + sin t, halved steps: h and t are constants."""
    t, y, h = 0.0, 1.0, 0.5

    def f(t, y):
        return -x * y + np.sin(t)

    while t < 2.0:
        h = min(h, 2.0 - t)
        k1 = f(t, y)
        k2 = f(t + h, y + h * k1)
        e = abs(0.5 * h * (k2 - k1))
        if e < 1e-5:
            t, y = t + h, y + 0.5 * h * (k1 + k2)
            if e < 2e-6:
                h *= 2
        else:
            h /= 2
    return y


@corner(2.0)
def interior_point(x):
    mu, y = 1.0, 1.0
    while mu > 1e-8:
        for _ in range(50):
            g = 1 - mu / y + x * (y - 1)
            dy = g / (mu / y**2 + x)
            y = max(y - dy, 0.1 * y)
            if abs(dy) < 1e-12:
                break
        mu *= 0.1
    return y


@corner(2.0, refused=REFUSED, tolerance=1e-2)
def time_of_an_impact(x):
    """Bounces by halved steps: the time of an impact is found by decisions."""
    t, y, v, h = 0.0, 1.0, 0.0, 0.1
    while h > 1e-11:
        if y + v * h - 0.5 * x * h * h > 0:
            y, v, t = y + v * h - 0.5 * x * h * h, v - x * h, t + h
        else:
            h = h / 2
    return t


@corner(2.0)
def sum_until(x):
    """What is added does not depend on x, but how often does."""
    s, term = 0.0, 1.0
    while term * x > 1e-13:
        s += term
        term *= 0.5
    return s * x


class S:
    def __init__(self, x):
        self.x, self.low, self.high = x, 0.0, 3.0

    def too_high(self, m):
        return m**3 > self.x

    def run(self):
        while self.high - self.low > 1e-12:
            m = 0.5 * (self.low + self.high)
            k = 0
            if self.too_high(m):
                k = 1
            if k:
                self.high = m
            else:
                self.low = m
        return self.low


@corner(2.0, refused=REFUSED)
def by_attributes(x):
    return S(x).run()


class E:
    pass


@corner(2.0, refused=REFUSED)
def by_attributes2(x):
    e = E()
    e.ends = [0.0, 3.0]
    for _ in range(60):
        m = sum(e.ends) / 2
        e.ends[int(m**3 > x)] = m
    return e.ends[0]


@corner(2.0, refused=REFUSED)
def by_dict(x):
    e = {"lo": 0.0, "hi": 3.0}
    for _ in range(60):
        m = (e["lo"] + e["hi"]) / 2
        e["hi" if m**3 > x else "lo"] = m
    return e["lo"]


@corner(2.0, refused=REFUSED)
def by_array_element(x):
    e = np.array([0.0, 3.0])
    for _ in range(60):
        m = (e[0] + e[1]) / 2
        e[int(m**3 > x)] = m
    return e[0]


@corner(2.0, refused=REFUSED)
def by_array_many(x):
    lo, hi = np.zeros(3), 3.0 * np.ones(3)
    c = np.array([1.0, 2.0, 3.0])
    for i in range(3):
        for _ in range(60):
            m = (lo[i] + hi[i]) / 2
            n = 0
            if m**3 > x * c[i]:
                n += 1
            if n > 0:
                hi[i] = m
            else:
                lo[i] = m
    return np.sum(lo * c)


@corner(2.0, refused=REFUSED)
def by_generator(x):
    def halve(lo, hi):
        while hi - lo > 1e-12:
            m = (lo + hi) / 2
            flag = m**3 > x
            lo, hi = [(m, hi), (lo, m)][flag]
            yield lo

    last = 0.0
    for v in halve(0.0, 3.0):
        last = v
    return last


@corner(2.0, refused=REFUSED)
def by_history(x):
    ms = [0.0]
    step = 1.5
    for _ in range(60):
        n = int((ms[-1] + step) ** 3 < x)
        ms.append(ms[-1] + n * step)
        step /= 2
    return ms[-1]


@corner(2.0, refused=REFUSED)
def by_searchsorted(x):
    xs = np.linspace(0.0, 3.0, 4)
    for _ in range(30):
        k = np.searchsorted(xs**3, x)
        xs = np.linspace(xs[k - 1], xs[k], 4)
    return xs[0]


@corner(2.0, refused=REFUSED, tolerance=1e-2)
def by_argmin(x):
    c, w = 1.5, 1.5
    for _ in range(40):
        t = c + w * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
        c = t[np.argmin((t**3 - x) ** 2)]
        w *= 0.6
    return c


@corner(2.0, refused=REFUSED, tolerance=1e-2)
def by_min_key(x):
    c, w = 1.5, 1.5
    for _ in range(40):
        c = min((c - w, c - w / 2, c, c + w / 2, c + w), key=lambda t: (t**3 - x) ** 2)
        w *= 0.6
    return c


@corner(2.0, refused=REFUSED)
def random_search(x):
    rng = np.random.default_rng(0)
    c, s = 1.5, 1.0
    best = abs(c**3 - x)
    for _ in range(2000):
        t = c + s * rng.normal()
        v = abs(t**3 - x)
        if v < best:
            c, best, s = t, v, s * 1.2
        else:
            s *= 0.93
    return c


@corner(2.0, refused=REFUSED)
def hill_climbing(x):
    c, s = 0.0, 1.0
    while abs(s) > 1e-12:
        if abs((c + s) ** 3 - x) < abs(c**3 - x):
            c += s
        else:
            s = -s / 2
    return c


@corner(2.0)
def secant_mixed(x):
    """Regula falsi moves by data."""
    a, b = 1.0, 2.0

    def f(t):
        return t**3 - x

    for _ in range(100):
        c = b - f(b) * (b - a) / (f(b) - f(a))
        if f(c) * f(b) < 0:
            a = b
        b = c
        if abs(f(c)) < 1e-14:
            break
    return b


@corner(2.0)
def newton_const(x):
    """Nodes by Newton's method, of constants."""
    s = 0.0
    for k in range(3):
        z = np.cos(np.pi * (k + 0.75) / 3.5)
        while True:
            p = 0.5 * z * (5 * z * z - 3)
            dp = 0.5 * (15 * z * z - 3)
            dz = p / dp
            z -= dz
            if abs(dz) < 1e-15:
                break
        w = 2 / ((1 - z * z) * (0.5 * (15 * z * z - 3)) ** 2)
        u = 0.5 * (z + 1)
        if x * u > 0.1:
            s += 0.5 * w * np.exp(x * u)
        else:
            s += 0.5 * w * (1 + x * u)
    return s


@corner(2.0)
def constants_that_end_by_a_condition(x):
    s, w = 0.0, 1.0
    for _ in range(200):
        if w * x < 1e-13:
            break
        s += w
        w *= 0.5
    return s * x


@corner(2.0)
def newton_from_an_argument(x):
    """What it comes near does not depend on where it began, and ends by a condition."""
    z = x
    for _ in range(50):
        d = (z * z - 2.0) / (2 * z)
        z = z - d
        if abs(d) < 1e-14:
            break
    return z * x


@corner(2.0)
def newton_with_halved_steps(x):
    def f(z):
        return z**3 - x

    z = 3.0
    for _ in range(100):
        d = f(z) / (3 * z * z)
        a = 1.0
        while abs(f(z - a * d)) > abs(f(z)):
            a *= 0.5
        z = z - a * d
        if abs(d) < 1e-14:
            break
    return z


@corner(2.0)
def last_step_that_is_cut(x):
    """The last of eleven steps is as long as rounding has left it."""
    t, y, h = 0.0, 1.0, 0.1
    while t < 1.0:
        if t + h > 1.0:
            h = 1.0 - t
        k1 = -x * y + np.sin(t)
        k2 = -x * (y + h * k1) + np.sin(t + h)
        if abs(0.5 * h * (k2 - k1)) < 1.0:
            t = t + h
            y = y + 0.5 * h * (k1 + k2)
        else:
            h = h / 2
    return y * np.cos(t)


# By recursion.


def halved(d, low, high):
    middle = (low + high) / 2
    if high - low < 1e-12:
        return middle
    if int(np.sum(d < middle)) > 1:
        return halved(d, low, middle)
    return halved(d, middle, high)


@corner(D, refused=REFUSED)
def recursion(d):
    return halved(d, -10.0, 10.0)


def even(d, low, high):
    middle = (low + high) / 2
    if high - low < 1e-12:
        return middle
    if int(np.sum(d < middle)) > 1:
        return odd(d, low, middle)
    return odd(d, middle, high)


def odd(d, low, high):
    middle = (low + high) / 2
    flag = 1 if middle**3 > d[1] ** 3 else 0
    return even(d, *[(middle, high), (low, middle)][flag])


@corner(D, refused=REFUSED)
def mutual_recursion(d):
    return even(d, -10.0, 10.0)


class Searching:
    def __init__(self, d):
        self.d, self.low, self.high = d, -10.0, 10.0

    def go(self):
        if self.high - self.low < 1e-12:
            return self.low
        middle = (self.low + self.high) / 2
        if int(np.sum(self.d < middle)) > 1:
            self.high = middle
        else:
            self.low = middle
        return self.go()


@corner(D, refused=REFUSED)
def recursive_method(d):
    return Searching(d).go()


@corner(D, refused=REFUSED)
def recursive_method_and_what_it_leaves(d):
    search = Searching(d)
    search.go()
    return search.high


@corner(D, refused=REFUSED)
def recursion_on_captured_ends(d):
    low, high = -10.0, 10.0

    def go():
        nonlocal low, high
        if high - low < 1e-12:
            return
        middle = (low + high) / 2
        if int(np.sum(d < middle)) > 1:
            high = middle
        else:
            low = middle
        go()

    go()
    return low


@corner(D, refused=REFUSED)
def recursion_on_a_list(d):
    def go(ends):
        if ends[1] - ends[0] < 1e-12:
            return
        middle = (ends[0] + ends[1]) / 2
        ends[int(np.sum(d < middle) > 1)] = middle
        go(ends)

    both = [-10.0, 10.0]
    go(both)
    return both[0]


@corner(D, refused=REFUSED)
def recursion_on_a_pair(d):
    def go(ends, n):
        if n == 0:
            return ends
        middle = (ends[0] + ends[1]) / 2
        return go((ends[0], middle) if int(np.sum(d < middle)) > 1 else (middle, ends[1]), n - 1)

    low, high = go((-10.0, 10.0), 60)
    return low * high


@corner(D, refused=REFUSED)
def recursion_by_steps(d):
    def go(t, h):
        if h < 1e-12:
            return t
        return go(t + h * int(np.sum(d < t + h) < 2), h / 2)

    return go(-10.0, 10.0)


@corner(D, refused=REFUSED)
def recursion_between_ends_that_move(d):
    def go(low, high):
        middle = (low + high) / 2
        if high - low < 1e-12:
            return middle
        if int(np.sum(d < middle)) > 1:
            return go(low, middle)
        return go(middle, high)

    return go(d[0] - 1.0, d[2] + 1.0)


@corner(D)
def recursive_newton(d):
    def go(z):
        step = (z**3 - d[1]) / (3 * z * z)
        return z - step if abs(step) < 1e-14 else go(z - step)

    return go(2.0)


@corner(D)
def recursive_quadrature(d):
    """Where it halves is decided by what is differentiated."""

    def f(t):
        return np.exp(-d[1] * t) * np.sin(3 * t)

    def go(a, b):
        m = (a + b) / 2
        once = (b - a) / 6 * (f(a) + 4 * f(m) + f(b))
        twice = (b - a) / 12 * (f(a) + 4 * f((a + m) / 2) + 2 * f(m) + 4 * f((m + b) / 2) + f(b))
        if abs(once - twice) < 1e-7 * (b - a):
            return twice
        return go(a, m) + go(m, b)

    return go(0.0, 2.0)


@corner(D)
def recursive_tree(d):
    def depth(low, high, points):
        if len(points) <= 1 or high - low < 1e-3:
            return 1.0
        m = (low + high) / 2
        return 0.5 * depth(low, m, [p for p in points if p < m]) + 0.5 * depth(m, high, [p for p in points if p >= m])

    return d[0] * depth(-10.0, 10.0, list(d))


@corner(D)
def recursive_series(d):
    """Constants that shrink, and a constant at the end."""

    def go(n, w):
        if n == 0:
            return 0.0
        return (w * d[0] if d[0] * w > 0.01 else d[0] * w) + go(n - 1, w / 2)

    return go(12, 1.0)


# What a turn computes of what is found.


@corner(2.0, refused=REFUSED)
def returned_with_another(x):
    low, high = 0.0, 3.0
    while True:
        m = (low + high) / 2
        n = int(m**3 > x)
        if high - low < 1e-12:
            return m * x
        low, high = [(m, high), (low, m)][n]


@corner(2.0, refused=REFUSED)
def assigned_before_it_breaks(x):
    low, high = 0.0, 3.0
    for _ in range(100):
        m = (low + high) / 2
        n = int(m**3 > x)
        if high - low < 1e-12:
            r = m if x < 0 else m * x
            break
        low, high = [(m, high), (low, m)][n]
    return r


@corner(2.0, refused=REFUSED)
def assigned_each_turn(x):
    low, high = 0.0, 3.0
    for _ in range(60):
        m = (low + high) / 2
        v = np.exp(m) * x
        r = v + 1.0
        n = int(m**3 > x)
        low, high = [(m, high), (low, m)][n]
    return r


@corner(2.0, refused=REFUSED)
def last_value_of_the_equation(x):
    low, high = 0.0, 3.0
    for _ in range(60):
        m = (low + high) / 2
        value = m**3 + x
        n = int(value > 2 * x)
        low, high = [(m, high), (low, m)][n]
    return value


@corner(2.0, refused=REFUSED)
def loop_within_a_turn(x):
    low, high = 0.0, 3.0
    for _ in range(60):
        m = (low + high) / 2
        r = x
        for _ in range(3):
            r = r * m
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return r


def product(m, x):
    if m > 5:
        return m
    return m * x


@corner(2.0, refused=REFUSED)
def call_in_a_turn(x):
    low, high = 0.0, 3.0
    for _ in range(60):
        m = (low + high) / 2
        r = product(m, x)
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return r


@corner(2.0, refused=REFUSED)
def stored_each_turn(x):
    low, high = 0.0, 3.0
    r = np.zeros(2)
    for _ in range(60):
        m = (low + high) / 2
        r[1] = m * x
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return r[1]


@corner(2.0, refused=REFUSED)
def appended_each_turn(x):
    low, high = 0.0, 3.0
    r = []
    for _ in range(60):
        m = (low + high) / 2
        r.append(m * x)
        low, high = [(m, high), (low, m)][int(m**3 > x)]
    return r[-1]


@corner(2.0)
def damping_and_the_last_residual(x):
    z, damping = 1.0, 1.0
    for _ in range(60):
        r = z**3 - x
        d = r * 3 * z * z / (9 * z**4 + damping)
        if ((z - d) ** 3 - x) ** 2 < r * r:
            z, damping = z - d, damping / 10
        else:
            damping = damping * 10
    return z + r


@corner(2.0, refused=REFUSED)
def flags_between_ends_that_move(x):
    low, high = 0.0, x + 1.0
    for _ in range(60):
        m = (low + high) / 2
        big = False
        if m**3 > x:
            big = True
        if big:
            high = m
        else:
            low = m
    return m


@corner(2.0, refused=REFUSED)
def flags_between_ends_that_move_returned(x):
    low, high = 0.1 * x, x + 1.0
    while True:
        m = (low + high) / 2
        n = int(m**3 > x)
        if high - low < 1e-12:
            return m
        low, high = [(m, high), (low, m)][n]


@corner(2.0, refused=REFUSED)
def arrays_between_ends_that_move(x):
    low, high = np.zeros(2), x * np.ones(2) + 1.0
    for _ in range(60):
        m = (low + high) / 2
        n = (m**3 > x * np.array([1.0, 1.5])).astype(int)
        low, high = n * low + (1 - n) * m, n * m + (1 - n) * high
    return np.sum(m)


@corner(2.0, refused=REFUSED)
def reduced(x):
    def step(ends, _):
        m = (ends[0] + ends[1]) / 2
        return [(m, ends[1]), (ends[0], m)][int(m**3 > x)]

    return functools.reduce(step, range(60), (0.0, 3.0))[0]


@corner(2.0)
def shifts_and_adds_of_constants(x):
    """Weights of an argument that shrink, added where the rest is large: a binary expansion, which is the quotient."""
    s, w = 0.0, 1.0
    for _ in range(10):
        if s + w < x:
            s += w
        w /= 2
    return s + x


@corner(D, refused=REFUSED)
def recursion_that_gives_a_product(d):
    def go(low, high):
        middle = (low + high) / 2
        if high - low < 1e-12:
            return middle * d[2]
        if int(np.sum(d < middle)) > 1:
            return go(low, middle)
        return go(middle, high)

    return go(-10.0, 10.0)


# Where the ends are in objects that other functions change.


@corner(2.0, refused=REFUSED)
def steps_of_an_object(x):
    class Halving:
        def __init__(self):
            self.low, self.high = 0.0, 3.0

        def step(self):
            m = (self.low + self.high) / 2
            if int(m**3 > x):
                self.high = m
            else:
                self.low = m

    search = Halving()
    for _ in range(60):
        search.step()
    return search.low


class Middles:
    def __init__(self, x):
        self.x, self.low, self.high = x, 0.0, 3.0

    def __iter__(self):
        return self

    def __next__(self):
        if self.high - self.low < 1e-12:
            raise StopIteration
        m = (self.low + self.high) / 2
        n = int(m**3 > self.x)
        if n:
            self.high = m
        else:
            self.low = m
        return m


@corner(2.0, refused=REFUSED)
def elements_of_an_iterator(x):
    for m in Middles(x):  # noqa: B007 (the last one is read)
        pass
    return m


@corner(2.0, refused=REFUSED)
def accumulated(x):
    def step(ends, _):
        m = (ends[0] + ends[1]) / 2
        return [(m, ends[1]), (ends[0], m)][int(m**3 > x)]

    return list(itertools.accumulate(range(60), step, initial=(0.0, 3.0)))[-1][0]


@corner(2.0, refused=REFUSED)
def steps_that_write_an_array(x):
    ends = np.array([0.0, 3.0])

    def step():
        m = ends.sum() / 2
        ends[int(m**3 > x)] = m

    for _ in range(60):
        step()
    return ends[0]


class Damped:
    """Levenberg and Marquardt's method, step by step."""

    def __init__(self, x):
        self.x, self.z, self.damping = x, 1.0, 1.0

    def residual(self, z):
        return z**3 - self.x

    def step(self):
        r = self.residual(self.z)
        d = r * 3 * self.z**2 / (9 * self.z**4 + self.damping)
        if self.residual(self.z - d) ** 2 < r * r:
            self.z, self.damping = self.z - d, self.damping / 10
        else:
            self.damping = self.damping * 10


@corner(2.0)
def steps_of_a_solver(x):
    solver = Damped(x)
    for _ in range(60):
        solver.step()
    return solver.z


@corner(2.0)
def step_lengths_of_an_object(x):
    """Steps are halved where the error is large, which is decided by what is differentiated."""

    class Integrator:
        def __init__(self):
            self.t, self.y, self.h = 0.0, 1.0, 0.5

        def step(self):
            k1 = -x * self.y + np.sin(self.t)
            k2 = -x * (self.y + self.h * k1) + np.sin(self.t + self.h)
            if abs(0.5 * self.h * (k2 - k1)) < 1e-3:
                self.t, self.y = self.t + self.h, self.y + 0.5 * self.h * (k1 + k2)
            else:
                self.h = self.h / 2

    solver = Integrator()
    while solver.t < 2.0:
        solver.step()
    return solver.y


@corner(D, refused=REFUSED)
def recursion_by_an_index_between_ends_that_move(d):
    def go(low, high):
        middle = (low + high) / 2
        if high - low < 1e-12:
            return middle * d[2]
        return go(*[(middle, high), (low, middle)][int(np.sum(d < middle) > 1)])

    return go(d[0] - 1.0, d[2] + 1.0)


@corner(2.0)
def newton_that_stays_where_it_is(x):
    """Steps that make it no better are not taken; what it comes near is computed, and its cube of that alone."""
    z, damping = x, 1.0
    for _ in range(60):
        cube = z * z * z
        step = (cube - x) / (3 * z * z + damping)
        if abs((z - step) ** 3 - x) < abs(cube - x):
            z, damping = z - step, damping / 10
        else:
            damping = damping * 10
    return z + cube


@corner(D)
def scales_that_are_halved(d):
    """Numbers that begin with what is differentiated, halved as often as another one says, which is its derivative."""
    s, w = 0.0, d[0]
    for _ in range(8):
        s = s + w if d[1] > s + w else s
        w = w / 2
    return s * d[2]


# What is added up of it, or listed.


@corner(2.0, refused=REFUSED)
def listed_by_a_comprehension(x):
    ends = [0.0, 3.0]

    def step():
        m = (ends[0] + ends[1]) / 2
        ends[int(m**3 > x)] = m
        return m

    return [step() for _ in range(60)][-1]


@corner(2.0, refused=REFUSED)
def listed_by_map(x):
    ends = [0.0, 3.0]

    def step(_):
        m = (ends[0] + ends[1]) / 2
        ends[int(m**3 > x)] = m
        return m

    return list(map(step, range(60)))[-1]


@corner(2.0, refused=REFUSED)
def generator_that_calls_itself(x):
    def go(low, high):
        m = (low + high) / 2
        yield m
        if high - low > 1e-12:
            yield from go(*[(m, high), (low, m)][int(m**3 > x)])

    return tuple(go(0.0, 3.0))[-1]


@corner(2.0)
def costs_of_a_damped_method_added_up(x):
    """The sum of what a solver has left, step by step, which moves with what it has found and not with its damping."""
    z, damping, total = 1.0, 1.0, 0.0
    for _ in range(40):
        r = z**3 - x
        total += r * r
        d = r * 3 * z * z / (9 * z**4 + damping)
        if ((z - d) ** 3 - x) ** 2 < r * r:
            z, damping = z - d, damping / 2
        else:
            damping = damping * 2
    return z + total


@corner(2.0)
def quadrature_by_steps_that_are_chosen(x):
    """Steps are halved and doubled by an error; the sum depends on them to no order that counts."""
    t, h, s = 0.0, 0.25, 0.0
    while t < 1.0:
        h = min(h, 1.0 - t)
        once = h * np.exp(-x * (t + h / 2))
        twice = h / 2 * (np.exp(-x * (t + h / 4)) + np.exp(-x * (t + 3 * h / 4)))
        if abs(once - twice) < 1e-4 * h:
            s, t = s + twice, t + h
            h = 2 * h
        else:
            h = h / 2
    return s


@corner(2.0)
def lists_of_constants_by_decisions(x):
    weights = [0.5**k if x > 0.1 * k else 0.0 for k in range(8)]
    return sum(w * x for w in weights)
