"""The examples in the documentation of functions run, and print what they say."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import s2sad

NAMES = [m.name for m in pkgutil.walk_packages(s2sad.__path__, "s2sad.")]
MODULES = [n for n in NAMES if not n.startswith("s2sad.rules.") and n != "s2sad.__main__"]  # rules would be registered


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"np": np})
    assert failed == 0


def test_everything_public_has_an_example():
    places = [s2sad, s2sad.extend, s2sad.optimize]
    functions = [getattr(place, n) for place in places for n in getattr(place, "__all__", ["hessp"])]
    plain = [f for f in functions if callable(f) and not isinstance(f, type)]
    assert len(plain) > 15
    assert [f.__name__ for f in plain if ">>>" not in (f.__doc__ or "")] == []
