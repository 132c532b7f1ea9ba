"""Programs as users write them, in images, sound, speech, queues, learning, finite elements, optics and hydrology.

Objects with state, heaps, closures, generators, attempts that fail, paths that are followed back, recursion on lists.
"""
# ruff: noqa: B905, E731, RUF007, RUF059

import cmath
import collections
import functools
import heapq
import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
R = np.random.default_rng(9)


@corner(R.random((6, 7)), np.array([1.05, 0.1, -0.08, 0.97, 0.3123, 0.2077]), argnums=(0, 1))
def affine_warp(img, A):
    """An image warped with bilinear interpolation."""
    h, w = img.shape
    yy, xx = np.mgrid[0:h, 0:w].astype(float)
    sx = A[0] * xx + A[1] * yy + A[4]
    sy = A[2] * xx + A[3] * yy + A[5]
    x0 = np.floor(sx).astype(int)
    y0 = np.floor(sy).astype(int)
    fx = sx - x0
    fy = sy - y0

    def at(y, x):
        ok = (y >= 0) & (y < h) & (x >= 0) & (x < w)
        return np.where(ok, img[np.clip(y, 0, h - 1), np.clip(x, 0, w - 1)], 0.0)

    out = (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x0 + 1)) + fy * (
        (1 - fx) * at(y0 + 1, x0) + fx * at(y0 + 1, x0 + 1)
    )
    return ((out - img[::-1]) ** 2).mean()


class Biquad:
    def __init__(self, b, a):
        self.b, self.a = (b, a)
        self.z = [0.0, 0.0]

    @classmethod
    def lowpass(cls, fc, q, fs=1.0):
        w = 2 * math.pi * fc / fs
        al = math.sin(w) / (2 * q)
        c = math.cos(w)
        a0 = 1 + al
        return cls(((1 - c) / 2 / a0, (1 - c) / a0, (1 - c) / 2 / a0), (-2 * c / a0, (1 - al) / a0))

    def tick(self, x):
        y = self.b[0] * x + self.z[0]
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1]
        self.z[1] = self.b[2] * x - self.a[1] * y
        return y


@corner(0.1, 0.8, R.normal(size=20), argnums=(0, 1, 2))
def biquad_chain(fc, q, signal):
    """Filters with state, sample by sample."""
    filters = [Biquad.lowpass(fc, q), Biquad.lowpass(fc * 1.5, q)]
    energy = 0.0
    for s in signal:
        for f in filters:
            s = f.tick(s)
        energy += s * s
    return energy


def logadd(*xs):
    m = max(xs)
    if m == -math.inf:
        return -math.inf
    return m + math.log(sum(math.exp(x - m) for x in xs))


@corner(R.normal(size=(6, 4)))
def ctc(logits):
    """The loss of connectionist temporal classification, with minus infinity for what can't be."""
    lp = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    labels = [1, 2, 2]
    ext = [0]
    for l in labels:
        ext += [l, 0]
    S = len(ext)
    alpha = [-math.inf] * S
    alpha[0] = lp[0, 0]
    alpha[1] = lp[0, ext[1]]
    for t in range(1, len(lp)):
        new = []
        for s in range(S):
            terms = [alpha[s]]
            if s >= 1:
                terms.append(alpha[s - 1])
            if s >= 2 and ext[s] != 0 and (ext[s] != ext[s - 2]):
                terms.append(alpha[s - 2])
            new.append(logadd(*terms) + lp[t, ext[s]])
        alpha = new
    return -logadd(alpha[-1], alpha[-2])


@corner(R.normal(size=(5, 3)), R.normal(size=(3, 3)), argnums=(0, 1))
def viterbi_path(em, tr):
    """The score of the best path, followed back by arguments of maxima."""
    T, K = em.shape
    delta = em[0]
    back = []
    for t in range(1, T):
        sc = delta[:, None] + tr
        back.append(sc.argmax(axis=0))
        delta = sc.max(0) + em[t]
    state = int(delta.argmax())
    path = [state]
    for bp in reversed(back):
        state = bp[state]
        path.insert(0, state)
    total = em[np.arange(T), path].sum()
    for a, b in zip(path, path[1:]):
        total += tr[a, b]
    return total**2 - delta.max()


U = np.random.default_rng(1).random((30, 2))


@corner(1.0, 0.7, argnums=(0, 1))
def queue_events(lam, mu):
    """Waiting times with two servers, from a heap of events."""
    events = []
    t = 0.0
    for k, (u, _) in enumerate(U):
        t += -math.log(u) / lam
        heapq.heappush(events, (t, 0, k))
    free = 2
    waiting = collections.deque()
    arrived = {}
    total = 0.0
    while events:
        now, kind, k = heapq.heappop(events)
        if kind == 0:
            arrived[k] = now
            waiting.append(k)
        else:
            free += 1
        while free and waiting:
            j = waiting.popleft()
            free -= 1
            total += now - arrived.pop(j)
            heapq.heappush(events, (now - math.log(U[j, 1]) / mu, 1, j))
    return total / len(U)


def add(*ks):
    return lambda a, b: functools.reduce(operator.add, (k(a, b) for k in ks))


def rbf(s, l):
    return lambda a, b: s**2 * np.exp(-0.5 * ((a[:, None] - b[None, :]) / l) ** 2)


def periodic(l, p):
    return lambda a, b: np.exp(-2 * np.sin(np.pi * np.abs(a[:, None] - b) / p) ** 2 / l**2)


@corner(np.array([1.0, 0.5, 1.2, 0.8, 0.1]), R.random(7), R.normal(size=7), argnums=(0, 1))
def gp_closures(th, X, y):
    """The likelihood of a Gaussian process whose kernel is a sum of closures."""
    k = add(rbf(th[0], th[1]), periodic(th[2], th[3]))
    K = k(X, X)
    K[np.diag_indices_from(K)] += th[4] ** 2
    try:
        L = np.linalg.cholesky(K)
    except np.linalg.LinAlgError:
        return np.inf
    a = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ a + np.log(np.diagonal(L)).sum() + 0.5 * len(y) * np.log(2 * np.pi)


@corner(several=[(np.array([[1.0, 2.3], [2.1, 1.4]]),), (np.array([[3.0, 0.5], [0.5, 1.0]]),)])
def jitter_cholesky(K):
    """A factorisation that fails until enough is added to the diagonal."""
    eps = 0.001
    K = 0.5 * (K + K.T)
    for _ in range(8):
        try:
            L = np.linalg.cholesky(K + eps * np.eye(len(K)))
            break
        except np.linalg.LinAlgError:
            eps *= 10
    else:
        return 0.0
    return np.log(np.diag(L)).sum() + eps


@corner(R.normal(size=(12, 2)))
def kmeans(X):
    """Clusters by masks, until they are counted."""
    C = X[:3].copy()
    for _ in range(5):
        d = ((X[:, None, :] - C[None]) ** 2).sum(-1)
        lab = d.argmin(1)
        for k in range(len(C)):
            sel = X[lab == k]
            if len(sel):
                C[k] = sel.mean(axis=0)
    cnt = np.bincount(lab, minlength=3)
    return d[np.arange(len(X)), lab].sum() + np.sum(C[:, 0] * cnt)


TRI = np.array([[0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4]])

NODES = np.array([[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1.0]])


@corner(NODES + 0.05 * R.normal(size=NODES.shape), np.array([1.0, 2.0, 0.5, 1.5]), argnums=(0, 1))
def fem_triangles(xy, cond):
    """Compliance of a mesh of triangles."""
    n = len(xy)
    K = np.zeros((n, n))
    F = np.zeros(n)
    for e, tri in enumerate(TRI):
        p = xy[tri]
        J = np.array([p[1] - p[0], p[2] - p[0]])
        area = 0.5 * abs(np.linalg.det(J))
        B = np.linalg.solve(J, np.array([[-1.0, 1, 0], [-1, 0, 1]]))
        K[np.ix_(tri, tri)] += cond[e] * area * B.T @ B
        F[tri] += area / 3
    fixed = [0, 3]
    free = np.setdiff1d(np.arange(n), fixed)
    u = np.zeros(n)
    u[free] = np.linalg.solve(K[free][:, free], F[free])
    return F @ u


def fft(a):
    n = len(a)
    if n == 1:
        return a
    e, o = (fft(a[::2]), fft(a[1::2]))
    tw = [cmath.exp(-2j * cmath.pi * k / n) * o[k] for k in range(n // 2)]
    return [e[k] + tw[k] for k in range(n // 2)] + [e[k] - tw[k] for k in range(n // 2)]


@corner([0.3, -1.0, 0.5, 0.8, 0.1, -0.4, 0.9, 0.2])
def fft_of_a_list(x):
    """A recursive transform on lists of complex numbers."""
    X = fft(x)
    return sum((abs(c) ** 2 * k for k, c in enumerate(X)))


def expint(u):
    if u <= 0:
        raise ValueError("u")
    if u < 1:
        total = -0.5772156649015329 - math.log(u)
        term = u
        k = 1
        while True:
            total += term / k
            new = -term * u / (k + 1)
            if abs(new) < 1e-16:
                return total
            term, k = (new, k + 1)
    b = u + 1
    c = 1e300
    d = 1 / b
    h = d
    for i in range(1, 100):
        an = -i * i
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        delta = c * d
        h *= delta
        if abs(delta - 1) < 1e-15:
            break
    return h * math.exp(-u)


@corner(several=[(-4.6, -9.2, 0.02), (-6.9, -6.9, 0.5)], argnums=(0, 1, 2), second=False)
def theis(log_t, log_s, Q):
    """Drawdown by wells, with a series or a continued fraction."""
    T, S = (math.exp(log_t), math.exp(log_s))
    wells = [(10.0, Q), (35.0, -0.5 * Q), (200.0, Q / 3)]
    s = 0.0
    for r, q in wells:
        for t in (100.0, 1000.0, 100000.0):
            try:
                s += q / (4 * np.pi * T) * expint(r * r * S / (4 * T * t))
            except (ValueError, OverflowError):
                continue
    return s


@dataclass(frozen=True)
class NelsonSiegel:
    b0: float
    b1: float
    b2: float
    tau: float = 2.0

    def __call__(self, t):
        t = np.asarray(t, dtype=float)
        x = t / self.tau
        with np.errstate(divide="ignore", invalid="ignore"):
            f = np.where(x == 0, 1.0, -np.expm1(-x) / x)
        return self.b0 + self.b1 * f + self.b2 * (f - np.exp(-x))

    def bumped(self, h):
        return replace(self, b0=self.b0 + h)


@corner(NelsonSiegel(0.04, -0.02, 0.01, 1.5))
def bond_duration(curve):
    """Duration of a bond by bumping a curve, which is an object that is called."""
    t = np.arange(0.0, 5.5, 0.5)[1:]
    cf = np.full(len(t), 2.0)
    cf[-1] += 100
    price = lambda c: np.sum(cf * np.exp(-c(t) * t))
    p = price(curve)
    return (price(curve.bumped(-0.01)) - price(curve.bumped(0.01))) / (0.02 * p) + float(curve(0.0))


@corner(0.5, np.array([0.1, 0.3, 0.2]), argnums=(0, 1))
def abcd(f, dists):
    """A Gaussian beam through lenses and distances, by a product of matrices."""
    free = lambda d: np.array([[1.0, d], [0.0, 1.0]])
    lens = lambda f: np.array([[1.0, 0.0], [-1 / f, 1.0]])
    elements = [m for d in dists for m in (free(d), lens(f))]
    M = functools.reduce(np.matmul, reversed(elements))
    (A, B), (C, D) = M
    q = (A * 1j * 0.2 + B) / (C * 1j * 0.2 + D)
    w2 = -1 / np.imag(1 / q)
    return np.sqrt(w2) + np.real(q)


def zernike(n, m, r, th):
    R_ = sum(
        (-1) ** k
        * math.factorial(n - k)
        / (math.factorial(k) * math.factorial((n + abs(m)) // 2 - k) * math.factorial((n - abs(m)) // 2 - k))
        * r ** (n - 2 * k)
        for k in range((n - abs(m)) // 2 + 1)
    )
    return R_ * (np.cos(m * th) if m >= 0 else np.sin(-m * th))


@corner(R.normal(size=5))
def wavefront(c):
    """The Strehl ratio of a wavefront of Zernike's polynomials."""
    g = np.linspace(-0.9, 0.9, 7)
    X, Y = np.meshgrid(g, g)
    r, th = (np.hypot(X, Y), np.arctan2(Y, X))
    modes = {(1, -1): 0, (1, 1): 1, (2, 0): 2, (2, 2): 3, (3, 1): 4}
    W = np.zeros_like(r)
    for (n, m), k in modes.items():
        W += c[k] * zernike(n, m, r, th)
    mask = r <= 0.9
    E = np.where(mask, np.exp(1j * W), 0)
    psf = np.abs(np.fft.fftshift(np.fft.fft2(E, s=(12, 12)))) ** 2
    return psf.max() / psf.sum()


@corner(np.sort(R.random(12)) * 10, R.normal(size=12), argnums=(0, 1))
def lomb_scargle(t, y):
    """The highest peak of a periodogram of uneven samples."""
    y = y - y.mean()
    best = -np.inf
    for f in np.linspace(0.1, 1.0, 7):
        w = 2 * np.pi * f
        tau = math.atan2(np.sin(2 * w * t).sum(), np.cos(2 * w * t).sum()) / (2 * w)
        c, s = (np.cos(w * (t - tau)), np.sin(w * (t - tau)))
        p = 0.5 * ((y @ c) ** 2 / (c @ c) + (y @ s) ** 2 / (s @ s))
        best = max(best, p)
    return best


@corner(R.random((4, 5)))
def seam(energy):
    """The cheapest seam through an image, and the image without it."""
    M = energy.copy()
    h, w = M.shape
    back = np.zeros((h, w), dtype=int)
    for i in range(1, h):
        for j in range(w):
            lo = max(j - 1, 0)
            k = lo + int(np.argmin(M[i - 1, lo : j + 2]))
            back[i, j] = k
            M[i, j] += M[i - 1, k]
    j = int(np.argmin(M[-1]))
    total = 0.0
    rest = []
    for i in reversed(range(h)):
        total += energy[i, j] ** 2
        rest.append(np.delete(energy[i], j))
        j = back[i, j]
    return total + np.sum(np.diff(np.array(rest), axis=0) ** 2)


class Bar(NamedTuple):
    i: int
    j: int
    E: float
    A: float

    @property
    def dofs(self):
        return np.r_[2 * self.i : 2 * self.i + 2, 2 * self.j : 2 * self.j + 2]

    def stiffness(self, xy):
        d = xy[self.j] - xy[self.i]
        L = np.sqrt(d.dot(d))
        c, s = d / L
        t = np.array([-c, -s, c, s])
        return self.E * self.A / L * np.outer(t, t)


@corner(np.array([[0, 0], [1, 0.1], [2, 0], [1, 1.2]]), np.array([1.0, 2.0, 1.5, 0.7, 1.1]), argnums=(0, 1))
def truss_namedtuple(xy, areas):
    """A truss of named tuples with properties."""
    conn = [(0, 1), (1, 2), (0, 3), (1, 3), (2, 3)]
    bars = [Bar(i, j, 100.0, a) for (i, j), a in zip(conn, areas)]
    n = 2 * len(xy)
    K = np.zeros((n, n))
    for b in bars:
        K[np.ix_(b.dofs, b.dofs)] += b.stiffness(xy)
    free = np.ones(n, bool)
    free[[0, 1, 5]] = False
    f = np.zeros(n)
    f[3] = -1.0
    f[6] = 0.4
    u = np.zeros_like(f)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], f[free])
    stress = [
        b.E * ((u[b.dofs[2:]] - u[b.dofs[:2]]) @ (xy[b.j] - xy[b.i])) / np.sum((xy[b.j] - xy[b.i]) ** 2) for b in bars
    ]
    return f @ u + max(map(abs, stress))


@corner(0.0005, 0.09, 0.03, argnums=(0, 1, 2))
def annuity(a, b, i):
    """The present value of an annuity by a generator of survivors."""

    def survivors(age) -> Iterator[float]:
        l = 1.0
        while age < 110:
            yield l
            l *= math.exp(-a / b * (math.exp(b * (age + 1 - 50)) - math.exp(b * (age - 50)))) if l > 1e-08 else 1.0
            age += 1

    v = 1 / (1 + i)
    return sum((l * v**t for t, l in enumerate(survivors(60))))
