"""The guard at entry: one generated function that checks what a compilation took for granted, and calls it.

    def call(x, y):
        try:
            fits = (type(x) is float and type(y) is ndarray and y.dtype is k1 and y.ndim == 2 and 1 not in y.shape
                    and g0.get("np") is e0 and type(k2.get("model")) is k3
                    and type(k2.get("model").__dict__.get("rate", missing)) is float)
        except (AttributeError, ValueError):
            fits = False
        if fits:
            return run(x, y)
        return slow(x, y)

It only has to be fast: whatever it does not recognise takes the slow way, which looks the compilation up.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .ir.signature import signature
from .passes.instances import MISSING, Instance, place
from .passes.session import Bound, Cells, Globals, Guard

_FEW, _FLAT = 8, 3  # elements of a container, and containers in containers, that are tested one by one


def dispatcher(run: Callable, slow: Callable, args: tuple[Any, ...], guards: Iterable[Guard]) -> Callable:
    """A function of ``len(args)`` positional arguments that calls ``run`` where arguments and guards are as they were.

    Args:
        run: the compiled function.
        slow: takes the arguments of any other call.
        args: the arguments that ``run`` was compiled for.
        guards: what else it depends on.
    """
    namespace: dict[str, Any] = {
        "ndarray": np.ndarray,
        "signature": signature,
        "missing": MISSING,
        "run": run,
        "slow": slow,
    }
    names = [f"x{i}" for i in range(len(args))]
    tests: list[str] = []
    for name, value in zip(names, args, strict=True):
        _argument(name, value, 0, tests, namespace)
    for i, g in enumerate(guards):
        _guard(g, i, tests, namespace)
    given = ", ".join(names)
    condition = " and ".join(tests) or "True"
    text = (
        f"def call({given}):\n    try:\n        fits = {condition}\n    except (AttributeError, ValueError):\n"
        f"        fits = False\n    if fits:\n        return run({given})\n    return slow({given})\n"
    )
    exec(compile(text, "<s2sad dispatch>", "exec"), namespace)
    return namespace["call"]


def _argument(place: str, value: Any, depth: int, tests: list[str], namespace: dict[str, Any]) -> None:
    """Append what tells an object with the signature of ``value``, at ``place``; part by part while these are few."""
    kind = type(value)

    parts: list[tuple[str, Any]] = []
    if kind in (float, int, complex):
        tests.append(f"type({place}) is {kind.__name__}")
    elif value is None or value is True or value is False:
        tests.append(f"{place} is {value}")
    elif kind is np.ndarray:
        dtype = _named(value.dtype, namespace)
        tests.append(f"type({place}) is ndarray and {place}.dtype is {dtype} and {place}.ndim == {value.ndim}")
        if 1 in value.shape:
            tests.extend(f"{place}.shape[{i}] {'==' if n == 1 else '!='} 1" for i, n in enumerate(value.shape))
        elif value.ndim:
            tests.append(f"1 not in {place}.shape")
    elif isinstance(value, np.generic):
        tests.append(f"type({place}) is {_named(kind, namespace)}")
    elif kind in (list, tuple) and len(value) <= _FEW and depth < _FLAT:
        tests.append(f"type({place}) is {kind.__name__} and len({place}) == {len(value)}")
        parts = [(f"{place}[{i}]", e) for i, e in enumerate(value)]
    elif kind is dict and len(value) <= _FEW and depth < _FLAT and all(type(k) is str for k in value):
        tests.append(f"type({place}) is dict and [*{place}] == {_named(list(value), namespace)}")
        parts = [(f"{place}[{k!r}]", e) for k, e in value.items()]
    else:
        tests.append(f"signature({place}, {depth}) == {_named(signature(value, depth), namespace)}")
    for inside, e in parts:
        _argument(inside, e, depth + 1, tests, namespace)


def _guard(guard: Guard, i: int, tests: list[str], namespace: dict[str, Any]) -> None:
    """Append what tells whether a guard holds."""
    if guard.signature is None and isinstance(guard.holder, Globals):
        scope = object.__getattribute__(guard.holder, "_namespace")
        namespace[f"g{i}"], namespace[f"e{i}"] = scope, guard.expected
        builtin = guard.name not in scope
        tests.append(f"{guard.name!r} not in g{i}" if builtin else f"g{i}.get({guard.name!r}) is e{i}")
        return
    plain = isinstance(guard.holder, types.ModuleType) or guard.name in ("__code__", "__defaults__", "__kwdefaults__")
    if guard.signature is None and plain:
        namespace[f"g{i}"], namespace[f"e{i}"] = guard.holder, guard.expected
        tests.append(f"g{i}.{guard.name} is e{i}")
        return
    where = _place(guard.holder, guard.name, namespace)
    if where is not None and guard.expected is MISSING:
        tests.append(f"{where} is missing")
    elif where is not None and guard.signature is type:
        tests.append(f"type({where}) is {_named(guard.expected, namespace)}")
    elif where is not None and guard.signature is signature and guard.holds():
        _argument(where, getattr(guard.holder, guard.name), 0, tests, namespace)
    else:
        namespace[f"h{i}"] = guard.holds
        tests.append(f"h{i}()")


def _place(holder: Any, name: str, namespace: dict[str, Any]) -> str | None:
    """The expression for what a guard looks at; None where there is no short one.

    Objects on the way are those that they were: guards before this one have looked.
    """
    if isinstance(holder, Instance):
        outer = _place(*place(holder), namespace)
        return None if outer is None else f"{outer}.__dict__.get({name!r}, missing)"
    if isinstance(holder, Globals):
        scope = object.__getattribute__(holder, "_namespace")
        return f"{_named(scope, namespace)}.get({name!r})" if name in scope else None
    if isinstance(holder, Cells):
        return f"{_named(object.__getattribute__(holder, '_cells')[name], namespace)}.cell_contents"
    return _named(holder.object, namespace) if isinstance(holder, Bound) else None


def _named(x: Any, namespace: dict[str, Any]) -> str:
    """The name of an object in the text."""
    name = f"k{len(namespace)}"
    namespace[name] = x
    return name
