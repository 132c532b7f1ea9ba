"""The user's lines as comments above what they became."""

from __future__ import annotations

import ast
import functools
import io
import linecache
import tokenize
from typing import Any

from ..ir.core import Op
from .printer import Comment, to_text


class Commenter:
    """Collects the statements of one block, and puts a comment where those of another line of the user begin."""

    def __init__(self, enabled: bool, owner: Op | None = None):
        self._enabled = enabled
        self._above = owner and _line(owner)  # what the op around the block says already
        self.body: list[Any] = []
        self._key: Any = None
        self._start = 0

    def add(self, statements: list[Any], op: Op | None) -> None:
        """Statements that came from an op; without one they belong to what stands above them."""
        if not statements:
            return
        key = _line(op) if op is not None else None
        if key is not None and key != self._key:
            self.close()
            self._key, self._start = key, len(self.body)
        self.body += statements

    def close(self) -> None:
        """End a group: it gets its comment, unless one of its statements is the user's line itself."""
        if self._key is None or self._key == self._above or not self._enabled:
            self._key = None
            return
        file, line, backward = self._key
        text = user_line(file, line)
        group = self.body[self._start :]
        if text and group and (backward or not any(_alike(_heading(g), _normal(text)) for g in group)):
            self.body.insert(self._start, Comment(f"backward: {text}" if backward else text))
        self._key = None


def _line(op: Op) -> Any:
    """The user's line that an op came from, and in which direction."""
    span = op.span
    return span and (span.file, span.statement or span.line, bool(op.attrs.get("backward")))


def is_user_line(op: Op, statement: Any) -> bool:
    """Whether a statement is what the user wrote."""
    line = _line(op)
    return line is not None and not line[2] and _heading(statement) == _normal(user_line(*line[:2]))


def _alike(heading: str, line: str) -> bool:
    """Whether a line of ours says what the user's says; a loop's variable that is not used does not count."""
    if heading.startswith("for ") and line.startswith("for "):
        return heading.split(" in ", 1)[1] == line.split(" in ", 1)[1]
    return heading == line


@functools.lru_cache(maxsize=4096)
def _line_text(line: str) -> str:
    text = line.strip()
    try:
        comments = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT]
        complete = True
    except (tokenize.TokenError, SyntaxError, IndentationError):
        comments, complete = [], False
    if comments:
        text = text[: comments[0].start[1]].rstrip()
    return text if complete and not text.endswith("\\") else text + " ..."


def user_line(file: str, line: int) -> str:
    """The first line of a statement, without its comment; `` ...`` where more lines follow."""
    text = linecache.getline(file, line)
    return _line_text(text) if text.strip() else ""


@functools.lru_cache(maxsize=4096)
def _normal(line: str) -> str:
    """A line as our printer would write it."""
    for suffix in ("", " pass"):
        try:
            return to_text(ast.parse(line + suffix)).split("\n", 1)[0]
        except SyntaxError:
            continue
    return line


def _heading(statement: Any) -> str:
    """The first line of a statement's text."""
    if isinstance(statement, Comment):
        return ""
    if not hasattr(statement, "body"):
        return to_text([statement]).rstrip("\n")
    inside = {k: getattr(statement, k) for k in ("body", "orelse") if hasattr(statement, k)}
    try:
        for k in inside:
            setattr(statement, k, [])
        return to_text([statement]).split("\n", 1)[0]
    finally:
        for k, v in inside.items():
            setattr(statement, k, v)
