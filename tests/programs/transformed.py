"""Gradients that are called inside of what is differentiated: of functions outside, methods, and nested functions."""
# ruff: noqa: E731

import functools

import numpy as np

import s2sad
from s2sad import grad

from .data import normal, positive
from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])
P = positive(3)


# ---------------------------------------------------------------- of functions of the module


def energy(r, k):
    return 0.5 * k * np.sum(r**4) + np.sum(np.cos(r))


FORCE = grad(energy)
BOTH = s2sad.value_and_grad(energy, argnums=(0, 1))
BY_NAME = grad(energy, argnums="k")


@corner(X, 1.3, argnums=(0, 1))
def forces_that_should_match(r, k):
    return np.sum((FORCE(r, k) - np.arange(3.0)) ** 2)


@corner(X, 1.3, argnums=(0, 1))
def value_and_slopes(r, k):
    value, (by_r, by_k) = BOTH(r, k=k)
    return value * np.sum(by_r) + by_k


@corner(X, 1.3, argnums=(0, 1))
def slope_by_name(r, k):
    return BY_NAME(r, k) * np.sum(r)


def mean_force(r, k):
    return np.sum(FORCE(r, k) * r)


STIFFNESS = grad(mean_force)


@corner(X, 1.3, argnums=(0, 1))
def gradient_of_what_calls_a_gradient(r, k):
    return np.sum(STIFFNESS(r, k) ** 2)


@corner(X, 1.3, argnums=(0, 1))
def descent_with_its_rate(r, k):
    rate = k / 10
    for _ in range(4):
        r = r - rate * FORCE(r, k)
    return np.sum(r**2)


@corner(X)
def made_where_it_is_called(r):
    return np.sum(grad(energy)(r, 2.0) * r) + s2sad.grad(energy, 1)(r, 2.0)


CURVATURE = grad(grad(lambda t: np.sin(t) * t))


@corner(1.1)
def second_derivative_of_a_number(t):
    return CURVATURE(t) * t


SCALED = grad(functools.partial(energy, k=3.0))


@corner(X)
def gradient_of_a_partial(r):
    return np.sum(SCALED(r) ** 2)


def wraps_energy(*terms, power=2, **options):
    return sum(np.sum(t**power) for t in terms) * options["scale"]


@corner(X, P, argnums=(0, 1))
def any_number_of_arguments(a, b):
    first, second = grad(wraps_energy, argnums=(0, 1))(a, b, power=3, scale=2.0)
    return np.sum(first * second) + np.sum(grad(wraps_energy, argnums="scale")(a, b, scale=b[0]))


# ---------------------------------------------------------------- of methods


class Spring:
    def __init__(self, stiffness, rest):
        self.stiffness, self.rest = stiffness, rest

    def energy(self, x):
        return 0.5 * self.stiffness * np.sum((np.abs(x) - self.rest) ** 2)

    def force(self, x):
        return -grad(self.energy)(x)

    @property
    def forces(self):
        return grad(self.energy)


SPRING = Spring(2.0, 0.3)
OF_SPRING = grad(SPRING.energy)


@corner(X)
def gradient_of_a_bound_method(x):
    return np.sum(OF_SPRING(x) ** 3)


@corner(X)
def gradient_in_a_method(x):
    return np.sum(SPRING.force(x) ** 3)


@corner(SPRING, X, argnums=1)
def gradient_of_the_method_of_an_argument(spring, x):
    return np.sum(spring.forces(x) ** 2)


@corner(1.3, X, argnums=(0, 1))
def gradient_of_the_method_of_what_is_made_here(stiffness, x):
    spring = Spring(stiffness, x[0])
    return np.sum(spring.force(x) ** 2)


# ---------------------------------------------------------------- of nested functions


@corner(X, 0.7, argnums=(0, 1))
def lagrangian(q, mass):
    def action(position, velocity):
        return 0.5 * mass * np.sum(velocity**2) + np.sum(np.cos(position))

    v = np.zeros(3)
    for _ in range(3):
        v = v + 0.1 * grad(action, 0)(q, v) / mass
        q = q + 0.1 * v
    return np.sum(q**2)


@corner(1.3, 0.8, argnums=(0, 1))
def newton(a, b):
    f = lambda t: np.exp(a * t) - b * t**2 - 3.0
    slope = grad(f)
    t = 0.9
    for _ in range(4):
        t = t - f(t) / slope(t)
    return t * grad(slope)(t)


@corner(X)
def gradient_by_decorator(x):
    @grad
    def slope(t):
        return np.sum(np.sin(t) * x)

    return np.sum(slope(x) ** 2)


@corner(X, P, argnums=(0, 1))
def gradients_inside_of_each_other(x, p):
    outer = grad(lambda t: grad(lambda s: s**3 * p[1] * t)(t) * x[0])
    return outer(x[1]) + outer(2.0)


@corner(X)
def loops_and_writes_in_what_is_differentiated(x):
    def recurrence(t):
        t = t.copy()
        for i in range(1, 3):
            t[i] += t[i - 1] ** 2
        return t[-1] if t[0] > 0 else t[0]

    return np.sum(grad(recurrence)(x) ** 2)


@corner(X)
def until_it_is_small(x):
    def cost(t):
        return np.sum(t**2) * 0.4 if t[0] > 0.2 else np.sum(t**2) / 3

    v = x
    while np.sum(v**2) > 0.05:
        v = v - 0.3 * grad(cost)(v)
    return np.sum(v)


@corner(X)
def structures(x):
    g = s2sad.value_and_grad(lambda d: (np.sum(d["a"] * d["b"] ** 2), d["a"]), has_aux=True)
    (value, aux), slopes = g({"a": x, "b": 2 * x})
    return value + np.sum(aux * slopes["b"])


def by_list(p):
    return p[0] * p[1] ** 2 + p[2]


@corner(X, refused="of what type 'before' is, is not known before")
def of_lists_that_grow_and_change(x):
    parts = [x[0], x[1]]
    parts.append(x[2])
    before = grad(by_list)(parts)
    parts[1] = x[2]
    return before[0] * grad(by_list)(parts)[1]


@corner(X)
def what_it_gives_is_written(x):
    slope = grad(lambda t: np.sum(t * x))(x)
    slope[0] = 5.0
    slope += x
    return np.sum(slope * x)


@corner(X)
def handed_on(x):
    def total(f, values):
        return sum(np.sum(f(v * x)) for v in values)

    slopes = [grad(lambda t: np.sum(t**3)), grad(lambda t: np.sum(np.sin(t)))]
    return sum(total(f, x) for f in slopes)


@corner(X)
def of_partials_and_checkpoints(x):
    f = functools.partial(lambda c, t, power: np.sum(c * t**power), x[0], power=3)
    checked = s2sad.checkpoint(lambda t: np.sum(t**3) * x[1])
    return np.sum(grad(f)(x) * grad(checked)(x)) + np.sum(s2sad.checkpoint(grad(checked))(x))


@corner(X)
def complex_inside(x):
    f = lambda z: np.real(np.sum(z * np.conj(z) * z[0]))
    return np.real(np.sum(grad(f)(x + 1j * x**2)))


@corner(X)
def without_slope(x):
    return np.sum(grad(lambda t: 3.0)(x) * x) + np.sum(grad(lambda t: np.sum(x))(x) * x) + np.sum(x)


@corner(normal(3, 3), X, argnums=(0, 1))
def conjugate_directions(a, x):
    f = lambda t: 0.5 * t @ (a.T @ a @ t) - np.sum(t)
    r = -grad(f)(x)
    return np.sum(np.stack([x + s * r for s in (0.1, 0.2)]) @ r)


def weighted(w):
    def model(c, t):
        return c * w * np.sum(t**2)

    return model


LIGHT, HEAVY = weighted(3.0), weighted(5.0)


@corner(X)
def functions_of_one_text(x):
    """They differ in what they have captured alone."""
    total = 0.0
    for model in (LIGHT, HEAVY):
        total = total + np.sum(grad(functools.partial(model, 2.0))(x) * x) + np.sum(grad(model, 1)(2.0, x) ** 2)
        total = total + np.sum(grad(lambda t, m=model: m(1.0, t))(x) ** 3)
    return total


# ---------------------------------------------------------------- known only when the program runs


def scaled_in_place(t):
    t[0] = t[1] * 2
    return np.sum(t**2)


@corner(X, second=False, refused="changes its arguments, and its gradient is called here")
def of_what_writes_its_argument(x):
    v = x * 1.0
    return np.sum(grad(scaled_in_place)(v)) + np.sum(v**2)


@corner(X, refused="this gradient is not compiled: the function must return a real scalar")
def no_scalar_where_nobody_goes(x):
    if x[0] > 100:
        return np.sum(grad(lambda t: t * 2)(x))
    return np.sum(x**2)
