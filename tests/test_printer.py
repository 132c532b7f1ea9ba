"""The printer against Python's own parser: what is printed parses to what was printed, and reads well."""

import ast
import importlib
import inspect

import gast
import pytest

from s2sad.codegen.printer import Comment, to_text

# fmt: off
AS_WRITTEN = [
    "x[1:, None]", "x[1:-1, ::2, ...]", "u[i + 1 :]", "u[lo + 1 : hi]", "u[-n:]", "x[()]", "x[a,]", "x[(a, b), c]",
    "x**2", "x.a**-2.5", "(a + b) ** 2", "f(x) ** 2", "-x**2", "(-x) ** 2", "2 ** -x", "2**-1", "x ** (a + 1)",
    "(a**b) ** c",     "a ** b**c", "-(a + b)", "--a", "not a", "not a == b", "(not a) == b", "~a",
    "a - b - c", "a - (b - c)", "a / (b * c)", "a * b @ c", "a * (b @ c)", "a + b * c", "(a + b) * c", "a << b | c",
    "a and (b or c)", "a and b or c", "a < b < c", "(a < b) < c", "(a < b) + 1", "(a and b) + 1",
    "a if c else b", "(a if c else b) + 1", "a if c else b if d else e", "(a if c else b) if d else e",
    "lambda: 0", "lambda x, *a, y=1, **k: x + y", "(lambda x: x)(1)", "f(lambda x: x, 1)", "(lambda: 1) + 2",
    "np.sum(x, axis=0, keepdims=True)", "f(*a, **k)", "f(x for x in y)", "f((x for x in y), 1)", "[*a, *(b or c)]",
    "{**a, 'b': 1}".replace("'", '"'), "{1, 2}", "{a: b for a, b in c}", "[x for x in (a if b else c) if d if e]",
    "(1).real", "1.0.real", "(-1).real", "1e309", "1e-07", "2.5j", "(1, 2)", "(1,)", "()", "...", "b'a'",
    '"it\'s"', "'say \"x\"'", 'f\'{x!r:>{w}} {{}} {y["a"]}\'', 'f"{a}\\n\\"{b + 1}"', 'f"{(lambda: 1)}"',
    'f"{ {1: 2}}"',     "(y := f(x))", "(await x)", "x.T @ y", "f(x).y[0](z)",
]
# fmt: on


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_expression(text):
    tree = ast.parse(text, mode="eval").body
    assert to_text(tree) == text
    assert to_text(gast.ast_to_gast(tree)) == text


PROGRAM = '''"""A module."""
import numpy as np
from . import a as b, c


@decorated(1)
def f(a, /, b: int, c=1, *args, d: "x" = 2, e, **k) -> int:
    """One line.

    More of it \\\\ and \\"\\"\\" there.
    """
    x, *y = a
    x = y = 1, 2
    x += 1
    z: int = 3
    for i, (j, k) in enumerate(zip(a, b)):
        if i:
            continue
        elif j:
            break
        else:
            pass
    else:
        pass
    while x < 3 and not y:
        x -= 1
    with open(x) as g, h:
        pass
    try:
        raise ValueError(x) from e
    except (A, B) as e:
        pass
    finally:
        del x, y

    def inner():
        nonlocal x
        return
    return x, y


class A(B, metaclass=C):
    x = 1


async def g():
    async for x in y:
        return (x,)
'''


def test_program():
    assert to_text(ast.parse(PROGRAM)) == PROGRAM
    assert to_text(gast.parse(PROGRAM)) == PROGRAM


def test_comment():
    body = [Comment("hello"), *ast.parse("x = 1").body]
    assert to_text(body) == "# hello\nx = 1\n"
    loop = ast.parse("while x:\n    pass").body[0]
    loop.body = [Comment("nothing here")]
    assert to_text(loop) == "while x:\n    # nothing here\n    pass\n"


LONG = """\
def f():
    # a line of the user's that is too long to stand on one line of what
    #     is generated, not even there
    total = (
        first_part[1:] * second_part
        - third_part[:-1] / (a + b)
        + function(x)
    )
    x[i] += (
        something_that_is_long
        @ (something_else_here + y + another_one)
    )
    function(
        a + b, (c, d), key=[1, 2, 3], another_key=\"another value\"
    )
    return (
        first_result_of_the_function,
        function(
            second_result_of_the_function,
            (x, third_result_of_the_function, another),
        ),
        {a_key: a_value},
    )
"""


def test_long_statements_stand_on_several_lines():
    tree = ast.parse(LONG)
    comment = "a line of the user's that is too long to stand on one line of what is generated, not even there"
    tree.body[0].body.insert(0, Comment(comment))
    assert to_text(tree, 64) == LONG


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_breaking_a_line_changes_nothing(text):
    tree = ast.parse(f"x = {text}\nreturn_ += {text}\n{text}")
    assert ast.dump(ast.parse(to_text(tree, 4))) == ast.dump(tree)


def test_nan_is_refused():
    with pytest.raises(ValueError, match="nan"):
        to_text(ast.Constant(float("nan")))


MODULES = [
    "argparse", "ast", "configparser", "copy", "csv", "dataclasses", "decimal", "difflib", "dis", "doctest",
    "enum", "fractions", "functools", "heapq", "html.parser", "http.client", "inspect", "ipaddress", "json.decoder",
    "logging", "mailbox", "optparse", "pathlib", "pdb", "pickle", "pickletools", "pprint", "random", "re", "shutil",
    "statistics", "string", "subprocess", "tarfile", "tempfile", "textwrap", "threading", "tokenize", "traceback",
    "typing", "unittest.mock", "urllib.parse", "uuid", "warnings", "weakref", "zipfile",
]  # fmt: skip

LATER_SYNTAX = ("Match", "TryStar", "TypeAlias", "TypeVar", "TypeVarTuple", "ParamSpec", "TemplateStr")


@pytest.mark.parametrize("module", MODULES)
def test_standard_library(module):
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    statements = [s for s in tree.body if not any(type(n).__name__ in LATER_SYNTAX for n in ast.walk(s))]
    assert len(statements) > len(tree.body) / 2
    tree.body = statements
    expected = ast.dump(tree)
    assert ast.dump(ast.parse(to_text(tree))) == expected
    assert ast.dump(ast.parse(to_text(gast.ast_to_gast(tree)))) == expected


def test_statements_that_only_recorded_code_has():
    text = """
def f(x):
    match x:
        case [1.0, *rest] | (2.0 as rest) if x > 1:
            y = 2
        case {'a': None, **more}:
            y = 3
        case Point(a=-1):
            pass
        case _:
            try:
                y = 4
            except* ValueError as e:
                y = 5
            else:
                y = 6
            finally:
                y = 7
"""
    tree = ast.parse(text)
    assert ast.dump(ast.parse(to_text(tree))) == ast.dump(tree)
