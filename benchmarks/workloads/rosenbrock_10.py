"""Rosenbrock's function of 10 variables: overlapping slices, and mostly the cost of calling NumPy."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, same_text, torch

title = "Rosenbrock N=10"
argnums = 0


def primal(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def hand(x):
    head = x[:-1]
    gap = x[1:] - head**2
    rest = 1.0 - head
    x_bar = np.zeros(x.shape)
    x_bar[1:] = 200.0 * gap
    x_bar[:-1] -= 400.0 * gap * head + 2.0 * rest
    return 100.0 * (gap @ gap) + rest @ rest, x_bar


def arguments(small: bool = False, size: int = 10) -> tuple:
    return (np.random.default_rng(1).normal(size=size),)


def torch_primal(x):
    return torch.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
