"""Intervals that decisions narrow: what is found moves as a root where it is one for certain, or is refused."""

import math

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
REFUSED = "found by decisions"


@corner(several=[(2.0,), (5.0,)], compiled_only=REFUSED)
def root_by_halves(a):
    low, high = 0.0, 10.0
    while high - low > 1e-12:
        middle = 0.5 * (low + high)
        if middle**3 > a:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@corner(2.0, compiled_only=REFUSED)
def ends_that_move(a):
    low, high = 0.0, a + 1.0
    for _ in range(60):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle * middle < a else (low, middle)
    return middle * 3


@corner(0.7, refused=REFUSED, tolerance=1e-2)
def minimum_by_golden_sections(p):
    a, b = 0.0, 5.0
    ratio = (math.sqrt(5) - 1) / 2
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    while abs(b - a) > 1e-8:
        if (c - p) ** 2 < (d - p) ** 2:
            b = d
        else:
            a = c
        c, d = b - ratio * (b - a), a + ratio * (b - a)
    return (a + b) / 2


@corner(0.7, refused=REFUSED, tolerance=1e-2)
def minimum_by_thirds(p):
    left, right = 0.0, 5.0
    for _ in range(80):
        one = left + (right - left) / 3
        two = right - (right - left) / 3
        if math.cosh(one - p) < math.cosh(two - p):
            right = two
        else:
            left = one
    return left


def narrowed(f, low, high):
    at_low = f(low)
    for _ in range(200):
        middle = (low + high) / 2
        at_middle = f(middle)
        if at_middle == 0 or high - low < 1e-13:
            return middle
        if (at_middle > 0) == (at_low > 0):
            low, at_low = middle, at_middle
        else:
            high = middle
    return middle


@corner(1.3, compiled_only=REFUSED)
def root_of_a_function(p):
    return narrowed(lambda x: math.cos(x) - p * x, 0.0, 3.0) * 2


@corner(1.3, compiled_only=REFUSED)
def root_by_signs(p):
    a, b = 0.0, 3.0
    fa = math.cos(a) - p * a
    while b - a > 1e-13:
        m = (a + b) / 2
        fm = math.cos(m) - p * m
        if np.sign(fm) == np.sign(fa):
            a = m
            fa = fm
        else:
            b = m
    return a


@corner(np.array([1.0, 2.0, 3.0]), refused=REFUSED)
def roots_by_halves(a):
    low, high = np.zeros(3), np.full(3, 10.0)
    for _ in range(60):
        middle = (low + high) / 2
        above = middle**2 > a
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return np.sum(middle)


@corner(2.0, compiled_only=REFUSED)
def root_in_a_try(a):
    low, high = 0.0, 10.0
    try:
        for _ in range(60):
            middle = (low + high) / 2
            if math.log(middle) < math.log(a) / 3:
                low = middle
            else:
                high = middle
    except ValueError:
        return a
    return middle


def halved(f, low, high):
    middle = (low + high) / 2
    if high - low < 1e-13:
        return middle
    if f(middle) > 0:
        return halved(f, low, middle)
    return halved(f, middle, high)


@corner(2.0, refused=REFUSED)
def root_by_recursion(a):
    return halved(lambda x: x**3 - a, 0.0, 4.0)


class Halving:
    def __init__(self, a):
        self.a = a

    def find(self, low, high, steps):
        middle = low + 0.5 * (high - low)
        if steps == 0:
            return middle
        below = math.exp(middle) < self.a
        return self.find(middle, high, steps - 1) if below else self.find(low, middle, steps - 1)


@corner(2.0, refused=REFUSED)
def root_by_a_method(a):
    return Halving(a).find(0.0, 3.0, 50)


def is_beyond(x, a):
    return x * math.exp(x) > a


@corner(2.0, refused=REFUSED)
def root_by_a_question(a):
    low, high = 0.0, 3.0
    while high - low > 1e-13:
        middle = (low + high) / 2
        if is_beyond(middle, a):
            high = middle
            continue
        low = middle
    return low


class Limit:
    def __init__(self, a):
        self.a = a


def is_under(limit, x):
    return x**3 < limit.a


@corner(2.0, refused=REFUSED)
def root_by_a_question_of_an_object(a):
    limit = Limit(a)
    low, high = 0.0, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        if is_under(limit, middle):
            low = middle
        else:
            high = middle
    return middle


@corner(2.0, refused=REFUSED)
def root_by_recursion_with_a_default(a):
    def find(low, high, steps=50, *, f=lambda x: x**3 - a):
        middle = (low + high) / 2
        if high - low < 1e-12:
            return middle
        return find(low, middle) if f(middle) > 0 else find(middle, high)

    return find(0.0, 3.0)


@corner(2.0, refused=REFUSED)
def root_by_a_halved_step(a):
    x, step = 0.0, 4.0
    for _ in range(60):
        step *= 0.5
        middle = x + step
        if middle**3 - a <= 0.0:
            x = middle
        if step < 1e-14:
            break
    return x


@corner(2.0, refused=REFUSED)
def root_by_steps_to_and_fro(a):
    x, step = 0.0, 4.0
    while step > 1e-13:
        step = step / 2
        if math.exp(x) < a:
            x += step
        else:
            x -= step
    return x * 2


@corner(0.7, refused=REFUSED, tolerance=1e-2)
def minimum_by_steps(p):
    """Hooke and Jeeves: the step is halved where neither side is lower."""
    x, step = 0.0, 1.0
    while step > 1e-9:
        here = (x - p) ** 2
        if (x + step - p) ** 2 < here:
            x = x + step
        elif (x - step - p) ** 2 < here:
            x = x - step
        else:
            step = step / 2
    return x


@corner(2.0, refused=REFUSED)
def square_root_by_digits(a):
    root, digit = 0.0, 2.0
    for _ in range(52):
        digit /= 2
        trial = root + digit
        root = trial if trial * trial <= a else root
    return root


class Interval:
    """Its ends are attributes."""

    def __init__(self, a):
        self.a, self.low, self.high = a, 0.0, 3.0

    def is_beyond(self, x):
        return x**3 > self.a

    def halve(self):
        middle = 0.5 * (self.low + self.high)
        if middle**3 > self.a:
            self.high = middle
        else:
            self.low = middle

    def find(self):
        while self.high - self.low > 1e-13:
            middle = 0.5 * (self.low + self.high)
            if middle**3 > self.a:
                self.high = middle
            else:
                self.low = middle
        return self.low

    def ask(self):
        low: float = 0.0
        high: float = 3.0
        for _ in range(60):
            middle = (low + high) / 2
            if self.is_beyond(middle):
                high: float = middle
            else:
                low = middle
        return middle


@corner(2.0, refused=REFUSED)
def root_by_attributes(a):
    return Interval(a).find()


@corner(2.0, refused=REFUSED)
def root_by_a_question_of_its_own(a):
    return Interval(a).ask()


@corner(2.0, compiled_only=REFUSED)
def root_by_two_questions(a):
    low, high = 0.0, 3.0
    for k in range(60):
        middle = (low + high) / 2
        if k >= 0 and not middle**3 <= a:
            high = middle
        else:
            low = middle
    return middle


@corner(several=[(2.0,), (0.5,)], second=False)
def step_that_is_tried(a):
    """Backtracking: the step is halved until it is short enough, and taken once."""
    x, step = 3.0, 1.0
    for _ in range(40):
        slope = 2 * (x - a) + 4 * (x - a) ** 3
        if (x - step * slope - a) ** 2 < (x - a) ** 2:
            x = x - step * slope
        else:
            step = 0.5 * step
    return x


@corner(several=[(0.4,), (1.3,)])
def time_that_steps(a):
    """A step of time is halved where the error is too large, and time moves by it."""
    t, y, step = 0.0, a, 0.25
    while t < 1.0:
        change = step * math.sin(y)
        if abs(step * change) < 0.01:
            y = y + change
            t += step
        else:
            step /= 2
    return y * t


@corner(several=[(2.0, False), (2.0, True)], second=False)
def condition_that_is_given(a, under):
    """Its name is bound where the loop may not come by."""
    low, high = 0.0, 3.0
    for k in range(3):
        middle = (low + high) / 2
        if k > 5:
            under = middle < a
        if under:
            low = middle
        else:
            high = middle
    return middle * a


@corner(several=[(2.0,), (5.0,)], compiled_only=REFUSED)
def newton_step_from_there(a):
    x = root_by_halves(a)
    return x - (x**3 - a) / (3 * x**2)


@corner(2.0, tolerance=1e-4)
def chord_of_a_wide_interval(a):
    low, high = 0.0, 3.0
    f = lambda t: t**3 - a  # noqa: E731
    while high - low > 0.1:
        middle = 0.5 * (low + high)
        if f(middle) < 0:
            low = middle
        else:
            high = middle
    return low - f(low) * (high - low) / (f(high) - f(low))


@corner(several=[(2.0,), (30.0,)])
def newton_in_an_interval(a):
    low, high, x = 0.0, 40.0, 20.0
    for _ in range(80):
        f = x * x - a
        if f > 0:
            high = x
        else:
            low = x
        new = x - f / (2 * x)
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - x) < 1e-14:
            break
        x = new
    return x


@corner(1.5)
def interval_of_what_is_no_argument(a):
    return a * root_by_halves(2.0)


@corner(several=[(2.5,), (6.5,)])
def place_in_a_table(a):
    table, low, high = [1, 3, 5, 7, 9], 0, 5
    while low < high:
        middle = (low + high) // 2
        if table[middle] < a:
            low = middle + 1
        else:
            high = middle
    return table[low] * a


@corner(several=[(0.3,), (0.9,)])
def steps_that_are_halved(a):
    """Each step is tried until it is small enough: time and step are constants between two decisions."""
    t, y, h = 0.0, 1.0, 0.5
    while t < 1.0 - 1e-12:
        h = min(h, 1.0 - t)
        error = abs(h * h * a * a * y)
        if error > 1e-3:
            h = h * 0.5
        else:
            y = y * (1 + a * h + (a * h) ** 2 / 2)
            t = t + h
    return y


# An interval as a whole, and a step of the search in a function of its own.


@corner(2.0, refused=REFUSED)
def root_in_a_pair(a):
    ends = (0.0, 3.0)
    for _ in range(60):
        middle = (ends[0] + ends[1]) / 2
        ends = (middle, ends[1]) if middle**3 < a else (ends[0], middle)
    return ends[0]


@corner(2.0, refused=REFUSED)
def root_in_a_list(a):
    points = [0.0, 0.0, 3.0]
    while points[2] - points[0] > 1e-12:
        middle = (points[0] + points[2]) / 2
        if middle**3 > a:  # noqa: SIM108
            points = [points[0], 0.0, middle]
        else:
            points = [middle, 0.0, points[2]]
    return points[0]


def half(f, low, high):
    middle = (low + high) / 2
    if f(middle) < 0:
        return middle, high
    return low, middle


def half_of_pair(f, ends):
    middle = (ends[0] + ends[1]) / 2
    return (middle, ends[1]) if f(middle) < 0 else (ends[0], middle)


@corner(2.0, refused=REFUSED)
def root_by_steps_of_a_function(a):
    low, high = 0.0, 3.0
    for _ in range(60):
        low, high = half(lambda x: x**3 - a, low, high)
    return low


@corner(2.0, refused=REFUSED)
def root_by_steps_of_pairs(a):
    ends = (0.0, 3.0)
    for _ in range(60):
        ends = half_of_pair(lambda x: x**3 - a, ends)
    return ends[0]


@corner(several=[(2.0,), (5.0,)])
def one_step_of_a_function(a):
    """The interval is wide: what is returned is what it is."""
    low, high = half(lambda x: x**3 - a, 0.0, a + 1.0)
    return low + 2 * high


@corner(several=[(0.7,), (1.9,)])
def size_that_fits_a_number(pitch):
    """What is met is a whole number, on a whole interval of sizes, and all of it scales with the pitch."""
    low, high = pitch, 100.0 * pitch
    for _ in range(60):
        middle = (low + high) / 2
        number = int(middle / pitch) ** 2
        if number == 625:
            return middle
        if number > 625:
            high = middle
        else:
            low = middle
    return middle
