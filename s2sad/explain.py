"""Why a derivative looks as it does: what varies, what is kept for the backward part, what waits until it runs.

In: a `Request`.  Out: plain data, which `lines` writes for people, and the command line as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from . import runtime
from .ahead import Request, generate_program
from .argtypes import type_text
from .autodiff.activity import useful, varied
from .ir import prims
from .ir.core import Const, Function, Op, Value
from .passes.attributes import is_library
from .passes.effects import all_ops
from .passes.instances import Instance
from .passes.session import Session
from .passes.simplify import callees_ops

_DYNAMIC = (runtime.dynamic_vjp, prims.call_dynamic)


def explain(asked: Request) -> dict[str, Any]:
    """What is known of a derivative.

    Returns:
        ``parameters``: name and type of each; ``wrt``: those differentiated by; ``active`` and ``passive``: the
        function's variables, with the line of their first value, that the derivative goes through or not; ``saved``:
        values of the forward part that the backward part reads, and whether they are kept on a list, one for each
        iteration; ``dynamic``: what is only known when the program runs; ``assumed``: what was found outside of the
        function and compiled in.

    Raises:
        UnsupportedError, TypeError: as for the derivative itself.
    """
    session = Session()
    function = generate_program(asked, session, stage="memory")
    wanted = [p in asked.selection.params for p in range(len(function.params))]
    on = useful(function, varied(function, wanted), [True] * len(function.results))
    names = [p.name for p in asked.arguments.parameters]
    whole = None if asked.mode == "vjp" else generate_program(asked, stage="simplified")
    return {
        "parameters": [{"name": n, "type": type_text(t)} for n, t in zip(names, asked.known, strict=True)],
        "wrt": [names[p] for p, _ in asked.selection.places],
        "active": _variables(function, on, True),
        "passive": _variables(function, on, False),
        "saved": _packed(asked) if whole is None else [] if asked.mode == "jvp" else _saved(whole),
        "dynamic": _dynamic(function if whole is None else whole),
        "assumed": _assumed(session),
    }


def _assumed(session: Session) -> list[str]:
    """The names that were looked up outside; what stands in NumPy and the like goes without saying."""
    own = [
        str(g.name) for g in session.guards.values() if not is_library(g.holder) and not isinstance(g.holder, Instance)
    ]
    return sorted({name for name in own if not name.startswith("__")})


def _variables(function: Function, on: set[Value], active: bool) -> list[dict[str, Any]]:
    found: dict[str, int] = {}
    for op in all_ops(function.body):
        for v in [*op.outs, *(p for b in op.blocks for p in b.params)]:
            if v.hint and (v in on) == active:
                found.setdefault(v.hint, v.span.line if v.span else 0)
    other = {v.hint for v in on} if not active else set()
    return [{"name": n, "line": line} for n, line in found.items() if n not in other]


def _saved(whole: Function) -> list[dict[str, Any]]:
    """The values of the forward part that the backward part of a simplified adjoint reads."""
    found: list[dict[str, Any]] = []
    for op in all_ops(whole.body):
        if op.prim is runtime.list_append and not op.attrs.get("backward"):
            found.append(_described(op.args[1], each=True))
    forward = {o for op in whole.body.ops if not op.attrs.get("backward") for o in op.outs} | set(whole.params)
    reads = {x: None for op in whole.body.ops if op.attrs.get("backward") for x in _reads(op)}
    lists = {o for op in all_ops(whole.body) if op.prim in (runtime.list_append, prims.make_list) for o in op.outs}
    found += [_described(x, each=False) for x in reads if x in forward and x not in lists and not _is_list(x)]
    return found


def _packed(asked: Request) -> list[dict[str, Any]]:
    """What the forward half of a pullback returns for the backward half."""
    forward = generate_program(asked).parts["forward"].text
    found = re.search(r"^    saved = \(?([^()]*?),?\)?$", forward.rpartition("\ndef ")[2], re.M)
    names = found[1].split(", ") if found else []
    return [{"name": n, "line": 0, "type": "", "each_iteration": n.endswith("_saved")} for n in names]


def _is_list(x: Value) -> bool:
    return x.type.kind == "list" and (x.hint or "").endswith("_saved")


def _reads(op: Op) -> Iterable[Value]:
    yield from (x for x in op.operands() if isinstance(x, Value))
    for inner in op.blocks:
        for o in inner.ops:
            yield from _reads(o)
        yield from (r for r in inner.results if isinstance(r, Value))


def _described(x: Any, each: bool) -> dict[str, Any]:
    if isinstance(x, Const):
        return {"name": repr(x.value), "line": 0, "type": "", "each_iteration": each}
    line = x.span.line if x.span else 0
    return {"name": x.hint or "", "line": line, "type": type_text(x.type), "each_iteration": each}


def _dynamic(function: Function) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for op in callees_ops(function):
        if op.prim in _DYNAMIC:
            what = op.args[0].path if op.args and isinstance(op.args[0], Const) else None
            name = what or getattr(getattr(op.args[0], "value", None), "__name__", "a function") if op.args else "it"
            found.append({"line": op.span.line if op.span else 0, "what": f"{name}() is found when the program runs"})
        elif op.prim in (runtime.unbroadcast, runtime.sum_to) and not isinstance(op.prim, str):
            line = op.span.line if op.span else 0
            found.append({"line": line, "what": "whether something was broadcast is seen when the program runs"})
    return [dict(t) for t in dict.fromkeys(tuple(sorted(d.items())) for d in found)]


def lines(found: dict[str, Any]) -> list[str]:
    """An explanation for people, as comments."""

    def each(items: list[dict[str, Any]]) -> str:
        return ", ".join(f"{d['name']} (line {d['line']})" if d["line"] else d["name"] for d in items) or "nothing"

    types = {d["name"]: d["type"] for d in found["parameters"]}
    constant = [f"{n} ({t})" for n, t in types.items() if n not in found["wrt"]]
    made = ["# why it looks like this:"]
    made.append(f"#   differentiated by: {', '.join(f'{n} ({types[n]})' for n in found['wrt'])}")
    made += [f"#   constant: {', '.join(constant)}"] if constant else []
    made.append(f"#   the derivative goes through: {each(found['active'])}")
    made += [f"#   and not through: {each(found['passive'])}"] if found["passive"] else []
    for d in found["saved"]:
        how = "one for each iteration, on a list" if d["each_iteration"] else "under its name"
        name = d["name"] or "a value"
        where = f" of line {d['line']}" if d["line"] else ""
        typed = f" ({d['type']})" if d["type"] else ""
        made.append(f"#   kept for the backward part: {name}{where}{typed}, {how}")
    made += [f"#   line {d['line']}: {d['what']}" for d in found["dynamic"]] or ["#   nothing waits until it runs"]
    made += [f"#   compiled in as it is now: {', '.join(found['assumed'])}"] if found["assumed"] else []
    return made
