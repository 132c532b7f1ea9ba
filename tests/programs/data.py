"""Arguments for the programs: small fixed random arrays."""

import numpy as np


def normal(*shape, seed=0, dtype=np.float64):
    """Standard normal numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def positive(*shape, seed=0, dtype=np.float64):
    """Numbers between 0.5 and 2."""
    return np.random.default_rng(seed).uniform(0.5, 2.0, size=shape).astype(dtype)


def spd(n, seed=0):
    """A symmetric, well-conditioned positive definite matrix."""
    a = normal(n, n, seed=seed)
    return a @ a.T + n * np.eye(n)
