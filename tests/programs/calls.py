"""Calls: helpers, arguments, recursion, closures, functions as values, methods."""
# ruff: noqa: E731, B006

import functools

import numpy as np

from . import other
from .data import normal, positive
from .harness import Program
from .other import squash as other_squash

SCALE = 2.0


def square(x):
    return x * x


def squash(x):
    return np.tanh(SCALE * x)


def norm_of(a):
    return np.sqrt(np.sum(square(a)))


def helper(x):
    return square(x) + square(np.sin(x))


def nested_helpers(a, s):
    return norm_of(squash(a) * s) + squash(norm_of(a))


def scaled(x, factor=2.0, *, shift=0.5):
    return factor * x + shift


def keywords_and_defaults(x, y):
    return scaled(x) * scaled(y, 3.0) + scaled(shift=x * y, x=x) * scaled(y, shift=x)


def default_from_module(x, scale=SCALE, options={"power": 3}):
    return scale * x ** options["power"]


def total_of(*values):
    result = 0.0
    for v in values:
        result = result + v**2
    return result


def star_args(x, y):
    values = (x, y, x * y)
    return total_of(*values) + total_of(x) * total_of(y, *values[1:])


def with_options(x, **options):
    return x * options.get("scale", 1.0) + options["shift"]


def star_kwargs(x, y):
    options = {"shift": y, "scale": x}
    return with_options(x, **options) * with_options(y, shift=2.0)


def forwarded(*args, **kwargs):
    return scaled(*args, **kwargs)


def forwarding(x, y):
    return forwarded(x, y, shift=x) * forwarded(y, factor=x)


def power_by_recursion(x, n):
    if n == 0:
        return 1.0
    return x * power_by_recursion(x, n - 1)


def tree_sum(a):
    if len(a) == 1:
        return a[0] ** 2
    half = len(a) // 2
    return tree_sum(a[:half]) * 1.5 + tree_sum(a[half:])


def even_steps(x, n):
    return x if n == 0 else odd_steps(np.sin(x), n - 1)


def odd_steps(x, n):
    return x if n == 0 else even_steps(x * x + 0.5, n - 1)


def mutual_recursion(x, n):
    return even_steps(x, n) + odd_steps(x, n)


def closure(x, y):
    def line(t):
        return x * t + y

    return line(1.0) * line(x)


def closure_sees_later_value(x):
    scale = 1.0

    def f(t):
        return scale * t

    scale = x * 3
    return f(x)


def make_power(n):
    def power(x):
        return x**n

    return power


def returned_closure(x):
    cube = make_power(3)
    return cube(x) + make_power(2)(x)


def make_model(bias):
    def model(x):
        return np.sum(np.tanh(x + bias))

    return model


def lambdas(x, y):
    f = lambda t: t**2 + x
    g = lambda t, s=2: f(t) * s
    return g(y) + (lambda: x * y)()


def partials(x):
    doubled = functools.partial(scaled, factor=2.0, shift=0.0)
    first = functools.partial(scaled, x)
    return doubled(x) ** 2 + first(3.0, shift=x)


def simpson(f, a, b, n=6):
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += (4 if i % 2 else 2) * f(a + i * h)
    return total * h / 3


def function_argument(a, b):
    return simpson(np.exp, a, b) + simpson(lambda t: t * a, 0.0, b) + simpson(square, a, 1.0)


def function_passed_in(f, x):
    return f(x) + x * f(2 * x)


def table_of_functions(x, name):
    table = {"sin": np.sin, "square": square, "scaled": lambda t: scaled(t, 3.0)}
    return table[name](x) * x


def decorator(f):
    @functools.wraps(f)
    def wrapper(*args):
        return 2 * f(*args)

    return wrapper


@decorator
def decorated(x):
    return x**3


def calls_decorated(x):
    return decorated(x) + x


class Oscillator:
    """A plain class with attributes, methods, properties, a class attribute and a call."""

    order = 2

    def __init__(self, stiffness, damping=0.1):
        self.stiffness = stiffness
        self.damping = damping

    @property
    def frequency(self):
        return np.sqrt(self.stiffness)

    @staticmethod
    def clipped(x):
        return x if x < 10 else 10.0

    @classmethod
    def unit(cls, scale):
        return cls(scale, 0.0)

    def force(self, x, v=0.0):
        return -self.stiffness * x - self.damping * v

    def energy(self, x):
        return 0.5 * self.clipped(self.frequency) ** self.order * x**2 + self.force(x, 1.0)

    def __call__(self, x):
        return self.force(x) * x


class Driven(Oscillator):
    def force(self, x, v=0.0):
        return super().force(x, v) + np.sin(x)


OSCILLATOR = Oscillator(1.7)
DRIVEN = Driven(1.7, damping=0.3)


def object_argument(oscillator, x):
    return oscillator.energy(x) + oscillator(x)


def object_made_inside(k, x):
    return Oscillator(k, damping=k**2).energy(x) + Oscillator.unit(k)(x)


def same_name_elsewhere(x):
    return squash(x) * other.squash(x) + other_squash(x) * other.SCALE


def helper_of_other_module(x):
    return other.twice(squash, x) + other.twice(square, x)


def scalar_and_array(a, s):
    return np.sum(square(a)) * square(s) + squash(s) * np.sum(squash(a))


def statistics(a):
    mean = np.mean(a)
    return mean, np.mean((a - mean) ** 2), len(a)


def multiple_returns(a):
    mean, variance, n = statistics(a)
    return mean / variance * n + statistics(a * 2)[1]


def relax(x, target):
    return x + 0.3 * (target - x) ** 2


def helper_in_loop(x, target):
    for _ in range(4):
        x = relax(x, target)
    return x


def branching_helper(x):
    if x > 1:
        return np.log(x)
    return x - 1.0


def branching_helper_in_loop(values):
    return sum([branching_helper(v) for v in values])


def log_density(x, mean, log_scale):
    """The same argument in two places, one of them inactive."""
    return -0.5 * ((x - mean) / np.exp(log_scale)) ** 2 - log_scale


def same_value_twice(x):
    return log_density(x, x * 0.5, 0.1) + log_density(2.0, x, x)


def returns_its_argument(x, y):
    if y > 0:
        return x
    return y


def result_aliases_argument(x, y):
    z = returns_its_argument(x, y)
    return np.sum(z * x) + np.sum(y)


def method_calls_on_arrays(a):
    return a.sum() * a.mean() + a.T.dot(a).max() + a.reshape(-1).clip(-1, 1).std() + a.flatten()[0]


def no_result_helper(values, x):
    values.append(x * 2)


def helper_writes_list(x):
    values = [x]
    no_result_helper(values, x)
    no_result_helper(values, values[1])
    return values[0] * values[2]


P2 = [(1.2, 0.7)]
DIRECTION = np.array([1.0, -2.0, 3.0])


def with_defaults(x, weights=DIRECTION, bounds=[-1.0, 1.0], *, options={"power": 3, "kind": "odd"}, steps=[np.sin]):
    y = np.clip(x, bounds[0], bounds[1]) ** options["power"]
    for f in steps:
        y = f(y)
    return np.sum(weights * y) * (2.0 if options["kind"] == "odd" else 1.0)


def defaults_that_hold_things(x):
    return with_defaults(x) + with_defaults(x, bounds=(0.0, 0.5)) * with_defaults(x, x)


PROGRAMS = [
    Program(helper, [(1.2,), (np.float64(0.3),)]),
    Program(nested_helpers, [(normal(3), 1.5), (normal(2, 2), 0.5)], argnums=(0, 1)),
    Program(keywords_and_defaults, P2, argnums=(0, 1)),
    Program(default_from_module, [(1.2,), (1.2, 3.0)]),
    Program(star_args, P2, argnums=(0, 1)),
    Program(total_of, [(1.0, 2.0), (1.0, 2.0, 3.0)], argnums=(0, 1), name="differentiated_star_args"),
    Program(star_kwargs, P2, argnums=(0, 1)),
    Program(forwarding, P2, argnums=(0, 1)),
    Program(power_by_recursion, [(1.2, 4), (1.2, 0), (0.7, 1)]),
    Program(tree_sum, [(normal(5),), ([1.0, 2.0, 3.0],)]),
    Program(mutual_recursion, [(0.6, 3), (0.6, 0), (0.4, 4)]),
    Program(closure, P2, argnums=(0, 1)),
    Program(closure_sees_later_value, [(1.5,)]),
    Program(returned_closure, [(1.2,)]),
    Program(make_model(0.3), [(normal(3),), (0.4,)], name="closure_differentiated"),
    Program(lambda x: np.sin(x) * x, [(1.2,)], name="lambda_differentiated"),
    Program(lambdas, P2, argnums=(0, 1)),
    Program(partials, [(1.2,)]),
    Program(functools.partial(scaled, factor=3.0), [(1.5,)], name="partial_differentiated"),
    Program(function_argument, [(0.3, 1.4)], argnums=(0, 1)),
    Program(function_passed_in, [(np.sin, 0.7), (square, 0.7), (make_power(3), 0.7), (OSCILLATOR, 0.7)], argnums=1),
    Program(table_of_functions, [(0.7, "sin"), (0.7, "square"), (0.7, "scaled")]),
    Program(calls_decorated, [(1.2,)]),
    Program(decorated, [(1.2,)], name="decorated_differentiated"),
    Program(OSCILLATOR.energy, [(0.7,), (1.2,)], name="bound_method"),
    Program(DRIVEN.energy, [(0.7,)], name="overridden_method_and_super"),
    Program(OSCILLATOR, [(0.7,)], name="callable_object"),
    Program(object_argument, [(Oscillator(1.7), 0.6), (Driven(0.9, 0.2), 0.6)], argnums=1),
    Program(object_argument, [(Oscillator(1.7), 0.6)], argnums=(0, 1), name="by_object"),
    Program(object_made_inside, [(1.7, 0.6)], argnums=(0, 1)),
    Program(same_name_elsewhere, [(0.2,), (np.float64(0.1),)]),
    Program(helper_of_other_module, [(0.2,)]),
    Program(scalar_and_array, [(positive(3), 0.5), (0.5, 2.0)], argnums=(0, 1)),
    Program(multiple_returns, [(normal(4),)]),
    Program(helper_in_loop, P2, argnums=(0, 1)),
    Program(branching_helper_in_loop, [([0.5, 2.0, 3.0],), ([2.0],)]),
    Program(same_value_twice, [(1.2,)]),
    Program(result_aliases_argument, [(normal(3), 1.0), (normal(3), -1.0)], argnums=(0, 1)),
    Program(method_calls_on_arrays, [(normal(3, 3),)]),
    Program(helper_writes_list, [(1.2,)]),
    Program(defaults_that_hold_things, [(normal(3),), (0.3 * normal(3),)]),
]
