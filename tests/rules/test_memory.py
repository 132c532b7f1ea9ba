"""What a function's result may share memory with is known to the passes: every row that shares some is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from s2sad.codegen.overlap import sharing
from s2sad.ir.core import Const, Op, Value
from s2sad.ir.signature import object_type
from s2sad.passes import effects

from . import harness

ROWS = [row for row in harness.load_rows("ROWS") if row.program is None]  # others are no call of their function
SPECIAL = [
    harness.Row(np.diff, (harness.normal(3),), {"n": 0}),
    harness.Row(np.einsum, ("ij->ji", harness.normal(2, 3))),
    harness.Row(np.einsum, (harness.normal(2, 2), [0, 0], [0])),
    harness.Row(np.linalg.matrix_power, (harness.normal(2, 2), 1)),
    harness.Row(np.broadcast_arrays, (harness.normal(3), harness.normal(3))),
    harness.Row(np.meshgrid, (harness.normal(3), harness.normal(3)), {"copy": False}),
    harness.Row(np.round, (np.array([1, 2]),)),
    harness.Row(np.ndarray.round, (np.array([1, 2]),)),
    harness.Row(np.ndarray.conj, (harness.normal(3),)),
    harness.Row(np.ndarray.conjugate, (harness.normal(3),)),
    harness.Row(np.rot90, (harness.normal(2, 2), 0)),
    harness.Row(np.trim_zeros, (harness.normal(3),)),
    harness.Row(np.real_if_close, (harness.normal(3),)),
    harness.Row(np.ndarray.view, (harness.normal(3),)),
    harness.Row(np.asarray_chkfinite, (harness.normal(3),)),
    harness.Row(np.lib.stride_tricks.sliding_window_view, (harness.normal(3), 2)),
]


def arrays(x: Any) -> Iterator[np.ndarray]:
    return (a for a in harness.leaves(x) if isinstance(a, np.ndarray) and a.size)


def operand(x: Any, name: Any) -> Any:
    return Value(None, object_type(x, name)) if isinstance(x, (np.ndarray, list, tuple)) else Const(x)


def check_shared_memory(row: harness.Row) -> None:
    rng = np.random.default_rng(3)
    args = tuple(harness.sample(rng, a) for a in row.args)
    with np.errstate(all="ignore"):
        result = row.function(*args, **row.kwargs)
    shared = [k for k, x in enumerate(args) if any(np.shares_memory(a, b) for a in arrays(result) for b in arrays(x))]
    operands = [operand(x, k) for k, x in enumerate(args)]
    out = Value(None, object_type(result, "y"))
    op = Op(row.function, operands, {k: operand(v, k) for k, v in row.kwargs.items()}, [out])
    found = effects.sources(op)
    seen = [source for _, _, source in sharing(op)]
    for k in shared:
        assert any(x is operands[k] for x in found), "the memory pass takes the result for a new object"
        assert any(x is operands[k] for x in seen), "the emitter takes the result for a new object"


test_shared_memory_is_declared = harness.in_blocks([*ROWS, *SPECIAL], check_shared_memory)
