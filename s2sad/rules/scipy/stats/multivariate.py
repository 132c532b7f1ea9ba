"""Distributions of vectors.

Covariances are symmetric: their cotangents are too, and stand for changes that keep them so.  (K. B. Petersen,
M. S. Pedersen, "The matrix cookbook", 2012, section 8, has the densities' derivatives.)
"""

import numpy as np
from scipy import special, stats

from ....runtime import no_derivative
from ...inference import unknown
from ...table import definition, infer, jvp, vjp

digamma = special.psi
normal, student, dirichlet = stats.multivariate_normal, stats.multivariate_t, stats.dirichlet


# A mean may be left out, a covariance be a number, a vector (the diagonal) or a matrix; of vectors of size 1, points
# may be numbers.


def sized(x, mean, cov):
    """Points as rows, the mean as a vector, the covariance as a matrix."""
    dim = np.size(mean) if mean is not None else np.shape(cov)[0] if np.ndim(cov) == 2 else 1
    if dim > 1 and np.shape(x)[-1:] != (dim,):
        raise no_derivative(f"the density of {dim} numbers has no derivative where points have another size")
    center = np.zeros(dim) if mean is None else np.reshape(mean, dim)
    return np.reshape(x, (-1, dim)), center, matrix_of(cov, dim)


def matrix_of(cov, dim):
    """The covariance as a matrix; of a tangent of it, too."""
    if np.ndim(cov) == 0:
        return cov * np.eye(dim)
    return np.diag(cov) if np.ndim(cov) == 1 else cov


def to_cov(bar, cov):
    """The cotangent of what the covariance was given as."""
    if np.ndim(cov) == 0:
        return np.trace(bar)
    return np.diagonal(bar) if np.ndim(cov) == 1 else bar


def weighted(x, mean, cov):
    """The deviations from the mean times the inverse of the covariance, their squared lengths, and the inverse."""
    points, center, matrix = sized(x, mean, cov)
    inverse = np.linalg.inv(matrix)
    inverse = (inverse + inverse.T) / 2
    deviations = points - center
    moved = deviations @ inverse
    return moved, np.sum(moved * deviations, axis=1), inverse


def pulled(bars, moved, inverse, pull, x, mean, cov):
    """Cotangents of ``x``, mean and covariance, of ``-log det(cov) / 2`` and a function of the squared lengths.

    Args:
        bars: of the logarithm of the density at each point.
        pull: minus twice the derivative of the function at each point.
    """
    x_bar = -np.reshape(bars * pull, (-1, 1)) * moved
    cov_bar = (moved.T @ (np.reshape(bars * pull, (-1, 1)) * moved) - np.sum(bars) * inverse) / 2
    mean_bar = None if mean is None else np.reshape(-np.sum(x_bar, axis=0), np.shape(mean))
    return np.reshape(x_bar, np.shape(x)), mean_bar, to_cov(cov_bar, cov)


# The normal distribution


def regular(cov, allow_singular):
    """The covariance, refused where it is taken for a singular one (by the same measure as SciPy's)."""
    if allow_singular and np.ndim(cov) == 2:
        values = np.abs(np.linalg.eigvalsh(cov))
        if np.min(values) <= 1e6 * np.finfo(values.dtype).eps * np.max(values):
            raise no_derivative("a distribution has no derivative at a singular covariance")
    return cov


@vjp(normal.logpdf)
def normal_logpdf(y_bar, y, x, mean=None, cov=1, *, allow_singular=False):
    moved, _, inverse = weighted(x, mean, regular(cov, allow_singular))
    return pulled(np.ravel(y_bar), moved, inverse, 1.0, x, mean, cov)


@vjp(normal.pdf)
def normal_pdf(y_bar, y, x, mean=None, cov=1, *, allow_singular=False):
    moved, _, inverse = weighted(x, mean, regular(cov, allow_singular))
    return pulled(np.ravel(y_bar * y), moved, inverse, 1.0, x, mean, cov)


@jvp(normal.logpdf, 0)
def normal_logpdf_x(x_dot, y, x, mean=None, cov=1, *, allow_singular=False):
    moved, _, _ = weighted(x, mean, regular(cov, allow_singular))
    return np.reshape(-np.sum(moved * np.reshape(x_dot, np.shape(moved)), axis=1), np.shape(y))


@jvp(normal.logpdf, 1)
def normal_logpdf_mean(mean_dot, y, x, mean=None, cov=1, *, allow_singular=False):
    moved, _, _ = weighted(x, mean, regular(cov, allow_singular))
    return np.reshape(moved @ np.ravel(mean_dot), np.shape(y))


@jvp(normal.logpdf, 2)
def normal_logpdf_cov(cov_dot, y, x, mean=None, cov=1, *, allow_singular=False):
    moved, _, inverse = weighted(x, mean, regular(cov, allow_singular))
    matrix_dot = matrix_of(cov_dot, np.shape(inverse)[0])
    return np.reshape(np.sum((moved @ matrix_dot) * moved, axis=1) - np.sum(inverse * matrix_dot), np.shape(y)) / 2


@jvp(normal.pdf, 0)
def normal_pdf_x(x_dot, y, x, mean=None, cov=1, *, allow_singular=False):
    return y * normal_logpdf_x(x_dot, y, x, mean, cov, allow_singular=allow_singular)


@jvp(normal.pdf, 1)
def normal_pdf_mean(mean_dot, y, x, mean=None, cov=1, *, allow_singular=False):
    return y * normal_logpdf_mean(mean_dot, y, x, mean, cov, allow_singular=allow_singular)


@jvp(normal.pdf, 2)
def normal_pdf_cov(cov_dot, y, x, mean=None, cov=1, *, allow_singular=False):
    return y * normal_logpdf_cov(cov_dot, y, x, mean, cov, allow_singular=allow_singular)


# The cumulative distribution F: its derivative by x[i] is the density of x[i] times the distribution of the others
# given it, and so on for a second one.  By the covariance it is half of the second derivatives by x: R. L. Plackett,
# "A reduction formula for normal multivariate integrals", Biometrika 1954.  With a lower limit it is the probability of
# a box: a face below counts as one above does, with the opposite sign.


def given(values, fixed, matrix, high, low):
    """The density of some coordinates times the probability of a box of the others given them, about 0.

    Args:
        values: of the coordinates, for each point; 0 is the result where one is infinite.
        fixed: which coordinates these are.
        high, low: the ends of the box, ``low`` None for all that is below.
    """
    infinite = np.any(np.isinf(values), axis=1)
    values = np.where(np.isinf(values), 0.0, values)
    rest = [k for k in range(np.shape(matrix)[0]) if k not in fixed]
    among = matrix[np.ix_(fixed, fixed)]
    density = np.where(infinite, 0.0, np.reshape(normal.pdf(values, None, among), (-1,)))
    if not rest:
        return density
    regression = matrix[np.ix_(rest, fixed)] @ np.linalg.inv(among)
    remaining, moved = matrix[np.ix_(rest, rest)] - regression @ matrix[np.ix_(fixed, rest)], values @ regression.T
    lower = None if low is None else low[:, rest] - moved
    return density * np.reshape(normal.cdf(high[:, rest] - moved, None, remaining, lower_limit=lower), (-1,))


def of_face(face, sign, matrix, high, low):
    """The derivatives of the probability of a box by its ends on one side, and their part of the second ones.

    (The mean of a coordinate times the density, over a face, has both: it is integrated by parts.)
    """
    n, dim = np.shape(face)
    first = np.stack([sign * given(face[:, [i]], [i], matrix, high, low) for i in range(dim)], axis=1)
    second = np.zeros((n, dim, dim))
    for i in range(dim):
        for j in range(dim):
            if i != j:
                edge = given(np.stack([face[:, i], high[:, j]], axis=1), [i, j], matrix, high, low)
                if low is not None:
                    edge = edge - given(np.stack([face[:, i], low[:, j]], axis=1), [i, j], matrix, high, low)
                second[:, i, j] = sign * edge
    finite = np.where(np.isinf(face), 0.0, face)
    for i in range(dim):
        along = second[:, i] @ matrix[i] - second[:, i, i] * matrix[i, i]
        second[:, i, i] = -(finite[:, i] * first[:, i] + along) / matrix[i, i]
    return first, second


def cdf_derivatives(x, mean, cov, lower_limit, allow_singular):
    """The first derivatives of the cumulative distribution at each point, by the lower limit, and the second ones."""
    points, center, matrix = sized(x, mean, regular(cov, allow_singular))
    high = points - center
    if lower_limit is None:
        first, second = of_face(high, 1.0, matrix, high, None)
        return first, None, second
    low = np.broadcast_to(lower_limit, np.shape(points)) - center
    first, above = of_face(high, 1.0, matrix, high, low)
    lower, below = of_face(low, -1.0, matrix, high, low)
    return first, lower, above + below


@vjp(normal.cdf)
def normal_cdf(y_bar, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None, abseps=1e-5,
               releps=1e-5, rng=None):  # fmt: skip
    first, lower, second = cdf_derivatives(x, mean, cov, lower_limit, allow_singular)
    bars = np.reshape(y_bar, (-1, 1))
    moves = first if lower is None else first + lower
    mean_bar = None if mean is None else np.reshape(-np.sum(bars * moves, axis=0), np.shape(mean))
    cov_bar = np.tensordot(bars[:, 0], second, 1) / 2
    lower_bar = None if lower is None else bars * lower
    return np.reshape(bars * first, np.shape(x)), mean_bar, to_cov(cov_bar, cov), lower_bar


@jvp(normal.cdf, 0)
def normal_cdf_x(x_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None, abseps=1e-5,
                 releps=1e-5, rng=None):  # fmt: skip
    first, _, _ = cdf_derivatives(x, mean, cov, lower_limit, allow_singular)
    return np.reshape(np.sum(first * np.reshape(x_dot, np.shape(first)), axis=1), np.shape(y))


@jvp(normal.cdf, 1)
def normal_cdf_mean(mean_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None,
                    abseps=1e-5, releps=1e-5, rng=None):  # fmt: skip
    first, lower, _ = cdf_derivatives(x, mean, cov, lower_limit, allow_singular)
    moves = first if lower is None else first + lower
    return np.reshape(-moves @ np.ravel(mean_dot), np.shape(y))


@jvp(normal.cdf, 2)
def normal_cdf_cov(cov_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None, abseps=1e-5,
                   releps=1e-5, rng=None):  # fmt: skip
    _, _, second = cdf_derivatives(x, mean, cov, lower_limit, allow_singular)
    return np.reshape(np.tensordot(second, matrix_of(cov_dot, np.shape(second)[1]), 2) / 2, np.shape(y))


@jvp(normal.cdf, 3)
def normal_cdf_lower(lower_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None,
                     abseps=1e-5, releps=1e-5, rng=None):  # fmt: skip
    _, lower, _ = cdf_derivatives(x, mean, cov, lower_limit, allow_singular)
    return np.reshape(np.sum(lower * lower_dot, axis=1), np.shape(y))


@vjp(normal.logcdf)
def normal_logcdf(y_bar, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None, abseps=1e-5,
                  releps=1e-5, rng=None):  # fmt: skip
    return normal_cdf(y_bar / np.exp(y), y, x, mean, cov, lower_limit, allow_singular=allow_singular)


@jvp(normal.logcdf, 0)
def normal_logcdf_x(x_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None, abseps=1e-5,
                    releps=1e-5, rng=None):  # fmt: skip
    return normal_cdf_x(x_dot, y, x, mean, cov, lower_limit, allow_singular=allow_singular) / np.exp(y)


@jvp(normal.logcdf, 1)
def normal_logcdf_mean(mean_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None,
                       abseps=1e-5, releps=1e-5, rng=None):  # fmt: skip
    return normal_cdf_mean(mean_dot, y, x, mean, cov, lower_limit, allow_singular=allow_singular) / np.exp(y)


@jvp(normal.logcdf, 2)
def normal_logcdf_cov(cov_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None,
                      abseps=1e-5, releps=1e-5, rng=None):  # fmt: skip
    return normal_cdf_cov(cov_dot, y, x, mean, cov, lower_limit, allow_singular=allow_singular) / np.exp(y)


@jvp(normal.logcdf, 3)
def normal_logcdf_lower(lower_dot, y, x, mean=None, cov=1, lower_limit=None, *, allow_singular=False, maxpts=None,
                        abseps=1e-5, releps=1e-5, rng=None):  # fmt: skip
    return normal_cdf_lower(lower_dot, y, x, mean, cov, lower_limit, allow_singular=allow_singular) / np.exp(y)


# The entropy has half of the logarithm of the determinant, and is the same for every mean


def precision(mean, cov):
    dim = np.size(mean) if mean is not None else np.shape(cov)[0] if np.ndim(cov) else 1
    return np.linalg.inv(matrix_of(regular(cov, True), dim))


@vjp(normal.entropy)
def normal_entropy(h_bar, h, mean=None, cov=1):
    return None, to_cov(h_bar * precision(mean, cov) / 2, cov)


@jvp(normal.entropy, 0)
def normal_entropy_mean(mean_dot, h, mean=None, cov=1):
    return 0.0


@jvp(normal.entropy, 1)
def normal_entropy_cov(cov_dot, h, mean=None, cov=1):
    inverse = precision(mean, cov)
    return np.sum(inverse * matrix_of(cov_dot, np.shape(inverse)[0])) / 2


# Student's distribution


@vjp(student.logpdf)
def student_logpdf(y_bar, y, x, loc=None, shape=1, df=1):
    moved, lengths, inverse = weighted(x, loc, shape)
    bars = np.ravel(y_bar)
    pull = (df + np.shape(inverse)[0]) / (df + lengths)
    by_df = student_by_df(lengths, np.shape(inverse)[0], df)
    return (*pulled(bars, moved, inverse, pull, x, loc, shape), np.sum(bars * by_df))


def student_by_df(lengths, dim, df):
    fixed = digamma((df + dim) / 2) - digamma(df / 2) - dim / df
    return (fixed - np.log1p(lengths / df) + (df + dim) * lengths / (df * (df + lengths))) / 2


@jvp(student.logpdf, 0)
def student_logpdf_x(x_dot, y, x, loc=None, shape=1, df=1):
    moved, lengths, inverse = weighted(x, loc, shape)
    pull = (df + np.shape(inverse)[0]) / (df + lengths)
    return np.reshape(-pull * np.sum(moved * np.reshape(x_dot, np.shape(moved)), axis=1), np.shape(y))


@jvp(student.logpdf, 1)
def student_logpdf_loc(loc_dot, y, x, loc=None, shape=1, df=1):
    moved, lengths, inverse = weighted(x, loc, shape)
    pull = (df + np.shape(inverse)[0]) / (df + lengths)
    return np.reshape(pull * (moved @ np.ravel(loc_dot)), np.shape(y))


@jvp(student.logpdf, 2)
def student_logpdf_shape(shape_dot, y, x, loc=None, shape=1, df=1):
    moved, lengths, inverse = weighted(x, loc, shape)
    pull = (df + np.shape(inverse)[0]) / (df + lengths)
    matrix_dot = matrix_of(shape_dot, np.shape(inverse)[0])
    changes = pull * np.sum((moved @ matrix_dot) * moved, axis=1) - np.sum(inverse * matrix_dot)
    return np.reshape(changes, np.shape(y)) / 2


@jvp(student.logpdf, 3)
def student_logpdf_df(df_dot, y, x, loc=None, shape=1, df=1):
    _, lengths, inverse = weighted(x, loc, shape)
    return np.reshape(df_dot * student_by_df(lengths, np.shape(inverse)[0], df), np.shape(y))


@vjp(student.pdf)
def student_pdf(y_bar, y, x, loc=None, shape=1, df=1, *, allow_singular=False):
    return student_logpdf(y_bar * y, y, x, loc, regular(shape, allow_singular), df)


@jvp(student.pdf, 0)
def student_pdf_x(x_dot, y, x, loc=None, shape=1, df=1, *, allow_singular=False):
    return y * student_logpdf_x(x_dot, y, x, loc, regular(shape, allow_singular), df)


@jvp(student.pdf, 1)
def student_pdf_loc(loc_dot, y, x, loc=None, shape=1, df=1, *, allow_singular=False):
    return y * student_logpdf_loc(loc_dot, y, x, loc, regular(shape, allow_singular), df)


@jvp(student.pdf, 2)
def student_pdf_shape(shape_dot, y, x, loc=None, shape=1, df=1, *, allow_singular=False):
    return y * student_logpdf_shape(shape_dot, y, x, loc, regular(shape, allow_singular), df)


@jvp(student.pdf, 3)
def student_pdf_df(df_dot, y, x, loc=None, shape=1, df=1, *, allow_singular=False):
    return y * student_logpdf_df(df_dot, y, x, loc, regular(shape, allow_singular), df)


# Dirichlet and multinomial: what lies along the first and the last axis adds up to one, so that the last entry of it
# may be left out (Dirichlet) or is not looked at (multinomial)


def completed(x, alpha):
    """The points with their last entry."""
    return x if np.shape(x)[0] == np.size(alpha) else np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])


def columns(alpha, x):
    return np.reshape(alpha, (-1,) + (1,) * (np.ndim(x) - 1))


@vjp(dirichlet.logpdf)
def dirichlet_logpdf(y_bar, y, x, alpha):
    points = completed(x, alpha)
    rates = (columns(alpha, x) - 1) / points
    if np.shape(x)[0] != np.size(alpha):
        rates = rates[:-1] - rates[-1:]
    by_alpha = np.log(points) - columns(digamma(alpha) - digamma(np.sum(alpha)), x)
    return y_bar * rates, np.sum(np.reshape(y_bar * by_alpha, (np.size(alpha), -1)), axis=1)


@jvp(dirichlet.logpdf, 0)
def dirichlet_logpdf_x(x_dot, y, x, alpha):
    rates = (columns(alpha, x) - 1) / completed(x, alpha)
    if np.shape(x)[0] != np.size(alpha):
        rates = rates[:-1] - rates[-1:]
    return np.sum(rates * x_dot, axis=0)


@jvp(dirichlet.logpdf, 1)
def dirichlet_logpdf_alpha(alpha_dot, y, x, alpha):
    by_alpha = np.log(completed(x, alpha)) - columns(digamma(alpha) - digamma(np.sum(alpha)), x)
    return np.sum(by_alpha * columns(alpha_dot, x), axis=0)


@vjp(dirichlet.pdf)
def dirichlet_pdf(y_bar, y, x, alpha):
    return dirichlet_logpdf(y_bar * y, y, x, alpha)


@jvp(dirichlet.pdf, 0)
def dirichlet_pdf_x(x_dot, y, x, alpha):
    return y * dirichlet_logpdf_x(x_dot, y, x, alpha)


@jvp(dirichlet.pdf, 1)
def dirichlet_pdf_alpha(alpha_dot, y, x, alpha):
    return y * dirichlet_logpdf_alpha(alpha_dot, y, x, alpha)


@definition(dirichlet.mean)
def dirichlet_mean(alpha):
    return alpha / np.sum(alpha)


@definition(dirichlet.var)
def dirichlet_var(alpha):
    total = np.sum(alpha)
    return alpha * (total - alpha) / (total**2 * (total + 1))


@definition(dirichlet.entropy)
def dirichlet_entropy(alpha):
    alpha = np.asarray(alpha)
    total, size = np.sum(alpha), np.size(alpha)
    whole = np.sum(special.gammaln(alpha)) - special.gammaln(total)
    return whole + (total - size) * digamma(total) - np.sum((alpha - 1) * digamma(alpha))


def multinomial_rates(x, p):
    """The derivatives of the logarithm by each probability, where the last one is what the others leave."""
    last = 1 - np.sum(p[..., :-1], axis=-1, keepdims=True)
    rates = np.where(x[..., :-1] == 0, 0, x[..., :-1] / p[..., :-1]) - x[..., -1:] / last
    return np.concatenate([rates, np.zeros_like(rates[..., :1])], axis=-1)


@vjp(stats.multinomial.logpmf)
def multinomial_logpmf(y_bar, y, x, n, p):
    return NotImplemented, NotImplemented, np.expand_dims(y_bar, -1) * multinomial_rates(np.asarray(x), p)


@jvp(stats.multinomial.logpmf, 2)
def multinomial_logpmf_p(p_dot, y, x, n, p):
    return np.sum(multinomial_rates(np.asarray(x), p) * p_dot, axis=-1)


@vjp(stats.multinomial.pmf)
def multinomial_pmf(y_bar, y, x, n, p):
    return NotImplemented, NotImplemented, np.expand_dims(y_bar * y, -1) * multinomial_rates(np.asarray(x), p)


@jvp(stats.multinomial.pmf, 2)
def multinomial_pmf_p(p_dot, y, x, n, p):
    return y * np.sum(multinomial_rates(np.asarray(x), p) * p_dot, axis=-1)


# A number, or an array without axes
infer(stats.multinomial.logpmf, stats.multinomial.pmf)(lambda x, n, p: unknown())
