"""Derivatives of your own: rules for functions that s2sad does not know, and derivatives in place of its own.

The decorators are those that s2sad's own rules are written with (see `s2sad.rules.table`, and ``s2sad rules NAME`` for
examples).  A rule is mathematics in plain Python and NumPy, compiled with the function that is differentiated:

    @s2sad.extend.elementwise(scipy.special.erf)
    def erf(y, x):
        return 2 / np.sqrt(np.pi) * np.exp(-(x**2))

A package brings rules along by an entry point of the group ``s2sad.rules``, which names a module that registers them:

    [project.entry-points."s2sad.rules"]
    mypackage = "mypackage.derivatives"
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .rules import table
from .wrapper import CustomVjp, custom_vjp

__all__ = ["CustomVjp", "custom_vjp", "defjvp", "defvjp", "elementwise", "linear", "zero_derivative"]


def elementwise(*functions: Any) -> Callable[[Callable], Callable]:
    """Say what the partial derivatives of an elementwise function are.

    Args:
        functions: the function, and others that do the same.

    Returns:
        A decorator for a function of the result and the arguments (by the names that the function gives them; options
        after ``*``), which returns the partial derivative; for several arguments a tuple, with ``None`` where it is
        zero.  The chain rule, broadcasting and dtypes are added; forward mode follows.

    Raises:
        TypeError: something that can't be called is given.

    Example:
        >>> import s2sad
        >>> def softplus(x):
        ...     return np.log1p(np.exp(x))
        >>> @elementwise(softplus)
        ... def softplus_partial(y, x):
        ...     return 1 / (1 + np.exp(-x))
        >>> s2sad.grad(softplus)(0.0)
        0.5
    """
    return _registering(table.elementwise, functions)


def linear(*functions: Any, arguments: tuple[str, ...] = (), view: bool = False) -> Callable[[Callable], Callable]:
    """Say what the transpose of a linear function is.

    Args:
        functions: the function, and others that do the same.
        arguments: the names of the arguments that it is linear in, jointly; by default all.
        view: the result may share memory with the first argument.

    Returns:
        A decorator for a function of the cotangent of the result, the result, and the arguments, which returns the
        cotangent of the argument (a tuple for several, with ``None`` for one that it is not linear in).  Forward mode
        follows.

    Example:
        >>> import s2sad
        >>> def scan(x):
        ...     return np.add.accumulate(x)
        >>> @linear(scan)
        ... def scan_transpose(y_bar, y, x):
        ...     return y_bar[::-1].cumsum()[::-1]
        >>> s2sad.grad(lambda x: scan(x) @ np.array([1.0, 10.0]))(np.ones(2))
        array([11., 10.])
    """
    return _registering(functools.partial(table.linear, arguments=arguments, view=view), functions)


def defvjp(*functions: Any, view: bool = False) -> Callable[[Callable], Callable]:
    """Say how a cotangent is pulled back through a function: the general rule.

    Args:
        functions: the function, and others that do the same.
        view: the result may share memory with the first argument.

    Returns:
        A decorator for a function of the cotangent of the result, the result, and the arguments, which returns the
        cotangent of the argument; for several arguments a tuple, with ``None`` where it is zero.

    Example:
        >>> import s2sad
        >>> def norm(x):
        ...     return np.sqrt(np.vdot(x, x))
        >>> @defvjp(norm)
        ... def norm_vjp(y_bar, y, x):
        ...     return y_bar * x / y
        >>> s2sad.grad(norm)(np.array([3.0, 4.0]))
        array([0.6, 0.8])
    """
    return _registering(functools.partial(table.vjp, view=view), functions)


def defjvp(function: Any, argument: int = 0) -> Callable[[Callable], Callable]:
    """Say how the tangent of one argument is pushed forward, where `defvjp` has said how cotangents are pulled back.

    Args:
        function: the function.
        argument: the position of the argument among those that the rule names.

    Returns:
        A decorator for a function of the tangent, the result, and the arguments, which returns the tangent of the
        result.

    Raises:
        TypeError: the function has no rule by `defvjp`.

    Example:
        >>> import s2sad
        >>> def cube(x):
        ...     return np.prod([x, x, x])
        >>> @defvjp(cube)
        ... def cube_vjp(y_bar, y, x):
        ...     return y_bar * 3 * x**2
        >>> @defjvp(cube)
        ... def cube_jvp(x_dot, y, x):
        ...     return x_dot * 3 * x**2
        >>> s2sad.jvp(cube, (2.0,), (1.0,))
        (np.float64(8.0), np.float64(12.0))
    """
    rule = table.rule_for(function)
    if rule is None or rule.kind != "vjp":
        raise TypeError(f"{getattr(function, '__name__', function)} has no rule by defvjp, which comes first")
    return _registering(lambda f: table.jvp(f, argument), (function,))


def zero_derivative(*functions: Any, effect: bool = False) -> None:
    """Say that the derivative of functions is zero wherever it exists: they round, count, compare, create.

    Args:
        functions: the functions.
        effect: a call must happen exactly once and in order, as for printing and random draws.

    Example:
        >>> import s2sad
        >>> def rounded(x):
        ...     return np.rint(x * 10) / 10
        >>> zero_derivative(rounded)
        >>> s2sad.grad(lambda x: rounded(x) * x)(0.46)
        0.5
    """
    table.zero_derivative(*_checked(functions), effect=effect)
    _changed(functions)


def _checked(functions: tuple[Any, ...]) -> tuple[Any, ...]:
    for f in functions or (None,):
        if not callable(f):
            raise TypeError(f"a rule is for a function, not for {f!r}")
    return functions


def _registering(decorator: Callable, functions: tuple[Any, ...]) -> Callable[[Callable], Callable]:
    register = decorator(*_checked(functions))

    def decorate(rule: Callable) -> Callable:
        if not callable(rule):
            raise TypeError(f"a rule is a function, not {rule!r}")
        register(rule)
        _changed(functions)
        return rule

    return decorate


def _changed(functions: tuple[Any, ...]) -> None:
    """What was compiled with other rules is not used any more."""
    from .compiled import forget

    for f in functions:
        table.RULES[f].own = False
    forget()
