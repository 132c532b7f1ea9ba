"""Programs as scientists write them: factorisations in place, sparse lists, adaptive steps, options, splines."""

import math

import numpy as np

from .data import normal, spd
from .harness import Program


def lu_in_place(a):
    """Crout's LU with partial pivoting, over ``a``; the row order and the sign of the permutation."""
    n = len(a)
    order = list(range(n))
    sign = 1.0
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[pivot, k]):
                pivot = i
        if a[pivot, k] == 0:
            raise ValueError("singular")
        if pivot != k:
            a[[k, pivot]] = a[[pivot, k]]
            order[k], order[pivot] = order[pivot], order[k]
            sign = -sign
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return order, sign


def solve_by_lu(matrix, right):
    """Solve by LU; the solution's square and the determinant."""
    a, n = matrix.copy(), len(right)
    order, sign = lu_in_place(a)
    x = np.zeros(n)
    for i in range(n):
        x[i] = right[order[i]] - a[i, :i] @ x[:i]
    for i in reversed(range(n)):
        x[i] = (x[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return np.sum(x**2) + sign * np.prod(np.diag(a))


def gaussian_process(length, scale, noise, xs, ys, at):
    """Log-likelihood and prediction of a Gaussian process; its Cholesky factor by loops in place."""
    n = len(xs)
    k = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            k[i, j] = scale * math.exp(-0.5 * ((xs[i] - xs[j]) / length) ** 2)
        k[i, i] += noise
    for j in range(n):
        k[j, j] = math.sqrt(k[j, j] - np.dot(k[j, :j], k[j, :j]))
        for i in range(j + 1, n):
            k[i, j] = (k[i, j] - np.dot(k[i, :j], k[j, :j])) / k[j, j]
    z = np.array(ys)
    for i in range(n):
        z[i] = (z[i] - np.dot(k[i, :i], z[:i])) / k[i, i]
    fit = -0.5 * np.dot(z, z) - sum(math.log(k[i, i]) for i in range(n))
    for i in range(n - 1, -1, -1):
        z[i] = (z[i] - np.dot(k[i + 1 :, i], z[i + 1 :])) / k[i, i]
    prediction = 0.0
    for i, x in enumerate(xs):
        prediction += z[i] * scale * math.exp(-0.5 * ((x - at) / length) ** 2)
    return fit + prediction


def householder_least_squares(a, b):
    """Least squares by Householder reflections, in place; the solution's cube and the residual."""
    r, y = np.array(a), np.array(b)
    columns = r.shape[1]
    for k in range(columns):
        v = r[k:, k].copy()
        norm = np.sqrt(v @ v)
        if norm < 1e-14:
            continue
        v[0] += norm if v[0] > 0 else -norm
        v /= np.sqrt(v @ v)
        r[k:, k:] -= 2.0 * np.outer(v, v @ r[k:, k:])
        y[k:] -= 2.0 * v * (v @ y[k:])
    x = np.zeros(columns)
    for i in range(columns - 1, -1, -1):
        x[i] = (y[i] - np.sum(r[i, i + 1 :] * x[i + 1 :])) / r[i, i]
    return np.sum(x**3) + np.sum(y[columns:] ** 2)


def classical_gram_schmidt(vectors, tolerance=1e-8):
    """An orthonormal basis as a list that grows; dependent vectors are dropped, each is done twice."""
    basis, volume = [], 1.0
    for vector in vectors:
        w = vector.copy()
        for _ in range(2):
            for q in basis:
                w = w - np.dot(q, w) * q
        size = np.linalg.norm(w)
        if size < tolerance:
            continue
        volume *= size
        basis.append(w / size)
    return volume + sum(q[0] * q[-1] for q in basis)


def durbin(r):
    """Yule-Walker equations (Golub and Van Loan, algorithm 4.7.1), with the prediction errors."""
    n = len(r)
    y = np.zeros(n)
    y[0] = -r[0]
    alpha, beta = -r[0], 1.0
    errors = []
    for k in range(1, n):
        beta = (1 - alpha * alpha) * beta
        errors.append(beta)
        total = r[k]
        for i in range(k):
            total += r[k - i - 1] * y[i]
        alpha = -total / beta
        y[:k] = y[:k] + alpha * y[:k][::-1]
        y[k] = alpha
    return np.sum(y**2) + sum(math.log(e) for e in errors)


class SparseMatrix:
    """Rows as dicts from column to number."""

    def __init__(self, size):
        self.rows = [{} for _ in range(size)]

    def add(self, i, j, value):
        row = self.rows[i]
        row[j] = row.get(j, 0.0) + value

    def times(self, x):
        return [sum(value * x[j] for j, value in row.items()) for row in self.rows]


def dot(x, y):
    return sum(a * b for a, b in zip(x, y))  # noqa: B905


def solve_by_conjugate_gradients(matrix, b, most=50):
    x = [0.0] * len(b)
    r, p = list(b), list(b)
    size = dot(r, r)
    for _ in range(most):
        if size < 1e-22:
            break
        ap = matrix.times(p)
        step = size / dot(p, ap)
        for i in range(len(x)):
            x[i] += step * p[i]
            r[i] -= step * ap[i]
        new = dot(r, r)
        p = [ri + new / size * pi for ri, pi in zip(r, p)]  # noqa: B905
        size = new
    return x


def heated_rod(conductivity, source, widths):
    """Finite elements on a rod of uneven elements; assembled into sparse rows, solved by conjugate gradients."""
    n = len(widths)
    stiffness, load = SparseMatrix(n), [0.0] * n
    for e in range(n):
        local = conductivity[e] / widths[e]
        for a in range(2):
            i = e + a - 1  # node number; the first one, -1, is held at zero
            if i < 0:
                continue
            load[i] += 0.5 * source * widths[e]
            for b in range(2):
                j = e + b - 1
                if j >= 0:
                    stiffness.add(i, j, local if a == b else -local)
    temperature = solve_by_conjugate_gradients(stiffness, load)
    return max(temperature) + 0.1 * dot(temperature, load)


def brusselator(t, y, a, b):
    return [a + y[0] ** 2 * y[1] - (b + 1) * y[0], b * y[0] - y[0] ** 2 * y[1]]


FEHLBERG = (
    (0.0, ()),
    (1 / 4, (1 / 4,)),
    (3 / 8, (3 / 32, 9 / 32)),
    (12 / 13, (1932 / 2197, -7200 / 2197, 7296 / 2197)),
    (1.0, (439 / 216, -8.0, 3680 / 513, -845 / 4104)),
    (1 / 2, (-8 / 27, 2.0, -3544 / 2565, 1859 / 4104, -11 / 40)),
)
FOURTH = (25 / 216, 0.0, 1408 / 2565, 2197 / 4104, -1 / 5, 0.0)
FIFTH = (16 / 135, 0.0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55)


def fehlberg(f, y, end, tolerance, *parameters):
    """Runge-Kutta-Fehlberg 4(5) with adaptive steps; rejected ones are tried again with half the length."""
    t, h, accepted = 0.0, 0.25, 0
    while t < end - 1e-12:
        h = min(h, end - t)
        slopes = []
        for node, row in FEHLBERG:
            stage = [
                yi + h * sum(w * k[i] for w, k in zip(row, slopes))  # noqa: B905
                for i, yi in enumerate(y)
            ]
            slopes.append(f(t + node * h, stage, *parameters))
        low = [yi + h * sum(w * k[i] for w, k in zip(FOURTH, slopes)) for i, yi in enumerate(y)]  # noqa: B905
        high = [yi + h * sum(w * k[i] for w, k in zip(FIFTH, slopes)) for i, yi in enumerate(y)]  # noqa: B905
        error = max(abs(p - q) for p, q in zip(low, high))  # noqa: B905
        if error > tolerance:
            h *= 0.5
            continue
        t, y, accepted = t + h, high, accepted + 1
        if error < tolerance / 64:
            h *= 2.0
    return y, accepted


def reaction(a, b, start):
    state, accepted = fehlberg(brusselator, start, 1.0, 1e-4, a, b)
    return state[0] ** 2 + 3 * state[1] + 0 * accepted


def american_put(spot, strike, rate, volatility, years, steps):
    """A binomial lattice, rolled back in place; where to exercise is decided at each node."""
    dt = years / steps
    up = math.exp(volatility * math.sqrt(dt))
    grow = math.exp(rate * dt)
    p = (grow - 1 / up) / (up - 1 / up)
    if not 0 < p < 1:
        raise ValueError("the steps are too long")
    values = [0.0] * (steps + 1)
    for k in range(steps + 1):
        values[k] = max(strike - spot * up ** (2 * k - steps), 0.0)
    for n in range(steps - 1, -1, -1):
        for k in range(n + 1):
            hold = (p * values[k + 1] + (1 - p) * values[k]) / grow
            exercise = strike - spot * up ** (2 * k - n)
            values[k] = hold if hold > exercise else exercise
    return values[0]


def least_squares_option(spot, volatility, draws, strike=1.1, rate=0.06, dt=1 / 3):
    """An American put by regression on simulated paths (Longstaff and Schwartz, 2001)."""
    count, steps = draws.shape
    drift = (rate - volatility**2 / 2) * dt
    paths = spot * np.exp(np.cumsum(drift + volatility * math.sqrt(dt) * draws, axis=1))
    cash = np.maximum(strike - paths[:, -1], 0.0)
    for k in range(steps - 2, -1, -1):
        cash = cash * math.exp(-rate * dt)
        price = paths[:, k]
        exercise = np.maximum(strike - price, 0.0)
        inside = exercise > 0
        if np.sum(inside) < 3:
            continue
        basis = np.stack([np.ones(np.sum(inside)), price[inside], price[inside] ** 2], axis=1)
        weights = np.linalg.solve(basis.T @ basis, basis.T @ cash[inside])
        hold = np.full(count, np.inf)
        hold[inside] = basis @ weights
        cash = np.where(exercise > hold, exercise, cash)
    return np.mean(cash) * math.exp(-rate * dt)


class Spline:
    """The natural cubic spline through points."""

    def __init__(self, xs, ys):
        self.xs, self.ys = xs, ys
        n = len(xs)
        h = [xs[i + 1] - xs[i] for i in range(n - 1)]
        bend, diagonal = [0.0] * n, [1.0] * n
        for i in range(1, n - 1):
            jump = (ys[i + 1] - ys[i]) / h[i] - (ys[i] - ys[i - 1]) / h[i - 1]
            diagonal[i] = 2 * (h[i - 1] + h[i])
            bend[i] = 6 * jump
            if i > 1:
                w = h[i - 1] / diagonal[i - 1]
                diagonal[i] -= w * h[i - 1]
                bend[i] -= w * bend[i - 1]
        for i in range(n - 2, 0, -1):
            bend[i] = (bend[i] - h[i] * bend[i + 1] * (i < n - 2)) / diagonal[i]
        self.bend = bend

    def __call__(self, x):
        low, high = 0, len(self.xs) - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self.xs[middle] > x:
                high = middle
            else:
                low = middle
        h = self.xs[high] - self.xs[low]
        a, b = (self.xs[high] - x) / h, (x - self.xs[low]) / h
        curved = (a**3 - a) * self.bend[low] + (b**3 - b) * self.bend[high]
        return a * self.ys[low] + b * self.ys[high] + curved * h * h / 6


def spline_misfit(xs, ys, data):
    """How far a spline is from data, and its roughness."""
    spline = Spline(xs, ys)
    misfit = 0.0
    for x, y in data:
        misfit += (spline(x) - y) ** 2
    return misfit + 1e-2 * sum(b * b for b in spline.bend)


def jacobi_eigenvalues(matrix, sweeps=8):
    """Eigenvalues by Jacobi rotations in place; their logarithms, sorted, weighed."""
    a = matrix.copy()
    n = a.shape[0]
    for _ in range(sweeps):
        if np.sum(np.triu(a, 1) ** 2) < 1e-24:
            break
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(a[p, q]) < 1e-14:
                    continue
                theta = 0.5 * (a[q, q] - a[p, p]) / a[p, q]
                t = math.copysign(1.0, theta) / (abs(theta) + math.sqrt(theta * theta + 1))
                c = 1 / math.sqrt(t * t + 1)
                s = t * c
                row = c * a[p, :] - s * a[q, :]
                a[q, :] = s * a[p, :] + c * a[q, :]
                a[p, :] = row
                column = c * a[:, p] - s * a[:, q]
                a[:, q] = s * a[:, p] + c * a[:, q]
                a[:, p] = column
    values = np.sort(np.diag(a))
    return np.sum(np.log(values) * np.arange(1.0, n + 1))


RODS = [([1.0, 2.0, 0.5, 1.5], 1.3, [0.3, 0.2, 0.4, 0.1])]
KNOTS = [0.0, 0.7, 1.5, 2.2, 3.0]
PROGRAMS = [
    Program(solve_by_lu, [(np.eye(4) + normal(4, 4), normal(4)), (spd(3)[::-1].copy(), normal(3))], argnums=(0, 1)),
    Program(
        gaussian_process,
        [(0.8, 1.2, 0.1, [0.0, 0.5, 1.3, 2.0], [0.1, 0.7, -0.3, 0.4], 0.9)],
        argnums=(0, 1, 2, 3, 4, 5),
    ),
    Program(householder_least_squares, [(normal(5, 3), normal(5))], argnums=(0, 1)),
    Program(classical_gram_schmidt, [(normal(3, 4),), (list(normal(2, 3)),)]),
    Program(durbin, [(np.array([0.5, 0.3, -0.2, 0.1]),)]),
    Program(heated_rod, RODS, argnums=(0, 1, 2)),
    Program(reaction, [(1.0, 1.8, [1.1, 0.9])], argnums=(0, 1, 2)),
    Program(american_put, [(1.0, 1.1, 0.05, 0.3, 1.0, 12)], argnums=(0, 1, 2, 3, 4)),
    Program(least_squares_option, [(1.0, 0.3, normal(12, 3))], argnums=(0, 1)),
    Program(spline_misfit, [(KNOTS, [0.2, 1.0, -0.3, 0.5, 0.1], [(0.4, 0.5), (1.6, 0.0), (2.9, 0.3)])], argnums=(0, 1)),
    Program(jacobi_eigenvalues, [(spd(4),)], tolerance=1e-5),
]
