"""Callables that stand in the place of a function which they wrap: transformations, checkpoints, custom derivatives."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any


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
        found: Any = sys.modules.get(getattr(self.fun, "__module__", None) or "")
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
