"""The guard at entry: one generated function that checks what a compilation took for granted, and calls it.

    def call(x, y):
        if (type(x) is float and type(y) is ndarray and y.dtype is t1 and y.ndim == 2 and 1 not in y.shape
                and g0.get("np") is e0 and g1.exp is e1):
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
from .passes.session import Globals, Guard

_FEW, _FLAT = 8, 3  # elements of a container, and containers in containers, that are tested one by one


def dispatcher(run: Callable, slow: Callable, args: tuple[Any, ...], guards: Iterable[Guard]) -> Callable:
    """A function of ``len(args)`` positional arguments that calls ``run`` where arguments and guards are as they were.

    Args:
        run: the compiled function.
        slow: takes the arguments of any other call.
        args: the arguments that ``run`` was compiled for.
        guards: what else it depends on.
    """
    namespace: dict[str, Any] = {"ndarray": np.ndarray, "signature": signature, "run": run, "slow": slow}
    names = [f"x{i}" for i in range(len(args))]
    tests: list[str] = []
    for name, value in zip(names, args, strict=True):
        _argument(name, value, 0, tests, namespace)
    tests += [_guard(g, i, namespace) for i, g in enumerate(guards)]
    given = ", ".join(names)
    condition = " and ".join(tests) or "True"
    text = f"def call({given}):\n    if {condition}:\n        return run({given})\n    return slow({given})\n"
    exec(compile(text, "<s2sad dispatch>", "exec"), namespace)
    return namespace["call"]


def _argument(place: str, value: Any, depth: int, tests: list[str], namespace: dict[str, Any]) -> None:
    """Append what tells an object with the signature of ``value``, at ``place``; part by part while these are few."""
    kind = type(value)

    def known(x: Any) -> str:
        name = f"k{len(namespace)}"
        namespace[name] = x
        return name

    parts: list[tuple[str, Any]] = []
    if kind in (float, int, complex):
        tests.append(f"type({place}) is {kind.__name__}")
    elif value is None or value is True or value is False:
        tests.append(f"{place} is {value}")
    elif kind is np.ndarray:
        tests.append(
            f"type({place}) is ndarray and {place}.dtype is {known(value.dtype)} and {place}.ndim == {value.ndim}"
        )
        if 1 in value.shape:
            tests.extend(f"{place}.shape[{i}] {'==' if n == 1 else '!='} 1" for i, n in enumerate(value.shape))
        elif value.ndim:
            tests.append(f"1 not in {place}.shape")
    elif isinstance(value, np.generic):
        tests.append(f"type({place}) is {known(kind)}")
    elif kind in (list, tuple) and len(value) <= _FEW and depth < _FLAT:
        tests.append(f"type({place}) is {kind.__name__} and len({place}) == {len(value)}")
        parts = [(f"{place}[{i}]", e) for i, e in enumerate(value)]
    elif kind is dict and len(value) <= _FEW and depth < _FLAT and all(type(k) is str for k in value):
        tests.append(f"type({place}) is dict and [*{place}] == {known(list(value))}")
        parts = [(f"{place}[{k!r}]", e) for k, e in value.items()]
    else:
        tests.append(f"signature({place}, {depth}) == {known(signature(value, depth))}")
    for inside, e in parts:
        _argument(inside, e, depth + 1, tests, namespace)


def _guard(guard: Guard, i: int, namespace: dict[str, Any]) -> str:
    if guard.signature is None and isinstance(guard.holder, Globals):
        scope = object.__getattribute__(guard.holder, "_namespace")
        namespace[f"g{i}"], namespace[f"e{i}"] = scope, guard.expected
        if guard.name in scope:
            return f"g{i}.get({guard.name!r}) is e{i}"
        return f"{guard.name!r} not in g{i}"  # a builtin
    plain = isinstance(guard.holder, types.ModuleType) or guard.name in ("__code__", "__defaults__", "__kwdefaults__")
    if guard.signature is None and plain:
        namespace[f"g{i}"], namespace[f"e{i}"] = guard.holder, guard.expected
        return f"g{i}.{guard.name} is e{i}"
    namespace[f"h{i}"] = guard.holds
    return f"h{i}()"
