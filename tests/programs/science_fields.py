"""Programs as users write them, in pharmacology, geodesy, finance, robotics, crystallography, astronomy and ecology.

Early exits, tolerances, masks, dicts of parameters, products of matrices and regressions on what a mask selects.
"""
# ruff: noqa: B007, B905, SIM300

import cmath
import itertools
import math

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)
R = np.random.default_rng(8)


def one_dose(t, dose, p):
    k10 = p["CL"] / p["V1"]
    k12 = p["Q"] / p["V1"]
    k21 = p["Q"] / p["V2"]
    s = k10 + k12 + k21
    root = math.sqrt(s * s - 4 * k10 * k21)
    a, b = (0.5 * (s + root), 0.5 * (s - root))
    A = dose / p["V1"] * (a - k21) / (a - b)
    B = dose / p["V1"] * (k21 - b) / (a - b)
    return A * math.exp(-a * t) + B * math.exp(-b * t)


@corner(several=[({"CL": 1.2, "V1": 10.0, "Q": 0.8, "V2": 15.0},), ({"CL": 2.2, "V1": 8.0, "Q": 0.3, "V2": 5.0},)])
def two_compartments(p):
    """The likelihood of concentrations after several doses."""
    schedule = [(0.0, 100.0), (12.0, 50.0), (24.0, 50.0)]
    obs = {1.0: 8.1, 6.0: 3.0, 13.0: 6.0, 30.0: 4.2}
    nll = 0.0
    for t, y in obs.items():
        conc = sum((one_dose(t - td, dose, p) for td, dose in schedule if t >= td))
        if conc <= 0:
            continue
        res = math.log(y) - math.log(conc)
        nll += 0.5 * res**2 / 0.04
    return nll


@corner(several=[(-0.66, 2.53, -0.64, 2.51), (0.2, 0.1, 0.5, 1.7)], argnums=(0, 1, 2, 3), second=False)
def vincenty(lat1, lon1, lat2, lon2):
    """Vincenty's inverse formula for the distance of two places on an ellipsoid."""
    a, f = (6378137.0, 1 / 298.257223563)
    b = (1 - f) * a
    L = lon2 - lon1
    U1 = math.atan((1 - f) * math.tan(lat1))
    U2 = math.atan((1 - f) * math.tan(lat2))
    sU1, cU1 = (math.sin(U1), math.cos(U1))
    sU2, cU2 = (math.sin(U2), math.cos(U2))
    lam = L
    for iteration in range(200):
        sl, cl = (math.sin(lam), math.cos(lam))
        ss = math.sqrt((cU2 * sl) ** 2 + (cU1 * sU2 - sU1 * cU2 * cl) ** 2)
        if ss == 0:
            return 0.0
        cs = sU1 * sU2 + cU1 * cU2 * cl
        sigma = math.atan2(ss, cs)
        sa = cU1 * cU2 * sl / ss
        c2a = 1 - sa**2
        try:
            c2sm = cs - 2 * sU1 * sU2 / c2a
        except ZeroDivisionError:
            c2sm = 0
        C = f / 16 * c2a * (4 + f * (4 - 3 * c2a))
        prev = lam
        lam = L + (1 - C) * f * sa * (sigma + C * ss * (c2sm + C * cs * (-1 + 2 * c2sm**2)))
        if abs(lam - prev) < 1e-14:
            break
    else:
        raise ValueError("no convergence")
    u2 = c2a * (a**2 - b**2) / b**2
    A = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    B = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    ds = B * ss * (c2sm + B / 4 * (cs * (-1 + 2 * c2sm**2) - B / 6 * c2sm * (-3 + 4 * ss**2) * (-3 + 4 * c2sm**2)))
    return b * A * (sigma - ds) / 1000000.0


Z = np.random.default_rng(3).standard_normal((40, 6))


@corner(several=[(36.0, 0.2, 0.06), (40.0, 0.3, 0.04)], argnums=(0, 1, 2), tolerance=1e-05)
def longstaff_schwartz(s0, sigma, r):
    """An American put by regression on the paths that are in the money."""
    K, dt = (40.0, 1 / 6)
    paths = s0 * np.exp(np.cumsum((r - 0.5 * sigma**2) * dt + sigma * math.sqrt(dt) * Z, axis=1))
    payoff = np.maximum(K - paths, 0.0)
    cash = payoff[:, -1].copy()
    for t in range(Z.shape[1] - 2, -1, -1):
        cash *= math.exp(-r * dt)
        itm = payoff[:, t] > 0
        if itm.sum() < 4:
            continue
        X = paths[itm, t] / K
        A = np.vander(X, 3)
        beta, *_ = np.linalg.lstsq(A, cash[itm], rcond=None)
        cont = A @ beta
        ex = payoff[itm, t] > cont
        idx = np.flatnonzero(itm)[ex]
        cash[idx] = payoff[idx, t]
    return float(np.mean(cash) * math.exp(-r * dt))


LINKS = [(0.3, np.pi / 2, 0.2), (0.4, 0.0, 0.0), (0.1, -np.pi / 2, 0.3)]


def dh(a, alpha, d, theta):
    ct, st, ca, sa = (np.cos(theta), np.sin(theta), np.cos(alpha), np.sin(alpha))
    return np.array([[ct, -st * ca, st * sa, a * ct], [st, ct * ca, -ct * sa, a * st], [0, sa, ca, d], [0, 0, 0, 1]])


def fk(q):
    T = np.eye(4)
    frames = [T]
    for (a, al, d), qi in zip(LINKS, q):
        T = T @ dh(a, al, d, qi)
        frames.append(T)
    return frames


@corner(np.array([0.3, -0.4, 0.8]), np.array([0.5, 0.3, 0.4]), argnums=(0, 1))
def damped_inverse_kinematics(q, target):
    """Steps of damped least squares on a chain of joints."""
    q = q.copy()
    for it in range(4):
        fr = fk(q)
        p = fr[-1][:3, 3]
        J = np.empty((3, 3))
        for i in range(3):
            z = fr[i][:3, 2]
            o = fr[i][:3, 3]
            J[:, i] = np.cross(z, p - o)
        err = target - p
        q += J.T @ np.linalg.solve(J @ J.T + 0.01 * np.eye(3), err)
    return np.sum((fk(q)[-1][:3, 3] - target) ** 2) + 0.1 * q @ q


@corner(
    np.array([5.1, 6.2, 7.3, 85.0, 95.0, 102.0]),
    np.array([[0.1, 0.2, 0.3], [0.5, 0.45, 0.7]]),
    argnums=(0, 1),
    second=False,
)
def structure_factors(cell, xyz):
    """Intensities of a triclinic crystal."""
    a, b, c = cell[:3]
    al, be, ga = np.deg2rad(cell[3:])
    G = np.array(
        [
            [a * a, a * b * np.cos(ga), a * c * np.cos(be)],
            [a * b * np.cos(ga), b * b, b * c * np.cos(al)],
            [a * c * np.cos(be), b * c * np.cos(al), c * c],
        ]
    )
    Gs = np.linalg.inv(G)
    V = math.sqrt(np.linalg.det(G))
    total = 0.0
    fs = [6.0, 8.0]
    for h, k, l in itertools.product(range(-1, 2), repeat=3):
        if (h, k, l) == (0, 0, 0):
            continue
        hkl = np.array((h, k, l))
        s2 = hkl @ Gs @ hkl
        F = 0j
        for f, r in zip(fs, xyz):
            F += f * cmath.exp(2j * math.pi * float(0)) * np.exp(2j * np.pi * np.dot(hkl, r)) * np.exp(-0.5 * s2)
        total += abs(F) ** 2 / V
    return total


@corner(np.array([3.5, 0.2, 1.1, 0.1, 0.4, 0.25]), np.linspace(0, 3, 25))
def transit(p, t):
    """Light of a star that a planet crosses on an excentric orbit."""
    P, e, w, k, u1, u2 = p
    M = 2 * np.pi * (t - 0.2) / P
    E = M + e * np.sin(M)
    for _ in range(12):
        E -= (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
    nu = 2 * np.arctan2(np.sqrt(1 + e) * np.sin(E / 2), np.sqrt(1 - e) * np.cos(E / 2))
    r = 8 * (1 - e**2) / (1 + e * np.cos(nu))
    x = -r * np.cos(nu + w)
    y = -r * np.sin(nu + w) * 0.05
    z = np.sqrt(x**2 + y**2)
    front = np.sin(nu + w) > 0
    mu = np.sqrt(np.clip(1 - z**2, 1e-09, None))
    I = 1 - u1 * (1 - mu) - u2 * (1 - mu) ** 2
    flux = np.ones_like(t)
    inside = (z < 1 - k) & front
    flux[inside] -= k**2 * I[inside]
    edge = front & (z >= 1 - k) & (z < 1 + k)
    if edge.any():
        s = (1 + k - z[edge]) / (2 * k)
        flux[edge] -= k**2 * s**2 * (3 - 2 * s) * 0.3
    return np.sum((flux - 1) ** 2) * 1000.0 + np.sum(z)


@corner(several=[([2.5, 0.1, 80.0, 0.5],), ([1.5, 0.3, 40.0, -0.5],)])
def snow_bucket(par):
    """Snow melt and a leaking bucket, day by day."""
    ddf, k, cap, tt = par
    temp = [-3, -1, 0.2, 1.5, 4, 6, 8, 5, 2, -1]
    prec = [5, 10, 3, 0, 0, 12, 20, 8, 30, 2]
    snow = soil = 0.0
    q = []
    for T, P in zip(temp, prec):
        if T < tt:
            snow += P
            rain = 0.0
        else:
            rain = P
        melt = min(snow, max(0.0, ddf * (T - tt)))
        snow -= melt
        soil += rain + melt
        over = max(soil - cap, 0)
        soil = min(soil, cap)
        base = k * soil
        soil -= base
        q.append(over + base)
    return sum(x**2 for x in q) + snow


@corner(np.array([0.0, 1.5, 1.1]), np.array([0.6, 0.4]), argnums=(0, 1))
def leslie(fec, surv):
    """The growth rate of an age-structured population, by power iteration."""
    n = len(fec)
    A = np.zeros((n, n))
    A[0] = fec
    A[np.arange(1, n), np.arange(n - 1)] = surv
    v = np.ones(n)
    lam = 0.0
    while True:
        w = A @ v
        new = np.linalg.norm(w)
        v = w / new
        if abs(new - lam) < 1e-13:
            break
        lam = new
    return math.log(new) + float(v[0])
