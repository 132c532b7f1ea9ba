"""Random draws whose parameters depend on what is differentiated: pathwise derivatives, each draw made once.

Every program begins its random numbers anew, so that differences see the same ones.
"""

import math
import random

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.3, 0.9, 0.55])
UNKNOWN = "how the draw moves|derivative of .* by one of its arguments is not known|has no (derivative|forward rule) by"


@corner(0.3, 1.2)
def of_a_number(mean, deviation):
    rng = np.random.default_rng(5)
    return rng.normal(mean, deviation) ** 2


@corner(X)
def the_same_draw_is_not_shared(x):
    rng = np.random.default_rng(5)
    first = rng.normal(x[0], 1.0)
    second = rng.normal(x[0], 1.0)
    return first * second


@corner(X)
def of_a_size(x):
    rng = np.random.default_rng(5)
    return np.sum(rng.normal(x, x**2, size=(4, 3)) ** 2)


@corner(X)
def size_by_position(x):
    rng = np.random.RandomState(5)
    return np.sum(rng.uniform(x[0], x[1], 10) ** 2)


@corner(X)
def more_than_the_size_of_its_parameter(x):
    rng = np.random.default_rng(5)
    one = x[:1]
    return np.sum(np.exp(rng.normal(one, 0.1, size=(3,))) * np.ones_like(one))


@corner(X)
def by_keywords(x):
    np.random.seed(5)
    return np.sum(np.random.normal(scale=x[1], loc=x, size=(2, 3)) ** 2)


@corner(X)
def walk_with_a_wall(x):
    rng = np.random.default_rng(5)
    place = x[0]
    for _ in range(20):
        place = rng.normal(place * 0.9, x[1])
        if place > 1.0:
            place = place * 0.5
    return place


@corner(X)
def other_generator_method_bound_to_a_name(x):
    draw = np.random.default_rng(5).normal
    return draw(x[0], x[1]) * draw(0.0, x[2])


@corner(X)
def many_distributions(x):
    rng = np.random.default_rng(5)
    total = rng.gumbel(x[0], x[1]) + rng.laplace(x[1], x[2]) * rng.logistic(x[0])
    total += np.sum(rng.exponential(x) ** 2) + rng.rayleigh(x[0]) + np.sum(rng.weibull(x * 3))
    return total + np.sum(rng.lognormal(x, 0.5)) + rng.pareto(x[0] * 4) + rng.power(x[1]) + np.sum(rng.gamma(2.0, x))


@corner(X)
def of_the_standard_library(x):
    random.seed(3)
    total = random.gauss(x[0], x[1]) ** 2 + random.uniform(x[0], x[1])
    return total + random.expovariate(x[0]) * random.lognormvariate(x[0], x[1]) + random.weibullvariate(x[0], x[1])


@corner(X)
def own_generator_of_the_standard_library(x):
    generator = random.Random(4)
    return generator.gauss(x[0], x[1]) ** 2


@corner(X)
def list_of_parameters(x):
    rng = np.random.default_rng(5)
    return np.sum(rng.normal([x[0], x[1]], [0.1, x[2]]) ** 2)


@corner(X)
def whole_numbers_are_steps(x):
    rng = np.random.default_rng(5)
    return rng.poisson(x[0] * 5) * x[1] + rng.binomial(10, x[1]) * x[2]


@corner(X)
def constants_of_what_is_fixed(x):
    rng = np.random.default_rng(5)
    return rng.beta(1.0, 2.0) * x[0] + rng.standard_t(3.0) * x[1] + rng.gamma(2.5) * x[2]


@corner(X, refused=UNKNOWN)
def shape_of_a_gamma_draw(x):
    return np.sum(np.random.default_rng(5).gamma(x))


@corner(X, refused=UNKNOWN)
def beta_draw(x):
    return np.random.default_rng(5).beta(x[0], 2.0)


@corner(X, refused=UNKNOWN)
def covariance_of_a_draw(x):
    return np.sum(np.random.default_rng(5).multivariate_normal(np.zeros(3), np.diag(x)) ** 2)


@corner(X, refused=UNKNOWN)
def triangular_of_the_standard_library(x):
    random.seed(3)
    return random.triangular(0.0, x[0], 0.1)


@corner(100.0, 0.2, 0.03)
def price_by_monte_carlo(spot, volatility, rate):
    rng = np.random.default_rng(7)
    years, strike, paths, steps = 1.0, 95.0, 200, 8
    dt = years / steps
    prices = np.full(paths, spot)
    for _ in range(steps):
        growth = rng.normal((rate - 0.5 * volatility**2) * dt, volatility * math.sqrt(dt), size=paths)
        prices *= np.exp(growth)
    return math.exp(-rate * years) * np.mean(np.maximum(prices - strike, 0.0))


@corner({"mean": X, "log_scale": -X})
def evidence_bound(q):
    rng = np.random.default_rng(7)
    draws = rng.normal(q["mean"], np.exp(q["log_scale"]), size=(50, 3))
    return np.mean(np.sum(-0.5 * (draws - 1.0) ** 2, axis=1)) + np.sum(q["log_scale"])
