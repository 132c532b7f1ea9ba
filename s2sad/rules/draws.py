"""Random draws of real numbers.

A draw happens once, in the order in which the program asks for it.  Its derivative is that of the draw as a function of
the parameters while the random numbers under it stay as they are (the pathwise derivative: Glasserman, Monte Carlo
Methods in Financial Engineering, section 7.2), read off the draw itself.  Where a parameter does not just shift,
stretch or bend standard numbers the derivative is not known, and refused.  Draws of whole numbers are steps, and stand
in ``constant``.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from ..runtime import no_derivative
from .table import elementwise, jvp, present, vjp


def drawing(names: str) -> list[Any]:
    """Functions of ``np.random``, and the methods of its generators."""
    homes = (np.random, np.random.Generator, np.random.RandomState)
    return [function for home in homes for function in present(home, names)]


@elementwise(*drawing("normal laplace logistic gumbel"), effect=True)
def normal(y, loc=0.0, scale=1.0, *, size=None):
    return 1, (y - loc) / scale


@elementwise(*present(random, "gauss", "normalvariate"), effect=True)
def gauss(y, mu=0.0, sigma=1.0):
    return 1, (y - mu) / sigma


@elementwise(*drawing("uniform"), effect=True)
def uniform(y, low=0.0, high=1.0, *, size=None):
    return (high - y) / (high - low), (y - low) / (high - low)


@elementwise(*present(random, "uniform"), effect=True)
def between(y, a, b):
    return (b - y) / (b - a), (y - a) / (b - a)


@elementwise(*drawing("exponential rayleigh"), effect=True)
def exponential(y, scale=1.0, *, size=None):
    return y / scale


@elementwise(*present(random, "expovariate"), effect=True)
def expovariate(y, lambd=1.0):
    return -y / lambd


@elementwise(*drawing("lognormal"), effect=True)
def lognormal(y, mean=0.0, sigma=1.0, *, size=None):
    return y, y * (np.log(y) - mean) / sigma


@elementwise(*present(random, "lognormvariate"), effect=True)
def lognormvariate(y, mu=0.0, sigma=1.0):
    return y, y * (np.log(y) - mu) / sigma


@elementwise(*drawing("weibull power"), effect=True)
def weibull(y, a, *, size=None):
    return -y * np.log(y) / a


@elementwise(*drawing("pareto"), effect=True)
def pareto(y, a, *, size=None):
    return -(1 + y) * np.log1p(y) / a


@elementwise(*present(random, "paretovariate"), effect=True)
def paretovariate(y, alpha):
    return -y * np.log(y) / alpha


@elementwise(*present(random, "weibullvariate"), effect=True)
def weibullvariate(y, alpha, beta):
    return y / alpha, -y * np.log(y / alpha) / beta


@elementwise(*drawing("gamma"), effect=True)
def gamma(y, shape, scale=1.0, *, size=None):
    return NotImplemented, y / scale


@elementwise(*present(random, "gammavariate"), effect=True)
def gammavariate(y, alpha, beta):
    return NotImplemented, y / beta


@vjp(*drawing("multivariate_normal"), effect=True)
def multivariate_normal(y_bar, y, mean, cov, *, size=None, check_valid="warn", tol=1e-8):
    return y_bar, NotImplemented


@jvp(np.random.multivariate_normal, 0)
def multivariate_normal_by_mean(mean_dot, y, mean, cov, *, size=None, check_valid="warn", tol=1e-8):
    return mean_dot


NOT_READ_OFF = """
    beta chisquare dirichlet f noncentral_chisquare noncentral_f standard_gamma standard_t triangular vonmises wald
"""


WHY = "how the draw moves with its parameters can't be read off it: transform a draw without any"


def not_read_off(y_bar, y, *parameters, size=None, random_state=None):
    raise no_derivative(WHY)


def refused(*functions: Any) -> None:
    """Let draws be constants of their parameters where these are fixed, and refuse their derivatives."""
    vjp(*functions, effect=True)(not_read_off)
    jvp(functions[0])(not_read_off)


refused(*drawing(NOT_READ_OFF), *present(random, "betavariate", "triangular", "vonmisesvariate"))
