"""Tables and small functions that programs take from another module."""

import math

import numpy as np

STEAM_T = np.array([280.0, 300.0, 320.0, 340.0, 360.0, 373.15])
STEAM_P = np.array([0.991, 3.536, 10.54, 27.15, 62.11, 101.3])
GAS_CONSTANT = 8.314


def lookup(x, xs, ys):
    """Linear interpolation, linear extrapolation outside."""
    i = np.searchsorted(xs, x) - 1
    i = min(max(i, 0), len(xs) - 2)
    w = (x - xs[i]) / (xs[i + 1] - xs[i])
    return (1 - w) * ys[i] + w * ys[i + 1]


def norm_pdf(x):
    return math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def norm_cdf(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def tridiagonal(a, b, c, d):
    """Thomas algorithm with preallocated arrays."""
    n = len(d)
    cp = np.empty(n)
    dp = np.empty(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m if i < n - 1 else 0.0
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros_like(d)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x
