"""s2sad: source-to-source automatic differentiation for plain Python and NumPy."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .api import elementwise_grad, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from .errors import Error, MissingRuleError, SourceNotFoundError, UnsupportedError
from .runtime import stop_gradient
from .wrapper import checkpoint

if TYPE_CHECKING:
    from . import extend, optimize
    from .gradcheck import check_grads

__version__ = "0.1.0"
__all__ = [
    "Error",
    "MissingRuleError",
    "SourceNotFoundError",
    "UnsupportedError",
    "check_grads",
    "checkpoint",
    "elementwise_grad",
    "extend",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "optimize",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

_LATER = {"extend": "extend", "optimize": "optimize", "check_grads": "gradcheck"}  # imported when they are asked for


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f".{_LATER[name]}", __name__)
    return module if name == _LATER[name] else getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
