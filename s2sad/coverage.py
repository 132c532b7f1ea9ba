"""Which public functions have a derivative rule, counted against a list of their names.

``names.csv`` beside this file lists the public names of NumPy, SciPy, ``math``, ``cmath``, ``operator`` and the
builtins for which a derivative makes sense: module, name, class (differentiable; piecewise constant, whose derivative
is zero; structural: shapes, types, creation) and priority (1 everyday, 2 common, 3 rare).
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from .passes.attributes import ARRAY_ATTRIBUTES
from .passes.calls import HANDLERS
from .passes.effects import ARRAY_WRITERS
from .rules.table import load_all, reason_against, rule_for

# What the compiler itself gives a meaning to, by module.
_LANGUAGE = {
    "builtins": "dict enumerate filter frozenset getattr hasattr iter list map next object property reversed set slice "
    "staticmethod classmethod super tuple vars zip setattr",
    "operator": "getitem setitem delitem concat iconcat attrgetter call itemgetter methodcaller",
    "numpy": "apply_along_axis piecewise vectorize",
    "numpy.ndarray": "T mT real imag base shape ndim size dtype flat view __deepcopy__ __getitem__ __iter__ __len__ "
    "__setitem__",
}


@dataclasses.dataclass(frozen=True)
class Name:
    """A line of the list."""

    module: str
    name: str
    kind: str
    priority: int

    def find(self) -> Any:
        """The object of the name; None where this version of its module does not have it."""
        try:
            owner = np.ndarray if self.module == "numpy.ndarray" else importlib.import_module(self.module)
            with warnings.catch_warnings():  # of names that are going away
                warnings.simplefilter("ignore")
                return functools.reduce(getattr, self.name.split("."), owner)
        except (ImportError, AttributeError):
            return None

    @property
    def covered(self) -> bool:
        """Whether a call can be differentiated."""
        if self.name in _LANGUAGE.get(self.module, "").split():
            return True
        found = self.find()
        if self.module == "numpy.ndarray" and self.name in ARRAY_ATTRIBUTES:
            return True
        return rule_for(found) is not None or _among(found) or (self.module in _SPARSE and _is_recorded(found))


_SPARSE = ("scipy.sparse", "scipy.sparse.linalg")


def _is_recorded(found: Any) -> bool:
    """Whether recorded runs know what a function does with sparse matrices of what is differentiated."""
    from .rules.scipy import assembling, matrices, matrix_algebra

    return found in matrix_algebra.FUNCTIONS or found in matrices.MAKERS or found in assembling.CLASSES


def _among(found: Any) -> bool:
    try:
        return found in HANDLERS or (found in ARRAY_WRITERS and found is not np.ndarray.resize)
    except TypeError:  # not hashable
        return False


def names() -> list[Name]:
    """The list."""
    text = Path(__file__).with_name("names.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return [Name(row["module"], row["name"], row["class"], int(row["priority"])) for row in rows]


_COLUMNS = [("differentiable", 1), ("differentiable", 2), ("differentiable", 3), ("piecewise-constant", 0),
            ("structural", 0)]  # fmt: skip


def table() -> str:
    """Covered and all names by module, in Markdown; those that this NumPy or SciPy does not have count not."""
    load_all()
    lines = [
        "| module | differentiable: everyday | common | rare | derivative zero | shapes, types, creation |",
        "|---|---|---|---|---|---|",
    ]
    for module, listed in by_module().items():
        cells = [_cell([n for n in listed if n.kind == kind and priority in (0, n.priority)])
                 for kind, priority in _COLUMNS]  # fmt: skip
        lines.append(f"| {' | '.join([module, *cells])} |")
    return "\n".join(lines) + "\n"


def by_module() -> dict[str, list[Name]]:
    """The names that are there, by module, in the order of the list."""
    found: dict[str, list[Name]] = {}
    for name in names():
        if name.find() is not None:
            found.setdefault(name.module, []).append(name)
    return found


def _cell(listed: list[Name]) -> str:
    return f"{sum(n.covered for n in listed)} of {len(listed)}" if listed else ""


def document() -> str:
    """The text of ``docs/rules.md``: the table, and what is missing of the names that are not rare."""
    lines = [
        "# Functions with derivative rules",
        "",
        "Made by `pytest tests/test_coverage.py --update-golden` from the rules that there are and the public names of",
        "each module. `s2sad rules` prints the table and every name, `s2sad rules NAME` the formula of one.",
        "",
        table(),
        "## Left out",
        "",
        "Differentiating a call of one of these is refused, with its place and this reason; so it is for what is not",
        "listed at all.",
        "",
    ]
    for module, listed in by_module().items():
        missing = [n for n in listed if n.kind == "differentiable" and n.priority < 3 and not n.covered]
        lines += [f"- `{module}.{n.name}`: {reason_against(n.find()) or 'its rule is not written'}" for n in missing]
    return "\n".join(lines) + "\n"
