"""Logistic regression of 1000 x 20 data with a ridge penalty: two products with the data and one logaddexp."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, same_text, torch

title = "logistic regression 1000 x 20"
argnums = (0, 1)


def primal(weights, bias, inputs, labels, ridge):
    scores = inputs @ weights + bias
    losses = np.logaddexp(0.0, scores) - labels * scores
    return np.mean(losses) + 0.5 * ridge * np.dot(weights, weights)


def hand(weights, bias, inputs, labels, ridge):
    scores = inputs @ weights + bias
    losses = np.logaddexp(0.0, scores)
    scores_bar = (1.0 / (1.0 + np.exp(-scores)) - labels) / len(labels)
    value = np.sum(losses) / len(labels) - labels @ scores / len(labels) + 0.5 * ridge * (weights @ weights)
    return value, (scores_bar @ inputs + ridge * weights, np.sum(scores_bar))


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(2)
    rows, columns = (12, 3) if small else (1000, 20)
    inputs = rng.normal(size=(rows, columns))
    labels = (rng.random(rows) < 0.5).astype(float)
    return rng.normal(size=columns), 0.1, inputs, labels, 0.01


def torch_primal(weights, bias, inputs, labels, ridge):
    scores = inputs @ weights + bias
    losses = torch.nn.functional.binary_cross_entropy_with_logits(scores, labels)
    return losses + 0.5 * ridge * torch.dot(weights, weights)


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
