"""Programs that write arrays in ways whose memory is plain only when they run.

Where the compiler refuses one of them, its run is recorded: arrays are followed by their memory, through all views.
"""
# ruff: noqa: B905

import functools
import itertools
import math
import operator

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial, chebyshev, polynomial

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])
V = np.array([0.5, 1.2, -0.4, 0.8, 1.5, -0.9])
M = np.array([[0.5, 0.2, -0.3], [0.1, 0.9, 0.4], [0.7, -0.6, 1.1]])
Z = np.array([0.3 + 0.4j, 1.1 - 0.2j, -0.5 + 0.9j])
W = np.arange(1.0, 4.0)


# ---------------------------------------------------------------- assignments


@corner(M)
def assigned_everything(m):
    d = {"a": np.empty((3, 3))}
    d["a"][...] = m * 2
    d["a"][0, ...] = m[1]
    d["a"][1:, None, 0] = m[:2, :1] ** 2
    d["a"][-1, ::-1] = [m[0, 0], 2.0, m[1, 1]]
    d["a"][:, 1] = 3.0
    return np.sum(d["a"] ** 2)


@corner(V)
def augmented_elements(v):
    l = [v.copy(), np.ones(6)]
    a = l[0]
    a[0] += a[1]
    a[1] -= a[0] * 2
    a[2] *= a[2]
    a[3] /= v[1]
    a[4] **= 2
    a[5] %= 0.7
    a[0] //= 1.0
    l[1][::-2] += a[:3]
    l[1][1] *= a[1]
    return np.sum(a * l[1])


@corner(V)
def augmented_slices(v):
    l = [v.copy()]
    a = l[0]
    a[1:] += a[:-1]
    a[::-1] *= a
    a[2:] -= a[:-2] * a[1:-1]
    a[:3] /= a[3:] + 3
    a[4:] **= 2
    return np.sum(a * W.repeat(2))


@corner(M)
def augmented_rows(m):
    d = {"a": m.copy()}
    rows = [d["a"][0], d["a"][1]]
    rows[0] += rows[1]
    d["a"][2] @= m
    rows[1] **= 2
    d["a"][0, 1] -= 3
    rows[0][0] /= m[2, 2]
    rows[0][:] = rows[0][::-1]
    return np.sum(d["a"] * m)


@corner(V)
def masks_and_integer_arrays(v):
    l = [v.copy()]
    a = l[0]
    a[a > 0] = a[a > 0] ** 1.5
    a[[0, 0, 1]] = [v[1], v[2], v[3]]
    a[np.array([True, False] * 3)] *= 2
    a[[1, 1, 2]] += v[:3]
    a[a < -10] = 0.0
    a[np.array([2, 3])] = v[4]
    return np.sum(a * a)


@corner(M)
def mixed_indices(m):
    l = [m.copy()]
    a = l[0]
    a[[0, 1], [1, 2]] = m[2, :2] ** 2
    a[[2, 0]] = a[[0, 2]]
    a[1, [0, 0]] += 1.0
    a[np.ix_([0, 2], [1, 2])] *= m[1, 1]
    a[..., np.array([0])] -= m[:, 1:2]
    return np.sum(a * m)


@corner(M)
def swaps(m):
    l = [m.copy()]
    a = l[0]
    a[[0, 1]] = a[[1, 0]]
    a[0], a[2] = a[2].copy(), a[0].copy()
    a[0, 0], a[1, 1] = a[1, 1], a[0, 0]
    a[:, 0], a[:, 1] = a[:, 1], a[:, 0].copy()
    b = a[0]
    b[0], b[1], b[2] = b[2], b[0], b[1]
    return np.sum(a * np.arange(9.0).reshape(3, 3) * a)


@corner(M)
def wrong_swap_of_views(m):
    """A swap of rows without copies is no swap: the second row is read after it was written."""
    l = [m.copy()]
    a = l[0]
    a[0], a[1] = a[1], a[0]
    return np.sum(a * m)


@corner(V)
def chained_targets(v):
    l = [v.copy(), v.copy()]
    l[0][1] = l[1][0] = l[0][0] = v[2] ** 2
    l[0][3:] = l[1][:3] = l[0][:3]
    (l[0][4], l[1][1]), l[1][5] = (v[0], v[1]), v[0] * v[1]
    return np.sum(l[0] * l[1])


@corner(V)
def reads_what_is_written(v):
    l = [v.copy()]
    a = l[0]
    for k in range(1, 6):
        a[k] = a[k - 1] * a[k] + a[-k]
    a[:] = a[::-1] * a
    a[1:-1] = a[:-2] + a[2:]
    return np.sum(a**2)


# ---------------------------------------------------------------- views


@corner(M)
def views_of_views(m):
    l = [m.copy()]
    a = l[0]
    v = a.T[1:, ::-1]
    v *= m[0, 1]
    v[0].reshape(-1)[1:] += 2.0
    a.ravel()[2:5] = m[1] ** 2
    a.reshape(-1)[7] *= a.reshape(9)[6]
    a.flat[::4] *= 2
    np.swapaxes(a, 0, 1)[0] -= m[2]
    return np.sum(a * m)


@corner(M)
def diagonals_and_parts(m):
    l = [m.copy()]
    a = l[0]
    d = np.einsum("ii->i", a)
    d += m[0]
    a.flat[1] = m[2, 2]
    np.fill_diagonal(a[:2, :2], m[1, 1] ** 2)
    return np.sum(a * a.diagonal()) + np.sum(np.diag(a) ** 2)


@corner(Z, second=False)
def real_and_imaginary_parts(z):
    l = [z.copy()]
    a = l[0]
    a.real[1:] *= 2
    a.imag = a.real**2
    a.real += a.imag[::-1]
    a *= 1j
    return np.sum(np.abs(a) ** 2 * a.real)


@corner(X)
def complex_buffer(x):
    z = np.zeros(3, complex)
    z.real = x
    z.imag[1:] = x[1:] ** 2
    z *= 1j + x[0]
    return float(np.sum(abs(z) ** 2 * z.real))


@corner(M)
def same_array_by_another_function(m):
    l = [m.copy()]
    a = l[0]
    b = np.asarray(a)
    b[0] *= 2
    c = np.atleast_2d(a)
    c[1] = b[0]
    np.squeeze(a[None])[2] = a[1] ** 2
    np.broadcast_to(a, (2, 3, 3))
    np.moveaxis(a, 0, 1)[0, 0] = 7.0
    np.expand_dims(a, 0)[0, 1, 1] = a[0, 1]
    return np.sum(a * m) + np.sum(np.ascontiguousarray(a) * 2)


@corner(M)
def rows_in_a_loop(m):
    l = [m.copy()]
    a = l[0]
    for k, row in enumerate(a):
        row *= k + 1
        row[k] = row[0] + m[k, 0]
        for e in row:
            row[2] += e * 0.1
    for row, other in zip(a, a[::-1]):
        row += other
    return np.sum(a * m)


@corner(V)
def list_of_views(v):
    a = v.copy()
    views = [a[k : k + 3] for k in range(0, 4)]
    for k, w in enumerate(views):
        w *= k + v[k]
    views[0], views[1] = views[1], views[0]
    views[0][:] = views[3] * 2
    return np.sum(a**2) * views[1][0]


@corner(V)
def windows(v):
    a = v * 2
    w = np.lib.stride_tricks.sliding_window_view(a, 3)
    a[2] = v[0]
    return np.sum(w**2 * W)


@corner(V)
def overlapping_strides_written(v):
    a = v * 1.0
    w = np.lib.stride_tricks.as_strided(a, (4, 3), (8, 8))
    w[1] = w[1] * 2
    w[0, 2] += v[1]
    return np.sum(w * w[::-1])


@corner(X)
def broadcast_read(x):
    a = x * 2
    b = np.broadcast_to(a, (4, 3))
    a[1] = x[0] ** 2
    return np.sum(b * np.arange(12.0).reshape(4, 3) * b)


@corner(np.asfortranarray(M))
def fortran_order(m):
    l = [np.array(m, order="F"), np.empty((3, 3), order="F")]
    l[1][:] = l[0].T
    l[1].ravel(order="K")[1] = m[0, 0]
    l[0].reshape(-1, order="F")[3] = m[1, 1] ** 2
    return np.sum(l[0] * l[1])


@corner(V[::2], np.arange(12.0)[::-3], argnums=(0, 1))
def not_contiguous(v, w):
    l = [v, w]
    l[0][1:] *= w[:2]
    l[1][0] = v[1]
    return np.sum(l[0]) * l[1][0] + np.sum(l[1] ** 2)


@corner(np.zeros((0, 3)), X, argnums=(0, 1))
def nothing_in_it(e, x):
    l = [e * 2, np.zeros(0)]
    l[0][:] = x
    l[1] += 1.0
    for row in l[0]:
        x = x + row
    return np.sum(l[0]) + np.sum(x[:0]) + np.sum(x**2) + np.sum(l[1])


@corner(np.array(0.7))
def rank_zero(a):
    l = [a * 1, np.zeros(())]
    l[1][...] = a**2
    l[1][()] += l[1][()] * a
    b = l[1]
    b *= 2
    return b * l[0] + float(l[1])


@corner(X)
def read_only(x):
    a = x * 2
    a.flags.writeable = False
    l = []
    try:
        a[0] = 5.0
    except ValueError:
        l.append(a[1])
    return np.sum(a * l[0])


# ---------------------------------------------------------------- functions that write


@corner(X)
def written_by_functions(x):
    l = [np.zeros(3), x.copy()]
    a, b = l
    np.add.at(a, [0, 0, 2], x)
    np.subtract.at(a, np.array([1, 1]), x[:2] ** 2)
    np.copyto(b, a, where=np.array([True, False, True]))
    np.put(b, [1], x[0] * 3)
    np.putmask(a, a > 0.1, x * 2)
    np.place(b, b > 0.5, [x[2], 1.5])
    c = np.outer(a, b)
    np.fill_diagonal(c, x[1])
    np.put_along_axis(c, np.array([[1], [0], [2]]), x[:, None], 1)
    a.put([0], x[2])
    return np.sum(c * c) + np.sum(a * b)


@corner(X)
def filled_and_sorted(x):
    l = [x**2, np.empty(3), np.empty((2, 3))]
    l[0].sort()
    l[1].fill(x[1])
    l[2].fill(0.5)
    l[2][0] = l[0] * l[1]
    l[2].sort(axis=1)
    b = l[0][::-1]
    b.sort()
    b.partition(1)
    return np.sum(l[2] * W) + np.sum(l[0] * W)


@corner(X)
def out_and_where(x):
    l = [np.zeros(3), np.ones(3)]
    b, c = l
    np.multiply(x, x, out=b)
    np.exp(b, out=b, where=x > 0)
    np.add(b, x, b)
    np.divmod(x, 0.3, out=(np.empty(3), c))
    np.sum(np.outer(b, c), axis=0, out=c)
    np.clip(b, -1.0, 1.0, out=b)
    np.dot(np.outer(x, x), b.copy(), out=b)
    b.cumsum(out=c)
    r = np.sqrt(np.abs(x), out=l[1][::-1])
    return np.sum(b * c) + np.sum(r)


@corner(V)
def buffers_reused(v):
    buffer = np.empty(3)
    kept = []
    for k in range(3):
        np.multiply(v[k : k + 3], k + 1, out=buffer)
        buffer[1] += buffer[0] ** 2
        kept.append(buffer.copy())
    buffer[:] = kept[0] * kept[1]
    return np.sum(buffer * kept[2])


def scale_in_place(a, k):
    a *= k
    return a


def halves(a):
    return a[: len(a) // 2], a[len(a) // 2 :]


@corner(V)
def callees_that_write(v):
    l = [v.copy()]
    a = scale_in_place(l[0], v[0])
    left, right = halves(a)
    scale_in_place(left, 2.0)[0] = right[1]
    fs = {"f": lambda b: b.__setitem__(0, v[1]), "g": scale_in_place}
    fs["f"](right)
    fs["g"](right, v[2])
    a.__iadd__(l[0])
    return np.sum(a * v)


@corner(several=[(X, 1.0), (X, -1.0)])
def result_is_an_argument(x, k):
    def maybe(a):
        return a if k > 0 else a.copy()

    l = [x.copy()]
    b = maybe(l[0])
    b[0] = x[1] * k
    return np.sum(l[0] * x)


@corner(X)
def result_is_a_view_of_an_argument_of_a_list(x):
    l = [x, x]
    l[0][0] *= 2
    return np.sum(l[0] * l[1])


@corner(X, vjp=True)
def result_aliases_the_argument(x):
    parts = {}
    parts["a"] = x
    x[1] = 3 * x[0]
    return parts["a"]


@corner(X, vjp=True)
def result_with_views(x):
    a = x * 2
    parts = [a, a[1:], {"k": a[::-1]}, (a[0], 3)]
    a[1] *= x[1]
    return parts


@corner(X, 3)
def written_in_a_loop(x, n):
    state = {"u": x.copy(), "v": np.zeros(3)}
    for _ in range(n):
        state["v"] += 0.1 * state["u"]
        state["u"][1:-1] -= state["v"][1:-1] * state["u"][:-2]
        state["u"], state["v"] = state["v"], state["u"]
    return np.sum(state["u"] * state["v"])


# ---------------------------------------------------------------- arrays of other kinds


@corner(X, refused="can't hold what is differentiated|is not supported")
def array_of_objects(x):
    a = np.empty(2, object)
    a[0] = x
    a[1] = x * 2
    return np.sum(a[0] * a[1])


@corner(X)
def integer_buffer(x):
    a = np.zeros(3, int)
    l = [a]
    l[0][1] = 2
    l[0] += 1
    b = np.zeros(3)
    b[l[0] - 1] = x
    return np.sum(b * l[0] * x)


@corner(X, refused="is not supported|not known|has no derivative|can't hold")
def structured_buffer(x):
    a = np.zeros(3, [("p", float), ("q", int)])
    a["p"] = x * x
    return np.sum(a["p"] * x)


@corner(X, refused="is not supported|not known|has no derivative|whose operators")
def masked_array(x):
    return np.ma.masked_array(x, mask=[0, 1, 0]).sum() * x[0]


@corner(X, refused="is not supported|not known|has no derivative|whose operators")
def matrix_object(x):
    return np.sum(np.matrix(x) * 2) * x[0]


@corner(X, refused="is not supported|not known|has no derivative")
def through_bytes(x):
    return np.frombuffer(x.tobytes())[0] * x[1]


@corner(X, refused="is not supported|not known|has no derivative")
def through_a_memoryview(x):
    a = x.copy()
    memoryview(a)[0] = 2.0
    return np.sum(a * x)


@corner(X, refused="are not supported|not known|has no derivative")
def through_view_of_bits(x):
    a = x.copy()
    bits = a.view(np.int64)
    bits[0] = 0
    return np.sum(a * x) + np.sum(bits[:1])


@corner(X)
def complex_view(x):
    a = np.concatenate([x, x[:1]])
    z = a.view(complex)
    z[0] *= 2j
    return np.sum(a * np.arange(4.0) * a)


@corner(X)
def vectorized(x):
    f = np.vectorize(lambda a, b: a * b if a > 0 else b)
    return np.sum(f(x, 2.0) * x) + np.sum(np.vectorize(np.sin)(x))


@np.vectorize
def larger_share(a, b=0.2):
    return a * b if a > b else a + b**2


@np.vectorize
def by_sign(a):
    return (a * a, 0.0) if a > 0 else (0.0, a * 3)


horner = np.vectorize(lambda p, t: sum(c * t**k for k, c in enumerate(p)), excluded=["p"])
inner = np.vectorize(np.dot, signature="(n),(n)->()")


@corner(X, 0.3, argnums=(0, 1))
def vectorized_outside(x, y):
    above, below = by_sign(x)
    outer = np.vectorize(lambda a, b: a * y + b, otypes=[float], cache=True)(x[:, None], x)
    products = inner(np.stack([x, x * y]), x)
    return (
        np.sum(larger_share(x, b=y) * above[::-1] + below)
        + horner(p=[1.0, y, x[0]], t=x) @ x
        + np.sum(outer)
        + (products @ products)
    )


@corner(M)
def along_an_axis(m):
    a = np.apply_along_axis(lambda r: r * r[0], 1, m)
    b = np.fromiter((e * e for e in m[0]), float)
    total = 0.0
    for i, e in np.ndenumerate(m):
        total += e * i[0] * b[i[1]]
    for i in np.ndindex(3, 3):
        total += m[i] ** 2
    return np.sum(a) + total


@corner(V)
def iterated_flat(v):
    a = v.reshape(2, 3) * 1
    l = [e * 2 for e in a.flat]
    a.flat[3] = l[0]
    a.flat = a.flat[0] * a.ravel()
    return np.sum(a**2) + sum(v.tolist()) * l[1]


@corner(V, refused="has no derivative rule|is not supported|not known")
def nditer_loop(v):
    total = 0.0
    for e in np.nditer(v):
        total = total + e * e
    return total


@corner(X)
def list_that_is_broadcast(x):
    return np.sum(np.multiply([x[0]], x[1:])) + np.sum(np.maximum([x[0], x[1]], [[x[2]], [1.0]]))


@corner(X)
def flat_numbers_with_others(x):
    total = sum(k * v for k, v in enumerate(x.flat)) + sum(a * b for a, b in zip(x.flat, x[::-1]))
    return total + sorted(x.flat)[0] ** 2 + sum(map(math.exp, x.flat)) + list(x.flat)[1] ** 2


@corner(X)
def flat_numbers_in_functions(x):
    return np.sum(x.flat) * np.dot(x.flat, x.flat) + math.fsum(x.flat) ** 2 + np.mean(np.asarray(x.flat))


@corner(X)
def flat_numbers_reduced(x):
    return functools.reduce(operator.mul, x.flat) + max(itertools.accumulate(x.flat))


@corner(X)
def two_iterators_of_one(x):
    ahead, behind = itertools.tee(x)
    next(ahead)
    return sum(a * b for a, b in zip(ahead, behind, strict=False))


@corner(X, refused="a loop over a broadcast is not supported")
def list_of_a_broadcast(x):
    return sum(a * b for a, b in list(np.broadcast(x, x[::-1])))


# ---------------------------------------------------------------- polynomials, whose classes NumPy wrote in Python


@corner(V)
def polynomials_of_one_variable(x):
    p, q = np.poly1d(x[:3]), np.poly1d(x[3:])
    both = (p * q - p / 2.0) ** 2 + 3.0 + (q / p)[0]
    return both(0.7) + np.sum(p.deriv()(W)) * q.integ(k=1)(0.3) + p[1] * p.order + np.sum(np.abs(q.r) ** 2)


@corner(V)
def polynomials_as_objects(x):
    p, q = Polynomial(x[:3]), Chebyshev(x[3:], domain=[0, 2])
    both = p * Polynomial(x[2:4]) + 1.0
    return np.sum(both.coef**2) + np.sum(p(W)) + np.sum(q.deriv()(W)) + np.sum(both.convert(kind=Chebyshev).coef)


@corner(V)
def polynomials_through_samples(x):
    times = np.linspace(0, 1, 6)
    fitted = Polynomial.fit(times, x, 2).convert()
    return np.sum(Polynomial.fit(times + 0.1 * x, x, 2)(W) ** 2) + np.sum(
        polynomial.polyfit(W, x[:3], 1) * fitted.coef[0]
    )


@corner(M)
def polynomials_by_functions(m):
    values = polynomial.polyval2d(W, W, m), chebyshev.chebval(W, m[0]), polynomial.polyval(m[1], m[2])
    parts = polynomial.polymul(m[0], m[1]), polynomial.polydiv(m[0], m[1, :2])[0], polynomial.polyfromroots(m[2])
    return sum(np.sum(v**2) for v in (*values, *parts, chebyshev.poly2cheb(m[0]), chebyshev.chebint(m[1])))


OUTSIDE = Polynomial([1.0, 2.0, 3.0])


@corner(X)
def polynomial_made_outside(x):
    return np.sum(OUTSIDE(x)) + np.sum(chebyshev.chebval(x, [0.5, 1.0, 2.0]))


# ---------------------------------------------------------------- writes by universal functions, repeated ones too


@corner(V)
def multiplied_at(x):
    a = x.reshape(2, 3) * 1.0
    np.multiply.at(a, ([0, 1, 0, 0], [2, 2, 2, 1]), x[:4] + 1)
    np.divide.at(a, (slice(None), [1, 1]), x[1] + 2)
    b = x * 2
    np.maximum.at(b, [0, 2, 0, 5], x[2:] * 3)
    return np.sum(a**2) + np.sum(b**3)


# ---------------------------------------------------------------- arrays that must not be written


def repeated(s):
    return np.broadcast_to(s, (3,))


@corner(V)
def broadcast_that_is_written(v):
    a = repeated(v[0])
    try:
        a[0] = v[1]
        s = 1.0
    except ValueError:
        s = v[2]
    return np.sum(a) * s


@corner(V)
def broadcast_that_is_carried(v):
    a, s = np.zeros(3), 1.0
    for i in range(3):
        try:
            a += v[1]
        except ValueError:
            s = s * v[3]
        a = repeated(v[i])
    return np.sum(a) * s


@corner(V)
def diagonal_of_a_list_that_is_written(v):
    a = np.diag([[v[0], v[1]], [v[2], v[3]]])
    try:
        a[0] = v[1]
        s = 1.0
    except ValueError:
        s = v[4]
    return np.sum(a) * s


@corner(V)
def imaginary_parts_of_reals_that_are_written(v):
    a = np.imag(v * 1.0)
    try:
        a += 2
        s = 1.0
    except ValueError:
        s = v[4]
    return np.sum(a) + s * v[1]


@corner(M, 2, several=[(M, 2), (M, 0)])
def rows_of_a_range(m, n):
    return np.sum(np.take(m, range(n), axis=0) * m[0]) + m[0, 0]


# ---------------------------------------------------------------- one object twice, behind a branch or a loop


@corner(X)
def twice_in_a_list_of_a_loop(x):
    a = x * 1.0
    while True:
        l = [a, a]
        break
    l[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner(X)
def twice_in_a_list_of_a_branch(x):
    a = x * 1.0
    l = [a, a] if x[0] > 0 else [a, x * 2]
    l[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner(X)
def twice_in_a_dict_of_a_try(x):
    a = x * 1.0
    try:
        d = {"p": a, "q": a}
    except ValueError:
        d = {"p": x, "q": a}
    d["p"][0] = 5.0
    return np.sum(d["q"] ** 2)


def pair(x, n):
    a = x * 1.0
    return [a, a] if n == 0 else pair(x * 2, n - 1)


@corner(X)
def twice_in_a_list_of_a_recursion(x):
    l = pair(x, 2)
    l[0][0] = 5.0
    return np.sum(l[1] ** 2)


@corner(X)
def one_array_in_all_rows(x):
    a = x * 1.0
    rows = [[a, x * 2] for _ in range(2)]
    rows[0][0][0] = 5.0
    return np.sum(rows[1][0] ** 2)


@corner(M)
def view_that_a_loop_leaves(m):
    a = m * 1.0
    for _ in range(2):
        b = np.einsum("ij->ji", a)
    b[0] = 5.0
    return np.sum(a * a) * np.sum(b)


@corner(M)
def views_in_what_a_loop_leaves(m):
    a, i = m * 1.0, 0
    while i < 2:
        l, t = [a[i], a], (a[i], i)
        i += 1
    l[0][0] = 5.0
    t[0][1] = 7.0
    return np.sum(a * a)
