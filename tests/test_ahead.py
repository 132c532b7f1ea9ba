"""Ahead-of-time modules: right, free of s2sad, the same bytes everywhere; and what they refuse when they are called."""

import ast
import dataclasses
import inspect
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from s2sad.ahead import module_text, modules_text, request
from s2sad.argtypes import parse_type, type_text
from s2sad.build import generate, generate_project
from s2sad.errors import UnsupportedError
from s2sad.ir.core import Const
from s2sad.targets import UsageError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.programs import programs  # noqa: E402
from tests.programs.harness import check, cotangent  # noqa: E402
from tests.rules.share import one_in  # noqa: E402

PROGRAMS = programs()


def run(text):
    """The public function of a generated module."""
    namespace = {"__name__": "generated"}
    exec(compile(text, "generated", "exec"), namespace)
    return namespace[next(n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef))]


def roots(text):
    """The packages that a module imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [n.module or "." for n in nodes if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    return {name.partition(".")[0] for name in names}


def engine(program):
    """Value and gradient by a module that is generated for the types of the arguments."""
    made = {}  # by what is asked for

    def call(*args, **kwargs):
        bound = inspect.signature(program.function, follow_wrapped=False).bind(*args, **kwargs)
        bound.apply_defaults()
        known = {k: f"= {v!r}" if isinstance(v, str) else v for k, v in bound.arguments.items()}
        mode = "vjp" if program.vjp else "value_and_grad"
        asked = request(program.function, program.argnums, mode, known)
        types = tuple(k.value if isinstance(k, Const) else k for k in asked.known)
        if types not in made:
            text = modules_text([asked])
            assert "s2sad" not in roots(text)
            made[types] = run(text)
        function = made[types]
        if not program.vjp:
            return function(*args, **kwargs)
        value, pullback = function(*args, **kwargs)
        return value, pullback(cotangent(value))

    return call


AHEAD_ONLY = re.compile(
    "ahead of time|no module can be generated|known only when the program runs|not a function written in Python"
)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if one_in(2, name)])
def test_program(name, monkeypatch):
    """Right; or refused for a reason that only modules have, or where the compiler refuses it too."""
    monkeypatch.setenv("S2SAD_RECORD", "0")
    program = dataclasses.replace(PROGRAMS[name], refused=None)
    try:
        check(program, engine)
    except (UnsupportedError, UsageError, NotImplementedError) as error:  # the last one by a rule, when it runs
        if not AHEAD_ONLY.search(str(error)):
            with pytest.raises(UnsupportedError):
                check(program)
        pytest.skip(str(error))
    except AssertionError as error:  # a program that may be refused, and is for another reason here
        if "refused for another reason" not in str(error) or not AHEAD_ONLY.search(str(error)):
            raise
        pytest.skip(str(error))


MODELS = '''
import math
import numpy as np

G = 2.0
STEPS = 3
BIG = True


def squash(a):
    return np.tanh(a) * G


def loss(theta, inputs: "f8[m, n]", scale=1.5, *, power=2):
    """Sum of powers.

    Second paragraph.
    """
    total = 0.0
    for k in range(power):
        total = total + np.sum(squash(inputs @ theta) ** 2) * scale
    if BIG:
        total = total + math.sin(scale)
    return total


def polynomial(x):
    return x**3 - 2 * x


def pair(x, y):
    return np.sum(x * y), np.max(x)


def overwrite(x, y):
    x[0] = x[0] * y[1]
    return np.sum(x * x)


class Model:
    def __init__(self, w):
        self.w = w

    def energy(self, x):
        return np.sum(self.w * x**2)

    @staticmethod
    def norm(x):
        return np.sum(x**2)


def make():
    weight = 3.0

    def inner(x):
        return weight * x

    return inner


inner = make()


def dynamic(x, f):
    return f(x)


def weighted(x, table=(1.0, 2.0)):
    return x * table[0] + x**2 * table[1]


def with_list(x, options=[1.0]):
    return x * 2
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a package ``pkg`` that has the module above."""
    name = "pkg"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "models.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for module in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[module]


THETA, INPUTS = np.linspace(-0.3, 0.8, 3), np.linspace(-1.0, 1.0, 12).reshape(4, 3)


def differences(fun, x, step=1e-6):
    """The gradient by central differences."""
    result = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        d = np.zeros_like(x)
        d[i] = step
        result[i] = (fun(x + d) - fun(x - d)) / (2 * step)
    return result


def test_text_reads_variables_of_the_module_late(project):
    import pkg.models as models

    text = module_text("pkg.models:loss", "theta", args={"theta": "f8[n]"})
    assert "import pkg.models as models\n" in text
    gradient = run(text)
    np.testing.assert_allclose(
        gradient(THETA, INPUTS), differences(lambda t: models.loss(t, INPUTS), THETA), rtol=1e-7, atol=1e-8
    )
    models.G = -1.25
    np.testing.assert_allclose(
        gradient(THETA, INPUTS, power=1),
        differences(lambda t: models.loss(t, INPUTS, power=1), THETA),
        rtol=1e-7,
        atol=1e-8,
    )


def test_variables_that_were_compiled_in_are_checked(project):
    import pkg.models as models

    gradient = run(module_text("pkg.models:loss", "theta", args={"theta": "f8[n]"}))
    models.BIG = False
    with pytest.raises(TypeError, match=r"models\.BIG must be True"):
        gradient(THETA, INPUTS)
    models.BIG, models.G = True, np.ones(4)
    with pytest.raises(TypeError, match=r"models\.G must be a float, .* not f8\[4\]"):
        gradient(THETA, INPUTS)


def test_header(project):
    lines = module_text("pkg.models:loss", "theta", args={"theta": "f8[n]"}).splitlines()
    assert lines[0] == "# Generated by s2sad 0.1.0: do not edit."
    assert re.fullmatch(
        r"# source: pkg/models\.py::loss  sha256:[0-9a-f]{12,}     options: sha256:[0-9a-f]{12,}", lines[1]
    )
    assert lines[2].startswith("# regenerate: s2sad build pkg.models:loss --wrt theta --arg 'theta:f8[n]'")
    assert "verify: " in lines[2]
    assert str(project) not in "\n".join(lines)


def hashes(text):
    return re.findall("sha256:([0-9a-f]+)", text)


def test_hash_covers_helpers_and_no_comments(project):
    def fresh(old, new):
        for module in [m for m in sys.modules if m.split(".")[0] == "pkg"]:
            del sys.modules[module]
        path = project / "pkg" / "models.py"
        path.write_text(MODELS.replace(old, new))
        os.utime(path, (1, len(new)))  # another time, for the import system
        return hashes(module_text("pkg.models:loss", "theta", args={"theta": "f8[n]"}))

    first = fresh("", "")
    assert fresh("    total = 0.0\n", "    # a comment\n    total = 0.0\n") == first
    assert fresh("np.tanh(a)", "np.sin(a)")[0] != first[0]
    assert fresh("return x**3", "return x**4") == first
    assert hashes(module_text("pkg.models:loss", "scale", args={"theta": "f8[n]"}))[1] != first[1]


def test_methods(project):
    import pkg.models as models

    for known in ({"self.w": "float"}, {"self": models.Model(2.0)}):
        gradient = run(module_text("pkg.models:Model.energy", args={"x": "f8[n]", **known}))
        np.testing.assert_allclose(gradient(models.Model(3.0), THETA), 6 * THETA)
        with pytest.raises(TypeError, match="self must be a Model"):
            gradient(object(), THETA)
        with pytest.raises(TypeError, match=r"self\.w must be a float"):
            gradient(models.Model(np.ones(3)), THETA)
    with_object = run(
        module_text("pkg.models:Model.energy", ["self", "x"], args={"x": "f8[n]", "self": models.Model(2.0)})
    )
    assert with_object(models.Model(3.0), THETA)[0].w == pytest.approx(np.sum(THETA**2))
    np.testing.assert_allclose(run(module_text("pkg.models:Model.norm", args={"x": "f8[n]"}))(THETA), 2 * THETA)


def test_vjp(project):
    function = run(module_text("pkg.models:pair", mode="vjp", args={"x": "f8[n]", "y": "f8[n]"}))
    value, pullback = function(THETA, 2 * THETA)
    assert value == (np.sum(2 * THETA**2), np.max(THETA))
    x_bar, y_bar = pullback((1.0, 0.0))
    np.testing.assert_allclose(x_bar, 2 * THETA)
    np.testing.assert_allclose(y_bar, THETA)
    np.testing.assert_allclose(pullback((0.0, 1.0))[0], [0, 0, 1])
    one = run(module_text("pkg.models:pair", "y", "vjp", args={"x": "f8[n]", "y": "f8[n]"}))
    np.testing.assert_allclose(one(THETA, THETA)[1]((1.0, 0.0)), THETA)


def test_vjp_gives_none_for_what_has_no_derivative(project):
    function = run(module_text("pkg.models:loss", mode="vjp", args={"theta": "f8[n]", "power": "int"}))
    _, pullback = function(THETA, INPUTS, 1.0, power=2)
    assert len(pullback(1.0)) == 3
    with pytest.raises(ValueError, match="cotangent of shape"):
        pullback(np.ones(2))


def test_default_values(project):
    assert run(module_text("pkg.models:weighted"))(3.0) == pytest.approx(1.0 + 4 * 3.0)
    with pytest.raises(UnsupportedError, match="default value of 'options'"):
        module_text("pkg.models:with_list")


def test_general_arguments(project):
    gradient = run(module_text("pkg.models:polynomial"))
    assert gradient(2.0) == 10.0
    assert gradient(np.float64(2.0)) == 10.0
    assert gradient(np.array([2.0])) == [10.0]
    for wrong in (2, True, "a", [2.0], np.array([2]), None):
        with pytest.raises(TypeError, match="x must be a float or an array of floats"):
            gradient(wrong)


@pytest.mark.parametrize(
    ("declared", "right", "wrong"),
    [
        ("float", [1.0], [1, np.float64(1.0), np.ones(()), None]),
        ("f8[]", [np.array(1.5)], [1.5, np.ones(1)]),
        ("f8[n]", [np.ones(2), np.ones(7)], [np.ones(1), np.ones((2, 2)), np.ones(2, "f4"), [1.0, 2.0], 1.0]),
        ("f8[3, n]", [np.ones((3, 2))], [np.ones((2, 3)), np.ones((3, 1)), np.ones(3)]),
        ("f8[n, n]", [np.ones((3, 3))], [np.ones((3, 2))]),
        ("f8[1, n]", [np.ones((1, 3))], [np.ones((2, 3)), np.ones((1, 1))]),
        ("f4[n]", [np.ones(2, "f4")], [np.ones(2)]),
        ("f8[...]", [np.ones(1), np.ones((2, 3))], [np.ones(2, int), 1.0]),
        ("f8[?]", [np.ones(1), np.ones(3)], [np.ones((2, 3))]),
    ],
)
def test_arguments_of_other_types_are_refused(project, declared, right, wrong):
    import pkg.models as models

    text = module_text(models.Model.norm, args={"x": declared})
    gradient = run(text)
    for x in right:
        np.testing.assert_allclose(gradient(x), 2 * x)
        assert np.asarray(gradient(x)).dtype == np.asarray(x).dtype
    for x in wrong:
        with pytest.raises(TypeError, match="this was generated"):
            gradient(x)


def test_equal_names_are_equal_sizes(project):
    gradient = run(module_text("pkg.models:pair", mode="vjp", args={"x": "f8[n]", "y": "f8[n]"}))
    with pytest.raises(TypeError, match="sizes named n must be equal"):
        gradient(np.ones(3), np.ones(4))


def test_nested_arguments(tmp_path):
    (tmp_path / "nested.py").write_text(
        "import numpy as np\ndef f(p, q):\n    return np.sum(p['w'] * q[0]) + p['b'] * q[1]\n"
    )
    p, q = {"w": np.arange(3.0), "b": 2.0}, (np.ones(3), 4.0)
    gradient = run(module_text(f"{tmp_path / 'nested.py'}:f", args={"p": p, "q": q}))
    np.testing.assert_allclose(gradient(p, q)["w"], 1.0)
    assert gradient(p, q)["b"] == 4.0
    for wrong in ({"b": 2.0, "w": p["w"]}, {"w": p["w"]}, {"w": np.ones((3, 3)), "b": 2.0}, [1.0]):
        with pytest.raises(TypeError, match="this was generated"):
            gradient(wrong, q)
    with pytest.raises(TypeError, match=r"len\(q\) must be 2"):
        gradient(p, (np.ones(3), 4.0, 1.0))


def test_shared_memory_is_refused(project):
    gradient = run(module_text("pkg.models:overwrite", args={"x": "f8[n]", "y": "f8[n]"}))
    x = np.arange(1.0, 4.0)
    kept = x.copy()
    gradient(x, x.copy())
    assert (x == kept).all()
    with pytest.raises(ValueError, match="share memory"):
        gradient(x, x[:])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("pkg.models:inner", "closure variable 'weight'"),
        ("pkg.models:dynamic", "known only when the program runs"),
    ],
)
def test_refused(project, target, message):
    with pytest.raises((UnsupportedError, TypeError), match=message):
        module_text(target)


def test_refusal_has_its_place(project):
    with pytest.raises(UnsupportedError) as caught:
        module_text("pkg.models:inner")
    assert caught.value.filename.endswith("models.py")
    assert MODELS.splitlines()[caught.value.lineno - 1].strip() == "return weight * x"


def test_wrong_requests(project):
    for arguments in (
        {"wrt": "nothing"},
        {"wrt": 7},
        {"args": {"nothing": "float"}},
        {"args": {"theta": "f8(3)"}},
        {"args": {"theta": "O[n]"}},
        {"mode": "gradient"},
    ):
        with pytest.raises(UsageError):
            module_text("pkg.models:loss", **arguments)
    with pytest.raises(TypeError, match="'power'"):
        module_text("pkg.models:loss", "power")


@pytest.mark.parametrize(
    "text", ["float", "int", "complex", "f8[3, n]", "f8[]", "f4[...]", "?[n]", "c16[1, n, ?]", "= 'fast'", "= 3"]
)
def test_types_as_text(text):
    assert type_text(parse_type(text)) == text


BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ('s2sad', 'gast', 'astunparse'):
            raise ImportError(name + ' is blocked')
sys.meta_path.insert(0, Blocked())
"""


def test_runs_without_s2sad(project):
    for name, arguments in {
        "loss": {"wrt": "theta", "args": {"theta": "f8[n]"}},
        "polynomial": {},
        "pair": {"mode": "vjp"},
    }.items():
        generate(f"pkg.models:{name}", project / f"made_{name}.py", **arguments)
    script = BLOCK + textwrap.dedent("""
        import numpy as np
        from made_loss import loss_grad
        from made_polynomial import polynomial_grad
        from made_pair import pair_vjp
        from pkg.models import loss
        theta, inputs, d = np.linspace(-0.3, 0.8, 3), np.ones((4, 3)), np.array([0.5, -1.0, 0.25])
        along = (loss(theta + 1e-6 * d, inputs) - loss(theta - 1e-6 * d, inputs)) / 2e-6
        assert abs(loss_grad(theta, inputs) @ d - along) < 1e-7
        assert polynomial_grad(2.0) == 10.0
        assert (pair_vjp(theta, theta)[1]((1.0, 0.0))[0] == theta).all()
        assert not any(m.split('.')[0] == 's2sad' for m in sys.modules)
        print('ran')
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=project, env={"PATH": os.environ["PATH"]}
    )
    assert done.stdout == "ran\n", done.stderr


def test_same_bytes_whatever_the_hash_seed(project):
    script = (
        "from s2sad.ahead import module_text\n"
        "import sys\n"
        "sys.stdout.write(module_text('pkg.models:loss', ['theta', 'scale'], 'value_and_grad', {'theta': 'f8[n]'}))\n"
        "sys.stdout.write(module_text('pkg.models:loss', mode='vjp', args={'theta': 'f8[n]'}))\n"
    )
    texts = set()
    for seed in ("0", "1", "77"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT), str(project)])}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env, cwd=project)
        assert done.returncode == 0, done.stderr
        texts.add(done.stdout)
    assert len(texts) == 1
    assert "def loss_value_and_grad" in texts.pop()


def test_generate_writes_only_what_differs(project):
    path = project / "out" / "made.py"
    made = generate("pkg.models:polynomial", path)
    assert made.stale and path.read_text() == made.text
    os.utime(path, (1, 1))
    assert not generate("pkg.models:polynomial", path).stale
    assert path.stat().st_mtime == 1
    path.write_text("# edited\n" + made.text)
    stale = generate("pkg.models:polynomial", path, check=True)
    assert stale.stale and "-# edited" in stale.diff()
    assert path.read_text().startswith("# edited")
    generate("pkg.models:polynomial", path)
    assert path.read_text() == made.text
    assert [p.name for p in path.parent.iterdir()] == ["made.py"]


def test_several_modes_in_one_module(project):
    text = generate(
        "pkg.models:loss", wrt="theta", mode=["grad", "value_and_grad", "vjp"], args={"theta": "f8[n]"}
    ).text
    namespace = {"__name__": "generated"}
    exec(text, namespace)
    gradient = namespace["loss_grad"](THETA, INPUTS)
    value, same = namespace["loss_value_and_grad"](THETA, INPUTS)
    np.testing.assert_allclose(same, gradient)
    also, pullback = namespace["loss_vjp"](THETA, INPUTS)
    assert also == value
    np.testing.assert_allclose(pullback(1.0), gradient)
    names = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    assert len(names) == len(set(names))


def test_names_of_users_and_helpers_do_not_clash(tmp_path):
    (tmp_path / "clash.py").write_text(
        textwrap.dedent("""
            import numpy as np
            def match(x):
                return np.tanh(x) * np.sin(x) * np.exp(x) + np.cos(x)
            def unbroadcast(np_1, seed):
                return match(np_1) + match(seed) * seed
            def f(x, y):
                return np.sum(unbroadcast(x, y)) * np.sum(match(y))
        """)
    )
    text = module_text(f"{tmp_path / 'clash.py'}:f", wrt=["x", "y"])
    names = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    assert len(names) == len(set(names))
    x, y = np.linspace(0, 1, 3), 0.7
    scope = {}
    exec((tmp_path / "clash.py").read_text(), scope)
    x_bar, y_bar = run(text)(x, y)
    np.testing.assert_allclose(x_bar, differences(lambda t: scope["f"](t, y), x), rtol=1e-6)
    np.testing.assert_allclose(y_bar, differences(lambda t: scope["f"](x, float(t)), np.array(y)), rtol=1e-6)


def test_project_settings(project):
    (project / "pyproject.toml").write_text(
        textwrap.dedent("""
            [tool.s2sad]
            output-dir = "pkg/_grad"
            [[tool.s2sad.function]]
            source = "pkg.models:loss"
            wrt = ["theta"]
            emit = ["value_and_grad", "vjp"]
            args = { theta = "f8[n]" }
            [[tool.s2sad.function]]
            source = "pkg.models:polynomial"
        """)
    )
    assert all(o.old is None for o in generate_project(project, check=True))
    generate_project(project)
    assert not any(o.stale for o in generate_project(project, check=True))
    text = (project / "pkg" / "_grad" / "loss.py").read_text()
    assert text.splitlines()[2] == "# regenerate: s2sad build      verify: s2sad build --check"
    assert run((project / "pkg" / "_grad" / "polynomial.py").read_text())(2.0) == 10.0
    (project / "pyproject.toml").write_text("[tool.s2sad]\noutput-dir = 'a'\n")
    with pytest.raises(UsageError, match="function"):
        generate_project(project)
