"""What functions in C take: the table says what NumPy says, where NumPy does."""

import inspect

import numpy as np
import pytest

from s2sad.rules.signatures import _KNOWN, of_text, parameters, positional


def function_at(path: str):
    owner, _, name = path.rpartition(".")
    return getattr({"": np, "ndarray": np.ndarray, "ufunc": np.add}[owner], name)


@pytest.mark.parametrize("path", _KNOWN)
def test_table_is_true(path: str) -> None:
    function = function_at(path)
    if np.lib.NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("this NumPy does not tell what its functions in C take")
    told, ours = inspect.signature(function).parameters, of_text(_KNOWN[path])
    hidden = any(p.kind is p.VAR_KEYWORD for p in told.values())  # NumPy tells no more of some methods
    for name, p in told.items():
        if name in ours:
            assert (ours[name].kind, ours[name].default) == (p.kind, p.default), name
        else:  # an option of a later version
            assert p.kind in (p.VAR_KEYWORD, p.KEYWORD_ONLY)
    assert hidden or ours.keys() <= told.keys()
    names = [name for name in ours if name in told]
    assert names == [name for name in told if name in ours]
    assert list(ours)[: len(names)] == names


@pytest.mark.parametrize("name", ["max", "mean", "min", "prod", "std", "sum", "var"])
def test_hidden_options_are_true(name: str) -> None:
    """What stands behind ``**kwargs`` can be given, and by position where the table says so."""
    x = np.array([[1.5, 2.0, -1.0], [0.5, 3.0, 4.0]])
    method = getattr(np.ndarray, name)
    for option in parameters(method).keys() - {"self"}:
        value = {"keepdims": True, "axis": 1, "dtype": float, "out": np.empty((2, 1)), "initial": 1.0, "ddof": 1,
                 "where": x > -10, "mean": x.mean(axis=1, keepdims=True), "correction": 1}[option]  # fmt: skip
        needed = {"initial": 0.0} if option == "where" and name in ("max", "min") else {}
        method(x, **{"axis": 1, "keepdims": True, option: value, **needed})
    at = positional(method).index("keepdims")
    given = [x, 1, *[0 if option == "ddof" else None for option in positional(method)[2:at]], True]
    np.testing.assert_array_equal(method(*given), method(x, axis=1, keepdims=True))


def test_what_does_not_tell_has_no_names() -> None:
    assert positional(max) == ()
    assert positional(np.add.reduce) == positional(np.multiply.reduce)


def test_what_has_no_hash_has_no_names() -> None:
    class Scaled:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, x):
            return 2 * x

    assert positional(Scaled()) == ()
