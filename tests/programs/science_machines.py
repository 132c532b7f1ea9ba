"""Programs as users write them, in mechanics, chemistry and control: each is checked against differences.

Recursive solvers that write in place, assembly of matrices, dicts of species, adaptive quadrature, iterations with
tolerances, branches and tables of properties, objects with state, wave functions.
"""
# ruff: noqa: B007, B020, B905, RUF046, SIM113

import itertools
import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from .data import normal
from .harness import Program, corners
from .tables import GAS_CONSTANT, STEAM_P, STEAM_T, lookup, tridiagonal

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)


def smooth(u, f, h, sweeps):
    """Damped Jacobi sweeps, in place."""
    for _ in range(sweeps):
        u[1:-1] += 2 / 3 * 0.5 * (u[2:] + u[:-2] - 2 * u[1:-1] + h * h * f[1:-1])


def residual(u, f, h):
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] + (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
    return r


def v_cycle(u, f, h):
    n = len(u) - 1
    if n == 2:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return u
    smooth(u, f, h, 2)
    r = residual(u, f, h)
    coarse = r[::2].copy()
    coarse[1:-1] = 0.25 * (r[1:-2:2] + 2 * r[2:-1:2] + r[3::2])
    e = v_cycle(np.zeros(n // 2 + 1), coarse, 2 * h)
    fine = np.zeros(n + 1)
    fine[::2] = e
    fine[1::2] = 0.5 * (e[:-1] + e[1:])
    u += fine
    smooth(u, f, h, 2)
    return u


@corner(several=[(normal(9), (0.1, -0.3)), (normal(17, seed=1), (0.5, 0.3))], argnums=(0, 1))
def multigrid(f, ends):
    """Poisson's equation on a line by V-cycles."""
    u = np.zeros_like(f)
    u[0], u[-1] = ends
    h = 1.0 / (len(f) - 1)
    for cycle in range(10):
        u = v_cycle(u, f, h)
        if np.max(np.abs(residual(u, f, h))) < 1e-3:
            break
    return np.sum(u**2) * h


@corner(several=[(normal(10), 0.4, 0.02, 3, "dirichlet"), (normal(8, seed=2), 0.7, 0.01, 2, "neumann")], argnums=(0, 1))
def crank_nicolson(u, kappa, dt, steps, boundary):
    """Heat on a rod, with one of two kinds of ends."""
    n = len(u)
    dx = 1.0 / (n - 1)
    r = kappa * dt / (2 * dx * dx)
    lower = np.full(n, -r)
    upper = np.full(n, -r)
    diag = np.full(n, 1 + 2 * r)
    if boundary == "dirichlet":
        diag[0] = diag[-1] = 1.0
        upper[0] = lower[-1] = 0.0
    elif boundary == "neumann":
        upper[0] *= 2
        lower[-1] *= 2
    else:
        raise ValueError(boundary)
    rhs = np.empty(n)
    for _ in range(steps):
        rhs[1:-1] = u[1:-1] + r * (u[2:] - 2 * u[1:-1] + u[:-2])
        if boundary == "dirichlet":
            rhs[0], rhs[-1] = u[0], u[-1]
        else:
            rhs[0] = u[0] + 2 * r * (u[1] - u[0])
            rhs[-1] = u[-1] + 2 * r * (u[-2] - u[-1])
        u = tridiagonal(lower, diag, upper, rhs)
    return np.trapezoid(u**2, dx=dx)


@corner(
    several=[
        (
            np.array([[0.0, 0.0], [1.0, 0.1], [2.0, 0.0], [1.0, 1.0]]),
            [(0, 1), (1, 2), (0, 3), (1, 3), (2, 3)],
            np.array([1.0, 1.2, 0.8, 0.9, 1.1]),
            {3: (0.1, -1.0)},
            [0, 1, 4, 5],
        )
    ],
    argnums=(0, 2),
)
def truss_compliance(nodes, bars, areas, loads, fixed):
    """Assembles a stiffness matrix, removes fixed degrees of freedom, solves; compliance plus stress penalty."""
    ndof = 2 * len(nodes)
    K = np.zeros((ndof, ndof))
    for (i, j), area in zip(bars, areas):
        d = nodes[j] - nodes[i]
        L = np.hypot(d[0], d[1])
        c, s = d / L
        T = np.array([-c, -s, c, s])
        dofs = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        K[np.ix_(dofs, dofs)] += area / L * np.outer(T, T)
    F = np.zeros(ndof)
    for node, (fx, fy) in loads.items():
        F[2 * node : 2 * node + 2] += fx, fy
    free = np.setdiff1d(np.arange(ndof), fixed)
    u = np.zeros(ndof)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], F[free])
    stress = []
    for i, j in bars:
        d = nodes[j] - nodes[i]
        L = math.sqrt(d @ d)
        elongation = (u[2 * j : 2 * j + 2] - u[2 * i : 2 * i + 2]) @ d / L
        stress.append(elongation / L)
    return F @ u + 0.01 * sum(s**4 for s in stress)


REACTIONS = [
    # reactants, products, A, Ea
    ({"A": 1}, {"B": 1}, 1.0, 5.0),
    ({"B": 2}, {"C": 1}, 2.0, 8.0),
    ({"C": 1, "A": 1}, {"D": 1}, 0.5, 2.0),
]


@corner({"A": 1.0, "B": 0.1, "C": 0.0, "D": 0.0}, 500.0, 0.05, 6, argnums=(0, 1))
def kinetics(c0, temperature, dt, steps):
    """Concentrations by name, after some steps of a list of reactions."""
    species = sorted(c0)
    c = dict(c0)
    rates = [A * math.exp(-Ea / (GAS_CONSTANT * temperature / 1000)) for _, _, A, Ea in REACTIONS]
    for _ in range(steps):
        change = dict.fromkeys(species, 0.0)
        for (reactants, products, _, _), k in zip(REACTIONS, rates):
            rate = k
            for s, nu in reactants.items():
                rate *= c[s] ** nu
            for s, nu in reactants.items():
                change[s] -= nu * rate
            for s, nu in products.items():
                change[s] += nu * rate
        for s in species:
            c[s] += dt * change[s]
    return c["D"] + 0.5 * c["C"] ** 2


Orbit = namedtuple("Orbit", "a e i M0")


def solve_kepler(M, e, tol=1e-13):
    """The eccentric anomaly by Newton's method."""
    E = M if e < 0.8 else math.pi
    while True:
        delta = (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
        E -= delta
        if abs(delta) < tol:
            return E


@corner(several=[(Orbit(1.0, 0.2, 0.1, 0.3), [0.5, 1.5, 3.0]), (Orbit(1.5, 0.85, 0.4, 0.7), [0.2, 0.9])])
def orbit_ranges(orbit, times):
    """Distances between a body on an inclined orbit and an observer."""
    mu = 1.0
    n = math.sqrt(mu / orbit.a**3)
    total = 0.0
    observer = np.array([0.1, 0.2, 0.0])
    for t in times:
        M = (orbit.M0 + n * t) % (2 * math.pi)
        E = solve_kepler(M, orbit.e)
        nu = 2 * math.atan2(math.sqrt(1 + orbit.e) * math.sin(E / 2), math.sqrt(1 - orbit.e) * math.cos(E / 2))
        r = orbit.a * (1 - orbit.e * math.cos(E))
        position = r * np.array([math.cos(nu), math.sin(nu), 0.0])
        ci, si = math.cos(orbit.i), math.sin(orbit.i)
        R = np.array([[1, 0, 0], [0, ci, -si], [0, si, ci]])
        total += np.linalg.norm(R @ position - observer)
    return total


class Element:
    def matrix(self):
        raise NotImplementedError


class Space(Element):
    def __init__(self, length):
        self.length = length

    def matrix(self):
        return np.array([[1.0, self.length], [0.0, 1.0]])


class Lens(Element):
    def __init__(self, focal):
        self.focal = focal

    def matrix(self):
        return np.array([[1.0, 0.0], [-1.0 / self.focal, 1.0]])


@corner([0.5, 0.3, 0.8], [0.4, -0.9], 1.2 + 0.7j, argnums=(0, 1, 2))
def beam_size(lengths, focals, q):
    """A Gaussian beam through lenses: complex beam parameter, and the trace of the ray transfer matrix."""
    elements = []
    for i, length in enumerate(lengths):
        elements.append(Space(length))
        if i < len(focals):
            elements.append(Lens(focals[i]))
    total = np.eye(2)
    for element in elements:
        total = element.matrix() @ total
        (a, b), (c, d) = element.matrix()
        q = (a * q + b) / (c * q + d)
    stability = 0.5 * np.trace(total)
    return -1.0 / (1 / q).imag + stability**2


def adaptive(f, a, b, fa, fm, fb, whole, tol, depth):
    """Simpson's rule, halved until it settles."""
    m = 0.5 * (a + b)
    lm, rm = 0.5 * (a + m), 0.5 * (m + b)
    flm, frm = f(lm), f(rm)
    left = (m - a) / 6 * (fa + 4 * flm + fm)
    right = (b - m) / 6 * (fm + 4 * frm + fb)
    if depth <= 0 or abs(left + right - whole) < 15 * tol:
        return left + right + (left + right - whole) / 15
    return adaptive(f, a, m, fa, flm, fm, left, tol / 2, depth - 1) + adaptive(
        f, m, b, fm, frm, fb, right, tol / 2, depth - 1
    )


@corner(several=[(0.3, 2.0, 1.5), (0.7, 1.0, 0.5)], argnums=(0, 1, 2))
def quadrature(width, upper, power):
    """An integrand that is a nested function, integrated by recursion."""

    def f(x):
        return x**power / (x * x + width * width) if x > 0 else 0.0

    a, b = 0.0, upper
    fa, fm, fb = f(a), f(0.5 * (a + b)), f(b)
    whole = (b - a) / 6 * (fa + 4 * fm + fb)
    return adaptive(f, a, b, fa, fm, fb, whole, 1e-3, 10)


@corner(several=[(normal(8, 2) * 1.5, 1.3, 0.5), (normal(5, 2, seed=3), 1.0, 0.4)], argnums=(0, 1, 2))
def lennard_jones_cells(x, cutoff, sigma):
    """Cell list in a dict of lists, forces by np.add.at, virial."""
    cells = {}
    for index, point in enumerate(x):
        key = (int(math.floor(point[0] / cutoff)), int(math.floor(point[1] / cutoff)))
        cells.setdefault(key, []).append(index)
    pairs = []
    for (cx, cy), members in cells.items():
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for j in cells.get((cx + dx, cy + dy), ()):
                    for i in members:
                        if i < j:
                            pairs.append((i, j))
    if not pairs:
        return 0.0 * sigma
    I, J = np.array(pairs).T
    d = x[I] - x[J]
    r2 = np.einsum("ij,ij->i", d, d) + 0.1
    inside = r2 < cutoff**2
    s6 = np.where(inside, (sigma**2 / r2) ** 3, 0.0)
    energy = 4 * np.sum(s6 * (s6 - 1))
    f = (24 * s6 * (2 * s6 - 1) / r2)[:, None] * d
    forces = np.zeros_like(x)
    np.add.at(forces, I, f)
    np.subtract.at(forces, J, f)
    return energy + 1e-3 * np.sum(forces * x)


@corner(
    several=[(290.0, 0.5, 101.325, 0.3), (350.0, 0.95, 101.325, 0.2), (275.0, 0.3, 90.0, 0.4)], argnums=(0, 1, 2, 3)
)
def humid_air(T, rh, p, flow):
    """Enthalpy from a table and two correlations; a friction factor by iteration, or of laminar flow."""
    psat = lookup(T, STEAM_T, STEAM_P)
    if T > 273.15:
        alt = 0.61094 * math.exp(17.625 * (T - 273.15) / (T - 273.15 + 243.04))
    else:
        alt = 0.61 * math.exp(22.5 * (T - 273.15) / T)
    psat = 0.5 * (psat + alt)
    pv = min(rh * psat, 0.99 * p)
    w = 0.622 * pv / (p - pv)
    h = 1.006 * (T - 273.15) + w * (2501 + 1.86 * (T - 273.15))
    if h < 0:
        return 0.0
    # friction factor by Colebrook iteration or laminar
    re = flow * 1e5 / (1 + w)
    if re < 2300:
        f = 64 / re
    else:
        f = 0.02
        prev = None
        while prev is None or abs(f - prev) > 1e-13:
            prev = f
            f = (-2 * math.log10(1e-4 / 3.7 + 2.51 / (re * math.sqrt(f)))) ** -2
    return h * flow + 100 * f


@dataclass
class PID:
    kp: float
    ki: float
    kd: float
    limit: float = 1.0
    integral: float = 0.0
    last: float | None = None

    def __call__(self, error, dt):
        self.integral += error * dt
        derivative = 0.0 if self.last is None else (error - self.last) / dt
        self.last = error
        u = self.kp * error + self.ki * self.integral + self.kd * derivative
        if u > self.limit:
            self.integral -= error * dt
            return self.limit
        if u < -self.limit:
            self.integral -= error * dt
            return -self.limit
        return u


@corner(several=[(1.2, 0.5, 0.1, 30), (3.0, 0.2, 0.05, 10)], argnums=(0, 1, 2))
def control_loop(kp, ki, kd, steps):
    """A controller with limits, its state in an object, on a nonlinear spring."""
    controller = PID(kp, ki, kd)
    x, v = 0.0, 0.0
    dt = 0.1
    log = {"error": [], "effort": []}
    for k in range(steps):
        target = 1.0 if k < steps // 2 else 0.5
        u = controller(target - x, dt)
        v += dt * (u - 0.3 * v - x**3)
        x += dt * v
        log["error"].append((target - x) ** 2)
        log["effort"].append(u**2)
    return dt * (sum(log["error"]) + 0.1 * sum(log["effort"])) + controller.integral**2


class NoConvergence(Exception):
    pass


def secant(g, a, b, tol=1e-12, n=40):
    """A root; raises where it does not converge."""
    ga, gb = g(a), g(b)
    for _ in range(n):
        if gb == ga:
            raise NoConvergence
        c = b - gb * (b - a) / (gb - ga)
        a, ga = b, gb
        b, gb = c, g(c)
        if abs(b - a) < tol * (1 + abs(b)):
            return b
    raise NoConvergence("secant")


@corner(several=[(400.0, 300.0, 2.0, 1.5, 3.0), (350.0, 310.0, 2.0, 2.5, 1.0)], argnums=(0, 1, 2, 3, 4))
def exchanger(th, tc, ch, cc, ua):
    """The duty of a heat exchanger by its mean temperature difference, or an estimate."""

    def lmtd(a, b):
        if abs(a - b) < 1e-9:
            return 0.5 * (a + b)
        return (a - b) / math.log(a / b)

    def balance(q):
        tho = th - q / ch
        tco = tc + q / cc
        return q - ua * lmtd(th - tco, tho - tc)

    qmax = min(ch, cc) * (th - tc)
    try:
        q = secant(balance, 0.3 * qmax, 0.4 * qmax)
    except (NoConvergence, ValueError):
        ratio = min(ch, cc) / max(ch, cc)
        ntu = ua / min(ch, cc)
        q = qmax * ntu / (1 + ntu) * ratio
    return q / 100 + tc / 300


@corner(
    several=[
        (
            {
                "stages": [{"prop": 8.0, "dry": 1.0, "isp": 280.0}, {"prop": 2.0, "dry": 0.3, "isp": 340.0}],
                "payload": 0.5,
            },
        ),
        ({"stages": [{"prop": 5.0, "dry": 0.6, "isp": 310.0}], "payload": 0.2},),
    ]
)
def rocket(vehicle):
    """Stages of a rocket, as nested dicts and lists."""
    g0 = 9.81
    mass = vehicle["payload"] + sum(s["prop"] + s["dry"] for s in vehicle["stages"])
    v, h = 0.0, 0.0
    for number, stage in enumerate(vehicle["stages"], start=1):
        burn = stage["prop"] / 10
        for _ in range(10):
            dv = stage["isp"] * g0 * math.log(mass / (mass - burn))
            rho = math.exp(-h / 8000.0)
            drag = 1e-5 * rho * v * v / mass
            v += dv - drag - g0 * 0.5
            h += max(v, 0.0) * 0.5
            mass -= burn
        mass -= stage["dry"]
    return v / 1000 + h / 1e5


@corner(
    several=[
        (normal(3), [1.0, 0.8, 0.5], np.array([1.0, 0.7, 0.2])),
        (normal(2), [1.0, 0.8], np.array([0.3, 0.7, 0.2])),
    ],
    argnums=(0, 1),
)
def arm_error(angles, lengths, target):
    """How far the tip of an arm is from a target: a chain of frames."""
    frames = [np.eye(4)]
    axes = itertools.cycle("zyx")
    for q, l, axis in zip(angles, lengths, axes):
        c, s = math.cos(q), math.sin(q)
        T = np.eye(4)
        if axis == "z":
            T[:2, :2] = [[c, -s], [s, c]]
        elif axis == "y":
            T[0, 0], T[0, 2], T[2, 0], T[2, 2] = c, s, -s, c
        else:
            T[1:3, 1:3] = np.array([[c, -s], [s, c]])
        shift = np.eye(4)
        shift[0, 3] = l
        frames.append(frames[-1] @ T @ shift)
    tip = frames[-1][:3, 3]
    middle = [frame[:3, 3] for frame in frames[1:-1]]
    penalty = sum(max(0.0, 0.5 - np.linalg.norm(m)) ** 2 for m in middle)
    return np.sum((tip - target) ** 2) + penalty


def qmul(p, q):
    w0, x0, y0, z0 = p
    w1, x1, y1, z1 = q
    return np.array(
        [
            w0 * w1 - x0 * x1 - y0 * y1 - z0 * z1,
            w0 * x1 + x0 * w1 + y0 * z1 - z0 * y1,
            w0 * y1 - x0 * z1 + y0 * w1 + z0 * x1,
            w0 * z1 + x0 * y1 - y0 * x1 + z0 * w1,
        ]
    )


@corner(
    several=[(normal(4, 3), np.array([0.3, 0.1, 0.9]), 0.1), (np.zeros((2, 3)) + 1e-9, np.array([0.3, 0.1, 0.9]), 0.1)],
    argnums=(0, 1),
)
def attitude(rates, bias, dt):
    """A quaternion turned by measured rates, with a case for no turn at all."""
    q = np.array([1.0, 0.0, 0.0, 0.0])
    for omega in rates:
        omega = omega - bias
        angle = norm(omega) * dt
        if angle < 1e-10:
            dq = np.concatenate(([1.0], 0.5 * omega * dt))
        else:
            axis = omega * dt / angle
            dq = np.r_[math.cos(angle / 2), math.sin(angle / 2) * axis]
        q = qmul(q, dq)
        q /= norm(q)
    v = np.array([0.0, 0.1, 0.2, 1.0])
    conj = q * np.array([1, -1, -1, -1])
    rotated = qmul(qmul(q, v), conj)
    return rotated[1] * 2 + rotated[3] ** 2


@corner(several=[(3, 0.4, 0.8, np.arange(1.0, 11.0) / 7), (2, 1.2, -0.3, np.arange(1.0, 7.0) / 5)], argnums=(1, 2, 3))
def harmonics(degree, latitude, longitude, coefficients):
    """A sum of spherical harmonics; the Legendre functions fill a triangle row by row."""
    s, c = math.sin(latitude), math.cos(latitude)
    P_ = np.zeros((degree + 1, degree + 1))
    P_[0, 0] = 1.0
    for n in range(1, degree + 1):
        P_[n, n] = (2 * n - 1) * c * P_[n - 1, n - 1]
        for m in range(n):
            if n == m + 1:
                P_[n, m] = s * (2 * n - 1) * P_[n - 1, m]
            else:
                P_[n, m] = ((2 * n - 1) * s * P_[n - 1, m] - (n + m - 1) * P_[n - 2, m]) / (n - m)
    index = 0
    total = 0.0
    for n, m in ((n, m) for n in range(degree + 1) for m in range(n + 1)):
        total += coefficients[index] * P_[n, m] * math.cos(m * longitude) / math.factorial(n + m)
        index += 1
    return total


@corner(several=[(16, 1.0, 0.5, 3, normal(16)), (8, 0.5, 0.2, 2, normal(8))], argnums=(1, 2, 4))
def split_step(n, momentum, width, steps, potential):
    """A wave packet by split steps: a complex array, in place and anew in turn."""
    x = np.linspace(-5, 5, n, endpoint=False)
    dx = x[1] - x[0]
    k = 2 * np.pi * np.fft.fftfreq(n, dx)
    psi = np.exp(-(x**2) * width + 1j * momentum * x)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * dx)
    dt = 0.05
    half = np.exp(-0.5j * dt * potential)
    kinetic = np.exp(-0.5j * dt * k**2)
    for _ in range(steps):
        psi *= half
        psi = np.fft.ifft(kinetic * np.fft.fft(psi))
        psi *= half
    density = np.real(np.conj(psi) * psi)
    return np.sum(x * density) * dx + np.vdot(psi, potential * psi).real


def cubic_roots(a, b, c):
    """The real roots of a monic cubic."""
    q = (a * a - 3 * b) / 9
    r = (2 * a**3 - 9 * a * b + 27 * c) / 54
    if r * r < q**3:
        theta = math.acos(r / math.sqrt(q**3))
        return sorted(-2 * math.sqrt(q) * math.cos((theta + 2 * math.pi * k) / 3) - a / 3 for k in (-1, 0, 1))
    s = -math.copysign(1, r) * (abs(r) + math.sqrt(r * r - q**3)) ** (1 / 3)
    t = q / s if s != 0 else 0.0
    return [s + t - a / 3]


@corner(several=[(0.9, 0.6), (1.3, 1.2), (0.85, 0.45)], argnums=(0, 1))
def vdw_fugacity(tr, pr):
    """The stable phase of a van der Waals fluid: the root of least fugacity."""
    A, B = 27 * pr / (64 * tr**2), pr / (8 * tr)
    roots = [z for z in cubic_roots(-(1 + B), A, -A * B) if z > B]
    best = None
    for z in roots:
        lnphi = z - 1 - math.log(z - B) - A / z
        if best is None or lnphi < best[0]:
            best = (lnphi, z)
    lnphi, z = best
    phase = "liquid" if z < 3 * B else "vapour"
    return lnphi + {"liquid": 0.1, "vapour": 0.2}[phase] * z
