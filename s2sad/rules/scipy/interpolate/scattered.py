"""Interpolation of scattered samples: linear on triangles, and by radial basis functions."""

import itertools

import numpy as np
from scipy import interpolate, spatial

from ....runtime import no_derivative
from ...inference import integers, simplices, some_floats
from ...table import definition, infer, jvp, maker, vjp, zero_derivative
from .shapes import coordinates

# Linear on the simplices of Delaunay's triangulation: a mean of the values at the corners


def corners(points, at):
    """For each point: whether it is inside, the samples at the corners of its simplex, their weights, and slopes."""
    d = np.shape(points)[1]
    places = np.reshape(at, (-1, d))
    found, transforms, samples = triangles(points, places)
    inner = np.sum(transforms[:, :d] * (places - transforms[:, d])[:, None, :], axis=2)
    weights = np.concatenate([inner, 1 - np.sum(inner, axis=1, keepdims=True)], axis=1)
    slopes = np.concatenate([transforms[:, :d], -np.sum(transforms[:, :d], axis=1, keepdims=True)], axis=1)
    return found >= 0, samples, weights, slopes


def triangles(points, places):
    """For each place its simplex, -1 outside, that one's transform, and the samples at its corners."""
    made = spatial.Delaunay(points)
    found = made.find_simplex(places)
    return found, made.transform[found], made.simplices[found]


zero_derivative(triangles)
infer(triangles)(lambda *args: simplices())


def linear_nd(at, points, values, fill_value):
    return interpolate.LinearNDInterpolator(points, values, fill_value)(at)


@vjp(linear_nd)
def linear_nd_vjp(bar, out, at, points, values, fill_value):
    inside, samples, weights, slopes = corners(points, at)
    rows = np.reshape(bar, (np.size(inside), -1)) * inside[:, None]
    columns = np.reshape(values, (np.shape(values)[0], -1))
    values_bar = np.zeros_like(columns)
    np.add.at(values_bar, samples, weights[:, :, None] * rows[:, None, :])
    along = np.sum(columns[samples] * rows[:, None, :], axis=2)
    at_bar = np.sum(along[:, :, None] * slopes, axis=1)
    values_bar = np.reshape(values_bar, np.shape(values))
    fill_bar = np.sum(np.reshape(bar, (np.size(inside), -1))[~inside])
    return np.reshape(at_bar, np.shape(at)), NotImplemented, values_bar, fill_bar


@jvp(linear_nd, 0)
def linear_nd_at(at_dot, out, at, points, values, fill_value):
    inside, samples, _, slopes = corners(points, at)
    moved = np.sum(slopes * np.reshape(at_dot, (np.size(inside), 1, -1)), axis=2) * inside[:, None]
    columns = np.reshape(values, (np.shape(values)[0], -1))
    return np.reshape(np.sum(columns[samples] * moved[:, :, None], axis=1), np.shape(out))


@jvp(linear_nd, 2)
def linear_nd_values(values_dot, out, at, points, values, fill_value):
    return linear_nd(at, points, values_dot, 0.0)


@jvp(linear_nd, 3)
def linear_nd_fill_value(fill_dot, out, at, points, values, fill_value):
    inside = corners(points, at)[0]
    columns = np.ones((1, np.size(values) // np.shape(values)[0]))
    return np.reshape(np.reshape(~inside, (-1, 1)) * columns * fill_dot, np.shape(out))


infer(linear_nd)(lambda *args: some_floats())


@maker(interpolate.LinearNDInterpolator, call="at second third")
def linear_interpolator(at, points, values, fill_value=np.nan, rescale=False, *, second=None, third=None):
    if rescale:
        raise no_derivative("LinearNDInterpolator has a derivative rule with rescale=False only")
    points = coordinates(points, 1)
    return linear_nd(called_with(at, second, third, np.shape(points)[1]), points, values, fill_value)


def called_with(at, second, third, d):
    """The points that an interpolation is called with: as one argument, or as one for each coordinate."""
    if second is None:
        return coordinates(at, d)
    return coordinates((at, second) if third is None else (at, second, third), d)


def nearest(points, at):
    return spatial.cKDTree(points).query(at)[1]


zero_derivative(nearest)
infer(nearest)(lambda *args: integers(None))


@maker(interpolate.NearestNDInterpolator, call="at second third")
def nearest_interpolator(at, x, y, rescale=False, tree_options=None, *, second=None, third=None):
    if rescale or tree_options is not None:
        raise no_derivative("NearestNDInterpolator has a derivative rule with its default options only")
    x = coordinates(x, 1)
    return doubled(np.asarray(y)[nearest(x, called_with(at, second, third, np.shape(x)[1]))])


def doubled(values):
    """Values in double precision, in which SciPy gives them."""
    return values + np.zeros(np.shape(values))


@definition(interpolate.griddata)
def griddata(points, values, xi, method="linear", fill_value=np.nan, rescale=False):
    points = coordinates(points, 1)
    xi = coordinates(xi, np.shape(points)[-1])
    if rescale or np.ndim(points) != 2 or np.shape(points)[1] == 1:
        raise no_derivative("griddata has a derivative rule with rescale=False, of points in two dimensions or more")
    if method == "nearest":
        return doubled(np.asarray(values)[nearest(points, xi)])
    if method != "linear":
        raise no_derivative("griddata has a derivative rule with method='linear' or 'nearest'")
    return linear_nd(xi, points, values, fill_value)


# Radial basis functions and polynomials (G. Fasshauer, *Meshfree Approximation Methods with MATLAB*, 2007)

LOWEST = {"multiquadric": 0, "linear": 0, "thin_plate_spline": 1, "cubic": 1, "quintic": 2}


def monomials(d, degree, kernel):
    """The powers of each variable in each monomial; the lowest degree that a kernel needs, where none is given."""
    degree = max(LOWEST.get(kernel, -1), 0) if degree is None else degree
    chosen = [c for n in range(degree + 1) for c in itertools.combinations_with_replacement(range(d), n)]
    return np.array([[c.count(k) for k in range(d)] for c in chosen], int).reshape(-1, d)


zero_derivative(monomials)
infer(monomials)(lambda *args: integers(2))


def kernel_of(r, kernel):
    if kernel == "linear":
        return -r
    if kernel == "thin_plate_spline":
        return np.where(r > 0, r**2 * np.log(np.where(r > 0, r, 1.0)), 0.0)
    if kernel == "cubic":
        return r**3
    if kernel == "quintic":
        return -(r**5)
    if kernel == "multiquadric":
        return -np.sqrt(r**2 + 1)
    if kernel == "inverse_multiquadric":
        return 1 / np.sqrt(r**2 + 1)
    return 1 / (r**2 + 1) if kernel == "inverse_quadratic" else np.exp(-(r**2))


def apart(x, y):
    """The distances of points; the derivative at distance zero is zero."""
    return np.linalg.norm(x[:, None, :] - y[None, :, :], axis=2)


@maker(interpolate.RBFInterpolator)
def rbf(at, y, d, neighbors=None, smoothing=0.0, kernel="thin_plate_spline", epsilon=None, degree=None):
    if neighbors is not None:
        raise no_derivative("RBFInterpolator has a derivative rule with neighbors=None only")
    y, d, scale = np.asarray(y), np.asarray(d), 1.0 if epsilon is None else epsilon
    count, powers = np.shape(y)[0], monomials(np.shape(y)[1], degree, kernel)
    low, high = np.min(y, axis=0), np.max(y, axis=0)
    middle, width = (low + high) / 2, np.where(high > low, (high - low) / 2, 1.0)
    polynomials = np.prod(((y - middle) / width)[:, None, :] ** powers, axis=2)
    kernels = kernel_of(scale * apart(y, y), kernel) + np.diag(smoothing + np.zeros(count))
    more = np.shape(powers)[0]
    system = np.block([[kernels, polynomials], [polynomials.T, np.zeros((more, more))]])
    columns = np.reshape(d, (count, -1))
    found = np.linalg.solve(system, np.concatenate([columns, np.zeros((more, np.shape(columns)[1]))]))
    of_points = np.prod(((at - middle) / width)[:, None, :] ** powers, axis=2)
    values = kernel_of(scale * apart(at, y), kernel) @ found[:count] + of_points @ found[count:]
    return np.reshape(values, (np.shape(at)[0], *np.shape(d)[1:]))


# The older class, which takes the coordinates one by one (R. L. Hardy, J. Geophys. Res. 1971, has the multiquadric)


def older_kernel(r, name, epsilon):
    """One of the functions of `Rbf`, of distances."""
    if name == "multiquadric":
        return np.sqrt((r / epsilon) ** 2 + 1)
    if name == "inverse_multiquadric" or name == "inverse multiquadric" or name == "inverse":
        return 1 / np.sqrt((r / epsilon) ** 2 + 1)
    if name == "gaussian":
        return np.exp(-((r / epsilon) ** 2))
    if name == "linear":
        return r
    if name == "cubic":
        return r**3
    if name == "quintic":
        return r**5
    if name == "thin_plate" or name == "thin-plate":
        return np.where(r > 0, r**2 * np.log(np.where(r > 0, r, 1.0)), 0.0)
    raise no_derivative("Rbf has a derivative rule with its own functions only")


@maker(interpolate.Rbf, call="at second third")
def older_rbf(at, *samples, second=None, third=None, function="multiquadric", epsilon=None, smooth=0.0,
              norm="euclidean", mode="1-D"):  # fmt: skip
    if norm != "euclidean" or mode != "1-D" or len(samples) > 4:
        raise no_derivative("Rbf has a derivative rule with norm='euclidean', mode='1-D' and up to three coordinates")
    places = np.stack([np.ravel(x) for x in samples[:-1]], axis=1)
    if third is not None:
        points = np.stack([np.ravel(at), np.ravel(second), np.ravel(third)], axis=1)
    else:
        points = np.reshape(at, (-1, 1)) if second is None else np.stack([np.ravel(at), np.ravel(second)], axis=1)
    if epsilon is None:
        edges = np.max(places, axis=0) - np.min(places, axis=0)
        inside = edges > 0
        epsilon = (np.prod(np.where(inside, edges, 1.0)) / np.shape(places)[0]) ** (1.0 / np.sum(inside))
    system = older_kernel(apart(places, places), function, epsilon) - smooth * np.eye(np.shape(places)[0])
    weights = np.linalg.solve(system, np.ravel(samples[-1]))
    return np.reshape(older_kernel(apart(points, places), function, epsilon) @ weights, np.shape(at))
