# The gradient of primal of benchmarks/workloads/jacobi_2d.py; written by pytest --update-golden.

import numpy as np


def primal_grad(grid, steps):
    A = grid.copy()
    B = grid.copy()
    for _ in range(steps):
        # B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        product = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        B[1:-1, 1:-1] = product
        # A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
        product = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
        A[1:-1, 1:-1] = product
    # backward: return np.sum(A**2)
    A_bar = 2 * A
    # backward: for _ in range(steps):
    B_bar = np.zeros_like(B)
    for _ in range(steps):
        # backward: A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
        g = A_bar[1:-1, 1:-1].copy()
        A_bar[1:-1, 1:-1] = 0.0
        g = g * 0.2
        B_bar[:-2, 1:-1] += g
        B_bar[2:, 1:-1] += g
        B_bar[1:-1, 2:] += g
        B_bar[1:-1, :-2] += g
        B_bar[1:-1, 1:-1] += g
        # backward: B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        g = B_bar[1:-1, 1:-1].copy()
        B_bar[1:-1, 1:-1] = 0.0
        g = g * 0.2
        A_bar[:-2, 1:-1] += g
        A_bar[2:, 1:-1] += g
        A_bar[1:-1, 2:] += g
        A_bar[1:-1, :-2] += g
        A_bar[1:-1, 1:-1] += g
    # backward: A = grid.copy()
    B_bar += A_bar
    return B_bar
