"""Means and deviations of Python's ``statistics``, which computes them with fractions.

What is not here is plain Python without fractions, and is differentiated as it stands: medians, quantiles, ``fmean``,
``correlation``, ``NormalDist`` but for the inverse of its ``cdf``.
"""

import math
import statistics

from ..table import definition, elementwise


@definition(statistics.mean)
def mean(data):
    values = list(data)
    if not values:
        raise statistics.StatisticsError("mean requires at least one data point")
    return sum(values) / len(values)


@definition(statistics.variance)
def variance(data, xbar=None):
    values = list(data)
    if len(values) < 2:
        raise statistics.StatisticsError("variance requires at least two data points")
    return squares(values, xbar) / (len(values) - 1)


@definition(statistics.pvariance)
def pvariance(data, mu=None):
    values = list(data)
    if not values:
        raise statistics.StatisticsError("pvariance requires at least one data point")
    return squares(values, mu) / len(values)


@definition(statistics.stdev)
def stdev(data, xbar=None):
    return math.sqrt(variance(data, xbar))


@definition(statistics.pstdev)
def pstdev(data, mu=None):
    return math.sqrt(pvariance(data, mu))


def squares(values, center):
    """The sum of the squared deviations, from the mean where no other center is given."""
    if center is None:
        center = sum(values) / len(values)
    return sum([(v - center) ** 2 for v in values])


@definition(statistics.harmonic_mean)
def harmonic_mean(data, weights=None):
    values = list(data)
    if not values:
        raise statistics.StatisticsError("harmonic_mean requires at least one data point")
    if any(v < 0 for v in values):
        raise statistics.StatisticsError("harmonic mean does not support negative values")
    shares = [1] * len(values) if weights is None else list(weights)
    if len(shares) != len(values):
        raise statistics.StatisticsError("Number of weights does not match data size")
    if any(v == 0 for v in values):
        return 0
    return sum(shares) / sum([w / v for w, v in zip(shares, values, strict=True)])


@elementwise(vars(statistics)["_normal_dist_inv_cdf"])
def normal_inverse_cdf(x, p, mu, sigma):
    z = (x - mu) / sigma
    return sigma * math.sqrt(2 * math.pi) * math.exp(0.5 * z**2), 1, z
