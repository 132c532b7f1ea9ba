"""Nested functions as functions of their own: what a lambda or inner function of the user's is to code outside.

In: a lowered nested function, which takes the variables that it captures as its first parameters.  Out: a Python
function with the nested function's text, which takes them as its last parameters.

    def loss(p):                                             def inner(x, p):
        return quad(lambda x: np.exp(-p * x), 0, 1)[0]  ->       return np.exp(-p * x)

So SciPy can call it with the captured values in ``args=``, and it can be differentiated by them.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import types
from collections.abc import Sequence
from typing import Any

import gast

from ..errors import UnsupportedError
from ..ir.core import Function, Span

_count = itertools.count(1)


def lifted(function: Function, environment: Any, before: int = 0, after: int = 0) -> types.FunctionType:
    """The nested function as a Python function.

    Args:
        function: lowered; its ``captured`` variables become the last parameters.
        environment: the Python function that it stands in, with the globals and the closure that it sees.
        before, after: how many further parameters stand before and after the captured ones, and are not read.

    Raises:
        UnsupportedError: it has defaults, ``*args``, keyword parameters, or calls itself.
    """
    key = (id(environment), before, after)
    cache = function.attrs.setdefault("lifted", {})
    if key not in cache:
        cache[key] = _made(function, environment, before, after)
    return cache[key]


def _made(function: Function, environment: Any, before: int, after: int) -> types.FunctionType:
    node = gast.gast_to_ast(function.attrs["tree"])
    return function_of(node, function.captured, environment, before, after, function.span)


def function_of(
    node: Any, captured: Sequence[str], environment: Any, before: int = 0, after: int = 0, span: Span | None = None
) -> types.FunctionType:
    """The same from a node of ``ast``; ``environment`` is the function itself where it has other variables outside."""
    given = node.args
    if given.defaults or given.vararg or given.kwonlyargs or given.kwarg:
        raise UnsupportedError("a function that is handed to SciPy must have plain parameters without defaults",
                               span)  # fmt: skip
    name = getattr(node, "name", "inner")
    body = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
    if any(isinstance(n, ast.Name) and n.id == name for statement in body for n in ast.walk(statement)):
        raise UnsupportedError("a nested function that is handed to SciPy must not use its own name", span)
    unread = [f"unread_{k}" for k in range(before + after)]
    last = [*unread[:before], *captured, *unread[before:]]
    parameters = ast.arguments(
        posonlyargs=given.posonlyargs, args=[*given.args, *map(ast.arg, last)], kwonlyargs=[], kw_defaults=[],
        defaults=[],
    )  # fmt: skip
    inner: Any = ast.FunctionDef(name, parameters, body, [])  # type: ignore[call-overload, unused-ignore]
    inner.type_params = []  # of Python 3.12
    cells = [n for n in environment.__code__.co_freevars if n not in captured]
    text = ast.unparse(ast.fix_missing_locations(ast.Module([inner], [])))
    if cells:  # a function around it, so that these are free variables
        lines = "\n".join("    " + line for line in text.splitlines())
        text = f"def around({', '.join(cells)}):\n{lines}\n    return {name}"
    place = f"{span.file}:{span.line}" if span else "?"
    file = f"<s2sad {name} {next(_count)} of {place}>"
    text += "\n"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    code: Any = compile(text, file, "exec")
    for _ in range(2 if cells else 1):
        code = next(c for c in code.co_consts if isinstance(c, types.CodeType))
    closure = dict(zip(environment.__code__.co_freevars, environment.__closure__ or (), strict=True))
    return types.FunctionType(code, environment.__globals__, name, None, tuple(closure[n] for n in code.co_freevars))
