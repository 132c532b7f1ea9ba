"""The errors that s2sad raises for programs it can't differentiate."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ir.core import Span


class Error(Exception):
    """Base of every error of s2sad."""


class UnsupportedError(Error, SyntaxError):
    """Something that can't be differentiated, with the place where it stands.

    Being a SyntaxError with file, line and columns, it is printed by Python with the user's line and carets.

    Attributes:
        reasons: every ``(span, message)`` that was found in the function, the first one being this error's own.
    """

    def __init__(self, message: str, span: Span | None = None, reasons: list[tuple[Span | None, str]] | None = None):
        self.reasons = reasons or [(span, message)]
        self.span = span
        told = dict.fromkeys((s.line if s else "?", m) for s, m in self.reasons)  # of a line each thing once
        others = list(told)[1:]
        if others:
            more = "\n".join(f"  line {line}: {m}" for line, m in others)
            message = f"{message}\nand {len(others)} more:\n{more}"
        if span is None:
            SyntaxError.__init__(self, message)
        else:
            text = linecache.getline(span.file, span.line)
            end = span.end_col + 1 if span.end_line == span.line else len(text.rstrip("\n")) + 1
            SyntaxError.__init__(self, message, (span.file, span.line, span.col + 1, text, span.line, end))


def said(error: object) -> str:
    """What an error says, without the other reasons that it may carry."""
    return error.reasons[0][1] if isinstance(error, UnsupportedError) else str(error)


class Reasons:
    """Collects the errors of one pass, so that it can go on and find all places that are not supported."""

    def __init__(self) -> None:
        self.first: UnsupportedError | None = None
        self.found: list[tuple[Span | None, str]] = []

    def add(self, error: UnsupportedError) -> None:
        self.first = self.first or error
        self.found += [r for r in error.reasons if r not in self.found]

    def copy(self) -> Reasons:
        """What was found so far."""
        made = Reasons()
        made.first, made.found = self.first, list(self.found)
        return made

    def reset(self, before: Reasons) -> None:
        """Forget what was found since a `copy` was made."""
        self.first, self.found = before.first, before.found

    def raise_all(self) -> None:
        """Raise one error with everything that was found, if anything was."""
        if self.first is not None:
            (span, message), *_ = self.found
            raise type(self.first)(message, span, self.found) from self.first


class MissingRuleError(UnsupportedError):
    """A function without a derivative rule, at a place where its derivative is needed."""


class SourceNotFoundError(Error, OSError):
    """The text of a function can't be found, or is not the text that the function was compiled from."""
