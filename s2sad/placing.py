"""Refusals of rules while generated code runs, as errors at the user's line.

In: a generated function, and what the emitter made it from.  Out: the function, whose rules' refusals
(`runtime.no_derivative`) are a `MissingRuleError` with file, line and columns.  All other errors pass through.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from . import runtime
from .codegen.emit import Emitted
from .codegen.printer import WIDTH, places
from .errors import MissingRuleError


def placed(function: Any, emitted: Emitted, again: Callable[[], Emitted]) -> Callable:
    """The function itself, where nothing that it calls can refuse.

    Args:
        function: the generated function.
        emitted: what it was loaded from.
        again: generates it again, where the tree of the text was not kept.
    """
    if not any(map(_may_refuse, emitted.namespace.values())):
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except NotImplementedError as error:
            if not runtime.is_refusal(error):
                raise
            file = function.__code__.co_filename
            tree = emitted.tree if emitted.tree is not None else again().tree
            raise MissingRuleError(str(error), _span(error, file, places(tree, WIDTH))) from None

    return call


def _may_refuse(x: Any) -> bool:
    if str(getattr(x, "__module__", "")).startswith("s2sad.rules.") or x is runtime.unbroadcast:
        return True
    if getattr(x, "__module__", None) != runtime.__name__:
        return False
    named = getattr(getattr(x, "__code__", None), "co_names", ())
    return x is runtime.no_derivative or any(_may_refuse(vars(runtime).get(n)) for n in named if n != x.__name__)


def _span(error: Exception, file: str, statements: list[tuple[int, Any]]) -> Any:
    """The user's place of the innermost statement of a file that an error went through; rules have none."""
    found, traceback = None, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file:
            spans = [span for line, span in statements if line <= traceback.tb_lineno]
            found = (spans[-1] if spans else None) or found
        traceback = traceback.tb_next
    return found
