"""Waveforms and windows: elementary functions of times and parameters."""

import math

import numpy as np
from scipy import signal, special

from ....runtime import no_derivative
from ...table import definition, zero_derivative

windows = signal.windows


@definition(signal.chirp)
def chirp(t, f0, t1, f1, method="linear", phi=0, vertex_zero=True, *, complex=False):
    t = np.asarray(t)
    if method in ("linear", "lin", "li"):
        phase = 2 * np.pi * (f0 * t + (f1 - f0) / t1 * t * t / 2)
    elif method in ("quadratic", "quad", "q"):
        beta = (f1 - f0) / t1**2
        if vertex_zero:
            phase = 2 * np.pi * (f0 * t + beta * t**3 / 3)
        else:
            phase = 2 * np.pi * (f1 * t + beta * ((t1 - t) ** 3 - t1**3) / 3)
    elif method in ("logarithmic", "log", "lo"):
        phase = 2 * np.pi * f0 * t * special.exprel(np.log(f1 / f0) * t / t1)
    else:
        phase = 2 * np.pi * f0 * t * log_ratio((f1 - f0) * t / (f1 * t1))
    phase = phase + np.deg2rad(phi)
    return np.exp(1j * phase) if complex else np.cos(phase)


def log_ratio(z):
    """``-log|1 - z| / z``, by the beginning of its series near 0."""
    small = np.abs(z) < 1e-3
    series = 1 + z * (1 / 2 + z * (1 / 3 + z * (1 / 4 + z * (1 / 5 + z / 6))))
    away = np.where(small, 0.5, z)
    return np.where(small, series, -np.log(np.abs(1 - away)) / away)


@definition(signal.gausspulse)
def gausspulse(t, fc=1000, bw=0.5, bwr=-6, tpr=-60, retquad=False, retenv=False):
    if isinstance(t, str):
        raise no_derivative("gausspulse has a derivative rule for times")
    width = -((np.pi * fc * bw) ** 2) / (4.0 * np.log(10.0 ** (bwr / 20.0)))
    envelope = np.exp(-width * np.asarray(t) * np.asarray(t))
    in_phase, quadrature = envelope * np.cos(2 * np.pi * fc * t), envelope * np.sin(2 * np.pi * fc * t)
    if retquad:
        return (in_phase, quadrature, envelope) if retenv else (in_phase, quadrature)
    return (in_phase, envelope) if retenv else in_phase


@definition(signal.sawtooth)
def sawtooth(t, width=1):
    t, w = np.asarray(t) + 0.0 * np.asarray(width), np.asarray(width) + 0.0 * np.asarray(t)
    place = np.mod(t, 2 * np.pi)
    up = place < w * 2 * np.pi
    rising = place / (np.pi * np.where(w > 0, w, 1.0)) - 1
    falling = (np.pi * (w + 1) - place) / (np.pi * np.where(w < 1, 1 - w, 1.0))
    return np.where((w < 0) | (w > 1), np.nan, np.where(up, rising, falling))


@definition(signal.gauss_spline)
def gauss_spline(x, n):
    variance = (n + 1) / 12.0
    return 1 / math.sqrt(2 * math.pi * variance) * np.exp(-(np.asarray(x) ** 2) / 2 / variance)


# Windows with parameters; one that is not symmetric leaves out the last sample of a longer one, and one of a single
# sample is 1


def places(count, sym):
    """Sample numbers, seen from the middle."""
    whole = count if sym else count + 1
    return np.arange(count) - (whole - 1.0) / 2.0


@definition(windows.gaussian)
def gaussian(M, std, sym=True):
    if M <= 1:
        return np.ones(M)
    n = places(M, sym)
    return np.exp(-(n**2) / (2 * std * std))


@definition(windows.general_gaussian)
def general_gaussian(M, p, sig, sym=True):
    if M <= 1:
        return np.ones(M)
    return np.exp(-0.5 * np.abs(places(M, sym) / sig) ** (2 * p))


@definition(windows.exponential)
def exponential(M, center=None, tau=1.0, sym=True):
    if sym and center is not None:
        raise ValueError("If sym==True, center must be None.")
    if M <= 1:
        return np.ones(M)
    n = places(M, sym)
    return np.exp(-np.abs(n if center is None else n - n[0] - center) / tau)


@definition(windows.kaiser)
def kaiser(M, beta, sym=True):
    if M <= 1:
        return np.ones(M)
    half = ((M if sym else M + 1) - 1.0) / 2.0
    return special.i0(beta * np.sqrt(1 - (places(M, sym) / half) ** 2.0)) / special.i0(np.asarray(beta))


@definition(windows.general_cosine)
def general_cosine(M, a, sym=True):
    if M <= 1:
        return np.ones(M)
    angles = 2 * np.pi * (places(M, sym) / ((M if sym else M + 1) - 1.0))
    total = np.zeros(M)
    for k in range(len(a)):
        total = total + a[k] * np.cos(k * angles)
    return total


@definition(windows.general_hamming)
def general_hamming(M, alpha, sym=True):
    return general_cosine(M, (alpha, 1.0 - alpha), sym)


@definition(windows.tukey)
def tukey(M, alpha=0.5, sym=True):
    if M <= 1:
        return np.ones(M)
    alpha = np.minimum(alpha, 1.0)
    whole = (M if sym else M + 1) - 1.0
    part = np.minimum(np.arange(M), whole - np.arange(M)) / whole  # how far into the window, from the nearer end
    return np.where(part < alpha / 2, (1 + np.cos(np.pi * (2 * part / alpha - 1))) / 2, 1.0)


zero_derivative(signal.square, signal.unit_impulse, signal.max_len_seq, signal.correlation_lags)
