"""Rosenbrock's function of 10,000 variables: the same program, where memory traffic counts."""

from __future__ import annotations

from benchmarks.workloads import rosenbrock_10
from benchmarks.workloads.rosenbrock_10 import argnums, autograd_primal, hand, jax_primal, primal, torch_primal

__all__ = ["argnums", "arguments", "autograd_primal", "hand", "jax_primal", "primal", "title", "torch_primal"]

title = "Rosenbrock N=10,000"


def arguments(small: bool = False) -> tuple:
    return rosenbrock_10.arguments(size=50 if small else 10_000)
