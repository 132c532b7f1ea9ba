"""What a recorder follows: numbers by the identity of their objects, arrays by the memory that they are in.

Everything else runs as it is.  Every followed number is an object of its own, kept alive here, so that no other number
has its identity.
"""

from __future__ import annotations

import ast
import collections
import functools
import io
import numbers
import operator
import sys
import types
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MissingRuleError, UnsupportedError
from ..rules.table import reason_against
from ..wrapper import jitted
from . import memory
from .classes import FUNCTION, held, is_matrix
from .instrument import is_instrumented, place
from .lending import Loans, is_users, original
from .records import NATIVE, Bars, Write


def is_of_a_rule(frame: types.FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("s2sad.rules.")


def another(x: Any) -> Any:
    """A number of the same value that is another object; what is no such number is itself."""
    if type(x) is float:
        return x * 1.0
    if isinstance(x, np.generic):
        return x.copy() if x.dtype.kind in "fc" else x
    return complex(x.real, x.imag) if type(x) is complex else x


class Following:
    """One run of a program: what is followed in it, and what has happened.

    Args:
        dots: tangents that are pushed forward as the program runs; without them the records are kept for the way back.
        do: what runs the operations: another recorder, if this one works inside it.

    Attributes:
        records: what happened to values that are followed, and every write into an array, in order.
        numbers: the followed numbers, by identity.
        roots: the owners of the followed memory, by identity; written: the owners of all that was written.
        frozen: owners whose memory must not be written; why_frozen: the reason.
        functions: what functions were rewritten to; texts: their rewritten code.
        operations: how many records there were that are not of writes.
        shown: text was made of something that is followed.
        closed: the run is over.
        refusal: what the run is refused for, which the program may have caught.
        met: the classes that were met, which lend their methods (`loans`).
    """

    if TYPE_CHECKING:  # the other parts of `Recorder`

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, dots: Bars | None = None, do: Any = NATIVE):
        self.dots = dots
        self.do = do
        self.records: list[Any] = []
        self.numbers: dict[int, Any] = {}
        self.roots: dict[int, np.ndarray] = {}
        self.written: dict[int, np.ndarray] = {}
        self.frozen: dict[int, np.ndarray] = {}  # owners whose memory must not be written, and why
        self.why_frozen = ""
        self.contiguous: dict[int, np.ndarray] = {}  # copies of arguments, whose elements have other places in memory
        self.originals: dict[int, tuple[Any, Any]] = {}  # of the copies of arguments: each copy, and what it is of
        self.operations = 0
        self.shown = False
        self.closed = False
        self.refusal: UnsupportedError | None = None
        self.remembered: set[Any] = set()  # the calls under lru_cache
        self.loans = Loans()
        self.met = self.loans.met
        self.functions: dict[types.FunctionType, Any] = {}
        self.texts: dict[types.CodeType, Any] = {}
        self.assembled: list[Any] = []  # sparse matrices that were filled with what is followed

    def original_of(self, x: Any) -> Any:
        """The argument that something is a copy of; otherwise itself."""
        copied, found = self.originals.get(id(x), (None, x))
        x = found if copied is x else x
        return x if self.do is NATIVE else self.do.original_of(x)

    def same(self, a: Any, b: Any) -> bool:
        """``a is b``, as it is of the arguments, not of their copies."""
        return a is b or (bool(self.originals) and self.original_of(a) is self.original_of(b))

    def differs(self, a: Any, b: Any) -> bool:
        """``a is not b``."""
        return not self.same(a, b)

    def identity(self, x: Any) -> int:
        """``id(x)``."""
        return id(self.original_of(x))

    def follows(self, x: Any) -> bool:
        """Whether a value that is a number or an array, or a list, tuple or dict of these, is followed."""
        t = type(x)
        if t is np.ndarray:
            return bool(self.roots) and self.follows_memory(x)
        if t is float or t is complex or isinstance(x, (float, complex, np.generic)):
            return id(x) in self.numbers
        if isinstance(x, (list, tuple, set, frozenset)):
            return any(map(self.follows, x))
        if isinstance(x, dict):
            return any(map(self.follows, x.values()))
        if isinstance(x, np.ndarray):
            return self.follows_memory(x)
        return False

    def follows_memory(self, x: np.ndarray) -> bool:
        """Whether the memory of an array is followed.

        Raises:
            UnsupportedError: it is, and the array reads its bits as other numbers than they are.
        """
        root = self.roots.get(id(memory.owner(x)))
        if root is None:
            return False
        if x.dtype is not root.dtype and not memory.same_numbers(x.dtype, root.dtype):
            raise self.refuse(f"{root.dtype} numbers that are read or written as {x.dtype} are not supported")
        return True

    def check_plain(self, x: Any) -> None:
        """Refuse elements of what is no plain array, in followed memory: nobody would see them being taken out."""
        if is_matrix(x) and self.reaches(x):
            raise self.refuse("a loop over a sparse matrix is not supported: loop over numbers of rows")
        if isinstance(x, np.ndarray) and type(x) is not np.ndarray and self.follows(x):
            raise self.refuse(f"elements of a {type(x).__name__} are not supported: use np.asarray")

    def plain(self, x: Any) -> Any:
        self.check_plain(x)
        return x

    def number(self, x: Any) -> Any:
        """A followed number of the value of ``x``: an object that nothing else is."""
        made = x
        if self.do is not NATIVE and isinstance(x, (float, complex, np.floating)):
            made = self.do.call(operator.pos, x)  # which the recorder around follows, if it follows ``x``
        if made is x:
            made = another(x)
        if made is x:
            return x
        self.numbers[id(made)] = made
        return made

    def array(self, x: np.ndarray) -> None:
        """Follow an array, and all that share its memory."""
        if x.dtype.kind in "fc":
            try:
                root = memory.own(x)
            except UnsupportedError as error:
                raise self.refused(error) from None
            self.roots[id(root)] = root
        elif x.dtype.kind in "OV":
            raise self.refuse(f"an array of dtype {x.dtype} with what is differentiated is not supported: use floats")

    def reaches(self, x: Any) -> bool:
        """Whether anything followed can be reached from a value of any kind, functions and objects included."""
        todo, seen = [x], set()
        while todo:
            x = todo.pop()
            if id(x) in seen or (isinstance(x, _OPAQUE) and not (isinstance(x, type) and is_users(x))):
                continue
            seen.add(id(x))
            if isinstance(x, (float, complex, np.generic, np.ndarray)):
                if self.follows(x):
                    return True
                if isinstance(x, np.ndarray) and x.dtype == object:
                    todo += x.ravel().tolist()
                continue
            inside = parts(x)
            if inside is None:  # can't be looked into, such as a generator that has begun
                if self.numbers or self.roots:
                    return True
                continue
            todo += inside
        return False

    def close(self) -> None:
        """The run is over: what it left behind, such as functions that were made in it, runs as it is from now on."""
        self.closed = True
        self.numbers, self.roots = {}, {}
        if self.assembled:
            from ..rules.scipy.assembling import forget

            for matrix in self.assembled:
                forget(matrix)
        self.loans.give_back()

    def shows(self, x: Any) -> Any:
        """A value that is made into text."""
        self.loans.look((x,), 1)
        self.shown = self.shown or self.reaches(x)
        return x

    def caught(self, error: BaseException) -> None:
        """A handler begins: what was raised by native code may tell what is followed (``0.3 is not in list``)."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or not is_instrumented(trace.tb_frame.f_code):
            self.shown = self.shown or bool(self.numbers or self.roots)

    def check_text(self, args: Any, y: Any, whole: bool = False) -> None:
        """Refuse numbers that are made from text, if text was made of something that is followed.

        Args:
            whole: whole numbers are made of the digits, too; many functions only count or find something.
        """
        if self.shown and _holds(args, is_text) and _holds(y, _is_number if whole else _has_number):
            raise self.refuse("a number that is made from text is not supported: pass the number itself")

    def here(self) -> tuple[types.CodeType, int] | None:
        """Where the user's program is now, not a rule that it goes through: a code object and an instruction of it."""
        frame: Any = sys._getframe(1)
        while frame is not None and (not is_instrumented(frame.f_code) or is_of_a_rule(frame)):
            frame = frame.f_back
        return None if frame is None else (frame.f_code, frame.f_lasti)

    def refuse(self, message: str) -> UnsupportedError:
        return self.refused(UnsupportedError(message, place(self.here())))

    def refused(self, error: UnsupportedError) -> Any:
        """An error that ends the run, whatever the program does about it."""
        self.refusal = self.refusal or error
        return error

    def missing(self, function: Any, why: str = "") -> MissingRuleError:
        name = label(function)
        advice = reason_against(function) or "register one with s2sad.extend.defvjp, or write it with NumPy"
        text = why or f"{name} has no derivative rule: {advice}"
        return self.refused(MissingRuleError(text, place(self.here())))

    def happened(self, record: Any) -> None:
        """Keep a record of an operation or a write; push its tangent instead, in forward mode."""
        self.operations += not isinstance(record, Write)
        if self.dots is not None:
            record.push(self.dots)
        else:
            self.records.append(record)

    def wrote(self, record: Any) -> None:
        """A write into an array that was checked by `check_writable`, or that nobody follows."""
        self.check_writable(record.a)
        root = memory.owner(record.a)
        self.written[id(root)] = root
        self.happened(record)

    def check_writable(self, a: np.ndarray) -> None:
        if id(memory.owner(a)) in self.frozen:
            raise self.refuse(self.why_frozen)


_OPAQUE = (str, bytes, int, type, types.ModuleType, type(None), Following, np.dtype, np.random.Generator)


_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()), types.MappingProxyType)


def parts(x: Any) -> list[Any] | None:
    """What a value holds; None where that can't be known."""
    elements: list[Any] = []
    if isinstance(x, dict):
        elements = [*x, *x.values()]
    elif isinstance(x, (list, tuple, set, frozenset, collections.deque, *_VIEWS)):
        elements = [*x]  # type: ignore[misc]
    if isinstance(x, FUNCTION):
        return outside(x)
    if isinstance(x, (types.MethodType, types.BuiltinFunctionType, types.MethodWrapperType)):
        return [getattr(x, "__func__", None), x.__self__]
    if isinstance(x, functools.partial):
        return [x.func, x.args, x.keywords]
    if (text := jitted(x)) is not None:
        return [text]
    if isinstance(x, type):
        return class_parts(x)
    if isinstance(x, np.flatiter):
        return [x.base]
    if isinstance(x, slice):
        return [x.start, x.stop, x.step]
    if type(x).__module__ == "s2sad.recording.made":
        return None  # it stands for something else
    if hasattr(type(x), "__next__") and not isinstance(type(x).__next__, FUNCTION) and not isinstance(x, io.IOBase):
        return None
    if isinstance(x, BaseException):
        elements = [x.args, x.__cause__, x.__context__]
    return [*elements, *held(x).values(), type(x)]


def class_parts(c: type) -> list[Any]:
    """What a class and its bases hold: attributes, and what their methods capture."""
    found: list[Any] = []
    for base in filter(is_users, c.__mro__):
        for x in vars(base).values():
            for f in _functions_in(x):
                found += contents(f)
            if not hasattr(type(x), "__get__"):
                found.append(x)
    return found


def _functions_in(x: Any) -> list[types.FunctionType]:
    inside = [x.fget, x.fset] if isinstance(x, property) else [getattr(x, "__func__", getattr(x, "func", x))]
    return [f for f in map(original, inside) if isinstance(f, FUNCTION)]


def content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def contents(f: types.FunctionType) -> list[Any]:
    """The values of a function's captured variables."""
    return [content(cell) for cell in f.__closure__ or ()]


def outside(f: types.FunctionType) -> list[Any]:
    """What a function reads from outside: its captured variables, its defaults, and its globals."""
    read = [f.__globals__[n] for n in _names(f.__code__) if n in f.__globals__]
    return [*contents(f), *(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values(), *read]


def _names(code: types.CodeType) -> set[str]:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def label(f: Any) -> str:
    """A function, a class or an object that is called, for messages."""
    name = getattr(f, "__qualname__", None) or getattr(f, "__name__", None)
    if name is None:
        f = type(f)
        name = f.__qualname__
    module, name = getattr(f, "__module__", None), str(name)
    return name if not module or module in ("builtins", "__main__") else f"{module.lstrip('_')}.{name}"


def is_text(x: Any) -> bool:
    return isinstance(x, (str, bytes, bytearray, io.IOBase)) or (isinstance(x, np.ndarray) and x.dtype.kind in "SU")


def _is_number(x: Any) -> bool:
    return _has_number(x) or (isinstance(x, (int, np.integer)) and not isinstance(x, bool))


def _has_number(x: Any) -> bool:
    """Whether it is a number that is not whole, or Python in another form."""
    if isinstance(x, (float, complex)):
        return x == x and abs(x) != float("inf")  # `float("inf")` is no one's value in text
    if isinstance(x, (numbers.Number, ast.AST, types.CodeType)):
        return not isinstance(x, (int, np.integer, np.bool_))
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fcO"


def _holds(x: Any, wanted: Any) -> bool:
    if isinstance(x, dict):
        return _holds(list(x.values()), wanted)
    if isinstance(x, (list, tuple)):
        return any(_holds(e, wanted) for e in x)
    return bool(wanted(x))
