"""The user's lines as comments above what they became."""

from __future__ import annotations

import ast
import functools
import io
import linecache
import re
import tokenize
from typing import Any

from ..ir.core import Op
from .printer import Comment

_QUOTES = re.compile("""['"]""")
_SILENT = ("ctx", "kind", "type_comment")  # fields that have no text


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
        if text and group and (backward or not any(_says(statement, text) for statement in group)):
            self.body.insert(self._start, Comment(f"backward: {text}" if backward else text))
        self._key = None


def _line(op: Op) -> Any:
    """The user's line that an op came from, and in which direction."""
    span = op.span
    return span and (span.file, span.statement or span.line, bool(op.attrs.get("backward")))


def is_user_line(op: Op, statement: Any) -> bool:
    """Whether a statement is what the user wrote."""
    line = _line(op)
    return line is not None and not line[2] and _says(statement, user_line(*line[:2]))


@functools.lru_cache(maxsize=4096)
def _line_text(line: str) -> str:
    text = line.strip()
    if not _QUOTES.search(text):
        text = text.partition("#")[0].rstrip()
        balanced = all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}"))
        return text if balanced and not text.endswith("\\") else text + " ..."
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


def _says(statement: Any, line: str) -> bool:
    """Whether a statement, or its head, is what a line of the user's says; a variable that no loop reads is free."""
    theirs = _parsed(line)
    if theirs is None or type(statement).__name__ != type(theirs).__name__:
        return False
    free = ("target", "body", "orelse") if isinstance(theirs, ast.For) else ("body", "orelse")
    return all(_same(getattr(statement, f, None), getattr(theirs, f)) for f in theirs._fields if f not in free)


@functools.lru_cache(maxsize=4096)
def _parsed(line: str) -> Any:
    """The statement of a line, or the head of one; None where it is not whole."""
    for suffix in ("", " pass"):
        try:
            return ast.parse(line + suffix).body[0]
        except (SyntaxError, IndexError):
            continue
    return None


def _same(ours: Any, theirs: Any) -> bool:
    """Whether two trees, of gast and of ast, are one text."""
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if not isinstance(theirs, ast.AST):
        return type(ours) is type(theirs) and bool(ours == theirs)
    if isinstance(theirs, ast.UnaryOp) and type(ours).__name__ == "Constant":  # of a negative number
        number: Any = getattr(theirs.operand, "value", None)
        negative = isinstance(theirs.op, ast.USub) and isinstance(number, (int, float, complex))
        return negative and type(ours.value) is type(number) and bool(ours.value == -number)
    if type(ours).__name__ != type(theirs).__name__:
        return False
    return all(_same(getattr(ours, f, None), getattr(theirs, f, None)) for f in theirs._fields if f not in _SILENT)
