"""Not among the timed workloads: an ordinary function of thirty lines, for the time of the first gradient call."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, same_text

title = "thirty lines"
argnums = (0, 1)


def primal(weights, bias, inputs, targets, rate, steps):
    count = inputs.shape[0]
    center = np.mean(inputs, axis=0)
    spread = np.sqrt(np.mean((inputs - center) ** 2, axis=0) + 1e-6)
    hidden = np.tanh((inputs - center) / spread @ weights + bias)
    norms = np.sqrt(np.sum(hidden * hidden, axis=1))
    signal = hidden / (1.0 + norms[:, None])
    state = np.zeros(signal.shape[1])
    energy = 0.0
    overlap = 0.0
    for k in range(steps):
        drive = signal[k % count]
        gate = 1.0 / (1.0 + np.exp(-(state + drive)))
        change = rate * gate * (drive - state)
        if k % 3 == 0:  # noqa: SIM108  (a branch is what we want)
            state = state + change
        else:
            state = (1.0 - 0.1 * rate) * state + 0.5 * change
        size = np.sum(state**2)
        energy = energy + size / (1.0 + size)
        overlap = overlap + np.dot(state, drive)
    residual = signal @ state - targets
    distance = np.abs(residual)
    huber = np.where(distance < 1.0, 0.5 * residual**2, distance - 0.5)
    fit = np.mean(huber)
    smoothness = np.sum((weights[1:] - weights[:-1]) ** 2)
    penalty = 0.01 * smoothness + 0.001 * np.sum(bias**2)
    score = np.log1p(energy) + 0.1 * np.sin(overlap / steps)
    return fit / (1.0 + score * score) + penalty


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(10)
    return rng.normal(size=(4, 5)), rng.normal(size=5), rng.normal(size=(8, 4)), 2.0 * rng.normal(size=8), 0.3, 12


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
