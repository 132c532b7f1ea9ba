"""Rows of ``scipy.ndimage``."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from scipy import ndimage

from .harness import Point, Row, distinct, normal, uniform

MODES = ("reflect", "constant", "nearest", "mirror", "wrap")


def of_complex(*shape):
    return lambda rng: rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def row(function: Any, *args: Any, argnums: Any = None, note: str = "", **options: Any) -> Row:
    return Row(function, args, options, argnums, float32=False, note=note)


def along(function: Any, *axes: int, **options: Any) -> dict[str, Any]:
    """The option for some of the axes, where SciPy has it already."""
    return {**options, "axes": axes} if "axes" in inspect.signature(function).parameters else {}


FOOTPRINT = np.array([[True, False, True], [True, True, False]])
MATRIX = np.array([[0.813, 0.297], [-0.211, 0.689]])
HOMOGENEOUS = np.concatenate([MATRIX, [[0.417], [0.931]]], axis=1)
MEASUREMENTS = (ndimage.variance, ndimage.standard_deviation, ndimage.maximum, ndimage.minimum, ndimage.median)


def bent(input, p):
    return ndimage.geometric_transform(input, lambda place: (place[0] * 0.7 + p, place[1] * p + 0.1), (3, 3), order=2)


def by_arguments(input, p):
    def mapping(place, shift, factor=1.0):
        return (place[0] * factor + shift, place[1] + 0.2)

    return ndimage.geometric_transform(input, mapping, order=1, mode="nearest", extra_arguments=(p,), output=float,
                                       extra_keywords={"factor": 0.7}, cval=0.5, prefilter=False)  # fmt: skip


def soft_maximum(values):
    return np.log(np.sum(np.exp(values)))


def scaled_power(values, p, scale=1.0):
    return scale * np.sum(np.abs(values) ** p)


def neighbours(line, out, p=1):
    out[:] = line[:-2] * line[2:] ** p


def second(input, axis, output, mode, cval, scale=1.0):
    return ndimage.correlate1d(input, [scale, -2.0, 1.0], axis, output, mode, cval)


def filtered(x):
    by = ndimage.generic_filter
    by_size = by(x, soft_maximum, size=3, origin=(0, 1)), by(x, np.prod, 2, axes=(1,), output=float)
    powers = by(x, scaled_power, footprint=FOOTPRINT, mode="constant", cval=0.5,
                                    extra_arguments=(3,), extra_keywords={"scale": 2.0})  # fmt: skip
    return *by_size, powers


def filtered_lines(x):
    columns = ndimage.generic_filter1d(x, neighbours, 3, axis=0, output=float, mode="constant", cval=0.5,
                                       extra_keywords={"p": 3})  # fmt: skip
    return columns, ndimage.generic_filter1d(x, neighbours, 3, origin=1, extra_arguments=(2,))


def laplacians(x):
    scaled = ndimage.generic_laplace(x, second, cval=0.5, extra_arguments=(1.5,), axes=(1,), output=float)
    return ndimage.generic_laplace(x, second, mode="wrap", extra_keywords={"scale": 1.5}), scaled


def magnitudes(x):
    scaled = ndimage.generic_gradient_magnitude(x, second, cval=0.5, extra_arguments=(1.5,), axes=(1,), output=float)
    found = ndimage.generic_gradient_magnitude(x, second, mode="wrap", extra_keywords={"scale": 1.5})
    return found, scaled, ndimage.generic_gradient_magnitude(x, ndimage.sobel)


LABELS = np.array([[1, 1, 2, 2], [3, 1, 2, 0], [5, 5, 3, 1]])


def by_labels(x):
    by = ndimage.labeled_comprehension
    places = by(x, labels=LABELS, index=2, func=lambda v, p: np.sum(v * p), out_dtype=float, default=0.0,
                pass_positions=True)  # fmt: skip
    return by(x, LABELS, [1, 2, 4], soft_maximum, float, -1.0), by(x, None, None, np.prod, float, 0.0), places


MASK = np.array([[1, 1, 0, 1, 1], [1, 1, 1, 1, 1], [0, 1, 1, 1, 1]])


def distances(sampling):
    by = ndimage.distance_transform_edt
    one, places = by(MASK, sampling=sampling, return_indices=True)
    alone = by(MASK, sampling=sampling, return_distances=False, return_indices=True)
    return one * (1 + places[0] - alone[0]), by(MASK, sampling=sampling[0])


def recorded(function: Any, called: Any, *args: Any) -> Row:
    return Row(function, args, {}, program=called, float32=False, note=called.__name__, compiles=False)


CALLERS = [
    recorded(ndimage.generic_filter, filtered, normal(3, 4)),
    recorded(ndimage.generic_filter1d, filtered_lines, normal(3, 4)),
    recorded(ndimage.generic_laplace, laplacians, normal(4, 5)),
    recorded(ndimage.generic_gradient_magnitude, magnitudes, normal(4, 5)),
    recorded(ndimage.labeled_comprehension, by_labels, normal(3, 4)),
    recorded(ndimage.distance_transform_edt, distances, np.array([1.3, 0.8])),
]

ROWS = [
    *[Row(ndimage.geometric_transform, (normal(4, 5), uniform(0.55, 0.6)), {}, None, float32=False, program=f,
          note=f.__name__) for f in (bent, by_arguments)],
    row(ndimage.center_of_mass, uniform(0.5, 1.5, 3, 4)),
    row(ndimage.center_of_mass, uniform(0.5, 1.5, 6), np.array([1, 1, 0, 0, 2, 2]), note="labels"),
    *[row(f, normal(5, 4), normal(3, 2), mode=mode, cval=0.7) for f in (ndimage.correlate, ndimage.convolve)
      for mode in MODES],
    *[row(f, normal(6), normal(4), origin=origin) for f in (ndimage.correlate, ndimage.convolve)
      for origin in (-1, 0, 1)],
    *[row(f, normal(5, 4), normal(3), mode="nearest", origin=1, output=np.float64, **along(f, 0))
      for f in (ndimage.correlate, ndimage.convolve) if along(f, 0)],
    *[Row(f, (normal(5), normal(4)), {}, complex=True, float32=False, note="complex")
      for f in (ndimage.correlate, ndimage.convolve, ndimage.correlate1d)],
    Row(ndimage.convolve1d, (of_complex(5), of_complex(4)), {"output": "D"}, float32=False, twice=False),
    *[row(f, normal(3, 5), normal(3), axis, mode="nearest", origin=-1)
      for f in (ndimage.correlate1d, ndimage.convolve1d) for axis in (0, -1)],
    *[row(ndimage.gaussian_filter, normal(7, 5), 1.2, mode=mode, cval=0.7) for mode in MODES],
    row(ndimage.gaussian_filter, normal(7, 5), (1.2, 0.0), order=(1, 0), note="tuples"),
    row(ndimage.gaussian_filter, normal(7, 5), 1.5, axes=(1,), truncate=2.0, mode="wrap", note="axes"),
    row(ndimage.gaussian_filter1d, normal(3, 6), 1.2),
    row(ndimage.gaussian_filter1d, normal(6, 3), 1.2, axis=0, order=2, mode="constant", cval=0.5),
    row(ndimage.gaussian_filter1d, normal(6), 0.9, order=3, radius=3, mode="wrap"),
    row(ndimage.gaussian_filter1d, normal(6), 0.9, order=1, truncate=3.0, mode="nearest"),
    *[row(ndimage.uniform_filter, normal(5, 4), mode=mode, cval=0.7) for mode in MODES],
    row(ndimage.uniform_filter, normal(5, 4), (2, 3), origin=(0, 1)),
    row(ndimage.uniform_filter1d, normal(5, 4), 4, axis=0),
    *[row(f, normal(5, 4), axis=0, mode="mirror") for f in (ndimage.sobel, ndimage.prewitt)],
    *[row(f, normal(5, 4), mode="constant", cval=0.3) for f in (ndimage.sobel, ndimage.prewitt, ndimage.laplace)],
    row(ndimage.laplace, normal(5)),
    *[row(f, normal(4, 5), (0.7, 1.2), note="turned", **along(f, 1, 0)) for f in (ndimage.gaussian_laplace,)
      if along(f, 1, 0)],
    *[row(f, *args, mode=("constant",), note="axes", **along(f, 1, cval=0.3)) for f, *args in (
        (ndimage.laplace, normal(4, 5)), (ndimage.gaussian_laplace, normal(7, 5), 1.2),
        (ndimage.gaussian_gradient_magnitude, normal(7, 5), 1.2)) if along(f, 1)],
    *[row(f, normal(7, 5), 1.2) for f in (ndimage.gaussian_laplace, ndimage.gaussian_gradient_magnitude)],
    *[row(ndimage.spline_filter, normal(6, 5), order) for order in (2, 3, 5)],
    *[row(ndimage.spline_filter1d, normal(6, 5), order, axis, mode=mode) for order, axis in ((3, 0), (5, -1))
      for mode in ("wrap", "mirror", "reflect", "nearest", "grid-wrap")],
    row(ndimage.spline_filter1d, normal(40), 5, mode="reflect"),
    row(ndimage.spline_filter, normal(6, 5), mode="reflect"),
    *[row(ndimage.zoom, normal(5, 4), 1.7, argnums=(0,), order=order) for order in (0, 1, 2, 3)],
    row(ndimage.zoom, normal(5, 4), (0.6, 2.0), argnums=(0,), mode="nearest", output=float, note="tuple"),
    row(ndimage.zoom, normal(5, 4), 2.0, argnums=(0,), mode="reflect", grid_mode=True, note="grid"),
    *[row(ndimage.map_coordinates, normal(6, 5), uniform(0.1, 3.9, 2, 3), order=order) for order in (1, 2, 3, 4, 5)],
    *[
        row(ndimage.map_coordinates, normal(6, 5), uniform(-1.9, 6.9, 2, 4), order=order, mode=mode, cval=0.5)
        for order in (1, 3)
        for mode in ("constant", "nearest", "reflect", "mirror", "grid-wrap", "wrap", "grid-constant")
    ],
    row(ndimage.map_coordinates, normal(9), uniform(0.1, 7.9, 1, 2, 3), prefilter=False),
    *[row(f, distinct(5, 4), 3, mode=mode, cval=0.31) for mode in MODES
      for f in (ndimage.maximum_filter, ndimage.minimum_filter, ndimage.median_filter)],
    row(ndimage.maximum_filter, distinct(5, 4), footprint=FOOTPRINT, output=np.float64),
    row(ndimage.minimum_filter, distinct(5, 4), (1, 2), origin=(0, -1)),
    row(ndimage.rank_filter, distinct(5, 4), 2, 3),
    row(ndimage.percentile_filter, distinct(5, 4), 30, 3),
    row(ndimage.rank_filter, distinct(5, 4), -2, footprint=FOOTPRINT, mode="nearest", origin=(0, 1), output=float),
    row(ndimage.median_filter, distinct(5, 4), footprint=FOOTPRINT[1], axes=(0,), output="d"),
    row(ndimage.median_filter, distinct(5, 4), (2, 3), axes=(1, 0), origin=(-1, 0), mode="wrap", note="turned"),
    row(ndimage.maximum_filter, distinct(5, 4), (2, 3), axes=(1, 0), mode=("nearest", "constant"), note="modes"),
    row(ndimage.percentile_filter, distinct(5, 4), 70, footprint=FOOTPRINT, mode="wrap", cval=0.3, output="d"),
    *[row(f, distinct(5, 4), 3, axis, mode="constant", cval=0.31, origin=1, output=np.float64)
      for f in (ndimage.maximum_filter1d, ndimage.minimum_filter1d) for axis in (0, -1)],
    *[row(f, distinct(6, 5), **options)
      for f in (ndimage.grey_erosion, ndimage.grey_dilation, ndimage.grey_opening, ndimage.grey_closing,
                ndimage.morphological_gradient, ndimage.morphological_laplace, ndimage.white_tophat,
                ndimage.black_tophat)
      for options in ({"size": (2, 3), "output": np.float64}, {"footprint": FOOTPRINT, "mode": "nearest",
                      "origin": (0, 1)}, along(f, -2, size=(2,), origin=(-1,))) if options],
    row(ndimage.affine_transform, normal(6, 5), MATRIX, np.array([1.237, -0.411])),
    row(ndimage.affine_transform, normal(6, 5), MATRIX, 0.31, output_shape=(3, 4), order=4, mode="nearest", output="d"),
    row(ndimage.affine_transform, normal(6, 5), HOMOGENEOUS, order=5, mode="mirror"),
    row(ndimage.affine_transform, normal(6, 5), np.array([0.713, 0.451]), np.array([0.217, 0.331]), note="diagonal"),
    row(ndimage.shift, normal(6, 5), np.array([0.7, -1.3])),
    row(ndimage.shift, normal(6, 5), 0.7, order=1, mode="nearest", output=np.float64),
    row(ndimage.shift, normal(6, 5), 0.7, order=2, mode="constant", cval=0.5, prefilter=False),
    row(ndimage.rotate, normal(6, 5), 30.0),
    row(ndimage.rotate, normal(6, 5), 30.0, reshape=False, order=1, mode="reflect", output="d"),
    row(ndimage.rotate, normal(3, 4, 2), 20.0, axes=(2, 1), mode="constant", cval=0.4, order=2, prefilter=False),
    *[row(f, normal(4, 5), argnums=(0,), **options) for f, options in (
        (ndimage.fourier_gaussian, {"sigma": 1.5}), (ndimage.fourier_uniform, {"size": (2, 3)}),
        (ndimage.fourier_ellipsoid, {"size": 2}), (ndimage.fourier_shift, {"shift": 0.7}))],
    Row(ndimage.fourier_gaussian, (normal(4, 5), 1.5), {"n": 8}, (0,), complex=True, float32=False),
    *[row(f, distinct(3, 4)) for f in MEASUREMENTS],
    *[row(f, distinct(4), np.array([1, 2, 0, 2])) for f in MEASUREMENTS],
    *[row(f, distinct(6), np.array([1, 2, 0, 2, 1, 2]), np.array([1, 2]), note="index") for f in MEASUREMENTS],
    row(ndimage.extrema, distinct(3, 4)),
    *[row(f, normal(3, 4)) for f in (ndimage.sum_labels, ndimage.mean)],
    *[row(f, normal(4), np.array([1, 2, 0, 2])) for f in (ndimage.sum_labels, ndimage.mean)],
    *[row(f, normal(4), np.array([1, 2, 0, 2]), np.array([1, 2]), note="index")
      for f in (ndimage.sum_labels, ndimage.mean)],
    *CALLERS,
]  # fmt: skip

FLAT = np.zeros((4, 5))
POINTS = [Point(ndimage.gaussian_gradient_magnitude, (FLAT, 1.2), (FLAT, 0.0), note="of nothing")]
