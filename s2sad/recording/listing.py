"""The text of a program that is differentiated by recording: the user's functions as they are run, to be read."""

from __future__ import annotations

import types
from typing import Any

from ..codegen.printer import to_text
from .loops import as_read


def listing(function: types.FunctionType, functions: dict[types.CodeType, Any], reason: Exception) -> str:
    """The rewritten text of each function that a run has reached, the main one first."""
    head = ["# Differentiated by recording each run: every operation goes through `tape`, which then goes back",
            "# along its record.  Code was not generated, because:"]  # fmt: skip
    reasons = getattr(reason, "reasons", None) or [(None, str(reason))]
    for place, message in reasons:
        head.append(f"#   {'line ' + str(place.line) + ': ' if place else ''}{message.splitlines()[0]}")
    order = sorted(functions, key=lambda code: code is not function.__code__)
    texts = [to_text(as_read(functions[c].tree)) for c in order]
    return "\n".join(head) + "\n\n" + "\n\n\n".join(t.strip() for t in texts) + "\n"
