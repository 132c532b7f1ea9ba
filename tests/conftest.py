"""``pytest --update-golden`` writes what the compiler makes now over the expected texts (goldens, documents)."""

import gc
import os
import tempfile
from pathlib import Path

import pytest

_CACHE = pytest.StashKey()


def pytest_configure(config):
    """Tests, and the processes that they start, keep what they generate in a folder of their own."""
    config.stash[_CACHE] = folder = tempfile.TemporaryDirectory(prefix="s2sad-tests-")
    os.environ["S2SAD_CACHE_DIR"] = folder.name


def pytest_collection_finish():
    """What is there now stays: the garbage collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_sessionfinish():
    """Nor is there anything to be gained at the end, where pytest collects several times."""
    gc.freeze()


def pytest_unconfigure(config):
    os.environ.pop("S2SAD_CACHE_DIR", None)
    config.stash[_CACHE].cleanup()


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the expected texts anew, instead of comparing")


KEEPING = {
    "test_architecture",
    "test_cache",
    "test_cli",
    "test_readme",
    "test_ahead",
}  # files on the disk, which others need not wait for


@pytest.fixture(autouse=True)
def no_files(request, monkeypatch):
    """What is generated is kept in memory only."""
    if request.module.__name__.rpartition(".")[2] not in KEEPING:
        monkeypatch.setenv("S2SAD_CACHE", "0")


@pytest.fixture(autouse=True)
def own_rules():
    """Rules that a test registers are gone after it; those of SciPy, loaded when they are met, stay."""
    from s2sad.rules.table import RULES

    before = dict(RULES)
    yield
    if before == RULES:
        return
    for function, rule in list(RULES.items()):
        if function in before and before[function] is not rule:
            RULES[function] = before[function]
        elif function not in before and not _of_a_library(rule):
            del RULES[function]


def _of_a_library(rule):
    made_by = rule.pullback if rule.pullback is not None else rule.functions[0]
    return (getattr(made_by, "__module__", None) or "numpy").startswith(("s2sad.", "scipy", "numpy"))


@pytest.fixture
def recorded(monkeypatch):
    """The compiler refuses everything."""
    from tests.refusing import refuse_all

    refuse_all(monkeypatch)


@pytest.fixture
def expect_file(request):
    """``expect_file(path, text)``: the file holds the text; with ``--update-golden`` it is written."""

    def compare(path, text):
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path.name} does not exist: run pytest --update-golden, and read what it writes"
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not what is made now (pytest --update-golden)"

    return compare


def pytest_collection_modifyitems(items):
    """The tests of ``known_failures.txt`` must fail."""
    text = Path(__file__).with_name("known_failures.txt").read_text(encoding="utf-8")
    known = {line for line in text.splitlines() if line and not line.startswith("#")}
    for item in items:
        if item.nodeid in known:
            item.add_marker(pytest.mark.xfail(reason="known_failures.txt says why", strict=True))
