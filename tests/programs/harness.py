"""Checks programs against central differences: a `Program` goes in, right, refused, or an exception comes out.

A program is a plain function with argument tuples.  An *engine* turns a program into a callable that returns its value
and its gradient; `s2sad_engine` is the one under test, and other ways to the same gradient (a stage of the compiler, a
module built ahead of time) are checked by handing in another one.

Conventions: a leaf is a float, a complex number, or an array of them, anywhere in nested lists, tuples, dicts and
objects.  For a complex leaf the gradient is ``du/dx - i du/dy``, so that ``Re(gradient * direction)`` is the
directional derivative.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import inspect
import io
import re
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

STEP = 1e-5
DIRECTIONS = 3


@dataclasses.dataclass(frozen=True)
class Program:
    """A function that must be differentiated.

    Attributes:
        function: returns a real scalar; anything numeric with ``vjp``.
        args: argument tuples; each is differentiated in turn, all through one gradient function.
        argnums: what to differentiate by, as in `s2sad.grad`.
        kwargs: passed with every argument tuple.
        vjp: the result is an array or a structure; it is contracted with a fixed random cotangent.
        second: the gradient can be differentiated again, and that is checked too.
        refused: a regular expression; an `UnsupportedError` whose text matches is acceptable.
        compiled_only: the same of recorded runs, where it is right otherwise.
        effects: returns the side effects since the last call, and forgets them.
        flat: the derivative is zero for every argument tuple.
        tolerance: relative to the derivative.
        note: what corner this is.
        name: where the function has no good one.
    """

    function: Callable[..., Any]
    args: list[tuple[Any, ...]]
    argnums: Any = 0
    kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    vjp: bool = False
    second: bool = True
    refused: str | None = None
    compiled_only: str | None = None
    effects: Callable[[], Any] | None = None
    flat: bool = False
    tolerance: float = 1e-6
    note: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        return self.name or self.function.__name__

    def primal(self, args: tuple[Any, ...]) -> Any:
        """The value, computed on copies of the arguments."""
        args, kwargs = copy.deepcopy((args, self.kwargs))
        return self.function(*args, **kwargs)

    def selected(self, args: tuple[Any, ...]) -> Any:
        """What ``argnums`` selects: one argument, or a tuple of them."""
        if isinstance(self.argnums, (tuple, list)):
            return tuple(self._argument(key, args) for key in self.argnums)
        return self._argument(self.argnums, args)

    def replaced(self, args: tuple[Any, ...], selection: Any) -> Program:
        """The program with one argument tuple: ``args``, with ``selection`` in place of what ``argnums`` selects."""
        one = not isinstance(self.argnums, (tuple, list))
        keys, values = ((self.argnums,), (selection,)) if one else (self.argnums, selection)
        positional, named = list(args), dict(self.kwargs)
        for key, value in zip(keys, values, strict=True):
            position = self._position(key)
            if position is None:
                named[key] = value
            else:
                positional[position] = value
        return dataclasses.replace(self, args=[tuple(positional)], kwargs=named)

    def _position(self, key: int | str) -> int | None:
        """The position of an argument; None for one that is passed by keyword."""
        if isinstance(key, int):
            return key
        return None if key in self.kwargs else list(inspect.signature(self.function).parameters).index(key)

    def _argument(self, key: int | str, args: tuple[Any, ...]) -> Any:
        position = self._position(key)
        return self.kwargs[key] if position is None else args[position]


def corners(programs: list[Program]) -> Callable[..., Callable[[Callable[..., Any]], Callable[..., Any]]]:
    """The decorator ``corner(*args, **options)`` that adds a function to a family, with its arguments.

    ``several``: a list of argument tuples instead.
    """

    def corner(*args: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            programs.append(Program(function, options.pop("several", [args]), **options))
            return function

        return add

    return corner


Engine = Callable[[Program], Callable[..., tuple[Any, Any]]]


def s2sad_engine(program: Program) -> Callable[..., tuple[Any, Any]]:
    """Value and gradient by s2sad."""
    import s2sad

    if not program.vjp:
        return s2sad.value_and_grad(program.function, argnums=program.argnums)

    def value_and_gradient(*args, **kwargs):
        value, pullback = s2sad.vjp(program.function, *args, argnums=program.argnums, **kwargs)
        return value, pullback(cotangent(value))

    return value_and_gradient


def check(program: Program, engine: Engine = s2sad_engine) -> str:
    """Check value and gradient for every argument tuple, each called twice.

    Returns:
        ``"right"``, or ``"refused"`` where the program allows that.

    Raises:
        AssertionError: a wrong number, a wrong structure, a changed argument, other side effects.
        Exception: whatever else the engine raises.
    """
    return _allowing_refusal(program, functools.partial(_check_first, program, engine))


def check_second(program: Program) -> str:
    """Check the pullback of s2sad's gradient (reverse over reverse) against differences of that gradient."""
    return _allowing_refusal(program, functools.partial(_check_second, program))


def check_forward(program: Program) -> str:
    """Check the tangent of s2sad's forward mode against differences."""
    return _allowing_refusal(program, functools.partial(_check_forward, program))


def check_modes(program: Program, twice: bool = True) -> None:
    """Gradient, pullback, tangent and (``twice``) Hessian product of a program: a refusal fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert check(program) == "right"
        assert check(dataclasses.replace(program, vjp=True)) == "right"
        assert check_forward(program) == "right"
        if twice and program.second and not program.vjp:
            assert check_product(program) == "right"


def check_product(program: Program) -> str:
    """Check s2sad's Hessian-vector product (forward over reverse) against differences of its gradient."""
    return _allowing_refusal(program, functools.partial(_check_product, program))


def differences(program: Program, args: tuple[Any, ...], direction: list[Any], step: float = STEP) -> float:
    """The derivative of the program's (contracted) value along ``direction``, one entry per leaf."""
    selection = program.selected(args)

    def along(t: float) -> float:
        moved = program.replaced(args, move(selection, direction, t))
        return contracted(moved, moved.primal(moved.args[0]))

    near, far = along(step) - along(-step), along(2 * step) - along(-2 * step)
    return (8 * near - far) / (12 * step)


def directions(selection: Any) -> Iterator[list[Any]]:
    """A few fixed random directions, one entry per leaf."""
    rng = np.random.default_rng(20)
    for _ in range(DIRECTIONS):
        yield [_random_like(leaf, rng) for leaf in leaves(selection)]


def cotangent(value: Any) -> Any:
    """A fixed random cotangent with the structure of ``value``; None where there is none."""
    rng = np.random.default_rng(30)
    return rebuild(value, iter([_random_like(leaf, rng) for leaf in leaves(value)]), other=None)


def contracted(program: Program, value: Any) -> float:
    """The value as one number."""
    if not program.vjp:
        return float(np.asarray(value).reshape(()))
    return inner(leaves(cotangent(value)), leaves(value))


def inner(gradient: list[Any], direction: list[Any]) -> float:
    return sum(float(np.sum(np.real(np.asarray(g) * d))) for g, d in zip(gradient, direction, strict=True))


# Structures: what has leaves, and how to walk it.


def is_leaf(x: Any) -> bool:
    return isinstance(x, (float, complex)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc")


def children(x: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container or object with the text that selects them; None for anything else."""
    if isinstance(x, dict):
        return [(f"[{key!r}]", value) for key, value in x.items()]
    if isinstance(x, (list, tuple)):
        return [(f"[{i}]", value) for i, value in enumerate(x)]
    plain = (type, types.ModuleType, types.FunctionType, types.MethodType, functools.partial, type(np.dot))
    if hasattr(x, "__dict__") and not isinstance(x, plain):
        return [(f".{key}", value) for key, value in vars(x).items()]
    return None


def leaves(x: Any) -> list[Any]:
    if is_leaf(x):
        return [x]
    return [leaf for _, child in children(x) or [] for leaf in leaves(child)]


_KEEP = object()


def rebuild(x: Any, new: Iterator[Any], other: Any = _KEEP) -> Any:
    """``x`` with the elements of ``new`` as its leaves; what is no leaf is kept, or replaced by ``other``."""
    if is_leaf(x):
        return next(new)
    parts = children(x)
    if parts is None:
        return x if other is _KEEP else other
    values = [rebuild(child, new, other) for _, child in parts]
    if isinstance(x, dict):
        return dict(zip(x, values, strict=True))
    if isinstance(x, list):
        return values
    if isinstance(x, tuple):
        return type(x)(*values) if hasattr(x, "_fields") else tuple(values)
    result = copy.copy(x)
    for key, value in zip(vars(x), values, strict=True):
        object.__setattr__(result, key, value)
    return result


def move(selection: Any, direction: list[Any], t: float) -> Any:
    """The selection, moved by ``t`` along the direction, in double precision."""
    moved = []
    for leaf, d in zip(leaves(selection), direction, strict=True):
        if isinstance(leaf, np.ndarray):
            moved.append(np.asarray(leaf.astype(np.result_type(leaf, np.float64)) + t * d))
        else:
            kind = type(leaf) if isinstance(leaf, (float, complex)) else np.result_type(leaf, np.float64).type
            moved.append(kind(leaf) + kind(t * d))
    return rebuild(selection, iter(moved))


def paired_leaves(x: Any, gradient: Any, path: str = "gradient") -> list[Any]:
    """The leaves of a gradient, having checked that its structure, shapes, kinds and dtypes are those of ``x``."""
    if is_leaf(x):
        assert _same_kind(x, gradient), f"{path} is {_describe(gradient)}, not {_describe(x)}"
        return [gradient]
    parts = children(x)
    if parts is None:
        assert gradient is None, f"{path} is {_describe(gradient)}, not None"
        return []
    assert type(gradient) is type(x), f"{path} is {_describe(gradient)}, not {_describe(x)}"
    theirs = children(gradient) or []
    assert [key for key, _ in parts] == [key for key, _ in theirs], f"{path} has other elements than its argument"
    return [
        leaf for (key, child), (_, g) in zip(parts, theirs, strict=True) for leaf in paired_leaves(child, g, path + key)
    ]


def same(x: Any, y: Any) -> bool:
    """Whether two structures are equal to the last bit, NaN included."""
    if isinstance(x, (np.ndarray, np.generic)):
        return type(x) is type(y) and x.dtype == y.dtype and np.array_equal(x, y, equal_nan=x.dtype.kind in "fc")
    parts = children(x)
    if parts is None:
        return x is y or x == y or (x != x and y != y)
    if type(x) is not type(y):
        return False
    theirs = children(y) or []
    return len(parts) == len(theirs) and all(
        k == l and same(a, b) for (k, a), (l, b) in zip(parts, theirs, strict=True)
    )


# The checks themselves.


def _allowing_refusal(program: Program, run: Callable[[], None]) -> str:
    try:
        run()
    except Exception as error:
        if type(error).__name__ in ("UnsupportedError", "MissingRuleError") and program.refused is not None:
            assert re.search(program.refused, str(error)), f"refused for another reason: {error}"
            return "refused"
        raise
    return "right"


def _check_first(program: Program, engine: Engine) -> None:
    value_and_gradient = engine(program)
    for number, args in enumerate(program.args):
        where = f"{program.title}, argument tuple {number}"
        expected, expected_effects = _observed(program, lambda args=args: program.primal(args))
        arguments = copy.deepcopy((args, program.kwargs))
        before = copy.deepcopy(arguments)
        first, effects = _observed(program, lambda a=arguments: value_and_gradient(*a[0], **a[1]))
        assert same(before, arguments), f"{where}: the arguments were changed"
        assert same(expected_effects, effects), f"{where}: side effects {effects}, not {expected_effects}"
        second, _ = _observed(program, lambda a=arguments: value_and_gradient(*a[0], **a[1]))
        assert same(first, second), f"{where}: a second call gives something else"
        tolerance = _tolerance(program, args)
        value, gradient = first
        assert_value(value, expected, where, tolerance)
        assert_gradient(program, args, gradient, where, tolerance)


def assert_value(value: Any, expected: Any, where: str, tolerance: float) -> None:
    ours, theirs = leaves(value), leaves(expected)
    assert is_leaf(expected) or same(rebuild(value, iter(theirs)), expected), f"{where}: value {value}, not {expected}"
    assert len(ours) == len(theirs), f"{where}: the value is {_describe(value)}, not {_describe(expected)}"
    for a, b in zip(ours, theirs, strict=True):
        assert np.shape(a) == np.shape(b), f"{where}: the value has shape {np.shape(a)}, not {np.shape(b)}"
        assert np.allclose(a, b, rtol=tolerance * 1e-3, atol=1e-12, equal_nan=True), f"{where}: value {a}, not {b}"


def assert_gradient(program: Program, args: tuple[Any, ...], gradient: Any, where: str, tolerance: float) -> None:
    selection = program.selected(args)
    try:
        found = paired_leaves(selection, gradient)
    except AssertionError as error:
        raise AssertionError(f"{where}: {error}") from None
    size = abs(contracted(program, program.primal(args)))
    for direction in directions(selection):
        exact, approximate = inner(found, direction), differences(program, args, direction)
        _assert_close(exact, approximate, tolerance, size, where)


def _check_forward(program: Program) -> None:
    import s2sad

    for number, args in enumerate(program.args):
        where = f"forward mode of {program.title}, argument tuple {number}"
        for direction in directions(program.selected(args)):
            here, kwargs = copy.deepcopy((args, program.kwargs))
            value, pushed = s2sad.jvp(program.function, here, _tangents(program, args, direction), **kwargs)
            tolerance, expected = _tolerance(program, args), program.primal(args)
            assert_value(value, expected, where, tolerance)
            weights = leaves(cotangent(value)) if program.vjp else [1.0] * len(leaves(value))
            exact = inner([np.asarray(w) for w in weights], paired_leaves(value, pushed, "tangent"))
            size = abs(contracted(program, expected))
            _assert_close(exact, differences(program, args, direction), tolerance, size, where)


def _check_product(program: Program) -> None:
    import s2sad

    gradient = s2sad.grad(program.function, argnums=program.argnums)
    product = s2sad.hvp(program.function, argnums=program.argnums)
    for number, args in enumerate(program.args):
        where = f"Hessian-vector product of {program.title}, argument tuple {number}"
        selection = program.selected(args)
        weights, direction, *_ = directions(selection)
        here, kwargs = copy.deepcopy((args, program.kwargs))
        before = copy.deepcopy(here)
        vectors = _tangents(program, args, direction)
        _, expected_effects = _observed(program, lambda args=args: program.primal(args))
        found, effects = _observed(program, lambda a=here, v=vectors, k=kwargs: product(a, v, **k))
        assert same(before, here), f"{where}: the arguments were changed"
        assert same(expected_effects, effects), f"{where}: side effects {effects}, not {expected_effects}"
        exact = inner(paired_leaves(selection, found), weights)

        def along(t: float, args=args, selection=selection, direction=direction, weights=weights) -> float:
            moved = program.replaced(args, move(selection, direction, t))
            return inner(leaves(gradient(*moved.args[0], **moved.kwargs)), weights)

        near, far = along(STEP) - along(-STEP), along(2 * STEP) - along(-2 * STEP)
        size = abs(along(0.0))
        _assert_close(exact, (8 * near - far) / (12 * STEP), 10 * _tolerance(program, args), size, where)


def _tangents(program: Program, args: tuple[Any, ...], direction: list[Any]) -> tuple[Any, ...]:
    """A tangent for each positional argument: the direction where it is differentiated, otherwise None."""
    one = not isinstance(program.argnums, (tuple, list))
    names = list(inspect.signature(program.function).parameters)
    selection = program.selected(args)
    structured = rebuild(selection, iter(_cast(direction, selection)), other=None)
    tangents: list[Any] = [None] * len(args)
    for key, tangent in zip((program.argnums,) if one else program.argnums, (structured,) if one else structured,
                            strict=True):  # fmt: skip
        tangents[key if isinstance(key, int) else names.index(key)] = tangent
    return tuple(tangents)


def _check_second(program: Program) -> None:
    import s2sad

    gradient = s2sad.grad(program.function, argnums=program.argnums)
    for number, args in enumerate(program.args):
        where = f"second order of {program.title}, argument tuple {number}"
        selection = program.selected(args)
        weights, direction, *_ = directions(selection)
        structured = rebuild(selection, iter(_cast(weights, selection)), other=None)
        args_copy, kwargs = copy.deepcopy((args, program.kwargs))
        _, pullback = s2sad.vjp(gradient, *args_copy, argnums=program.argnums, **kwargs)
        exact = inner(paired_leaves(selection, pullback(structured)), direction)

        def along(t: float, args=args, selection=selection, direction=direction, weights=weights) -> float:
            moved = program.replaced(args, move(selection, direction, t))
            return inner(leaves(gradient(*moved.args[0], **moved.kwargs)), weights)

        near, far = along(STEP) - along(-STEP), along(2 * STEP) - along(-2 * STEP)
        size = abs(along(0.0))
        _assert_close(exact, (8 * near - far) / (12 * STEP), 10 * _tolerance(program, args), size, where)


def _assert_close(exact: float, approximate: float, tolerance: float, size: float, where: str) -> None:
    # Differences carry rounding errors in proportion to the value that is differenced.
    bound = tolerance * (abs(approximate) + 1e-3 * (1 + size))
    assert abs(exact - approximate) <= bound, f"{where}: derivative {exact}, differences {approximate}"


def _observed(program: Program, run: Callable[[], Any]) -> tuple[Any, Any]:
    """The result of ``run``, and its side effects: what it printed, what the program's own observer saw."""
    if program.effects:
        program.effects()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = run()
    return result, (printed.getvalue(), copy.deepcopy(program.effects()) if program.effects else None)


def _tolerance(program: Program, args: tuple[Any, ...]) -> float:
    single = any(np.asarray(leaf).dtype in (np.float32, np.complex64) for leaf in leaves(program.selected(args)))
    return max(program.tolerance, 2e-3) if single else program.tolerance


def _same_kind(x: Any, gradient: Any) -> bool:
    if isinstance(x, np.ndarray) and x.ndim:
        return type(gradient) is np.ndarray and gradient.shape == x.shape and gradient.dtype == x.dtype
    if isinstance(x, (np.ndarray, np.generic)):  # a 0-d array and a NumPy scalar are interchangeable
        return isinstance(gradient, (np.ndarray, np.generic)) and gradient.shape == () and gradient.dtype == x.dtype
    return type(gradient) is type(x)


def _describe(x: Any) -> str:
    if isinstance(x, (np.ndarray, np.generic)):
        return f"a {type(x).__name__} of shape {x.shape} and dtype {x.dtype}"
    return f"a {type(x).__name__}"


def _random_like(leaf: Any, rng: np.random.Generator) -> Any:
    d = rng.normal(size=np.shape(leaf))
    if np.iscomplexobj(leaf):
        d = d + 1j * rng.normal(size=np.shape(leaf))
    return _cast([d], [leaf])[0]


def _cast(values: list[Any], selection: Any) -> list[Any]:
    """Values in the kinds and dtypes of the leaves of ``selection``."""
    result = []
    for value, leaf in zip(values, leaves(selection), strict=True):
        array = np.asarray(value)
        if isinstance(leaf, np.ndarray):
            result.append(array.astype(leaf.dtype))
        else:
            result.append(type(leaf)(array[()]))
    return result
