"""Rows of Python's ``statistics``."""

from __future__ import annotations

import statistics

import numpy as np

from .harness import Row, normal, positive, uniform

SMALL = ("size 1", "size 0", "size 4 -> 1", "size 4 -> 0")  # of which there is no deviation
MEANS = (statistics.mean, statistics.pvariance, statistics.pstdev, statistics.variance, statistics.stdev)


def around(x, center):
    found = statistics.pvariance(x, center), statistics.variance(x, xbar=center)
    return *found, statistics.pstdev(x, mu=center), statistics.stdev(x, center)


def of_generators(x):
    return statistics.mean(v * v for v in x), statistics.stdev(map(np.sin, x)), statistics.harmonic_mean(iter(x * x))


def at_quantiles(p, mu, sigma):
    return statistics.NormalDist(mu, sigma).inv_cdf(p)


ROWS = [
    *[Row(f, (normal(4),), float32=False, without=SMALL) for f in MEANS],
    *[Row(f, ([0.3, 1.2, 0.5, 2],)) for f in MEANS],
    *[Row(f, (normal(4), 0.3), program=around, float32=False, without=SMALL) for f in MEANS[1:]],
    Row(statistics.mean, (normal(4),), program=of_generators, float32=False, without=SMALL, compiles=False),
    Row(statistics.harmonic_mean, (positive(4),), float32=False, without=SMALL),
    Row(statistics.harmonic_mean, ([0.3, 1.2, 0.5], [1.0, 2.0, 0.5])),
    Row(vars(statistics)["_normal_dist_inv_cdf"], (uniform(0.2, 0.8), 0.5, 1.5), program=at_quantiles, compiles=False),
]
