"""``s2sad check``: compare the derivatives of a function with differences, at examples or at stored arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .argtypes import parameter_types
from .arguments import Arguments
from .errors import UnsupportedError
from .gradcheck import check_places
from .sample import Sampler
from .targets import UsageError, find_target


def check_target(target: str, wrt: Any, known: dict[str, str], at: str | None, order: int = 1) -> Iterator[str]:
    """``s2sad check``: a line for everything that was found to be right.

    Args:
        target: as for `s2sad.targets.find_target`.
        wrt: what to move: as for `grad`; by default everything that has floats.
        known: types of arguments, as text.
        at: a file of ``np.savez`` with the arguments by their names; otherwise examples are made.
        order: of derivatives.

    Raises:
        AssertionError: a derivative is wrong.
        UsageError: for what does not exist.
    """
    found = find_target(target)
    arguments = Arguments(found.function)
    if found.owner is not None:
        raise UsageError(f"{target} is a method: check a function that calls it")
    args = _stored(at, arguments) if at is not None else _made_up(found.function, known)
    places = None
    if wrt is not None:
        try:
            places = tuple(p for p, _ in arguments.select(wrt, 0, len(args)).places)
        except ValueError as error:
            raise UsageError(str(error)) from None
    text = f"{target} at {'examples' if at is None else at}"
    for modes in (("rev",), ("rev", "fwd")):
        try:
            check_places(found.function, tuple(args), places, order, modes)
        except UnsupportedError as error:
            if modes == ("rev",):
                raise
            yield f"not checked: forward mode ({error.msg})"
            return
        kind = "forward mode, and <J^T c, v> = <c, J v>" if "fwd" in modes else "reverse mode"
        yield f"right: {kind}: {text}"


def _stored(at: str, arguments: Arguments) -> list[Any]:
    try:
        with np.load(at) as file:
            stored = {k: file[k] for k in file.files}
    except (OSError, ValueError) as error:
        raise UsageError(f"{at} can't be read: {error}") from None
    unknown = sorted(set(stored) - set(arguments.names))
    if unknown:
        raise UsageError(f"{at} has {unknown[0]!r}, but the parameters are {', '.join(arguments.names)}")
    values = []
    for p in arguments.parameters:
        if p.name in stored:
            x = stored[p.name]
            values.append(x.item() if x.shape == () else x)
        elif p.default is not p.empty:
            values.append(p.default)
        elif p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            raise UsageError(f"{at} has no {p.name!r}")
    return values


def _made_up(function: Any, known: dict[str, str]) -> list[Any]:
    sampler = Sampler(np.random.default_rng(1))
    parameters = Arguments(function).parameters
    if any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise UsageError("only functions of plain arguments can be checked: write one that calls it")
    return [sampler.value(t, p.name) for p, t in zip(parameters, parameter_types(function, known), strict=True)]
