"""Newton's iteration for a square root: a while loop over Python floats whose trip count depends on the data."""

from __future__ import annotations

from benchmarks.peers import jnp, lax

title = "Newton square root, while"
argnums = 0


def primal(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def hand(a):
    x = a
    saved = []
    while abs(x * x - a) > 1e-12 * a:
        saved.append(x)
        x = 0.5 * (x + a / x)
    x_bar = 1.0
    a_bar = 0.0
    for before in reversed(saved):
        half = 0.5 * x_bar
        share = half / before
        a_bar += share
        x_bar = half - share * a / before
    return x, a_bar + x_bar


def arguments(small: bool = False) -> tuple:
    return (1234.5,)


def jax_primal(a):
    # Reverse mode of JAX needs a bounded trip count: 20 steps, of which those after convergence change nothing.
    def step(_, x):
        return jnp.where(jnp.abs(x * x - a) > 1e-12 * a, 0.5 * (x + a / x), x)

    return lax.fori_loop(0, 20, step, a)


autograd_primal = torch_primal = primal
