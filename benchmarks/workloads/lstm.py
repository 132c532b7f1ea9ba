"""An LSTM with 32 units over 100 steps of 16 inputs, an error at every step: many small array operations in a loop."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, lax, same_text, torch

title = "LSTM, 100 steps"
argnums = (0, 1, 2)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def primal(W, U, b, inputs, targets):
    n = U.shape[1]
    h = np.zeros(n)
    c = np.zeros(n)
    loss = 0.0
    for x, target in zip(inputs, targets):  # noqa: B905  (as users write it)
        gates = W @ x + U @ h + b
        i = sigmoid(gates[:n])
        f = sigmoid(gates[n : 2 * n])
        o = sigmoid(gates[2 * n : 3 * n])
        g = np.tanh(gates[3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
        loss = loss + np.sum((h - target) ** 2)
    return loss


def hand(W, U, b, inputs, targets):
    steps, n = targets.shape
    h_all = np.zeros((steps + 1, n))
    c = np.zeros(n)
    saved = []
    loss = 0.0
    for t in range(steps):
        gates = W @ inputs[t] + U @ h_all[t] + b
        i = 1.0 / (1.0 + np.exp(-gates[:n]))
        f = 1.0 / (1.0 + np.exp(-gates[n : 2 * n]))
        o = 1.0 / (1.0 + np.exp(-gates[2 * n : 3 * n]))
        g = np.tanh(gates[3 * n :])
        c_before = c
        c = f * c + i * g
        tanh_c = np.tanh(c)
        h = o * tanh_c
        h_all[t + 1] = h
        error = h - targets[t]
        loss += error @ error
        saved.append((i, f, o, g, c_before, tanh_c, error))

    # The rows of all steps are collected, so that the weights need one product each, after the loop.
    gates_bar = np.empty((steps, 4 * n))
    h_bar = np.zeros(n)
    c_bar = np.zeros(n)
    for t in range(steps - 1, -1, -1):
        i, f, o, g, c_before, tanh_c, error = saved[t]
        h_bar += 2.0 * error
        o_slope = h_bar * o
        c_bar += o_slope * (1.0 - tanh_c * tanh_c)
        row = gates_bar[t]
        i_share = c_bar * i
        f_share = c_bar * f
        row[:n] = i_share * g * (1.0 - i)
        row[n : 2 * n] = f_share * c_before * (1.0 - f)
        row[2 * n : 3 * n] = o_slope * tanh_c * (1.0 - o)
        row[3 * n :] = i_share * (1.0 - g * g)
        c_bar = f_share
        h_bar = row @ U
    return loss, (gates_bar.T @ inputs, gates_bar.T @ h_all[:-1], np.sum(gates_bar, axis=0))


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(4)
    steps, inputs, units = (4, 2, 3) if small else (100, 16, 32)
    return (
        rng.normal(size=(4 * units, inputs)) / np.sqrt(inputs),
        rng.normal(size=(4 * units, units)) / np.sqrt(units),
        0.1 * rng.normal(size=4 * units),
        rng.normal(size=(steps, inputs)),
        rng.normal(size=(steps, units)),
    )


def jax_primal(W, U, b, inputs, targets):
    n = U.shape[1]

    def step(carried, data):
        h, c, loss = carried
        x, target = data
        gates = W @ x + U @ h + b
        i, f, o = (1.0 / (1.0 + jnp.exp(-part)) for part in (gates[:n], gates[n : 2 * n], gates[2 * n : 3 * n]))
        c = f * c + i * jnp.tanh(gates[3 * n :])
        h = o * jnp.tanh(c)
        return (h, c, loss + jnp.sum((h - target) ** 2)), None

    (_, _, loss), _ = lax.scan(step, (jnp.zeros(n), jnp.zeros(n), 0.0), (inputs, targets))
    return loss


def torch_primal(W, U, b, inputs, targets):
    n = U.shape[1]
    h = torch.zeros(n, dtype=U.dtype)
    c = torch.zeros(n, dtype=U.dtype)
    loss = 0.0
    for x, target in zip(inputs, targets):  # noqa: B905
        i, f, o, g = torch.split(W @ x + U @ h + b, n)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        loss = loss + torch.sum((h - target) ** 2)
    return loss


autograd_primal = same_text(primal, np=anp)
