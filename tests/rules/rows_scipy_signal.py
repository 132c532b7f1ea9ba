"""Rows of ``scipy.signal``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from s2sad.rules.scipy.signal import filters, linear, spectral, splines

from .harness import Row, distinct, normal, positive, uniform

OF_SECTIONS = getattr(signal, "freqz_sos", signal.sosfreqz)  # its name since SciPy 1.15


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note)


def of_real(function: Any, *args: Any, argnums: Any = None, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, argnums, float32=False, note=note)


def contiguous(*args: Any, **options: Any) -> Row:
    """A row of a function that takes arrays in C order only."""
    made = of_real(*args, **options)
    made.without = ("strided",)
    return made


def stable(rng: np.random.Generator) -> np.ndarray:
    return np.array([1.7, -0.5, 0.3]) + 0.05 * rng.standard_normal(3)


def sections(rng: np.random.Generator) -> np.ndarray:
    return np.array(SECTIONS) + 0.05 * rng.standard_normal((2, 6)) * [1, 1, 1, 0, 1, 1]


def parts(rng: np.random.Generator) -> np.ndarray:
    return np.delete(sections(rng), 3, axis=1)


def normalised(values):
    return np.concatenate([values[:, :3], np.ones((2, 1)), values[:, 3:]], axis=1)


def by_taps(x, h):
    return signal.resample_poly(x, 3, 2, 1, h)


def both_ways(values, x):
    return signal.sosfiltfilt(normalised(values), x)


def responses(values):
    return OF_SECTIONS(normalised(values), 5)[1]


def complex_matrix(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((4, 5)) + 1j * rng.standard_normal((4, 5))


def complex_stack(*shape: int) -> Any:
    return lambda rng: rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def ascending(n: int) -> Any:
    return lambda rng: np.cumsum(rng.uniform(0.5, 1.5, n))


# a list, as SciPy takes contiguous arrays only
SECTIONS = [[1.0, 0.5, 0.2, 1.0, -0.4, 0.1], [0.7, -0.3, 0.2, 1.0, 0.2, -0.1]]
KERNELS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((7,), (3,)), ((7,), (4,)), ((3,), (5,)), ((5, 6), (2, 3))]


def analog(b, a):
    return signal.freqs(b, a, np.array([0.3, 1.0, 2.0]))[1]


CURVE = np.array([0.0, 1.0, 0.3, 2.0, 0.1, 1.5, 0.2, 0.7, -0.4])


def of_peaks(x):
    peaks, properties = signal.find_peaks(x, height=0.8, threshold=0.1, prominence=0.2, width=0.1, rel_height=0.6)
    names = ["peak_heights", "left_thresholds", "right_thresholds", "prominences", "widths", "width_heights"]
    return x[peaks], [properties[name] for name in [*names, "left_ips", "right_ips"]]


def roots_and_gain(b, a):
    z, p, k = signal.tf2zpk(b, a)
    return np.abs(z), np.real(p), k


TRANSFORM, ZOOM = signal.CZT(5, 4, np.exp(-0.3j), 1.1 + 0.2j), signal.ZoomFFT(5, [0.2, 0.7], 6, fs=3.0, endpoint=True)


def transforms(x):
    return TRANSFORM(x.T, axis=0), ZOOM(x), signal.CZT(5)(x), signal.ZoomFFT(5, 0.7, fs=3.0)(x)


TIMES = 0.2 * np.arange(4.0)
MADE, STEPPED = signal.lti([1.0, 2.0], [1.0, 0.3, 0.2]), signal.dlti([1.0, 2.0], [1.0, 0.3, 0.2], dt=0.5)


def simulated(a, b, c, d, u, start):
    later = signal.lsim((a, b, c, d), u, TIMES + 0.3, X0=start)
    return signal.lsim((a, b, c, d), u[:, 0], TIMES, interp=False), later, signal.lsim((a, b, c, d), None, TIMES, start)


def simulated_fraction(num, den, u):
    return signal.lsim((num, den), u, TIMES)[1], signal.lsim(MADE, u, TIMES)[2], signal.dlsim(STEPPED, u)[1]


def stepped(a, b, c, d, u, start):
    return signal.dlsim((a, b, c, d, 0.5), u, x0=start), signal.dlsim((a, b, c, d, 0.3), u, t=TIMES)[1]


SYSTEM = [normal(2, 2), normal(2, 1), normal(1, 2), normal(1, 1)]
ENVELOPES = [] if not hasattr(signal, "envelope") else [
    of_real(signal.envelope, normal(2, 7)),
    of_real(signal.envelope, normal(8), (2, 4), n_out=6, squared=True),
    of_real(signal.envelope, normal(6, 2), (-2, 2), residual="all", axis=0, n_out=8),
    of_real(signal.envelope, normal(7), (1, None), residual=None),
    *[Row(signal.envelope, (complex_matrix, bp), options, float32=False, note="complex") for bp, options in
      (((-2, 2), {}), ((-2, -1), {"n_out": 6}), ((1, 2), {"residual": "all", "squared": True}))],
]  # fmt: skip


def coefficients(x):
    return signal.tf2sos(x[:3], x[3:]), signal.tf2sos(x[:2], x[3:], "keep_odd"), signal.tf2sos(x[3:], x[3:6])


POLYNOMIALS = np.array([1.0, 0.5, 0.9, 1.2, 0.4, 0.3, 0.1])
SPLINES = [
    *[
        Row(signal.symiirorder1, args, {}, complex=True, without=("strided",))
        for args in ((normal(6), 0.7, 0.3, 1e-2), (normal(2, 26), -0.7, -0.3))  # which SciPy reads wrongly
    ],
    of_real(signal.symiirorder2, normal(2, 9), 0.3, 0.7, 1e-2, argnums=(0,)),
    row(signal.cspline1d, normal(6)),
    of_real(signal.cspline1d, normal(6), 2.0, argnums=(0,)),
    of_real(splines.smoothed, normal(6), 2.0, argnums=(0,)),
    row(signal.qspline1d, normal(6)),
    of_real(signal.cspline2d, normal(5, 6), 0.0, 1e-2, argnums=(0,)),
    of_real(signal.cspline2d, normal(12, 12), argnums=(0,)),
    of_real(signal.cspline2d, normal(5, 6), 0.1, 1e-1, argnums=(0,)),
    of_real(signal.qspline2d, normal(5, 6), 0.0, 1e-2, argnums=(0,)),
    of_real(signal.spline_filter, normal(15, 14), 0.1, argnums=(0,)),
]


def calling(function: Any, called: Any, *args: Any, **flags: Any) -> Row:
    return Row(function, args, {}, program=called, float32=False, note=called.__name__, **flags)


ROWS = [
    *SPLINES,
    *ENVELOPES,
    *[calling(f, transforms, normal(2, 5)) for f in (signal.CZT, signal.ZoomFFT, signal.CZT.__call__)],
    calling(signal.lsim, simulated, *SYSTEM, normal(4, 1), normal(2)),
    calling(signal.lsim, simulated_fraction, normal(2), positive(3), normal(4)),
    calling(signal.dlsim, stepped, *SYSTEM, normal(4), normal(2)),
    of_real(signal.tf2ss, normal(2), positive(4)),
    of_real(signal.tf2ss, normal(2, 3), positive(3), note="two"),
    of_real(signal.tf2ss, normal(1), positive(1), note="direct"),
    calling(signal.tf2zpk, roots_and_gain, POLYNOMIALS[:3], POLYNOMIALS[3:], compiles=False),
    calling(signal.tf2sos, coefficients, POLYNOMIALS),
    Row(signal.freqs, (normal(3), positive(2)), program=analog, float32=False, note="analog"),
    *[of_real(signal.bilinear, normal(m), positive(n), 1.7, note=f"{m} {n}") for m, n in ((2, 3), (3, 2), (3, 3))],
    of_real(signal.bilinear, normal(3), positive(3), note="3 3 1"),
    of_real(signal.zpk2tf, normal(2), normal(3), normal()),
    *[
        row(f, normal(*s), normal(*t), mode=mode, note=f"{s} {t}")
        for f in (signal.convolve, signal.fftconvolve, signal.correlate)
        for mode in ("full", "same", "valid")
        for s, t in KERNELS
        if f is not signal.correlate or s[0] > t[0]
    ],
    *[row(f, normal(5), normal(2), method="direct") for f in (signal.convolve, signal.correlate)],
    *[row(f, normal(3, 7), normal(3, 4), "same", axes=1) for f in (signal.fftconvolve, signal.oaconvolve)],
    *[row(f, normal(3, 7), normal(1, 4), axes=(-1,), note="one") for f in (signal.fftconvolve, signal.oaconvolve)],
    *[
        row(f, normal(4, 5), normal(2, 3), mode=mode, boundary=boundary)
        for f in (signal.convolve2d, signal.correlate2d)
        for mode in ("full", "same", "valid")
        for boundary in ("fill", "wrap", "symm")
    ],
    row(signal.convolve2d, normal(4, 5), normal(2, 3), fillvalue=2.0),
    row(signal.lfilter, normal(2), stable, normal(6)),
    row(signal.lfilter, normal(4), stable, normal(6, 2), axis=0),
    row(signal.lfilter, normal(3), np.array([2.0]), normal(2, 6), note="finite"),
    of_real(signal.sosfilt, SECTIONS, normal(6), argnums=(1,)),
    of_real(signal.sosfilt, SECTIONS, normal(6, 2), axis=0, argnums=(1,)),
    of_real(signal.freqz, normal(3), stable, 8),
    of_real(signal.freqz, normal(3), 1, np.array([0.1, 0.5]), fs=2.0),
    of_real(signal.deconvolve, normal(6), stable),
    of_real(signal.detrend, normal(7)),
    of_real(signal.detrend, normal(3, 7), type="constant"),
    of_real(signal.detrend, normal(7, 2), axis=0, bp=3),
    *[of_real(signal.hilbert, normal(2, n), note=str(n)) for n in (5, 6)],
    of_real(signal.hilbert, normal(6, 2), axis=0, N=8),
    *[of_real(signal.savgol_filter, normal(9), 5, 2, mode=m, cval=0.5)
      for m in ("interp", "mirror", "nearest", "constant", "wrap")],
    of_real(signal.savgol_filter, normal(9, 2), 5, 2, deriv=1, axis=0),
    row(signal.lfilter, normal(3), stable, normal(5), zi=np.array([0.3, -0.2]), note="constant state"),
    row(signal.lfilter, normal(3), stable, normal(5), -1, normal(2), note="state"),
    row(signal.lfilter, normal(4), stable, normal(6, 2), 0, normal(3, 2), note="state, columns"),
    row(signal.lfilter, normal(2), stable, normal(2, 1), -1, normal(2, 2), note="state, longer"),
    of_real(signal.lfilter_zi, normal(2), stable),
    of_real(signal.lfilter_zi, normal(4), stable),
    of_real(signal.lfiltic, normal(2), stable, normal(2), normal(1)),
    of_real(signal.lfiltic, normal(3), stable, normal(1)),
    of_real(signal.sosfilt_zi, sections),
    of_real(signal.filtfilt, normal(2), stable, normal(12)),
    of_real(signal.filtfilt, normal(2), stable, normal(8, 2), 0, padtype="even", padlen=4),
    of_real(signal.filtfilt, normal(2), stable, normal(2, 8), padtype="constant", padlen=5),
    of_real(signal.filtfilt, normal(2), stable, normal(8), padtype=None),
    of_real(signal.filtfilt, np.array([0.4, 0.3]), np.array([1.0, -0.5]), normal(12), argnums=(2,), method="gust"),
    of_real(signal.filtfilt, np.array([0.4, 0.3]), np.array([1.0, -0.5]), normal(12), argnums=(2,), method="gust",
            irlen=5),
    contiguous(signal.sosfiltfilt, SECTIONS, normal(30), argnums=(1,)),
    contiguous(signal.sosfiltfilt, SECTIONS, normal(9, 2), 0, padtype="even", padlen=3, argnums=(1,)),
    of_real(filters.both_ways, np.array([0.4, 0.3]), np.array([1.0, -0.5]), normal(12), -1, None, argnums=(2,)),
    Row(signal.sosfiltfilt, (parts, normal(30)), program=both_ways, float32=False, without=("strided",)),
    Row(OF_SECTIONS, (parts,), program=responses, float32=False, without=("strided",)),
    of_real(linear.padded_rate, normal(7), 3, 2, 0, "hamming", "line"),
    of_real(linear.taps_of, 3, 2, "hamming", argnums=()),
    of_real(spectral.in_precision, normal(4), np.zeros(2), argnums=(0,)),
    of_real(signal.savgol_coeffs, 5, 2, argnums=()),
    of_real(signal.sos2tf, sections),
    of_real(signal.resample, normal(6), 9),
    of_real(signal.resample, normal(2, 6), num=4, axis=1),
    of_real(signal.resample_poly, normal(12), 2, 3),
    of_real(signal.resample_poly, normal(12, 2), 6, 4, window="hamming"),
    Row(signal.resample_poly, (normal(2, 7), normal(9)), program=by_taps, float32=False),
    *[of_real(signal.resample_poly, distinct(7), 3, 2, padtype=padtype)
      for padtype in ("mean", "median", "minimum", "maximum", "line", "edge")],
    of_real(signal.resample_poly, normal(7), 3, 3),
    of_real(signal.decimate, normal(60), 2),
    of_real(signal.decimate, normal(60), 2, ftype="fir"),
    of_real(signal.decimate, normal(2, 50), 3, 4, "fir", zero_phase=False),
    of_real(signal.decimate, normal(60, 2), 2, 5, axis=0, zero_phase=False),
    of_real(signal.hilbert2, normal(4, 5)),
    of_real(signal.hilbert2, normal(4, 5), 6),
    row(signal.czt, normal(5)),
    Row(signal.czt, (normal(5, 2), 7, np.exp(-0.3j), 1.1 + 0.2j), {"axis": 0}, (0,), complex=True),
    Row(signal.zoom_fft, (normal(2, 6), 0.4), {}, (0,), complex=True, float32=False),
    of_real(signal.zoom_fft, normal(6), (0.2, 0.7), 4, fs=3.0, endpoint=True, argnums=(0,)),
    of_real(signal.medfilt, distinct(5, 4)),
    of_real(signal.medfilt, distinct(7), 5),
    of_real(signal.medfilt2d, distinct(5, 4), (3, 1)),
    of_real(signal.order_filter, distinct(5, 4), np.array([[1, 0, 1]]), 1),
    of_real(signal.sepfir2d, normal(5, 6), normal(3), normal(5)),
    of_real(signal.wiener, normal(5, 4)),
    of_real(signal.wiener, normal(5, 4), (3, 1), 0.3),
    of_real(signal.upfirdn, normal(3), normal(5), 2, 3),
    of_real(signal.upfirdn, normal(3), normal(2, 5), 3),
    *[of_real(signal.upfirdn, normal(taps), normal(5, 2), up, down, 0)
      for taps, up, down in ((1, 1, 1), (1, 3, 2), (4, 1, 3), (7, 3, 5), (2, 4, 3))],
    *[of_real(f, normal(20), nperseg=6, detrend=detrend, scaling=scaling)
      for f in (signal.welch, signal.spectrogram)
      for detrend, scaling in (("constant", "density"), ("linear", "spectrum"), (False, "density"))],
    of_real(signal.welch, normal(20, 2), 2.0, "hamming", 5, 3, 8, axis=0),
    of_real(signal.welch, normal(9), nperseg=4, return_onesided=False),
    of_real(signal.welch, normal(9), 1.0, positive(4)),
    of_real(signal.periodogram, normal(8)),
    of_real(signal.periodogram, normal(2, 9), 3.0, "hann", 7),
    of_real(signal.periodogram, normal(9), nfft=12, detrend=False),
    of_real(signal.csd, normal(20), normal(20), nperseg=8),
    of_real(signal.csd, normal(20), normal(20), 2.0, nperseg=7, noverlap=2, scaling="spectrum"),
    of_real(signal.csd, normal(6), normal(8), nperseg=4),
    of_real(signal.csd, normal(9, 2), normal(7, 2), nperseg=4, axis=0),
    of_real(signal.coherence, normal(20), normal(20), nperseg=8),
    of_real(signal.coherence, normal(10), normal(13), nperseg=4),
    *[of_real(signal.spectrogram, normal(20), nperseg=6, mode=mode) for mode in ("complex", "magnitude", "angle")],
    of_real(signal.spectrogram, normal(12, 2), nperseg=4, axis=0),
    of_real(signal.stft, normal(20), nperseg=6),
    of_real(signal.stft, normal(2, 17), 2.0, "boxcar", 5, 3, boundary=None, padded=False, scaling="psd"),
    of_real(signal.stft, normal(9, 2), nperseg=4, axis=0, nfft=8, detrend="constant"),
    Row(signal.istft, (complex_matrix,), {"nperseg": 6}, float32=False),
    Row(signal.istft, (complex_matrix,), {"fs": 2.0, "boundary": False, "scaling": "psd"}, float32=False),
    *[Row(signal.istft, (complex_stack(*shape),), {"time_axis": time_axis, "freq_axis": freq_axis}, float32=False)
      for shape, time_axis, freq_axis in (((2, 5, 3), -1, -2), ((5, 3, 2), 1, 0), ((3, 2, 5), 0, -1))],
    of_real(signal.lombscargle, ascending(9), normal(9), positive(3)),
    *[of_real(signal.chirp, normal(4), positive(), 3.0, uniform(2.5, 3.5), method, phi=30.0)
      for method in ("linear", "quadratic", "logarithmic", "hyperbolic")],
    of_real(signal.chirp, normal(4), 1.0, 3.0, 2.0, "quadratic", vertex_zero=False, argnums=(0,)),
    of_real(signal.gausspulse, 0.01 * np.arange(4.0), uniform(4, 6), uniform(0.4, 0.6)),
    of_real(signal.gausspulse, 0.01 * np.arange(4.0), 5.0, retquad=True, retenv=True, argnums=(0,)),
    of_real(signal.gausspulse, 0.01 * np.arange(4.0), 5.0, retenv=True, argnums=(0,)),
    of_real(signal.sawtooth, np.array([0.3, 2.0, 5.0, 8.0]), uniform(0.4, 0.6)),
    of_real(signal.sawtooth, np.array([0.3, 2.0, 5.0, 8.0]), argnums=(0,)),
    of_real(signal.gauss_spline, normal(4), 3, argnums=(0,)),
    of_real(signal.get_window, "hann", 5, argnums=()),
    *[of_real(f, 6, *given, sym=sym, argnums=tuple(range(1, 1 + len(given)))) for sym in (True, False)
      for f, given in (
        (signal.windows.gaussian, (uniform(1, 2),)), (signal.windows.general_gaussian, (uniform(1, 2), uniform(1, 2))),
        (signal.windows.kaiser, (positive(),)), (signal.windows.general_cosine, (normal(3),)),
        (signal.windows.general_hamming, (positive(),)), (signal.windows.tukey, (uniform(0.5, 0.7),)))],
    of_real(signal.windows.exponential, 6, None, uniform(1, 2), argnums=(2,)),
    of_real(signal.windows.exponential, 6, 1.3, uniform(1, 2), False, argnums=(2,)),
    of_real(signal.peak_prominences, CURVE, [1, 3, 5, 7]),
    of_real(signal.peak_prominences, CURVE, np.array([3, 5]), wlen=3),
    of_real(signal.peak_widths, CURVE, [1, 3, 5, 7]),
    of_real(signal.peak_widths, CURVE, [1, 3, 5, 7], uniform(0.6, 0.8)),
    Row(signal.find_peaks, (CURVE,), {}, None, float32=False, program=of_peaks, compiles=False),
]  # fmt: skip
