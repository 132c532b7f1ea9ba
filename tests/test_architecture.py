"""Imports go one way, and docs/architecture.md shows what the compiler makes now (``--update-golden`` writes it)."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.documents import ROOT, dead_links, regenerated

DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))

# A module belongs to the layer of its longest prefix here.
LAYERS = [
    ("data", ["s2sad.ir", "s2sad.errors", "s2sad.runtime", "s2sad.wrapper"]),
    ("rules", ["s2sad.rules"]),
    ("frontend", ["s2sad.frontend", "s2sad.source", "s2sad.samecode", "s2sad.stores", "s2sad.stored", "s2sad.disk"]),
    ("passes", ["s2sad.passes"]),
    ("autodiff", ["s2sad.autodiff"]),
    ("codegen", ["s2sad.codegen"]),
    ("pipeline", ["s2sad.pipeline", "s2sad.recording"]),
    ("api", ["s2sad"]),
    ("cli", ["s2sad.cli", "s2sad.__main__"]),
]
PARSERS = {"gast", "astunparse"}
MAY_PARSE = ("s2sad.frontend", "s2sad.source", "s2sad.codegen.syntax", "s2sad.codegen.printer")

# These are wrong and known: the lists may only become shorter.
UPWARD = {
    ("s2sad.runtime", "s2sad.api"),  # a function that is known only at run time is differentiated there
}
PARSE_ELSEWHERE = {("s2sad.disk", "gast"), ("s2sad.disk", "astunparse")}  # for their versions
CYCLES = {
    frozenset({"s2sad.autodiff.halves", "s2sad.autodiff.reverse"}),  # a call's adjoint is made of its callee's
}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "s2sad").rglob("*.py"))}


@functools.cache
def imports(name):
    """The modules that a module imports, anywhere in it; those for type checkers alone are left out."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    for_checkers = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and isinstance(test.test, ast.Name) and test.test.id == "TYPE_CHECKING"
        for node in ast.walk(test)
    }
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if id(node) in for_checkers:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            full = {f"{base}.{alias.name}" for alias in node.names}
            found |= {m if m in MODULES else base for m in full}
    return found


def layer(name):
    def fits(prefix):
        return name == prefix or name.startswith(prefix + ".")

    return max(
        (len(prefix), number) for number, (_, prefixes) in enumerate(LAYERS) for prefix in prefixes if fits(prefix)
    )[1]


def test_imports_go_down():
    found = {(a, b) for a in MODULES for b in imports(a) if b in MODULES and layer(b) > layer(a)}
    assert found == UPWARD


def test_only_frontend_and_printer_parse():
    found = {
        (a, p) for a in MODULES if not a.startswith(MAY_PARSE) for b in imports(a) if (p := b.split(".")[0]) in PARSERS
    }
    assert found == PARSE_ELSEWHERE


def test_rules_import_little():
    """Derivatives need NumPy and the table; `inference` and `trial`, which say what results are, know the data too."""
    for name in MODULES:
        if name.startswith("s2sad.rules.") and not name.startswith(("s2sad.rules.inference", "s2sad.rules.trial")):
            ours = {m for m in imports(name) if m.startswith("s2sad")}
            assert all(m.startswith("s2sad.rules") or m == "s2sad.runtime" for m in ours), (name, ours)


def test_data_needs_numpy_only():
    known = sys.stdlib_module_names | {"numpy", "s2sad"}
    for name in MODULES:
        if layer(name) <= 1:
            assert {m.split(".")[0] for m in imports(name)} - {"scipy"} <= known, name


def cycles():
    """Sets of modules that import each other, inside functions too."""
    graph = {a: {b for b in imports(a) if b in MODULES and b != a} for a in MODULES}
    for a, b in UPWARD:
        graph[a].discard(b)
    reach = {a: reachable(graph, a) for a in graph}
    return {frozenset(b for b in reach[a] if a in reach[b]) for a in graph} - {frozenset()}


def reachable(graph, start):
    found, queue = set(), [start]
    while queue:
        for m in graph[queue.pop()] - found:
            found.add(m)
            queue.append(m)
    return found


def test_no_cycles():
    assert cycles() == CYCLES


def test_import_is_light():
    """``import s2sad`` is little more than ``import numpy``: the compiler comes with the first derivative."""
    show = "import sys, s2sad; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    heavy = ("gast", "astunparse", "scipy", "s2sad.rules", "s2sad.frontend", "s2sad.passes", "s2sad.autodiff")
    assert [m for m in loaded.split() if m.startswith((*heavy, "s2sad.codegen", "s2sad.pipeline"))] == []


def test_every_module_says_what_it_is():
    for name, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)) or not text.strip(), f"{name} has no docstring"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_examples(path, tmp_path, monkeypatch, expect_file):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    expect_file(path, regenerated(path.read_text(encoding="utf-8"), tmp_path / "here"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links(path):
    assert dead_links(path) == []
