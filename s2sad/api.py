"""The transformations that users call."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import runtime
from .compiled import Transformed
from .derived import Columns, Elementwise, Hessian, Jacobian, Product, check_tangents, push
from .errors import UnsupportedError
from .ir.signature import object_type

Argnums = int | str | Sequence[int | str]


def _decorator(make: Callable[[Any], Any], fun: Any) -> Any:
    """``make(fun)``; without a function a decorator."""
    return make if fun is None else make(fun)


def _check_backend(backend: str) -> None:
    if backend == "numba":
        raise NotImplementedError("backend='numba' is not available yet: use backend='numpy'")
    if backend != "numpy":
        raise ValueError(f"backend must be 'numpy', not {backend!r}")


def _with_text(fun: Any, text: str | None) -> Any:
    if text is not None:
        from .source import give

        give(fun, text)
    return fun


def grad(fun: Callable | None = None, argnums: Argnums = 0, *, has_aux: bool = False, backend: str = "numpy",
         source: str | None = None) -> Any:  # fmt: skip
    """The gradient of a function that returns a real scalar.

    Args:
        fun: any Python function, lambda, method, partial, callable object.
        argnums: which arguments to differentiate by: an int or a name for one gradient, a sequence for a tuple of them.
        has_aux: ``fun`` returns ``(value, aux)``; the result is ``(gradient, aux)``.
        backend: ``"numpy"``.
        source: the text of ``fun``, where Python doesn't have it, as of what ``exec`` made.

    Returns:
        A function with the signature of ``fun``.  The gradient has the structure, shapes and dtypes of the argument.

    Raises:
        UnsupportedError: when called, for what can't be differentiated, with its place.
        TypeError: when called, if the result is not a real scalar, or the argument is not of floats.

    Example:
        >>> grad(lambda x: x**3)(2.0)
        12.0
    """
    _check_backend(backend)
    return _decorator(lambda f: Transformed(_with_text(f, source), "grad", argnums, has_aux), fun)


def value_and_grad(fun: Callable | None = None, argnums: Argnums = 0, *, has_aux: bool = False, backend: str = "numpy",
                   source: str | None = None) -> Any:  # fmt: skip
    """The value and the gradient of a function that returns a real scalar.

    Takes the same arguments as `grad`.  The result fits ``scipy.optimize.minimize(..., jac=True)``.

    Returns:
        A function that returns ``(value, gradient)``; with ``has_aux`` ``((value, aux), gradient)``.

    Example:
        >>> value_and_grad(lambda x: x**3)(2.0)
        (8.0, 12.0)
    """
    _check_backend(backend)
    return _decorator(lambda f: Transformed(_with_text(f, source), "value_and_grad", argnums, has_aux), fun)


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
    return Transformed(fun, "vjp", argnums, has_aux).once(args, kwargs)


def reader_vjp(fun: Callable, *args: Any, **kwargs: Any) -> Any:
    """`vjp` of a function that a compiled program calls without having known it.

    The pullback gives zeros instead of ``None`` for integers, which stand where there are floats in other calls.

    Raises:
        UnsupportedError: the function changes its arguments, which the program that calls it should have known.
    """
    if isinstance(getattr(fun, "__self__", None), (list, dict, set, np.ndarray)):
        raise UnsupportedError(f"{fun.__name__}() may change its object, and was not known when compiling")
    if not isinstance(fun, types.FunctionType) and any(object_type(x, None).kind == "unknown" for x in args):
        raise UnsupportedError(f"{fun!r} of a {', '.join(type(x).__name__ for x in args)} can't be differentiated")
    transformed = Transformed(fun, "vjp", None)
    value, pullback = transformed.once(args, kwargs)
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
        tangents: one for each of them, of its structure; ``None`` for zero.
        kwargs: its keyword arguments, which do not vary.

    Returns:
        ``(value, tangent)``; the tangent has the structure of the value.

    Raises:
        TypeError: ``args`` or ``tangents`` is no tuple, or a tangent is given for an integer.
        ValueError: a tangent has another shape or structure than its argument.

    Example:
        >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
        (12.0, 5.5)
    """
    args, tangents = check_tangents(args, tangents)
    moving = tuple(i for i, t in enumerate(tangents) if t is not None)
    return push(Transformed(fun, "jvp", moving), args, tangents, kwargs)


def jacrev(fun: Callable | None = None, argnums: Argnums = 0) -> Any:
    """The derivative of every output by every input, in reverse mode; `jacobian` is another name for it.

    The function runs once, its adjoint once for each output: this is the way for few outputs.

    Args:
        fun: any Python function whose result is a real number or array, or a structure of these.
        argnums: which arguments to differentiate by: an int or a name for one, a sequence for a tuple.

    Returns:
        A function with the signature of ``fun``.  The derivative of an output by an argument has the shape
        ``output.shape + argument.shape``; structures of outputs hold structures of arguments.

    Raises:
        TypeError: when called, for a complex result of complex arguments.

    Example:
        >>> jacrev(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
        array([[3., 0., 1.],
               [0., 3., 2.]])
    """
    return _decorator(lambda f: Jacobian(f, argnums), fun)


jacobian = jacrev


def jacfwd(fun: Callable | None = None, argnums: Argnums = 0) -> Any:
    """The derivative of every output by every input, in forward mode.

    The function runs once for each input, with its tangent: this is the way for few inputs.  A function that prints
    or draws random numbers, and should do so once, is differentiated as by `jacrev`.

    Takes and returns what `jacrev` does.

    Example:
        >>> jacfwd(lambda t: np.array([t, t**2, t**3]))(2.0)
        array([ 1.,  4., 12.])
    """
    return _decorator(lambda f: Columns(f, argnums), fun)


def hessian(fun: Callable | None = None, argnums: Argnums = 0) -> Any:
    """The second derivatives of a function that returns a real scalar: the Jacobian of its gradient.

    Takes the same arguments as `jacrev`.  For a product with few vectors `hvp` costs less.

    Returns:
        A function with the signature of ``fun``.  The second derivative by an argument has the shape
        ``argument.shape + argument.shape``; with a sequence as ``argnums`` it is a tuple of tuples.

    Example:
        >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
        array([[10.,  6.],
               [ 6.,  0.]])
    """
    return _decorator(lambda f: Hessian(f, argnums), fun)


def hvp(fun: Callable | None = None, argnums: Argnums | None = None) -> Any:
    """The product of the Hessian of a function with a vector, at the cost of a few gradients: forward over reverse.

    Args:
        fun: any Python function that returns a real scalar.
        argnums: whose gradient is differentiated along the vectors; by default of the arguments that have a vector.

    Returns:
        ``product(args, vectors, **kwargs)``: the arguments of ``fun`` as a tuple, and a tuple of vectors, one of the
        structure of each argument, or ``None`` for zero.  (One array or number needs no tuple.)  The result has the
        structure of the argument that ``argnums`` names; of several, it is a tuple.

    Example:
        >>> product = hvp(lambda x: x[0] ** 2 * x[1])
        >>> product((np.array([3.0, 5.0]),), (np.array([1.0, 0.0]),))
        array([10.,  6.])
    """
    return _decorator(lambda f: Product(f, argnums), fun)


def elementwise_grad(fun: Callable | None = None, argnums: Argnums = 0) -> Any:
    """The derivative of each output by its own input, of a function that treats the elements of an array alike.

    Args:
        fun: a function whose result has the shape of the argument, and whose outputs depend on one input each.
        argnums: which arguments to differentiate by.

    Returns:
        A function with the signature of ``fun``; the derivative has the shape of the argument.

    Raises:
        TypeError: when called, if an output depends on another input than its own.

    Example:
        >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0]))
        array([1.        , 0.41997434])
    """
    return _decorator(lambda f: Elementwise(f, argnums), fun)
