"""The command line: exit codes, what is printed where, and that what it prints is right."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad import cli
from s2sad.rules.table import RULES

ROOT = Path(__file__).resolve().parent.parent

MODELS = """
import numpy as np
import s2sad

G = 2.0


def loss(w, x: "f8[m, n]", rate=0.5):
    h = np.tanh(x @ w)
    return np.sum(h**2) * rate * G


def cube(x):
    return x**3


def rows(a):
    return a * 2.0


def less(x):
    return x**2 if x < 1 else x


@s2sad.extend.custom_vjp
def wrong_square(x):
    return x**2


wrong_square.defvjp(lambda x: (x**2, x), lambda x, bar: (3 * x * bar,))


def mistaken(x):
    return np.sum(wrong_square(x))


def refused(x: float):
    return eval("x") * x


def unsupported(x):
    y = np.cbrt(x)
    z = np.exp2(x)
    return np.sum(y) + np.sum(z)


def indexed(x):
    return x[0] * x[1]


def anything(x, *xs):
    return x**2


class Model:
    def energy(self, x):
        return np.sum(x**2)


@s2sad.value_and_grad
def decorated(x):
    return x**2


constant = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "models.py").write_text("from .other import F\n" + MODELS)
    (tmp_path / "shop" / "other.py").write_text("F = 1.0\n")
    (tmp_path / "script.py").write_text("import beside\n" + MODELS)
    (tmp_path / "beside.py").write_text("")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("shop", "script", "beside", "broken"):
            del sys.modules[name]


@pytest.fixture
def run(folder, capsys):
    """Run the command line in this process: exit code, stdout, stderr."""

    def call(*words):
        code = cli.main([str(w) for w in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def s2sad_process(folder, *words, **env):
    return subprocess.run(
        [sys.executable, "-m", "s2sad", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )


def test_show_is_runnable_as_pasted(folder):
    shown = s2sad_process(folder, "show", "shop.models:loss", "--wrt", "w", "--arg", "w:f8[n]")
    assert shown.returncode == 0, shown.stderr
    assert "\x1b" not in shown.stdout
    script = (
        "import sys\nclass Blocked:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 's2sad': raise ImportError('blocked')\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "class Stub:\n"
        "    extend = property(lambda self: self)\n"
        "    def custom_vjp(self, f): f.defvjp = lambda *halves: None; return f\n"
        "    value_and_grad = custom_vjp\n"
        "sys.modules['s2sad'] = Stub()  # for shop.models\n"
        + shown.stdout
        + textwrap.dedent("""
            w, x, e = np.array([0.5, -0.25]), np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]]), 1e-6
            loss = models.loss
            d = np.array([0.3, 0.7])
            along = (loss(w + e * d, x) - loss(w - e * d, x)) / (2 * e)
            assert abs(loss_grad(w, x) @ d - along) < 1e-8
            print('right')
        """)
    )
    done = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, cwd=folder,
                          env={"PATH": os.environ["PATH"]})  # fmt: skip
    assert done.stdout == "right\n", done.stderr


@pytest.mark.parametrize("target", ["script.py:cube", "./script.py:cube", "shop.models:cube", "shop/models.py:cube"])
def test_targets(run, target):
    code, out, err = run("show", target)
    assert (code, err) == (0, "")
    scope = {}
    exec(out, scope)
    assert scope["cube_grad"](2.0) == 12.0
    place = "shop/models.py" if "shop" in target else "script.py"
    assert f"# source: {place}::cube " in out


def test_file_outside(run, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere") / "far.py"
    other.write_text("def f(x):\n    return x * x\n")
    path = list(sys.path)
    code, out, _ = run("show", f"{other}:f")
    assert code == 0 and sys.path == path
    assert str(other.parent) not in out
    del sys.modules["far"]


def test_methods_and_decorated_functions(run):
    code, out, _ = run("show", "shop.models:Model.energy", "--arg", "x:f8[n]")
    assert code == 0 and "def energy_grad(self, x):" in out
    code, out, _ = run("show", "shop.models:decorated")
    assert code == 0 and "def decorated_value_and_grad(x):" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "shop.models:los"], "no 'los'; did you mean 'loss'?"),
        (["show", "shop.models:Model.enrgy"], "did you mean 'energy'?"),
        (["show", "shop.model:loss"], "no module named 'shop.model'; did you mean 'models'?"),
        (["show", "scrpt.py:cube"], "no file 'scrpt.py'; did you mean 'script.py'?"),
        (["show", "broken:f"], "importing broken failed: ZeroDivisionError"),
        (["show", "broken.py:f"], "importing broken.py failed: ZeroDivisionError"),
        (["show", "shop.models:constant"], "not a function written in Python"),
        (["show", "nonsense"], "is not a target"),
        (["show", "shop.models:loss", "--wrt", "q"], "no parameter 'q'"),
        (["show", "shop.models:loss", "--wrt", "9"], "out of range"),
        (["show", "shop.models:loss", "--arg", "w"], "NAME:TYPE"),
        (["show", "shop.models:loss", "--arg", "q:float"], "no parameter 'q'"),
        (["show", "shop.models:loss", "--arg", "w:f8[3"], "is not a type"),
        (["show", "shop.models:loss", "--arg", "w:float", "--arg", "w:int"], "given twice"),
        (["show", "shop.models:loss", "--mode", "nothing"], "invalid choice"),
        (["show", "shop.models:loss", "--why", "--stage", "types"], "leave the other options out"),
        (["show", "shop.models:loss", "--json", "--diff"], "not allowed with"),
        (["check", "shop.models:los"], "did you mean 'loss'?"),
        (["check", "shop.models:loss", "--at", "nothing.npz"], "can't be read"),
        (["check", "shop.models:Model.energy"], "is a method"),
        (["build", "shop.models:anything", "-o", "made.py", "--emit-tests"], "more than plain arguments"),
        (["build", "shop.models:loss"], "needs -o FILE"),
        (["build"], "no pyproject.toml"),
        (["rules", "tanhh"], "did you mean 'tanh'?"),
        (["show", "shop.models:loss", "--stage", "nothing"], "invalid choice"),
        (["nothing"], "invalid choice"),
        (["show"], "TARGET"),
    ],
)
def test_wrong_usage(run, words, message):
    code, out, err = run(*words)
    assert code == 2 and out == ""
    assert message in err
    assert "Traceback" not in err


def test_no_command(run):
    assert run()[0] == 2


def test_refusal_shows_every_reason_with_carets(run, monkeypatch):
    for function in (np.cbrt, np.exp2):
        monkeypatch.delitem(RULES, function)
    code, out, err = run("show", "shop.models:unsupported", "--arg", "x:f8[n]")
    assert code == 3 and out == ""
    source = (Path("shop") / "models.py").read_text().splitlines()
    found = re.findall(r"(?m)^(\S+):(\d+):(\d+): error: (.*)\n    (.*)\n    ( *)(\^+)$", err)
    assert len(found) == 2, err
    for file, line, column, _, shown, blank, carets in found:
        assert file == os.path.join("shop", "models.py")
        assert source[int(line) - 1] == shown
        assert len(blank) == int(column) - 1
        pointed = shown[len(blank) : len(blank) + len(carets)]
        assert pointed in ("np.cbrt(x)", "np.exp2(x)")
    assert {f[3].split()[0] for f in found} == {"np.cbrt", "np.exp2"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["shop.models:rows", "--arg", "a:f8[n]"], "real scalar"),
        (["shop.models:cube", "--arg", "x:int"], "can't differentiate with respect to 'x'"),
        (["shop.models:indexed"], "known only when the program runs"),
    ],
)
def test_refused(run, words, message):
    code, out, err = run("show", *words)
    assert code == 3 and out == "" and message in err


def test_errors_of_s2sad_itself(run, monkeypatch):
    from s2sad import ahead

    def fail(*args):
        return len(None)

    monkeypatch.setattr(ahead, "parameter_types", fail)
    code, _, err = run("show", "shop.models:cube")
    assert code == cli.FAILED == 4
    assert "Traceback" in err and "error in s2sad" in err


@pytest.mark.parametrize("stage", ["lower", "types", "memory", "adjoint", "simplified"])
def test_stages(run, stage):
    code, out, err = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--stage", stage)
    assert (code, err) == (0, "")
    assert out.startswith("function loss(")
    assert "tanh" in out
    assert ("w_bar" in out or "transpose" in out) == (stage in ("adjoint", "simplified"))
    assert ("global np" in out) == (stage == "lower")
    assert ("w: f8[n]" in out) == (stage == "types")


def test_stages_of_vjp(run):
    assert run("show", "shop.models:rows", "--mode", "vjp", "--stage", "memory")[0] == 0
    assert run("show", "shop.models:rows", "--mode", "vjp", "--stage", "adjoint")[0] == 2


def test_modes_and_wrt(run):
    direction = np.array([1.0, -0.5]), 0.0
    for mode in ("jvp", "hvp"):
        code, out, _ = run("show", "shop.models:loss", "--mode", mode, "--arg", "w:f8[n]", "--wrt", "w,rate")
        assert code == 0
        scope = {}
        exec(out, scope)
        args = np.array([0.5, 0.25]), np.ones((3, 2)), 0.5
        found = scope[f"loss_{mode}"](*args, *direction)
        expected = getattr(s2sad, mode)
        loss = sys.modules["shop.models"].loss
        wanted = (
            expected(loss, args, (direction[0], None, direction[1]))
            if mode == "jvp" else expected(loss)(args, (direction[0], None, direction[1]))
        )  # fmt: skip
        for a, b in zip(found, wanted, strict=True):
            assert np.allclose(a, b, rtol=1e-12)
        with pytest.raises(ValueError, match="tangent of shape"):
            scope[f"loss_{mode}"](*args, np.ones(3), 0.0)
    for mode in ("grad", "value_and_grad", "vjp"):
        code, out, _ = run("show", "shop.models:loss", "--mode", mode, "--arg", "w:f8[n]", "--wrt", "w,rate")
        assert code == 0
        scope = {}
        exec(out, scope)
        function = scope[f"loss_{mode}"]
        result = function(np.array([0.5, 0.25]), np.ones((3, 2)))
        gradient = result if mode == "grad" else result[1] if mode == "value_and_grad" else result[1](1.0)
        assert len(gradient) == 2 and gradient[0].shape == (2,)
    assert run("show", "shop.models:loss", "--arg", "w:f8[n]", "--wrt", "0,-1")[0] == 0


def test_constant_arguments(run):
    code, out, _ = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--arg", "rate:=0.25")
    scope = {}
    exec(out, scope)
    with pytest.raises(TypeError, match=r"rate must be 0\.25"):
        scope["loss_grad"](np.ones(2), np.ones((3, 2)), 0.5)
    assert code == 0


def test_colours(run, monkeypatch):
    pytest.importorskip("pygments")
    plain = run("show", "shop.models:cube", "--color", "never")[1]
    assert run("show", "shop.models:cube")[1] == plain  # no terminal
    coloured = run("show", "shop.models:cube", "--color", "always")[1]
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert run("show", "shop.models:cube")[1] == coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("show", "shop.models:cube")[1] == plain


def test_colours_need_pygments(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygments", None)
    code, out, err = run("show", "shop.models:cube", "--color", "always")
    assert code == 0 and "\x1b" not in out and "pygments" in err


def test_build_and_check(run, folder):
    words = ["build", "shop.models:cube", "-o", "made/cube.py"]
    code, out, _ = run(*words, "--check")
    assert code == 1 and "made/cube.py: missing" in out and not Path("made").exists()
    assert run(*words) == (0, "made/cube.py: written\n", "")
    text = Path("made/cube.py").read_text()
    assert text == run("show", "shop.models:cube")[1]
    assert run(*words) == (0, "made/cube.py: unchanged\n", "")
    assert run(*words, "--check") == (0, "", "")
    Path("made/cube.py").write_text(text.replace("x**2", "x**3"))
    code, out, _ = run(*words, "--check")
    assert code == 1
    assert "made/cube.py: stale" in out
    assert re.search(r"(?m)^-.*x\*\*3", out) and re.search(r"(?m)^\+.*x\*\*2", out)
    assert out.splitlines()[-1] == "to update: s2sad build shop.models:cube -o made/cube.py"
    assert "x**3" in Path("made/cube.py").read_text()


def test_derivative_comes_first(run):
    for mode in ("grad", "vjp"):
        out = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--mode", mode)[1]
        names = [n.name for n in ast.parse(out).body if isinstance(n, ast.FunctionDef)]
        assert names[0] == f"loss_{mode}"
        assert names[-1].startswith("_")
        checks = [n.startswith("_") for n in names]
        assert checks == sorted(checks)  # what checks arguments stands below everything else


def test_why(run):
    code, out, _ = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--why")
    assert code == 0
    exec(out, {})
    why = out[out.index("# why") :]
    line = next(n for n, text in enumerate(Path("shop/models.py").read_text().splitlines(), 1) if "h = np.tanh" in text)
    assert "differentiated by: w (f8[n])" in why
    assert "constant: x (f8[m, n]), rate (float)" in why
    assert f"goes through: h (line {line})" in why
    assert f"kept for the backward part: h of line {line} (f8[m])" in why
    assert re.search("compiled in as it is now: .*G", why)
    out = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--mode", "vjp", "--why")[1]
    exec(out, {})
    assert "kept for the backward part: w, under its name" in out


def test_side_by_side(run):
    code, out, _ = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--side-by-side")
    assert code == 0
    left, right = zip(
        *[(line + " ").split(" | ") if " |" in line else (line, "") for line in out.splitlines()], strict=True
    )
    source = Path("shop/models.py").read_text().splitlines()
    for text in left:
        found = re.match(r"\s*(\d+)\s\^?\s*(.*)", text)
        if found:
            assert source[int(found[1]) - 1].strip() == found[2].strip()
    assert any("^" in text for text in left)
    made = [r for r in right if "return" in r]
    assert made and right[0].startswith("def loss_grad(")


def test_html(run, folder):
    code, out, _ = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--html", "loss.html")
    assert (code, out) == (0, "loss.html: written\n")
    page = (folder / "loss.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "h = np.tanh(x @ w)" in page and "loss_grad" in page
    assert "http" not in page  # nothing is fetched from elsewhere
    run("show", "script.py:less", "--html", "less.html")
    assert "x &lt; 1" in (folder / "less.html").read_text()


def test_json(run):
    code, out, _ = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["name"] == "loss_grad" and found["wrt"] == ["w"] and found["mode"] == "grad"
    assert found["parameters"][0] == {"name": "w", "type": "f8[n]"}
    assert found["module"] == run("show", "shop.models:loss", "--arg", "w:f8[n]")[1]
    assert {d["name"] for d in found["active"]} == {"h"}


def test_diff(run):
    code, out, _ = run("show", "shop.models:loss", "--arg", "w:f8[n]", "--diff")
    assert code == 0
    assert out.startswith("--- shop.models:loss\n+++ shop.models:loss (grad)\n")
    assert "\n     h = np.tanh(x @ w)\n" in out and "\n+    # backward: " in out


def test_check(run, folder):
    code, out, _ = run("check", "shop.models:loss", "--arg", "w:f8[n]")
    assert code == 0
    assert out.splitlines() == [
        "right: reverse mode: shop.models:loss at examples",
        "right: forward mode, and <J^T c, v> = <c, J v>: shop.models:loss at examples",
    ]
    np.savez(folder / "at.npz", w=np.array([0.5, 2.0]), x=np.ones((3, 2)))
    code, out, _ = run("check", "shop.models:loss", "--at", "at.npz", "--order", "2", "--wrt", "w")
    assert code == 0 and out.count("right") == 2 and "at.npz" in out
    code, out, _ = run("check", "shop.models:cube", "--arg", "x:f8[n]")
    assert code == 0
    np.savez(folder / "more.npz", w=np.ones(2), q=1.0)
    code, _, err = run("check", "shop.models:loss", "--at", "more.npz")
    assert code == 2 and "has 'q', but the parameters are w, x, rate" in err


def test_check_finds_a_wrong_derivative(run):
    code, out, _ = run("check", "script.py:mistaken", "--arg", "x:f8[3]")
    assert code == 1
    assert out.startswith("wrong: reverse mode of mistaken in a random direction")
    assert "worst entry: x[" in out


def test_check_of_a_refused_function(run):
    code, _, err = run("check", "shop.models:refused")
    assert code == 3 and "eval() is not supported" in err


@pytest.mark.parametrize(
    ("target", "mode"),
    [
        *(("shop.models:loss", mode) for mode in ("grad", "value_and_grad", "vjp", "jvp", "hvp")),
        ("script.py:loss", "grad"),
    ],
)
def test_emitted_tests(folder, run, target, mode):
    words = [
        "build",
        target,
        "--arg",
        "w:f8[n]",
        "--wrt",
        "w,rate",
        "--mode",
        mode,
        "-o",
        "made/loss.py",
        "--emit-tests",
    ]
    assert run(*words)[0] == 0
    assert run(*words, "--check") == (0, "", "")
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}

    def tests():
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "made/test_loss.py"]
        return subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder)

    done = tests()
    assert done.returncode == 0, done.stdout
    text = Path("made/loss.py").read_text()
    name = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)).name
    scale = {"grad": "[2 * g for g in f(*a)]", "hvp": "[2 * g for g in f(*a)]",
             "value_and_grad": "(f(*a)[0], [2 * g for g in f(*a)[1]])", "jvp": "(f(*a)[0], 2 * f(*a)[1])",
             "vjp": "(f(*a)[0], lambda c: [2 * g for g in f(*a)[1](c)])"}  # fmt: skip
    Path("made/loss.py").write_text(f"{text}\nf = {name}\n{name} = lambda *a: {scale[mode]}\n")
    assert tests().returncode == 1


def test_build_notices_an_edited_function(folder):
    words = ("build", "script.py:cube", "-o", "cube_grad.py")
    assert s2sad_process(folder, *words).returncode == 0
    script = folder / "script.py"
    script.write_text("# a comment\n" + script.read_text())
    assert s2sad_process(folder, *words, "--check").returncode == 0
    script.write_text(script.read_text().replace("return x**3", "return x**4"))
    done = s2sad_process(folder, *words, "--check")
    assert done.returncode == 1 and "4 * x**3" in done.stdout
    assert s2sad_process(folder, *words).returncode == 0
    assert s2sad_process(folder, *words, "--check").returncode == 0


def test_build_of_a_project(run, folder):
    (folder / "pyproject.toml").write_text(
        '[tool.s2sad]\noutput-dir = "shop/_grad"\n[[tool.s2sad.function]]\nsource = "shop.models:cube"\n'
    )
    assert run("build", "--check")[0] == 1
    assert run("build")[:2] == (0, "shop/_grad/cube.py: written\n")
    assert run("build", "--check")[:2] == (0, "")
    assert run("build", "--wrt", "x")[0] == 2


def test_rules(run):
    code, out, _ = run("rules")
    assert code == 0
    assert re.search(r"(?m)^numpy \(\d+\)$", out) and " tanh" in out
    assert re.search(r"(?m)^math \(\d+\)$", out)
    code, out, _ = run("rules", "np.tanh")
    assert code == 0
    assert "return 1 - y**2" in out and "cmath" not in out
    assert run("rules", "numpy.tanh")[1] == out
    assert out in run("rules", "tanh")[1]
    assert "zero wherever it exists" in run("rules", "np.floor")[1]
    if importlib.util.find_spec("scipy"):
        assert "np.std(a" in run("rules", "sem")[1]  # and not how its options are taken
    for line in out.splitlines():
        if not line.startswith("#"):
            break
    ast.parse(out)


def test_cache(run, folder, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(folder / "cache"))
    code, out, _ = run("cache")
    assert code == 0 and "0 entries" in out and str(folder / "cache") in out
    (folder / "cache").mkdir()
    (folder / "cache" / "a.s2sad.py").write_text("")
    assert "1 entries" in run("cache")[1]
    code, out, _ = run("cache", "--clear")
    assert code == 0 and "1 entries deleted" in out
    assert "0 entries" in run("cache")[1]


def test_version_and_help(folder):
    done = s2sad_process(folder, "--version")
    assert (done.returncode, done.stdout) == (0, f"s2sad {s2sad.__version__}\n")
    for words in ((), ("show",), ("build",), ("check",), ("rules",), ("cache",)):
        done = s2sad_process(folder, *words, "--help")
        assert done.returncode == 0 and "usage: s2sad" in done.stdout


def test_reader_that_stops_early(folder):
    command = f"{sys.executable} -m s2sad rules | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=folder,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.stderr == ""
