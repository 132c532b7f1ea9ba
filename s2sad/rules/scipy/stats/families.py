"""From the mathematics of a distribution to the rules of its methods.

Every continuous distribution of SciPy has a location and a scale: its density is ``f((x - loc) / scale) / scale``.  So
the derivatives of all its methods follow from two functions of the standardised variable ``z`` and the shapes:

- its ``rates``: the derivatives of ``log f`` by ``z`` and by each shape (for ``pdf`` and ``logpdf``),
- its ``flows``: the derivatives of the quantile ``z`` by each shape at fixed probability (for ``cdf``, ``sf``, ``ppf``
  and their like).  That is implicit reparametrisation: M. Figurnov, S. Mohamed, A. Mnih, "Implicit reparameterization
  gradients", 2018.  The cumulative distribution's derivative by a shape is then ``-f(z) * flow``.

Outside of the support, where the density is zero, derivatives are zero.
"""

import inspect

import numpy as np

from ...inference import float64_of_broadcast
from ...table import elementwise, infer

PLAIN, OPTION = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY


def method_rule(method, rule, first, **defaults):
    """Register ``rule(y, first, *parameters)`` for a method of a distribution.

    The rule gets the names of the distribution's parameters, by which calls bind.
    """
    elementwise(method)(signed(rule, named_parameters(method, ["y", first], defaults)))
    infer(method)(float64_of_broadcast)


def signed(rule, parameters):
    """The rule, which says that it has these parameters."""
    rule.__signature__ = inspect.Signature(parameters)
    return rule


def named_parameters(method, first, defaults):
    """The parameters of a rule: the first ones, the shapes of the method's distribution, those with defaults."""
    distribution = method.__self__
    shapes = [s.strip() for s in distribution.shapes.split(",")] if distribution.shapes else []
    parameters = [inspect.Parameter(name, PLAIN) for name in [*first, *shapes]]
    return parameters + [inspect.Parameter(name, PLAIN, default=value) for name, value in defaults.items()]


def draws(distribution):
    """Register the rule of ``rvs``: ``loc`` shifts a draw, ``scale`` stretches it; what shapes do is not known."""

    def rvs(y, *parameters, size=None, random_state=None):
        loc, scale = parameters[-2], parameters[-1]
        return (*((NotImplemented,) * (len(parameters) - 2)), 1, (y - loc) / scale)

    parameters = named_parameters(distribution.rvs, ["y"], {"loc": 0, "scale": 1})
    options = [inspect.Parameter(name, OPTION, default=None) for name in ("size", "random_state")]
    elementwise(distribution.rvs, effect=True)(signed(rvs, [*parameters, *options]))


def shifted(x, loc):
    """The variable without its location."""
    if isinstance(x, (list, tuple)):
        x = np.array(x)
    return x - loc


# Rules are spliced into generated code, where comprehensions would stay loops: these take tuples apart one by one.


def times(factor, rates):
    """Each of a tuple, times a factor."""
    return () if len(rates) == 0 else (factor * rates[0], *times(factor, rates[1:]))


def unless(condition, rates):
    """Each of a tuple, zero where the condition holds."""
    return () if len(rates) == 0 else (np.where(condition, 0, rates[0]), *unless(condition, rates[1:]))


def continuous(*distributions, outside=None, inner=0.5, flows=None):
    """Register the rules of continuous distributions.

    The decorated function takes ``(z, *shapes)`` and returns the tuple of rates: the derivatives of the logarithm of
    the standard density by ``z`` and by each shape.

    Args:
        distributions: of ``scipy.stats``, with one density.
        outside: takes ``(z, *shapes)``, says where the density is zero; None for nowhere.
        inner: a place where rates and flows are finite, evaluated in place of those outside.
        flows: takes ``(z, *shapes)``, returns a tuple of the quantile's derivatives by the shapes.  Without it the
            methods that need flows can't be differentiated by the shapes.

    Example:
        >>> @continuous(stats.pareto, outside=lambda z, b: z < 1, flows=lambda z, b: (-z * np.log(z) / b,))
        ... def pareto(z, b):
        ...     return -(b + 1) / z, 1 / b - np.log(z)
    """

    def decorate(rates):
        for distribution in distributions:
            densities(distribution, rates, outside, inner)
            probabilities(distribution, flows, outside, inner)
            draws(distribution)
        return rates

    return decorate


def densities(distribution, rates, outside, inner):
    """The rules of ``logpdf`` and ``pdf``."""

    def logpdf(y, x, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = shifted(x, loc) / scale
        if outside is None:
            found = rates(z, *shapes)
            slope = found[0] / scale
            return (slope, *found[1:], -slope, -(1 / scale + z * slope))
        beyond = outside(z, *shapes)
        z = np.where(beyond, inner, z)
        found = rates(z, *shapes)
        slope = np.where(beyond, 0, found[0] / scale)
        return (slope, *unless(beyond, found[1:]), -slope, -(np.where(beyond, 0, 1 / scale) + z * slope))

    def pdf(y, x, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = np.where(y == 0, inner, shifted(x, loc) / scale)  # far out, too, where the rates may be infinite
        found = rates(z, *shapes)
        slope = found[0] / scale
        return times(y, (slope, *found[1:], -slope, -(1 / scale + z * slope)))

    method_rule(distribution.logpdf, logpdf, "x", loc=0, scale=1)
    method_rule(distribution.pdf, pdf, "x", loc=0, scale=1)


def probabilities(distribution, flows, outside, inner):
    """The rules of ``cdf``, ``sf``, their logarithms and their inverses."""

    def by_shapes(factor, z, *shapes):
        """A factor times the flows, zero where the density is."""
        if flows is None:
            return (NotImplemented,) * len(shapes)
        beyond = factor == 0 if outside is None else (factor == 0) | outside(z, *shapes)
        return times(factor, unless(beyond, flows(np.where(beyond, inner, z), *shapes)))

    def cdf(y, x, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = shifted(x, loc) / scale
        density = distribution.pdf(x, *parameters)
        return (density, *by_shapes(-density * scale, z, *shapes), -density, -density * z)

    def sf(y, x, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = shifted(x, loc) / scale
        density = distribution.pdf(x, *parameters)
        return (-density, *by_shapes(density * scale, z, *shapes), density, density * z)

    def logcdf(y, x, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = shifted(x, loc) / scale
        ratio = np.exp(distribution.logpdf(x, *parameters) - np.where(np.isinf(y), 0, y))
        return (ratio, *by_shapes(-ratio * scale, z, *shapes), -ratio, -ratio * z)

    def logsf(y, x, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = shifted(x, loc) / scale
        ratio = np.exp(distribution.logpdf(x, *parameters) - np.where(np.isinf(y), 0, y))
        return (-ratio, *by_shapes(ratio * scale, z, *shapes), ratio, ratio * z)

    def ppf(x, q, *parameters):
        shapes, loc, scale = parameters[:-2], parameters[-2], parameters[-1]
        z = shifted(x, loc) / scale
        return (1 / distribution.pdf(x, *parameters), *by_shapes(scale, z, *shapes), 1, z)

    def isf(x, q, *parameters):
        found = ppf(x, q, *parameters)
        return (-found[0], *found[1:])

    for rule in (cdf, sf, logcdf, logsf, ppf, isf):
        method = getattr(distribution, rule.__name__)
        method_rule(method, rule, "q" if rule in (ppf, isf) else "x", loc=0, scale=1)
