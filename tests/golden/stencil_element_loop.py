# The gradient of stencil_element_loop of tests/programs/memory.py; written by pytest --update-golden.

import numpy as np


def stencil_element_loop_grad(u, nu, steps):
    new = np.zeros_like(u)
    total_saved = []
    n_saved = []
    for _ in range(steps):
        # for i in range(1, len(u) - 1):
        n = len(u) - 1
        n_saved.append(n)
        for i in range(1, n):
            # new[i] = u[i] + nu * (u[i + 1] - 2 * u[i] + u[i - 1])
            total = u[i + 1] - 2 * u[i] + u[i - 1]
            total_saved.append(total)
            new[i] = u[i] + nu * total
        u = new.copy()
    # backward: return np.sum(u**3)
    u_bar = 3 * u**2
    # backward: for _ in range(steps):
    new_bar = np.zeros_like(new)
    nu_bar = 0.0
    for _ in range(steps):
        # backward: u = new.copy()
        new_bar += u_bar
        # backward: for i in range(1, len(u) - 1):
        u_bar = np.zeros_like(new_bar)
        for i in reversed(range(1, n_saved.pop())):
            # backward: new[i] = u[i] + nu * (u[i + 1] - 2 * u[i] + u[i - 1])
            g = new_bar[i]
            new_bar[i] = 0.0
            nu_bar += g * total_saved.pop()
            g_1 = g * nu
            u_bar[i - 1] += g_1
            u_bar[i] -= 2 * g_1
            u_bar[i + 1] += g_1
            u_bar[i] += g
    return u_bar, float(nu_bar)
