"""Maxima that cancel get no cotangent; those that do not, do."""

from __future__ import annotations

import numpy as np
import pytest

import s2sad

X = np.array([[0.3, -1.2, 2.0, 0.1], [1.5, 0.4, -0.2, 0.9], [-0.7, 0.6, 0.8, 1.1]])
WEIGHTS = np.array([[0.2, 1.1, -0.4, 0.6], [0.9, -0.3, 0.5, 1.4], [-1.0, 0.8, 0.7, 0.1]])


def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(WEIGHTS * (e / np.sum(e, axis=1, keepdims=True)))


def softmax_of_all(x):
    e = np.exp(x - np.max(x))
    return np.sum(WEIGHTS * (e / np.sum(e)))


def softmax_method(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.sum(WEIGHTS * (e / e.sum(axis=1, keepdims=True)))


def log_softmax(x):
    shifted = x - np.max(x, axis=1, keepdims=True)
    return np.sum(WEIGHTS * (shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))))


def logsumexp(x):
    top = np.max(x, axis=0)
    return np.sum(WEIGHTS[0] * (top + np.log(np.sum(np.exp(x - top[None, :]), axis=0))))


def logsumexp_squeezed(x):
    top = np.max(x, axis=1, keepdims=True)
    return np.sum(WEIGHTS[:, 0] * (np.squeeze(top, axis=1) + np.log(np.sum(np.exp(x - top), axis=1))))


def tempered(x):
    top = np.max(x, axis=1, keepdims=True)
    return np.sum(WEIGHTS[:, :1] * (top + 0.7 * np.log(np.sum(np.exp((x - top) / 0.7), axis=1, keepdims=True))))


def tempered_by_number(x, temperature=0.7):
    e = np.exp((x - np.max(x, axis=1, keepdims=True)) / temperature)
    return np.sum(WEIGHTS * (e / np.sum(e, axis=1, keepdims=True)))


def soft_minimum(x):
    low = np.min(x, axis=1, keepdims=True)
    return np.sum(low - np.log(np.sum(np.exp(low - x), axis=1, keepdims=True)))


def in_loop(x):
    total = 0.0
    for row in x:
        e = np.exp(row - np.max(row))
        total += np.sum(WEIGHTS[0] * (e / np.sum(e)))
    return total


CANCELS = [softmax, softmax_of_all, softmax_method, log_softmax, logsumexp, logsumexp_squeezed, tempered,
           tempered_by_number, soft_minimum, in_loop]  # fmt: skip


def only_shifted(x):
    return np.sum(WEIGHTS * np.exp(x - np.max(x, axis=1, keepdims=True)))


def other_axis(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(WEIGHTS * (e / np.sum(e, axis=0, keepdims=True)))


def twice_added(x):
    top = np.max(x, axis=1, keepdims=True)
    return np.sum(2 * top + np.log(np.sum(np.exp(x - top), axis=1, keepdims=True)))


def other_scale(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(WEIGHTS * (e**2 / np.sum(e, axis=1, keepdims=True)))


def sum_of_maxima(x):
    top = np.max(x, axis=1, keepdims=True)
    e = np.exp(x - top)
    return np.sum(e / (1.0 + np.sum(e, axis=1, keepdims=True)))


def crossed(x):
    """Rows are shifted by the maxima of columns: a square of the same sizes hides that."""
    x = x[:, :3]
    e = np.exp(x - np.max(x, axis=0))
    return np.sum(WEIGHTS[:, :3] * (e / np.sum(e, axis=1, keepdims=True)))


def turned(x):
    x = x[:, :3]
    top = np.max(x, axis=1)
    return np.sum(WEIGHTS[0, :3] * (top + np.log(np.sum(np.exp(x - top), axis=1))))


def in_branch(x):
    top = np.max(x)
    e = np.exp(x - top)
    y = np.sum(WEIGHTS * (e / np.sum(e)))
    if y > -100:
        y = y + top
    return y


def times_itself(x):
    top = np.max(x)
    return np.sum(WEIGHTS * ((x - top) * top + top * top))


STAYS = [times_itself, only_shifted, other_axis, twice_added, other_scale, sum_of_maxima, crossed, turned, in_branch]


def check(f):
    gradient = s2sad.grad(f)
    exact = gradient(X)
    for direction in np.random.default_rng(3).normal(size=(3, *X.shape)):
        h = 1e-5
        slope = (f(X + h * direction) - f(X - h * direction)) / (2 * h)
        assert abs(np.sum(exact * direction) - slope) < 1e-8 * max(1.0, abs(slope))
    return gradient.source


@pytest.mark.parametrize("f", CANCELS)
def test_cancels(f):
    assert " == " not in check(f)


@pytest.mark.parametrize("f", STAYS)
def test_stays(f):
    assert " == " in check(f)
