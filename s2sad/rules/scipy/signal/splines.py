"""Coefficients of splines through samples, which a filter with mirrored ends gives, run forwards and then backwards.

(M. Unser, A. Aldroubi, M. Eden, "B-spline signal processing: part II", IEEE Trans. Signal Process. 1993.)
"""

import math

import numpy as np
from scipy import signal

from ....runtime import no_derivative
from ...inference import like_floats, typed
from ...table import definition, infer, linear

# One pole: 1 / (1 - z1 / z) forwards, c0 / (1 - z1 z) backwards


def both_sides(x, c0, z1, terms):
    """The filter along the last axis; the sum over the mirrored samples before the first one has some terms."""
    a, poles = np.array([1.0, -z1]), z1 ** np.arange(1, terms + 1)
    first = x[..., :1] + np.sum(x[..., :terms] * poles, axis=-1, keepdims=True)
    rest, _ = signal.lfilter(np.ones(1), a, x[..., 1:], zi=z1 * first)
    forwards = np.concatenate([first, rest], axis=-1)
    last = -c0 / (z1 - 1.0) * forwards[..., -1:]
    back, _ = signal.lfilter(np.array([c0]), a, np.flip(forwards[..., :-1], -1), zi=z1 * last)
    return np.concatenate([np.flip(back, -1), last], axis=-1)


def precision_of(x, precision, single, double):
    """What SciPy takes where no precision is given that is one."""
    if 0 < precision < 1:
        return precision
    return single if x.dtype in (np.float32, np.complex64) else double


def terms_of(z1, precision, n):
    """How many powers of a pole are not yet small."""
    count = 1
    while abs(z1) ** count > precision:
        count = count + 1
    if count >= n:
        raise ValueError("Sum to find symmetric boundary conditions did not converge.")
    return count


@definition(signal.symiirorder1)
def symiirorder1(signal, c0, z1, precision=-1.0):
    x = np.asarray(signal) * 1.0
    terms = terms_of(z1, precision_of(x, precision, 1e-6, 1e-11), np.shape(x)[-1])
    return both_sides(x, c0, z1, terms).astype(x.dtype)


@linear(signal.symiirorder2, arguments=("input",))
def symiirorder2(y_bar, y, input, r, omega, precision=-1.0):
    matrix = signal.symiirorder2(np.eye(np.shape(input)[-1], dtype=y.dtype), r, omega, precision)
    return y_bar @ matrix.T, NotImplemented, NotImplemented, None


@infer(signal.symiirorder2)
def like_input(input, *args, **options):
    t = typed(input)
    return t if t.kind == "array" and t.dtype in (np.float32, np.float64) else NotImplemented


def one_dimensional(x, pole, scale):
    x = np.asarray(x) * 1.0
    if np.size(x) == 1:
        raise no_derivative("the spline of a single sample has no derivative rule")
    return scale * both_sides(x, -pole, pole, np.size(x))


@definition(signal.cspline1d)
def cspline1d(signal, lamb=0.0):
    if lamb == 0:
        return one_dimensional(signal, -2 + math.sqrt(3.0), 6.0)
    return smoothed(signal, lamb)


@definition(signal.qspline1d)
def qspline1d(signal, lamb=0.0):
    if lamb != 0:
        raise ValueError("Smoothing quadratic splines not supported yet.")
    return one_dimensional(signal, -3 + 2 * math.sqrt(2.0), 8.0)


def smoothed(x, lamb):
    """What `cspline1d` does with two conjugate poles, whose sums at the ends have weights of their own."""
    return signal.cspline1d(x, lamb)


@linear(smoothed, arguments=("x",))
def smoothed_transposed(y_bar, y, x, lamb):
    return np.stack([signal.cspline1d(row, lamb) for row in np.eye(np.size(x))]) @ y_bar, NotImplemented


infer(smoothed)(like_floats)


# Images: along both axes


def poles_of(lamb):
    """Radius and angle of the two conjugate poles of the cubic spline that smooths: section VI of the paper."""
    root = math.sqrt(3 + 144 * lamb)
    xi = 1 - 96 * lamb + 24 * lamb * root
    rho = (24 * lamb - 1 - math.sqrt(xi)) / (24 * lamb) * math.sqrt((48 * lamb + 24 * lamb * root) / xi)
    return rho, math.atan2(math.sqrt(144 * lamb - 1), math.sqrt(xi))


@definition(signal.cspline2d)
def cspline2d(signal, lamb=0.0, precision=-1.0):
    x = np.asarray(signal) * 1.0
    exact = precision_of(x, precision, 1e-3, 1e-6)
    if lamb <= 1 / 144.0:
        return of_image(x, -2 + math.sqrt(3.0), 6.0, exact)
    rho, omega = poles_of(lamb)
    return of_pair(of_pair(x, rho, omega, exact).T, rho, omega, exact).T


def of_pair(x, rho, omega, precision):
    return signal.symiirorder2(x, rho, omega, precision)


def of_image(x, pole, scale, precision):
    rows = symiirorder1(x, -scale * pole, pole, precision)
    return symiirorder1(rows.T, -scale * pole, pole, precision).T


@definition(signal.qspline2d)
def qspline2d(signal, lamb=0.0, precision=-1.0):
    if lamb > 0:
        raise ValueError("lambda must be negative or zero")
    x = np.asarray(signal) * 1.0
    return of_image(x, -3 + 2 * math.sqrt(2.0), 8.0, precision_of(x, precision, 1e-3, 1e-6))


@definition(signal.spline_filter)
def spline_filter(Iin, lmbda=5.0):
    if np.iscomplexobj(Iin):
        raise no_derivative("spline_filter has a derivative rule for real images only, as it rounds complex ones")
    taps = (np.array([1.0, 4.0, 1.0], np.float32) / 6.0).astype(float)  # as SciPy rounds them
    return signal.sepfir2d(cspline2d(Iin, lmbda), taps, taps)
