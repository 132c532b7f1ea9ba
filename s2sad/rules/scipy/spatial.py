"""Rules of ``scipy.spatial.distance``: distances of points, of all pairs or of two.

Where two points agree, the derivative of their distance is 0, as that of a norm is.  Of all pairs, the cotangent by a
point is a sum over the others, ``sum_j w_ij (a_i - b_j)``, which two products of matrices give.
"""

import numpy as np
from scipy.spatial import distance

from ...runtime import no_derivative
from ..table import definition, jvp, linear, vjp


def check_metric(metric):
    known = ("euclidean", "sqeuclidean", "cityblock", "minkowski")
    if not isinstance(metric, str) or metric not in known:
        raise no_derivative(f"distances of all pairs have no derivative with metric={metric!r}: only euclidean, "
                            "sqeuclidean, cityblock and minkowski have one")  # fmt: skip


def is_plain(metric):
    return metric == "euclidean" or metric == "sqeuclidean"


def weights(y, metric):
    """The derivative of plain distances by the deviations, divided by these."""
    if metric == "sqeuclidean":
        return 2.0 * np.ones_like(y)
    return np.where(y == 0, 0, 1 / np.where(y == 0, 1, y))


def slopes(deviations, y, metric, p):
    """The derivative of distances by the deviations, along a further axis."""
    if metric == "cityblock":
        return np.sign(deviations)
    high = np.where(y == 0, 1, y)[..., None]
    if p == 2:
        return deviations / high
    return np.where(y[..., None] == 0, 0, np.sign(deviations) * (np.abs(deviations) / high) ** (p - 1))


@vjp(distance.cdist)
def cdist(y_bar, y, XA, XB, *, metric="euclidean", p=2.0):
    check_metric(metric)
    if is_plain(metric):
        w = y_bar * weights(y, metric)
        return np.sum(w, axis=1)[:, None] * XA - w @ XB, np.sum(w, axis=0)[:, None] * XB - w.T @ XA
    rates = y_bar[:, :, None] * slopes(XA[:, None, :] - XB[None], y, metric, p)
    return np.sum(rates, axis=1), -np.sum(rates, axis=0)


@jvp(distance.cdist, 0)
def cdist_a(XA_dot, y, XA, XB, *, metric="euclidean", p=2.0):
    check_metric(metric)
    if is_plain(metric):
        return weights(y, metric) * (np.sum(XA * XA_dot, axis=1)[:, None] - XA_dot @ XB.T)
    return np.sum(slopes(XA[:, None, :] - XB[None], y, metric, p) * XA_dot[:, None, :], axis=2)


@jvp(distance.cdist, 1)
def cdist_b(XB_dot, y, XA, XB, *, metric="euclidean", p=2.0):
    check_metric(metric)
    if is_plain(metric):
        return weights(y, metric) * (np.sum(XB * XB_dot, axis=1) - XA @ XB_dot.T)
    return -np.sum(slopes(XA[:, None, :] - XB[None], y, metric, p) * XB_dot, axis=2)


@vjp(distance.pdist)
def pdist(y_bar, y, X, *, metric="euclidean", p=2.0):
    check_metric(metric)
    if is_plain(metric):
        w = distance.squareform(y_bar * weights(y, metric))
        return np.sum(w, axis=1)[:, None] * X - w @ X
    rates = slopes(X[:, None, :] - X[None], distance.squareform(y), metric, p)
    return np.sum(distance.squareform(y_bar)[:, :, None] * rates, axis=1)


@jvp(distance.pdist)
def pdist_jvp(X_dot, y, X, *, metric="euclidean", p=2.0):
    check_metric(metric)
    if is_plain(metric):
        own, mixed = np.sum(X * X_dot, axis=1), X @ X_dot.T
        moved = own[:, None] + own - mixed - mixed.T
        return weights(y, metric) * distance.squareform(moved - np.diag(np.diag(moved)), checks=False)
    rates = slopes(X[:, None, :] - X[None], distance.squareform(y), metric, p)
    return distance.squareform(np.sum(rates * (X_dot[:, None, :] - X_dot[None]), axis=2), checks=False)


@linear(distance.squareform, arguments=("X",))
def squareform(y_bar, y, X, *, force="no", checks=True):
    if np.ndim(X) == 1:  # the diagonal of the matrix is 0
        both = y_bar + y_bar.T
        return distance.squareform(both - np.diag(np.diag(both)), checks=False)
    return np.triu(distance.squareform(y_bar))


# Of two points


@definition(distance.euclidean)
def euclidean(u, v):
    return float(np.linalg.norm(np.asarray(u) - np.asarray(v)))


@definition(distance.sqeuclidean)
def sqeuclidean(u, v):
    deviation = np.asarray(u) - np.asarray(v)
    return np.sum(deviation * deviation)


@definition(distance.cityblock)
def cityblock(u, v):
    return np.sum(np.abs(np.asarray(u) - np.asarray(v)))


@definition(distance.chebyshev)
def chebyshev(u, v):
    return np.max(np.abs(np.asarray(u) - np.asarray(v)))


@definition(distance.minkowski)
def minkowski(u, v, p=2):
    return np.linalg.norm(np.asarray(u) - np.asarray(v), p)


@definition(distance.cosine)
def cosine(u, v):
    u, v = np.asarray(u), np.asarray(v)
    return 1.0 - np.sum(u * v) / np.sqrt(np.sum(u * u) * np.sum(v * v))


@definition(distance.correlation)
def correlation(u, v):
    u, v = np.asarray(u), np.asarray(v)
    return cosine(u - np.mean(u), v - np.mean(v))


@definition(distance.mahalanobis)
def mahalanobis(u, v, VI):
    deviation = np.asarray(u) - np.asarray(v)
    return np.sqrt(np.sum((deviation @ np.asarray(VI)) * deviation))
