"""Move the end of a block into the branches of its last ``if``: where a ``return`` or ``break`` stood.

    stop, y = if c: [True, a] else: [False, b]         stop, y, z = if c: [True, a, z0] else: [False, b, z0]
    results [stop, y, z0]                         ->   results [stop, y, z0]

Afterwards the ``if`` gives all results of its block and nothing else reads its results (``attrs["tail"]``), so that
the emitter can end each branch by itself.
"""

from __future__ import annotations

from ..ir.core import Block, Const, Function, Value
from .memory import has_effect, is_update


def sink_tails(function: Function) -> None:
    """Do so in place, for the function's results and for loops that stop."""
    _visit(function.body)
    _sink(function.body, returns=True)


def _visit(block: Block) -> None:
    for op in block.ops:
        for inner in op.blocks:
            _visit(inner)
        if op.attrs.get("stops"):
            _sink(op.blocks[-1], returns=False)


def _sink(block: Block, returns: bool) -> None:
    if not returns:
        _move_up(block)
    if not block.ops or block.ops[-1].prim != "if" or not block.results:
        return
    op = block.ops[-1]
    results = [r for r in block.results if isinstance(r, Value)]
    if returns:
        worthwhile = all(r in op.outs for r in results) and all(out.hint is None for out in op.outs)
    else:
        worthwhile = block.results[0] in op.outs
    if not worthwhile or not set(op.outs) <= set(results):
        return
    for branch in op.blocks:
        branch.results = [branch.results[op.outs.index(r)] if r in op.outs else r for r in block.results]
    op.outs = [Value(r.hint, r.type) if isinstance(r, Value) else Value() for r in block.results]
    block.results = list(op.outs)
    op.attrs["tail"] = True
    for branch in op.blocks:
        if not _is_decided(branch) or returns:
            _sink(branch, returns)


def _move_up(block: Block) -> None:
    """Put the pure ops behind the ``if`` that decides whether a loop stops before it, where they don't need it."""
    k = next((k for k, op in enumerate(block.ops) if op.prim == "if" and block.results[0] in op.outs), None)
    if k is None:
        return
    rest = block.ops[k + 1 :]
    needed = set(block.ops[k].outs)
    for op in rest:
        if op.blocks or op.prim == "raise" or is_update(op) or has_effect(op) or needed & set(op.operands()):
            return
        if op.attrs.get("raises"):
            return
    block.ops[k:] = [*rest, block.ops[k]]


def _is_decided(branch: Block) -> bool:
    return isinstance(branch.results[0], Const)
