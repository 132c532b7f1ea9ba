"""Rules of s2sad's own run-time helpers, so that what it generates can be differentiated again."""

import numpy as np

from .. import runtime
from .table import jvp, linear, vjp, zero_derivative


@linear(runtime.unbroadcast, arguments=("g",), view=True)
def unbroadcast(y_bar, y, g, x):
    return broadcast_again(y_bar, g, x), None


def broadcast_again(y_bar, g, x):
    """The cotangent of ``g``, which was summed down to ``x``."""
    if g is None or isinstance(g, list | tuple):
        return None if g is None else y_bar
    return runtime.sum_to(as_array(y_bar, x), np.shape(g))


def as_array(bar, x):
    """The cotangent of a list that served as an array: zeros for its whole numbers, which have none."""
    if isinstance(bar, (list, tuple)):
        return np.array([as_array(b, e) for b, e in zip(bar, x, strict=True)])
    return np.zeros(np.shape(x)) if bar is None else bar


@linear(runtime.sum_to, arguments=("g",), view=True)
def sum_to(y_bar, y, g, shape):  # along an axis it sums or repeats: each is the other's transpose
    return runtime.sum_to(y_bar, np.shape(g)), None


@linear(runtime.match, arguments=("g",), view=True)
def match(y_bar, y, g, x):
    return y_bar, None


@linear(runtime.as_gradient, arguments=("g",), view=True)
def as_gradient(y_bar, y, g, x):
    return y_bar, None


@linear(runtime.last_written, arguments=("g",))
def last_written(y_bar, y, g, i):
    received = runtime.last_written(np.ones_like(g), i)
    return runtime.index_add(np.zeros_like(g), i, received * y_bar), None


@linear(runtime.rebuild, arguments=("elements",))
def rebuild(y_bar, y, x, elements):
    return None, y_bar


@linear(runtime.as_tangent, arguments=("dot",), view=True)
def as_tangent(y_bar, z, dot, y):
    return y_bar, None


@linear(runtime.detached)
def detached(y_bar, y, x):
    return y_bar


# What is found by decisions moves with what they depend on, by an amount that no operation tells.


@vjp(runtime.decided, runtime.decided_places, view=True)
def decided(y_bar, y, x, other, a, b):
    runtime.check_found(y_bar, x, other)
    return y_bar, None, None, None


@jvp(runtime.decided)
def decided_x(x_dot, y, x, other, a, b):
    return x_dot


@jvp(runtime.decided, 1)
def decided_other(other_dot, y, x, other, a, b):
    return np.zeros_like(x)


@jvp(runtime.decided, 2)
def decided_a(a_dot, y, x, other, a, b):
    runtime.check_found(a_dot != 0, x, other)
    return np.zeros_like(x)


@jvp(runtime.decided, 3)
def decided_b(b_dot, y, x, other, a, b):
    runtime.check_found(b_dot != 0, x, other)
    return np.zeros_like(x)


zero_derivative(runtime.check_found, effect=True)
zero_derivative(runtime.zeros_like, runtime.seed, runtime.ones_like, runtime.weights_like, runtime.triangle_weights)
zero_derivative(runtime.check_elementwise, effect=True)
zero_derivative(runtime.stop_gradient, view=True)
