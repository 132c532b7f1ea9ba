# The gradient of stencil_nonlinear of tests/programs/memory.py; written by pytest --update-golden.


def stencil_nonlinear_grad(u, nu, steps):
    u_saved = []
    u = u.copy()
    for _ in range(steps):
        u_saved.append(u[1:-1].copy())
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[1:-1] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
    # backward: return np.sum(u**2)
    u_bar = 2 * u
    # backward: for t in range(steps):
    for _ in range(steps):
        # backward: u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[1:-1] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
        g = u_bar[1:-1].copy()
        g_1 = g * nu
        u_bar[:-2] += g_1
        u_bar[1:-1] -= 2 * nu * g
        u_bar[2:] += g_1
        u[1:-1] = u_saved.pop()
        g_1 = 0.1 * u[1:-1] * g
        u_bar[:-2] += g_1
        u_bar[1:-1] -= g_1
        u_bar[1:-1] -= 0.1 * ((u[1:-1] - u[:-2]) * g)
    return u_bar
