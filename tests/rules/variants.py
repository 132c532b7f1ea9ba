"""The arguments that a row stands for: takes a `Row`, gives sets of arguments, each with a name.

``real`` is what the row's samplers draw.  From it come the same numbers in other memory (``strided``, ``reversed``,
``fortran``), in other dtypes and kinds (``float32``, ``complex``, ``complex64``, ``float``, ``numpy scalar``,
``float32 scalar``, ``0-d``), with one size of the arrays cut to 1 or 0 wherever it stands (``size 3 -> 1``), with every
size cut to 1 (``size 1``), and with one argument of another kind than the rest (``float at 0``, ``integers at 1``).

What NumPy takes is asked: where the function itself raises or warns of such arguments, or its result is not finite, the
variant is left out (`asked`).  ``real`` is asked always, and so are the variants that elementwise functions must take.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .trees import is_inexact, leaves, tree_map

if TYPE_CHECKING:
    from .harness import Row

LARGEST = 1e6  # results beyond are those of singular matrices and the like, and say nothing
ALWAYS = ("real", "strided", "float32", "complex")  # asked of every row that does not opt out
ELEMENTWISE = ("float", "numpy scalar", "0-d", "size 1", "size 0")  # and these of every elementwise function


def variants(row: Row) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The arguments that a row stands for, each set with a name."""
    for name, args in made(row):
        must = name in ALWAYS or (row.elementwise and (name in ELEMENTWISE or name.startswith("float at")))
        if name not in row.without and (must or asked(row, args)):
            yield name, args


def made(row: Row) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """All sets of arguments, whether the function takes them or not."""
    seed = zlib.crc32(row.id.encode())

    def drawn(want_complex: bool = False) -> tuple[Any, ...]:
        rng = np.random.default_rng(seed)
        return tuple(sample(rng, a, want_complex) for a in row.args)

    def each(f: Callable[[np.ndarray], Any], args: tuple[Any, ...] | None = None) -> tuple[Any, ...]:
        return tuple(of_arrays(f, a) for a in (drawn() if args is None else args))

    yield "real", drawn()
    yield "strided", each(strided)
    if row.float32:
        yield "float32", each(single)
    if row.complex:
        yield "complex", drawn(want_complex=True)
    arrays = [k for k, a in enumerate(drawn()) if any(isinstance(x, np.ndarray) and is_inexact(x) for x in leaves(a))]
    if not arrays or not (row.derived or row.elementwise):
        return
    yield "float", each(lambda x: x.flat[0].item() if x.size else x)
    yield "numpy scalar", each(lambda x: x.flat[0] if x.size else x)
    yield "0-d", each(lambda x: np.array(x.flat[0]) if x.size else x)
    yield "size 1", each(lambda x: x[(slice(0, 1),) * x.ndim])
    yield "size 0", each(lambda x: np.zeros((2, 0), x.dtype) if row.elementwise else x[(slice(0, 0),) * x.ndim])
    if not row.derived:
        return
    yield "reversed", each(lambda x: np.flip(np.flip(x).copy()))
    yield "fortran", each(np.asfortranarray)
    for n in sorted({n for a in drawn() for x in leaves(a) if isinstance(x, np.ndarray) for n in x.shape if n > 1}):
        yield f"size {n} -> 1", each(lambda x: cut(x, n, 1))  # noqa: B023
        yield f"size {n} -> 0", each(lambda x: cut(x, n, 0))  # noqa: B023
    if row.float32:
        yield "float32 scalar", each(lambda x: single(x.flat[0]) if x.size else x)
        if row.complex:
            yield "complex64", each(single, drawn(want_complex=True))
    for k in arrays if len(arrays) > 1 else []:
        for name, change in AT.items():
            if name != "float32" or row.float32:
                yield f"{name} at {k}", tuple(of_arrays(change, a) if i == k else a for i, a in enumerate(drawn()))


def asked(row: Row, args: tuple[Any, ...]) -> bool:
    """Whether the function takes the arguments, and has a finite result that a float can change."""
    if not any(is_inexact(x) for k, a in enumerate(args) for x in leaves(a) if row.argnums is None or k in row.argnums):
        return False
    try:
        with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
            warnings.simplefilter("error")
            y = row.called(*args, **row.kwargs)
    except Exception:
        return False
    floats = [x for x in leaves(y) if is_inexact(x)]
    return bool(floats) and all(np.all(np.abs(x) < LARGEST) for x in floats)


def sample(rng: np.random.Generator, arg: Any, want_complex: bool = False) -> Any:
    """The argument of a row: samplers called, in tuples and lists too."""
    if isinstance(arg, (list, tuple)):
        return type(arg)(sample(rng, a, want_complex) for a in arg)
    if not callable(arg) or isinstance(arg, (type, np.ufunc)):
        return arg
    x = arg(rng)
    if want_complex and is_inexact(x) and not hasattr(arg, "stays_real"):
        x = x + 0.5j * rng.standard_normal(np.shape(x))
    return x


def of_arrays(f: Callable[[np.ndarray], Any], tree: Any) -> Any:
    """``f`` of every array of floats in a tree; the rest as it is."""
    return tree_map(lambda x: f(x) if isinstance(x, np.ndarray) and is_inexact(x) else x, tree)


def strided(x: np.ndarray) -> np.ndarray:
    """Equal numbers in memory that is neither contiguous nor in C order."""
    if x.ndim == 0:
        return x
    wide = np.repeat(x, 2, axis=-1)
    return wide[..., ::2] if x.ndim == 1 else np.asfortranarray(wide)[..., ::2]


def single(x: Any) -> Any:
    """In single precision, real or complex."""
    return x.astype(np.complex64 if np.iscomplexobj(x) else np.float32)


def cut(x: np.ndarray, n: int, to: int) -> np.ndarray:
    """With ``to`` elements along every axis that has ``n``."""
    return x[tuple([slice(0, to) if size == n else slice(None) for size in x.shape])]


def integers(x: np.ndarray) -> np.ndarray:
    """The next integers away from zero."""
    return (np.sign(x) * np.ceil(np.abs(x))).astype(np.int64)


# What one argument becomes while the others stay arrays of floats.
AT: dict[str, Callable[[np.ndarray], Any]] = {
    "float": lambda x: x.flat[0].item() if x.size else x,
    "0-d": lambda x: np.array(x.flat[0]) if x.size else x,
    "float32": single,
    "integers": integers,
    "booleans": lambda x: x > 0,
}
