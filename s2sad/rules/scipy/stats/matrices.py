"""Distributions of matrices: definitions, with the determinants from Cholesky's factors, as SciPy has them.

(A. K. Gupta, D. K. Nagar, "Matrix variate distributions", 2000, has the densities.)
"""

import math

import numpy as np
from scipy import special, stats

from ...table import definition


def squared(x, dim):
    """Matrices, along the first axis, that a number, the diagonal, a matrix, or matrices along the last axis mean."""
    if np.ndim(x) == 0:
        return np.reshape(x * np.eye(dim), (1, dim, dim))
    if np.ndim(x) == 1:
        return np.reshape(x, (-1, 1, 1)) if dim == 1 else np.reshape(np.diag(x), (1, dim, dim))
    return np.reshape(x, (1, dim, dim)) if np.ndim(x) == 2 else np.moveaxis(x, -1, 0)


def log_det(matrices):
    """Logarithms of the determinants of matrices, which have to be positive definite."""
    return 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(matrices), axis1=-2, axis2=-1)), axis=-1)


def matrix_of(scale):
    scale = np.asarray(1.0 if scale is None else scale)
    if np.ndim(scale) == 0:
        return np.reshape(scale, (1, 1))
    return np.diag(scale) if np.ndim(scale) == 1 else scale


def traces(a, b):
    """The traces of products of matrices, of which one stack may be a single one."""
    return np.sum(np.swapaxes(a, -1, -2) * b, axis=(-2, -1))


@definition(stats.wishart.logpdf)
def wishart_logpdf(x, df, scale):
    scale = matrix_of(scale)
    dim = np.shape(scale)[0]
    if df is None:
        df = dim
    x = squared(np.asarray(x), dim)
    fixed = df * (dim * math.log(2) + log_det(scale)) / 2 + special.multigammaln(df / 2, dim)
    return np.squeeze((df - dim - 1) / 2 * log_det(x) - traces(np.linalg.inv(scale), x) / 2 - fixed)[()]


@definition(stats.wishart.pdf)
def wishart_pdf(x, df, scale):
    return np.exp(wishart_logpdf(x, df, scale))


@definition(stats.invwishart.logpdf)
def invwishart_logpdf(x, df, scale):
    scale = matrix_of(scale)
    dim = np.shape(scale)[0]
    if df is None:
        df = dim
    x = squared(np.asarray(x), dim)
    fixed = df * (log_det(scale) - dim * math.log(2)) / 2 - special.multigammaln(df / 2, dim)
    return np.squeeze(fixed - traces(scale, np.linalg.inv(x)) / 2 - (df + dim + 1) / 2 * log_det(x))[()]


@definition(stats.invwishart.pdf)
def invwishart_pdf(x, df, scale):
    return np.exp(invwishart_logpdf(x, df, scale))


def covariance(cov, dim):
    if np.ndim(cov) == 0:
        return cov * np.eye(dim)
    return np.diag(cov) if np.ndim(cov) == 1 else cov


@definition(stats.matrix_normal.logpdf)
def matrix_normal_logpdf(X, mean=None, rowcov=1, colcov=1):
    rows, columns = np.shape(X)[-2:]
    rowcov, colcov = covariance(np.asarray(rowcov), rows), covariance(np.asarray(colcov), columns)
    apart = np.asarray(X) if mean is None else np.asarray(X) - np.asarray(mean)
    weighted = np.linalg.inv(rowcov) @ apart @ np.linalg.inv(colcov)
    fixed = rows * columns * math.log(2 * math.pi) + columns * log_det(rowcov) + rows * log_det(colcov)
    found = -(fixed + np.sum(weighted * apart, axis=(-2, -1))) / 2
    return found if np.ndim(apart) == 2 else np.squeeze(found)[()]


@definition(stats.matrix_normal.pdf)
def matrix_normal_pdf(X, mean=None, rowcov=1, colcov=1):
    return np.exp(matrix_normal_logpdf(X, mean, rowcov, colcov))
