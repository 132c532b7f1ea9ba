"""Rows of options that other rows leave out: dtypes, orders of memory, devices, means and weights that are given.

Also of aliases and methods that share the rule of a function with rows of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .harness import Point, Row, distinct, normal, positive

mask = np.array([[True, False, True, True], [False, True, True, True], [True, True, True, False]])
holes = np.array([[1.5, np.nan, -0.7, 0.2], [np.nan, 0.3, 2.5, -1.5]])
NOTHING = ("size 0", "size 3 -> 0", "size 6 -> 0")  # of which NumPy makes one thing or another
counts = np.array([1.0, 3.0, 2.0, 1.0])


def of(functions: Any, *args: Any, **options: Any) -> list[Row]:
    return [Row(f, args, options) for f in functions]


def scaled(x):
    return np.ldexp(x, 2, dtype=float), np.ldexp(x, 3, signature="dl->d")


# Another dtype of the result: in single precision a difference is too coarse, and only the two modes are compared.
SUMS = [np.sum, np.prod, np.mean, np.var, np.std, np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd]
METHODS = [getattr(np.ndarray, name) for name in ("sum", "prod", "mean", "var", "std")]
CUMULATIVE = [np.cumsum, np.cumprod, np.nancumsum, np.nancumprod, np.ndarray.cumsum, np.ndarray.cumprod]
DTYPES = [
    *[row for t in (np.float32, np.longdouble) for row in of([*SUMS, *METHODS, *CUMULATIVE], normal(3, 4), dtype=t)],
    *of([np.sum, np.prod, np.mean, np.cumsum, np.ndarray.sum], normal(3, 4), axis=1, dtype=np.complex128),
    *of([np.trace, np.ndarray.trace], normal(3, 3), dtype=np.float32),
    *of([np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite],
        normal(2, 3), dtype=np.complex128),
    *of([np.array, np.asarray, np.require], normal(2, 3), dtype=np.float32),
    *of([np.concatenate, np.stack, np.hstack, np.vstack, *([np.row_stack] if hasattr(np, "row_stack") else [])],
        [normal(3), normal(3)], dtype=np.float32, casting="same_kind"),
    *of([np.linspace, np.logspace, np.geomspace], 1.5, 3.5, 4, dtype=np.float32),
    Row(np.arange, (0.3, 2.45, 0.5), {"dtype": np.float32}, argnums=(0, 2)),
    Row(np.cov, (normal(3, 6),), {"dtype": np.float64}, without=NOTHING),
    Row(np.cov, (normal(3, 6),), {"dtype": np.complex128}, without=NOTHING),
    Row(np.corrcoef, (normal(3, 6),), {"dtype": np.float64}, without=(*NOTHING, "size 3 -> 1")),
    Row(np.full, ((2, 3), 1.5), {"dtype": np.float32, "order": "F"}),
    Row(np.full_like, (np.ones((2, 3)), normal()), {"dtype": np.complex128, "order": "F", "subok": False,
                                                   "shape": (3, 2)}),
    *of([np.add.reduce, np.multiply.reduce, np.add.accumulate, np.multiply.accumulate], normal(3, 4), 1, np.float32),
    Row(np.ldexp, (normal(2, 3),), program=scaled),
    *of([np.maximum.accumulate, np.minimum.accumulate], distinct(3, 4), 1, np.float64),
]  # fmt: skip

MEMORY = [
    *[row for order in "CFAK" for row in of([np.copy, np.ndarray.copy, np.array], normal(2, 3), order=order)],
    *[row for order in "CFA" for row in of([np.asanyarray, np.asarray_chkfinite], normal(2, 3), order=order)],
    Row(np.copy, (normal(2, 3),), {"subok": True}),
    Row(np.array, (normal(2, 3),), {"subok": True, "copy": True}),
    Row(np.broadcast_to, (normal(3), (2, 3)), {"subok": True}),
    Row(np.meshgrid, (normal(3), normal(2)), {"copy": False}),
    Row(np.ndarray.astype, (normal(2, 3), np.float64), {"order": "F", "casting": "safe", "subok": False}),
    Row(np.ndarray.astype, (normal(2, 3), np.float64), {"copy": True}),
    Row(np.sort, (distinct(2, 4),), {"kind": "mergesort"}),
    Row(np.partition, (distinct(7), 3), {"kind": "introselect"}),
]

REDUCTIONS = [
    *of([np.nansum, np.nanprod], holes, initial=2.0, axis=1),
    *of([np.nanprod, np.nanmax, np.nanmin], holes, where=holes != 0.2, axis=0, initial=-9.0),
    *of([np.nanvar, np.nanstd], holes, axis=0, keepdims=True, ddof=0),
    *of([np.ndarray.var, np.ndarray.std], normal(3, 4), ddof=1, axis=0),
    *of([np.ndarray.mean, np.ndarray.var, np.ndarray.std], normal(3, 4), axis=1, where=mask, keepdims=True),
    *of([np.ndarray.max, np.ndarray.min], distinct(3, 4), axis=(0, -1), keepdims=True),
    *of([np.ndarray.max], distinct(3, 4), axis=1, where=mask, initial=-9.0),
    *of([np.ndarray.prod, np.ndarray.sum], normal(3, 4), axis=1, where=mask, initial=2.0, keepdims=True),
    *of([np.amax, np.amin], distinct(3, 4), axis=1, keepdims=True),
    *[Row(np.percentile, (distinct(3, 7), 30.0), {"axis": 0, "method": method, "keepdims": True}, argnums=(0,))
      for method in ("hazen", "higher")],
    Row(np.average, (normal(3, 4),), {"axis": 1, "returned": True}),
    Row(np.average, (normal(3, 4), 1, positive(4)), {"returned": True, "keepdims": True}),
    Row(np.average, (normal(3, 4), None, positive(3, 4)), {"returned": True}),
    # methods of universal functions
    *of([np.add.reduce, np.multiply.reduce], normal(3, 4), axis=1, initial=2.0, keepdims=True, where=mask),
    *of([np.add.reduce, np.multiply.reduce, np.add.accumulate, np.multiply.accumulate, np.logaddexp.reduce],
        normal(3, 4)),
    *of([np.maximum.reduce, np.minimum.reduce, np.fmax.reduce, np.fmin.reduce], distinct(3, 4), axis=-1),
    *of([np.maximum.accumulate, np.minimum.accumulate], distinct(3, 4)),
    *of([np.maximum.accumulate, np.minimum.accumulate], distinct(3, 4), axis=-1),
    Row(np.maximum.reduce, (distinct(3, 4),), {"axis": None, "where": mask, "initial": -9.0, "keepdims": True}),
    Row(np.maximum.reduce, (distinct(3, 4), 0, np.float64)),
    Row(np.logaddexp.reduce, (normal(3, 4),), {"axis": 1, "keepdims": True}),
    *of([np.add.outer, np.subtract.outer, np.hypot.outer], normal(2, 2), normal(3)),
    *of([np.divide.outer, np.power.outer, np.float_power.outer, np.logaddexp.outer, np.logaddexp2.outer],
        positive(2, 2), positive(3)),
    *of([np.maximum.outer, np.minimum.outer, np.fmax.outer, np.fmin.outer, np.arctan2.outer, np.copysign.outer],
        positive(2), distinct(3)),
    *of([np.remainder.outer, np.fmod.outer], np.array([5.3, -7.1]), np.array([0.7, 2.2])),
]  # fmt: skip

RARE = [
    Row(np.kaiser, (6, 1.5)),
    Row(np.roots, (np.array([1.0, -3.5, 1.2, 0.4]),), float32=False, without=("size 4 -> 1", "size 1")),
    Row(np.roots, (np.array([1.0, 0.3, 2.0]),), float32=False, without=("size 3 -> 1", "size 1"), note="complex roots"),
    Row(np.poly, (normal(3),), float32=False, without=("size 0", "size 3 -> 0")),
    *[
        Row(f, (holes, q), options, argnums=(0,))
        for f, q in ((np.nanquantile, 0.3), (np.nanpercentile, 30.0))
        for options in ({}, {"axis": 0}, {"axis": 1, "method": "hazen", "keepdims": True})
    ],
    Row(np.nanquantile, (holes, np.array([0.2, 0.6])), {"axis": (0, 1)}, argnums=(0,)),
]
PAIRS = [[2.0, 0.3], [0.4, 3.0]]
LISTS = [  # in place of arrays
    *of([np.sinc, np.i0, np.unwrap, np.angle, np.tanh], [0.3, 0.2, 0.5]),
    Row(np.clip, ([0.3, -0.2, 0.5], [0.1, 0.1, 0.1], 0.4)),
    Row(np.ndarray.clip, (normal(2), [-0.1, -2.0], [0.1, 2.0]), without=("float32",)),
    Row(np.linalg.solve, (PAIRS, [0.5, 1.0])),
    Row(np.linalg.multi_dot, ([PAIRS, PAIRS, [1.0, 2.0]],)),
    Row(np.polyfit, ([0.3, 1.0, 1.7], [1.0, 0.5, 2.0], 1)),
    Row(np.interp, ([0.3, 1.0], [0.0, 0.5, 2.0], [1.0, 0.5, 2.0])),
    Row(np.cov, (normal(2, 4),), {"aweights": [0.5, 1.0, 2.0, 1.0], "fweights": [1, 2, 1, 1]}, without=NOTHING),
    Row(np.poly, ([0.5, 1.0, -2.0],)),
]
OTHERS = [
    Row(np.real_if_close, (normal(3),), {"tol": 1000}),
    *[Row(f.reduceat, (distinct(6), [0, 3, 1, 5])) for f in (np.add, np.multiply, np.maximum, np.minimum)],
    *[Row(f.reduceat, (distinct(2, 5), [1, 3, 3]), {"axis": 1}) for f in (np.add, np.multiply, np.maximum)],
    Row(np.add.reduceat, (normal(3, 2), [0, 2, 1]), {"axis": 0, "dtype": float}),
    Row(np.polyint, (normal(3),), {"k": 1.5}),
    Row(np.polyint, (normal(3), 3, normal(3)), note="constants"),
    Row(np.polyint, (normal(3), 2, [1.5, 0.5]), note="list of constants"),
    *of([np.conjugate, np.ndarray.conjugate], normal(2, 3)),
    Row(np.ndarray.__copy__, (normal(2, 3),)),
    Row(np.ndarray.diagonal, (normal(2, 3, 4), 1), {"axis1": -1, "axis2": 0}),
    Row(np.ndarray.trace, (normal(2, 3, 4), 1), {"axis1": -1, "axis2": 0}),
    Row(np.ndarray.choose, (np.array([4, -1, 1]), [normal(3), normal(3)]), {"mode": "wrap"}),
    Row(np.ndarray.take, (normal(2, 4), [5, -6, 1]), {"axis": 1, "mode": "clip"}, without=("size 0",)),
    Row(np.linalg.pinv, (normal(4, 3),), {"rcond": 1e-10}),
    Row(np.linalg.pinv, (np.diag([2.0, 1.0]), 1e-10, True), argnums=()),
]


def upper_values(a):
    return np.linalg.eigvalsh(a + a.T, UPLO="U")


def upper_vectors(a):
    w, v = np.linalg.eigh(a + a.T, UPLO="U")
    return w, v * v


def hermitian_values(a):
    return np.linalg.svd(a + a.T, hermitian=True, compute_uv=False)


def hermitian_vectors(a):
    u, s, vh = np.linalg.svd(a + a.T, hermitian=True, full_matrices=False)
    return u * u, s, vh * vh


def trimmed(x):
    return np.trim_zeros(np.concatenate([np.zeros(2), x, np.zeros(1)]))


def trimmed_in_front(x):
    return np.trim_zeros(np.concatenate([np.zeros(2), x, np.zeros(1)]), trim="f")


def trimmed_behind(x):
    return np.trim_zeros(np.concatenate([np.zeros(2), x, np.zeros(1)]), trim="b")


def trimmed_block(x):
    return np.trim_zeros(np.pad(x, 2))


def trimmed_along(x):
    wide = np.pad(x, ((1, 2), (2, 1)))
    return np.trim_zeros(wide, axis=-1), np.trim_zeros(wide, "f", axis=0)


def trimmed_along_both(x):
    return np.trim_zeros(np.pad(x, 2), "b", (0, 1))


def summed_over(x):
    return np.apply_over_axes(np.sum, x, (0, -1))


def from_places(x):
    return np.fromfunction(lambda i, j: x * i + x * x * j, (2, 3), dtype=float)


CALLING = [
    Row(np.apply_over_axes, (normal(2, 3, 2),), program=summed_over, compiles=False),
    Row(np.fromfunction, (normal(3),), program=from_places, compiles=False),
]
TRIMMED = [Row(np.trim_zeros, (normal(3),), program=f) for f in (trimmed, trimmed_in_front, trimmed_behind)]
SYMMETRIC = [
    Row(function, (normal(3, 3),), program=program, without=("size 0", "size 3 -> 0"))
    for function, program in (
        (np.linalg.eigvalsh, upper_values), (np.linalg.eigh, upper_vectors), (np.linalg.svd, hermitian_values),
        (np.linalg.svd, hermitian_vectors),
    )
]  # fmt: skip

ROWS = [*DTYPES, *MEMORY, *REDUCTIONS, *LISTS, *OTHERS, *RARE, *CALLING, *TRIMMED, *SYMMETRIC]
weighted = {"method": "inverted_cdf", "axis": 1}
each = np.stack([counts, counts[::-1]])  # NumPy 2.4 does not take weights along an axis here
BLOCKS = [trimmed_block, trimmed_along]
if np.lib.NumpyVersion(np.__version__) >= "2.3.0":  # which takes several axes
    BLOCKS.append(trimmed_along_both)
ROWS += [Row(np.trim_zeros, (normal(2, 3),), program=f, without=NOTHING) for f in BLOCKS]
ROWS += [
    *of([np.var, np.std], normal(3, 4), mean=normal(3, 1)(np.random.default_rng(1)), axis=1),
    *of([np.nanvar, np.nanstd], holes, mean=np.array([[0.5], [0.7]]), axis=1, correction=1),
    *of([np.nanvar, np.nanstd], holes, correction=1, axis=1),
    *[Row(f, (distinct(3, 4), q), {"weights": counts, **weighted}, argnums=(0,))
      for f, q in ((np.quantile, 0.4), (np.percentile, 40.0), (np.quantile, np.array([0.2, 0.7])))],
    Row(np.quantile, (distinct(3, 4), 0.6), {"weights": np.ones((3, 4)), "method": "inverted_cdf"}, argnums=(0,)),
    Row(np.nanquantile, (holes, 0.4), {"weights": each, **weighted}, argnums=(0,)),
    Row(np.nanpercentile, (holes, [40.0, 80.0]), {"weights": each, "keepdims": True, **weighted}, argnums=(0,)),
    *[Row(f, (normal(4),), {"dtype": np.float32}) for f in (np.cumulative_sum, np.cumulative_prod)],
    Row(np.linalg.trace, (normal(2, 3, 3),), {"dtype": np.float32}),
    Row(np.sort, (distinct(2, 4),), {"stable": True}),
    Row(np.linalg.pinv, (normal(4, 3),), {"rtol": 1e-10}),
    *of([np.reshape, np.ndarray.reshape], normal(2, 6), (3, 4), copy=True),
    *of([np.asarray, np.asanyarray], normal(2, 3), copy=True, device="cpu"),
    Row(np.astype, (normal(2, 3), np.complex128), {"copy": True, "device": "cpu"}),
    Row(np.full, ((2, 3), 1.5), {"device": "cpu"}),
    Row(np.full_like, (np.ones(2), 1.5), {"device": "cpu"}),
    Row(np.linspace, (1.5, 3.5, 4), {"device": "cpu"}),
    Row(np.arange, (0.3, 2.45, 0.5), {"device": "cpu"}, argnums=(0, 2), float32=False),
    *of([np.fft.fftfreq, np.fft.rfftfreq], 5, 0.3, device="cpu"),
]  # fmt: skip

POINTS = [
    Point(np.ndarray.__float__, (np.array(1.5),), (1.0,)),
    Point(np.ndarray.__complex__, (np.array(1.5),), (1.0,)),
    Point(np.logaddexp.reduce, (np.array([-np.inf, -np.inf]),), ([0.0, 0.0],)),
]
POINTS += [
    Point(np.var, (np.array([1.0, 3.0]),), ([-1.0, 1.0],), {"mean": np.array([2.0])}, note="the mean itself"),
    Point(np.var, (np.array([1.0, 3.0]),), ([0.0, 2.0],), {"mean": np.array([1.0])}, note="another mean"),
    Point(np.average, (np.array([1.0, 3.0]), None, np.array([1.0, 3.0])), ([0.25, 0.75], None, [0.625, 1.125]),
          {"returned": True}),
]  # fmt: skip
