"""``output=`` of ``scipy.ndimage``: an array that is written, be it the input or a part of another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import s2sad

ndimage = pytest.importorskip("scipy.ndimage", reason="SciPy is not installed")

X = np.array([[0.5, 1.2], [2.0, 0.7]])


def smoothed(x: Any) -> Any:
    y = x * 2
    ndimage.gaussian_filter(y, 1.2, output=y)
    ndimage.sobel(x, 0, x)
    return np.sum(y**2 + x**2)


def smoothed_anew(x: Any) -> Any:
    return np.sum(ndimage.gaussian_filter(x * 2, 1.2) ** 2 + ndimage.sobel(x, 0) ** 2)


def into_a_part(x: Any) -> Any:
    y = np.zeros((3, 2, 2))
    ndimage.laplace(x, y[1])
    return np.sum(y**2)


def into_its_input(x: Any) -> Any:
    y = x * 2
    ndimage.laplace(y, output=y)
    return np.sum(y**2)


def into_what_its_input_is_seen_in(x: Any) -> Any:
    y = np.empty((2, 2))
    view = y[:]
    view[:] = x
    ndimage.laplace(view, output=y)
    return np.sum(y**2)


def into_an_argument(x: Any, y: Any) -> Any:
    ndimage.laplace(x, output=y)
    return np.sum(y**2)


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise s2sad.UnsupportedError("everything is refused here")


def test_output_in_the_memory_of_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for fun in (into_its_input, into_what_its_input_is_seen_in):  # SciPy reads there what it has written
        with pytest.raises(s2sad.UnsupportedError, match="output="):
            s2sad.grad(fun)(X)
    expected, part = s2sad.grad(smoothed_anew)(X), s2sad.grad(lambda x: np.sum(ndimage.laplace(x) ** 2))(X)
    np.testing.assert_allclose(s2sad.grad(into_a_part)(X), part, rtol=1e-14)
    np.testing.assert_allclose(s2sad.grad(into_an_argument)(X, np.zeros((2, 2))), part, rtol=1e-14)
    monkeypatch.setenv("S2SAD_RECORD", "0")
    with pytest.raises(s2sad.UnsupportedError, match="output="):  # it may be the same array
        s2sad.grad(into_an_argument)(X, np.zeros((2, 2)))
    with pytest.raises(s2sad.UnsupportedError, match="output="):
        s2sad.grad(into_what_its_input_is_seen_in)(X)
    np.testing.assert_allclose(s2sad.grad(smoothed)(X), expected, rtol=1e-14)
    monkeypatch.undo()
    monkeypatch.setattr("s2sad.compiled.Transformed.generate", refuse)
    np.testing.assert_allclose(s2sad.grad(smoothed)(X), expected, rtol=1e-14)
