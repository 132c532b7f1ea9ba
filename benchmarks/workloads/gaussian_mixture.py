"""Log-likelihood of 1000 points under 10 diagonal Gaussians: broadcasting over three axes and a logsumexp."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, same_text, torch

title = "Gaussian mixture"
argnums = (0, 1, 2)


def logsumexp(x, axis):
    top = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(top, axis=axis) + np.log(np.sum(np.exp(x - top), axis=axis))


def primal(logits, means, log_scales, points):
    z = (points[:, None, :] - means) * np.exp(-log_scales)
    log_weights = logits - logsumexp(logits, 0)
    log_joint = log_weights - np.sum(log_scales, axis=1) - 0.5 * np.sum(z**2, axis=2)
    return -np.mean(logsumexp(log_joint, 1)) + 0.5 * points.shape[1] * np.log(2.0 * np.pi)


def hand(logits, means, log_scales, points):
    # The square is multiplied out, so that no array has three axes: points and their squares meet the parameters in
    # matrix products.
    count, size = points.shape
    precisions = np.exp(-2.0 * log_scales)
    scaled = means * precisions
    squares = points * points
    weights = np.exp(logits - np.max(logits))
    weights /= np.sum(weights)
    constant = np.log(weights) - np.sum(log_scales, axis=1) - 0.5 * np.sum(means * scaled, axis=1)
    joint = points @ scaled.T
    joint -= 0.5 * (squares @ precisions.T)
    joint += constant
    top = np.max(joint, axis=1)
    joint -= top[:, None]
    shares = np.exp(joint)
    sums = np.sum(shares, axis=1)
    value = -(np.sum(top) + np.sum(np.log(sums))) / count + 0.5 * size * np.log(2.0 * np.pi)

    # Responsibilities of the components, and the moments of the points under them.
    shares /= (count * sums)[:, None]
    total = np.sum(shares, axis=0)
    first = shares.T @ points
    second = shares.T @ squares
    spread = second - 2.0 * means * first + total[:, None] * means**2
    logits_bar = weights - total
    means_bar = total[:, None] * scaled - precisions * first
    log_scales_bar = total[:, None] - precisions * spread
    return value, (logits_bar, means_bar, log_scales_bar)


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(7)
    count, components, size = (6, 3, 2) if small else (1000, 10, 5)
    return (
        rng.normal(size=components),
        rng.normal(size=(components, size)),
        0.3 * rng.normal(size=(components, size)),
        rng.normal(size=(count, size)),
    )


def torch_primal(logits, means, log_scales, points):
    z = (points[:, None, :] - means) * torch.exp(-log_scales)
    log_weights = torch.log_softmax(logits, 0)
    log_joint = log_weights - torch.sum(log_scales, 1) - 0.5 * torch.sum(z**2, 2)
    return -torch.mean(torch.logsumexp(log_joint, 1)) + 0.5 * points.shape[1] * np.log(2.0 * np.pi)


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
