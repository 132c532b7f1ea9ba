"""How many programs come out right, refused, wrong or crashed."""

from __future__ import annotations

import traceback

from . import programs
from .harness import Program, check, check_second


def outcome(program: Program, second: bool = False) -> tuple[str, str]:
    """``right``, ``refused``, ``wrong`` or ``crashed``, and one line that says why."""
    try:
        return (check_second if second else check)(program), ""
    except AssertionError as error:
        # An assertion of the compiler or of the program is a crash; only the harness says what is wrong.
        last = traceback.extract_tb(error.__traceback__)[-1].filename
        return "wrong" if last.endswith("harness.py") else "crashed", _line(error)
    except Exception as error:
        refused = type(error).__name__ in ("UnsupportedError", "MissingRuleError")
        return "refused" if refused else "crashed", _line(error)


def report(pattern: str = "", second: bool = False) -> bool:
    """Print the counts and the names of all programs whose name contains ``pattern``; whether none is bad."""
    found: dict[str, list[str]] = {"right": [], "refused": [], "wrong": [], "crashed": []}
    for name, program in programs().items():
        if pattern not in name or (second and not program.second):
            continue
        kind, why = outcome(program, second)
        allowed = "  (allowed)" if kind == "refused" and not why else ""
        found[kind].append(f"{name}{allowed}" + (f": {why}" if why else ""))
    for kind in ("refused", "wrong", "crashed"):
        for line in found[kind]:
            print(f"{kind:8} {line}")
    print(", ".join(f"{len(names)} {kind}" for kind, names in found.items()))
    return not found["wrong"] and not found["crashed"]


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:160]
