"""Gauss-Seidel smoothing of a 24 x 24 grid, 4 sweeps, element by element, in place.

There is no autograd version: it has no assignment to elements, and nobody rebuilds a grid for every element.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers import jnp, lax, torch

title = "seidel_2d, element loops"
argnums = 0


def primal(grid, steps):
    A = grid.copy()
    n, m = A.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                A[i, j] = (
                    A[i - 1, j - 1]
                    + A[i - 1, j]
                    + A[i - 1, j + 1]
                    + A[i, j - 1]
                    + A[i, j]
                    + A[i, j + 1]
                    + A[i + 1, j - 1]
                    + A[i + 1, j]
                    + A[i + 1, j + 1]
                ) / 9.0
    return np.sum(A**2)


def hand(grid, steps):
    A = grid.copy()
    n, m = A.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                A[i, j] = (
                    A[i - 1, j - 1]
                    + A[i - 1, j]
                    + A[i - 1, j + 1]
                    + A[i, j - 1]
                    + A[i, j]
                    + A[i, j + 1]
                    + A[i + 1, j - 1]
                    + A[i + 1, j]
                    + A[i + 1, j + 1]
                ) / 9.0
    A_bar = 2.0 * A
    for _ in range(steps):
        for i in range(n - 2, 0, -1):
            for j in range(m - 2, 0, -1):
                share = A_bar[i, j] / 9.0
                A_bar[i, j] = 0.0
                A_bar[i - 1 : i + 2, j - 1 : j + 2] += share
    return np.sum(A**2), A_bar


def arguments(small: bool = False) -> tuple:
    size, steps = (5, 2) if small else (24, 4)
    return np.random.default_rng(6).normal(size=(size, size)), steps


def jax_primal(grid, steps):
    n, m = grid.shape

    def element(k, A):
        i, j = 1 + k // (m - 2), 1 + k % (m - 2)
        total = jnp.sum(lax.dynamic_slice(A, (i - 1, j - 1), (3, 3)))
        return A.at[i, j].set(total / 9.0)

    def sweep(_, A):
        return lax.fori_loop(0, (n - 2) * (m - 2), element, A)

    return jnp.sum(lax.fori_loop(0, steps, sweep, grid) ** 2)


def torch_primal(grid, steps):
    A = grid.clone()
    n, m = A.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                A[i, j] = torch.sum(A[i - 1 : i + 2, j - 1 : j + 2]) / 9.0
    return torch.sum(A**2)
