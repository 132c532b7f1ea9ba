"""Rules of elementwise functions: NumPy's, and the operators that do the same for numbers.

Each rule returns partial derivatives; the chain rule and broadcasting are the table's.  Where mathematics leaves a
choice: the derivative of ``hypot`` at 0 is 0, ties of ``maximum`` give one half to each side, ``clip`` has derivative 1
on the closed interval, and ``x**y`` has derivative 0 by ``y`` at ``x = 0``.
"""

import math
import operator

import numpy as np

from ..runtime import no_derivative
from .scalar import power_by_base, power_by_exponent
from .table import elementwise, jvp, linear, vjp, with_options

# Arithmetic


@elementwise(np.add, operator.add, operator.iadd, np.ndarray.__add__, np.ndarray.__iadd__, np.ndarray.__radd__)
def add(z, x1, x2):
    return 1, 1


@elementwise(np.subtract, operator.sub, operator.isub, np.ndarray.__sub__, np.ndarray.__isub__)
def subtract(z, x1, x2):
    return 1, -1


@elementwise(np.ndarray.__rsub__)
def rsub(z, x2, x1):
    return -1, 1


@elementwise(np.multiply, operator.mul, operator.imul, np.ndarray.__mul__, np.ndarray.__imul__, np.ndarray.__rmul__)
def multiply(z, x1, x2):
    return x2, x1


@elementwise(np.divide, operator.truediv, operator.itruediv, np.ndarray.__truediv__, np.ndarray.__itruediv__)
def divide(z, x1, x2):
    return 1 / x2, -z / x2


@elementwise(np.ndarray.__rtruediv__)
def rdivide(z, x2, x1):
    return -z / x2, 1 / x2


@elementwise(np.negative, operator.neg, np.ndarray.__neg__)
def negative(y, x):
    return -1


@elementwise(np.positive, operator.pos, np.ndarray.__pos__)
def positive(y, x):
    return 1


@elementwise(np.remainder, operator.mod, operator.imod, np.ndarray.__mod__, np.ndarray.__imod__)
def remainder(z, x1, x2):
    return 1, -(x1 // x2)


@elementwise(np.ndarray.__rmod__)
def rremainder(z, x2, x1):
    return -(x1 // x2), 1


@elementwise(np.fmod)
def fmod(z, x1, x2):
    return 1, -np.trunc(x1 / x2)


@vjp(np.divmod, divmod, np.ndarray.__divmod__)
def quotient_and_remainder(y_bar, y, x1, x2):
    return y_bar[1], -y[0] * y_bar[1]


@jvp(np.divmod)
def divmod_jvp(x1_dot, y, x1, x2):
    return None, x1_dot


@jvp(np.divmod, 1)
def divmod_jvp2(x2_dot, y, x1, x2):
    return None, -y[0] * x2_dot


@elementwise(
    np.power,
    np.float_power,
    operator.pow,
    operator.ipow,
    pow,
    math.pow,
    np.ndarray.__pow__,
    np.ndarray.__ipow__,
)
def power(z, x1, x2):
    if isinstance(x1, (int, float)) and isinstance(x2, (int, float)):
        return power_by_base(z, x1, x2), power_by_exponent(z, x1, x2)
    # where the exponent is 0, any power that is not infinite: the product is 0
    return x2 * x1 ** ((x2 - 1) * (x2 != 0)), z * log_of_base(x1)


def log_of_base(x):
    """The logarithm in the derivative of a power: 0 at 0, and NaN of negative numbers, without a warning."""
    if np.iscomplexobj(x):
        return np.log(np.where(x == 0, 1, x))
    return np.log(np.where(x > 0, x, np.where(x == 0, 1, np.nan)))


@elementwise(np.ndarray.__rpow__)
def rpower(z, x2, x1):
    by_base, by_exponent = power(z, x1, x2)
    return by_exponent, by_base


@elementwise(np.square)
def square(y, x):
    return 2 * x


@elementwise(np.reciprocal)
def reciprocal(y, x):
    return -(y**2)


@elementwise(np.sqrt)
def sqrt(y, x):
    return 0.5 / y


@elementwise(np.cbrt)
def cbrt(y, x):
    return 1 / (3 * y**2)


# Exponentials and logarithms


@elementwise(np.exp)
def exp(y, x):
    return y


@elementwise(np.exp2)
def exp2(y, x):
    return y * math.log(2)


@elementwise(np.expm1)
def expm1(y, x):
    return y + 1


@elementwise(np.log)
def log(y, x):
    return 1 / x


@elementwise(np.log2)
def log2(y, x):
    return 1 / (x * math.log(2))


@elementwise(np.log10)
def log10(y, x):
    return 1 / (x * math.log(10))


@elementwise(np.log1p)
def log1p(y, x):
    return 1 / (1 + x)


@elementwise(np.logaddexp)
def logaddexp(z, x1, x2):
    top = np.where(z == -np.inf, 0, z)
    return np.exp(x1 - top), np.exp(x2 - top)


@elementwise(np.logaddexp2)
def logaddexp2(z, x1, x2):
    top = np.where(z == -np.inf, 0, z)
    return np.exp2(x1 - top), np.exp2(x2 - top)


# Trigonometric and hyperbolic functions


@elementwise(np.sin)
def sin(y, x):
    return np.cos(x)


@elementwise(np.cos)
def cos(y, x):
    return -np.sin(x)


@elementwise(np.tan)
def tan(y, x):
    return 1 + y**2


@elementwise(np.arcsin)
def arcsin(y, x):
    return 1 / np.sqrt((1 - x) * (1 + x))


@elementwise(np.arccos)
def arccos(y, x):
    return -1 / np.sqrt((1 - x) * (1 + x))


@elementwise(np.arctan)
def arctan(y, x):
    return 1 / (1 + x**2)


@elementwise(np.arctan2)
def arctan2(z, x1, x2):
    r = np.hypot(x1, x2)
    r = np.where(r == 0, 1, r)
    return x2 / r / r, -(x1 / r / r)


@elementwise(np.hypot)
def hypot(z, x1, x2):
    r = np.where(z == 0, 1, z)
    return x1 / r, x2 / r


@elementwise(np.sinh)
def sinh(y, x):
    return np.cosh(x)


@elementwise(np.cosh)
def cosh(y, x):
    return np.sinh(x)


@elementwise(np.tanh)
def tanh(y, x):
    return 1 - y**2


@elementwise(np.arcsinh)
def arcsinh(y, x):
    return 1 / np.sqrt(1 + x**2)


@elementwise(np.arccosh)
def arccosh(y, x):
    return 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))


@elementwise(np.arctanh)
def arctanh(y, x):
    return 1 / ((1 - x) * (1 + x))


@elementwise(np.deg2rad, np.radians)
def deg2rad(y, x):
    return np.pi / 180


@elementwise(np.rad2deg, np.degrees)
def rad2deg(y, x):
    return 180 / np.pi


@elementwise(np.sinc)
def sinc(y, x):
    t = (np.pi * x) ** 2
    # near 0 the quotient cancels, and its derivative at 0 is not that of sinc: the Taylor series
    series = -(np.pi**2) / 3 * x * (1 - t / 10 + t**2 / 280 - t**3 / 15120)
    return np.where(np.abs(t) < 0.01, series, (np.cos(np.pi * x) - y) / np.where(x == 0, 1, x))


@elementwise(np.i0)
def i0(y, x):
    # I1(x) = 1/pi integral of exp(x cos t) cos t over 0 .. pi (Abramowitz and Stegun 9.6.19), by the midpoint rule,
    # which is exact to rounding for every x that I0 does not overflow at
    c = np.cos((np.arange(128) + 0.5) * (np.pi / 128))
    return np.sum(np.exp(np.expand_dims(x, -1) * c) * (c / 128), axis=-1)


# Maximum, minimum, and their like


@elementwise(np.maximum)
def maximum(z, x1, x2):
    return np.where(x1 == x2, 0.5, x1 > x2), np.where(x1 == x2, 0.5, x2 > x1)


@elementwise(np.minimum)
def minimum(z, x1, x2):
    return np.where(x1 == x2, 0.5, x1 < x2), np.where(x1 == x2, 0.5, x2 < x1)


# A cotangent is 0 where the other number is taken, as in a branch of np.where: the slope of a NaN would be one.
@vjp(np.fmax, np.fmin)
def fmax(z_bar, z, x1, x2):
    shared = np.where(x1 == x2, 0.5 * z_bar, z_bar)
    return np.where(x1 == z, shared, 0), np.where(x2 == z, shared, 0)


@jvp(np.fmax, 0)
def fmax_x1(x1_dot, z, x1, x2):
    return np.where(x1 == z, np.where(x1 == x2, 0.5 * x1_dot, x1_dot), 0)


@jvp(np.fmax, 1)
def fmax_x2(x2_dot, z, x1, x2):
    return np.where(x2 == z, np.where(x1 == x2, 0.5 * x2_dot, x2_dot), 0)


@elementwise(np.clip)
def clip(y, a, a_min=None, a_max=None, min=None, max=None):
    if min is None and max is None:
        return *clip_partials(a, a_min, a_max), None, None
    by_a, by_low, by_high = clip_partials(a, min, max)
    return by_a, None, None, by_low, by_high


@elementwise(np.ndarray.clip)
def clip_method(y, a, min=None, max=None):
    return clip_partials(a, min, max)


@with_options("dtype", np.clip)
def clip_in(a, a_min=None, a_max=None, *, min=None, max=None, dtype=None, casting="same_kind"):
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is not None:
        low = np.positive(low, dtype=dtype, casting=casting)
    if high is not None:
        high = np.positive(high, dtype=dtype, casting=casting)
    return np.clip(np.positive(a, dtype=dtype, casting=casting), low, high)


@with_options("dtype", np.ndarray.clip)
def clip_method_in(a, min=None, max=None, *, dtype=None, casting="same_kind"):
    return clip_in(a, min, max, dtype=dtype, casting=casting)


def clip_partials(a, low, high):
    """Of ``minimum(maximum(a, low), high)``; bounds may be None."""
    if np.iscomplexobj(a) or np.iscomplexobj(low) or np.iscomplexobj(high):
        raise no_derivative("np.clip of complex numbers compares their real parts, and has no derivative")
    if low is None and high is None:
        return 1, None, None
    if high is None:
        return a >= low, a < low, None
    if low is None:
        return a <= high, None, a > high
    return (a >= low) & (a <= high), (a < low) & (low <= high), (a > high) | (low > high)


@elementwise(np.heaviside)
def heaviside(z, x1, x2):
    return None, x1 == 0


@elementwise(np.copysign)
def copysign(z, x1, x2):
    return (x1 != 0) * np.copysign(1, x1) * np.copysign(1, x2), None


@elementwise(np.nextafter)
def nextafter(z, x1, x2):
    return 1, None


@elementwise(np.unwrap)
def unwrap(y, p, period=2 * np.pi, *, discont=None, axis=-1):
    return 1, np.round((y - p) / period)  # how often it was added


# Binary exponents and fractions


@elementwise(np.ldexp)
def ldexp(z, x1, x2):
    return np.ldexp(1.0, x2), None


@vjp(np.frexp)
def frexp(y_bar, y, x):
    return np.ldexp(y_bar[0], -y[1])


@jvp(np.frexp)
def frexp_jvp(x_dot, y, x):
    return np.ldexp(x_dot, -y[1]), None


@vjp(np.modf)
def modf(y_bar, y, x):
    return y_bar[0]


@jvp(np.modf)
def modf_jvp(x_dot, y, x):
    return x_dot, None


# Changes of dtype


@linear(np.float64, np.float32, np.float16, np.longdouble, np.complex128, np.complex64)
def cast(y_bar, y, x):
    return y_bar
