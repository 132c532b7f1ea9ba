"""500 Runge-Kutta steps of Lorenz's equations: a helper, arrays of three elements built from scalars, a long loop."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, lax, same_text, torch

title = "Lorenz RK4, 500 steps"
argnums = (0, 1, 2, 3)


def velocity(state, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def primal(state, sigma, rho, beta, dt, steps):
    for _ in range(steps):
        k1 = velocity(state, sigma, rho, beta)
        k2 = velocity(state + 0.5 * dt * k1, sigma, rho, beta)
        k3 = velocity(state + 0.5 * dt * k2, sigma, rho, beta)
        k4 = velocity(state + dt * k3, sigma, rho, beta)
        state = state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum(state**2)


def velocity_backward(stage, v_bar, parameters_bar, sigma, rho, beta):
    """The cotangent of the state at which the velocity was taken; those of the parameters are added up in place."""
    x, y, z = stage
    a, b, c = v_bar
    parameters_bar[0] += a * (y - x)
    parameters_bar[1] += b * x
    parameters_bar[2] -= c * z
    return np.array([(rho - z) * b - sigma * a + y * c, sigma * a - b + x * c, -x * b - beta * c])


def hand(state, sigma, rho, beta, dt, steps):
    half, sixth = 0.5 * dt, dt / 6.0
    saved = []
    for _ in range(steps):
        k1 = velocity(state, sigma, rho, beta)
        s2 = state + half * k1
        k2 = velocity(s2, sigma, rho, beta)
        s3 = state + half * k2
        k3 = velocity(s3, sigma, rho, beta)
        s4 = state + dt * k3
        k4 = velocity(s4, sigma, rho, beta)
        saved.append((state, s2, s3, s4))
        state = state + sixth * (k1 + 2.0 * (k2 + k3) + k4)
    value = np.sum(state**2)

    state_bar = 2.0 * state
    parameters_bar = [0.0, 0.0, 0.0]
    for s1, s2, s3, s4 in reversed(saved):
        outer = sixth * state_bar
        inner = 2.0 * outer
        s4_bar = velocity_backward(s4, outer, parameters_bar, sigma, rho, beta)
        s3_bar = velocity_backward(s3, inner + dt * s4_bar, parameters_bar, sigma, rho, beta)
        s2_bar = velocity_backward(s2, inner + half * s3_bar, parameters_bar, sigma, rho, beta)
        s1_bar = velocity_backward(s1, outer + half * s2_bar, parameters_bar, sigma, rho, beta)
        state_bar += s4_bar
        state_bar += s3_bar
        state_bar += s2_bar
        state_bar += s1_bar
    return value, (state_bar, *parameters_bar)


def arguments(small: bool = False) -> tuple:
    return np.array([1.0, 2.0, 20.0]), 10.0, 28.0, 8.0 / 3.0, 0.005, 5 if small else 500


def jax_primal(state, sigma, rho, beta, dt, steps):
    def velocity(state):
        x, y, z = state
        return jnp.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])

    def step(_, state):
        k1 = velocity(state)
        k2 = velocity(state + 0.5 * dt * k1)
        k3 = velocity(state + 0.5 * dt * k2)
        k4 = velocity(state + dt * k3)
        return state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)

    return jnp.sum(lax.fori_loop(0, steps, step, state) ** 2)


def torch_primal(state, sigma, rho, beta, dt, steps):
    def velocity(state):
        x, y, z = state
        return torch.stack([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])

    for _ in range(steps):
        k1 = velocity(state)
        k2 = velocity(state + 0.5 * dt * k1)
        k3 = velocity(state + 0.5 * dt * k2)
        k4 = velocity(state + dt * k3)
        state = state + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return torch.sum(state**2)


autograd_primal = same_text(primal, np=anp)
