"""Rows of options that the rows of SciPy's functions leave at their defaults."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate, linalg, ndimage, signal, special, stats

from .harness import Row, distinct, normal, positive, uniform


def row(function: Any, *args: Any, argnums: Any = None, note: str = "", twice: bool = True, **options: Any) -> Row:
    return Row(function, args, options, argnums, float32=False, note=note, twice=twice)


X = np.array([0.0, 0.7, 1.5, 2.0, 3.1, 4.0])
FOOTPRINT = np.array([[True, False, True], [True, True, False]])
INTEGERS = np.arange(20).reshape(5, 4) ** 2
MATRIX = np.array([[0.813, 0.297], [-0.211, 0.689]])


def quadratic(at, y):
    return interpolate.splev(at, interpolate.splrep(np.linspace(0.0, 4.0, 6), y, k=2, s=0))


IMAGES = [
    *[row(f, normal(5, 4), normal(3), mode="constant", cval=0.7) for f in (ndimage.correlate1d, ndimage.convolve1d)],
    row(ndimage.gaussian_filter, normal(7, 5), 1.2, radius=2, output=np.float64),
    row(ndimage.gaussian_filter1d, normal(5), 1.2, output=np.float64),
    row(ndimage.gaussian_filter, INTEGERS, 1.2, output=np.float64, note="of integers"),
    row(ndimage.correlate, INTEGERS, normal(3, 2), output=np.float64, note="of integers"),
    *[row(f, normal(5, 4), 1.2, radius=2) for f in (ndimage.gaussian_laplace, ndimage.gaussian_gradient_magnitude)],
    row(ndimage.uniform_filter1d, normal(5, 4), 3, mode="constant", cval=0.7, origin=1),
    row(ndimage.uniform_filter, normal(5, 4), 3, axes=(0,)),
    *[
        row(f, normal(7, 5), 1.2, argnums=(0,), mode=("constant", "nearest"), cval=0.7, truncate=3.0, output=np.float64)
        for f in (ndimage.gaussian_laplace, ndimage.gaussian_gradient_magnitude)
    ],
    *[
        row(f, distinct(5, 4), 3, axes=(1,), cval=0.31, mode="constant")
        for f in (ndimage.maximum_filter, ndimage.minimum_filter, ndimage.median_filter)
    ],
    row(ndimage.rank_filter, distinct(5, 4), 1, 3, axes=(0,), cval=0.31, mode="constant"),
    row(ndimage.percentile_filter, distinct(5, 4), 30, 3, axes=(0,), origin=1),
    *[
        row(f, normal(4, 5), width, argnums=(0,), axis=0, n=4, note="axis")
        for f, width in (
            (ndimage.fourier_gaussian, 1.5),
            (ndimage.fourier_uniform, 2),
            (ndimage.fourier_ellipsoid, 2),
            (ndimage.fourier_shift, 0.7),
        )
    ],
    row(ndimage.affine_transform, normal(6, 5), MATRIX, 0.31, cval=0.6, prefilter=False),
    row(ndimage.zoom, normal(5, 4), 1.7, argnums=(0,), cval=0.6, prefilter=False),
    row(ndimage.rotate, normal(6, 5), 30.0, prefilter=False),
    *[
        row(f, distinct(6, 5), (2, 3), cval=0.31, mode="constant")
        for f in (
            ndimage.grey_erosion,
            ndimage.grey_dilation,
            ndimage.grey_opening,
            ndimage.grey_closing,
            ndimage.morphological_gradient,
            ndimage.morphological_laplace,
            ndimage.white_tophat,
            ndimage.black_tophat,
        )
    ],
]


def resampled(x, times):
    y, at = signal.resample(x, 5, times, 1)
    return y, at, signal.resample(np.ravel(x), 11, t=times, window="hann")[1]


def periodograms(x, y, weights):
    at = np.array([0.0, 0.7, 2.1])
    found = signal.lombscargle(x, y, at, weights=weights, floating_mean=True, normalize=True)
    centered = signal.lombscargle(x, y, at[1:], precenter=True, weights=weights, normalize="amplitude")
    return found, centered, signal.lombscargle(x, y, at, normalize="power")


def filtered(parts, x, zi):
    sos = np.concatenate([parts[:, :3], np.ones((2, 1)), parts[:, 3:]], axis=1)
    return signal.sosfilt(sos, x, 0, zi)


MODES = "constant wrap edge smooth symmetric reflect antisymmetric antireflect line"
SIGNALS = [
    *[row(signal.upfirdn, normal(5), normal(2, 3), up=2, down=3, mode=mode, cval=0.7) for mode in MODES.split()],
    row(signal.upfirdn, normal(2), normal(3, 2), 1, 2, 0, argnums=(0, 1), mode="constant"),
    row(signal.chirp, normal(4), positive(), 3.0, uniform(2.5, 3.5), phi=30.0, complex=True),
    *[row(signal.chirp, normal(4), f0, 3.0, 1.3, method) for method in ("log", "hyp") for f0 in (0.9, 1.3)],
    row(signal.freqz, normal(3), np.array([1.2, -0.4, 0.1]), 5, include_nyquist=True),
    row(signal.freqz, normal(3), 1, 5, include_nyquist=True),
    row(signal.hilbert2, normal(3, 2, 4), axes=(2, 0)),
    row(signal.hilbert2, normal(3, 4), (2, 5), axes=(1, 0)),
    row(signal.savgol_coeffs, 5, 3, 1, 0.7, argnums=(3,)),
    Row(
        signal.sosfilt,
        (uniform(-0.5, 0.5, 2, 5), normal(4, 2), normal(2, 2, 2)),
        program=filtered,
        float32=False,
        without=("strided",),
    ),
    Row(signal.resample, (normal(2, 6), normal(3)), program=resampled, float32=False, note="t"),
    Row(
        signal.lombscargle,
        (np.array([0.3, 1.1, 2.4, 3.0, 4.2]), normal(5), positive(5)),
        program=periodograms,
        float32=False,
        note="weights",
    ),
    Row(signal.zoom_fft, (normal(6, 2), 0.4), {"axis": 0}, (0,), complex=True, float32=False),
    row(signal.savgol_coeffs, 5, 2, argnums=(), deriv=1, pos=1, use="dot"),
    *[row(f, 1, 0.7, argnums=(1,)) for f in (signal.windows.kaiser, signal.windows.general_hamming)],
    row(signal.windows.gaussian, 1, 0.7, False, argnums=(1,)),
    row(signal.windows.tukey, 7, 1.5, argnums=(1,)),
    row(signal.freqz, normal(3), worN=None),
    row(signal.lombscargle, np.array([0.3, 1.1, 2.4, 3.0]), normal(4), positive(3), normalize=False),
    row(signal.resample, normal(8), 5, window="hann"),
    Row(signal.resample, (normal(8), 5), {"domain": "freq"}, complex=True, float32=False),
    row(signal.get_window, "hann", 5, argnums=(), fftbins=False),
]
SINGLE = [  # of float32, in float32
    Row(signal.hilbert, (normal(8),)),
    Row(signal.periodogram, (normal(16),)),
    *[Row(f, (normal(16),), {"nperseg": 8}) for f in (signal.welch, signal.spectrogram, signal.stft)],
    Row(signal.csd, (normal(16), normal(16)), {"nperseg": 8}),
    Row(signal.coherence, (normal(24), normal(24)), {"nperseg": 8}),
    Row(signal.gauss_spline, (normal(4), 3)),
    Row(signal.sos2tf, (np.array([[0.2, 0.3, 0.1, 1.0, 0.2, 0.1], [0.4, 0.1, 0.2, 1.0, -0.3, 0.2]]),)),
    Row(signal.lfilter_zi, (np.array([0.3, 0.5, 0.2]), np.array([1.2, -0.4, 0.1]))),
    Row(signal.filtfilt, (np.array([0.3, 0.5, 0.2]), np.array([1.2, -0.4, 0.1]), normal(16))),
]


def holes(*shape: int) -> Any:
    """Positive numbers, one in six of which is NaN."""

    def sample(rng: np.random.Generator) -> np.ndarray:
        return np.where(np.arange(np.prod(shape)).reshape(shape) % 6 == 4, np.nan, positive(*shape)(rng))

    return sample


def weighted(a, weights):
    options = {"weights": weights, "axis": 1, "nan_policy": "omit"}
    means = stats.gmean(a, **options), stats.hmean(a, **options), stats.pmean(a, 2, **options)
    return (
        *means,
        stats.gmean(weights, weights=weights),
        stats.pmean(a, 2, axis=None, weights=weights, nan_policy="omit"),
    )


def standardised(a, weights):
    z = stats.zscore(a, 1, nan_policy="omit"), stats.zscore(weights, 1, nan_policy="raise")
    return np.nan_to_num(z[0]), z[1]


def standardised_logarithms(a):
    return np.nan_to_num(stats.gzscore(a, axis=1, nan_policy="omit"))


def standardised_by_others(a, scores):
    return stats.zmap(scores, a, 1, 1, nan_policy="omit"), stats.zmap(scores, scores[:1], 1, nan_policy="raise")


def lines(x, y):
    found, slices = stats.linregress(x[0], y[0], nan_policy="omit"), stats.linregress(y, x, axis=1, keepdims=True)
    whole = stats.linregress(x, y, axis=None, nan_policy="omit", alternative="greater")
    return found[0], found[1], found.pvalue, slices.stderr[0], slices.slope[0], whole.rvalue


def apart(u, v, u_weights, v_weights):
    return stats.wasserstein_distance(u, v, u_weights), stats.energy_distance(u, v, None, v_weights)


OF_SAMPLES = (
    stats.gmean, stats.hmean, stats.gstd, stats.sem, stats.variation, stats.iqr, stats.median_abs_deviation,
    stats.tmean, stats.tvar, stats.tstd, stats.tsem, stats.tmin, stats.tmax, stats.circmean, stats.circvar,
    stats.circstd, stats.skew, stats.kurtosis, stats.kstat, stats.kstatvar, stats.entropy, stats.differential_entropy,
)  # fmt: skip


def boxes(x, mean, root, low):
    cov = root @ root.T + np.eye(2)
    return stats.multivariate_normal.cdf(x, mean, cov, allow_singular=True, lower_limit=low)


def logarithms_of_boxes(x, root):
    logcdf, low = stats.multivariate_normal.logcdf, [-4.0, -np.inf]
    return logcdf(x, None, root @ root.T + np.eye(2), allow_singular=True, lower_limit=low)


def perhaps_singular(x, root):
    return stats.multivariate_t.pdf(x, None, root @ root.T + np.eye(2), 3.0, allow_singular=True)


LIKELIHOODS = (stats.boxcox_llf, stats.yeojohnson_llf)
STATISTICS = [
    *[row(f, holes(2, 6), axis=1, nan_policy="omit", twice=False) for f in OF_SAMPLES],
    row(stats.sem, holes(2, 6), axis=(0, 1), keepdims=True, nan_policy="omit"),
    row(stats.skew, holes(3, 2, 4), axis=(0, 2), nan_policy="omit"),
    row(stats.moment, holes(2, 6), np.int64(3), argnums=(0,), axis=None, nan_policy="omit"),
    row(stats.pmean, holes(2, 6), 2.5, axis=1, nan_policy="omit"),
    row(stats.trim_mean, holes(2, 6), 0.2, argnums=(0,), axis=1, nan_policy="omit", keepdims=True),
    row(stats.trim_mean, distinct(2, 2, 4), 0.2, argnums=(0,), axis=(0, 2)),
    row(stats.differential_entropy, distinct(3, 8), axis=1, keepdims=True),
    *[row(f, 0.7, holes(2, 6), axis=1, nan_policy="omit", keepdims=True) for f in LIKELIHOODS],
    row(stats.entropy, holes(2, 6), positive(6), axis=1, nan_policy="omit", note="relative"),
    row(stats.median_abs_deviation, normal(3, 5), axis=1, center=np.mean),
    Row(stats.gmean, (holes(2, 6), positive(2, 6)), program=weighted, float32=False, note="weights"),
    Row(stats.zscore, (holes(2, 6), positive(2, 6)), program=standardised, float32=False, note="omit"),
    Row(stats.gzscore, (holes(2, 6),), program=standardised_logarithms, float32=False, note="omit"),
    Row(stats.zmap, (holes(2, 6), positive(2, 6)), program=standardised_by_others, float32=False, note="omit"),
    row(stats.gstd, positive(5), ddof=0),
    *[Row(f, (positive(5),), {"dtype": np.float64, "weights": np.full(5, 0.7)}) for f in (stats.gmean, stats.hmean)],
    Row(stats.pmean, (positive(5), 2.5), {"dtype": np.float64}, (0,)),
    Row(
        stats.multivariate_normal.cdf,
        (normal(2, 2), normal(2), normal(2, 2), normal(2)),
        program=boxes,
        float32=False,
        twice=False,
    ),
    Row(
        stats.multivariate_normal.logcdf,
        (normal(2), normal(2, 2)),
        program=logarithms_of_boxes,
        float32=False,
        twice=False,
    ),
    Row(stats.multivariate_t.pdf, (normal(2, 2), normal(2, 2)), program=perhaps_singular, float32=False),
    row(stats.circvar, uniform(50.0, 90.0, 6), high=180.0, low=-180.0),
    Row(stats.linregress, (normal(2, 6), normal(2, 6)), program=lines, float32=False, note="slices"),
    Row(
        stats.wasserstein_distance,
        (distinct(5), uniform(0.1, 0.9, 4), positive(5), positive(4)),
        program=apart,
        float32=False,
        note="weights",
    ),
    *[
        row(f, positive(3, 4), axis=1, keepdims=True)
        for f in (stats.entropy, stats.gmean, stats.hmean, stats.gstd, stats.sem)
    ],
    row(stats.moment, positive(3, 4), 3, axis=1, keepdims=True),
    *[row(f, uniform(0.1, 1.2, 3, 4), axis=1, keepdims=True) for f in (stats.circmean, stats.circvar, stats.circstd)],
    row(stats.circstd, uniform(0.1, 1.2, 4), normalize=True),
    row(stats.pmean, positive(3, 4), 2.5, axis=1, keepdims=True, weights=np.array([0.5, 1.0, 2.0, 0.7])),
    row(stats.moment, positive(3, 4), np.array([1, 2, 3]), axis=1),
    row(stats.median_abs_deviation, normal(3, 5), axis=1, keepdims=True),
    row(stats.median_abs_deviation, normal(3, 5), axis=1, scale="normal"),
    row(stats.iqr, distinct(7), interpolation="lower"),
]
PAIRS = [[2.0, 0.3], [0.4, 3.0]]
LISTS = [  # in place of arrays
    row(special.polygamma, [0, 1, 2], positive(3)),
    row(special.kv, [0, 1, 2], positive(3)),
    row(special.eval_legendre, [1, 2, 3], [0.2, 0.5, 0.7]),
    row(special.spherical_jn, [0, 1, 2], [0.2, 0.5, 0.7]),
    row(special.assoc_legendre_p, np.array([[1], [2]]), 1, uniform(0.1, 0.9, 3)),
    row(linalg.solve, PAIRS, [0.5, 1.0]),
    row(linalg.expm, PAIRS),
    row(linalg.solve_sylvester, PAIRS, PAIRS, PAIRS),
    row(linalg.lu, PAIRS),
    row(linalg.lu_solve, linalg.lu_factor(np.array(PAIRS)), [0.5, 1.0], argnums=(1,)),
    row(stats.norm.logpdf, [0.5, 1.0], 0.3, [1.0, 2.0]),
    row(ndimage.map_coordinates, [[1.0, 2.0], [3.0, 5.0]], [[0.5, 0.2], [0.3, 0.7]], order=1),
    row(ndimage.sum, normal(3)),
    row(stats.circmean, [0.2, 0.5, 0.7]),
    row(stats.sem, [0.2, 0.5, np.nan, 0.7], nan_policy="omit"),
]
ROWS = [
    *LISTS,
    *IMAGES,
    *SIGNALS,
    *SINGLE,
    *STATISTICS,
    *[
        Row(f, (X, normal(2, 6), uniform(0.1, 3.9, 3)), {"axis": 1, "der": 1}, (1, 2), float32=False)
        for f in (interpolate.barycentric_interpolate, interpolate.krogh_interpolate)
    ],
    Row(interpolate.splrep, (uniform(0.1, 3.9, 4), normal(6)), program=quadratic, float32=False, note="k, s"),
]
