"""Rules of ``scipy.signal``: convolutions, recursive filters, and what is defined by them.

A convolution keeps a part of the full one (``mode``): the cotangent of that part, with zeros around it, is one of the
full convolution, and convolving it with the other, reversed, argument gives the cotangents of the arguments.
"""

import numpy as np
from scipy import signal

from ..table import definition, jvp, linear, multilinear, no_rule, vjp, zero_derivative

# Convolution


@multilinear(signal.convolve)
def convolve(y_bar, y, in1, in2, *, mode="full", method="auto"):
    axes = tuple(range(np.ndim(in1)))
    full = full_cotangent(y_bar, np.shape(in1), np.shape(in2), mode, axes)
    return signal.convolve(full, np.flip(in2), "valid", method), signal.convolve(full, np.flip(in1), "valid", method)


@multilinear(signal.fftconvolve)
def fftconvolve(y_bar, y, in1, in2, *, mode="full", axes=None):
    full = full_cotangent(y_bar, np.shape(in1), np.shape(in2), mode, convolved(axes, np.ndim(in1)))
    first = signal.fftconvolve(full, np.flip(in2, axes), "valid", axes)
    return first, signal.fftconvolve(full, np.flip(in1, axes), "valid", axes)


@multilinear(signal.oaconvolve)
def oaconvolve(y_bar, y, in1, in2, *, mode="full", axes=None):
    full = full_cotangent(y_bar, np.shape(in1), np.shape(in2), mode, convolved(axes, np.ndim(in1)))
    first = signal.oaconvolve(full, np.flip(in2, axes), "valid", axes)
    return first, signal.oaconvolve(full, np.flip(in1, axes), "valid", axes)


def convolved(axes, ndim):
    """The axes along which is convolved, from 0 up."""
    if axes is None:
        return tuple(range(ndim))
    return tuple([axis % ndim for axis in np.atleast_1d(axes)])


def full_cotangent(y_bar, first, second, mode, axes):
    """The cotangent of the full convolution of arrays of two shapes, from that of the part that ``mode`` keeps."""
    if mode == "full":
        return y_bar
    widths = [(0, 0)] * np.ndim(y_bar)
    for axis in axes:
        n, m = first[axis], second[axis]
        before = (m - 1) // 2 if mode == "same" else min(n, m) - 1
        widths[axis] = (before, n + m - 1 - before - np.shape(y_bar)[axis])
    return np.pad(y_bar, widths)


@definition(signal.correlate)
def correlate(in1, in2, mode="full", method="auto"):
    return signal.convolve(in1, np.flip(np.conj(in2)), mode, method)


@definition(signal.convolve2d)
def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    k, l = np.shape(in2)
    return kept(full_convolution(in1, in2, mode, boundary, fillvalue), np.shape(in1), mode, (k - 1) // 2, (l - 1) // 2)


@definition(signal.correlate2d)
def correlate2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    k, l = np.shape(in2)
    full = full_convolution(in1, np.flip(np.conj(in2)), mode, boundary, fillvalue)
    return kept(full, np.shape(in1), mode, k // 2, l // 2)


def full_convolution(in1, in2, mode, boundary, fillvalue):
    """The convolution of a matrix that goes on beyond its border; without the border for the mode "valid"."""
    if mode == "valid":
        return signal.convolve(in1, in2, mode)
    widths = ((np.shape(in2)[0] - 1,) * 2, (np.shape(in2)[1] - 1,) * 2)
    if boundary in ("fill", "pad"):
        wide = np.pad(in1, widths, constant_values=fillvalue)
    elif boundary in ("wrap", "circular"):
        wide = np.pad(in1, widths, mode="wrap")
    else:
        wide = np.pad(in1, widths, mode="symmetric")
    return signal.convolve(wide, in2, "valid")


def kept(full, shape, mode, row, column):
    """The part of a convolution that the mode "same" keeps, from a row and a column."""
    return full[row : row + shape[0], column : column + shape[1]] if mode == "same" else full


# Recursive filters: a y = b x as polynomials in the delay, so that with u = (1 / a) y_bar run backwards, each
# coefficient's cotangent is a correlation of u with x or y


@vjp(signal.lfilter)
def lfilter(y_bar, y, b, a, x, *, axis=-1):
    backwards = np.flip(y_bar, axis)
    x_bar = np.flip(signal.lfilter(b, a, backwards, axis), axis)
    u = np.flip(signal.lfilter([1.0], a, backwards, axis), axis)
    return delayed_products(u, x, np.size(b), axis), -delayed_products(u, y, np.size(a), axis), x_bar


def delayed_products(u, x, count, axis):
    """The sums of ``u[n] * x[n - k]`` for delays ``k`` from 0 up."""
    u, x = np.moveaxis(u, axis, -1), np.moveaxis(x, axis, -1)
    n = np.shape(u)[-1]
    return np.stack([np.sum(u[..., k:] * x[..., : max(n - k, 0)]) for k in range(count)])


@jvp(signal.lfilter, 0)
def lfilter_b(b_dot, y, b, a, x, *, axis=-1):
    return signal.lfilter(b_dot, a, x, axis)


@jvp(signal.lfilter, 1)
def lfilter_a(a_dot, y, b, a, x, *, axis=-1):
    return -signal.lfilter(a_dot, a, y, axis)


@jvp(signal.lfilter, 2)
def lfilter_x(x_dot, y, b, a, x, *, axis=-1):
    return signal.lfilter(b, a, x_dot, axis)


@definition(signal.sosfilt)
def sosfilt(sos, x, axis=-1):
    sections = np.asarray(sos)
    y = x
    for k in range(np.shape(sections)[0]):
        y = signal.lfilter(sections[k, :3], sections[k, 3:], y, axis)
    return y


@definition(signal.freqz)
def freqz(b, a=1, worN=512, whole=False, fs=2 * np.pi):
    if np.ndim(worN) == 0:
        w = np.arange(worN) * (2 * np.pi if whole else np.pi) / worN
    else:
        w = 2 * np.pi * np.asarray(worN) / fs
    z = np.exp(-1j * w)
    h = np.polyval(np.flip(np.atleast_1d(b)), z) / np.polyval(np.flip(np.atleast_1d(a)), z)
    return w * (fs / (2 * np.pi)), h


@definition(signal.deconvolve)
def deconvolve(signal, divisor):
    impulse = np.zeros(np.size(signal) - np.size(divisor) + 1)
    impulse[0] = 1
    quotient = recursive(signal, divisor, impulse)
    return quotient, signal - convolution(divisor, quotient)


recursive, convolution = signal.lfilter, signal.convolve  # the parameter above has the module's name


# Linear in the signal


@linear(signal.detrend)
def detrend(y_bar, y, data, *, axis=-1, type="linear", bp=0):
    return signal.detrend(y_bar, axis, type, bp)  # a projection along an orthogonal complement: its own transpose


@definition(signal.hilbert)
def hilbert(x, N=None, axis=-1):
    n = np.shape(x)[axis] if N is None else N
    weights = np.zeros(n)
    weights[0] = 1
    weights[1 : (n + 1) // 2] = 2
    if n % 2 == 0:
        weights[n // 2] = 1
    spectrum = np.moveaxis(np.fft.fft(x, n, axis), axis, -1) * weights
    return np.fft.ifft(np.moveaxis(spectrum, -1, axis), axis=axis)


# A linear function of one axis is a matrix: what it makes of the unit vectors


def along_axis(matrix, x, axis):
    """The product of a matrix with the vectors along an axis."""
    return np.moveaxis(np.tensordot(x, matrix, ((axis,), (1,))), -1, axis)


@vjp(signal.savgol_filter)
def savgol_filter(y_bar, y, x, *, window_length=None, polyorder=None, deriv=0, delta=1.0, axis=-1, mode="interp",
                  cval=0.0):  # fmt: skip
    unit = np.eye(np.shape(x)[axis])
    matrix = signal.savgol_filter(unit, window_length, polyorder, deriv, delta, 0, mode)
    return along_axis(matrix.T, y_bar, axis)


@jvp(signal.savgol_filter)
def savgol_filter_jvp(x_dot, y, x, *, window_length=None, polyorder=None, deriv=0, delta=1.0, axis=-1, mode="interp",
                      cval=0.0):  # fmt: skip
    return signal.savgol_filter(x_dot, window_length, polyorder, deriv, delta, axis, mode)


@linear(signal.filtfilt, arguments=("x",))
def filtfilt(y_bar, y, b, a, x, *, axis=-1, padtype="odd", padlen=None, method="pad", irlen=None):
    matrix = signal.filtfilt(b, a, np.eye(np.shape(x)[axis]), 0, padtype, padlen, method, irlen)
    return NotImplemented, NotImplemented, along_axis(matrix.T, y_bar, axis)


@linear(signal.sosfiltfilt, arguments=("x",))
def sosfiltfilt(y_bar, y, sos, x, *, axis=-1, padtype="odd", padlen=None):
    matrix = signal.sosfiltfilt(sos, np.eye(np.shape(x)[axis]), 0, padtype, padlen)
    return NotImplemented, along_axis(matrix.T, y_bar, axis)


@linear(signal.resample)
def resample(y_bar, y, x, *, num=None, axis=0, window=None, domain="time"):
    matrix = signal.resample(np.eye(np.shape(x)[axis]), num, None, 0, window, domain)
    return along_axis(matrix.T, y_bar, axis)


@linear(signal.resample_poly)
def resample_poly(y_bar, y, x, *, up=None, down=None, axis=0, window=("kaiser", 5.0), padtype="constant", cval=None):
    matrix = signal.resample_poly(np.eye(np.shape(x)[axis]), up, down, 0, window, padtype, cval)
    return along_axis(matrix.T, y_bar, axis)


@linear(signal.decimate)
def decimate(y_bar, y, x, *, q=None, n=None, ftype="iir", axis=-1, zero_phase=True):
    matrix = signal.decimate(np.eye(np.shape(x)[axis]), q, n, ftype, 0, zero_phase)
    return along_axis(matrix.T, y_bar, axis)


@multilinear(signal.upfirdn)
def upfirdn(y_bar, y, h, x, *, up=1, down=1, axis=-1):
    matrix = signal.upfirdn(h, np.eye(np.shape(x)[axis]), up, down, 0)
    responses = [np.sum(y_bar * signal.upfirdn(unit, x, up, down, axis)) for unit in np.eye(np.size(h))]
    return np.stack(responses), along_axis(matrix.T, y_bar, axis)


# Searches, designs, and what is made of sizes

zero_derivative(
    signal.argrelextrema, signal.argrelmax, signal.argrelmin, signal.find_peaks, signal.find_peaks_cwt,
    signal.peak_prominences, signal.peak_widths, signal.square, signal.correlation_lags, signal.unit_impulse,
    signal.max_len_seq, signal.get_window, signal.buttord, signal.kaiserord, signal.savgol_coeffs,
)  # fmt: skip
no_rule(
    "the design of a filter is not differentiated: pass its coefficients",
    *(signal.butter, signal.bessel, signal.cheby1, signal.cheby2, signal.ellip, signal.firwin, signal.firwin2),
    *(signal.firls, signal.iirfilter, signal.remez, signal.bilinear),
)
no_rule(
    "it finds roots: pass the coefficients instead of zeros, poles and sections",
    *(signal.tf2zpk, signal.tf2sos, signal.zpk2tf, signal.sos2tf),
)
no_rule(
    "write it with scipy.signal.convolve, scipy.fft and NumPy, which have rules",
    *(signal.stft, signal.istft, signal.spectrogram, signal.periodogram, signal.welch, signal.csd, signal.coherence),
    *(signal.czt, signal.zoom_fft, signal.lombscargle, signal.hilbert2, signal.envelope, signal.sepfir2d),
    *(signal.wiener, signal.lfilter_zi, signal.lfiltic, signal.sosfilt_zi),
)
no_rule(
    "write it with NumPy, whose elementary functions have rules",
    *(signal.chirp, signal.gausspulse, signal.gauss_spline, signal.sawtooth),
)
no_rule(
    "use scipy.ndimage.median_filter and rank_filter, which have rules",
    *(signal.medfilt, signal.medfilt2d, signal.order_filter),
)
no_rule(
    "write it with scipy.ndimage.spline_filter or scipy.signal.lfilter, which have rules",
    *(signal.cspline1d, signal.cspline2d, signal.qspline1d, signal.spline_filter),
    *(signal.symiirorder1, signal.symiirorder2),
)
no_rule(
    "write it with scipy.signal.freqz and lfilter, which have rules",
    *(signal.freqs, signal.freqz_sos, signal.dlsim, signal.lsim, signal.CZT, signal.ZoomFFT, signal.ShortTimeFFT),
)
