"""Values whose kind, dtype and rank a program asks for, or that are dropped where they have no finite slope."""
# ruff: noqa: SIM108, SIM201, SIM208

import functools
import itertools
import math

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
X = np.array([0.7, 0.4, 1.3])


@corner(0.7, 3)
def two_nots_make_a_bool(x, n):
    flag = not (not n)
    return x * flag + (x if type(flag) is bool else 5 * x)


@corner(0.7, X)
def not_equal_is_a_bool(x, u):
    differ = not (u[0] == 0.3)
    return x * (2.0 if type(differ) is bool else 5.0)


@corner(several=[(2.0, 0.3), (-2.0, 0.3)])
def complex_power_asked(x, y):
    return 2.0 * np.iscomplexobj((-x) ** y) * x


@corner(several=[(2.0, 0.3), (-2.0, 0.3)], argnums=(0, 1))
def complex_power_recorded(x, y):
    z = {"power": (-x) ** y}
    z["twice"] = 2 * z["power"]
    return z["twice"].imag + z["power"].real


@corner(several=[(0.7, np.array([0.0, 1.0])), (0.2, X)], argnums=(0, 1))
def infinite_slope_dropped_in_a_branch(x, u):
    v = np.sqrt(u)
    w = 2 * v[1:] * x
    if x > 0.3:
        w = u[1:] * x
    return np.sum(w)


@corner(several=[(0.7, 0.0), (0.2, 0.5)], argnums=(0, 1), second=False)
def infinite_slope_of_a_number(x, y):
    v = abs(y) ** 0.5
    if x > 0.5:
        v = y * x
    elif x > 0.3:
        v = 3.0 * y
    return v * x


@corner(several=[(0.7, np.array([0.0, 1.0])), (-0.2, X)], argnums=(0, 1), second=False)
def infinite_slope_in_a_loop(x, u):
    total = 0.0
    for e in u:
        root = np.sqrt(e)
        if e > 0.5:
            total = total + root * x
        else:
            total = total + e
    return total


@corner(0.7, np.array([0.0, 1.0]), argnums=(0, 1))
def infinite_slope_written_over(x, u):
    v = np.sqrt(u)
    v[:] = u * x
    return np.sum(v**2)


@corner(0.7, np.array([0.0, 1.0, 2.0]), argnums=(0, 1))
def infinite_slope_not_read(x, u):
    """What is left out is 0 for every ``u``, and moves with none."""
    root = np.sqrt(x * (u - u[0]))
    return np.sum(root[np.array([False, True, True])] ** 3)


@corner(X)
def formulas_read_in_part(x):
    y = np.outer(x, np.sin(x))
    z = np.exp(1j * x) * x
    total = np.sum(np.exp(y)[y > 0.2] ** 2) + np.sum(np.tanh(y)[[0, 1, 0]] ** 2) + np.sum(np.cos(y)[:, [2, 0]] ** 3)
    return total + np.sum(np.abs(z)[1:] ** 3) + np.sum(np.angle(z)[::-2] ** 2) + np.sum((z * z)[x > 0.1].real)


@corner(0.7, np.array([2.0, np.nan, 0.5]))
def gaps_in_data_left_out(x, data):
    r = data * x**2
    kept = r[~np.isnan(r)]
    return np.sum(np.sin(kept)) + len(kept) * x


@corner(0.7, np.array([2.0, np.nan, 0.5]))
def sums_beside_gaps(x, data):
    out = np.zeros(3)
    out[0] = np.nansum(data * x)
    out[1] = np.sum(np.where(np.isnan(data), 0.0, data * x**2))
    out[2] = np.sum(data * x**3, where=~np.isnan(data))
    return out @ out


@corner(several=[(X, n) for n in range(5)])
def arrays_handed_round(x, n):
    a, b, c = x * 1.0, np.sin(x), np.cos(x)
    total = 0.0
    for _ in range(n):
        total = total + np.sum(a * b * c * a) + np.sum(b * c)
        a, b, c = b, c, a
    return total


@corner(1.5, X, argnums=(0, 1))
def extreme_of_lists(x, u):
    return max([x, 1.0], [u[0], 2.0])[0] * min((x, 1.0), (u[1], 2.0))[0] + sum(min([u[0]], [x][: len(u)]))


@corner(1.5, X, argnums=(0, 1))
def sorted_lists(x, u):
    return sorted([[x, 1.0], [u[0], 2.0]])[0][0] * x


@corner(0.7, X, argnums=(0, 1))
def list_repeated_by_a_numpy_integer(x, u):
    d = {"x": x}
    d["repeated"] = [u[0], x] * np.int64(2) + np.argmax(u) * [x * d["x"]]
    return sum(d["repeated"]) + len(d["repeated"]) * x


@corner(0.7, X, argnums=(0, 1))
def vectorised_function(x, u):
    total = np.vectorize(lambda t: t * x)(len(u))
    whole = np.vectorize(lambda t: 1 if t > 0.5 else t * x)(u)  # the first result decides that all are integers
    plain = np.vectorize(lambda t, s: t * s if type(t) is float else 0.0, otypes=[float])(u, x)
    return total * (1.0 if isinstance(total, np.ndarray) else 3.0) + np.sum(whole) * x + np.sum(plain)


@corner(X, vjp=True)
def floor_divided_in_place(u):
    d = {"v": u * 1.0}
    d["v"] //= 0.3
    return d["v"] * u


@corner(0.7, X, argnums=(0, 1))
def index_without_axes(x, u):
    i, m = np.array(1), np.outer(u, u)
    values = [u[i], m[i, i], m[i, 0], u[..., i], m[i][i], m[i, i, ...]]
    return sum(v * (k + 1) * (x if isinstance(v, np.float64) else 2.0) for k, v in enumerate(values))


@corner(several=[(0.7, np.array([[0.7, 0.2], [0.3, 0.9]])), (0.7, np.ones((2, 2)))], argnums=(0, 1))
def cases_by_rows(x, a):
    rows = np.piecewise(a[:, :1], [a[:, 0] > 0.4], [lambda t: t * t, x])
    return np.sum(rows) + np.sum(np.piecewise(a, [a > 0.4], [lambda t: t * x, lambda t: t * np.max(t)]))


@corner(0.7, X, argnums=(0, 1))
def copy_of_a_number(x, u):
    v, w = u[0].copy(), np.round(1j * u, 1)[0].copy()
    return v * x * (2.0 if isinstance(v, np.float64) and isinstance(w, complex) else 1.0)


@corner(0.7, X, argnums=(0, 1))
def flat_of_a_number(x, u):
    d = {"number": u[0], "array": np.array(x), "filled": np.array(1.0)}
    d["filled"].flat[:] = u[1:2]
    return sum(d["number"].flat) * x + np.sum(d["array"].flat[:]) * u[2] + d["filled"]


@corner(0.7, np.array([[0.3, 0.8]]), argnums=(0, 1))
def extreme_of_one_row(x, a):
    return np.sum(min(a) * x)


@corner(0.7, X, argnums=(0, 1))
def tuples_repeated(x, u):
    parts = np.frexp(u) * 2 + 2 * np.modf(u)
    numbers = divmod(x, 0.3) * 2
    many = (x, x * x) * 200
    return np.sum(parts[2]) * x + np.sum(parts[6]) + numbers[3] * len(parts) + sum(numbers) + sum(many)


@corner(0.7, X, argnums=(0, 1))
def number_with_axes(x, u):
    return np.sum(np.max(u).reshape(1, -1) * x) + np.sum(u).reshape((1, 1))[0, 0] * x


@corner(0.7, X, vjp=True)
def mask_of_what_is_read(x, u):
    v = u * 1.0
    v[v > 0.3] = v[::-1].copy()
    return v * x


if np.lib.NumpyVersion(np.__version__) < "2.5.0":  # which refuses it

    @corner(0.7, X, argnums=(0, 1), refused="out= of another shape")
    def running_sum_into_a_column(x, u):
        v = u[:, None] * x
        np.cumsum(v, out=v)
        return np.sum(v**2)


@corner(0.55, X, argnums=(0, 1))
def lists_as_matrices(x, u):
    m = [u[:2], u[1:]]
    total = np.linalg.det(m) + np.sum(np.linalg.inv(m)) + np.sum(np.linalg.solve(m, [x, 1.0]))
    total = total + np.sum(np.sort([u[0], x, 0.2]) * np.arange(3)) + np.sum(np.vander([1.0, x, 3]))
    return total + np.sum(np.maximum.accumulate([0.1, x, u[1]])) + np.dot([x, u[0]], [u[1], 1.0]) + [x, 1.0] @ u[:2]


@corner(0.7, X, argnums=(0, 1))
def ranges_among_arrays(x, u):
    return np.sum(np.concatenate([range(len(u)), u]) * np.arange(6)) * x + np.sum(np.stack([range(3), u])[1])


@corner(0.7, X, argnums=(0, 1), refused="no number or array")
def array_times_nested_list(x, u):
    m = np.outer(u, u)
    return np.sum(m * m.tolist()) * x


@corner(np.array([0.0, -1.0, 2.0]))
def slopes_of_a_branch_that_is_not_taken(x):
    return np.sum(np.where(x > 0.5, 2 * np.sqrt(x) * np.log(x) + x / np.abs(x), x**2))


@corner(0.55, X, argnums=(0, 1))
def remainders_of_a_list(x, u):
    whole, rest = divmod([x][: len(u)], u[:2])
    return np.sum(rest * x) + np.sum(whole) + np.sum(np.modf([x, 1.2])[0])


@corner(several=[(0.7, 0.3), (-0.7, 0.3), (0.4, 1.3)], argnums=(0, 1))
def powers_of_what_is_not_negative(x, y):
    total = (x * x + 0.1) ** 0.3 + (abs(x) + y) ** 1.7 + max(x, 0.2) ** y + math.exp(x) ** y
    if x > 0:
        total = total + x**0.5
    elif x >= 0:
        total = total + x**1.5
    else:
        total = total + (-x) ** y
    return total * (2.0 if y < 1 else y**0.5)


def scattered(u):
    w = np.full_like(u, np.nan)
    small = u <= 2
    w[~small] = np.log(u[~small])
    if np.any(small):
        w[small] = np.log1p(u[small])
    return w[0] if w.shape == 1 else w


@corner(several=[(0.7,), (np.array(0.2),), (np.array([0.1, 0.7]),)], vjp=True)
def numbers_as_arrays_without_axes(x):
    w = scattered(np.asarray(np.exp(x * 3.0), float))
    return w * x / (w + 1)


@corner(several=[(2.0, 0.0), (2.0, 0.7), (2.0, np.array(0.0))], argnums=(0,))
def zeros_that_numpy_divides_by(b, x):
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(x == 0, 1.0, np.sin(x) / x)
    return ratio * b + b * np.where(x > 0, np.log(x), 0.0)


@corner(X)
def lists_beside_arrays(u):
    shifted = u - [1, 0.5, 2]
    other = [2, 3, 1] * shifted + (1.0, 2.0, 0.5)
    shifted += [1.0, 2.0, 0.1]
    counted = []
    for e in u:
        counted.append(e * 2)
    return np.sum(shifted * other) + np.sum(np.square(counted)) + np.mean(np.exp(counted)) + u[u > [0, 1, 1]].sum()


@corner(np.outer(X, X) + 1)
def indices_by_itertools(m):
    total = 0.0
    for i, j in itertools.product(range(3), repeat=2):
        total += m[i, j] * m[j, 0] * i
    for pair in itertools.combinations([0, 1, 2], 2):
        total += m[pair] ** 2
    for p in itertools.permutations(range(3)):
        total += m[0, list(p)] @ m[1]
    for i in range(3)[::-1]:
        total *= m[i, i]
    return total


def decay(t, a, b, c):
    return a * np.exp(-b * t) + c


@corner(several=[(X, np.linspace(0, 1, 4)), (X.tolist(), 0.5)])
def arguments_of_an_array(p, t):
    def inner(x, y, z):
        return x * y + z * p[0]

    return np.sum(decay(t, *p)) + np.hypot(*p[:2]) + inner(*p) + inner(*p[::-1]) + np.sum(decay(t, *p[:2], c=p[2]))


@corner(X)
def keys_that_are_tuples(u):
    modes = {(1, -1): 0, (1, 1): 1, (2, 0): 2}
    total = sum(u[k] ** n * (2 if m >= 0 else 3) for (n, m), k in modes.items())
    for n, _ in modes:
        total *= u[n] + modes.get((2, 0), 1) + modes.get("none", 0.5)
    k = len(modes) - 1
    return total + u[np.r_[k - 1 : k + 1, 0]].sum() ** 2 + np.sum(np.r_[u, 0.5, u[:k] ** 2])


@functools.cache
def binomial(n, k):
    return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)


@functools.cache
def nodes(n):
    return np.polynomial.legendre.leggauss(n)


@corner(0.3)
def constants_that_are_remembered(p):
    z, w = nodes(5)
    return sum(binomial(4, k) * p**k * (1 - p) ** (4 - k) * k**2 for k in range(5)) + np.sum(w * np.exp(p * z))


# Data with gaps: what a function leaves out has derivative 0, by whatever it was computed from, in all modes.

GAPS = np.array([[1.0, np.nan, 2.5], [0.3, 0.7, np.inf]])


@corner(several=[(X,), (2 * X,)], second=False)
def gaps_in_data(x):
    first, second = GAPS[0] * x, np.nan_to_num(GAPS[1] * x, posinf=0.5)
    spread = np.nanstd(first) + np.nanvar(first, ddof=1) + np.nanmean(first) * np.nanprod(first)
    ends = np.nanmax(first) * np.nanmin(second) + np.nanmedian(first) + np.nanquantile(first, 0.3)
    return spread + ends + np.nansum(first * second) + np.sum(np.nancumsum(first) * np.nancumprod(first))


PROGRAMS.append(Program(gaps_in_data, [(X,)], vjp=True, second=False, name="gaps_pulled_back"))
