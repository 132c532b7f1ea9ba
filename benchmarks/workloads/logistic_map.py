"""The mean of 1000 steps of the logistic map: a for loop over Python floats, one saved float a step."""

from __future__ import annotations

from benchmarks.peers import lax

title = "logistic map, 1000 steps"
argnums = (0, 1)


def primal(rate, x, steps):
    total = 0.0
    for _ in range(steps):
        x = rate * x * (1.0 - x)
        total += x
    return total / steps


def hand(rate, x, steps):
    total = 0.0
    saved = []
    for _ in range(steps):
        saved.append(x)
        x = rate * x * (1.0 - x)
        total += x
    total_bar = 1.0 / steps
    rate_bar = x_bar = 0.0
    for before in reversed(saved):
        x_bar += total_bar
        rate_bar += x_bar * before * (1.0 - before)
        x_bar *= rate * (1.0 - 2.0 * before)
    return total / steps, (rate_bar, x_bar)


def arguments(small: bool = False) -> tuple:
    # A rate with a stable cycle: in the chaotic range no two libraries would agree after 1000 steps.
    return 3.5, 0.3, 20 if small else 1000


def jax_primal(rate, x, steps):
    def step(_, carried):
        x, total = carried
        x = rate * x * (1.0 - x)
        return x, total + x

    return lax.fori_loop(0, steps, step, (x, 0.0))[1] / steps


autograd_primal = torch_primal = primal
