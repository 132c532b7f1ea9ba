"""What is inferred of every value of a program is true of it when the program runs, in the interpreter."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.arguments import argument_type
from s2sad.compiled import Transformed
from s2sad.ir import run
from s2sad.ir.core import UNDEFINED, Value
from s2sad.pipeline import gradient
from tests.programs import programs
from tests.rules.share import one_in
from tests.rules.test_types import broken

PROGRAMS = programs()
# They hand functions on, call methods on NumPy's numbers, go deep, or are refused later.
NOT_RUN = {
    "attempts.pair", "containers.sorted_values", "maps.chosen_one_by_one",
    "random_draws.own_generator_of_the_standard_library",
    "recorded.deep_recursion", "recorded.extremes_with_keys",
    "recorded.math_and_numpy_scalars", "recorded.numpy_scalar_methods", "recorded.subclasses_of_builtins",
    "recorded_corners.minmax_arr", "recorded_corners.select", "recorded_corners.sortlist_kw",
    "recorded_unasked.remembered", "recorded_unasked.remembered_with_effects",
}  # fmt: skip


class Checked(dict):
    """The values of a frame: each must be what its type says."""

    def update(self, pairs: Any) -> None:
        for value, x in pairs:
            if isinstance(value, Value) and x is not UNDEFINED.value and value.type.kind != "bottom":
                where = f"{value.hint or 'a value'} of line {value.span.line if value.span else '?'}"
                assert broken(value.type, x, {}, where) is None
            self[value] = x


@pytest.mark.parametrize("name", [n for n in PROGRAMS if n not in NOT_RUN and one_in(2, n)])
def test_types_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = PROGRAMS[name]
    plain = run._Frame.__init__

    def checking(frame: Any, machine: Any) -> None:
        plain(frame, machine)
        frame.values = Checked()

    monkeypatch.setattr(run._Frame, "__init__", checking)
    transformed = Transformed(program.function, "vjp" if program.vjp else "grad", program.argnums)
    for args in program.args:
        args = copy.deepcopy(args)
        try:
            asked = transformed.asked(args, dict(program.kwargs))
            known = [argument_type(v, n) for v, n in zip(asked.values, asked.arguments.names, strict=True)]
            for stage in ("types", "memory"):  # what a later one refuses, nothing is generated from
                function = gradient(asked.function, known, asked.selection, stage=stage)
        except s2sad.UnsupportedError:
            continue
        with np.errstate(all="ignore"):
            run.run(function, copy.deepcopy(asked.values)[: len(function.params)], None)
