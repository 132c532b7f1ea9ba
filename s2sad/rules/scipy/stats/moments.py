"""Moments of distributions: ``mean``, ``var``, ``std``, ``moment``, ``entropy``, and what quantiles give.

A location shifts the mean, a scale stretches it, and the entropy grows by the scale's logarithm, whatever the
distribution is.  What shapes do, `moments` says for each distribution, by the formulas of SciPy's reference (N. L.
Johnson, S. Kotz, N. Balakrishnan, "Continuous univariate distributions", 2nd edition 1994; N. L. Johnson, A. W. Kemp,
S. Kotz, "Univariate discrete distributions", 3rd edition 2005).
"""

import inspect

import numpy as np

from ....runtime import no_derivative
from ...inference import float64_of_broadcast
from ...table import definition, elementwise, infer
from .families import OPTION, named_parameters, signed, times

MOMENTS = ["mean", "var", "std", "median", "entropy", "interval", "moment"]  # methods of frozen distributions, too


def moments(distribution, mean=None, var=None, entropy=None):
    """Register the rules of the moments of a distribution.

    Args:
        distribution: of ``scipy.stats``, continuous or discrete.
        mean, var, entropy: take the moment of the standard distribution and its shapes, and return a tuple of its
            derivatives by the last shapes, those that are not integers.  Without one, what needs it can't be
            differentiated by them.
    """
    scaled = hasattr(distribution, "pdf")
    place = {"loc": 0, "scale": 1} if scaled else {"loc": 0}

    def parts(parameters):
        """The shapes, the location and the scale, which a discrete distribution has not."""
        return (parameters[:-2], parameters[-2], parameters[-1]) if scaled else (parameters[:-1], parameters[-1], 1.0)

    def by_shapes(slopes, factor, moment, shapes):
        if slopes is None:
            return (NotImplemented,) * len(shapes)
        found = times(np.where(np.isfinite(moment), factor, np.nan), slopes(moment, *shapes))
        return (*(NotImplemented,) * (len(shapes) - len(found)), *found)

    def by_place(by_loc, by_scale):
        return (by_loc, by_scale) if scaled else (by_loc,)

    def mean_rule(y, *parameters):
        shapes, loc, scale = parts(parameters)
        z = (y - loc) / scale
        return (*by_shapes(mean, scale, z, shapes), *by_place(1, z))

    def var_rule(y, *parameters):
        shapes, _, scale = parts(parameters)
        return (*by_shapes(var, scale**2, y / scale**2, shapes), *by_place(0, 2 * y / scale))

    def std_rule(y, *parameters):
        shapes, _, scale = parts(parameters)
        return (*by_shapes(var, scale**2 / (2 * y), (y / scale) ** 2, shapes), *by_place(0, y / scale))

    def entropy_rule(y, *parameters):
        shapes, _, scale = parts(parameters)
        return (*by_shapes(entropy, 1.0, y - np.log(scale), shapes), *by_place(0, 1 / scale))

    def moment_rule(y, order, *parameters):
        shapes, loc, scale = parts(parameters)
        if order == 0:
            return (None, *(0,) * len(parameters))
        before = distribution.moment(order - 1, *parameters)
        found = raw_by_shapes(order, shapes, loc, scale)
        return (None, *found, *by_place(order * before, order * (y - loc * before) / scale))

    def raw_by_shapes(order, shapes, loc, scale):
        """Those of the mean and of the mean of the square."""
        if len(shapes) == 0 or order > 2 or mean is None or (order == 2 and var is None):
            return (NotImplemented,) * len(shapes)
        m = distribution.mean(*shapes)
        if order == 1:
            return by_shapes(mean, scale, m, shapes)
        v = distribution.var(*shapes)
        found = sums(times(2 * scale * (loc + scale * m), mean(m, *shapes)), times(scale**2, var(v, *shapes)))
        return (*(NotImplemented,) * (len(shapes) - len(found)), *found)

    def median(*parameters):
        return distribution.ppf(0.5, *parameters)

    def interval(confidence, *parameters):
        lower = distribution.ppf((1.0 - confidence) / 2, *parameters)
        return lower, distribution.ppf((1.0 + confidence) / 2, *parameters)

    def stats(*parameters, moments="mv"):
        if moments == "m":
            return distribution.mean(*parameters)
        if moments == "v":
            return distribution.var(*parameters)
        if moments != "mv":
            raise no_derivative(f"stats has a derivative rule with moments 'm', 'v' and 'mv', not {moments!r}")
        return distribution.mean(*parameters), distribution.var(*parameters)

    for method, rule in ((distribution.mean, mean_rule), (distribution.var, var_rule), (distribution.std, std_rule),
                         (distribution.entropy, entropy_rule)):  # fmt: skip
        elementwise(method)(signed(rule, named_parameters(method, ["y"], place)))
        infer(method)(float64_of_broadcast)
    elementwise(distribution.moment)(signed(moment_rule, named_parameters(distribution.moment, ["y", "order"], place)))
    infer(distribution.moment)(float64_of_broadcast)
    definition(distribution.median)(signed(median, named_parameters(distribution.median, [], place)))
    definition(distribution.interval)(signed(interval, named_parameters(distribution.interval, ["confidence"], place)))
    option = inspect.Parameter("moments", OPTION, default="mv")
    definition(distribution.stats)(signed(stats, [*named_parameters(distribution.stats, [], place), option]))


def sums(left, right):
    """The sums of two tuples, one by one."""
    return () if len(left) == 0 else (left[0] + right[0], *sums(left[1:], right[1:]))
