"""Finding the text of functions.  Each text is written to a file, run, and then looked for."""

from __future__ import annotations

import ast
import functools
import linecache
import math
import os
import sys
import threading
import types
import warnings

import gast
import pytest

from s2sad.errors import Error, SourceNotFoundError
from s2sad.source import Source, find, span


@pytest.fixture
def run(tmp_path):
    """Write a text to a file and execute it; gives its variables."""

    def run(text, name="user.py", **variables):
        path = tmp_path / name
        path.write_bytes(text.encode())
        space = {"__name__": "user", **variables}
        exec(compile(text, str(path), "exec", dont_inherit=True), space)
        return types.SimpleNamespace(path=path, **space)

    return run


def shown(source):
    """What stands at the place of the function's node, by its columns."""
    place = span(source.tree, source)
    lines = source.lines(place.line, place.end_line)
    lines[-1] = lines[-1][: place.end_col]
    lines[0] = lines[0][place.col :]
    return "\n".join(lines)


def returned(source):
    """The last statement, or what a lambda returns, as text."""
    body = source.tree.body
    return ast.unparse(gast.gast_to_ast(body[-1] if isinstance(body, list) else body))


# Functions


def test_plain_function(run):
    user = run("import math\n\n\ndef f(x, k=2):\n    # a comment\n    return math.sin(x) * k\n\n\ny = 3\n")
    source = find(user.f)
    assert isinstance(source, Source)
    assert isinstance(source.tree, gast.FunctionDef)
    assert source.tree is source.tree
    assert (source.file, source.name, source.qualname, source.cls) == (str(user.path), "f", "f", None)
    assert source.flags == user.f.__code__.co_flags
    assert (source.tree.lineno, source.tree.end_lineno) == (4, 6)
    assert source.line(5) == "    # a comment"
    assert source.lines(5, 6) == ["    # a comment", "    return math.sin(x) * k"]
    assert source.line(0) == source.line(100) == ""
    assert shown(source) == "def f(x, k=2):\n    # a comment\n    return math.sin(x) * k"


def test_first_line_and_no_final_newline(run):
    source = find(run("def f(x): return x + 1").f)
    assert (source.tree.lineno, shown(source)) == (1, "def f(x): return x + 1")


@pytest.mark.parametrize(
    "decorators", ["@same\n", "@same\n@same\n# between\n@call(lambda f: f)\n", "@call(\n  same\n)\n"]
)
def test_decorated(run, decorators):
    user = run(f"def same(f): return f\ndef call(d): return d\n{decorators}def f(x):\n    return x * 2\n")
    source = find(user.f)
    assert shown(source) == "def f(x):\n    return x * 2"
    assert source.tree.lineno == 3 + decorators.count("\n")
    assert len(source.node.decorator_list) == decorators.count("@")


def test_wrapper_is_not_followed(run):
    user = run(
        "import functools\ndef wrap(f):\n    @functools.wraps(f)\n    def inner(*args):\n        return f(*args) + 1\n"
        "    return inner\n@wrap\ndef g(x):\n    return x\n"
    )
    source = find(user.g)
    assert (source.name, source.qualname) == ("g", "wrap.<locals>.inner")
    assert returned(source) == "return f(*args) + 1"
    assert returned(find(user.g.__wrapped__)) == "return x"


METHODS = """
class Base:
    def value(self): return 1

class Model(Base):
    __scale = 3

    def plain(self, x):
        return self.__scale * self.__twice(x, __k=1)

    def __twice(self, x, __k):
        return x * 2 * __k

    def value(self):
        return super().value() + 1

    def inner(self):
        def g(x):
            __t = x
            return __t * self.__scale + super(__class__, self).value()
        return g

    @staticmethod
    def static(x):
        return x + 1

    @classmethod
    def make(cls, x):
        return cls.__scale * x

    square = lambda self, x: self.__scale * x**2

    class Nested:
        def m(self):
            return self.__q

def factory(a):
    class Local:
        def m(self, x):
            return a * x * self.__b
    return Local
"""


def test_methods(run):
    user = run(METHODS)
    model = user.Model()
    cases = [
        (model.plain, "Model.plain", "Model", "return self.__scale * self.__twice(x, __k=1)"),
        (user.Model.plain, "Model.plain", "Model", "return self.__scale * self.__twice(x, __k=1)"),
        (model._Model__twice, "Model.__twice", "Model", "return x * 2 * __k"),
        (model.value, "Model.value", "Model", "return super().value() + 1"),
        (
            model.inner(),
            "Model.inner.<locals>.g",
            "Model",
            "return __t * self.__scale + super(__class__, self).value()",
        ),
        (user.Model.static, "Model.static", "Model", "return x + 1"),
        (user.Model.__dict__["static"], "Model.static", "Model", "return x + 1"),
        (user.Model.__dict__["make"], "Model.make", "Model", "return cls.__scale * x"),
        (model.make, "Model.make", "Model", "return cls.__scale * x"),
        (model.square, "Model.<lambda>", "Model", "self.__scale * x ** 2"),
        (user.Model.Nested.m, "Model.Nested.m", "Nested", "return self.__q"),
        (user.factory(2).m, "factory.<locals>.Local.m", "Local", "return a * x * self.__b"),
    ]
    for fun, qualname, cls, text in cases:
        source = find(fun)
        assert (source.qualname, source.cls, returned(source)) == (qualname, cls, text)


CLOSURES = """
import json as js

def outer(a):
    b = a + 1
    def inner(x):
        nonlocal b
        b += 1
        return a * x + b
    def fact(n):
        return n * fact(n - 1) if n else 1
    class K:
        def method(self): return [a for _ in range(3)]
    def with_class(x):
        class Point:
            size = x
            def get(self): return self.size + a
        return Point().get()
    return inner, fact, K.method, with_class

def recursive(n):
    return n * recursive(n - 1) if n else 1

def everything(a, b=lambda q: q, /, c: int = (lambda: 3)(), *rest, d: "float", e=[i for i in (1, 2)], **more) -> int:
    z: int = a
    global counter
    counter = js.dumps(z).strip()
    with open(a) as file, file:
        for i, (j, k) in enumerate(rest):
            try:
                yield i in {1, 2, 3}, -0.0, (1, (2.0, True)), ...
            except ValueError as error:
                raise KeyError from error
            finally:
                del j
    assert a, b
    return {k: v for k, v in more.items()}, f"{a!r:>{b}}", (w := 3), w

async def task(x):
    async for y in x:
        await y
"""


def test_closures_and_everything_else(run):
    user = run(CLOSURES)
    inner, fact, method, with_class = user.outer(1)
    assert returned(find(inner)) == "return a * x + b"
    assert returned(find(fact)) == "return n * fact(n - 1) if n else 1"
    assert returned(find(method)) == "return [a for _ in range(3)]"
    assert with_class(2) == 3
    assert returned(find(with_class)) == "return Point().get()"
    assert find(user.recursive).tree.name == "recursive"
    assert find(user.everything).tree.args.kwarg.id == "more"
    assert isinstance(find(user.task).tree, gast.AsyncFunctionDef)
    assert find(user.outer).tree.end_lineno == 19


def test_future_annotations(run):
    user = run(
        '"""Doc."""\nfrom __future__ import annotations\ndef f(x: Nothing) -> Nowhere:\n    y: No = x\n    return y\n'
    )
    assert find(user.f).tree.lineno == 3


# Which names a module imports changes the code of its functions
@pytest.mark.parametrize("head", ["import math as m", "from user2 import m", "m = M()", "m = M()\nimport super"])
def test_method_calls_on_globals(tmp_path, monkeypatch, head):
    (tmp_path / "user2.py").write_text("import math as m\n")
    (tmp_path / "super.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = (
        f"class M: pass\n{head}\ndef f(x, y, other):\n    z = m.sin(x) + y.cos(x)\n    return z + other.tan(y)\n"
        "class A:\n    def g(self): return super().g() + m.f()\n"
    )
    path = tmp_path / "user.py"
    path.write_text(text)
    space: dict = {}
    exec(compile(text, str(path), "exec"), space)
    assert returned(find(space["f"])) == "return z + other.tan(y)"
    assert returned(find(space["A"].g)) == "return super().g() + m.f()"


# Layout


LAYOUTS = {
    "docstring": 'if True:\n    def f(x):\n        """Odd\ndocstring\n  here"""\n        return x\n',
    "string": 'if True:\n    def f(x):\n        s = """\ndef f(x): return 3\n"""\n        return x\n    y = 1\n',
    "tabs": "if True:\n\tdef f(x):\n\t\tif x:\n\t\t\tx = 1\n\t\treturn x\n",
    "continued": "def f(a,\n  b=1,\n): \\\n  return a + \\\nb\nx = 1\n",
    "black": "def f(\n    a,\n    b,\n) -> (\n    int\n):\n    return (\n        a\n    )\n\n\ny = 1\n",
    "comments": "if True:\n    def f(x):\n# out\n        y = x\n  # between\n        return y\n    # after\n",
    "dead code": "def f(x):\n    return x\n    if x:\n        y = 1\n    z = 2\n\nlast = 1\n",
    "only doc": 'def f(x):\n    """Doc\nmore\n    """\n\nlast = 1\n',
    "one line": "if True:\n    def f(x): y = x; return y\n    z = 2\n",
    "unicode": "if 'ä€𝄞':\n    def f(ü): return 'ä€𝄞', ü\n",
    "form feed": "x = 1\n\f\ndef f(x):\n    y = '\x0c'\n    return x\n",
    "crlf": "def f(x):\r\n    y = 'a'\r\n    return x\r\n",
    "escapes": "def f(x):\n    return '\\d', x is 1\n",
    "dedented end": "if True:\n    def f(x):\n        return (x +\n1)\n    y = 1\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(run, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        user = run(LAYOUTS[name])
        parsed = ast.parse(user.path.read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what Python said when it compiled the file is no business of ours
        source = find(user.f)
    lines = user.path.read_text().split("\n")
    expected = next(n for n in ast.walk(parsed) if isinstance(n, ast.FunctionDef) and n.name == "f")
    positions = ("lineno", "col_offset", "end_lineno", "end_col_offset")
    for attribute in positions:
        assert getattr(source.tree, attribute) == getattr(expected, attribute)
    assert source.line(expected.lineno) == lines[expected.lineno - 1]


def test_span_counts_characters(run):
    user = run("def f(x):\n    ü = 'ä€𝄞'; return ü, x + 1\n")
    source = find(user.f)
    add = next(n for n in ast.walk(source.tree) if isinstance(n, gast.BinOp))
    place = span(add, source, statement=2)
    assert source.line(2)[place.col : place.end_col] == "x + 1"
    assert (place.file, place.line, place.end_line, place.statement) == (str(user.path), 2, 2, 2)
    assert place.col != add.col_offset
    assert span(source.tree.args, source).line == 1  # a node without a position
    assert span(add.op, source).line == 1


# Lambdas


LAMBDAS = {
    "f = lambda x: x + 1\n": ["x + 1"],
    "f = lambda x: x + 1; g = lambda x: x + 2\n": ["x + 1", "x + 2"],
    "f, g = lambda x: x, lambda x: x\n": ["x", "x"],
    "d = {'ä': lambda x: x * 1.0, 'b': lambda x: x * 1}; f, g = d.values()\n": ["x * 1.0", "x * 1"],
    "f = lambda x, k=(lambda: 3), *a, **o: k() * x\n": ["k() * x"],
    "f = (lambda x:\n     x +\n     1)\n": ["x + 1"],
    "f = sorted([(lambda x: x - 1), 3], key=lambda v: isinstance(v, int))[0]\n": ["x - 1"],
    "f = (lambda a: lambda x: a * x)(2)\n": ["a * x"],
    "f = (lambda a: (lambda x: (lambda y: y + x + a)(x)))(2)\n": ["(lambda y: y + x + a)(x)"],
    "f, g = [lambda x, i=i: x * i for i in range(2)]\n": ["x * i", "x * i"],
    "f, g = [lambda x: x * i for i in range(2)]\n": ["x * i", "x * i"],
    "def m():\n    def f(x): return x\n    g = lambda x: x + 1\n    return f, g\nf, g = m()\n": ["return x", "x + 1"],
    "f = [\n    lambda x: x,\n    lambda x: -x][1]\n": ["-x"],
}


@pytest.mark.parametrize("text", LAMBDAS)
def test_lambdas(run, text):
    user = run(text)
    assert returned(find(user.f)) == LAMBDAS[text][0]
    if len(LAMBDAS[text]) > 1:
        assert returned(find(user.g)) == LAMBDAS[text][1]


@pytest.mark.skipif("no_debug_ranges" in sys._xoptions, reason="Python keeps no columns")
def test_equal_lambdas_on_one_line_have_their_own_place(run):
    user = run("é = 1; f, g = lambda x: x, lambda  x: x\n")
    assert shown(find(user.f)) == "lambda x: x"
    assert shown(find(user.g)) == "lambda  x: x"


# Several of one name


def test_same_name_twice(run):
    user = run("if True:\n    def f(x): return 1\nelse:\n    def f(x): return 2\ng = f\ndef f(x): return 3\n")
    assert returned(find(user.g)) == "return 1"
    assert returned(find(user.f)) == "return 3"


def test_class_made_twice(run):
    user = run("class A:\n    def m(self): return self.__a\nB = A\nclass A:\n    def m(self): return self.__b\n")
    assert returned(find(user.B.m)) == "return self.__a"
    assert returned(find(user.A.m)) == "return self.__b"


def test_global_statement_hides_the_class(run):
    user = run("class A:\n    global m\n    def m(self): return self.__a\n")
    source = find(user.m)
    assert (source.qualname, source.cls) == ("m", "A")


# No text, or another text


BEFORE = "import math\nK = 2\ndef f(x, y):\n    def g(z):\n        return z * 2.0\n    return g(x) - y\n"
EDITS = {
    "constant": ("2.0", "3.0"),
    "type of constant": ("2.0", "2"),
    "operator": ("- y", "+ y"),
    "order": ("g(x) - y", "g(y) - x"),
    "arguments": ("x, y", "x, q=1"),
    "name": ("def f", "def h"),
    "local name": ("z", "zz"),
    "one line more": ("K = 2\n", "K = 2\nL = 3\n"),
    "gone": (BEFORE, "pass\n"),
    "commented out": (BEFORE, "#" + BEFORE.replace("\n", "\n#")),
    "not Python": ("return g(x)", "return return"),
    "generator": ("return g(x) - y", "yield g(x) - y"),
    "a lambda": (BEFORE, "\n\nf = lambda x, y: 2.0 * x - y\n"),
    "more arguments": ("x, y", "x, y, *z"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_after_import(run, edit):
    user = run(BEFORE)
    user.path.write_text(BEFORE.replace(*EDITS[edit]))
    with pytest.raises(SourceNotFoundError, match=r"no text of 'f' .*user\.py', line 3\): .*edited.*source=") as caught:
        find(user.f)
    assert isinstance(caught.value, (Error, OSError))
    assert find(user.f, source=BEFORE).tree.lineno == 3  # the way out


def test_only_comments_and_docstrings_edited(run):
    user = run(BEFORE)
    user.path.write_text(BEFORE.replace("return z", "return  z").replace("- y\n", "- y  # why\n"))
    assert returned(find(user.f)) == "return g(x) - y"


def test_edited_lambda(run):
    user = run("f = lambda x: x + 1\n")
    user.path.write_text("f = lambda x: x + 2\n")
    with pytest.raises(SourceNotFoundError, match=r"'<lambda>'.*another program, with other constants"):
        find(user.f)


def test_file_in_the_line_cache_is_older_than_the_code(run):
    user = run(BEFORE)
    assert find(user.f)
    user = run(BEFORE.replace("2.0", "3.0") + "# longer\n")
    assert "3.0" in shown(find(user.f))
    os.unlink(user.path)
    assert find(user.f)  # in the cache


def test_notebook_cell():
    text = "def f(x):\n    return x**2\ng = lambda x: x**3\n"
    name = "<ipython-input-7-abc>"
    space: dict = {}
    exec(compile(text, name, "exec"), space)
    with pytest.raises(SourceNotFoundError, match="there is no text for that file"):
        find(space["f"])
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    assert returned(find(space["f"])) == "return x ** 2"
    assert returned(find(space["g"])) == "x ** 3"


def test_file_compiled_under_another_name(tmp_path):
    text = "def f(x):\n    return x**2\n"
    (tmp_path / "user.py").write_text(text)
    space = {"__file__": str(tmp_path / "user.py")}
    exec(compile(text, "/somewhere/else/user.py", "exec"), space)
    assert find(space["f"]).file == str(tmp_path / "user.py")


@pytest.mark.parametrize("fun", [math.sin, len, int, [].append, functools.partial(print), 3])
def test_not_written_in_python(fun):
    with pytest.raises(SourceNotFoundError, match="not a function written in Python"):
        find(fun)


def from_text(text, name="f"):
    space: dict = {}
    exec(text, space)
    return eval(name, space)


GIVEN = {
    "the function": ("def f(x):\n    return x + 1\n", "def f(x):\n    return x + 1\n"),
    "spaces and comments": ("def f(x):\n    return x + 1\n", "\n\n  # text\n  def f(x): return (x+1)"),
    "a longer text": (
        "def f(x):\n    return x + 1\n",
        "import os\nclass A:\n  def f(x): return x\ndef f(x): return x + 1",
    ),
    "docstring": (
        'if 1:\n  def f(x):\n    """a\n    b"""\n    return x + 1\n',
        'def f(x):\n  """a\n  b"""\n  return x + 1',
    ),
    "lambda": ("\n\nf = lambda x: x + 1", "lambda x: x + 1"),
    "class inside": (
        "\n\n\ndef f(x):\n    class A:\n        def m(self): return x\n    return A().m()",
        "def f(x):\n    class A:\n        def m(self): return x\n    return A().m()",
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_given_text(name):
    made_from, given = GIVEN[name]
    source = find(from_text(made_from), source=given)
    assert shown(source).replace(" ", "") in given.replace(" ", "")
    assert linecache.getline(source.file, source.tree.lineno).rstrip("\n") == source.line(source.tree.lineno)
    assert "source of f" in source.file or "source of <lambda>" in source.file


def test_given_text_of_a_method():
    made_from = "class A(dict):\n    def m(self):\n        return self.__x + super().m()\n"
    given = "    def m(self):\n        return self.__x + super().m()\n"
    source = find(from_text(made_from, "A.m"), source=given)
    assert (source.cls, source.tree.lineno, source.tree.col_offset) == ("A", 1, 4)


@pytest.mark.parametrize(
    "given, why",
    [
        ("def f(x): return x + 2", "what source= says is another program, with other constants"),
        ("def f(y): return y + 1", "other local variables"),
        ("def f(x, y): return x + 1", "other arguments"),
        ("def f(x): return x - 1", "other operations"),
        ("def f(x): return f(x) + 1", "another program"),
        ("def g(x): return x + 1", "no function of this name"),
        ("lambda x: x + 1", "no function of this name"),
        ("def f(x: return", "not valid Python"),
        ("", "no function of this name"),
        ("def f(x):\n    nonlocal q\n    return x + 1", "variables of the functions around it"),
    ],
)
def test_wrong_text_given(given, why):
    with pytest.raises(SourceNotFoundError, match=why):
        find(from_text("def f(x): return x + 1"), source=given)


def test_zeros_differ():
    fun = from_text("def f(x): return x + 0.0")
    with pytest.raises(SourceNotFoundError):
        find(fun, source="def f(x): return x + -0.0")
    assert find(from_text("def f(x): return x + 1e999 - 1e999j"), source="def f(x): return x + 1e999 - 1e999j")


# Code that pytest has rewritten: this file's own asserts


@functools.partial(lambda f: f)
def asserting(x, *rest, scale=2.0):
    assert x > 0, "positive"
    y = x * scale - 1
    for r in rest:
        y = y - r if r else y
        assert all(q == q for q in rest)
    if y > 3:
        assert y

    def inner(z):
        assert z is not None

        class Local:
            place = "here"

        return [w * y for w in z]

    assert y != 5
    return sum(inner([x]))


def test_rewritten_asserts():
    assert any("@py" in name for name in asserting.__code__.co_varnames)
    source = find(asserting)
    assert shown(source).startswith("def asserting(x, *rest, scale=2.0):\n    assert x > 0")
    assert returned(source) == "return sum(inner([x]))"


@pytest.mark.parametrize(
    "old, new",
    [
        ("y = x * scale - 1", "y = scale * x - 1"),
        ("y = x * scale - 1", "y = x * scale - 2"),
        ("if r else y", "if y else y"),
        ("y > 3", "y < 3"),
        ("[w * y for", "[w / y for"),
        ("*rest, scale", "*more, scale"),
        ("return sum(", "return max("),
        ("    if y > 3:", "    x += 1\n    if y > 3:"),
    ],
)
def test_rewritten_asserts_and_another_text(old, new):
    source = find(asserting)
    text = "\n".join(source.lines(asserting.__code__.co_firstlineno, source.tree.end_lineno))
    assert find(asserting, source=text)
    assert text.count(old) == 1
    with pytest.raises(SourceNotFoundError):
        find(asserting, source=text.replace(old, new))


# Digest


def digest(text, name="f"):
    return find(from_text(text, name), source=text).digest


def test_digest_of_what_the_function_does():
    text = "def f(x, k=2):\n    def g(z): return z * 2.0\n    return g(x) - k + len('é')\n"
    assert digest(text) == "fce27347652e09f55ac13fbe00c167389d3dff94898d537e3f5ffb75496d4e27"
    same = [
        "\n\n# comment\ndef f(x: 'f8', k: int = 2) -> float:\n    '''Doc.'''\n    def g(z: int):\n        'Doc.'\n"
        "        return (z*2.0)\n    return g(x) - k + len(u'\\xe9') # more\n",
        "def d(f): return f\n@d\n" + text,
    ]
    for other in same:
        assert digest(other) == digest(text)
    changes = [
        ("2.0", "2"),
        ("- k", "+ k"),
        ("k=2", "k=3"),
        ("g(x)", "g(k)"),
        ("'é'", "b'e'"),
        ("def f(x", "def f(x, *y"),
    ]
    different = [text.replace(*change) for change in changes]
    assert len({digest(other) for other in [text, *different]}) == 1 + len(different)


def test_digest_knows_private_names():
    texts = ["class A:\n def f(self): return self.__x", "class B:\n def f(self): return self.__x"]
    assert digest(texts[0], "A.f") != digest(texts[1], "B.f")
    texts = ["class A:\n def f(self): return self.x", "class B:\n def f(self): return self.x"]
    assert digest(texts[0], "A.f") == digest(texts[1], "B.f")


def test_digest_of_format_strings():
    assert (
        digest("def f(x, y): return f'{x:{y}}' f'a{x}'")
        == "efa4989488384730fb206503ec09a58fcb296b519bf1c91b8a0229a48c78c090"
    )


# The rest


def test_source_of_a_nested_function(run):
    outer = find(run("class A:\n    def f(self, x):\n        def g(y): return y\n        return lambda z: g\n").A.f)
    nodes = [n for n in ast.walk(outer.tree) if isinstance(n, (gast.FunctionDef, gast.Lambda))]
    g, lambda_ = (Source.from_node(node, outer) for node in nodes[1:])
    assert (g.name, g.qualname, g.cls, g.file) == ("g", "A.f.<locals>.g", "A", outer.file)
    assert g.tree is nodes[1]
    assert (lambda_.name, lambda_.qualname) == ("<lambda>", "A.f.<locals>.<lambda>")
    assert g.line(3) == outer.line(3)
    assert g.digest != outer.digest


def test_threads(run):
    user = run("".join(f"def f{i}(x): return x + {i}\ng{i} = lambda x: x * {i}\n" for i in range(60)))
    found = []

    def work():
        for i in range(60):
            found.append(returned(find(getattr(user, f"f{i}"))) == f"return x + {i}")
            found.append(returned(find(getattr(user, f"g{i}"))) == f"x * {i}")

    filters = list(warnings.filters)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 480
    assert all(found)
    assert warnings.filters == filters


def test_functions_of_the_standard_library():
    import argparse
    import statistics
    import textwrap

    for module in (argparse, statistics, textwrap, sys.modules["dataclasses"]):
        for thing in vars(module).values():
            for fun in [thing, *(vars(thing).values() if isinstance(thing, type) else ())]:
                if isinstance(fun, types.FunctionType) and fun.__code__.co_filename == module.__file__:
                    assert find(fun).tree.lineno >= fun.__code__.co_firstlineno


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_parameters(run):
    user = run("class C[U]:\n    def m[T: int](self, x: T) -> U:\n        y: T = x\n        return T, U, y, super()\n")
    assert returned(find(user.C.m)) == "return (T, U, y, super())"
