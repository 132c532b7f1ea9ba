"""The intermediate representation: structured SSA over Python callables.

Conventions
-----------
- A ``Value`` is computed once.  Its identity is the object; ``hint`` is the user's name for it.
- A ``Const`` is a literal, a module, a function: anything known when compiling.
- An ``Op`` computes ``outs`` from ``args`` (positional operands) and ``params`` (keyword operands).
  ``prim`` is a Python callable (``np.tanh``, ``operator.add``, ``runtime.setitem``), or one of the
  strings of ``STRUCTURAL`` for what is not a plain call.
- A ``Block`` has parameters, ops and results; blocks belong to ``for``, ``while``, ``if``, ``with`` and ``try``
  ops and may use values of the scopes around them.
- Control flow is structured, so the adjoint of a block is a block, and Python comes out again.

Structural ops
--------------
``if``      args = [condition], blocks = [then, else]; outs = results of the block that ran.
``for``     args = iteration operands + initial carried values; ``attrs["iter"]`` is an ``Iter`` tree that says
            how the iteration operands are walked; block params = the iteration's leaf elements + carried values;
            block results = carried values, preceded by a boolean ``stop`` where ``attrs["stops"]``;
            outs = final carried values, preceded by the final ``stop`` where ``attrs["stops"]``.
``while``   args = initial carried values; blocks = [condition, body], both with the carried values as params;
            the condition block has one result; body results and outs as for ``for``.
``with``    args = [context manager]; blocks = [body] without params; outs = results.
``try``     args = classes of exceptions, one operand for each ``except``; blocks = [body, a handler for each of these];
            a handler has no ops, and the exception as its only param, or none; outs = results of the block that ran to
            its end.  The first result is 0 (one handler: False) of the body, and the number of the handler (True) of a
            handler.  What an exception ends is as if it had not happened: what the body stores, nobody sees then.  What
            handlers do stands in an ``if`` op behind.  ``attrs["reraises"]``: it ends by raising again (``finally``).
``call``    a call.  Lowered stage: args = [callee, *positional], params = keyword arguments,
            ``attrs["stars"]`` = positions in args that are ``*iterables``, ``params["**"]`` a mapping to splice.
            From the typed stage on ``attrs["function"]`` is a ``Function`` and args are exactly its parameters,
            outs exactly its results.
``raise``   args = [exception] or [exception, cause]; a block that ends in ``raise`` has no meaningful results
            (they are ``UNDEFINED``).
``global``  attrs["name"]: the value of a global or builtin name, looked up late.
``cell``    attrs["name"]: the value of a free variable of the outermost user's function.
``closure`` attrs["function"] = a lambda-lifted ``Function`` whose first parameters are the captured values
            ``args``; out = a function value.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Any, NamedTuple

from .types import UNKNOWN, Type


class Span(NamedTuple):
    """A place in the user's source: absolute lines from 1, columns (in characters) from 0."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int
    statement: int = 0  # line where the statement around it begins


class Value:
    """The result of one computation."""

    __slots__ = ("hint", "name", "span", "type", "word")

    def __init__(self, hint: str | None = None, type: Type = UNKNOWN, span: Span | None = None):
        self.hint = hint
        self.type = type
        self.span = span
        self.word: str | None = None  # what it is, where the user gave it no name (see passes/words.py)
        self.name: str | None = None  # given by the text printer; never an identity

    def __repr__(self) -> str:
        return f"%{self.name or self.hint or hex(id(self))[-5:]}"


def another(x: Value) -> Value:
    """Another value of the type, the name and the place of one."""
    out = Value(x.hint, x.type, x.span)
    out.word = x.word
    return out


class Const:
    """Something known when compiling.

    Args:
        value: the object itself.
        path: how the user spelled it (``"np.pi"``), where it is not a literal.
    """

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str | None = None):
        self.value = value
        self.path = path

    def __repr__(self) -> str:
        return f"Const({self.path or self.value!r})"


def constant(value: Any) -> Const:
    """What is compiled in as it is: a text, a switch, a function, a member of an enumeration."""
    name = str(value) if isinstance(value, enum.Enum) else getattr(value, "__name__", None)
    return Const(value, name if isinstance(name, str) else None)


class _Same:
    """An object as a key: equal to itself alone."""

    __slots__ = ("x",)

    def __init__(self, x: Any):
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.x is other.x

    def __hash__(self) -> int:
        return id(self.x)


def constant_key(x: Any) -> Any:
    """A key that two constants share only where no program can tell them apart: not ``1`` and ``True``, nor zeros."""
    if type(x) in (bool, int, float, complex, str, bytes, type(None), type(Ellipsis)):
        return type(x), repr(x)
    if type(x) is tuple:
        return tuple, *map(constant_key, x)
    if type(x) is slice:
        return slice, *map(constant_key, (x.start, x.stop, x.step))
    return _Same(x)


def hashable(x: Any) -> bool:
    """Whether a primitive can be looked up in tables: callable objects need not be hashable."""
    try:
        hash(x)
    except TypeError:
        return False
    return True


class _Undefined:
    """The content of a variable that has no value on this path."""

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Const(_Undefined(), "UNDEFINED")

Operand = Value | Const
Prim = Any  # a callable, or a name of STRUCTURAL

STRUCTURAL = ("if", "for", "while", "with", "try", "call", "raise", "global", "cell", "closure")


@dataclasses.dataclass(frozen=True)
class Iter:
    """How a ``for`` op walks its iteration operands.

    kind: ``range`` (operands start, stop, step), ``seq`` (one operand: array, list, tuple; elements by index),
    ``any`` (one operand of unknown nature, walked by Python), or ``zip`` and ``enumerate`` of the parts
    (``enumerate`` has one leading operand, its start).  Leaves yield one element each; ``enumerate`` yields
    its index, then the elements of its part.
    strict: of ``zip``: parts of different lengths are an error.
    """

    kind: str
    parts: tuple[Iter, ...] = ()
    strict: bool = False

    def operands(self) -> int:
        own = {"range": 3, "seq": 1, "any": 1, "enumerate": 1, "zip": 0}[self.kind]
        return own + sum(p.operands() for p in self.parts)

    def leaves(self) -> int:
        own = {"range": 1, "seq": 1, "any": 1, "enumerate": 1, "zip": 0}[self.kind]
        return own + sum(p.leaves() for p in self.parts)

    def is_strict(self) -> bool:
        """Whether a ``zip`` somewhere in it raises where its parts end at different times."""
        return self.strict or any(p.is_strict() for p in self.parts)

    def leaf_operands(self, operands: list[Operand]) -> list[tuple[str, list[Operand]]]:
        """For each leaf, its kind and its own among the iteration operands."""
        rest = list(operands)

        def walk(form: Iter) -> list[tuple[str, list[Operand]]]:
            if form.kind == "range":
                return [("range", [rest.pop(0), rest.pop(0), rest.pop(0)])]
            if form.kind in ("seq", "any"):
                return [(form.kind, [rest.pop(0)])]
            own = [("enumerate", [rest.pop(0)])] if form.kind == "enumerate" else []
            return own + [leaf for part in form.parts for leaf in walk(part)]

        return walk(self)


class Op:
    """One operation; see the module's docstring for the structural ones."""

    __slots__ = ("args", "attrs", "blocks", "outs", "params", "prim", "span")

    def __init__(
        self,
        prim: Prim,
        args: list[Operand],
        params: dict[str, Operand] | None = None,
        outs: list[Value] | None = None,
        blocks: list[Block] | None = None,
        span: Span | None = None,
        attrs: dict[str, Any] | None = None,
    ):
        self.prim = prim
        self.args = args
        self.params = params or {}
        self.outs = outs or []
        self.blocks = blocks or []
        self.span = span
        self.attrs = attrs or {}

    @property
    def out(self) -> Value:
        (out,) = self.outs
        return out

    def operands(self) -> list[Operand]:
        """All that it reads; not to be changed."""
        return [*self.args, *self.params.values()] if self.params else self.args

    def __repr__(self) -> str:
        name = self.prim if isinstance(self.prim, str) else getattr(self.prim, "__name__", self.prim)
        return f"{self.outs} = {name}{tuple(self.args)}"


class Block:
    """Parameters, ops in order, results."""

    __slots__ = ("ops", "params", "results")

    def __init__(
        self,
        params: list[Value] | None = None,
        ops: list[Op] | None = None,
        results: list[Operand] | None = None,
    ):
        self.params = params or []
        self.ops = ops or []
        self.results = results or []


@dataclasses.dataclass
class Parameter:
    """One parameter of a function's signature."""

    name: str
    kind: str = "plain"  # plain, positional_only, keyword_only, args, kwargs
    default: Operand | None = None


class Function:
    """A function: its parameters are ``body.params``.

    Attributes:
        name: as the user wrote it.
        signature: how callers bind arguments (lowered stage).
        captured: names of the captured variables; their values are the first ``len(captured)`` params.
        origin: where it comes from (a ``source.Source`` for a user's function).
        results: after lowering a function has exactly one result; halves of adjoints may have more.
        effect: whether it has effects, once somebody has found out (see ``passes.simplify``).
    """

    __slots__ = ("attrs", "body", "captured", "effect", "name", "origin", "signature", "span")

    def __init__(
        self,
        name: str,
        body: Block,
        signature: list[Parameter] | None = None,
        captured: tuple[str, ...] = (),
        origin: Any = None,
        span: Span | None = None,
    ):
        self.name = name
        self.body = body
        self.signature = signature or []
        self.captured = captured
        self.origin = origin
        self.span = span
        self.attrs: dict[str, Any] = {}
        self.effect: bool | None = None

    @property
    def params(self) -> list[Value]:
        return self.body.params

    @property
    def results(self) -> list[Operand]:
        return self.body.results

    def __repr__(self) -> str:
        return f"<Function {self.name}>"


def copied(op: Op, env: dict[Value, Operand]) -> Op:
    """An op with values of its own inside of its blocks; ``env`` maps the old to the new ones.  Its results stay."""

    def block(b: Block) -> Block:
        params = [fresh(p) for p in b.params]
        ops = []
        for inner in b.ops:
            made = copied(inner, env)
            made.outs = [fresh(o) for o in inner.outs]
            ops.append(made)
        return Block(params, ops, list(map(read, b.results)))

    def fresh(v: Value) -> Value:
        env[v] = new = another(v)
        return new

    def read(x: Operand) -> Operand:
        return env.get(x, x) if isinstance(x, Value) else x

    args, params = list(map(read, op.args)), {k: read(v) for k, v in op.params.items()}
    return Op(op.prim, args, params, list(op.outs), list(map(block, op.blocks)), op.span, dict(op.attrs))


def again(op: Op, env: dict[Value, Operand]) -> Op:
    """`copied`, with results of its own, which ``env`` maps, too."""
    made = copied(op, env)
    made.outs = [another(o) for o in op.outs]
    env.update(zip(op.outs, made.outs, strict=True))
    return made
