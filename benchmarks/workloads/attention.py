"""One attention head, 64 positions of 32 features: three products and a softmax over rows."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, same_text, torch

title = "attention 64 x 32"
argnums = (0, 1, 2)


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def primal(queries, keys, values, targets):
    weights = softmax(queries @ keys.T / np.sqrt(queries.shape[1]))
    return np.mean((weights @ values - targets) ** 2)


def hand(queries, keys, values, targets):
    scale = 1.0 / np.sqrt(queries.shape[1])
    weights = queries @ (scale * keys.T)
    weights -= np.max(weights, axis=1)[:, None]
    weights = np.exp(weights)
    weights /= np.sum(weights, axis=1)[:, None]
    error = weights @ values
    error -= targets
    value = np.vdot(error, error) / error.size

    error *= 2.0 / error.size
    scores_bar = error @ values.T
    scores_bar -= np.sum(scores_bar * weights, axis=1)[:, None]
    scores_bar *= weights
    scores_bar *= scale
    return value, (scores_bar @ keys, scores_bar.T @ queries, weights.T @ error)


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(9)
    shape = (5, 3) if small else (64, 32)
    return tuple(rng.normal(size=shape) for _ in range(4))


def torch_primal(queries, keys, values, targets):
    weights = torch.softmax(queries @ keys.T / np.sqrt(queries.shape[1]), 1)
    return torch.mean((weights @ values - targets) ** 2)


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
