"""What the README shows is what comes out: its examples are run, and their output is compared.

``pytest tests/test_readme.py --update-golden`` writes the output that comes out now into it.
"""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.documents import BLOCK, ROOT, command_line, dead_links, regenerated, section

README = ROOT / "README.md"
CONVENTIONS = ROOT / "docs" / "conventions.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the examples in it, and an empty cache elsewhere."""
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "here" / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "here"


def test_examples(folder, expect_file):
    expect_file(README, regenerated(README.read_text(encoding="utf-8"), folder))


def test_conventions(folder, expect_file):
    expect_file(CONVENTIONS, regenerated(CONVENTIONS.read_text(encoding="utf-8"), folder))


def quick_start():
    text = section(README.read_text(encoding="utf-8"), "Quick start")
    return [body for language, _, body in BLOCK.findall(text) if language == "sh"]


def test_quick_start_shows_a_derivative(folder):
    first, _ = quick_start()
    *setup, last = [line for line in first.replace("\\\n", " ").splitlines() if line]
    assert setup == ["python -m venv .venv", ".venv/bin/pip install ."]
    words = shlex.split(last)
    assert words[0] == ".venv/bin/s2sad"
    code, printed = command_line(words[1:], folder)
    assert code == 0
    assert "def training_loss_grad(weights, inputs, targets):" in printed
    assert "inputs.T @" in printed


def test_quick_start_runs_the_tests():
    _, second = quick_start()
    assert second.startswith("python -m venv .venv\n.venv/bin/pip install -e '.[test]'\n")
    assert re.search(r"^\.venv/bin/(python -m )?pytest", second, re.M)


def test_links():
    assert dead_links(README) == []
    assert dead_links(CONVENTIONS) == []
    assert dead_links(ROOT / "examples" / "README.md") == []


def test_output_that_changed_is_seen(folder):
    """The check itself: another output in the text comes back as the right one."""
    right = "```python\n# sum.py\nprint(1 + 1)\n```\n\n```text output\n2\n```\n"
    assert regenerated(right, folder) == right
    assert regenerated(right.replace("\n2\n", "\n3\n"), folder) == right


def test_figures_of_speed():
    """Those of README are those of the last benchmark run."""
    results = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    means = dict(re.findall(r"^- (\S+) over hand: (\S+) ", results, re.M))
    ratios = re.findall(r"^\| [^|]+\| (\d\S*) \| (\d\S*) \| \S+ \| \S+ \| \S+ \| \S+ \|$", results, re.M)
    worst = max(float(ours) / float(hand) for hand, ours in ratios)
    said = re.findall(r"\d+\.\d+", section((ROOT / "README.md").read_text(encoding="utf-8"), "Speed"))
    assert said == [means["s2sad"], f"{worst:.2f}", means["autograd"], means["torch"], means["jax"]]
    assert len(ratios) == 14
