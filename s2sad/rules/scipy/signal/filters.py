"""Recursive filters, forwards and backwards, their states and frequency responses.

A filter solves ``a y = b x + a[0] zi`` for ``y``, with polynomials in the delay; ``zi`` is its state at the start.
With ``u = (1 / a) y_bar``, run backwards, each coefficient's cotangent is a correlation of ``u`` with ``x`` or ``y``.
The state at the end is what would come out afterwards, of zeros.
"""

import numpy as np
from scipy import signal

from ....runtime import no_derivative
from ...inference import array, fresh_dim, tuple_of, typed
from ...table import definition, infer, jvp, linear, vjp
from .spectral import in_precision


def backwards(b, a, x, axis):
    """The transpose of a filter."""
    return np.flip(signal.lfilter(b, a, np.flip(x, axis), axis), axis)


def delayed_products(u, x, count, axis):
    """The sums of ``u[n] * x[n - k]`` for delays ``k`` from 0 up."""
    u, x = np.moveaxis(u, axis, -1), np.moveaxis(x, axis, -1)
    n = np.shape(u)[-1]
    return np.stack([np.sum(u[..., k:] * x[..., : max(n - k, 0)]) for k in range(count)])


@vjp(signal.lfilter)
def lfilter(y_bar, y, b, a, x, axis=-1, zi=None):
    if zi is not None:
        return with_state(y_bar, y, b, a, x, axis, zi)
    u = backwards([1.0], a, y_bar, axis)
    b_bar, a_bar = delayed_products(u, x, np.size(b), axis), -delayed_products(u, y, np.size(a), axis)
    return b_bar, a_bar, backwards(b, a, y_bar, axis), None, None


@infer(signal.lfilter)
def lfilter_type(b, a, x, axis=-1, zi=None):
    """With a state, which may be one for many signals: the signal, and the state, in the common type."""
    types = [typed(part) for part in (b, a, x, zi)]
    if zi is None or any(t.kind != "array" or t.dtype is None for t in types):
        return NotImplemented
    dtype, dims = np.result_type(*(t.dtype for t in types)), types[2].dims
    state = None if dims is None else tuple(fresh_dim() for _ in dims)
    return tuple_of((array(dtype, dims), array(dtype, state))) if dtype.kind in "fc" else NotImplemented


def with_state(y_bar, y, b, a, x, axis, zi):
    (out_bar, end_bar), (out, end) = y_bar, y
    n, m, a, first = np.shape(x)[axis], np.shape(zi)[axis], np.asarray(a), np.asarray(a)[0]
    out_bar = np.zeros_like(out) if out_bar is None else out_bar
    end_bar = np.zeros_like(end) if end_bar is None else end_bar
    tail = signal.lfilter(a[:1], a, end, axis)
    whole = np.concatenate([out, tail], axis)
    u = backwards([1.0], a, np.concatenate([out_bar, backwards(a / first, [1.0], end_bar, axis)], axis), axis)
    start = np.take(u, np.arange(m), axis)
    b_bar = delayed_products(u, followed(x, zi, axis), np.size(b), axis)
    a_bar = delayed_products(end_bar, tail, np.size(a), axis) / first - delayed_products(u, whole, np.size(a), axis)
    by_first = np.sum(start * zi) - np.sum(end_bar * end) / first
    a_bar = a_bar + by_first * (np.arange(np.size(a)) == 0)
    return b_bar, a_bar, np.take(backwards(b, [1.0], u, axis), np.arange(n), axis), None, first * start


def parted(whole_dot, a, n, axis):
    """The tangents of the result and of the last state, from those of all that comes out."""
    tail_dot = np.take(whole_dot, np.arange(n, np.shape(whole_dot)[axis]), axis)
    return np.take(whole_dot, np.arange(n), axis), signal.lfilter(a / a[0], [1.0], tail_dot, axis)


def followed(x, zi, axis):
    """A signal with zeros behind it, as many as the state is long."""
    return np.concatenate([x, np.zeros_like(zi)], axis)


@jvp(signal.lfilter, 0)
def lfilter_b(b_dot, y, b, a, x, axis=-1, zi=None):
    if zi is None:
        return signal.lfilter(b_dot, a, x, axis)
    return parted(signal.lfilter(b_dot, a, followed(x, zi, axis), axis), np.asarray(a), np.shape(x)[axis], axis)


@jvp(signal.lfilter, 1)
def lfilter_a(a_dot, y, b, a, x, axis=-1, zi=None):
    if zi is None:
        return -signal.lfilter(a_dot, a, y, axis)
    a, n = np.asarray(a), np.shape(x)[axis]
    tail = signal.lfilter(a[:1], a, y[1], axis)
    by_state = a_dot[0] * np.concatenate([zi, np.zeros_like(x)], axis)
    whole_dot = signal.lfilter([1.0], a, by_state, axis) - signal.lfilter(
        a_dot, a, np.concatenate([y[0], tail], axis), axis
    )
    out_dot, end_dot = parted(whole_dot, a, n, axis)
    return out_dot, end_dot + signal.lfilter(a_dot / a[0], [1.0], tail, axis) - y[1] * (a_dot[0] / a[0])


@jvp(signal.lfilter, 2)
def lfilter_x(x_dot, y, b, a, x, axis=-1, zi=None):
    return signal.lfilter(b, a, x_dot, axis, None if zi is None else np.zeros_like(zi))


@jvp(signal.lfilter, 4)
def lfilter_zi_dot(zi_dot, y, b, a, x, axis=-1, zi=None):
    return signal.lfilter(b, a, np.zeros_like(x), axis, zi_dot)


@definition(signal.sosfilt)
def sosfilt(sos, x, axis=-1, zi=None):
    sections = np.asarray(sos)
    if np.any(sections[:, 3] != 1):
        raise ValueError("sos[:, 3] should be all ones")
    y, states = x, []
    for k in range(np.shape(sections)[0]):
        if zi is None:
            y = signal.lfilter(sections[k, :3], sections[k, 3:], y, axis)
        else:
            y, state = signal.lfilter(sections[k, :3], sections[k, 3:], y, axis, zi[k])
            states.append(state)
    return y if zi is None else (y, np.stack(states))


# States of a filter that has seen a constant signal for long (F. Gustafsson, "Determining the initial states in
# forward-backward filtering", IEEE Trans. Signal Process. 1996)


@definition(signal.lfilter_zi)
def lfilter_zi(b, a):
    b, a = np.asarray(b), np.asarray(a)
    n = max(np.size(a), np.size(b))
    b = np.concatenate([b, np.zeros(n - np.size(b), b.dtype)]) / a[0]
    a = np.concatenate([a, np.zeros(n - np.size(a), a.dtype)]) / a[0]
    first = np.concatenate([a[1:, None], np.zeros((n - 1, n - 2), a.dtype)], axis=1)
    unit = np.eye(n - 1, dtype=a.dtype) - np.eye(n - 1, k=1, dtype=a.dtype)
    return np.linalg.solve(unit + first, b[1:] - a[1:] * b[0])


@definition(signal.sosfilt_zi)
def sosfilt_zi(sos):
    sections, scale, states = np.asarray(sos), 1.0, []
    for k in range(np.shape(sections)[0]):
        b, a = sections[k, :3], sections[k, 3:]
        states.append(scale * lfilter_zi(b, a))
        scale = scale * (np.sum(b) / np.sum(a))
    return np.stack(states)


def with_zeros(x, n):
    """A vector with zeros behind it, in its precision."""
    return np.concatenate([x, np.zeros_like(x, shape=n)])


@definition(signal.lfiltic)
def lfiltic(b, a, y, x=None):
    b, a = np.asarray(b) / np.asarray(a)[0], np.asarray(a) / np.asarray(a)[0]
    n = max(np.size(a), np.size(b)) - 1
    ys = with_zeros(np.asarray(y), n)
    xs = 0 * ys if x is None else with_zeros(np.asarray(x), n)
    b, a = with_zeros(b, n), with_zeros(a, n)
    return np.stack([np.sum(b[k + 1 : n + 1] * xs[: n - k]) - np.sum(a[k + 1 : n + 1] * ys[: n - k]) for k in range(n)])


# Forwards and backwards, on a signal that goes on beyond its ends


def extended(x, edge, padtype):
    """A signal, along the first axis, with ``edge`` more samples at each end."""
    if edge == 0:
        return x
    before, after = np.flip(x[1 : edge + 1], 0), np.flip(x[-edge - 1 : -1], 0)
    if padtype == "odd":
        before, after = 2 * x[:1] - before, 2 * x[-1:] - after
    elif padtype == "constant":
        before, after = 0 * before + x[:1], 0 * after + x[-1:]
    return np.concatenate([before, x, after])


def column(v, x):
    """A vector along the first axis of an array."""
    return np.reshape(v, (-1,) + (1,) * (np.ndim(x) - 1))


@definition(signal.filtfilt)
def filtfilt(b, a, x, axis=-1, padtype="odd", padlen=None, method="pad", irlen=None):
    if method != "pad":
        return both_ways(b, a, x, axis, irlen)
    b, a, moved = np.atleast_1d(b), np.atleast_1d(a), np.moveaxis(np.asarray(x), axis, 0)
    longest = max(np.size(a), np.size(b))
    edge = 0 if padtype is None else 3 * longest if padlen is None else padlen
    wide = extended(moved, edge, padtype)
    state = column(lfilter_zi(b, a), moved)
    y, _ = signal.lfilter(b, a, wide, 0, zi=state * wide[:1])
    y, _ = signal.lfilter(b, a, np.flip(y, 0), 0, zi=state * y[-1:])
    return np.moveaxis(np.flip(y, 0)[edge : edge + np.shape(moved)[0]], 0, axis)


@definition(signal.sosfiltfilt)
def sosfiltfilt(sos, x, axis=-1, padtype="odd", padlen=None):
    sections, moved = np.asarray(sos), np.moveaxis(np.asarray(x), axis, 0)
    count = np.shape(sections)[0]
    taps = 2 * count + 1 - min(int(np.sum(sections[:, 2] == 0)), int(np.sum(sections[:, 5] == 0)))
    edge = 0 if padtype is None else 3 * taps if padlen is None else padlen
    states = sosfilt_zi(sections)
    y = extended(moved, edge, padtype)
    for _ in range(2):
        start = y[:1]
        for k in range(count):
            y, _ = signal.lfilter(sections[k, :3], sections[k, 3:], y, 0, zi=column(states[k], moved) * start)
        y = np.flip(y, 0)
    return np.moveaxis(y[edge : edge + np.shape(moved)[0]], 0, axis)


def both_ways(b, a, x, axis, irlen):
    """Gustafsson's choice of the states, which are linear in the signal."""
    return signal.filtfilt(b, a, x, axis, method="gust", irlen=irlen)


@linear(both_ways, arguments=("x",))
def both_ways_transposed(y_bar, y, b, a, x, axis, irlen):
    matrix = both_ways(b, a, np.eye(np.shape(x)[axis]), 0, irlen)
    return NotImplemented, NotImplemented, along_axis(matrix.T, y_bar, axis), None, None


def along_axis(matrix, x, axis):
    """The product of a matrix with the vectors along an axis."""
    return np.moveaxis(np.tensordot(x, matrix, ((axis,), (1,))), -1, axis)


# Frequency responses


# Whether single precision is kept: SciPy does so since it takes arrays of other packages.
KEPT = signal.freqz(np.ones(2, np.float32), np.ones(2, np.float32), 2)[1].dtype == np.complex64


@definition(signal.freqz)
def freqz(b, a=1, worN=512, whole=False, fs=2 * np.pi, *, include_nyquist=False):
    worN = 512 if worN is None else worN
    last = include_nyquist and not whole  # whether the last frequency is the highest one
    if np.ndim(worN) == 0:
        w = np.arange(worN) * (2 * np.pi if whole else np.pi) / (worN - 1 if last else worN)
    else:
        w = 2 * np.pi * np.asarray(worN) / fs
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    if KEPT:
        w = in_precision(w, b[:1] * a[:1])
    at = w
    if KEPT and np.ndim(worN) == 0 and np.size(a) == 1 and np.size(b) <= (worN if whole else 2 * (worN - last)):
        at, a = in_precision(w, b), in_precision(a, b)  # by a Fourier transform of b
    z = np.exp(-1j * at)
    return w * (fs / (2 * np.pi)), np.polyval(np.flip(b), z) / np.polyval(np.flip(a), z)


@definition(signal.freqs)
def freqs(b, a, worN=200):
    if np.ndim(worN) == 0:
        raise no_derivative("freqs has a derivative rule with given frequencies only, as it finds others by roots")
    s = 1j * np.asarray(worN)
    return np.asarray(worN), np.polyval(np.atleast_1d(b), s) / np.polyval(np.atleast_1d(a), s)


@definition(signal.zpk2tf)
def zpk2tf(z, p, k):
    if np.ndim(z) > 1:
        raise no_derivative("zpk2tf of a matrix of zeros has no derivative rule")
    return k * np.poly(z), np.atleast_1d(np.poly(p))


# s = 2 fs (z - 1) / (z + 1), times (z + 1) to the greatest power (A. V. Oppenheim, R. W. Schafer, "Discrete-time signal
# processing", 2010, 7.2.2).
@definition(signal.bilinear)
def bilinear(b, a, fs=1.0):
    degree = max(np.size(b), np.size(a)) - 1
    top, bottom = substituted(np.atleast_1d(b), degree, fs), substituted(np.atleast_1d(a), degree, fs)
    return top / bottom[0], bottom / bottom[0]


def substituted(coefficients, degree, fs):
    total = np.zeros(degree + 1)
    for k in range(np.size(coefficients)):
        power = np.size(coefficients) - 1 - k
        total = total + coefficients[k] * (2.0 * fs) ** power * np.poly(np.repeat([1.0, -1.0], [power, degree - power]))
    return total


# Its name was another one before SciPy 1.15.
@definition(getattr(signal, "freqz_sos", signal.sosfreqz))
def freqz_sos(sos, worN=512, whole=False, fs=2 * np.pi):
    sections, total = np.asarray(sos), 1.0
    w, _ = freqz(sections[0, :3], sections[0, 3:], worN, whole, fs)
    for k in range(np.shape(sections)[0]):
        _, h = freqz(sections[k, :3], sections[k, 3:], worN, whole, fs)
        total = total * h
    return w, total


@definition(signal.deconvolve)
def deconvolve(signal, divisor):
    if np.size(divisor) > np.size(signal):
        return np.zeros(0), np.asarray(signal)
    impulse = np.zeros(np.size(signal) - np.size(divisor) + 1)
    impulse[0] = 1
    quotient = recursive(signal, divisor, impulse)
    return quotient, signal - convolution(divisor, quotient)


recursive, convolution = signal.lfilter, signal.convolve  # the parameter above has the module's name


@definition(signal.sos2tf)
def sos2tf(sos):
    sections = np.asarray(sos)
    b, a = np.ones(1, sections.dtype), np.ones(1, sections.dtype)
    for k in range(np.shape(sections)[0]):
        b, a = np.convolve(b, sections[k, :3]), np.convolve(a, sections[k, 3:])
    return b, a
