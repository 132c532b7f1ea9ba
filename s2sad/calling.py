"""From generated functions to what a user calls: defaults, pullbacks, tangents, and arguments that must not overlap."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import runtime
from .arguments import Arguments
from .entry import _check_cotangent
from .errors import UnsupportedError
from .ir.signature import is_function

if TYPE_CHECKING:
    from .pipeline import Selection


def with_defaults(
    main: Callable, arguments: Arguments, first: tuple, named: dict[str, Any], values: list[Any], bound: int | None
) -> Callable:
    """Calls that leave arguments out get the defaults that the function has.

    ``bound``: how many positional arguments every such call has, where it has no others; then the defaults are those
    in ``values``, as guards see to it.
    """
    if bound is not None:
        given, others = arguments.spread(values)
        rest = given[bound:]
        return lambda *args: main(*first, *args, *rest, **others)

    def call(*args: Any, **kwargs: Any) -> Any:
        given, options = arguments.spread(arguments.values((*first, *args), {**named, **kwargs}))
        return main(*given, **options)

    return call


def apart(
    call: Callable, name: str, values: Callable, written: list[int], guards: tuple[Any, ...], otherwise: Callable
) -> Callable:
    """A call of what writes into its arguments: they must not share memory, and be writeable.

    Args:
        call: takes what the user gives.
        name: of the function.
        values: ``values(args, kwargs)`` has a value for each of its parameters.
        written: the positions of those that it writes.
        guards: what it reads besides.
        otherwise: ``otherwise(reason, args, kwargs)`` is the call for arguments of which one is read-only.

    Raises:
        UnsupportedError: of the call: arguments share memory, with each other or with what the function reads.
    """
    outside = [g for g in guards if g.signature is not None]

    def checked(*args: Any, **kwargs: Any) -> Any:
        plain = {k: v for k, v in kwargs.items() if k != "tangents"}
        given = values(args, plain)
        objects = _mutable(given)
        around = _mutable([getattr(g.holder, g.name) for g in outside])
        for i, a in enumerate(objects):
            for b in (*objects[:i], *around):
                if a is b or (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and _share(a, b)):
                    raise UnsupportedError(
                        f"two arguments of {name}() (or an argument and an array that it reads) share memory, and it "
                        f"writes one of them: pass copies"
                    )
        if not all(x.flags.writeable for x in _mutable([given[p] for p in written]) if isinstance(x, np.ndarray)):
            reason = UnsupportedError(f"{name}() writes into an argument that is read-only")
            return otherwise(reason, args, plain)(*args, **kwargs)
        return call(*args, **kwargs)

    return checked


def _share(a: np.ndarray, b: np.ndarray) -> bool:
    return np.may_share_memory(a, b) and np.shares_memory(a, b)


def _mutable(values: Any, known: dict[int, list[Any]] | None = None) -> list[Any]:
    """The arrays, lists, dicts and objects that can be reached from values, each as often as it is.

    known: what was found in objects, by their ids; nothing yet in those on the way here, which contain themselves.
    """
    known = {} if known is None else known
    found: list[Any] = []
    for x in values:
        if isinstance(x, np.ndarray):
            found.append(x)
        elif isinstance(x, (list, tuple, dict)) or (isinstance(getattr(x, "__dict__", None), dict) and not _is_code(x)):
            if id(x) not in known:
                known[id(x)] = []
                elements = (
                    x if isinstance(x, (list, tuple)) else x.values() if isinstance(x, dict) else vars(x).values()
                )
                known[id(x)] = [*([] if isinstance(x, tuple) else [x]), *_mutable(elements, known)]
            found += known[id(x)]
    return found


def _is_code(x: Any) -> bool:
    return isinstance(x, (type, types.ModuleType)) or is_function(x)


def pullback_call(
    parts: dict[str, Callable], seeded: bool, selection: Selection, everything: Any, has_aux: bool
) -> Callable:
    """``call(*args) -> (value, pullback)`` from two halves; ``everything``: the places of all positional arguments."""
    forward, backward = parts["forward"], parts["backward"]
    order = selection.params

    @functools.wraps(forward)
    def call(*args: Any, **kwargs: Any) -> Any:
        value, *aux, saved = forward(*args, **kwargs)

        def pull(cotangent: Any) -> Any:
            _check_cotangent(cotangent, value)
            bars = backward(saved, cotangent) if seeded else backward(saved)
            found = dict(zip(order, bars if len(order) > 1 else (bars,), strict=True)) if order else {}
            places = selection.places if everything is None else everything
            chosen = tuple([bar if k is None or bar is None else bar[k] for p, k in places for bar in (found.get(p),)])
            return chosen[0] if selection.single else chosen

        return (value, pull, *aux) if has_aux else (value, pull)

    return call


def pushforward_call(main: Callable, selection: Selection, arguments: Arguments) -> Callable:
    """``call(*args, tangents=...) -> (value, tangent)``."""

    def call(*args: Any, tangents: dict[tuple[int, int | str | None], Any], **kwargs: Any) -> Any:
        values = arguments.values(args, kwargs)
        dots: list[Any] = []
        for p in selection.params:
            elements = {k: t for (place, k), t in tangents.items() if place == p}
            if elements and None not in elements and isinstance(values[p], dict):  # of ``**kwargs``
                dots.append({k: as_tangent(elements.get(k), x) for k, x in values[p].items()})
            elif elements and None not in elements:  # of ``*args``
                dots.append(tuple(as_tangent(elements.get(k), x) for k, x in enumerate(values[p])))
            else:
                dots.append(as_tangent(elements.get(None), values[p]))
        return main(*values, *dots)

    return call


def as_tangent(dot: Any, x: Any) -> Any:
    _check_cotangent(dot, x, "tangent")
    return runtime.as_tangent(dot, x)
