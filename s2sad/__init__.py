"""s2sad: source-to-source automatic differentiation for plain Python and NumPy."""

from . import extend, optimize
from .api import elementwise_grad, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from .errors import Error, MissingRuleError, SourceNotFoundError, UnsupportedError
from .gradcheck import check_grads
from .runtime import stop_gradient
from .wrapper import checkpoint

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
