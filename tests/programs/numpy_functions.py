"""NumPy functions in the combinations in which they are used; every single rule has tests of its own."""

import numpy as np

from .data import normal, positive, spd
from .harness import Program


def matmul(a, b):
    return a @ b


def dot_and_method(a, b):
    return np.dot(a, b) + a.dot(b) * 2 + np.matmul(a, b)


def reductions_with_axes(a):
    s = np.sum(a, axis=0)
    m = a.mean(axis=-1, keepdims=True)
    v = np.var(a, axis=(0, 1))
    p = np.prod(a, axis=1)
    return np.sum(s**2) + np.sum(a * m) + v * np.std(a) + np.sum(p) + np.max(a, axis=0).sum() - np.min(a)


def indexing_kinds(a):
    i = 1
    index = np.array([0, 2, 0])
    return (
        a[i, -1] * a[0][1]
        + np.sum(a[1:, ::2] ** 2)
        + np.sum(a[index] * a[:, :1][:3])
        + np.sum(a[index, [1, 1, 0]] ** 2)
        + np.sum(a[a > 0] ** 3)
        + np.sum(a[..., None, 0] * a[None, :, 1:2])
        + np.sum(np.take(a, [1, 1], axis=1))
    )


def einsum(a, b):
    gram = np.einsum("ij,kj->ik", a, b)
    return np.einsum("ii", gram @ gram.T) + np.sum(np.einsum("ij,ij->j", a, b) ** 2)


def joins(a, b):
    c = np.concatenate([a, b, a * b])
    s = np.stack((a, b), axis=1)
    return (
        np.sum(c**3) + np.sum(s @ s.T) + np.sum(np.hstack([a, b]) * np.arange(2.0 * len(a))) + np.vstack([a, b])[1, 0]
    )


def where_guard(x):
    return np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), x**2))


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def norms(x):
    unit = x / np.linalg.norm(x)
    return np.sum(unit**3) + np.linalg.norm(x, ord=1) + np.sum(np.linalg.norm(np.outer(x, x) + 1, axis=1))


def norm_of_four(x):
    return np.linalg.norm(x, 4) + np.sum(np.linalg.norm(np.outer(x, x + 1), 4, axis=0))


def solve(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2)


def inverse_and_determinant(a):
    sign, logdet = np.linalg.slogdet(a)
    return np.trace(np.linalg.inv(a)) * np.linalg.det(a) + sign * logdet


def gaussian_log_likelihood(mean, cov, x):
    chol = np.linalg.cholesky(cov)
    z = np.linalg.solve(chol, x - mean)
    return -0.5 * np.sum(z**2) - np.sum(np.log(np.diag(chol))) - 0.5 * len(x) * np.log(2 * np.pi)


def eigenvalues(a):
    w, v = np.linalg.eigh(a + a.T)
    return np.sum(np.exp(w) * np.arange(1.0, len(w) + 1)) + np.sum((v * w) @ v.T * a)


def outer_and_cumsum(x):
    table = np.outer(x, np.cumsum(x))
    return np.sum(np.tril(table) * table.T) + np.cumsum(x)[1] + np.sum(np.diff(x) ** 2)


def sort_and_order(x):
    y = np.sort(x)
    order = np.argsort(-x)
    return np.sum(y * np.arange(len(x))) + np.sum(x[order][:2] ** 2) + np.median(x)


def clip_and_abs(x):
    return np.sum(np.clip(x, -0.5, 1.0) ** 2) + np.sum(np.abs(x)) + np.sum(np.maximum(x, 0) * np.minimum(x, 1.0))


def power_spectrum(x):
    spectrum = np.abs(np.fft.rfft(x)) ** 2
    full = np.fft.fft(x)
    return np.sum(spectrum * np.arange(len(spectrum))) + np.sum((full * np.conj(full)).real[1:3])


def fft_convolution(x, kernel):
    return np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(kernel), n=len(x)) ** 3)


def trapezoid_integral(a, b):
    t = np.linspace(a, b, 20)
    y = np.exp(-(t**2)) * np.sin(t)
    return np.sum((y[1:] + y[:-1]) * np.diff(t)) / 2


def polynomial(coefficients, x):
    powers = x[:, None] ** np.arange(len(coefficients))
    return np.sum((powers @ coefficients) ** 2) + np.polyval(coefficients, 0.3)


def correlation(x, y):
    xc, yc = x - x.mean(), y - y.mean()
    return np.sum(xc * yc) / np.sqrt(np.sum(xc**2) * np.sum(yc**2))


def pairwise_distances(x):
    d = np.sqrt(np.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=-1) + 1e-3)
    return np.sum(np.exp(-d))


def shaping(a):
    b = np.transpose(a.reshape(3, 2, 2), (2, 0, 1))
    c = np.swapaxes(b, 0, 1)[:, ::-1]
    return (
        np.sum(np.squeeze(c[:1]) ** 2) + np.sum(np.tile(a[0], 2) * np.repeat(a[1], 2)) + np.roll(a, 1)[0, 0] * a[2, 1]
    )


def batched(a, b):
    return np.sum(np.tanh(a @ b) * np.swapaxes(a @ b, -1, -2))


def least_squares(a, b):
    x = np.linalg.solve(a.T @ a, a.T @ b)
    residual = b - a @ x
    return residual @ residual


def moving_average(x):
    return np.sum(np.convolve(x, np.ones(3) / 3, mode="valid") ** 2)


def kronecker_and_cross(a, b):
    return np.sum(np.kron(a, b) ** 2 * np.arange(9.0)) + np.sum(np.cross(a, b) * a[::-1])


X = normal(5)


def joined_by_index(x, a):
    rows = np.r_[a, 2.0, np.sin(a) * x, x[:1]]
    columns = np.c_[x, x**2, np.ones((x.size, 2))]
    return np.sum(rows**2) + rows[1:].prod() + np.sum(columns * np.arange(4.0))


def joined_in_other_ways(x, a):
    """Slices and numbers as columns in the index."""
    rows = np.r_[x, 0:3, a:1.0:3j, x[None, 0]]
    columns = np.c_[a, x[None, :]]
    words = np.r_["0,2", [1, 2], [3, 4]]
    return np.sum(rows**2) + np.sum(columns**3) + words[1, 0] * a


def joined_by_words(x):
    return np.sum(np.r_["0,2", x, x] ** 2)


def shapes_by_lists(x, n):
    y = np.zeros([x.shape[0], n], dtype=x.dtype)
    size = [n, x.shape[0]]
    for i in range(x.shape[0]):
        for j in range(n):
            y[i][j] = x[i, 0] * j + y[i - 1, j]
    z = np.empty(size)
    z[:] = np.reshape(x[:, :n], [n, -1]) * 2
    w = np.ndarray(x.shape, dtype=x.dtype)
    w[:] = x**2
    return np.sum(y * z.T) + np.sum(np.ndarray(shape=(2, 2)).shape) * np.sum(w)


def shape_by_a_list_that_grows(x, n):
    size = [x.shape[0]]
    for _ in range(n):
        y = np.zeros(size)
        size.append(2)
    y[1] = x[1, 0] ** 2
    size[0] = 1
    return np.sum(y**2) + np.sum(np.ones(size) * x[0, 0])


def grids_by_index(x):
    i, j = np.mgrid[0 : x.shape[0], 0 : x.shape[1]]
    u, v = np.ogrid[: x.shape[0], 1 : 2 * x.shape[1] : 2]
    weights = np.mgrid[1 : x.shape[1] + 1] * 1.0
    y = np.where(i > j, x**2, np.sin(x) * (u - v))
    y[j == 1] = 0.0
    return np.sum(y * weights)


def grids_of_floats(a, b):
    u, v = np.mgrid[a:b:4j, 0:3]
    p, q = np.ogrid[a : a + 2.0 : 0.5, a:b:3j]
    return np.sum(u**2 * v) + np.sum(np.sin(p) * q) + np.sum(np.mgrid[a:b:3j] ** 2)


def pairs_of_a_broadcast(x, y):
    total = 0.0
    for p, q in np.broadcast(x, y):
        total += p * q
    return total


def shape_of_a_broadcast(x, y):
    made = np.zeros(np.broadcast(x, y).shape)
    made[...] = x * y
    return np.sum(made**2)


def open_mesh(x):
    u, v = np.ix_(x, x[1:])
    matrix = u * v**2
    chosen = matrix[np.ix_([0, 2], [1, 0])]
    matrix[np.ix_([1], [0, 1])] += 1.5
    return np.sum(chosen) * np.sum(matrix)


def running_extremes(x):
    highest, lowest = np.maximum.accumulate(x, axis=-1), np.minimum.accumulate(x)
    return np.sum((highest - x) ** 2) + np.sum(np.sin(lowest) * np.arange(x.shape[-1]))


def parts_of_a_slice(x):
    s = slice(x[0], 2)
    t = slice(1, len(x) - 1)
    return s.start**2 * np.sum(x[t]) * (t.stop - t.start)


def subtracted_at_places(x, i):
    y = np.zeros(3)
    np.add.at(y, i, x)
    np.subtract.at(y, i[1:], x[:-1] ** 2)
    np.subtract.at(y, 0, 0.5)
    return np.sum(y**3)


PROGRAMS = [
    Program(joined_by_index, [(X, 0.7), (normal(3), 1.2)], argnums=(0, 1)),
    Program(joined_in_other_ways, [(X, 0.7)], argnums=(0, 1)),
    Program(joined_by_words, [(X,)], refused="a string in the index"),
    Program(shapes_by_lists, [(normal(3, 4), 2), (normal(2, 3), 1)]),
    Program(shape_by_a_list_that_grows, [(normal(3, 4), 2), (normal(2, 3), 1)]),
    Program(grids_by_index, [(normal(3, 4),), (normal(2, 3),)]),
    Program(grids_of_floats, [(0.3, 1.9)], argnums=(0, 1)),
    Program(pairs_of_a_broadcast, [(X, X[:, None])], argnums=(0, 1), refused="a loop over a broadcast"),
    Program(shape_of_a_broadcast, [(X, X[:, None])], argnums=(0, 1)),
    Program(open_mesh, [(X,)]),
    Program(running_extremes, [(X,), (normal(3, 4),)]),
    Program(parts_of_a_slice, [(X,)]),
    Program(subtracted_at_places, [(X, np.arange(len(X)) % 3)]),
    Program(
        matmul,
        [
            (normal(2, 3), normal(3, 4, seed=1)),
            (normal(3), normal(3, 4, seed=1)),
            (normal(2, 3), normal(3, seed=1)),
            (normal(3), normal(3, seed=1)),
            (normal(5, 2, 3), normal(3, 4, seed=1)),
            (normal(5, 2, 3), normal(1, 3, 2, seed=1)),
            (normal(3), normal(4, 3, 2, seed=1)),
        ],
        argnums=(0, 1),
        vjp=True,
        note="every combination of ranks through one gradient",
    ),
    Program(dot_and_method, [(normal(2, 3), normal(3, seed=1)), (normal(3), normal(3, 2))], argnums=(0, 1), vjp=True),
    Program(reductions_with_axes, [(positive(3, 4),)]),
    Program(indexing_kinds, [(normal(3, 4),)]),
    Program(einsum, [(normal(3, 4), normal(3, 4, seed=1))], argnums=(0, 1)),
    Program(joins, [(normal(3), normal(3, seed=1))], argnums=(0, 1)),
    Program(where_guard, [(2 * X,), (normal(2, 2),)]),
    Program(softmax, [(normal(3, 4),), (X,)], vjp=True),
    Program(softmax, [(normal(3, 4), 0)], vjp=True, name="softmax_axis_0"),
    Program(logsumexp, [(X,), (100 * X,), (normal(2, 3),)]),
    Program(norms, [(X,)]),
    Program(norm_of_four, [(np.array([0.0, 0.0, 3.0]),)]),
    Program(solve, [(spd(3), normal(3)), (spd(3), normal(3, 2)), (normal(3, 3), normal(3, seed=1))], argnums=(0, 1)),
    Program(inverse_and_determinant, [(normal(3, 3),), (spd(2),)]),
    Program(gaussian_log_likelihood, [(normal(3), spd(3, seed=1), normal(3, seed=2))], argnums=(0, 2)),
    Program(eigenvalues, [(normal(3, 3),)]),
    Program(outer_and_cumsum, [(X,)]),
    Program(sort_and_order, [(X,), (normal(4),)]),
    Program(clip_and_abs, [(2 * X,)]),
    Program(power_spectrum, [(normal(8),), (normal(7),)]),
    Program(fft_convolution, [(normal(8), normal(8, seed=1)), (normal(7), normal(7, seed=1))], argnums=(0, 1)),
    Program(trapezoid_integral, [(0.2, 1.5)], argnums=(0, 1)),
    Program(polynomial, [(normal(4), X)], argnums=(0, 1)),
    Program(correlation, [(X, normal(5, seed=1))], argnums=(0, 1)),
    Program(pairwise_distances, [(normal(4, 2),)]),
    Program(shaping, [(normal(3, 4),)]),
    Program(
        batched, [(normal(2, 3, 4), normal(2, 4, 3, seed=1)), (normal(2, 3), normal(3, 2, seed=1))], argnums=(0, 1)
    ),
    Program(least_squares, [(normal(6, 2), normal(6, seed=1))], argnums=(0, 1)),
    Program(moving_average, [(normal(7),)]),
    Program(kronecker_and_cross, [(normal(3), normal(3, seed=1))], argnums=(0, 1)),
]
