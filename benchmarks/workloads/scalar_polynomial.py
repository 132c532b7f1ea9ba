"""A polynomial of two Python floats, ten arithmetic operations: whatever is slower than a float shows here."""

from __future__ import annotations

title = "scalar polynomial, 10 ops"
argnums = (0, 1)


def primal(x, y):
    t = x * y + 1.0
    u = t * t - 2.0 * x
    return u * y + 0.5 * t * u - x


def hand(x, y):
    t = x * y + 1.0
    u = t * t - 2.0 * x
    u_bar = y + 0.5 * t
    t_bar = 0.5 * u + 2.0 * t * u_bar
    return u * y + 0.5 * t * u - x, (t_bar * y - 2.0 * u_bar - 1.0, t_bar * x + u)


def arguments(small: bool = False) -> tuple:
    return 0.7, -1.3


autograd_primal = jax_primal = torch_primal = primal
