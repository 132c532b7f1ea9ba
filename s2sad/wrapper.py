"""Callables that stand in the place of a function which they wrap: transformations, checkpoints, custom derivatives."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

from .ir.types import module_of


class Wrapper:
    """A callable with the name, the signature and the documentation of a function.

    It can be a method, as the function can, and is pickled by its name where it stands in the place of the function.

    Attributes:
        fun: the function.
    """

    def __init__(self, fun: Any):
        if not callable(fun):
            raise TypeError(f"expected a function, not {fun!r}")
        self.fun = fun
        functools.update_wrapper(self, fun, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def made_of(self) -> tuple[Any, ...]:
        """The arguments of the class that make an equal object."""
        return (self.fun,)

    def __reduce__(self) -> Any:
        found: Any = sys.modules.get(module_of(self.fun))
        name = getattr(self.fun, "__qualname__", "")
        for part in name.split("."):
            found = getattr(found, part, None)
        return name if found is self else (type(self), self.made_of())


class Checkpointed(Wrapper):
    """A function whose inner values a gradient computes again instead of keeping them; see `s2sad.checkpoint`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<s2sad.checkpoint of {getattr(self.fun, '__qualname__', self.fun)}>"


def checkpoint(fun: Any) -> Checkpointed:
    """A function that behaves as ``fun``, and whose inner values are not kept for the gradient but computed again.

    This trades time for memory: of each call only the arguments are kept; the backward part of a gradient runs the
    function again.  (Griewank and Walther, Evaluating Derivatives, 2nd edition, chapter 12.)

    Args:
        fun: a function that leaves its arguments alone, prints nothing and draws no random numbers: a gradient that
            calls another one is refused.

    Returns:
        The function, to be called in what is differentiated; also a decorator.

    Example:
        >>> import s2sad
        >>> step = s2sad.checkpoint(lambda x: np.sin(x) * np.exp(x) / (1 + x**2))
        >>> s2sad.grad(lambda x: step(step(x)))(0.5) == s2sad.grad(lambda x: step.fun(step.fun(x)))(0.5)
        True
    """
    return Checkpointed(fun)


class CustomVjp(Wrapper):
    """A function with a derivative of the user's own; see `s2sad.extend.custom_vjp`."""

    def __init__(self, fun: Any, forward: Any = None, backward: Any = None):
        super().__init__(fun)
        self.forward = forward
        self.backward = backward

    def defvjp(self, forward: Any, backward: Any) -> None:
        """Set the two halves of the derivative; both are plain Python functions.

        Args:
            forward: of the arguments of the function; returns ``(value, saved)``.
            backward: of ``saved`` and the cotangent of the value; returns a tuple with the cotangent of each argument,
                ``None`` for zero.
        """
        for half in (forward, backward):
            if not callable(half):
                raise TypeError(f"expected a function, not {half!r}")
        self.forward, self.backward = forward, backward

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def made_of(self) -> tuple[Any, ...]:
        return self.fun, self.forward, self.backward

    def __repr__(self) -> str:
        return f"<s2sad.extend.custom_vjp of {getattr(self.fun, '__qualname__', self.fun)}>"


def custom_vjp(fun: Any) -> CustomVjp:
    """A function whose reverse mode is what you say, in place of what s2sad would derive.

    Args:
        fun: a plain Python function.

    Returns:
        The function, with a method ``defvjp(forward, backward)``: ``forward`` takes its arguments and returns the value
        and what is to be saved, ``backward`` takes what was saved and the cotangent of the value, and returns a tuple
        with the cotangent of each argument.  There is no forward mode.

    Example:
        >>> import s2sad
        >>> @custom_vjp
        ... def clipped(x):
        ...     return x
        >>> clipped.defvjp(lambda x: (x, None), lambda saved, y_bar: (np.clip(y_bar, -1.0, 1.0),))
        >>> s2sad.grad(lambda x: 5.0 * clipped(x))(2.0)
        1.0
    """
    return CustomVjp(fun)


def jitted(f: Any) -> types.FunctionType | None:
    """The Python function that Numba compiled (``@njit``), or None for anything else.

    Its text says what the compiled one does, so it is that which is differentiated.
    """
    if not module_of(type(f)).startswith("numba."):
        return None
    function = getattr(f, "py_func", None)
    return function if isinstance(function, types.FunctionType) else None
