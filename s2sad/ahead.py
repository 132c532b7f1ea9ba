"""Ahead of time: a function in, the text of a module with its derivative out.

The module imports NumPy, and the user's own modules where the function reads their variables, and never s2sad.  What
it was generated for is checked when it is called.  The same input gives the same bytes, anywhere.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import hashlib
import inspect
import io
import json
import shlex
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

from . import entry, runtime
from .argtypes import parameter_types, type_text
from .arguments import Arguments, argument_type, has_derivative
from .checks import Checks
from .errors import UnsupportedError
from .ir.core import Block, Const, Function, Op, Span
from .ir.types import Type
from .linker import Piece, link, local_names, pieces
from .passes.instances import Instance
from .passes.session import Cells, Globals, Guard, Session
from .pipeline import Program, Selection, gradient, hessian_product, pullback, pushforward
from .plugins import load_plugins
from .source import PACKAGE
from .targets import Target, UsageError, find_target, make_target

MODES = ("grad", "value_and_grad", "vjp", "jvp", "hvp")
Wrt = int | str | Sequence[int | str] | None
Refuse = Callable[[str, Any], Exception]


@dataclasses.dataclass(frozen=True)
class Request:
    """What to generate.

    Attributes:
        target: the function.
        known: what is known of each parameter.
        selection: what to differentiate by.
        mode: one of `MODES`.
        has_aux: the function returns ``(value, aux)``.
        command: what to write after ``s2sad build`` to get it again.
    """

    target: Target
    known: list[Type | Const]
    selection: Selection
    mode: str
    has_aux: bool
    command: str

    @property
    def arguments(self) -> Arguments:
        return Arguments(self.target.function)

    @property
    def lowered(self) -> Function:
        return Session().lowered(self.target.function)


def request(
    fun: Any,
    wrt: Wrt = None,
    mode: str | None = None,
    args: Mapping[str, Any] | None = None,
    *,
    has_aux: bool = False,
) -> Request:
    """Everything about what to generate; see `module_text`.

    Raises:
        UsageError: for what does not exist.
        TypeError: for an argument without a derivative.
    """
    target = find_target(fun) if isinstance(fun, str) else fun if isinstance(fun, Target) else make_target(fun)
    command = _command(target, wrt, mode, args, has_aux)
    decorated = target.transformed
    if decorated is not None:
        wrt, has_aux = decorated.argnums if wrt is None else wrt, has_aux or decorated.has_aux
        mode = mode or decorated.mode
    mode = mode or "grad"
    if mode not in MODES:
        close = difflib.get_close_matches(mode, MODES, n=1)
        raise UsageError(f"no mode {mode!r}: use {', '.join(MODES)}{f'; did you mean {close[0]!r}?' if close else ''}")
    known = parameter_types(target.function, args, target.owner)
    arguments = Arguments(target.function)
    skip = int(target.owner is not None)
    if wrt is None and mode in ("vjp", "jvp"):
        places = tuple((p, None) for p in range(skip, len(known)) if has_derivative(known[p]))
        selection = Selection(places, False)
    else:
        try:
            given = sum(_positional(p, t) for p, t in zip(arguments.parameters, known, strict=True))
            selection = arguments.select(0 if wrt is None else wrt, skip, given)
        except ValueError as error:
            raise UsageError(str(error)) from None
    for p, _ in selection.places:
        if not has_derivative(known[p]):
            raise TypeError(f"can't differentiate with respect to {arguments.names[p]!r}, which is {known[p]!r}")
    return Request(target, known, selection, mode, has_aux, command)


def _positional(p: inspect.Parameter, t: Type | Const) -> int:
    """How many positional arguments a parameter takes."""
    if p.kind is p.VAR_POSITIONAL:
        return len(t.elems) if isinstance(t, Type) else 0
    return int(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def _command(target: Target, wrt: Wrt, mode: str | None, args: Mapping[str, Any] | None, has_aux: bool) -> str:
    place, _, name = target.text.rpartition(":")
    words = [f"{target.path}:{name}" if Path(place).is_absolute() else target.text]
    if wrt is not None:
        words += ["--wrt", str(wrt) if isinstance(wrt, (int, str)) else ",".join(map(str, wrt))]
    if mode is not None:
        words += ["--mode", mode]
    for name, value in (args or {}).items():
        words += ["--arg", f"{name}:{value if isinstance(value, str) else '...'}"]
    return " ".join(map(shlex.quote, [*words, "--has-aux"] if has_aux else words))


def generate_program(asked: Request, session: Session | None = None, stage: str = "python") -> Any:
    """The `Program` for a request; or the Function of an earlier stage.

    Raises:
        UnsupportedError: what can't be differentiated, with every place.
        TypeError: the result is not a real scalar.
    """
    load_plugins()
    session = session or Session()
    function = asked.target.function
    early = stage in ("lower", "types", "memory")  # which no mode changes
    if asked.mode == "vjp" and not early:
        if stage != "python":
            raise UsageError(f"the stage {stage} does not exist for --mode vjp, which makes two functions")
        return pullback(function, asked.known, asked.selection, has_aux=asked.has_aux, session=session)
    if asked.mode == "jvp" and not early:
        return pushforward(function, asked.known, asked.selection, stage=stage, session=session)
    if asked.mode == "hvp" and not early:
        return hessian_product(function, asked.known, asked.selection, asked.selection.params,
                               has_aux=asked.has_aux, stage=stage, session=session)  # fmt: skip
    value = asked.mode == "value_and_grad"
    return gradient(function, asked.known, asked.selection, value=value, has_aux=asked.has_aux, stage=stage,
                    session=session)  # fmt: skip


def module_text(
    fun: Any,
    wrt: Wrt = None,
    mode: str | None = None,
    args: Mapping[str, Any] | None = None,
    *,
    has_aux: bool = False,
) -> str:
    """The text of a module with the derivative of a function.

    Args:
        fun: a function, or a text such as ``pkg.mod:fun``, ``path/file.py:fun``, ``pkg.mod:Class.method``.
        wrt: which arguments to differentiate by: an int or a name for one gradient, a sequence for a tuple of them.
        mode: ``"grad"``, ``"value_and_grad"``, ``"vjp"``, ``"jvp"`` or ``"hvp"``.  Functions of the last two take a
            value for each parameter, then a tangent for each that is differentiated.
        args: what the arguments are, by name: a text such as ``"f8[n, 3]"``, or an example value.  Without it
            annotations and default values say, and else they may be numbers or arrays.
        has_aux: the function returns ``(value, aux)``.

    Raises:
        UsageError: for what does not exist.
        TypeError, UnsupportedError: for what can't be differentiated, or not ahead of time.

    Example:
        >>> def square(x: float):
        ...     return x**2
        >>> "    return 2 * x" in module_text(square).splitlines()
        True
    """
    return modules_text([request(fun, wrt, mode, args, has_aux=has_aux)])


def modules_text(requests: Sequence[Request], command: str | None = None) -> str:
    """The text of one module with all that is asked for."""
    public: list[Piece] = []
    sessions = [Session() for _ in requests]
    refuse = _refusal(requests[0])
    for asked, session in zip(requests, sessions, strict=True):
        refuse = _refusal(asked)
        public += _public(asked, generate_program(asked, session), refuse)
    body = link(public, refuse)
    commands = dict.fromkeys(r.command for r in requests) if command is None else [command]
    lines = [f"# Generated by s2sad {_version()}: do not edit.", *_source_lines(requests, sessions)]
    for c in commands:
        again = f"s2sad build {c} -o FILE" if c else "s2sad build"
        lines.append(f"# regenerate: {again}      verify: {'the same with' if c else again} --check")
    text = "\n".join(lines) + "\n\n" + body
    compile(text, "<generated>", "exec", dont_inherit=True)
    return text


def _version() -> str:
    from . import __version__

    return __version__


def _source_lines(asked: Sequence[Request], sessions: Sequence[Session]) -> list[str]:
    """Where it comes from: hashes of each function with every helper that went in, and of what was asked for."""
    digests: dict[str, set[str]] = {}
    options: dict[str, list[Any]] = {}
    for one, session in zip(asked, sessions, strict=True):
        place = f"{one.target.path}::{one.target.function.__qualname__}"
        used = [s for s in session.sources.values() if not s.file.startswith(PACKAGE)]
        digests.setdefault(place, set()).update(f"{s.qualname} {s.digest}" for s in used)
        known = [type_text(t) for t in one.known]
        options.setdefault(place, []).append([one.mode, one.selection.places, one.selection.single, one.has_aux, known])
    return [
        f"# source: {place}  sha256:{_hash(sorted(found))}     options: sha256:{_hash(options[place])}"
        for place, found in digests.items()
    ]


def _hash(x: Any) -> str:
    return hashlib.sha256(json.dumps(x).encode()).hexdigest()[:16]


# The functions that a module is for


def _public(asked: Request, program: Program, refuse: Refuse) -> list[Piece]:
    names = {role: emitted.name for role, emitted in program.parts.items()}
    made = {}
    for role, emitted in program.parts.items():
        kept = {emitted.name}
        made[role] = next(p for p in pieces(emitted.text, emitted.namespace, kept) if p.name == names[role])
    main = made["main"] if "main" in made else _pullback(asked, program, made["forward"], made["backward"])
    _replace_defaults(main, asked, refuse)
    _insert_checks(main, asked, program, refuse)
    return [main]


def _pullback(asked: Request, program: Program, forward: Piece, backward: Piece) -> Piece:
    """``f_vjp(x) -> (value, pullback)`` from the two halves."""
    head = ast.parse(forward.text).body[0]
    assert isinstance(head, ast.FunctionDef)
    name = f"{forward.name.removesuffix('_forward')}_vjp"
    a = head.args
    passed = [p.arg for p in (*a.posonlyargs, *a.args)]
    passed += [f"*{a.vararg.arg}"] if a.vararg else []
    passed += [f"{p.arg}={p.arg}" for p in a.kwonlyargs] + ([f"**{a.kwarg.arg}"] if a.kwarg else [])
    value, saved, cotangent, bars, pull = _fresh(["value", "saved", "cotangent", "bars", "pullback"], passed)
    aux = ["aux"] if asked.has_aux else []
    given = ", ".join([saved, cotangent] if program.seeded else [saved])
    order = asked.selection.params
    lines = [
        f"def {name}({ast.unparse(a)}):",
        '    """The value, and its pullback: the product of a cotangent with the Jacobian."""',
        f"    {', '.join([value, *aux, saved])} = {forward.name}({', '.join(passed)})",
        "",
        f"    def {pull}({cotangent}):",
        f"        _check_cotangent({cotangent}, {value})",
    ]
    if order:
        lines.append(f"        {bars} = {backward.name}({given})")
    lines += [f"        return {_bars(asked, bars)}", "", f"    return {', '.join([value, pull, *aux])}"]
    meaning = {**forward.meaning, forward.name: forward, backward.name: backward}
    meaning["_check_cotangent"] = entry._check_cotangent
    forward.fixed = backward.fixed = False
    head.args.defaults, head.args.kw_defaults = [], [None] * len(a.kwonlyargs)
    return Piece(name, "\n".join(lines), meaning, fixed=True)


def _fresh(names: list[str], taken: list[str]) -> list[str]:
    words = {t.partition("=")[0].lstrip("*") for t in taken}
    return [n + "_" * (n in words) for n in names]


def _bars(asked: Request, bars: str) -> str:
    """What ``pullback`` returns: an entry for each positional argument, or those that were selected."""
    order, selection = asked.selection.params, asked.selection

    def one(p: int, k: int | str | None) -> str:
        if p not in order:
            return "None"
        bar = bars if len(order) == 1 else f"{bars}[{order.index(p)}]"
        return bar if k is None else f"{bar}[{k!r}]"

    if selection.single:
        return one(*selection.places[0])
    places = selection.places
    if "--wrt" not in asked.command.split() and asked.target.transformed is None:
        skip = int(asked.target.owner is not None)
        plain = [
            i
            for i, p in enumerate(asked.arguments.parameters)
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        places = tuple((p, None) for p in plain[skip:])
    chosen = [one(p, k) for p, k in places]
    return f"({', '.join(chosen)}{',' if len(chosen) == 1 else ''})" if chosen else "()"


def _replace_defaults(main: Piece, asked: Request, refuse: Refuse) -> None:
    """Default values that are not literals: written out, where they are tuples of literals."""
    for name, meant in list(main.meaning.items()):
        p = asked.arguments.signature.parameters.get(name.removeprefix("default_"))
        if p is None or p.default is not meant or not name.startswith("default_"):
            continue
        try:
            literal = ast.literal_eval(repr(meant)) == meant and isinstance(meant, tuple)
        except (ValueError, SyntaxError):
            literal = False
        if not literal:
            raise refuse(f"the default value of {p.name!r} is no literal, which a module can't have", meant)
        main.text = main.text.replace(f"{p.name}={name}", f"{p.name}={meant!r}", 1)
        del main.meaning[name]


def _insert_checks(main: Piece, asked: Request, program: Program, refuse: Refuse) -> None:
    """Check at entry what was assumed of the arguments, and of the variables of modules."""
    names = asked.arguments.names
    checks = Checks()
    for p, (name, t) in enumerate(zip(names, asked.known, strict=True)):
        try:
            checks.argument(t, name, active=p in asked.selection.params)
        except UnsupportedError as error:
            raise UnsupportedError(error.msg, asked.lowered.params[p].span or asked.lowered.span) from None
    for guard in program.session.guards.values():
        holder = _holder_of_data(guard, refuse)
        if holder is not None:
            alias = _alias(holder, main)
            main.meaning[alias] = holder
            value = getattr(holder, guard.name)
            checks.argument(argument_type(value, f"{alias}_{guard.name}"), f"{alias}.{guard.name}")
    checks.equal_sizes()
    if asked.mode in ("jvp", "hvp"):
        head: Any = ast.parse(main.text).body[0]
        dots = [a.arg for a in head.args.args[len(names) :]]
        for p, dot in zip(asked.selection.params, dots, strict=True):
            checks.call(entry._check_cotangent, dot, names[p], '"tangent"')
    if program.written and len(names) > 1:
        checks.call(entry._check_apart, *names)
    main.meaning.update(checks.meaning)
    lines = main.text.splitlines()
    at = _after_head(main.text)
    main.text = "\n".join([*lines[:at], *(f"    {line}" for line in checks.lines), *lines[at:]])


def _holder_of_data(guard: Guard, refuse: Refuse) -> Any:
    """Where data stands that compilation took for granted; None for functions and modules, which are compiled in."""
    if guard.signature is None and not isinstance(guard.expected, (bool, str, type(None))):
        return None
    holder = guard.holder
    if isinstance(holder, Cells):
        raise refuse(f"it reads the closure variable {guard.name!r}, which a module does not have", holder)
    if isinstance(holder, (FunctionType, Instance)) or _module_name(holder).startswith("s2sad."):
        return None
    return holder


def _module_name(holder: Any) -> str:
    if isinstance(holder, Globals):
        return str(holder.__name__)
    return str(getattr(holder, "__module__", None) or getattr(holder, "__name__", ""))


def _alias(holder: Any, main: Piece) -> str:
    """The name of a module, class or object in the text."""
    known = next((k for k, m in main.meaning.items() if _same_holder(m, holder)), None)
    if known is not None:
        return known
    alias = str(getattr(holder, "__name__", type(holder).__name__.lower())).rpartition(".")[2]
    while alias in main.meaning or alias in local_names(main.text):
        alias += "_"
    return alias


def _same_holder(a: Any, b: Any) -> bool:
    if isinstance(a, Globals) and isinstance(b, Globals):
        return object.__getattribute__(a, "_namespace") is object.__getattribute__(b, "_namespace")
    return a is b


def _after_head(text: str) -> int:
    """The number of lines before the first statement of a function: its header and docstring."""
    node: Any = ast.parse(text).body[0]
    if ast.get_docstring(node, clean=False) is not None:
        return node.body[0].end_lineno
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            return token.start[0]
    raise AssertionError(text)


# Refusals, with their place


def _refusal(asked: Request) -> Refuse:
    def refuse(message: str, culprit: Any) -> Exception:
        if culprit is runtime.dynamic_vjp:
            message = (
                "what this does is known only when the program runs: say what the arguments are (--arg, annotations)"
            )
            reads = _places(_adjoint(asked), culprit)
        else:
            message += ": it can't be generated ahead of time"
            reads = _places(generate_program(asked, stage="types"), culprit)
        spans: list[Span | None] = [*dict.fromkeys(reads)] or [asked.lowered.span]
        return UnsupportedError(message, spans[0], [(span, message) for span in spans])

    return refuse


def _adjoint(asked: Request) -> Function:
    """A stage in which run-time calls stand where they come from."""
    try:
        return generate_program(dataclasses.replace(asked, mode="grad"), stage="adjoint")
    except (UnsupportedError, TypeError):  # of a vjp, whose result is no number
        return asked.lowered


def _places(function: Function, culprit: Any) -> Iterator[Span]:
    """Where an object is used."""
    seen: set[Function] = set()

    def of_block(block: Block) -> Iterator[Span]:
        for op in block.ops:
            if op.span is not None and _uses(op, culprit):
                yield op.span
            for inner in op.blocks:
                yield from of_block(inner)
            callee = op.attrs.get("function")
            if isinstance(callee, Function) and callee not in seen:
                seen.add(callee)
                yield from of_block(callee.body)

    yield from of_block(function.body)


def _uses(op: Op, culprit: Any) -> bool:
    found = [op.prim, *(x.value for x in op.operands() if isinstance(x, Const))]
    return any(x is culprit or (isinstance(x, Cells) and isinstance(culprit, Cells)) for x in found)
