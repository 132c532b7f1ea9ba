"""Rules of s2sad's own run-time helpers, so that what it generates can be differentiated again."""

from types import FunctionType

import numpy as np

from .. import runtime
from .table import jvp, linear, vjp, zero_derivative


def helper(f):
    """The run-time helper that a function of ahead-of-time output is a copy of; other functions are themselves.

    A helper means more than its text where its rule says so: `runtime.stop_gradient` returns what it gets.
    """
    own = HELPERS.get((f.__doc__ or "").partition("\n")[0])
    alike = own is not None and all(getattr(f.__code__, name) == getattr(own.__code__, name) for name in _CODE)
    return own if alike else f


HELPERS = {x.__doc__.partition("\n")[0]: x for x in vars(runtime).values() if isinstance(x, FunctionType) and x.__doc__}
_CODE = ("co_code", "co_varnames", "co_names")


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
    runtime.check_found(np.any(x_dot != 0), x, other)
    return x_dot


@jvp(runtime.decided, 1)
def decided_other(other_dot, y, x, other, a, b):
    return np.zeros_like(x)


@jvp(runtime.decided, 2)
def decided_a(a_dot, y, x, other, a, b):
    runtime.check_found(np.any(a_dot != 0), x, other)
    return np.zeros_like(x)


@jvp(runtime.decided, 3)
def decided_b(b_dot, y, x, other, a, b):
    runtime.check_found(np.any(b_dot != 0), x, other)
    return np.zeros_like(x)


@vjp(runtime.settled, runtime.settled_places, view=True)
def settled(y_bar, y, x, moves, decider=None):
    runtime.check_settled(y_bar, moves)
    return y_bar, None, None


@jvp(runtime.settled)
@jvp(runtime.settled_places)
def settled_x(x_dot, y, x, moves, decider=None):
    runtime.check_settled(1.0, moves)
    return x_dot


@jvp(runtime.settled, 2)
@jvp(runtime.settled_places, 2)
def settled_by(decider_dot, y, x, moves, decider=None):
    runtime.check_settled(1.0, moves)
    return np.zeros_like(x)


# What a recorded run does not follow: where code is compiled, they are more than their rules (`autodiff/roots.py`).


@vjp(runtime.as_root, view=True)
def root(y_bar, y, x):
    raise runtime.no_derivative("what is found by decisions has no derivative where a run is recorded")


@jvp(runtime.as_root)
def root_x(x_dot, y, x):
    raise runtime.no_derivative("what is found by decisions has no derivative where a run is recorded")


def found(y_bar, y, x, low, high, root, residual, anew=False):
    raise runtime.no_derivative("what is found by decisions has no derivative where a run is recorded")


vjp(runtime.found, view=True)(found)
for place in range(5):
    jvp(runtime.found, place)(found)


@vjp(runtime.by_root)
def by_root(y_bar, y, bar, x, low, high, root, residual, slope):
    moved = runtime.by_root(y_bar, x, low, high, root, residual, slope)
    return moved, None, None, None, None, None, y * moved


@jvp(runtime.by_root)
def by_root_bar(bar_dot, y, bar, x, low, high, root, residual, slope):
    return runtime.by_root(bar_dot, x, low, high, root, residual, slope)


@jvp(runtime.by_root, 6)
def by_root_slope(slope_dot, y, bar, x, low, high, root, residual, slope):
    return y * runtime.by_root(slope_dot, x, low, high, root, residual, slope)


@vjp(runtime.unless_found)
def unless_found(y_bar, y, bar, x, low, high, root, residual, slope):
    moved = runtime.unless_found(y_bar, x, low, high, root, residual, slope)
    return moved, None, None, None, None, None, None


@jvp(runtime.unless_found)
def unless_found_bar(bar_dot, y, bar, x, low, high, root, residual, slope):
    return runtime.unless_found(bar_dot, x, low, high, root, residual, slope)


def without_influence(dot, y, bar, x, low, high, root, residual, slope):
    return 0.0 * y


for place in range(1, 6):
    jvp(runtime.by_root, place)(without_influence)
for place in range(1, 7):
    jvp(runtime.unless_found, place)(without_influence)

zero_derivative(runtime.is_found, runtime.moved)
zero_derivative(runtime.check_found, runtime.check_each, runtime.check_settled, effect=True)
zero_derivative(runtime.zeros_like, runtime.seed, runtime.ones_like, runtime.weights_like, runtime.triangle_weights)
zero_derivative(runtime.check_elementwise, effect=True)
zero_derivative(runtime.stop_gradient, view=True)
