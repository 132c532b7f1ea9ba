"""Put what the handlers of a ``try`` do where it stood: into its ``except`` and its ``else``.

    caught, v = try KeyError: ... -> False, t
                except: -> True, UNDEFINED
    w = if caught: -> 0.0                             try: v = ...
        else: -> v                           ->       except KeyError: w = 0.0
                                                      else: w = v

``join_arms(function)`` marks the ``if`` op behind a ``try`` that asks what was caught: ``attrs["arms"]`` of the ``try``
is that op, and the emitter prints both as one.
"""

from __future__ import annotations

import operator

from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Value
from .memory import all_ops

_DECIDED = Const("caught")  # the condition of an ``if`` that is printed as a part of a ``try``


def join_arms(function: Function) -> None:
    """Do so, in place."""
    for block in [function.body, *(b for op in all_ops(function.body) for b in op.blocks)]:
        for op in list(block.ops):
            if op.prim == "try":
                _join(function, block, op)


def _join(function: Function, block: Block, op: Op) -> None:
    place = block.ops.index(op)
    behind = block.ops[place + 1 :]
    lists: list[Op] = []
    while len(lists) < len(behind) and behind[len(lists)].prim is prims.make_list and not behind[len(lists)].args:
        lists.append(behind[len(lists)])
    rest = behind[len(lists) :]
    if not rest or rest[0].prim != "if" or rest[0].args != [op.outs[0]]:
        return
    chain = _chain(rest[0].blocks[0], op)
    if chain is None or not _inside(function, op, rest[0], [inner.ops[0].outs[0] for inner, _ in chain]):
        return
    block.ops[place:] = [*lists, op, *rest]  # lists that are made between may be made before
    for inner, choice in [(None, rest[0]), *chain]:
        choice.args = [_DECIDED]
        choice.attrs["arm"] = True
        if inner is not None:
            inner.ops = [choice]
    op.attrs["arms"] = rest[0]


def _chain(block: Block, op: Op) -> list[tuple[Block, Op]] | None:
    """The ``if`` ops that tell the handlers apart, and the blocks that hold nothing else; None where there is more."""
    found: list[tuple[Block, Op]] = []
    for k in range(1, len(op.args)):
        if len(block.ops) != 2:
            return None
        test, choice = block.ops
        asks = test.prim is operator.eq and test.args[0] is op.outs[0] and getattr(test.args[1], "value", None) == k
        if not asks or choice.prim != "if" or choice.args != test.outs:
            return None
        found.append((block, choice))
        block = choice.blocks[1]
    return found


def _inside(function: Function, op: Op, choice: Op, tests: list[Value]) -> bool:
    """Whether the exception is read there only, as Python forgets it behind the handler, and the tests by them only."""
    params = {p for handler in op.blocks[1:] for p in handler.params}
    errors = {out for k, out in enumerate(op.outs) if any(h.results[k] in params for h in op.blocks[1:])}
    inside = set(all_ops(Block([], [choice]))) - {choice}
    within = [b for o in [choice, *inside] for b in o.blocks]
    blocks = [function.body, *(b for o in all_ops(function.body) for b in o.blocks)]
    reads = [x for o in all_ops(function.body) if o not in inside for x in o.operands()]
    reads += [r for b in blocks if not any(b is w for w in within) for r in b.results]
    asked = [x for o in inside for x in (*o.operands(), *(r for b in o.blocks for r in b.results)) if x in tests]
    others = [r for b in choice.blocks for r in b.results if r in tests]
    return not any(isinstance(x, Value) and x in errors for x in reads) and len(asked) == len(tests) and not others
