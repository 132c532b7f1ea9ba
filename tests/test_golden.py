"""Goldens: generated gradients, kept as modules in ``tests/golden`` and read as code when they change.

``pytest tests/test_golden.py --update-golden`` writes them.  Each is the same text on every version of Python and
NumPy, and runs: it imports what it needs, and its function gives the gradient of the program.
"""

import importlib.util
import inspect
import sys
import types
from pathlib import Path

import pytest

from s2sad import runtime
from s2sad.arguments import argument_type
from s2sad.passes.session import Globals
from s2sad.pipeline import Selection, gradient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.workloads import jacobi_2d, newton_sqrt  # noqa: E402
from tests.programs import branches, calls, loops, memory, real, transformed  # noqa: E402
from tests.programs.data import normal  # noqa: E402
from tests.programs.harness import Program, check  # noqa: E402


def example(name):
    spec = importlib.util.spec_from_file_location(f"golden_example_{name}", ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def member(family, function):
    """The program of a function of ``tests/programs``, at its first arguments."""
    (found,) = [p for p in family.PROGRAMS if p.function is function]
    return Program(function, found.args[:1], found.argnums)


GOLDENS = {
    "training_loss": Program(
        example("logistic_regression").training_loss,
        [(0.5 * normal(3), normal(4, 3, seed=1), 1.0 * (normal(4, seed=2) > 0))],
    ),
    "rnn": Program(loops.array_state, [(0.5 * normal(3, 3), normal(3, seed=1), normal(4, 3, seed=2))], (0, 1)),
    "burgers": Program(memory.stencil_nonlinear, [(0.3 * normal(7), 0.1, 3)]),
    "newton": Program(newton_sqrt.primal, [(1234.5,)]),
    "elif_chain": member(branches, branches.elif_chain),
    "helper": member(calls, calls.nested_helpers),
    "recursion": Program(calls.tree_sum, [(normal(5),)]),
    "layers": member(real, real.multilayer_perceptron),
    "jacobi": Program(jacobi_2d.primal, [(normal(5, 5), 2)]),
    "stencil_element_loop": member(memory, memory.stencil_element_loop),
    "break_in_for": member(loops, loops.break_in_for),
    "mixture": member(real, real.gaussian_mixture),
    "parameters": member(real, real.recurrent_network),
    "van_der_pol": member(real, real.van_der_pol),
    "lagrangian": member(transformed, transformed.lagrangian),
}


def generated(program):
    """The gradient of a program as the compiler writes it, and what the text needs."""
    values = list(inspect.signature(program.function).bind(*program.args[0]).arguments.values())
    defaults = [p.default for p in inspect.signature(program.function).parameters.values()][len(values) :]
    names = inspect.signature(program.function).parameters
    known = [argument_type(v, n) for v, n in zip([*values, *defaults], names, strict=True)]
    single = isinstance(program.argnums, int)
    places = tuple((p, None) for p in ([program.argnums] if single else program.argnums))
    emitted = gradient(program.function, known, Selection(places, single)).parts["main"]
    return emitted.text, emitted.namespace


def module_text(name, program):
    """A module that runs: where it comes from, its imports, the generated text."""
    text, namespace = generated(program)
    imports, helpers = [], []
    for used, meant in sorted(namespace.items()):
        if isinstance(meant, (types.ModuleType, Globals)):
            imports.append(f"import {meant.__name__}" + (f" as {used}" if used != meant.__name__ else ""))
        else:
            assert getattr(runtime, used) is meant, f"a golden may use modules and s2sad.runtime, not {used}"
            helpers.append(used)
    if helpers:
        imports += [""] * bool(imports) + [f"from s2sad.runtime import {', '.join(helpers)}"]
    function = program.function
    place = Path(inspect.getsourcefile(function)).relative_to(ROOT).as_posix()
    head = [f"# The gradient of {function.__name__} of {place}; written by pytest --update-golden."]
    return "\n".join([*head, "", *imports, *([""] if imports else []), "", text.strip("\n")]) + "\n"


@pytest.mark.parametrize("name", GOLDENS)
def test_text(name, expect_file):
    expect_file(ROOT / "tests" / "golden" / f"{name}.py", module_text(name, GOLDENS[name]))


@pytest.mark.parametrize("name", GOLDENS)
def test_runs(name):
    """The kept module, on its own, gives the value's derivative in random directions."""
    path = ROOT / "tests" / "golden" / f"{name}.py"
    namespace = {"__name__": name}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), namespace)
    functions = [f for key, f in namespace.items() if key.endswith("_grad") and inspect.isfunction(f)]

    def engine(program):
        return lambda *args: (program.primal(args), functions[-1](*args))

    assert check(GOLDENS[name], engine) == "right"


def test_no_other_files():
    assert {p.stem for p in (ROOT / "tests" / "golden").glob("*.py")} == set(GOLDENS)
