"""Rows of Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, normal


def row(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, complex=True, note=note)


def of_real(function: Any, *args: Any, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, note=note)


LENGTHS: list[dict[str, Any]] = [
    {},
    {"n": 4},
    {"n": 5},
    {"n": 9},
    {"n": 1},
    {"n": 2},
    {"axis": 0},
    {"axis": 0, "n": 3},
    {"axis": -2, "n": 2, "norm": "ortho"},
    {"norm": "forward"},
    {"norm": "ortho"},
]
SHAPES: list[dict[str, Any]] = [
    {},
    {"axes": (0, 1)},
    {"axes": (-1, 0), "norm": "ortho"},
    {"s": (3, 5), "axes": (1, 0)},
    {"s": (5, 2), "axes": (-2, -1)},
    {"norm": "forward"},
]
ROWS = []
for options in LENGTHS:
    for shape in ((3, 6), (2, 7)):
        ROWS += [
            row(f, normal(*shape), **options, note=str(shape))
            for f in (np.fft.fft, np.fft.ifft, np.fft.hfft, np.fft.irfft)
        ]
        ROWS += [of_real(f, normal(*shape), **options, note=str(shape)) for f in (np.fft.rfft, np.fft.ihfft)]
for options in SHAPES:
    ROWS += [row(f, normal(2, 3, 4), **options) for f in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn)]
    ROWS += [row(f, normal(2, 3, 4), **options) for f in (np.fft.irfft2, np.fft.irfftn)]
    ROWS += [of_real(f, normal(2, 4, 5), **options) for f in (np.fft.rfft2, np.fft.rfftn)]
ROWS += [row(f, normal(2, 5), axes=(1,)) for f in (np.fft.fftn, np.fft.irfftn)]
ROWS += [of_real(np.fft.rfftn, normal(2, 5), axes=(0,)), row(np.fft.fft, normal(4), 3, note="vector")]
for f in (np.fft.fftshift, np.fft.ifftshift):
    ROWS += [row(f, normal(5)), row(f, normal(2, 3, 4)), row(f, normal(3, 5), axes=1), row(f, normal(3, 5), (0, -1))]
for f in (np.fft.fftfreq, np.fft.rfftfreq):
    ROWS += [of_real(f, 5, 0.3), of_real(f, 4, d=0.3)]

POINTS = [
    Point(np.fft.rfft, (np.zeros(3),), ([2.0, 0.5, 0.5],), note="odd n"),
    Point(np.fft.irfft, (np.zeros(2, complex), 3), ([2.0, 4.0], None), {}, np.array([6.0, 0.0, 0.0])),
]
