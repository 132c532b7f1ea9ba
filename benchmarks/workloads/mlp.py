"""A 784-256-128-10 perceptron with rectifiers and cross-entropy, batch of 32: matrix products dominate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.peers import anp, jnp, same_text, torch

title = "MLP 784-256-128-10, batch 32"
argnums = (0, 1, 2, 3, 4, 5)


def primal(W1, b1, W2, b2, W3, b3, images, labels):
    h1 = np.maximum(images @ W1 + b1, 0.0)
    h2 = np.maximum(h1 @ W2 + b2, 0.0)
    logits = h2 @ W3 + b3
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(labels)), labels])


def hand(W1, b1, W2, b2, W3, b3, images, labels):
    count = len(labels)
    h1 = np.maximum(images @ W1 + b1, 0.0)
    h2 = np.maximum(h1 @ W2 + b2, 0.0)
    logits = h2 @ W3 + b3
    # Exponentials of the shifted logits serve the value and, scaled, the gradient.
    logits -= np.max(logits, axis=1)[:, None]
    probs = np.exp(logits)
    sums = np.sum(probs, axis=1)
    rows = np.arange(count)
    value = (np.sum(np.log(sums)) - np.sum(logits[rows, labels])) / count

    logits_bar = probs / (count * sums)[:, None]
    logits_bar[rows, labels] -= 1.0 / count
    h2_bar = logits_bar @ W3.T
    h2_bar *= h2 > 0.0
    h1_bar = h2_bar @ W2.T
    h1_bar *= h1 > 0.0
    gradient = (
        images.T @ h1_bar,
        np.sum(h1_bar, axis=0),
        h1.T @ h2_bar,
        np.sum(h2_bar, axis=0),
        h2.T @ logits_bar,
        np.sum(logits_bar, axis=0),
    )
    return value, gradient


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(3)
    sizes, batch = ((7, 6, 5, 4), 3) if small else ((784, 256, 128, 10), 32)
    parameters: list[np.ndarray] = []
    for inputs, outputs in pairwise(sizes):
        parameters.append(rng.normal(size=(inputs, outputs)) / np.sqrt(inputs))
        parameters.append(0.1 * rng.normal(size=outputs))
    return *parameters, rng.normal(size=(batch, sizes[0])), rng.integers(sizes[-1], size=batch)


def torch_primal(W1, b1, W2, b2, W3, b3, images, labels):
    h1 = torch.relu(images @ W1 + b1)
    h2 = torch.relu(h1 @ W2 + b2)
    return torch.nn.functional.cross_entropy(h2 @ W3 + b3, labels)


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
