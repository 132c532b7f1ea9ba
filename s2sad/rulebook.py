"""The rule table as text: what has a rule, and the formula of one."""

from __future__ import annotations

import builtins
import difflib
import inspect
import types
from typing import Any

import numpy as np

from . import rules as _rules  # noqa: F401  (registers the rules)
from .rules.table import REASONS, RULES, Rule, load_all, public_path
from .targets import TargetError

_KINDS = {
    "elementwise": "elementwise: the partial derivatives",
    "linear": "linear: the transpose",
    "multilinear": "linear in each argument: the transposes",
    "vjp": "the pullback",
    "definition": "what it is",
    "zero": "the derivative is zero wherever it exists",
}


def listing() -> str:
    """How much of each module has a rule, and every function with one; SciPy's too, where it is installed."""
    from .coverage import table

    load_all()
    found: dict[str, set[str]] = {}
    for function in RULES:
        module, _, name = name_of(function).rpartition(".")
        found.setdefault(module or "builtins", set()).add(name)
    lines = [table()]
    for module in sorted(found, key=lambda m: (not m.startswith("numpy"), m)):
        lines += [f"{module} ({len(found[module])})", *_wrapped(sorted(found[module])), ""]
    return "\n".join(lines)


def _wrapped(names: list[str], width: int = 110) -> list[str]:
    lines = [" "]
    for name in names:
        if len(lines[-1]) + len(name) + 2 > width:
            lines.append(" ")
        lines[-1] += f" {name}"
    return lines


def formula(name: str) -> str:
    """The rules of the functions of a name, with the text of each; or why there is none.

    Raises:
        TargetError: no function of this name has a rule.
    """
    wanted = "numpy." + name[3:] if name.startswith("np.") else name
    load_all()
    names = {f: name_of(f) for f in RULES}
    found = _called(wanted, names)
    if not found:
        against = _called(wanted, {f: name_of(f) for f in REASONS})
        if against:
            return "".join(f"# {name_of(f)} has no derivative rule: {REASONS[f]}\n" for f in against)
        known = sorted({n for full in names.values() for n in (full, full.rpartition(".")[2])})
        close = difflib.get_close_matches(wanted, known, n=1)
        raise TargetError(f"no rule for {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    rules = list(dict.fromkeys(RULES[f] for f in found))
    return "\n\n".join(map(_text, rules)) + "\n"


def _called(wanted: str, names: dict[Any, str]) -> list[Any]:
    """The functions of a dotted name, or else those that end with it."""
    return [f for f, n in names.items() if n == wanted] or [
        f for f, n in names.items() if n.rpartition(".")[2] == wanted
    ]


def _text(rule: Rule) -> str:
    lines = [f"# {', '.join(dict.fromkeys(map(name_of, rule.functions)))}", f"# {_KINDS[rule.kind]}"]
    for function in (rule.pullback, *rule.pushforwards.values()):
        if function is not None:
            lines.append(_source(function))
    return "\n".join(lines)


def _source(function: Any) -> str:
    """Its text, or that of the ``formula`` that it was made of."""
    try:
        return inspect.getsource(getattr(function, "formula", function)).rstrip()
    except OSError:
        return f"# {getattr(function, '__qualname__', function)}: its text is not there"


def name_of(function: Any) -> str:
    """The dotted name by which users know a function."""
    path = public_path(function)
    if path is not None:
        return path
    name = getattr(function, "__name__", None) or str(function)
    if isinstance(function, np.ufunc):
        return f"numpy.{name}" if getattr(np, name, None) is function else f"scipy.special.{name}"
    owner = getattr(function, "__objclass__", None)
    if owner is not None:
        return f"{owner.__module__}.{owner.__name__}.{name}".removeprefix("builtins.")
    if isinstance(function, types.BuiltinMethodType) and isinstance(function.__self__, type):
        return f"{function.__self__.__name__}.{name}"
    module = getattr(function, "__module__", None) or ""
    module = module.removeprefix("_") if module in ("_operator",) else module
    if getattr(builtins, name, None) is function:
        return name
    public = [part for part in module.split(".") if not part.startswith("_")]
    return ".".join([*public, name])
