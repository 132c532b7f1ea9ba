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
    """Whether it is a rule, or a run-time helper that refuses, or calls one that does."""
    if str(getattr(x, "__module__", "")).startswith("s2sad.rules."):
        return True
    reached = [x] if getattr(x, "__module__", None) == runtime.__name__ else []
    for f in reached:  # grows while it is walked
        named = [vars(runtime).get(n) for n in getattr(getattr(f, "__code__", None), "co_names", ())]
        reached += [g for g in named if getattr(g, "__module__", None) == runtime.__name__ and g not in reached]
    return runtime.no_derivative in reached or runtime.unbroadcast in reached


def _span(error: Exception, file: str, statements: list[tuple[int, Any]]) -> Any:
    """The user's place of the innermost statement of a file that an error went through; rules have none."""
    found, traceback = None, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file:
            spans = [span for line, span in statements if line <= traceback.tb_lineno]
            found = (spans[-1] if spans else None) or found
        traceback = traceback.tb_next
    return found
