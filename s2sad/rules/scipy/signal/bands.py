"""Parts of a spectrum: envelopes of bands, and chirped Fourier transforms that were prepared before."""

import numpy as np
from scipy import signal

from ....runtime import no_derivative
from ...inference import array, some_floats
from ...table import definition, infer, linear, maker, present, zero_derivative
from .spectral import in_precision

# Envelopes: what lies in a band, moved down to frequency 0; and what lies beside it


def band(n, low, high):
    """The numbers of the lowest frequency in a band and of the first one above it; negative ones are given so."""
    low, high = -(n // 2) if low is None else low, (n + 1) // 2 if high is None else high
    if not -n // 2 <= low < high <= (n + 1) // 2:
        raise ValueError(f"`-n//2 <= bp_in[0] < bp_in[1] <= (n+1)//2` does not hold for {n=} and ({low}, {high})!")
    if high == 0:
        raise no_derivative("envelope of a band up to frequency 0 has no derivative rule")
    return low, high


def gains(n, low, high, real):
    """What each frequency of a band is multiplied with: of a real signal only the positive ones, doubled, are taken."""
    k = np.arange(low, high)
    if not real:
        return np.ones(high - low)
    return np.where(k < 0, 0.0, np.where((k > 0) | (low > 0), 2.0, 1.0))


def beside(n, low, high, lowpass):
    """Which frequencies, in the order of a Fourier transform, are left beside a band (below it)."""
    kept = np.ones(n)
    if low <= 0 < high:
        kept[:high] = 0
        kept[low:] = 0
    else:
        kept[low:high] = 0
    if lowpass:
        kept[high if high > 0 else 0 : (n + 1) // 2] = 0
        if high <= 0:
            kept[low:] = 0
    return kept


def unpaired(n, n_out, count):
    """Of real signals of other lengths the highest common frequency, where it has no partner in one of them."""
    weights, least = np.ones(count), min(n, n_out)
    if n != n_out and least % 2 == 0:
        weights[least // 2] = 2.0 if n_out < n else 0.5
    return weights


zero_derivative(gains, beside, unpaired)
for function in (gains, beside, unpaired):
    infer(function)(lambda *args: some_floats(1))


@definition(*present(signal, "envelope"))
def envelope(z, bp_in=(1, None), *, n_out=None, squared=False, residual="lowpass", axis=-1):
    z, real = np.moveaxis(np.asarray(z), axis, -1), not np.iscomplexobj(z)
    n = np.shape(z)[-1]
    low, high = band(n, bp_in[0], bp_in[1])
    size, spectrum = n if n_out is None else n_out, np.fft.fft(z)
    inside = np.take(spectrum, np.arange(low, high) % n, axis=-1) * in_precision(gains(n, low, high, real), z)
    moved = np.fft.ifft(inside, size) * (size / n)
    squares = np.real(moved) ** 2 + np.imag(moved) ** 2
    found = np.moveaxis(squares if squared else np.abs(moved), -1, axis)
    if residual is None:
        return found
    kept = in_precision(beside(n, low, high, residual == "lowpass"), z)
    if real:
        count = n // 2 + 1
        half = spectrum[..., :count] * (kept[:count] * in_precision(unpaired(n, size, count), z))
        rest = np.fft.irfft(half, size) * (size / n)
    elif n_out is None:
        rest = np.fft.ifft(spectrum * kept)
    else:
        rest = signal.resample(spectrum * kept, size, axis=-1, domain="freq")
    return np.stack([found, np.moveaxis(rest, -1, axis)], axis=0)


# Prepared transforms: sums of x[n] a**-n w**(n k)


@maker(signal.CZT)
def czt_made(x, n, m=None, w=None, a=1 + 0j, *, axis=-1):
    return signal.czt(x, m, w, a, axis=axis)


@maker(signal.ZoomFFT)
def zoom_made(x, n, fn, m=None, *, fs=2, endpoint=False, axis=-1):
    return signal.zoom_fft(x, fn, n if m is None else m, fs=fs, endpoint=endpoint, axis=axis)


@linear(signal.CZT.__call__, arguments=("x",))
def czt_called(y_bar, y, self, x, *, axis=-1):
    n = np.shape(x)[axis]
    powers = np.reshape(self.a ** -np.arange(n), [n if k == axis % np.ndim(x) else 1 for k in range(np.ndim(x))])
    return NotImplemented, powers * signal.czt(y_bar, n, self.w, 1 + 0j, axis=axis)


infer(signal.CZT.__call__)(lambda *args, **options: array(np.complex128, None))
