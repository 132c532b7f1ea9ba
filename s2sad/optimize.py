"""Derivatives in the form that ``scipy.optimize`` takes.

minimize(s2sad.value_and_grad(f), x0, jac=True, method="BFGS")
minimize(f, x0, jac=s2sad.grad(f), hessp=s2sad.optimize.hessp(f), method="trust-ncg")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .derived import Product


def hessp(fun: Callable) -> Callable:
    """The product of a function's Hessian with a vector, as ``hessp=`` of ``scipy.optimize.minimize``.

    Args:
        fun: ``fun(x, *args)`` returns a real scalar; ``x`` is an array of floats.

    Returns:
        ``product(x, p, *args)``: the product of the Hessian at ``x`` with ``p``.

    Example:
        >>> def f(x, scale):
        ...     return scale * np.sum(x**3)
        >>> hessp(f)(np.array([1.0, 2.0]), np.array([1.0, 1.0]), 10.0)
        array([ 60., 120.])
    """
    product = Product(fun, 0)

    def call(x: Any, p: Any, *args: Any) -> Any:
        return product((x, *args), (p, *(None,) * len(args)))

    return call
