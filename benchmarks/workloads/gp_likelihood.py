"""Negative log marginal likelihood of a Gaussian process, 100 points: a Cholesky factor, two solves, three parameters.

The gradient in closed form is that of Rasmussen and Williams, Gaussian Processes for Machine Learning (2006),
equation 5.9.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers import anp, jnp, same_text, torch

title = "GP marginal likelihood N=100"
argnums = 0


def primal(theta, points, targets):
    length, amplitude, noise = np.exp(theta)
    n = len(targets)
    differences = (points[:, None, :] - points[None, :, :]) / length
    K = amplitude**2 * np.exp(-0.5 * np.sum(differences**2, axis=2)) + noise**2 * np.eye(n)
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, targets))
    return 0.5 * targets @ alpha + np.sum(np.log(np.diag(L))) + 0.5 * n * np.log(2.0 * np.pi)


def hand(theta, points, targets):
    length, amplitude, noise = np.exp(theta)
    n = len(targets)
    differences = (points[:, None, :] - points[None, :, :]) / length
    distances = np.sum(differences**2, axis=2)
    smooth = amplitude**2 * np.exp(-0.5 * distances)
    K = smooth.copy()
    K.flat[:: n + 1] += noise**2
    L = np.linalg.cholesky(K)
    L_inverse = np.linalg.inv(L)
    K_inverse = L_inverse.T @ L_inverse
    alpha = K_inverse @ targets
    value = 0.5 * (targets @ alpha) + np.sum(np.log(np.diag(L))) + 0.5 * n * np.log(2.0 * np.pi)

    K_bar = 0.5 * (K_inverse - alpha[:, None] * alpha)
    share = K_bar * smooth
    theta_bar = np.array([np.vdot(share, distances), 2.0 * np.sum(share), 2.0 * noise**2 * np.trace(K_bar)])
    return value, theta_bar


def arguments(small: bool = False) -> tuple:
    rng = np.random.default_rng(8)
    points = rng.normal(size=(6 if small else 100, 3))
    return np.array([0.2, 0.1, -1.5]), points, np.sin(points.sum(1)) + 0.2 * rng.normal(size=len(points))


def torch_primal(theta, points, targets):
    length, amplitude, noise = torch.exp(theta)
    n = len(targets)
    differences = (points[:, None, :] - points[None, :, :]) / length
    K = amplitude**2 * torch.exp(-0.5 * torch.sum(differences**2, 2)) + noise**2 * torch.eye(n, dtype=points.dtype)
    L = torch.linalg.cholesky(K)
    alpha = torch.cholesky_solve(targets[:, None], L)[:, 0]
    return 0.5 * targets @ alpha + torch.sum(torch.log(torch.diag(L))) + 0.5 * n * np.log(2.0 * np.pi)


autograd_primal = same_text(primal, np=anp)
jax_primal = same_text(primal, np=jnp)
