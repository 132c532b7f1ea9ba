"""Rules of functions that are about complex numbers: absolute value, sign, angle, parts, and ``cmath``.

A cotangent ``y_bar`` pulls back without conjugation: the tangent ``y_dot`` and it satisfy ``Re(x_bar * x_dot) =
Re(y_bar * y_dot)``.  Functions that have no complex derivative are ``vjp`` rules, with a branch for real arguments.
The derivatives of ``abs``, ``sign`` and ``angle`` at 0 are 0.
"""

import cmath
import math
import operator

import numpy as np

from .table import elementwise, jvp, linear, vjp

# Absolute value, sign, angle, parts


@vjp(np.absolute, np.fabs, operator.abs, abs, math.fabs, np.ndarray.__abs__)
def absolute(y_bar, y, x):
    if np.iscomplexobj(x):
        return y_bar * np.conj(direction(x, y))
    return y_bar * sign_of(x)


@jvp(np.absolute)
def absolute_jvp(x_dot, y, x):
    if np.iscomplexobj(x):
        return np.real(x_dot * np.conj(direction(x, y)))
    return x_dot * sign_of(x)


def direction(x, length):
    """The complex numbers ``x`` over their absolute values ``length``; 0 at 0."""
    return x / np.where(length == 0, 1, length)


def sign_of(x):
    """1, -1 or 0."""
    if isinstance(x, float):
        return 1.0 * (x > 0) - (x < 0)
    return np.sign(x)


@vjp(np.sign)
def sign(y_bar, y, x):
    if np.iscomplexobj(x):  # only the angle of x moves y, at a right angle
        return 1j * np.conj(y) * np.imag(y_bar * y) / np.where(x == 0, 1, np.abs(x))
    return None


@jvp(np.sign)
def sign_jvp(x_dot, y, x):
    if np.iscomplexobj(x):
        return 1j * y * np.imag(np.conj(y) * x_dot) / np.where(x == 0, 1, np.abs(x))
    return None


@linear(np.real, view=True)
def real(y_bar, y, val):
    return y_bar


@linear(np.imag, view=True)
def imag(y_bar, y, val):
    if np.iscomplexobj(val):
        return -1j * y_bar
    return None


@linear(np.conjugate)
def conjugate(y_bar, y, x):
    if np.iscomplexobj(x):
        return np.conj(y_bar)
    return y_bar


linear(np.ndarray.conj, np.ndarray.conjugate, view=True)(conjugate)
linear(complex.conjugate, float.conjugate)(conjugate)


@vjp(np.angle)
def angle(y_bar, y, z, *, deg=False):
    return y_bar * angle_slope(z, deg)


@jvp(np.angle)
def angle_jvp(z_dot, y, z, *, deg=False):
    return np.real(z_dot * angle_slope(z, deg))


def angle_slope(z, deg):
    """The derivative of the angle; 0 for real numbers, and at 0."""
    unit = 180 / np.pi if deg else 1.0
    if np.iscomplexobj(z):
        return -1j * unit / np.where(z == 0, np.inf, z)
    return 0.0


@vjp(np.real_if_close, view=True)
def real_if_close(y_bar, y, a, *, tol=100):
    return y_bar


@jvp(np.real_if_close)
def real_if_close_jvp(a_dot, y, a, *, tol=100):
    return a_dot if np.iscomplexobj(y) else np.real(a_dot)


@vjp(np.nan_to_num)
def nan_to_num(y_bar, y, x, nan=0.0, posinf=None, neginf=None):
    if np.iscomplexobj(x):
        real, imag = replaced(np.real(y_bar), np.real(x)), replaced(-np.imag(y_bar), np.imag(x))
        return keep_finite(y_bar, x), real[0] + imag[0], real[1] + imag[1], real[2] + imag[2]
    return keep_finite(y_bar, x), *replaced(y_bar, x)


def replaced(g, x):
    """What of ``g`` belongs to what stands for NaN, for infinity, and for minus infinity."""
    return np.where(np.isnan(x), g, 0), np.where(np.isposinf(x), g, 0), np.where(np.isneginf(x), g, 0)


@jvp(np.nan_to_num)
def nan_to_num_jvp(x_dot, y, x, nan=0.0, posinf=None, neginf=None):
    return keep_finite(x_dot, x)


@jvp(np.nan_to_num, 1)
def nan_to_num_nan(nan_dot, y, x, nan=0.0, posinf=None, neginf=None):
    return in_place_of(np.isnan, nan_dot, x)


@jvp(np.nan_to_num, 2)
def nan_to_num_posinf(posinf_dot, y, x, nan=0.0, posinf=None, neginf=None):
    return in_place_of(np.isposinf, posinf_dot, x)


@jvp(np.nan_to_num, 3)
def nan_to_num_neginf(neginf_dot, y, x, nan=0.0, posinf=None, neginf=None):
    return in_place_of(np.isneginf, neginf_dot, x)


def in_place_of(test, dot, x):
    """The tangent of what stands for the elements of ``x`` that pass a test; real and imaginary parts each."""
    if np.iscomplexobj(x):
        return np.where(test(np.real(x)), dot, 0) + 1j * np.where(test(np.imag(x)), dot, 0)
    return np.where(test(x), dot, 0)


def keep_finite(g, x):
    """``g`` where ``x`` is finite, else 0; real and imaginary parts each for themselves."""
    if np.iscomplexobj(x):
        re, im = np.isfinite(np.real(x)), np.isfinite(np.imag(x))
        return np.where(re, np.real(g), 0) + 1j * np.where(im, np.imag(g), 0)
    return np.where(np.isfinite(x), g, 0)


# cmath


@elementwise(cmath.exp)
def cexp(y, x):
    return y


@elementwise(cmath.log)
def clog(y, x, base=None):
    if base is None:
        return 1 / x, None
    return 1 / (x * cmath.log(base)), -y / (base * cmath.log(base))


@elementwise(cmath.log10)
def clog10(y, x):
    return 1 / x / math.log(10)


@elementwise(cmath.tan)
def ctan(y, x):
    return 1 + y * y


@elementwise(cmath.tanh)
def ctanh(y, x):
    return 1 - y * y


@elementwise(cmath.sqrt)
def csqrt(y, x):
    return 0.5 / y if y else complex(math.inf, 0)


@elementwise(cmath.sin)
def csin(y, x):
    return cmath.cos(x)


@elementwise(cmath.cos)
def ccos(y, x):
    return -cmath.sin(x)


@elementwise(cmath.sinh)
def csinh(y, x):
    return cmath.cosh(x)


@elementwise(cmath.cosh)
def ccosh(y, x):
    return cmath.sinh(x)


@elementwise(cmath.asin)
def casin(y, x):
    d = cmath.sqrt(1 - x) * cmath.sqrt(1 + x)
    return 1 / d if d else complex(math.inf, 0)


@elementwise(cmath.acos)
def cacos(y, x):
    d = cmath.sqrt(1 - x) * cmath.sqrt(1 + x)
    return -1 / d if d else complex(-math.inf, 0)


@elementwise(cmath.atan)
def catan(y, x):
    return 1 / (1 + x * x)


@elementwise(cmath.asinh)
def casinh(y, x):
    d = cmath.sqrt(1 + x * x)
    return 1 / d if d else complex(math.inf, 0)


@elementwise(cmath.acosh)
def cacosh(y, x):
    d = cmath.sqrt(x - 1) * cmath.sqrt(x + 1)
    return 1 / d if d else complex(math.inf, 0)


@elementwise(cmath.atanh)
def catanh(y, x):
    return 1 / ((1 - x) * (1 + x))


@vjp(cmath.phase)
def phase(y_bar, y, z):
    return -1j * y_bar / z if z else 0j


@jvp(cmath.phase)
def phase_jvp(z_dot, y, z):
    return (z_dot / z).imag if z else 0.0


@vjp(cmath.polar)
def polar(y_bar, y, z):
    unit = cmath.rect(1.0, -y[1])
    return y_bar[0] * unit - 1j * y_bar[1] * unit / y[0] if z else 0j


@jvp(cmath.polar)
def polar_jvp(z_dot, y, z):
    turned = z_dot * cmath.rect(1.0, -y[1])
    return (turned.real, turned.imag / y[0]) if z else (0.0, 0.0)


@elementwise(cmath.rect)
def rect(y, r, phi):
    return cmath.rect(1.0, phi), 1j * y
