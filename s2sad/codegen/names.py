"""Give every value that is printed as a variable its name: ``name_values`` returns a dict.

Versions of one variable share its name where their lives do not overlap, so that no assignments are needed between
them: one name for a loop variable's initial value, its parameter, the body's result and the loop's result.

Lives are sets of half-open intervals ``(defined, last read]`` of positions in the printed program; control flow being
structured, a read marks the way back to the definition, once around each loop on it.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

from ..ir.core import Block, Const, Function, Op, Operand, Value
from .fold import Folding, is_named
from .memory import is_update, new_version

Interval = tuple[int, int]


def name_values(function: Function, folding: Folding, parameters: list[str], reserved: set[str]) -> dict[Value, str]:
    """Names for the values that are variables; ``reserved`` names are given to none but parameters."""
    lives = _Lives(function, folding)
    for v in lives.elements - lives.read:
        del lives.intervals[v]
    groups = _Groups(lives)
    for first, *others in lives.slots:
        for v in others:
            groups.unite(first, v, always=True)
    for old, new in lives.updates:
        groups.unite(old, new, renamed=True)
    for a, b in lives.handed_on:
        groups.unite(a, b)
    return _assign(function, groups, parameters, reserved)


def ends(block: Block) -> Iterator[Block]:
    """The blocks in which a block ends: itself, or the branches of its last ``if`` (see `tails`)."""
    if block.ops and block.ops[-1].attrs.get("tail"):
        for branch in block.ops[-1].blocks:
            yield from ends(branch)
    else:
        yield block


class _Lives:
    """Positions of definitions and reads.

    Attributes:
        intervals: the life of each value.  read: the values that are read at all.
        slots: groups of values that are one variable by construction.
        updates: (old, new) of updates in place.  handed_on: pairs that should be one variable.
    """

    def __init__(self, function: Function, folding: Folding):
        self.folding = folding
        self.intervals: dict[Value, list[Interval]] = {}
        self.read: set[Value] = set()
        self.order: dict[Value, int] = {}
        self.elements: set[Value] = set()
        self.slots: list[list[Value]] = []
        self.updates: list[tuple[Value, Value]] = []
        self.handed_on: list[tuple[Value, Value]] = []
        self._defined: dict[Value, tuple[Block, int]] = {}
        self._around: dict[
            Block, tuple[Block, int, int, int, bool]
        ] = {}  # parent, op's start, block's start, end, loop
        self._now = 0
        self._errors: dict[Op, list[Value]] = {}  # the arms of a `try` -> its exceptions
        self._forgotten: set[Value] = set()  # the exceptions of a `try`, where its arms read them
        self._raised = 0  # where an op of a `try` was that may raise
        self._left: dict[Block, int] = {}  # where a branch ends
        self._tried: dict[Block, tuple[int, int]] = {}  # handler -> where the body begins, and where it last may raise
        for p in function.params:
            self._define(p, function.body, 0)
        self._walk(function.body)

    def _tick(self) -> int:
        self._now += 1
        return self._now

    def _define(self, v: Value, block: Block, position: int) -> None:
        self._defined[v] = (block, position)
        self.order.setdefault(v, len(self.order))
        self.intervals.setdefault(v, []).append((position, position + 1))

    def _read(self, x: Operand, block: Block, position: int) -> None:
        for v in self.folding.leaves(x):
            self._read_variable(v, block, position)

    def _read_variable(self, v: Value, block: Block, position: int) -> None:
        self.read.add(v)
        home, start = self._defined[v]
        here, until = block, position
        while here is not home:
            parent, op_start, block_start, end, loop = self._around[here]
            self.intervals[v].append((op_start, end) if loop else (block_start, until))
            if here in self._tried:
                self.intervals[v].append(self._tried[here])
            here, until = parent, op_start
        self.intervals[v].append((start, until))

    def _walk(self, block: Block) -> None:
        for op in block.ops:
            if op in self.folding.inline:
                continue
            now = self._tick()
            if op.prim in ("for", "while"):
                self._loop(op, block, now)
            elif op.blocks:
                self._branches(op, block, now)
            elif is_update(op) and op.attrs.get("inplace"):
                self._update(op, block, now)
            else:
                self._read_operands(op, block, now)
                for out in op.outs:
                    self._define(out, block, now)
            if self.folding.raises([op]):
                self._raised = self._now
        if not (block.ops and block.ops[-1].attrs.get("tail")):
            now = self._tick()
            for r in block.results:
                self._read(r, block, now)
            if self.folding.raises(map(self.folding.folded, block.results)):
                self._raised = now
            for v in [v for r in block.results for v in self._popped(r)]:
                self._define(v, block, now)

    def _update(self, op: Op, block: Block, now: int) -> None:
        """An update in place: the object has its new name before the other operands are read (`a2 = a1; a2[i] = b`)."""
        old, *others = op.operands()
        self._read(old, block, now)
        for out in op.outs:
            self._define(out, block, now)
        self._note_updates(op)
        same, then = self.folding.leaves(old), self._tick()
        for x in others:
            for v in self.folding.leaves(x):
                self._read_variable(v, block, now if v in same else then)
        for v in [v for x in others for v in self._popped(x)]:
            self._define(v, block, then)

    def _read_operands(self, op: Op, block: Block, now: int) -> None:
        self._read_each(op.operands(), block, now)

    def _read_each(self, operands: Iterable[Operand], block: Block, now: int) -> None:
        operands = list(operands)
        for x in operands:
            self._read(x, block, now)
        for v in [v for x in operands for v in self._popped(x)]:
            self._define(v, block, now)

    def _popped(self, x: Operand) -> list[Value]:
        """The lists that are left by ``pop`` inside an expression."""
        op = self.folding.folded(x)
        if op is None:
            return []
        found = [v for a in op.operands() for v in self._popped(a)]
        if len(op.outs) > 1:
            found.append(op.outs[1])
            self._note_updates(op)
        return found

    def _note_updates(self, op: Op) -> None:
        if is_update(op) and op.attrs.get("inplace"):
            self.updates += [(old, new_version(op)) for old in self.folding.leaves(op.args[0])]

    def _loop(self, op: Op, block: Block, start: int) -> None:
        body = op.blocks[-1]
        first = op.attrs["iter"].operands() if op.prim == "for" else 0
        self._read_each(op.args[first:], block, start)
        carried = len(op.args) - first
        slots = [[out] for out in op.outs]
        for inner in op.blocks:
            for k, p in enumerate(inner.params[len(inner.params) - carried :]):
                slots[len(slots) - carried + k].append(p)
        for slot in slots:
            for v in slot:
                self._define(v, block, start)
        head = self._tick()
        self._read_each(op.args[:first], block, head)  # the iterable is evaluated once the variables are set
        end = head + _room(op, self.folding) + 1
        for inner in op.blocks:
            self._around[inner] = (block, start, head, end, True)
            for p in inner.params:
                self._define(p, inner, head)
            self.elements.update(inner.params[: len(inner.params) - carried])
        for inner in op.blocks:
            self._walk(inner)
            if inner is not body:
                leave = self._now
                for slot in slots:
                    self.intervals[slot[0]].append((head, leave))
        assert self._now < end
        self._now = end
        for last in ends(body):
            for slot, r in zip(slots, last.results, strict=True):
                if r in self._forgotten:  # it gets another name, in the handler still
                    self.intervals[slot[0]].append((self._left[last], self._left[last] + 1))
                else:
                    self._hand_on(r, slot[0])
        for slot in slots:
            self.intervals[slot[0]].append((end - 1, end))
        if op.attrs.get("stops"):
            self.intervals[slots[0][0]] += self._kept_false(body, start, end)
        for out in op.outs:
            self._define(out, block, end)
        for slot, x in zip(slots[len(slots) - carried :], op.args[first:], strict=True):
            self._hand_on(x, slot[0])
        self.slots += slots

    def _kept_false(self, body: Block, start: int, end: int) -> list[Interval]:
        """Where the variable that says whether a loop stopped must keep what it was set to before the loop.

        That is wherever an iteration may come to an end that does not set it.
        """
        settings = [b for b in ends(body) if not (isinstance(b.results[0], Const) and not b.results[0].value)]
        if len(settings) == len(list(ends(body))):
            return []
        kept: list[Interval] = []
        for block in settings:
            kept.append((start, self._around[block][2]))
            start = self._left[block]
        return [*kept, (start, end)]

    def _branches(self, op: Op, block: Block, start: int) -> None:
        self._read_operands(op, block, start)
        for inner in op.blocks:
            self._around[inner] = (block, start, self._now, 0, False)
            if op.prim == "try" and inner is not op.blocks[0]:
                self._tried[inner] = (start, max(self._raised, start))
                for p in inner.params:
                    self._define(p, inner, self._now)
                    self.elements.add(p)
            self._walk(inner)
            written = self._left[inner] = self._now
            self._tick()
            for p in inner.params:
                self.intervals[p].append((written, self._now + 1))  # Python forgets it then
            if op.attrs.get("tail"):
                continue
            for out, r in zip(op.outs, inner.results, strict=True):
                self.intervals.setdefault(out, []).append((written, written + 1))
                if r not in inner.params:
                    self._hand_on(r, out)
                elif "arms" in op.attrs:  # in which alone it is read
                    self.slots.append([out, r])
                    self._errors.setdefault(op.attrs["arms"], []).append(r)
                    self._forgotten.add(out)
        if not op.attrs.get("tail"):
            for out in op.outs:
                self._define(out, block, self._now)
        for error in self._errors.get(op, ()):
            self.intervals[error].append((start, self._now + 1))

    def _hand_on(self, x: Operand, to: Value) -> None:
        if isinstance(x, Value) and not self.folding.folded(x):
            self.handed_on.append((x, to))


def _room(op: Op, folding: Folding) -> int:
    """At least as many positions as the blocks of an op take."""
    inner = [o for block in op.blocks for o in block.ops if o not in folding.inline]
    return 2 * len(op.blocks) + sum(3 + _room(o, folding) for o in inner)


class _Groups:
    """Sets of values that are one variable."""

    def __init__(self, lives: _Lives):
        self.lives = lives
        self.members: dict[Value, list[Value]] = {v: [v] for v in lives.intervals}
        self.intervals = {v: _merged(i) for v, i in lives.intervals.items()}

    def unite(self, a: Value, b: Value, always: bool = False, renamed: bool = False) -> None:
        """Make two values one variable, unless their lives overlap or they have different names."""
        one, two = self.members[a], self.members[b]
        if one is two:
            return
        if not always:
            if _overlap(self.intervals[a], self.intervals[b]):
                return
            if not renamed and len({v.hint for v in [*one, *two]} - {None}) > 1:
                return
        merged = _merged([*self.intervals[a], *self.intervals[b]])
        one += two
        for v in one:
            self.members[v] = one
            self.intervals[v] = merged


def _assign(function: Function, groups: _Groups, parameters: list[str], reserved: set[str]) -> dict[Value, str]:
    names: dict[Value, str] = {}
    taken: dict[str, list[Interval]] = {}

    def give(group: list[Value], name: str) -> None:
        taken[name] = _merged([*taken.get(name, []), *groups.intervals[group[0]]])
        names.update(dict.fromkeys(group, name))

    for p, name in zip(function.params, parameters, strict=True):
        if p in groups.members:
            give(groups.members[p], name)
    order = groups.lives.order
    waiting: list[tuple[int, int, str, list[Value]]] = []
    for group in {id(g): g for g in groups.members.values()}.values():
        if group[0] not in names:
            by_order = sorted(group, key=order.__getitem__)
            user = next((v.hint for v in by_order if is_named(v)), None)
            made = next((v.hint for v in by_order if v.hint is not None), None)
            word = next((v.word for v in by_order if v.word is not None), "t")
            rank = 0 if user else 1 if made else 2
            waiting.append((rank, order[by_order[0]], user or made or word, group))
    for _, _, hint, group in sorted(waiting, key=lambda w: w[:2]):
        base = hint if hint.isidentifier() and not keyword.iskeyword(hint) and hint != "_" else "t"
        name, k = base, 0
        while name in reserved or _overlap(taken.get(name, []), groups.intervals[group[0]]):
            k += 1
            name = f"{base}_{k}"
        give(group, name)
    return names


def _merged(intervals: list[Interval]) -> list[Interval]:
    result: list[Interval] = []
    for lo, hi in sorted(intervals):
        if result and lo <= result[-1][1]:
            result[-1] = (result[-1][0], max(hi, result[-1][1]))
        elif lo < hi:
            result.append((lo, hi))
    return result


def _overlap(a: list[Interval], b: list[Interval]) -> bool:
    j = 0
    for lo, hi in a:
        while j < len(b) and b[j][1] <= lo:
            j += 1
        if j < len(b) and b[j][0] < hi:
            return True
    return False
