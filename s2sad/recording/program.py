"""Derivatives of a function by recording its run: what `compiled` falls back to where the compiler refuses.

In: a Python function, what to differentiate it by, and why the compiler refused it.  Out: a callable for each
transformation, with the same arguments and results as compiled code has.
"""

from __future__ import annotations

import copy
import operator
import threading
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import runtime
from ..errors import MissingRuleError, UnsupportedError
from . import memory
from .classes import has_state_in_c, held, is_object
from .depth import room
from .following import another
from .following import outside as outside_of
from .lending import working
from .listing import listing
from .made import Made
from .recorder import Recorder
from .records import NATIVE, Bars
from .ruled import arrays_in


class Recording:
    """A function that is differentiated by recording it.

    Attributes:
        text: the program as it is run, of the functions that were reached so far.
        functions, seeded: as of a `Program`; there are no generated halves.
        written: not empty if a run has written into an argument.
    """

    seeded = False
    session: Any = None  # of a compilation

    def __init__(self, function: Any, arguments: Any, selection: Any, first: tuple, named: dict[str, Any],
                 reason: Exception, do: Any = None):  # fmt: skip
        """``first``, ``named``: the arguments that the callable brings along."""
        self.function = function
        self.arguments = arguments
        self.selection = selection
        self.first, self.named = first, named
        self.reason = reason
        self.do = NATIVE if do is None else do  # the recorder that this one works inside
        self.functions: dict[str, Callable] = {}
        self.written: list[int] = []
        self._texts: dict[types.CodeType, Any] = {}

    @property
    def text(self) -> str:
        return listing(self.function, self._texts, self.reason)

    def better(self, error: UnsupportedError) -> Exception:
        """The compiler's error, which names every function without a rule, where it says what ``error`` says."""
        if not isinstance(error, MissingRuleError) or not isinstance(self.reason, MissingRuleError) or not error.span:
            return error
        same = [m for s, m in self.reason.reasons if s is not None and s.line == error.span.line]
        return self.reason if same and all(" has no derivative rule: register" in m for m in same) else error

    def run(self, args: tuple, kwargs: dict, dots: Bars | None = None, tangents: Any = None) -> Run:
        mine = {n for n, v in kwargs.items() if n in self.named and v is self.named[n]}
        given = {n: v for n, v in kwargs.items() if n not in mine}
        own = self.arguments.own(self.first, args[len(self.first) :], self.named, given)
        followed = {p for p, _ in self.selection.places}
        return Run(self, self.arguments.values(args, kwargs), own - followed, dots, tangents)

    def gradient(self, value: bool, has_aux: bool) -> Callable:
        """``call(*args) -> gradient``, or ``(value, gradient)``."""

        def call(*args: Any, **kwargs: Any) -> Any:
            run = self.run(args, kwargs)
            result, aux = _without_aux(run.result, has_aux)
            seed = runtime.seed(result)
            values, aux = detached(self.do, result), detached(self.do, aux)
            bars = run.pull(result, seed)
            if value:
                return ((values, aux) if has_aux else values), bars
            return (bars, aux) if has_aux else bars

        return call

    def pullback(self, everything: Any, has_aux: bool, check: Callable) -> Callable:
        """``call(*args) -> (value, pullback)``."""

        def call(*args: Any, **kwargs: Any) -> Any:
            run = self.run(args, kwargs)
            result, aux = _without_aux(run.result, has_aux)
            run.keep()
            shown, aux = detached(self.do, result), detached(self.do, aux)

            def pull(cotangent: Any) -> Any:
                check(cotangent, shown)
                places = self.selection.places if everything is None else everything
                return run.pull(result, cotangent, places)

            return (shown, pull, aux) if has_aux else (shown, pull)

        return call

    def pushforward(self, as_tangent: Callable) -> Callable:
        """``call(*args, tangents=...) -> (value, tangent)``."""

        def call(*args: Any, tangents: dict[tuple[int, int | None], Any], **kwargs: Any) -> Any:
            dots = Bars(self.do)
            run = self.run(args, kwargs, dots, {p: (as_tangent, t) for p, t in tangents.items()})
            return detached(self.do, run.result), detached(self.do, _tangent(run.result, dots))

        return call


class Run:
    """One run of a function under a recorder.

    Attributes:
        result: what the function returned: followed objects, in memory that the record still needs.
    """

    def __init__(self, recording: Recording, values: list[Any], own: set[int], dots: Bars | None, tangents: Any):
        """``own``: the positions of values that are not the caller's to keep: the self of a method, and defaults."""
        self.recording = recording
        self.do = do = recording.do
        self.tape = Recorder(dots, do)
        self.finals: dict[int, tuple[np.ndarray, np.ndarray]] | None = None
        self.lock = threading.Lock()
        taken = _Taken(self.tape)
        followed = {p for p, _ in recording.selection.places}
        given = [v if p in own else taken.copy(v) for p, v in enumerate(values)]
        self.leaves = [taken.frame(v) if p in followed else v for p, v in enumerate(given)]
        for p in followed:
            taken.follow(self.leaves[p])
        self.tape.given = [values[p] for p in followed]
        self.tape.begun = frozenset(self.tape.roots)
        if dots is not None:
            for (p, k), (as_tangent, dot) in tangents.items():
                x = self.leaves[p] if k is None else self.leaves[p][k]
                _spread(dots, x, as_tangent(dot, x) if do is NATIVE else do.call(runtime.match, dot, x))
        args, kwargs = recording.arguments.spread(given)
        self.tape.loans.look(given)
        try:
            with room(), working(self.tape):
                self.result = self.tape.call(recording.function, *args, **kwargs)
            self.check_result(self.result)
        except UnsupportedError as error:
            raise recording.better(self.tape.refusal or error) from None
        except BaseException as error:
            if self.tape.refusal is not None:
                raise recording.better(self.tape.refusal) from None
            refused = isinstance(error, NotImplementedError) and runtime.is_refusal(error)  # by generated code
            if refused:
                raise recording.better(MissingRuleError(str(error))) from None
            raise
        finally:
            self.tape.close()
            recording._texts.update(self.tape.texts)
        if self.tape.refusal is not None:  # which the program has caught
            raise recording.better(self.tape.refusal)
        taken.check([values[p] for p in own])
        recording.written = recording.written or taken.written()

    def check_result(self, x: Any) -> None:
        """Refuse what nobody can follow any further: bits read as other numbers, objects made of what is followed."""
        if isinstance(x, np.ndarray):
            self.tape.follows(x)
        elif type(x) is Made:
            raise self.tape.unused(x)
        elif isinstance(x, (list, tuple, dict)):
            for e in x.values() if isinstance(x, dict) else x:
                self.check_result(e)

    def keep(self) -> None:
        """Keep the memory as it is at the end of the run: the caller may change it before the pullback is called."""
        roots = {id(memory.owner(a)): memory.owner(a) for r in self.tape.records for a in _arrays_of(r)}
        self.finals = {k: (root, self.do.call(np.copy, root)) for k, root in roots.items()}

    def pull(self, result: Any, cotangent: Any, places: Any = None) -> Any:
        """The cotangents of the arguments."""
        with self.lock:
            if self.finals is None:
                after = [(root, self.do.call(np.copy, root)) for root in self.tape.written.values()]
            else:
                after = [(root, self.do.call(np.copy, root)) for root, _ in self.finals.values()]
                for root, final in self.finals.values():
                    self.put_back(root, final)
            bars = Bars(self.do)
            try:
                _seed(bars, result, cotangent)
                self.tape.back(bars)
                return self.selected(bars, places)
            finally:
                for root, content in after:
                    self.put_back(root, content)

    def put_back(self, root: np.ndarray, content: np.ndarray) -> None:
        same = np.array_equal(np.asarray(root), content, equal_nan=root.dtype.kind in "fc")
        if not same or (self.do is not NATIVE and root.flags.writeable):  # equal numbers may have other derivatives
            self.do.setitem(root, ..., content)

    def selected(self, bars: Bars, places: Any) -> Any:
        selection = self.recording.selection
        chosen: list[Any] = []
        known = {p for p, _ in selection.places}
        for place in selection.places if places is None else places:
            if place is None or place[0] not in known:
                chosen.append(None)
                continue
            p, k = place
            chosen.append(_gradient(self.leaves[p] if k is None else self.leaves[p][k], bars))
        return chosen[0] if selection.single else tuple(chosen)


_SCALARS = (np.float64, np.complex128)  # NumPy's numbers that are Python's too


class _Taken:
    """Takes the arguments of a run apart: copies, so that the caller's stay as they are, and their leaves."""

    def __init__(self, tape: Recorder):
        self.tape = tape
        self.around: set[int] = set()
        self.arrays: list[tuple[np.ndarray, np.ndarray]] = []  # the caller's, and the copy
        self.containers: list[tuple[Any, Any, list[Any], list[Any]]] = []  # the caller's, the copy, what was in each

    def copy(self, x: Any) -> Any:
        """A copy in which each place has leaves of its own: each has a derivative of its own."""
        if isinstance(x, np.ndarray):
            made: Any = x.copy(order="A") if self.tape.do is NATIVE else self.tape.do.call(np.copy, x, order="A")
            for other, its in self.arrays:
                if np.may_share_memory(x, other) and np.shares_memory(x, other):
                    self.freeze(made, its)
            self.arrays.append((x, made))
            if self.tape.do is NATIVE:
                made.flags.writeable = x.flags.writeable
            self.tape.originals[id(made)] = made, x
            if made.strides != x.strides and x.size:
                self.tape.contiguous[id(made)] = made
            return made
        if isinstance(x, (list, float, complex)) and type(x) not in (list, float, complex) and type(x) not in _SCALARS:
            raise UnsupportedError(f"an argument of the class {type(x).__name__} is not supported: pass a plain one")
        if isinstance(x, (float, complex, np.generic)):
            made = x if self.tape.do is NATIVE else self.tape.do.call(operator.pos, x)
            return another(x) if made is x else made
        if isinstance(x, tuple):
            made = runtime.rebuild(x, [self.copy(e) for e in x])
            self.tape.originals[id(made)] = made, x
            return made
        if not (type(x) in (list, dict) or isinstance(x, dict) or _has_copies(x)):
            if is_object(x) and any(_is_number(e) for e in held(x).values()):
                raise UnsupportedError(
                    f"an argument with a {type(x).__name__}, which holds more than its attributes, is not supported: "
                    "pass its numbers"
                )
            return x
        if id(x) in self.around:
            raise UnsupportedError(f"an argument with a {type(x).__name__} that contains itself is not supported")
        self.around.add(id(x))
        if type(x) is list:
            made = [self.copy(e) for e in x]
        elif isinstance(x, dict):
            made = _like_dict(x, {k: self.copy(e) for k, e in x.items()})
        else:
            made = runtime.rebuild_object(x, {k: self.copy(e) for k, e in held(x).items()})
        self.around.discard(id(x))
        self.tape.originals[id(made)] = made, x
        self.containers.append((x, made, _elements(x), _elements(made)))
        return made

    def freeze(self, *arrays: np.ndarray) -> None:
        for a in arrays:
            self.tape.frozen[id(memory.owner(a))] = memory.owner(a)
        self.tape.why_frozen = (
            "two arguments (or an argument and an array that the function reads) share memory, and it writes one of "
            "them: pass copies"
        )

    def frame(self, x: Any) -> Any:
        """The leaves of an argument in its structure, which the run does not change."""
        if isinstance(x, (list, tuple)):
            return runtime.rebuild(x, [self.frame(e) for e in x])
        if isinstance(x, dict):
            return {k: self.frame(e) for k, e in x.items()}
        if _has_copies(x):
            return runtime.rebuild_object(x, {k: self.frame(e) for k, e in held(x).items()})
        return x

    def follow(self, x: Any) -> None:
        if isinstance(x, np.ndarray):
            if not _is_of_words(x):
                self.tape.array(x)
        elif _is_number(x):
            self.tape.numbers[id(x)] = x
        elif isinstance(x, (list, tuple)):
            for e in x:
                self.follow(e)
        elif isinstance(x, dict):
            self.follow(list(x.values()))
        elif is_object(x):
            self.follow(held(x))

    def written(self) -> list[int]:
        """Something, if the run has changed one of the copies."""
        arrays = any(id(memory.owner(made)) in self.tape.written for _, made in self.arrays)
        return [0] if arrays or any(not _same(_elements(made), e) for _, made, _, e in self.containers) else []

    def check(self, own: list[Any]) -> None:
        """Refuse what a copy of the arguments can't show: that the function also reaches them from outside.

        ``own``: what is not the caller's, and so is no copy.
        """
        written = [x for x, made in self.arrays if id(memory.owner(made)) in self.tape.written]
        others = [x for x, _ in self.arrays if not any(x is w for w in written)]
        around = [v for f in self.tape.functions for v in outside_of(f)] + own
        arrays, containers = _reached(around)
        for x in arrays:
            hit = written + (others if id(memory.owner(x)) in self.tape.written else [])
            if any(np.may_share_memory(x, y) and np.shares_memory(x, y) for y in hit):
                self.freeze()
                raise UnsupportedError(self.tape.why_frozen)
        reached = {id(c) for c in containers}
        if any(id(x) in reached and not isinstance(x, (list, dict)) for x, *_ in self.containers):
            raise UnsupportedError(
                "an object that is passed, and that the function also reads as a global or captured variable, is not "
                "supported: it gets a copy"
            )
        for x, made, original, copied in self.containers:
            changed = not (_same(_elements(x), original) and _same(_elements(made), copied))
            twice = any(x is y and made is not other for y, other, *_ in self.containers)
            if changed and (twice or id(x) in reached):
                raise UnsupportedError(
                    f"a {type(x).__name__} that is passed twice, or that the function also reads as a global or "
                    f"captured variable, and that it changes, is not supported: pass copies"
                )


def _same(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def _is_number(x: Any) -> bool:
    """Whether a value is a number, or has numbers, that can have a derivative."""
    return isinstance(x, (float, complex)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc")


def _is_of_words(x: np.ndarray) -> bool:
    """Whether an array of objects has nothing in it that could have a derivative: None, texts, whole numbers."""
    return x.dtype == object and all(e is None or isinstance(e, (str, int)) for e in x.ravel().tolist())


def _is_structure(x: Any) -> bool:
    """Whether it is an object that can be made anew, with the cotangents of what it holds."""
    return is_object(x) and runtime.is_object(x)


def _has_copies(x: Any) -> bool:
    """Whether it is an object, all of which is in its attributes."""
    return is_object(x) and not has_state_in_c(type(x))


def _elements(x: Any) -> list[Any]:
    return list(x if isinstance(x, list) else x.values() if isinstance(x, dict) else held(x).values())


def detached(do: Any, x: Any) -> Any:
    """A result in memory of its own."""
    if isinstance(x, np.ndarray):
        return x.copy() if do is NATIVE else do.call(np.copy, x)
    if isinstance(x, (list, tuple)):
        return runtime.rebuild(x, [detached(do, e) for e in x])
    if isinstance(x, dict):
        return _like_dict(x, {k: detached(do, e) for k, e in x.items()})
    return x


def _like_dict(x: dict, made: dict) -> dict:
    if type(x) is dict:
        return made
    copied = copy.copy(x)  # x.copy() need not be of its type
    dict.update(copied, made)  # its own may add to what is there
    return copied


def _without_aux(result: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise UnsupportedError("with has_aux the function must return a tuple (value, aux)")
    return result


def _seed(bars: Bars, result: Any, cotangent: Any) -> None:
    _spread(bars, result, cotangent, lambda x, bar: bars.conjugate(bars.do.call(runtime.match, bar, x)))


def _spread(bars: Bars, x: Any, bar: Any, made: Callable[[Any, Any], Any] = lambda x, bar: bar) -> None:
    """Add what stands in ``bar`` to the leaves of a structure; ``None`` is zero."""
    if bar is None:
        return
    if isinstance(x, dict):
        for k, e in x.items():
            _spread(bars, e, bar[k], made)
    elif _is_structure(x):
        _spread(bars, held(x), held(bar), made)
    elif isinstance(x, (list, tuple)):
        for e, b in zip(x, bar, strict=True):
            _spread(bars, e, b, made)
    else:
        bars.add(x, made(x, bar))


def _gradient(x: Any, bars: Bars) -> Any:
    """The gradient by an argument, from the cotangents of its leaves."""
    if isinstance(x, np.ndarray):
        return None if x.dtype.kind not in "fc" else bars.do.call(np.copy, bars.conjugate(bars.of(x)))
    if isinstance(x, (float, complex, np.generic)):
        bar = bars.of(x)
        return None if bar is None else bars.do.call(runtime.match, bars.conjugate(bar), x)
    if isinstance(x, (list, tuple)):
        return runtime.rebuild(x, [_gradient(e, bars) for e in x])
    if isinstance(x, dict):
        return {k: _gradient(e, bars) for k, e in x.items()}
    if _is_structure(x):
        return runtime.rebuild_object(x, {k: _gradient(e, bars) for k, e in held(x).items()})
    return None


def _tangent(y: Any, dots: Bars) -> Any:
    if isinstance(y, (list, tuple)):
        return runtime.rebuild(y, [_tangent(e, dots) for e in y])
    if isinstance(y, dict):
        return {k: _tangent(e, dots) for k, e in y.items()}
    if _is_structure(y):
        return runtime.rebuild_object(y, {k: _tangent(e, dots) for k, e in held(y).items()})
    dot = dots.of(y)
    return None if dot is None else dots.do.call(runtime.match, dot, y)


def _arrays_of(record: Any) -> list[np.ndarray]:
    return arrays_in([getattr(record, name) for name in record.__slots__ if name not in ("function", "rule")])


def _reached(values: list[Any], depth: int = 4) -> tuple[list[np.ndarray], list[Any]]:
    """The arrays and the containers that can be reached from values."""
    arrays, containers, seen = [], [], set()
    todo = [(v, 0) for v in values]
    while todo:
        x, level = todo.pop()
        if isinstance(x, np.ndarray):
            arrays.append(x)
        elif (id(x) not in seen and isinstance(x, (list, tuple, dict))) or is_object(x):
            if id(x) in seen:
                continue
            seen.add(id(x))
            containers.append(x)
            parts = x if isinstance(x, (list, tuple)) else x.values() if isinstance(x, dict) else held(x).values()
            if level < depth and len(parts) < 10_000:
                todo += [(e, level + 1) for e in list(parts)]
    return arrays, containers
