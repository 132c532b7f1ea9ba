"""What is linear in a signal: trends, analytic signals, smoothing, other rates, chirped Fourier transforms."""

import math

import numpy as np
from scipy import ndimage, signal

from ....runtime import no_derivative
from ...inference import array, fresh_dim, some_floats, typed
from ...table import definition, infer, linear, multilinear, vjp, with_options, zero_derivative
from .filters import along_axis, delayed_products, sosfilt, sosfiltfilt
from .spectral import in_precision


@linear(signal.detrend)
def detrend(y_bar, y, data, *, axis=-1, type="linear", bp=0):
    return signal.detrend(y_bar, axis, type, bp)  # a projection along an orthogonal complement: its own transpose


@definition(signal.hilbert)
def hilbert(x, N=None, axis=-1):
    n = np.shape(x)[axis] if N is None else N
    spectrum = np.moveaxis(np.fft.fft(x, n, axis), axis, -1)
    kept = spectrum * np.asarray(one_sided(n), dtype=np.real(spectrum).dtype)
    return np.fft.ifft(np.moveaxis(kept, -1, axis), axis=axis)


def weights_of_plane(rows, columns):
    """What `hilbert2` does to each frequency; whether the highest one is left out depends on the version of SciPy."""
    impulse = np.zeros((rows, columns))
    impulse[0, 0] = 1
    return np.round(np.real(np.fft.fft2(signal.hilbert2(impulse))))


zero_derivative(weights_of_plane)
infer(weights_of_plane)(lambda *args: some_floats(2))


@definition(signal.hilbert2)
def hilbert2(x, N=None, axes=(-2, -1)):
    planes = np.moveaxis(np.atleast_2d(x), axes, (-2, -1))
    shape = np.shape(planes)[-2:] if N is None else (N, N) if np.ndim(N) == 0 else tuple(N)
    found = np.fft.ifft2(np.fft.fft2(planes, shape) * weights_of_plane(shape[0], shape[1]))
    return np.moveaxis(found, (-2, -1), axes)


def one_sided(n):
    """2 for positive frequencies, 1 for the others that an analytic signal has."""
    k = np.arange(n)
    return np.where((k == 0) | (2 * k == n), 1.0, np.where(2 * k < n, 2.0, 0.0))


# Smoothing by polynomials: a correlation with fixed coefficients, and polynomials at both ends


@definition(signal.savgol_coeffs)
def savgol_coeffs(window_length, polyorder, deriv=0, delta=1.0, pos=None, use="conv"):
    return np.float_power(delta, -deriv) * savgol_taps(window_length, polyorder, deriv, pos, use)


def savgol_taps(window_length, polyorder, deriv, pos=None, use="conv"):
    return signal.savgol_coeffs(window_length, polyorder, deriv, 1.0, pos, use)


def savgol_fit(window_length, polyorder, deriv):
    """What the polynomial through one window has at its places, for unit vectors."""
    return signal.savgol_filter(np.eye(window_length), window_length, polyorder, deriv, 1.0, 0)


zero_derivative(savgol_taps, savgol_fit)
infer(savgol_taps)(lambda *args, **options: some_floats(1))
infer(savgol_fit)(lambda *args: some_floats(2))


@definition(signal.savgol_filter)
def savgol_filter(x, window_length, polyorder, deriv=0, delta=1.0, axis=-1, mode="interp", cval=0.0):
    scale = np.float_power(delta, -deriv)
    taps = scale * savgol_taps(window_length, polyorder, deriv)
    if mode != "interp":
        return ndimage.convolve1d(x, taps, axis, mode=mode, cval=cval)
    y = np.moveaxis(ndimage.convolve1d(x, taps, axis, mode="constant"), axis, 0)
    x, half = np.moveaxis(x, axis, 0), window_length // 2
    fit = in_precision(scale * savgol_fit(window_length, polyorder, deriv), x)
    n = np.shape(x)[0]
    head = np.tensordot(fit[:half], x[:window_length], 1)
    tail = np.tensordot(fit[window_length - half :], x[n - window_length :], 1)
    return np.moveaxis(np.concatenate([head, y[half : n - half], tail]), 0, axis)


# Other rates


@multilinear(signal.upfirdn)
def upfirdn(y_bar, y, h, x, *, up=1, down=1, axis=-1):
    taps, n = np.size(h), np.shape(x)[axis]
    lead = (1 - taps) % up  # so that what is kept is every up-th from the first
    kept = np.arange(n) + (taps - 1 + lead) // up
    reversed_taps = np.concatenate([np.zeros(lead), np.flip(h), np.zeros(up)])
    x_bar = np.take(longer(signal.upfirdn(reversed_taps, y_bar, down, up, axis), np.max(kept) + 1, axis), kept, axis)
    size = (n - 1) * up + taps + down
    wide = longer(spaced(y_bar, down, axis), size, axis)
    return delayed_products(wide, longer(spaced(x, up, axis), size, axis), taps, axis), x_bar


@with_options("mode cval", signal.upfirdn)
def upfirdn_beyond(h, x, up=1, down=1, axis=-1, mode="constant", cval=0):
    if mode == "constant" and cval == 0:
        return signal.upfirdn(h, x, up, down, axis)
    moved = np.moveaxis(np.asarray(x), axis, -1)
    reach = -(-(np.size(h) - 1) // up)
    reach = reach + -reach % down  # so that the result starts at a sample of it
    start, count = reach * up // down, ((np.shape(moved)[-1] - 1) * up + np.size(h) - 1) // down + 1
    y = signal.upfirdn(h, beyond(moved, reach, mode, cval), up, down)
    return np.moveaxis(y[..., start : start + count], -1, axis)


def beyond(x, reach, mode, cval):
    """A signal, along the last axis, with more samples at both ends."""
    widths, n = [(0, 0)] * (np.ndim(x) - 1) + [(reach, reach)], np.shape(x)[-1]
    if mode == "constant":
        return np.pad(x, widths, constant_values=cval)
    if mode in ("wrap", "edge", "symmetric", "reflect"):
        return np.pad(x, widths, mode=mode)
    if mode == "antireflect":
        return np.pad(x, widths, mode="reflect", reflect_type="odd")
    k = np.arange(-reach, n + reach)
    if mode == "antisymmetric":
        return np.pad(x, widths, mode="symmetric") * (1 - 2 * (k // n % 2))
    if mode == "line":
        head = tail = (x[..., -1:] - x[..., :1]) / (n - 1)
    elif mode == "smooth":
        head, tail = x[..., 1:2] - x[..., :1], x[..., -1:] - x[..., -2:-1]
    else:
        raise ValueError(f"Unknown mode: {mode}")
    return np.pad(x, widths, mode="edge") + head * np.minimum(k, 0) + tail * np.maximum(k - (n - 1), 0)


def longer(x, size, axis):
    """An array with zeros behind it along an axis, up to a size."""
    pads = [(0, 0)] * np.ndim(x)
    pads[axis] = (0, max(size - np.shape(x)[axis], 0))
    return np.take(np.pad(x, pads), np.arange(size), axis)


def spaced(x, step, axis):
    """An array with ``step - 1`` zeros behind each element along an axis."""
    moved = np.moveaxis(x, axis, -1)
    room = np.zeros((*np.shape(moved), step - 1))
    wide = np.concatenate([moved[..., None], room], axis=-1)
    return np.moveaxis(np.reshape(wide, (*np.shape(moved)[:-1], -1)), -1, axis)


def taps_of(up, down, window):
    """The filter of `resample_poly`."""
    return signal.firwin(20 * max(up, down) + 1, 1.0 / max(up, down), window=window)


@vjp(taps_of)
def taps_of_vjp(h_bar, h, up, down, window):
    return None, None, NotImplemented


infer(taps_of)(lambda *args: some_floats(1))


@infer(signal.upfirdn)
def upfirdn_type(h, x, up=1, down=1, axis=-1, **options):
    taps, t = typed(h), typed(x)
    if not all(a.kind == "array" and a.dtype is not None and a.dims is not None for a in (taps, t)):
        return NotImplemented
    return array(np.result_type(taps.dtype, t.dtype, np.float32), tuple(fresh_dim() for _ in t.dims or ()))


@definition(signal.resample_poly)
def resample_poly(x, up, down, axis=0, window=("kaiser", 5.0), padtype="constant", cval=None):
    if cval is not None and cval != 0:
        raise no_derivative("resample_poly has a derivative rule with cval=0 only")
    if padtype not in ("constant", "mean", "median", "minimum", "maximum"):
        return padded_rate(x, up, down, axis, window, padtype)
    common, x = math.gcd(up, down), np.asarray(x)
    up, down = up // common, down // common
    if up == 1 and down == 1:
        return np.array(x)
    if padtype == "mean":
        level = np.mean(x, axis=axis, keepdims=True)
    elif padtype == "median":
        level = np.median(x, axis=axis, keepdims=True)
    elif padtype == "minimum":
        level = np.min(x, axis=axis, keepdims=True)
    elif padtype == "maximum":
        level = np.max(x, axis=axis, keepdims=True)
    else:
        level = 0.0
    if isinstance(window, (list, np.ndarray)):
        h = up * np.asarray(window)
    else:
        h = in_precision(up * taps_of(up, down, window), x)
    n = -(-np.shape(x)[axis] * up // down)
    half = (np.size(h) - 1) // 2
    lead = down - half % down
    first = (half + lead) // down
    h = np.concatenate([np.zeros_like(h, shape=lead), h, np.zeros_like(h, shape=down * (n + first + 1))])
    return np.take(signal.upfirdn(h, x - level, up, down, axis), np.arange(first, first + n), axis) + level


def padded_rate(x, up, down, axis, window, padtype):
    """`resample_poly` where the signal goes on beyond its ends in a way that is linear in it."""
    return signal.resample_poly(x, up, down, axis, window, padtype)


@linear(padded_rate, arguments=("x",))
def padded_rate_transposed(y_bar, y, x, up, down, axis, window, padtype):
    matrix = padded_rate(np.eye(np.shape(x)[axis]), up, down, 0, window, padtype)
    return along_axis(matrix.T, y_bar, axis), None, None, None, None, None


def chebyshev_sections(n, q):
    return signal.cheby1(n, 0.05, 0.8 / q, output="sos")


def hamming_taps(n, q):
    return signal.firwin(n + 1, 1.0 / q, window="hamming")


zero_derivative(chebyshev_sections, hamming_taps)
infer(chebyshev_sections)(lambda *args: some_floats(2))
infer(hamming_taps)(lambda *args: some_floats(1))


@definition(signal.decimate)
def decimate(x, q, n=None, ftype="iir", axis=-1, zero_phase=True):
    if ftype == "fir":
        taps = in_precision(hamming_taps(20 * q if n is None else n, q), np.asarray(x))
        if zero_phase:
            return resample_poly(x, 1, q, axis, taps)
        count = -(-np.shape(x)[axis] // q)
        return np.take(signal.upfirdn(taps, x, 1, q, axis), np.arange(count), axis)
    if ftype != "iir":
        raise no_derivative("decimate has a derivative rule with ftype='iir' or 'fir'")
    sections = in_precision(chebyshev_sections(8 if n is None else n, q), np.asarray(x))
    y = sosfiltfilt(sections, x, axis) if zero_phase else sosfilt(sections, x, axis)
    return np.take(y, np.arange(0, np.shape(x)[axis], q), axis)


@linear(signal.resample, arguments=("x", "t"))
def resample(y_bar, y, x, num, t=None, *, axis=0, window=None, domain="time"):
    matrix = signal.resample(np.eye(np.shape(x)[axis]), num, None, 0, window, domain)
    if t is None:
        return along_axis(matrix.T, y_bar, axis), None, None
    signal_bar, times_bar = y_bar
    steps = np.sum(times_bar * np.arange(num)) * (np.shape(x)[axis] / num)
    t_bar = np.concatenate([np.stack([np.sum(times_bar) - steps, steps]), np.zeros(np.size(t) - 2)])
    return along_axis(matrix.T, signal_bar, axis), None, t_bar


# The chirped Fourier transform: sums of x[n] a**-n w**(n k) (L. Rabiner et al., 1969)


@linear(signal.czt, arguments=("x",))
def czt(y_bar, y, x, *, m=None, w=None, a=1 + 0j, axis=-1):
    n = np.shape(x)[axis]
    count = n if m is None else m
    ratio = np.exp(-2j * np.pi / count) if w is None else w
    powers = np.reshape(a ** -np.arange(n), [n if k == axis % np.ndim(x) else 1 for k in range(np.ndim(x))])
    return powers * signal.czt(y_bar, n, ratio, 1 + 0j, axis=axis)


@definition(signal.zoom_fft)
def zoom_fft(x, fn, m=None, *, fs=2, endpoint=False, axis=-1):
    n = np.shape(x)[axis] if m is None else m
    low, high = (0.0, fn) if np.ndim(fn) == 0 else (fn[0], fn[1])
    step = (high - low) / (n - 1 if endpoint else n)
    ratio, start = np.exp(-2j * np.pi * step / fs), np.exp(2j * np.pi * low / fs)
    return signal.czt(np.asarray(x), n, ratio, start, axis=axis)


# Windows of neighbours


@definition(signal.medfilt)
def medfilt(volume, kernel_size=None):
    return ndimage.median_filter(volume, 3 if kernel_size is None else kernel_size, mode="constant")


@definition(signal.medfilt2d)
def medfilt2d(input, kernel_size=3):
    return ndimage.median_filter(input, kernel_size, mode="constant")


@definition(signal.order_filter)
def order_filter(a, domain, rank):
    return ndimage.rank_filter(a, rank, footprint=np.asarray(domain) != 0, mode="constant")


@definition(signal.sepfir2d)
def sepfir2d(input, hrow, hcol):
    return ndimage.convolve1d(ndimage.convolve1d(input, hrow, 1, mode="reflect"), hcol, 0, mode="reflect")


@definition(signal.wiener)
def wiener(im, mysize=None, noise=None):
    size = np.asarray(3 if mysize is None else mysize) + np.zeros(np.ndim(im), int)
    ones, count = np.ones(tuple(size)), np.prod(size)
    mean = signal.convolve(im, ones, "same", "direct") / count
    spread = signal.convolve(np.asarray(im) ** 2, ones, "same", "direct") / count - mean**2
    level = np.mean(spread) if noise is None else noise
    better = mean + (np.asarray(im) - mean) * (1 - level / spread)
    return np.where(spread < level, mean, better)
