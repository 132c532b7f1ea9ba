"""Spectral estimates: what is made of the Fourier transforms of overlapping segments (P. D. Welch, 1967)."""

import numpy as np
from scipy import signal

from ....runtime import no_derivative
from ...inference import in_precision_of, some_floats
from ...table import definition, infer, linear, vjp


@vjp(signal.get_window)
def get_window(w_bar, w, window, Nx, *, fftbins=True):
    return NotImplemented, None  # its parameters: use scipy.signal.windows


infer(signal.get_window)(lambda *args, **options: some_floats(1))


def weights_of(window, size, x):
    """The samples of a window, in the precision of a signal."""
    weights = np.asarray(window) if isinstance(window, (list, np.ndarray)) else signal.get_window(window, size)
    return in_precision(weights, x)


def in_precision(weights, x):
    """Weights as single numbers, where those of a signal are."""
    return np.array(weights, dtype=np.float32 if x.dtype in (np.float32, np.complex64) else None)


@linear(in_precision, arguments=("weights",))
def in_precision_transposed(bar, out, weights, x):
    return bar, None


infer(in_precision)(in_precision_of)


def length_of(window, nperseg, n):
    """How long a segment is."""
    if isinstance(window, (list, np.ndarray)):
        return len(window)
    return min(256 if nperseg is None else nperseg, n)


def segments(x, size, step, detrend):
    """Overlapping segments of a signal, along its last axis."""
    count = (np.shape(x)[-1] - size) // step + 1
    taken = x[..., step * np.arange(count)[:, None] + np.arange(size)]
    if isinstance(detrend, str):
        return signal.detrend(taken, type=detrend)
    if detrend:
        raise no_derivative("spectral estimates have a derivative rule with detrend='constant', 'linear' or False")
    return taken


def transformed(x, size, step, weights, nfft, detrend, onesided):
    """The Fourier transforms of the segments."""
    parts = segments(x, size, step, detrend)
    parts = parts * weights
    return np.fft.rfft(parts, nfft) if onesided else np.fft.fft(parts, nfft)


def doubled(power, nfft):
    """Both sides of a spectrum in one; the ends stand for themselves."""
    k = np.arange(np.shape(power)[-1])
    return np.where((k == 0) | (2 * k == nfft), power, 2 * power)


def frequencies(nfft, fs, onesided):
    return np.fft.rfftfreq(nfft, 1 / fs) if onesided else np.fft.fftfreq(nfft, 1 / fs)


def scale_of(weights, fs, scaling):
    if scaling == "density":
        return 1.0 / (fs * np.sum(weights**2))
    return 1.0 / np.sum(weights) ** 2


def powers(x, y, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis):
    """Frequencies, and the products of the transforms of each segment, which are along the last axis but one."""
    first, second = np.moveaxis(np.asarray(x), axis, -1), np.moveaxis(np.asarray(y), axis, -1)
    longer = max(np.shape(first)[-1], np.shape(second)[-1])
    first, second = filled(first, longer), filled(second, longer)
    onesided = return_onesided and not (np.iscomplexobj(first) or np.iscomplexobj(second))
    size = length_of(window, nperseg, np.shape(first)[-1])
    step = size - (size // 2 if noverlap is None else noverlap)
    weights, nfft = weights_of(window, size, first), size if nfft is None else nfft
    a = transformed(first, size, step, weights, nfft, detrend, onesided)
    b = transformed(second, size, step, weights, nfft, detrend, onesided)
    found = np.conj(a) * b * scale_of(weights, fs, scaling)
    return frequencies(nfft, fs, onesided), doubled(found, nfft) if onesided else found


def filled(x, length):
    """A signal of some length, with zeros behind it."""
    missing = length - np.shape(x)[-1]
    return np.concatenate([x, np.zeros((*np.shape(x)[:-1], missing), x.dtype)], axis=-1) if missing > 0 else x


def averaged(found, average, axis):
    if average != "mean":
        raise no_derivative("spectral estimates have a derivative rule with average='mean'")
    return np.moveaxis(np.mean(found, axis=-2), -1, axis)


@definition(signal.csd)
def csd(x, y, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None, detrend="constant", return_onesided=True,
        scaling="density", axis=-1, average="mean"):  # fmt: skip
    f, found = powers(x, y, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis)
    return f, averaged(found, average, axis)


@definition(signal.welch)
def welch(x, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None, detrend="constant", return_onesided=True,
          scaling="density", axis=-1, average="mean"):  # fmt: skip
    f, found = powers(x, x, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis)
    return f, np.real(averaged(found, average, axis))


@definition(signal.periodogram)
def periodogram(x, fs=1.0, window="boxcar", nfft=None, detrend="constant", return_onesided=True, scaling="density",
                axis=-1):  # fmt: skip
    moved = np.moveaxis(np.asarray(x), axis, -1)
    if nfft is not None:
        moved = moved[..., :nfft]
    size = np.shape(moved)[-1]
    f, found = powers(moved, moved, fs, window, size, 0, nfft, detrend, return_onesided, scaling, -1)
    return f, np.real(averaged(found, "mean", axis))


@definition(signal.coherence)
def coherence(x, y, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None, detrend="constant", axis=-1):
    f, xx = welch(x, fs, window, nperseg, noverlap, nfft, detrend, axis=axis)
    _, yy = welch(y, fs, window, nperseg, noverlap, nfft, detrend, axis=axis)
    _, xy = csd(x, y, fs, window, nperseg, noverlap, nfft, detrend, axis=axis)
    return f, np.abs(xy) ** 2 / xx / yy


@definition(signal.spectrogram)
def spectrogram(x, fs=1.0, window=("tukey", 0.25), nperseg=None, noverlap=None, nfft=None, detrend="constant",
                return_onesided=True, scaling="density", axis=-1, mode="psd"):  # fmt: skip
    n = np.shape(x)[axis]
    size = length_of(window, nperseg, n)
    overlap = size // 8 if noverlap is None else noverlap
    times = np.arange(size / 2, n - size / 2 + 1, size - overlap) / fs
    if mode == "psd":
        f, found = powers(x, x, fs, window, nperseg, overlap, nfft, detrend, return_onesided, scaling, axis)
        return f, times, in_place(np.real(found), axis)
    moved = np.moveaxis(np.asarray(x), axis, -1)
    weights = weights_of(window, size, moved)
    onesided, nfft = return_onesided and not np.iscomplexobj(moved), size if nfft is None else nfft
    found = transformed(moved, size, size - overlap, weights, nfft, detrend, onesided)
    found = found * np.sqrt(scale_of(weights, fs, scaling))
    f = frequencies(nfft, fs, onesided)
    if mode == "complex":
        return f, times, in_place(found, axis)
    if mode == "magnitude":
        return f, times, in_place(np.abs(found), axis)
    if mode == "angle":
        return f, times, in_place(np.angle(found), axis)
    raise no_derivative("spectrogram has a derivative rule with mode='psd', 'complex', 'magnitude' or 'angle'")


def in_place(found, axis):
    """Frequencies where the signal's axis was, segments along the last one."""
    found = np.moveaxis(found, -1, -2)
    return np.moveaxis(found, -2, axis if axis >= 0 else axis - 1)


@definition(signal.stft)
def stft(x, fs=1.0, window="hann", nperseg=256, noverlap=None, nfft=None, detrend=False, return_onesided=True,
         boundary="zeros", padded=True, axis=-1, scaling="spectrum"):  # fmt: skip
    moved = np.moveaxis(np.asarray(x), axis, -1)
    onesided = return_onesided and not np.iscomplexobj(moved)
    size = length_of(window, nperseg, np.shape(moved)[-1])
    step, half = size - (size // 2 if noverlap is None else noverlap), size // 2
    if boundary == "zeros":
        moved = np.concatenate([np.zeros_like(moved[..., :half]), moved, np.zeros_like(moved[..., :half])], axis=-1)
    elif boundary is not None:
        raise no_derivative("stft has a derivative rule with boundary='zeros' or None")
    if padded:
        more = (size - np.shape(moved)[-1]) % step % size
        moved = np.concatenate([moved, np.zeros((*np.shape(moved)[:-1], more), moved.dtype)], axis=-1)
    weights, nfft = weights_of(window, size, moved), size if nfft is None else nfft
    found = transformed(moved, size, step, weights, nfft, detrend, onesided)
    found = found * np.sqrt(scale_of(weights, fs, "density" if scaling == "psd" else scaling))
    times = np.arange(size / 2, np.shape(moved)[-1] - size / 2 + 1, step) / fs
    if boundary is not None:
        times = times - size / 2 / fs
    return frequencies(nfft, fs, onesided), times, in_place(found, axis)


@definition(signal.istft)
def istft(Zxx, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None, input_onesided=True, boundary=True,
          time_axis=-1, freq_axis=-2, scaling="spectrum"):  # fmt: skip
    spectra = np.moveaxis(np.asarray(Zxx), (freq_axis, time_axis), (-1, -2))
    bins = np.shape(spectra)[-1]
    least = 2 * (bins - 1) if input_onesided else bins
    size = least if nperseg is None else nperseg
    n = (least + 1 if input_onesided and size == least + 1 else least) if nfft is None else nfft
    step, weights = size - (size // 2 if noverlap is None else noverlap), weights_of(window, size, spectra)
    parts = np.fft.irfft(spectra, n) if input_onesided else np.fft.ifft(spectra, n)
    parts = parts[..., :size] * weights
    parts = parts * (np.sqrt(fs * np.sum(weights**2)) if scaling == "psd" else np.sum(weights))
    count = np.shape(parts)[-2]
    x = np.zeros((*np.shape(parts)[:-2], size + step * (count - 1)), parts.dtype)
    norm = np.zeros(size + step * (count - 1), weights.dtype)
    for k in range(count):
        x[..., k * step : k * step + size] += parts[..., k, :]
        norm[k * step : k * step + size] += weights**2
    half = size // 2 if boundary else 0
    kept = slice(half, size + step * (count - 1) - half)
    x = x[..., kept] / np.where(norm[kept] > 1e-10, norm[kept], 1.0)
    time_at, freq_at = time_axis % np.ndim(Zxx), freq_axis % np.ndim(Zxx)
    x = np.moveaxis(x, -1, time_at - (freq_at < time_at))
    return np.arange(np.shape(x)[0]) / fs, x  # SciPy's times are as many as the first axis is long


# Of samples at any times (N. R. Lomb, 1976; M. Zechmeister, M. Kuerster, "The generalised Lomb-Scargle periodogram",
# 2009, has weights and a mean that is fitted, too)


@definition(signal.lombscargle)
def lombscargle(x, y, freqs, *, precenter=False, normalize=False, weights=None, floating_mean=False):
    x, y, w = np.asarray(x, dtype=float), np.asarray(y, dtype=float), np.asarray(freqs, dtype=float)[:, None]
    part = parts_of(weights, y)
    if precenter:
        y = y - np.mean(y)
    mean = np.sum(part * y) if floating_mean else 0.0
    turn = np.arctan2(2 * product(part, np.cos(w * x), np.sin(w * x), floating_mean),
                      product(part, np.cos(w * x), np.cos(w * x), floating_mean)
                      - product(part, np.sin(w * x), np.sin(w * x), floating_mean)) / 2  # fmt: skip
    c, s = np.cos(w * x - turn[:, None]), np.sin(w * x - turn[:, None])
    of_cosine, of_sine = np.sum(part * (y - mean) * c, axis=1), np.sum(part * (y - mean) * s, axis=1)
    by_cosine = of_cosine / at_least(product(part, c, c, floating_mean))
    by_sine = of_sine / at_least(product(part, s, s, floating_mean))
    if normalize == "amplitude":
        return (by_cosine + 1j * by_sine) * np.exp(1j * turn)
    power = by_cosine * of_cosine + by_sine * of_sine
    if normalize == "power" or not normalize:
        return power * (np.size(x) / 2)
    return power / np.sum(part * (y - mean) ** 2)


def parts_of(weights, y):
    """Weights whose sum is one."""
    if weights is None:
        return np.full(np.shape(y), 1.0 / np.size(y))
    weights = np.asarray(weights, dtype=float)
    if np.any(weights < 0) or np.sum(weights) <= 0:
        raise ValueError("Parameter weights must have only non-negative entries which sum to a positive value!")
    return weights / np.sum(weights)


def product(part, a, b, centered):
    """The weighted means of products; with ``centered`` of those of the deviations from the means."""
    found = np.sum(part * a * b, axis=1)
    return found - np.sum(part * a, axis=1) * np.sum(part * b, axis=1) if centered else found


def at_least(x):
    """A mean of squares, which is divided by; by rounding it may be 0."""
    return np.where(x < np.finfo(float).epsneg, np.finfo(float).epsneg, x)
