# The gradient of stencil_element_loop of tests/programs/memory.py; written by pytest --update-golden.

import numpy as np


def stencil_element_loop_grad(u, nu, steps):
    new = np.zeros_like(u)
    t_saved = []
    t_saved_1 = []
    for _ in range(steps):
        # for i in range(1, len(u) - 1):
        t = len(u) - 1
        t_saved_1.append(t)
        for i in range(1, t):
            # new[i] = u[i] + nu * (u[i + 1] - 2 * u[i] + u[i - 1])
            t = u[i + 1] - 2 * u[i] + u[i - 1]
            t_saved.append(t)
            new[i] = u[i] + nu * t
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
        for i in reversed(range(1, t_saved_1.pop())):
            # backward: new[i] = u[i] + nu * (u[i + 1] - 2 * u[i] + u[i - 1])
            t = new_bar[i]
            new_bar[i] = 0.0
            nu_bar += t * t_saved.pop()
            t_1 = t * nu
            u_bar[i - 1] += t_1
            u_bar[i] -= 2 * t_1
            u_bar[i + 1] += t_1
            u_bar[i] += t
    return u_bar, float(nu_bar)
