"""The workloads, one module each; `load(name)` gives the module.

A module has `title`, `primal(*args)` as a user of NumPy would write it, `hand(*args)` that returns (value, gradient)
the way an expert would write the adjoint, `arguments(small=False)` with fixed seeds, and `argnums`. Where other
libraries can run the program naturally it also has `autograd_primal`, `jax_primal` and `torch_primal`.
`measure_memory = True` adds the peak memory.
"""

from __future__ import annotations

import importlib
from types import ModuleType

NAMES = (
    "scalar_polynomial",
    "rosenbrock_10",
    "rosenbrock_10000",
    "logistic_regression",
    "mlp",
    "newton_sqrt",
    "logistic_map",
    "lstm",
    "jacobi_2d",
    "seidel_2d",
    "gaussian_mixture",
    "lorenz_rk4",
    "gp_likelihood",
    "attention",
)


def load(name: str) -> ModuleType:
    """The module of one workload."""
    return importlib.import_module(f"{__name__}.{name}")
