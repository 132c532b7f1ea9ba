"""The user's function and its derivative next to each other, as text or as a page for a browser.

In: the user's sources and the generated text, whose comments say which line of the user a line stems from.
Out: rows, each with a line of the user (or none) and a generated line (or none).
"""

from __future__ import annotations

import ast
import dataclasses
import html
from collections.abc import Sequence

from .codegen.comments import user_line
from .source import Source

_BACKWARD = "# backward: "


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        number: of the user's line in his file; 0 where there is none.
        user: the user's line.  backward: it is shown again, for its adjoint.
        made: the generated line.
    """

    number: int
    user: str
    made: str
    backward: bool = False


def rows(sources: Sequence[Source], generated: str) -> list[Row]:
    """The rows for a generated text.

    Args:
        sources: the functions that went in, the one that is differentiated first.
        generated: the functions that came out.
    """
    lines: dict[str, tuple[int, str]] = {}  # a line as comments quote it -> its number, as it stands
    bodies = []
    for source in sources:
        first, last = source.node.lineno, source.node.end_lineno or source.node.lineno
        body = [(n, source.line(n)) for n in range(first, last + 1)]
        bodies.append(body)
        for n, text in body:
            lines.setdefault(user_line(source.file, n), (n, text))
            lines.setdefault(_key(text.strip()), (n, text))
    return _align(bodies[0], lines, generated.splitlines())


def _align(body: list[tuple[int, str]], lines: dict[str, tuple[int, str]], generated: list[str]) -> list[Row]:
    found: list[Row] = []
    waiting = dict(body)  # lines of the function that have not been shown
    current: tuple[int, str, bool] | None = None
    for text in generated:
        stripped = text.strip()
        backward = stripped.startswith(_BACKWARD)
        quoted = stripped[len(_BACKWARD) :] if backward else stripped[2:] if stripped.startswith("# ") else ""
        if quoted in lines:
            current = (*lines[quoted], backward)
            continue
        if current is None and _key(stripped) in lines:
            current = (*lines[_key(stripped)], False)
        elif stripped.startswith("def ") and body and not found:
            current = (*body[0], False)
        number, user, again = current or (0, "", False)
        if again:
            found += [Row(n, line, "") for n, line in waiting.items()]
            waiting.clear()
        elif number in waiting:
            found += [Row(n, line, "") for n, line in waiting.items() if n < number]
            waiting = {n: line for n, line in waiting.items() if n > number}
        found.append(Row(number, user, text, again))
        current = None
    return found + [Row(n, line, "") for n, line in waiting.items()]


def _key(line: str) -> str:
    """A line without the name of a loop's variable, which may be another one."""
    return "for " + line.split(" in ", 1)[1] if line.startswith("for ") and " in " in line else line


def as_text(table: Sequence[Row], widest: int = 70) -> str:
    """The table in two columns; lines that are shown again for their adjoint are marked with ``^``."""
    width = min(widest, max((len(r.user) for r in table), default=0))
    digits = len(str(max((r.number for r in table), default=0)))
    made = []
    for r in table:
        number = str(r.number) if r.number else ""
        user = r.user if len(r.user) <= width else r.user[: width - 3] + "..."
        made.append(f"{number:>{digits}} {'^' if r.backward else ' '} {user:<{width}} | {r.made}".rstrip())
    return "\n".join(made) + "\n"


def as_html(table: Sequence[Row], title: str) -> str:
    """The table as a page of its own; pointing at a line marks what belongs to it."""
    body = []
    for r in table:
        kind = ' class="backward"' if r.backward else ""
        cells = f"<td>{r.number or ''}</td><td>{html.escape(r.user)}</td><td>{html.escape(r.made)}</td>"
        body.append(f'<tr data-line="{r.number}"{kind}>{cells}</tr>')
    return _PAGE.format(title=html.escape(title), rows="\n".join(body))


def function_text(text: str, name: str) -> str:
    """One function of a module."""
    node = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == name)
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font-family: sans-serif; margin: 2em; color: #222; background: #fff; }}
table {{ border-collapse: collapse; font: 13px/1.5 monospace; }}
td {{ white-space: pre; padding: 0 1em; vertical-align: top; }}
td:first-child {{ color: #777; text-align: right; }}
td:last-child {{ border-left: 1px solid #ccc; }}
tr.backward td:nth-child(2) {{ color: #777; font-style: italic; }}
tr.on td {{ background: #fff3c4; }}
</style></head><body>
<h1>{title}</h1>
<table>
<tr><td></td><td>your function</td><td>its derivative</td></tr>
{rows}
</table>
<script>
const lines = document.querySelectorAll("tr[data-line]");
for (const line of lines) line.addEventListener("mouseover", () => {{
  for (const other of lines)
    other.classList.toggle("on", line.dataset.line !== "0" && other.dataset.line === line.dataset.line);
}});
</script>
</body></html>
"""
