"""Transformations that are made of `grad`, `vjp` and `jvp`: Jacobians, Hessians, products with them.

Each class is what a user holds; `api` has the functions that make them, with their documentation.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from . import runtime
from .arguments import Arguments
from .compiled import Entry, Transformed, normalised, resolve
from .errors import UnsupportedError
from .trees import filled, leaves
from .wrapper import Wrapper


class Derived(Wrapper):
    """A transformation that calls another one (``inner``).

    Attributes:
        fun: the function that is differentiated (the primal).
        source: the generated Python text.
    """

    inner: Transformed

    def __init__(self, fun: Any, argnums: Any = 0):
        super().__init__(fun)
        self.argnums = normalised(argnums)
        self._again: dict[Entry, types.FunctionType] = {}
        self.shown: Any = getattr(self, "inner", None)  # whose text is the last call's

    @property
    def source(self) -> str:
        return self.shown.source

    def show(self) -> None:
        """Print the generated text."""
        print(self.source)

    def __repr__(self) -> str:
        return f"<s2sad.{type(self).__name__.lower()} of {getattr(self.fun, '__qualname__', self.fun)}>"

    def made_of(self) -> tuple[Any, ...]:
        return self.fun, self.argnums

    # Differentiated again

    def python(self, forward: Callable, backward: Callable) -> Callable:
        """A plain function of the halves of ``inner`` that computes the same; of one array or number."""
        raise TypeError(f"{self!r} can't be differentiated again")

    def generated(
        self, args: tuple, kwargs: dict[str, Any]
    ) -> tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]:
        """The Python function that computes this for these arguments, as `resolve` gives it."""
        entry = self.inner.entry(args, kwargs)
        if entry not in self._again:
            self._again[entry] = self.python(*self.halves(entry, args, kwargs))  # type: ignore[assignment]
        return self._again[entry], *resolve(self.fun, args, kwargs)[1:]

    def halves(self, entry: Entry, args: tuple, kwargs: dict[str, Any]) -> tuple[Callable, Callable]:
        """The halves of the pullback that ``inner`` is, where what is differentiated by is one array or number."""
        arguments, values, bound = self.inner.bound(args, kwargs)
        selection = arguments.select(self.inner.argnums, bound, bound + len(args), kwargs)
        (place, k), *others = selection.places
        value = values[place] if k is None else values[place][k]
        if others or not isinstance(value, (float, np.ndarray)) or np.iscomplexobj(value) or not entry.program.seeded:
            raise TypeError(f"{self!r} can be differentiated again where it is by one real array or float")
        forward, backward = entry.program.functions["forward"], entry.program.functions["backward"]
        return forward, backward if k is None else lambda saved, bar: backward(saved, bar)[k]


def _selected(transformed: Transformed, args: tuple, kwargs: dict[str, Any]) -> Any:
    """What ``argnums`` selects of the arguments of a call: one of them, or a tuple."""
    arguments, values, bound = transformed.bound(args, kwargs)
    selection = arguments.select(transformed.argnums, bound, bound + len(args), kwargs)
    found = tuple([values[p] if k is None else values[p][k] for p, k in selection.places])
    return found[0] if selection.single else found


class Jacobian(Derived):
    """Every derivative of every output, one row at a time: the pullback of each unit cotangent."""

    def __init__(self, fun: Any, argnums: Any = 0):
        self.inner = Transformed(fun, "vjp", argnums)
        super().__init__(fun, argnums)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        value, pullback = self.inner(*args, **kwargs)
        selected = _selected(self.inner, args, kwargs)
        inputs = [x for _, x in leaves(selected)]
        outputs = [y for _, y in leaves(value)]
        if any(map(np.iscomplexobj, outputs)) and any(map(np.iscomplexobj, inputs)):
            raise TypeError("a complex function of complex arguments has no Jacobian in general: use s2sad.vjp")
        blocks = []
        for k, y in enumerate(outputs):
            made = [_empty(y, x) for x in inputs]
            for i in np.ndindex(np.shape(y)):
                for unit in (1.0, 1j) if np.iscomplexobj(y) else (1.0,):
                    seeds = [_unit(e, i if j == k else None, unit) for j, e in enumerate(outputs)]
                    for block, (_, row) in zip(made, leaves(pullback(filled(value, seeds))), strict=True):
                        block[i] += row / unit if unit == 1.0 else -1j * row
            blocks.append(filled(selected, [_plain(block, y, x) for block, x in zip(made, inputs, strict=True)]))
        return filled(value, blocks)

    def python(self, forward: Callable, backward: Callable) -> Callable:
        def jacobian(*args: Any, **kwargs: Any) -> Any:
            y, saved = forward(*args, **kwargs)
            rows = [backward(saved, np.reshape(unit, np.shape(y))) for unit in np.eye(np.size(y))]
            return np.reshape(np.array(rows), np.shape(y) + np.shape(rows[0]))

        return jacobian


def _empty(y: Any, x: Any) -> np.ndarray:
    """Room for the derivative of ``y`` by ``x``: of the dtype of ``x``, and complex where ``y`` is."""
    dtype = np.result_type(np.asarray(x).dtype, np.complex64) if np.iscomplexobj(y) else np.asarray(x).dtype
    return np.zeros(np.shape(y) + np.shape(x), dtype)


def _plain(block: np.ndarray, y: Any, x: Any) -> Any:
    """The derivative of a Python number by a Python number is one."""
    arrays = (np.ndarray, np.generic)
    return block[()] if block.shape or isinstance(x, arrays) or isinstance(y, arrays) else block.item()


def _unit(x: Any, i: tuple[int, ...] | None, unit: Any) -> Any:
    """Zero, in the kind of ``x``, but for a one (or ``unit``) at ``i``."""
    zero = runtime.zeros_like(x)
    if i is None:
        return zero
    if not isinstance(x, np.ndarray):
        return type(x)(unit)
    zero[i] = unit
    return zero


class Columns(Derived):
    """Every derivative of every output, one column at a time: the tangent that each unit tangent is pushed to."""

    def __init__(self, fun: Any, argnums: Any = 0):
        self.inner = Transformed(fun, "columns", argnums)
        super().__init__(fun, argnums)

    def __repr__(self) -> str:
        return f"<s2sad.jacfwd of {getattr(self.fun, '__qualname__', self.fun)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arguments, values, bound = self.inner.bound(args, kwargs)
        selection = arguments.select(self.argnums, bound, bound + len(args), kwargs)
        selected = [values[p] if k is None else values[p][k] for p, k in selection.places]
        inputs = [x for _, x in leaves(selected)]
        try:
            value, _ = self.inner.push(args, kwargs, {})
        except UnsupportedError:  # what is recorded is run once, and goes back once for each row
            rows = Jacobian(self.fun, self.argnums)
            self.shown = rows.inner
            return rows(*args, **kwargs)
        self.shown = self.inner
        outputs = [y for _, y in leaves(value)]
        if any(map(np.iscomplexobj, outputs)) and any(map(np.iscomplexobj, inputs)):
            raise TypeError("a complex function of complex arguments has no Jacobian in general: use s2sad.jvp")
        made = [[_empty(y, x) for x in inputs] for y in outputs]
        for k, x in enumerate(inputs):
            for i in np.ndindex(np.shape(x)):
                for unit in (1.0, 1j) if np.iscomplexobj(x) else (1.0,):
                    seeds = [_unit(e, i if j == k else None, unit) for j, e in enumerate(inputs)]
                    dots = dict(zip(selection.places, filled(selected, seeds), strict=True))
                    _, tangent = self.inner.push(args, kwargs, dots)
                    for blocks, (_, column) in zip(made, leaves(tangent), strict=True):
                        blocks[k][(..., *i)] += column if unit == 1.0 else -1j * column
        results = []
        for y, blocks in zip(outputs, made, strict=True):
            found = filled(selected, [_plain(block, y, x) for block, x in zip(blocks, inputs, strict=True)])
            results.append(found[0] if selection.single else tuple(found))
        return filled(value, results)


class Hessian(Derived):
    """The Jacobian of the gradient."""

    def __init__(self, fun: Any, argnums: Any = 0):
        self._jacobian = Jacobian(Transformed(fun, "grad", argnums), argnums)
        self.inner = self._jacobian.inner
        super().__init__(fun, argnums)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._jacobian(*args, **kwargs)

    def generated(
        self, args: tuple, kwargs: dict[str, Any]
    ) -> tuple[types.FunctionType, tuple[Any, ...], dict[str, Any]]:
        return self._jacobian.generated(args, kwargs)


class Elementwise(Derived):
    """The derivative of each output by its own input."""

    def __init__(self, fun: Any, argnums: Any = 0):
        self.inner = Transformed(fun, "vjp", argnums)
        super().__init__(fun, argnums)

    def __repr__(self) -> str:
        return f"<s2sad.elementwise_grad of {getattr(self.fun, '__qualname__', self.fun)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        value, pullback = self.inner(*args, **kwargs)
        selected = _selected(self.inner, args, kwargs)
        weights = runtime.weights_like(value)
        found, weighted = pullback(runtime.ones_like(value)), pullback(weights)
        single = not isinstance(self.argnums, tuple)
        for x, one, other in [(selected, found, weighted)] if single else zip(selected, found, weighted, strict=True):
            runtime.check_elementwise(value, weights, x, one, other)
        return found

    def python(self, forward: Callable, backward: Callable) -> Callable:
        def derivative(*args: Any, **kwargs: Any) -> Any:
            y, saved = forward(*args, **kwargs)
            found = backward(saved, runtime.ones_like(y))
            weights = runtime.weights_like(y)
            runtime.check_elementwise(y, weights, found, found, backward(saved, weights))
            return found

        return derivative


class Product(Derived):
    """The product of the Hessian with a vector, forward mode over reverse mode: called with arguments and vectors."""

    def __init__(self, fun: Any, argnums: Any = None):
        super().__init__(fun, argnums)
        self._made: dict[Any, Transformed] = {}
        self.shown = Transformed(fun, "hvp", argnums)

    def __repr__(self) -> str:
        return f"<s2sad.hvp of {getattr(self.fun, '__qualname__', self.fun)}>"

    def __call__(self, args: Any, vectors: Any, **kwargs: Any) -> Any:
        if not isinstance(args, (tuple, list)):  # one argument that needs no tuple around it
            args, vectors = (args,), (vectors,)
        args, vectors = check_tangents(args, vectors)
        moving = tuple(i for i, v in enumerate(vectors) if v is not None)
        if not moving:
            raise ValueError("hvp needs a vector for at least one argument")
        argnums = self.argnums if self.argnums is not None else moving[0] if len(moving) == 1 else moving
        key = (argnums, moving)
        transformed = self._made.get(key) or self._made.setdefault(
            key, Transformed(self.fun, "hvp", argnums, moving=moving)
        )
        try:
            found = push(transformed, args, vectors, kwargs)
        except UnsupportedError:  # recorded: the tangent of the gradient
            transformed = Transformed(Transformed(self.fun, "grad", argnums), "jvp", moving)
            _, found = push(transformed, args, vectors, kwargs)
        self.shown = transformed
        return found

    def generated(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        raise TypeError(f"{self!r} can't be differentiated again: differentiate s2sad.grad")


def check_tangents(args: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Arguments and tangents as tuples of one length.

    Raises:
        TypeError: they are no tuples or lists.  ValueError: their lengths differ.
    """
    for x, name in ((args, "arguments"), (tangents, "tangents")):
        if not isinstance(x, (tuple, list)):
            raise TypeError(
                f"the {name} must be a tuple, one for each argument of the function, not {type(x).__name__}"
            )
    if len(args) != len(tangents):
        raise ValueError(f"{len(tangents)} tangents for {len(args)} arguments")
    return tuple(args), tuple(tangents)


_PLACES: weakref.WeakKeyDictionary[types.FunctionType, Arguments] = weakref.WeakKeyDictionary()


def _places(function: types.FunctionType) -> Arguments:
    """The parameters of a function, to find the place of an argument; their default values may be old."""
    found = _PLACES.get(function)
    if found is None:
        found = _PLACES[function] = Arguments(function)
    return found


def push(transformed: Transformed, args: tuple[Any, ...], tangents: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A ``jvp`` or ``hvp`` of positional arguments with a tangent each, ``None`` for zero."""
    function, first, _ = resolve(transformed.fun, args, kwargs)
    arguments, count = _places(function), len(first) + len(args)
    dots = {}
    for i, tangent in enumerate(tangents):
        place = arguments.place(len(first) + i, count)
        if place is None:
            raise TypeError(f"{getattr(function, '__name__', function)}() takes fewer than {len(args)} arguments")
        if tangent is not None:
            dots[place] = tangent
    return transformed.push(args, kwargs, dots)
