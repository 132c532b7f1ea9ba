"""The cache on disk: what is found again, what is not, and that nothing wrong or foreign is ever run."""

import functools
import hashlib
import importlib
import linecache
import math
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad import cache, compiled, disk, recipes
from s2sad.ir.signature import signature
from s2sad.rules import table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.programs import programs  # noqa: E402
from tests.programs.harness import check  # noqa: E402
from tests.rules.share import one_in  # noqa: E402

PROGRAMS = programs()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and versions that stay what they are while somebody edits our files."""
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
    monkeypatch.setattr(disk, "environment", lambda: ["the same"])
    return tmp_path / "cache"


@pytest.fixture
def compiled_now(monkeypatch):
    """Counts compilations."""
    made = []
    generate = compiled.Transformed.generate

    def counted(self, function, *rest):
        made.append(function.__name__)
        return generate(self, function, *rest)

    monkeypatch.setattr(compiled.Transformed, "generate", counted)
    return made


def forget():
    """What a new process would not have in its memory."""
    compiled._TABLES.clear()


def module(path, text, name="cached_models"):
    """Import a module as a new process would."""
    path.mkdir(exist_ok=True)
    file = path / f"{name}.py"
    file.write_text(text)
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    linecache.clearcache()
    sys.path.insert(0, str(path))
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        return importlib.import_module(name)
    finally:
        sys.dont_write_bytecode = before
        sys.path.remove(str(path))


TEXT = """
import math
import numpy as np

G = 2.0


def helper(a, k=3.0):
    return np.tanh(a) * k + np.sin(a) * a - np.cos(a) * G


def f(x, y=2.0):
    total = 0.0
    for i in range(3):
        total = total + np.sum(helper(x)) * y
    return total + math.sin(y)


def make(weight):
    def inner(x):
        return np.sum(x**2) * weight
    return inner


class Model:
    def __init__(self, w):
        self.w = w

    @property
    def double(self):
        return 2 * self.w

    def energy(self, x):
        return np.sum(self.double * x**2)
"""
X = np.linspace(0.5, 1.5, 3)


def gradient(fun, x, step=1e-6):
    """By central differences."""
    return np.array([(fun(x + step * e) - fun(x - step * e)) / (2 * step) for e in np.eye(len(x))])


@pytest.fixture
def models(tmp_path):
    yield module(tmp_path / "src", TEXT)
    sys.modules.pop("cached_models", None)


def edited(tmp_path, old, new):
    assert old in TEXT
    return module(tmp_path / "src", TEXT.replace(old, new))


def right(m):
    result = s2sad.grad(m.f)(X)
    np.testing.assert_allclose(result, gradient(m.f, X), rtol=1e-7)
    return result


def test_found_again(folder, models, compiled_now, tmp_path):
    right(models)
    assert compiled_now == ["f"] and len(cache.entries()) == 1
    again = edited(tmp_path, "", "")
    right(again)
    assert compiled_now == ["f"]
    text = s2sad.grad(again.f)
    text(X)
    assert "def f_grad" in text.source


def test_entry_is_text_of_the_owner(folder, models):
    right(models)
    (entry,) = cache.entries()
    content = entry.read_text()
    compile(content, "entry", "exec")
    assert content.startswith("# s2sad cache 1 ")
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(entry.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(3)", "range(4)"),  # the function
        ("total + math.sin(y)", "total  + math.sin(y)"),  # its layout, which the comments show
        ("np.tanh(a) * k", "np.tanh(a) * k * k"),  # a helper
        ("k=3.0", "k=4.0"),  # a default value of a helper
        ("y=2.0", "y=5.0"),  # one of its own
        ("G = 2.0", "G = np.array([1.0, 2.0, 3.0])"),  # the type of a variable
    ],
)
def test_edited(folder, models, compiled_now, tmp_path, old, new):
    right(models)
    changed = edited(tmp_path, old, new)
    right(changed)
    assert compiled_now == ["f", "f"]
    forget()
    right(changed)
    assert compiled_now == ["f", "f"]


def test_value_of_a_variable_is_read_late(folder, models, compiled_now, tmp_path):
    right(models)
    right(edited(tmp_path, "G = 2.0", "G = 7.0"))
    assert compiled_now == ["f"]


def test_helper_replaced_after_the_entry_was_read(folder, models, compiled_now, tmp_path):
    right(models)
    again = edited(tmp_path, "", "")
    transformed = s2sad.grad(again.f)
    transformed(X)
    assert compiled_now == ["f"]
    again.helper = lambda a: a**2
    np.testing.assert_allclose(transformed(X), 3 * 2.0 * 2 * X)
    assert compiled_now == ["f", "f"]


def test_entries_for_functions_of_libraries_that_were_replaced(folder, models, compiled_now, tmp_path, monkeypatch):
    found = s2sad.grad(models.f, 1)(X, 1.5)
    with monkeypatch.context() as replaced:
        replaced.setattr(np, "tanh", np.cos)
        replaced.setattr(math, "sin", functools.wraps(math.sin)(lambda x: 3.0 * x))
        forget()
        again = module(tmp_path, TEXT)
        assert s2sad.grad(again.f, 1)(X, 1.5) == pytest.approx(3 * np.sum(again.helper(X)) + 3.0, rel=1e-12)
    forget()
    assert s2sad.grad(module(tmp_path, TEXT).f, 1)(X, 1.5) == found
    assert compiled_now == ["f", "f", "f"]  # the entry was written over, as what replaced the sine is a user's


def test_types_and_options_have_their_own_entries(folder, models):
    s2sad.grad(models.f)(X)
    s2sad.grad(models.f)(X.astype("f4"))
    s2sad.grad(models.f)(X[:1])
    s2sad.grad(models.f)(1.5)
    s2sad.grad(models.f, argnums=1)(X)
    s2sad.grad(models.f, argnums=(0, 1))(X)
    s2sad.grad(models.f, argnums=(1, 0))(X)
    s2sad.value_and_grad(models.f)(X)
    s2sad.vjp(models.f, X)
    assert len(cache.entries()) == 9


def test_pullback(folder, models, compiled_now, tmp_path):
    for m in (models, edited(tmp_path, "", "")):
        value, pullback = s2sad.vjp(m.f, X, 2.0)
        x_bar, y_bar = pullback(2.0)
        assert value == pytest.approx(m.f(X))
        np.testing.assert_allclose(x_bar, 2 * gradient(m.f, X), rtol=1e-7)
        assert y_bar == pytest.approx((m.f(X, 2.0 + 1e-6) - m.f(X, 2.0 - 1e-6)) / 1e-6)
    assert compiled_now == ["f"]


def test_closures_have_cells_of_their_own(folder, models, compiled_now):
    np.testing.assert_allclose(s2sad.grad(models.make(3.0))(X), 6 * X)
    np.testing.assert_allclose(s2sad.grad(models.make(5.0))(X), 10 * X)
    assert compiled_now == ["inner"]
    with pytest.raises(TypeError, match="real scalar"):
        s2sad.grad(models.make(np.ones(3)))(X)


def test_methods_and_properties(folder, models, compiled_now, tmp_path):
    np.testing.assert_allclose(s2sad.grad(models.Model(3.0).energy)(X), 12 * X)
    again = edited(tmp_path, "", "")
    np.testing.assert_allclose(s2sad.grad(again.Model(4.0).energy)(X), 16 * X)
    assert compiled_now == ["energy"]
    changed = edited(tmp_path, "return 2 * self.w", "return 3 * self.w")
    np.testing.assert_allclose(s2sad.grad(changed.Model(4.0).energy)(X), 24 * X)
    assert compiled_now == ["energy", "energy"]


OF_GRADIENTS = """
import numpy as np
import s2sad

SCALE = 2.0


def energy(x, y=1.5):
    return SCALE * np.sum(x**4) * y


SLOPE = s2sad.grad(s2sad.checkpoint(energy), 0)


def f(x):
    return np.sum(SLOPE(x) ** 2) + np.sum(s2sad.value_and_grad(energy)(x)[1])
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x**4", "x**5"),
        ("y=1.5", "y=2.5"),
        ("energy), 0)", "energy), 'x')"),
        ("s2sad.checkpoint(energy)", "energy"),
        ("SLOPE = s2sad.grad(s2sad.checkpoint(energy), 0)", "SLOPE = lambda x: x * s2sad.grad(energy)(x)"),
        ("SCALE = 2.0", "SCALE = np.array([2.0, 3.0, 4.0])[0]"),
    ],
)
def test_functions_that_call_gradients(folder, compiled_now, tmp_path, old, new):
    assert old in OF_GRADIENTS
    first = module(tmp_path / "src", OF_GRADIENTS)
    right(first)
    assert compiled_now.count("f") == 1
    right(module(tmp_path / "src", OF_GRADIENTS))
    assert compiled_now.count("f") == 1
    right(module(tmp_path / "src", OF_GRADIENTS.replace("SCALE = 2.0", "SCALE = 3.0")))
    assert compiled_now.count("f") == 1
    changed = module(tmp_path / "src", OF_GRADIENTS.replace(old, new))
    right(changed)
    assert compiled_now.count("f") == 2
    forget()
    right(changed)
    assert compiled_now.count("f") == 2


def test_local_classes_and_functions_as_arguments_are_not_kept(folder, models):
    class Local:
        def __init__(self):
            self.w = 2.0

    s2sad.grad(lambda x, o: o.w * x)(1.0, Local())
    s2sad.grad(lambda x, g: g(x))(1.0, lambda t: t**2)
    assert cache.entries() == []


def test_second_order(folder, compiled_now):
    def cube(x):
        return x**3

    for _ in range(2):
        forget()
        assert s2sad.grad(s2sad.grad(cube))(2.0) == pytest.approx(12.0)
    assert compiled_now == ["cube", "cube_grad"]


def tampered(content):
    """An entry with another program, and its checksum made right again for nobody."""
    return content.replace(b"np.tanh", b"np.cosh")


def resigned(content):
    """A whole entry, well made, of another function."""
    first, _, rest = content.decode().partition("\n")
    rest = rest.replace('"key": "', '"key": "0')
    return (first[:-64] + hashlib.sha256(rest.encode()).hexdigest() + "\n" + rest).encode()


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: b"",
        lambda c: c[: len(c) // 2],
        lambda c: c[:-1],
        lambda c: c + b"\nraise SystemExit(1)\n",
        lambda c: b"raise SystemExit(1)\n" + c,
        lambda c: b"\xff\x00" * 100,
        lambda c: c.replace(b"\n", b"\r\n"),
        tampered,
        resigned,
    ],
)
def test_damaged(folder, models, compiled_now, tmp_path, damage):
    right(models)
    (entry,) = cache.entries()
    good = entry.read_bytes()
    assert damage(good) != good
    entry.write_bytes(damage(good))
    right(edited(tmp_path, "", ""))
    assert compiled_now == ["f", "f"]
    assert entry.read_bytes() == good
    right(edited(tmp_path, "", ""))
    assert compiled_now == ["f", "f"]


posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@posix
def test_entry_that_others_can_write_is_not_run(folder, models, compiled_now, tmp_path):
    right(models)
    (entry,) = cache.entries()
    entry.chmod(0o666)
    right(edited(tmp_path, "", ""))
    assert compiled_now == ["f", "f"]
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


@posix
def test_folder_that_others_can_write_is_not_used(folder, models, compiled_now, tmp_path):
    folder.mkdir()
    folder.chmod(0o777)
    right(models)
    right(edited(tmp_path, "", ""))
    assert compiled_now == ["f", "f"] and cache.entries() == []


def test_folder_that_cannot_be_made(folder, models, compiled_now, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "file" / "cache"))
    right(models)
    forget()
    right(models)
    assert compiled_now == ["f", "f"]


def test_read_only(folder, models, compiled_now, monkeypatch, tmp_path):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "read-only")

    folder.mkdir(mode=0o700)
    monkeypatch.setattr(disk.tempfile, "mkstemp", refuse)
    right(models)
    forget()
    right(models)
    assert compiled_now == ["f", "f"] and list(folder.iterdir()) == []


def test_switched_off(folder, models, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE", "0")
    right(models)
    assert not folder.exists()


def test_versions_are_part_of_the_key(folder, models, compiled_now, monkeypatch, tmp_path):
    right(models)
    monkeypatch.setattr(disk, "environment", lambda: ["another"])
    right(edited(tmp_path, "", ""))
    assert compiled_now == ["f", "f"] and len(cache.entries()) == 2


def test_rules_of_users_are_part_of_the_key(folder, models, compiled_now, tmp_path):
    right(models)
    rule = table.RULES[np.tanh]
    try:
        users = module(
            tmp_path / "rules",
            "import numpy as np\nfrom s2sad.rules.table import elementwise\n@elementwise(np.tanh)\n"
            "def zero(y, x):\n    return 0 * x\n",
            "user_rules",
        )
        assert users.zero is table.RULES[np.tanh].pullback
        again = edited(tmp_path, "", "")
        assert not np.allclose(s2sad.grad(again.f)(X), gradient(again.f, X))
        assert compiled_now == ["f", "f"]
    finally:
        table.RULES[np.tanh] = rule
        sys.modules.pop("user_rules", None)
    right(edited(tmp_path, "", ""))
    assert compiled_now == ["f", "f"]


def test_threads(folder, models, tmp_path):
    expected = gradient(models.f, X)
    copies = [edited(tmp_path, "", "") for _ in range(8)]
    errors = []

    def work(m):
        try:
            for dtype in ("f8", "f4"):
                forget()
                np.testing.assert_allclose(s2sad.grad(m.f)(X.astype(dtype)), expected, rtol=1e-3)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(m,)) for m in copies]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors
    assert len(cache.entries()) == 2
    assert not [p for p in folder.iterdir() if p.name.startswith(".new")]


SCRIPT = """
import sys, time
import numpy as np
import s2sad
from s2sad import cache, compiled, disk
disk.environment = lambda: ["the same"]
count = []
generate = compiled.Transformed.generate
def counted(self, *args):
    count.append(1)
    return generate(self, *args)
compiled.Transformed.generate = counted
sys.dont_write_bytecode = True
from cached_models import f
for k in range(int(sys.argv[1])):
    compiled._TABLES.clear()
    print(s2sad.grad(f)(np.linspace(0.5, 1.5, 3)).tolist())
print(len(count))
"""


def process(tmp_path, folder, times=1):
    env = {**os.environ, "S2SAD_CACHE_DIR": str(folder), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path / 'src'}"}
    env.pop("S2SAD_CACHE", None)
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(times)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )


def finished(running):
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    *results, count = out.splitlines()
    assert len(set(results)) == 1
    return results[0], int(count)


def test_processes(folder, models, tmp_path):
    first, count = finished(process(tmp_path, folder))
    np.testing.assert_allclose(eval(first), gradient(models.f, X), rtol=1e-7)
    assert count == 1
    assert finished(process(tmp_path, folder)) == (first, 0)


def test_two_processes_at_once(folder, models, tmp_path):
    running = [process(tmp_path, folder, 20) for _ in range(2)]
    results = [finished(r) for r in running]
    assert results[0][0] == results[1][0]
    assert all(count <= 1 for _, count in results)
    assert len(cache.entries()) == 1


def test_clear_and_prune(folder, models, monkeypatch):
    for dtype in ("f8", "f4", "c16"):
        s2sad.vjp(models.helper, X.astype(dtype))
    (folder / "other.txt").write_text("not ours")
    assert cache.clear() == 3 and cache.entries() == []
    assert (folder / "other.txt").exists()
    monkeypatch.setattr(cache, "_KEPT", 4)
    for k in range(1, 9):
        s2sad.vjp(models.helper, np.ones((2,) * k))
    assert 0 < len(cache.entries()) <= 5


def test_places_of_the_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("S2SAD_CACHE_DIR", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert disk.folder() == tmp_path / ".cache" / "s2sad"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert disk.folder() == tmp_path / "xdg" / "s2sad"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert disk.folder() == tmp_path / "Library" / "Caches" / "s2sad"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert disk.folder() == tmp_path / "local" / "s2sad" / "Cache"


def test_own_files_that_changed_while_running_switch_it_off(monkeypatch):
    monkeypatch.setattr(disk, "_STARTED", 0.0)
    disk.environment.cache_clear()
    with pytest.raises(disk.Unknown):
        disk.environment()
    disk.environment.cache_clear()


def test_signatures_as_text():
    described = recipes.describe(signature([1.0, np.ones((1, 3), "f4"), {"a": True}]))
    assert described == recipes.describe(signature([2.0, np.ones((1, 5), "f4"), {"a": True}]))
    for other in ([1, np.ones((1, 3), "f4"), {"a": True}], [1.0, np.ones((3, 1), "f4"), {"a": True}],
                  [1.0, np.ones((1, 3)), {"a": True}], [1.0, np.ones((1, 3), "f4"), {"a": False}]):  # fmt: skip
        assert recipes.describe(signature(other)) != described


@pytest.mark.parametrize("name", [n for n in PROGRAMS if not n.startswith("recorded") and one_in(3, n)])
def test_program_from_the_disk(name, folder, compiled_now):
    """As right from the disk as when it was compiled; all that was kept is found."""
    program = PROGRAMS[name]
    try:
        if check(program) == "refused":
            pytest.skip("refused, as the program allows")
    except Exception as error:
        pytest.skip(f"test_programs shows it: {error}")
    first, kept = len(compiled_now), len(cache.entries())
    forget()
    compiled_now.clear()
    assert check(program) == "right"
    assert len(compiled_now) == first - kept
