"""Rows of ``scipy.signal``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from .harness import Row, normal


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note)


def of_real(function: Any, *args: Any, argnums: Any = None, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, argnums, float32=False, note=note)


def stable(rng: np.random.Generator) -> np.ndarray:
    return np.array([1.7, -0.5, 0.3]) + 0.05 * rng.standard_normal(3)


# a list, as SciPy takes contiguous arrays only
SECTIONS = [[1.0, 0.5, 0.2, 1.0, -0.4, 0.1], [0.7, -0.3, 0.2, 1.0, 0.2, -0.1]]
KERNELS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((7,), (3,)), ((7,), (4,)), ((3,), (5,)), ((5, 6), (2, 3))]
ROWS = [
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
    of_real(signal.filtfilt, np.array([0.4, 0.3]), np.array([1.0, -0.5]), normal(12), argnums=(2,)),
    of_real(signal.sosfiltfilt, SECTIONS, normal(30), argnums=(1,)),
    of_real(signal.resample, normal(6), 9),
    of_real(signal.resample, normal(2, 6), num=4, axis=1),
    of_real(signal.resample_poly, normal(12), 2, 3),
    of_real(signal.decimate, normal(60), 2),
    of_real(signal.decimate, normal(60), 2, ftype="fir"),
    of_real(signal.upfirdn, normal(3), normal(5), 2, 3),
    of_real(signal.upfirdn, normal(3), normal(2, 5), 3),
]  # fmt: skip
