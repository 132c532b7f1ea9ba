"""Jacobi smoothing of a 150 x 150 grid, 50 double sweeps written in place: linear, so nothing needs to be saved."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, lax, torch

title = "jacobi_2d, in place, 150 x 150 x 50"
argnums = 0
measure_memory = True


def primal(grid, steps):
    A = grid.copy()
    B = grid.copy()
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
    return np.sum(A**2)


def hand(grid, steps):
    A = grid.copy()
    B = grid.copy()
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
    value = np.sum(A**2)

    A_bar = 2.0 * A
    B_bar = np.zeros_like(B)
    for _ in range(steps):
        share = 0.2 * A_bar[1:-1, 1:-1]
        A_bar[1:-1, 1:-1] = 0.0
        B_bar[1:-1, 1:-1] += share
        B_bar[1:-1, :-2] += share
        B_bar[1:-1, 2:] += share
        B_bar[2:, 1:-1] += share
        B_bar[:-2, 1:-1] += share
        share = 0.2 * B_bar[1:-1, 1:-1]
        B_bar[1:-1, 1:-1] = 0.0
        A_bar[1:-1, 1:-1] += share
        A_bar[1:-1, :-2] += share
        A_bar[1:-1, 2:] += share
        A_bar[2:, 1:-1] += share
        A_bar[:-2, 1:-1] += share
    A_bar += B_bar
    return value, A_bar


def arguments(small: bool = False) -> tuple:
    size, steps = (6, 3) if small else (150, 50)
    return np.random.default_rng(5).normal(size=(size, size)), steps


def autograd_primal(grid, steps):
    def sweep(A, B):
        inner = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        middle = anp.concatenate([B[1:-1, :1], inner, B[1:-1, -1:]], axis=1)
        return anp.concatenate([B[:1], middle, B[-1:]], axis=0)

    A = B = grid
    for _ in range(steps):
        B = sweep(A, B)
        A = sweep(B, A)
    return anp.sum(A**2)


def jax_primal(grid, steps):
    def sweep(A, B):
        inner = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        return B.at[1:-1, 1:-1].set(inner)

    def step(_, carried):
        A, B = carried
        B = sweep(A, B)
        return sweep(B, A), B

    return jnp.sum(lax.fori_loop(0, steps, step, (grid, grid))[0] ** 2)


def torch_primal(grid, steps):
    A = grid.clone()
    B = grid.clone()
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
    return torch.sum(A**2)
