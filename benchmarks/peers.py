"""The ways to get a value and a gradient that are compared: each takes a workload and gives a call and its arguments.

In: a workload module (see `workloads`) and the arguments as NumPy arrays and Python numbers. Out: `(call, arguments)`,
where `call(*arguments)` returns (value, gradient) with all its work done: what must be converted once (arrays onto the
device of JAX) is converted here, outside the time. A peer whose library is absent raises ModuleNotFoundError, one for
which a workload has no program NoProgram.

Nothing is imported before it is used: a run without PyTorch must not pay for PyTorch.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

Call = Callable[..., tuple[Any, Any]]


class NoProgram(Exception):
    """The workload has no version for this peer."""


class Lazy:
    """A module that is imported when an attribute is first read; later reads of it cost what they cost on a module."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):  # whoever inspects the names of a module must not import half the world
            raise AttributeError(attribute)
        value = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value


anp = Lazy("autograd.numpy")
jnp = Lazy("jax.numpy")
lax = Lazy("jax.lax")
torch = Lazy("torch")


def same_text(function: Any, **names: Any) -> Callable[..., Any]:
    """The code of `function`, where the global `names` mean something else, also in helpers of the same module."""
    scope = {**function.__globals__, **names}
    for name, value in function.__globals__.items():
        if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
            scope[name] = FunctionType(value.__code__, scope, name, value.__defaults__)
    return FunctionType(function.__code__, scope, function.__name__, function.__defaults__)


def program(workload: ModuleType, name: str) -> Callable[..., Any]:
    """The version of the workload's primal called `name`."""
    try:
        return getattr(workload, name)
    except AttributeError:
        raise NoProgram("no program for it") from None


def hand(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    return workload.hand, arguments


def hand_numba(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    import numba

    return numba.njit(workload.hand), arguments


def s2sad(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    import s2sad

    return s2sad.value_and_grad(workload.primal, argnums=workload.argnums), arguments


def s2sad_numba(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    import s2sad

    return s2sad.value_and_grad(workload.primal, argnums=workload.argnums, backend="numba"), arguments


def autograd(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    import autograd

    return autograd.value_and_grad(program(workload, "autograd_primal"), workload.argnums), arguments


def _jax(workload: ModuleType, arguments: tuple) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    sizes = tuple(k for k, argument in enumerate(arguments) if isinstance(argument, int))
    return jax.jit(jax.value_and_grad(program(workload, "jax_primal"), workload.argnums), static_argnums=sizes)


def jax(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    """jax.jit with the arguments on the device and the results left there."""
    compiled = _jax(workload, arguments)
    from jax import block_until_ready, device_put

    on_device = tuple(a if isinstance(a, int) else device_put(a) for a in arguments)
    return lambda *args: block_until_ready(compiled(*args)), on_device


def jax_numpy(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    """jax.jit with NumPy arrays going in and coming out, as a NumPy program would use it."""
    compiled = _jax(workload, arguments)
    from jax import tree_util

    return lambda *args: tree_util.tree_map(np.asarray, compiled(*args)), arguments


def torch_eager(workload: ModuleType, arguments: tuple) -> tuple[Call, tuple]:
    import torch

    torch.set_num_threads(1)
    primal = program(workload, "torch_primal")
    argnums = workload.argnums
    several = argnums if isinstance(argnums, tuple) else (argnums,)

    def call(*args: Any) -> tuple[Any, Any]:
        tensors = list(args)
        for k in several:
            tensors[k] = args[k].detach().requires_grad_()
        value = primal(*tensors)
        gradient = torch.autograd.grad(value, [tensors[k] for k in several])
        return value.item(), gradient if isinstance(argnums, tuple) else gradient[0]

    return call, tuple(a if isinstance(a, int) else torch.tensor(a, dtype=_torch_dtype(a)) for a in arguments)


def _torch_dtype(argument: Any) -> Any:
    return getattr(torch, str(np.asarray(argument).dtype))


PEERS: dict[str, Callable[[ModuleType, tuple], tuple[Call, tuple]]] = {
    "hand": hand,
    "s2sad": s2sad,
    "autograd": autograd,
    "jax": jax,
    "jax-numpy": jax_numpy,
    "torch": torch_eager,
    "s2sad-numba": s2sad_numba,
    "hand-numba": hand_numba,
}
# Numba takes seconds to compile each workload: only on request.
DEFAULT = ("hand", "s2sad", "autograd", "jax", "jax-numpy", "torch")
