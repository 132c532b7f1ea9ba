"""Rows of ``scipy.fft``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import fft

from .harness import Point, Row, normal
from .rows_fft import LENGTHS, SHAPES, of_real, row

ROWS: list[Row] = []
for options in LENGTHS:
    for shape in ((3, 6), (2, 7)):
        ROWS += [row(f, normal(*shape), **options, note=str(shape)) for f in (fft.fft, fft.ifft, fft.hfft, fft.irfft)]
        ROWS += [of_real(f, normal(*shape), **options, note=str(shape)) for f in (fft.rfft, fft.ihfft)]
SOME_AXES: list[dict[str, Any]] = [*SHAPES, {"s": (3, -1), "axes": (1, 0)}]
for options in SOME_AXES:
    complex_ones = [fft.fft2, fft.ifft2, fft.fftn, fft.ifftn, fft.irfft2, fft.irfftn, fft.hfft2, fft.hfftn]
    ROWS += [row(f, normal(2, 3, 4), **options) for f in complex_ones]
    ROWS += [of_real(f, normal(2, 4, 5), **options) for f in (fft.rfft2, fft.rfftn, fft.ihfft2, fft.ihfftn)]
ROWS += [row(f, normal(2, 5), axes=1) for f in (fft.fftn, fft.irfftn, fft.hfftn)]
ROWS += [row(f, normal(2, 5), s=3) for f in (fft.fftn, fft.irfftn, fft.hfftn)]
ROWS += [of_real(f, normal(2, 5), s=(3,)) for f in (fft.rfftn, fft.ihfftn)]
ROWS += [row(fft.fft, normal(4), 3, note="vector"), row(fft.fft, normal(4), workers=1)]

NORMS: list[dict[str, Any]] = [{}, {"norm": "ortho"}, {"norm": "forward"}]
ORTHOGONAL: list[dict[str, Any]] = [{"orthogonalize": True}, {"norm": "ortho", "orthogonalize": False}]
for kind in (1, 2, 3, 4):
    for f in (fft.dct, fft.idct, fft.dst, fft.idst):
        ROWS += [row(f, normal(3, 5), type=kind, **norm) for norm in NORMS]
        ROWS += [of_real(f, normal(3, 5), type=kind, **norm) for norm in ORTHOGONAL]
        ROWS += [row(f, normal(3, 5), type=kind, n=n, axis=axis) for n in (3, 7) for axis in (0, -1)]
    for f in (fft.dctn, fft.idctn, fft.dstn, fft.idstn):
        ROWS += [row(f, normal(3, 2, 5), type=kind, **norm) for norm in NORMS]
        ROWS += [of_real(f, normal(3, 2, 5), type=kind, **norm) for norm in ORTHOGONAL]
        ROWS += [row(f, normal(3, 2, 5), type=kind, s=(4, 4), axes=(0, -1)), row(f, normal(3, 5), type=kind, axes=1)]
ROWS += [row(f, normal(4), note="no type") for f in (fft.dct, fft.idct, fft.dst, fft.idst)]

for f in (fft.fht, fft.ifht):
    ROWS += [
        Row(f, (normal(2, 6), 0.1, 1.5), {}, (0,), float32=False),
        Row(f, (normal(5), 0.1, 0.5), {"offset": 0.2, "bias": 0.3}, (0,), float32=False),
    ]
for f in (fft.fftshift, fft.ifftshift):
    ROWS += [row(f, normal(5)), row(f, normal(3, 5), axes=1), row(f, normal(3, 5), (0, -1))]
for f in (fft.fftfreq, fft.rfftfreq):
    ROWS += [of_real(f, 5, 0.3), of_real(f, 4, d=0.3)]

POINTS = [
    Point(fft.rfft, (np.zeros(3),), ([2.0, 0.5, 0.5],), note="odd n"),
    Point(fft.dct, (np.zeros(1),), ([2.0],), note="one"),
]
