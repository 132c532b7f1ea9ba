"""Rules of ``math`` and the builtins on Python numbers.

Python raises where NumPy gives inf or NaN.  A derivative must not raise where the function did not: these rules give
inf where the derivative is infinite, 0 where it is 0 by convention, and avoid ``x**2`` (it overflows with an error;
``x * x`` does not).
"""

import functools
import math

import numpy as np

from ..runtime import no_derivative, sum_to
from .inference import an_integer, list_of_integers
from .reductions import product_of_others
from .table import definition, elementwise, infer, jvp, linear, vjp, zero_derivative

# Powers


def power_by_base(z, x, y):
    """The derivative of ``z = x**y`` by ``x``; numbers."""
    if y == 0:
        return 0.0
    if x == 0 and y < 1:
        return math.inf
    if y < 1:
        return y * (z / x)
    return y * x ** (y - 1)


def power_below_one(z, x, y):
    """The derivative of ``z = x**y`` by ``x`` for an exponent between 0 and 1; numbers."""
    return math.inf if x == 0 else y * (z / x)


def power_by_exponent(z, x, y):
    """The derivative of ``z = x**y`` by ``y``; numbers."""
    if x > 0:
        return z * math.log(x)
    return 0.0 if x == 0 and y >= 0 else math.nan


@elementwise(math.sqrt)
def sqrt(y, x):
    return 0.5 / y if y else math.inf


@elementwise(math.cbrt)
def cbrt(y, x):
    return 1 / (3 * y * y) if y else math.inf


# Exponentials and logarithms


@elementwise(math.exp)
def exp(y, x):
    return y


@elementwise(math.exp2)
def exp2(y, x):
    return y * math.log(2)


@elementwise(math.expm1)
def expm1(y, x):
    return y + 1


@elementwise(math.log)
def log(y, x, base=None):
    if base is None:
        return 1 / x, None
    return 1 / (x * math.log(base)), -y / (base * math.log(base))


@elementwise(math.log2)
def log2(y, x):
    return 1 / x / math.log(2)


@elementwise(math.log10)
def log10(y, x):
    return 1 / x / math.log(10)


@elementwise(math.log1p)
def log1p(y, x):
    return 1 / (1 + x)


# Trigonometric and hyperbolic functions


@elementwise(math.sin)
def sin(y, x):
    return math.cos(x)


@elementwise(math.cos)
def cos(y, x):
    return -math.sin(x)


@elementwise(math.tan)
def tan(y, x):
    return 1 + y * y


@elementwise(math.asin)
def asin(y, x):
    d = (1 - x) * (1 + x)
    return 1 / math.sqrt(d) if d else math.inf


@elementwise(math.acos)
def acos(y, x):
    d = (1 - x) * (1 + x)
    return -1 / math.sqrt(d) if d else -math.inf


@elementwise(math.atan)
def atan(y, x):
    return 1 / (1 + x * x)


@elementwise(math.atan2)
def atan2(z, y, x):
    r = math.hypot(y, x)
    return (x / r / r, -y / r / r) if r else (0.0, 0.0)


@elementwise(math.sinh)
def sinh(y, x):
    return math.cosh(x)


@elementwise(math.cosh)
def cosh(y, x):
    return math.sinh(x)


@elementwise(math.tanh)
def tanh(y, x):
    return 1 - y * y


@elementwise(math.asinh)
def asinh(y, x):
    return 1 / math.hypot(1, x)


@elementwise(math.acosh)
def acosh(y, x):
    d = math.sqrt(x - 1) * math.sqrt(x + 1)
    return 1 / d if d else math.inf


@elementwise(math.atanh)
def atanh(y, x):
    return 1 / ((1 - x) * (1 + x))


@elementwise(math.degrees)
def degrees(y, x):
    return 180 / math.pi


@elementwise(math.radians)
def radians(y, x):
    return math.pi / 180


# Distances, remainders, parts of a number


@elementwise(math.hypot)
def hypot(y, *coordinates):
    return tuple([c / y if y else 0.0 for c in coordinates])


@vjp(math.dist)
def dist(y_bar, y, p, q):
    p_bar = [y_bar * (a - b) / y if y else 0.0 for a, b in zip(p, q, strict=True)]
    return p_bar, [-g for g in p_bar]


@jvp(math.dist)
def dist_jvp1(p_dot, y, p, q):
    return sum([(a - b) / y * d if y else 0.0 for a, b, d in zip(p, q, p_dot, strict=True)])


@jvp(math.dist, 1)
def dist_jvp2(q_dot, y, p, q):
    return sum([(b - a) / y * d if y else 0.0 for a, b, d in zip(p, q, q_dot, strict=True)])


@elementwise(math.fmod, math.remainder)
def fmod(z, x, y):
    return 1, (z - x) / y


@elementwise(math.copysign)
def copysign(z, x, y):
    return math.copysign(1.0, x) * math.copysign(1.0, y) if x else 0.0, None


@elementwise(math.nextafter)
def nextafter(z, x, y):
    return 1, None


@elementwise(math.ldexp)
def ldexp(z, x, i):
    return math.ldexp(1.0, i), None


@vjp(math.frexp)
def frexp(y_bar, y, x):
    return math.ldexp(y_bar[0], -y[1])


@jvp(math.frexp)
def frexp_jvp(x_dot, y, x):
    return math.ldexp(x_dot, -y[1]), None


@vjp(math.modf)
def modf(y_bar, y, x):
    return y_bar[0]


@jvp(math.modf)
def modf_jvp(x_dot, y, x):
    return x_dot, None


if hasattr(math, "fma"):

    @elementwise(math.fma)
    def fma(r, x, y, z):
        return y, x, 1


# Special functions


@elementwise(math.erf)
def erf(y, x):
    return 2 / math.sqrt(math.pi) * math.exp(-x * x)


@elementwise(math.erfc)
def erfc(y, x):
    return -2 / math.sqrt(math.pi) * math.exp(-x * x)


@elementwise(math.gamma)
def gamma(y, x):
    return y * digamma(x)


@elementwise(math.lgamma)
def lgamma(y, x):
    return digamma(x)


def digamma(x):
    """The derivative of ``lgamma`` (Abramowitz and Stegun 6.3.5, 6.3.7, 6.3.18)."""
    if x < 0:
        return positive_digamma(1 - x) - math.pi / math.tan(math.pi * math.remainder(x, 1))
    return positive_digamma(x)


def positive_digamma(x):
    below = 0.0
    for k in range(10):
        below = below + 1 / (x + k)
    top = x + 10
    u = 1 / (top * top)
    series = u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u * (1 / 132 - u * 691 / 32760)))))
    return math.log(top) - 0.5 / top - series - below


# Sums, products and extremes of sequences


@linear(math.fsum)
def fsum(y_bar, y, seq):
    return repeated(y_bar, seq)


@vjp(math.prod)
def prod(y_bar, y, iterable, start=1):
    return y_bar * start * product_of_others(np.array(iterable), 0), y_bar * math.prod(iterable)


@jvp(math.prod)
def prod_jvp(iterable_dot, y, iterable, start=1):
    dots = np.array([0.0 if d is None else d for d in iterable_dot])  # integers have none
    return start * np.sum(product_of_others(np.array(iterable), 0) * dots)


@jvp(math.prod, 1)
def prod_jvp_start(start_dot, y, iterable, start=1):
    return math.prod(iterable) * start_dot


if hasattr(math, "sumprod"):

    @vjp(math.sumprod)
    def sumprod(y_bar, y, p, q):
        return [y_bar * b for b in q], [y_bar * a for a in p]

    @jvp(math.sumprod)
    def sumprod_jvp1(p_dot, y, p, q):
        return math.sumprod(p_dot, q)

    @jvp(math.sumprod, 1)
    def sumprod_jvp2(q_dot, y, p, q):
        return math.sumprod(p, q_dot)


@linear(sum)
def builtin_sum(y_bar, y, iterable, start=0):
    return repeated(y_bar, iterable), y_bar


def repeated(y_bar, terms):
    """The cotangent of each term of a sum, which a start of more axes has broadcast."""
    if isinstance(terms, np.ndarray):
        if np.ndim(y_bar) >= np.ndim(terms):
            y_bar = sum_to(y_bar, np.shape(terms)[1:])
        return np.broadcast_to(y_bar, np.shape(terms))
    return [y_bar] * len(terms)


OF_SEQUENCES = "comparing lists, tuples or arrays has no derivative rule here"


def check_number(y):
    if isinstance(y, (list, tuple)) or np.ndim(y) > 0:
        raise no_derivative(OF_SEQUENCES)


@vjp(max)
def builtin_max(y_bar, y, *args, default=None):
    return extreme_bars(y_bar, y, args, True)


@jvp(max)
def builtin_max_jvp(args_dot, y, *args, default=None):
    return extreme_dot(args_dot, y, args, True)


@vjp(min)
def builtin_min(y_bar, y, *args, default=None):
    return extreme_bars(y_bar, y, args, False)


@jvp(min)
def builtin_min_jvp(args_dot, y, *args, default=None):
    return extreme_dot(args_dot, y, args, False)


def extreme_bars(y_bar, y, args, of_max):
    check_number(y)
    if len(args) == 1:
        return ([y_bar * s for s in shares(y, args[0])],)
    return tuple([y_bar * s for s in shares_of_several(y, args, of_max)])


def extreme_dot(args_dot, y, args, of_max):
    check_number(y)
    if len(args) == 1:
        return sum([s * d for s, d in zip(shares(y, args[0]), args_dot[0], strict=True) if d is not None])
    return sum([s * d for s, d in zip(shares_of_several(y, args, of_max), args_dot, strict=True) if d is not None])


def shares_of_several(y, numbers, of_max):
    """`shares`; of two, Python takes the second only if it is the larger (or smaller) one: not if either is NaN."""
    if len(numbers) != 2:
        return shares(y, numbers)
    a, b = numbers
    if of_max:
        return [1 - 0.5 * (a < b) - 0.5 * (a <= b), 0.5 * (a < b) + 0.5 * (a <= b)]
    return [1 - 0.5 * (a > b) - 0.5 * (a >= b), 0.5 * (a > b) + 0.5 * (a >= b)]


def shares(y, numbers):
    """1 where a number is the extreme ``y``, evenly split between equal ones; else 0."""
    ties = sum([x == y for x in numbers])
    return [1.0 / ties if x == y else 0.0 for x in numbers]


@definition(functools.reduce)
def reduce(function, sequence, *initial):
    if len(initial) == 0:
        items = sequence if isinstance(sequence, list | tuple | np.ndarray) else list(sequence)
        if len(items) == 0:
            raise TypeError("reduce() of empty iterable with no initial value")
        value, rest = items[0], items[1:]
    else:
        value, rest = initial[0], sequence
    for item in rest:
        value = function(value, item)
    return value


@vjp(sorted)
def builtin_sorted(y_bar, y, iterable, *, reverse=False):
    return [y_bar[r] for r in np.argsort(sorted_order(iterable, reverse))]


@jvp(sorted)
def builtin_sorted_jvp(iterable_dot, y, iterable, *, reverse=False):
    return [iterable_dot[i] for i in sorted_order(iterable, reverse)]


def sorted_order(numbers, reverse):
    """The positions that the elements of ``sorted(numbers)`` come from; both directions are stable."""
    a = np.array(numbers)
    if np.ndim(a) != 1:
        raise no_derivative(OF_SEQUENCES)
    return np.argsort(-a if reverse else a, kind="stable")


# By a key, or of tuples: the compiler takes the elements from these places


def places_in_order(keys, reverse):
    """The positions that the elements of a sorted list come from."""
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)


def place_of_extreme(keys, greatest):
    """The position of the greatest, or of the least."""
    return (max if greatest else min)(range(len(keys)), key=keys.__getitem__)


zero_derivative(places_in_order, place_of_extreme)
infer(places_in_order)(lambda keys, reverse: list_of_integers())
infer(place_of_extreme)(lambda keys, greatest: an_integer())


# Conversions


@linear(float, np.ndarray.__float__)
def to_float(y_bar, y, x):
    return y_bar


@linear(complex, np.ndarray.__complex__)
def to_complex(y_bar, y, real, imag=0):
    return y_bar, 1j * y_bar
