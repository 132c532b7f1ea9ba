"""Source -> Function: the first stage.

In: a ``Source`` (the syntax tree of a function or lambda, and where it stands).  Out: a ``Function`` as ``ir.core``
describes it, in SSA form, general Python: no types, and nothing is known of NumPy or of any callee.

The steps are in files of their own: ``refuse`` finds what is unsupported, ``control`` takes the jumps out, ``live``
says which variables matter where, ``expressions`` lowers expressions; statements and functions are here.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Collection, Sequence
from typing import Any

import gast

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Iter, Op, Operand, Parameter, Value
from ..source import Source, span
from .brackets import marked
from .control import RESULT, Flag, For, If, Set, Simple, Statement, Try, While, With, structure
from .expressions import Expressions, hint, in_place
from .guard import Apart, prepared
from .live import Liveness, assigned, is_flag
from .matching import without_matches
from .refuse import refusals
from .scope import binds, body_of, events, imported, parameters, reads

EVERYTHING = Const(BaseException, "BaseException")
ATTRIBUTE: tuple[Any, Any] = (getattr, setattr)
ITEM: tuple[Any, Any] = (operator.getitem, operator.setitem)


def lower(source: Source, free: Collection[str] = ()) -> Function:
    """Lower a user's function.

    Args:
        source: its text.
        free: its free variables (``fun.__code__.co_freevars``): other names are globals.

    Raises:
        UnsupportedError: with every unsupported place in ``reasons``.
    """
    tree = source.tree
    if source.cls and source.cls.strip("_"):
        tree = mangled(tree, f"_{source.cls.lstrip('_')}")
    tree = marked(without_matches(tree), roots=True)
    happened = events(tree)
    reasons = refusals(tree, source, happened)
    if reasons:
        raise UnsupportedError(reasons[0][1], reasons[0][0], reasons)  # type: ignore[arg-type]
    place = span(tree, source)
    try:
        statements = _Statements(source, free, binds(tree, happened))
        return statements.function(tree, Function(source.name, Block(), origin=source, span=place))
    except RecursionError:
        raise UnsupportedError("the function is nested too deeply: split it into several", place) from None


def mangled(tree: Any, prefix: str) -> Any:
    """A tree with the private names (``__x``) of a class spelled out, as Python does."""
    tree = copy.deepcopy(tree)
    for node in gast.walk(tree):
        for field in ("id", "attr", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str) and name.startswith("__") and not name.endswith("__"):
                setattr(node, field, prefix + name)
    return tree


class _Statements(Expressions):
    """Lowers one function."""

    def function(self, tree: Any, result: Function, captured: Sequence[str] = (), defaults: Any = None) -> Function:
        """Fill ``result`` from the tree.

        Args:
            captured: the captured variables.
            defaults: for a nested function, parameter names with a default -> the captured name of its value;
                defaults of the outermost function are looked up by the caller.
        """
        self.block = result.body
        self.name = result.name
        values = {name: Value(name, span=result.span) for name in [*captured, *(defaults or {}).values()]}
        self.env = {name: values[name] for name in captured}
        result.captured = tuple(values)
        result.body.params = list(values.values())
        for node, kind, default in parameters(tree):
            value = self.env[node.id] = Value(node.id, span=self.span(node))
            result.body.params.append(value)
            given: Operand | None = None if default is None else Const(True)
            if defaults is not None and default is not None:
                given = values[defaults[node.id]]
            result.signature.append(Parameter(node.id, kind, given))
        if result.signature:
            self.first_parameter = result.signature[0].name
        body = self.structured(tree)
        self.statements(body)
        result.body.results = [UNDEFINED if self.dead else self.env.get(RESULT, UNDEFINED)]
        return result

    def structured(self, tree: Any) -> list[Statement]:
        """The statements of a function, without jumps and taken apart where a handler could see half of them."""
        tree = prepared(tree)
        body = structure(tree)
        self.liveness = Liveness(body)
        if self.liveness.visible:
            body = structure(tree, Apart(self.liveness.visible, self.span).parts)
            self.liveness = Liveness(body)
        return body

    def nested(self, tree: Any) -> Operand:
        """The value of a nested function or lambda: a ``closure`` op of a function of its own."""
        own = binds(tree)
        name = getattr(tree, "name", "<lambda>")
        visible = {*self.local, *self.free, *self.env, *([self.name] if self.itself else [])}
        wanted = [n for n in reads(*body_of(tree)) if n not in own and n in visible]
        recursive = name in wanted
        captured = [n for n in wanted if n != name]
        defaults, given = {}, []
        for node, _, default in parameters(tree):
            if default is not None:
                given.append(self.expression(default))
                defaults[node.id] = _other(f"{node.id}_default", captured)
        inner = _Statements(self.source, self.cells, own, captured)
        inner.statement = self.statement
        target = Function(name, Block(), span=self.span(tree))
        target.attrs["tree"] = tree  # for `lift`
        if recursive:
            inner.itself = lambda node: inner.emit(
                "closure", target.params[: len(target.captured)], node, function=target
            )
        inner.function(tree, target, captured, defaults)
        values = [self.captured_value(n, tree) for n in captured]
        return self.emit("closure", [*values, *given], tree, function=target)

    def captured_value(self, name: str, node: Any) -> Operand:
        """A variable that a nested function captures: it need not have a value yet."""
        if self.itself is not None and name == self.name and name not in self.env:
            return self.itself(node)
        return self.env.get(name, UNDEFINED)

    # Control flow

    def statements(self, statements: Sequence[Statement]) -> None:
        for s in statements:
            if self.dead:
                return
            outside = self.statement
            node = s.node
            if isinstance(node, gast.stmt):
                self.statement = node.lineno
            getattr(self, f"lower_{type(s).__name__}")(s)
            self.statement = outside

    def lower_Set(self, s: Set) -> None:
        self.env[s.name] = s.value if isinstance(s.value, Const) else self.expression(s.value)

    def lower_If(self, s: If) -> None:
        test = self.flag(s.test, s.node) if isinstance(s.test, Flag) else self.expression(s.test)
        live = self.liveness.live_after(s)
        self.branch(test, lambda: self.statements(s.then), lambda: self.statements(s.orelse), s.node, live)

    def flag(self, flag: Flag, node: Any) -> Operand:
        found = self.env[flag.name]
        return found if flag.number is None else self.emit(operator.eq, [found, Const(flag.number)], node)

    def lower_For(self, s: For) -> None:
        iterable = self.expression(s.node.iter)
        element = Value(span=self.span(s.node.target))
        body = Block([element])

        def start() -> None:
            self.assign(s.node.target, element)

        attrs = {"iter": Iter("any"), "guarded": getattr(s.node, "guarded", False)}
        self.loop(s, Op("for", [iterable], blocks=[body], attrs=attrs), start)

    def lower_While(self, s: While) -> None:
        test = Block()
        op = Op("while", [], blocks=[test, Block()])

        def condition() -> Operand:
            for name in self.liveness.carried(s):
                self.env[name] = Value(hint(name), span=self.span(s.node))
                test.params.append(self.env[name])  # type: ignore[arg-type]
            return s.test if isinstance(s.test, Const) else self.expression(s.test)

        if not self.dead:
            result, _, dead = self.inside(test, condition)
            test.results = [UNDEFINED if dead else result]
        self.loop(s, op, lambda: None)

    def loop(self, s: For | While, op: Op, start: Any) -> None:
        """Finish a loop: its carried values, its body (the last block of ``op``), its results."""
        if self.dead:
            return
        carried = self.liveness.carried(s)
        body = op.blocks[-1]
        place = self.span(s.node)
        op.span = place
        op.args += [self.env.get(name, UNDEFINED) for name in carried]
        op.attrs["stops"] = s.stop is not None

        def turn() -> None:
            for name in carried:
                self.env[name] = Value(hint(name), span=place)
                body.params.append(self.env[name])  # type: ignore[arg-type]
            start()
            self.statements(s.body)

        _, env, dead = self.inside(body, turn)
        results = [*([s.stop] if s.stop else []), *carried]
        body.results = [UNDEFINED if dead else env.get(name, UNDEFINED) for name in results]
        for name in assigned([s]):
            self.env.pop(name, None)
        for name in results:
            out = Value(hint(name), span=place)
            op.outs.append(out)
            self.env[name] = out
        self.block.ops.append(op)

    def lower_With(self, s: With) -> None:
        manager = self.expression(s.item.context_expr)
        if self.dead:
            return
        live = self.liveness.live_after(s)
        body = Block()

        def inner() -> None:
            if s.item.optional_vars is not None:
                entered = Value(span=self.span(s.item.optional_vars))
                body.params.append(entered)
                self.assign(s.item.optional_vars, entered)
            self.statements(s.body)

        place = self.span(s.node)
        _, env, dead = self.inside(body, inner)
        op = Op("with", [manager], blocks=[body], span=place)
        self.block.ops.append(op)
        for name in {**self.env, **env}:
            operand = env.get(name, UNDEFINED)
            if operand is self.env.get(name, UNDEFINED):
                continue
            self.env.pop(name, None)
            if name in live and operand is not UNDEFINED:
                out = Value(hint(name), span=place)
                op.outs.append(out)
                body.results.append(UNDEFINED if dead else operand)
                self.env[name] = out

    def lower_Try(self, s: Try) -> None:
        """A ``try`` op, and an ``if`` op behind it: in it, the handlers, and what follows the body if it ends.

        The handlers of a part of a body do nothing: after them, every variable is as before.
        """
        classes = [EVERYTHING if h.types is None else self.expression(h.types) for h in s.handlers]
        if self.dead:
            return
        place, outside = self.span(s.node), self.env
        body = Block()
        _, ended, dead = self.inside(body, lambda: self.statements(s.body))
        many = len(s.handlers) > 1
        caught, error = Value("caught", span=place), Value("error", span=place)
        op = Op("try", classes, outs=[caught], blocks=[body], span=place)
        op.attrs["reraises"] = bool(getattr(s.node, "finalbody", ()))
        body.results = [UNDEFINED if dead else Const(0 if many else False)]
        for k, h in enumerate(s.handlers, 1):
            params = [Value("error", span=self.span(h.node))] if h.names else []
            op.blocks.append(Block(params, results=[Const(k if many else True), *params]))
        if any(h.names for h in s.handlers):
            op.outs.append(error)
            for block in op.blocks:
                none = UNDEFINED if s.note is None else Const(None)
                block.results += [none] * (2 - len(block.results))
        live, own, after = self.liveness.after_body(s), _made_in(body), self.liveness.live_after(s)
        if s.note is not None:
            ended = {**ended, s.note: caught, **dict.fromkeys((n for h in s.handlers for n in h.names), error)}
        env = {name: operand for name, operand in ended.items() if operand is outside.get(name)}
        for name, operand in ended.items():
            if name not in env and name in live:
                env[name] = operand
                if operand in own or (s.note is not None and operand not in op.outs):
                    kept = s.note is not None and (name in s.seen or is_flag(name))
                    before = outside.get(name, UNDEFINED) if kept else UNDEFINED
                    env[name] = out = Value(hint(name), span=place)
                    op.outs.append(out)
                    for block in op.blocks:
                        block.results.append(before if block is not body else UNDEFINED if dead else operand)
        self.block.ops.append(op)
        if s.note is not None:
            self.env = env
            return

        def handle(k: int) -> None:
            h = s.handlers[k]
            self.env.update(dict.fromkeys(h.names, error))
            self.statements(h.body)

        def choose(k: int) -> None:
            if k == len(s.handlers) - 1:
                return handle(k)
            test = self.emit(operator.eq, [caught, Const(k + 1)], s.node)
            self.branch(test, lambda: handle(k), lambda: choose(k + 1), s.node, after)

        def go_on() -> None:
            self.env, self.dead = dict(env), dead
            self.statements(s.orelse)

        self.branch(caught, lambda: choose(0), go_on, s.node, after)

    # Statements that neither branch nor jump

    def lower_Simple(self, s: Simple) -> None:
        getattr(self, f"stmt_{type(s.node).__name__}")(s.node)

    def stmt_Pass(self, s: Any) -> None:
        pass

    stmt_Global = stmt_Nonlocal = stmt_Pass

    def stmt_Expr(self, s: Any) -> None:
        if not isinstance(s.value, gast.Constant):
            found = self.expression(s.value)
            last = self.block.ops[-1] if self.block.ops else None
            if last is not None and last.prim == "call" and found in last.outs:
                last.attrs["statement"] = True

    def stmt_Assign(self, s: Any) -> None:
        if len(s.targets) == 1 and _parallel(s.targets[0], s.value):
            # a, b = b, a: no tuple is made
            values = self.expressions(s.value.elts)
            for target, value in zip(s.targets[0].elts, values, strict=True):
                self.assign(target, value)
        else:
            value = self.expression(s.value)
            for target in s.targets:
                self.assign(target, value)

    def stmt_AnnAssign(self, s: Any) -> None:
        if s.value is not None:
            self.assign(s.target, self.expression(s.value))

    def stmt_AugAssign(self, s: Any) -> None:
        update = in_place(s.op)
        target = s.target
        if isinstance(target, gast.Name):
            old = self.read(target.id, target)
            self.assign_name(target.id, self.emit(update, [old, self.expression(s.value)], s))
            return
        if isinstance(target, gast.Attribute):
            place: list[Operand] = [self.expression(target.value), Const(target.attr)]
            load, store = ATTRIBUTE
        else:
            place = self.subscript(target)
            load, store = ITEM
        old = self.emit(load, place, target)
        self.effect(store, [*place, self.emit(update, [old, self.expression(s.value)], s)], s)

    def assign(self, target: Any, value: Operand) -> None:
        if self.dead:
            return
        if isinstance(target, gast.Name):
            if isinstance(value, Value) and value.span is None:
                value.span = self.span(target)
            self.assign_name(target.id, value)
        elif isinstance(target, gast.Attribute):
            self.effect(setattr, [self.expression(target.value), Const(target.attr), value], target)
        elif isinstance(target, gast.Subscript):
            self.effect(operator.setitem, [*self.subscript(target), value], target)
        else:
            self.unpack(target, value)

    def unpack(self, target: Any, value: Operand) -> None:
        elts = target.elts
        star = next((k for k, e in enumerate(elts) if isinstance(e, gast.Starred)), None)
        count, after = (len(elts), -1) if star is None else (star, len(elts) - star - 1)
        place = self.span(target)
        outs = [Value(span=place) for _ in elts]
        args = [value, Const(count), Const(after)]
        self.block.ops.append(Op(prims.unpack, args, outs=outs, span=place))
        for e, out in zip(elts, outs, strict=True):
            self.assign(e.value if isinstance(e, gast.Starred) else e, out)

    def stmt_Delete(self, s: Any) -> None:
        for target in s.targets:
            self.delete(target)

    def delete(self, target: Any) -> None:
        if isinstance(target, gast.Name):
            self.read(target.id, target)
            self.env.pop(target.id, None)
        elif isinstance(target, gast.Attribute):
            self.effect(delattr, [self.expression(target.value), Const(target.attr)], target)
        elif isinstance(target, gast.Subscript):
            self.effect(operator.delitem, self.expressions([target.value, target.slice]), target)
        else:
            for e in target.elts:
                self.delete(e)

    def stmt_Raise(self, s: Any) -> None:
        self.effect("raise", self.expressions(n for n in (s.exc, s.cause) if n is not None), s)

    def stmt_Assert(self, s: Any) -> None:
        def fail() -> None:
            message = [] if s.msg is None else [self.expression(s.msg)]
            self.raise_new(AssertionError, message, s)

        self.branch(self.expression(s.test), lambda: None, fail, s)

    def stmt_FunctionDef(self, s: Any) -> None:
        decorators = self.expressions(s.decorator_list)
        value = self.nested(s)
        for decorator, node in zip(reversed(decorators), reversed(s.decorator_list), strict=True):
            value = self.call(decorator, [value], node)
        self.assign_name(s.name, value)

    def stmt_Import(self, s: Any) -> None:
        for alias in s.names:
            module = self.emit(prims.import_module, [Const(alias.name)], s)
            name = imported(alias)
            if alias.asname is None and name != alias.name:
                module = self.emit(prims.import_module, [Const(name)], s)
            self.assign_name(name, module)

    def stmt_ImportFrom(self, s: Any) -> None:
        place = "." * (s.level or 0) + (s.module or "")
        module = self.emit(prims.import_module, [Const(place)], s)
        for alias in s.names:
            self.assign_name(imported(alias), self.emit(getattr, [module, Const(alias.name)], s))


def _made_in(block: Block) -> set[Operand]:
    """The values that are computed in a block."""
    found: set[Operand] = {out for op in block.ops for out in op.outs}
    return found.union(*(_made_in(inner) | set(inner.params) for op in block.ops for inner in op.blocks))


def _other(name: str, taken: Collection[str]) -> str:
    """A name that is not taken."""
    while name in taken:
        name += "_"
    return name


def _parallel(target: Any, value: Any) -> bool:
    """Whether both sides of an assignment are tuples (or lists) written out, of the same length."""
    sides = (target, value)
    return (
        all(isinstance(side, (gast.Tuple, gast.List)) for side in sides)
        and len(target.elts) == len(value.elts)
        and not any(isinstance(e, gast.Starred) for side in sides for e in side.elts)
    )
