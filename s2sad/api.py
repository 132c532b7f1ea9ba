"""The transformations that users call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import runtime
from .compiled import Transformed
from .errors import UnsupportedError

Argnums = int | str | Sequence[int | str]


def _transformation(mode: str, fun: Any, argnums: Argnums, has_aux: bool, backend: str) -> Any:
    if fun is None:
        return lambda f: Transformed(f, mode, argnums, has_aux, backend)
    return Transformed(fun, mode, argnums, has_aux, backend)


def grad(fun: Callable | None = None, argnums: Argnums = 0, *, has_aux: bool = False, backend: str = "numpy") -> Any:
    """The gradient of a function that returns a real scalar.

    Args:
        fun: any Python function, lambda, method, partial, callable object.
        argnums: which arguments to differentiate by: an int or a name for one gradient, a sequence for a tuple of them.
        has_aux: ``fun`` returns ``(value, aux)``; the result is ``(gradient, aux)``.
        backend: ``"numpy"``.

    Returns:
        A function with the signature of ``fun``.  The gradient has the structure, shapes and dtypes of the argument.

    Raises:
        UnsupportedError: when called, for what can't be differentiated, with its place.
        TypeError: when called, if the result is not a real scalar, or the argument is not of floats.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
    """
    return _transformation("grad", fun, argnums, has_aux, backend)


def value_and_grad(
    fun: Callable | None = None, argnums: Argnums = 0, *, has_aux: bool = False, backend: str = "numpy"
) -> Any:
    """The value and the gradient of a function that returns a real scalar.

    Takes the same arguments as `grad`.  The result fits ``scipy.optimize.minimize(..., jac=True)``.

    Returns:
        A function that returns ``(value, gradient)``; with ``has_aux`` ``((value, aux), gradient)``.

    Example:
        >>> value_and_grad(lambda x: x**3)(2.0)
        (8.0, 12.0)
    """
    return _transformation("value_and_grad", fun, argnums, has_aux, backend)


def vjp(fun: Callable, *args: Any, argnums: Argnums | None = None, has_aux: bool = False, **kwargs: Any) -> Any:
    """The value of a function, and its pullback: the product of a cotangent with the Jacobian.

    Args:
        fun: any Python function.
        args, kwargs: what it is called with.
        argnums: which arguments to differentiate by; by default all positional ones.
        has_aux: ``fun`` returns ``(value, aux)``; the result has ``aux`` as a third element.

    Returns:
        ``(value, pullback)``.  ``pullback(cotangent)`` takes the structure of ``value`` and returns a tuple with an
        entry for each positional argument (``None`` where there is nothing to differentiate), or what ``argnums``
        selects.  It may be called many times.

    Example:
        >>> value, pullback = vjp(lambda x, y: x * y, 3.0, 4.0)
        >>> value, pullback(1.0)
        (12.0, (4.0, 3.0))
    """
    return Transformed(fun, "vjp", argnums, has_aux)(*args, **kwargs)


def reader_vjp(fun: Callable, *args: Any, **kwargs: Any) -> Any:
    """`vjp` of a function that a compiled program calls without having known it.

    The pullback gives zeros instead of ``None`` for integers, which stand where there are floats in other calls.

    Raises:
        UnsupportedError: the function changes its arguments, which the program that calls it should have known.
    """
    if isinstance(getattr(fun, "__self__", None), (list, dict, set, np.ndarray)):
        raise UnsupportedError(f"{fun.__name__}() may change its object, and was not known when compiling")
    transformed = Transformed(fun, "vjp", None)
    value, pullback = transformed(*args, **kwargs)
    if transformed.writes:
        raise UnsupportedError(f"{fun!r} changes its arguments, and was not known when compiling")

    def pull(cotangent: Any) -> tuple[Any, ...]:
        return tuple(
            [runtime.zeros_like(x) if b is None else b for x, b in zip(args, pullback(cotangent), strict=True)]
        )

    return value, pull


def jvp(fun: Callable, args: Sequence[Any], tangents: Sequence[Any], **kwargs: Any) -> tuple[Any, Any]:
    """The value of a function, and the product of its Jacobian with a tangent.

    Args:
        fun: any Python function.
        args: its positional arguments.
        tangents: one for each argument, of its structure; ``None`` for zero.
        kwargs: its keyword arguments.

    Returns:
        ``(value, tangent)``; the tangent has the structure of the value.

    Example:
        >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
        (12.0, 5.5)
    """
    if len(args) != len(tangents):
        raise ValueError(f"{len(tangents)} tangents for {len(args)} arguments")
    moving = tuple(i for i, t in enumerate(tangents) if t is not None)
    transformed = Transformed(fun, "jvp", moving)
    return transformed.push(tuple(args), tuple(tangents), kwargs)
