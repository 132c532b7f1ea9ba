"""Errors: by file, line, column and message."""

import inspect
import linecache
import sys
import traceback

import numpy as np
import pytest

import s2sad

FILE = __file__


def place(function, text, line=1):
    """Line and columns (from 1) of ``text`` in a line of a function, counted from its ``def``."""
    lines, first = inspect.getsourcelines(function)
    col = lines[line].index(text) + 1
    return first + line, col, col + len(text)


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch):
    """The compiler's refusals, which a recorder would take over."""
    monkeypatch.setenv("S2SAD_RECORD", "0")


def refusal(function, *args, **kwargs):
    with pytest.raises(s2sad.UnsupportedError) as caught:
        s2sad.grad(function)(*args, **kwargs)
    return caught.value


X = np.array([0.7, -0.4, 1.3])


def yields(x):
    yield x * 2


def tries(x):
    try:
        y = 1.0 / x
    except RecursionError:
        y = 0.0
    return y


def matches(x):
    match {"a": x}:
        case {"a": y, **_rest}:
            return y


def makes_class(x):
    class Local:
        pass

    return x


def deletes(x):
    y = x * 2
    del y
    return x


def opens_file(x):
    with open("/dev/null") as f:
        return x * len(f.read())


def changes_global(x):
    global X
    X = x
    return x


def writes_view(x):
    a = np.outer(x, x)
    b = a.reshape(-1)
    b[0] = 5.0
    return np.sum(a)


def writes_outside(x):
    X[0] = x
    return x


def uses_super(x):
    return super().f(x)


def out_argument(x):
    a = np.zeros(3, dtype=np.float32)
    np.cumsum(x, out=a)
    return np.sum(a)


def loop_writes(x):
    a = x * 1.0
    for v in a:
        a[0] = v * 2
    return np.sum(a)


def closure_of_loop(x):
    fs = []
    for i in range(3):
        fs.append(lambda y: y * i)  # noqa: B023
    return fs[0](x)


def keeps_log(x):
    u, log = x * 1.0, []
    for k in range(3):
        u[0] += k
        log.append(u)
        u = u * 2
    return np.sum(log[0])


def writes_several_by_flat(x):
    a = np.outer(x, x)
    a.flat[:2] = x[:2]
    return np.sum(a)


def writes_real_part(x):
    a = x * (1 + 2j)
    a.real[0] = 1.0
    return np.sum(np.abs(a))


def reads_none_in_a_try(x):
    best = None
    for v in x:
        if v > 5:
            best = v
    try:
        return best * 2
    except TypeError:
        return x[0]


def any(values):
    return bool(values)


def own_any(x):
    return x[0] if any(v > 2 for v in x) else x[1]


def max(values, key):
    return sorted(values, key=key)[-1]


def own_max(x):
    rows = list(range(3))
    for k in range(2):
        rows.append(max(rows, key=lambda i: x[i] * k))
    return x[rows[-1]]


def pattern_of_what_may_be_none(x):
    pair = None
    for v in x:
        if v > 0:
            pair = (v, v * v)
    match pair:
        case (a, b):
            return a * b
    return 0.0


# what is refused, its argument, the line after ``def``, what is underlined, what is said
def entry_in_one_branch(x):
    found = {"a": x}
    if x[0] > 0:
        found["b"] = x**2
    return np.sum(found["a"])


def entry_in_a_turn(x):
    found = {}
    for k in range(3):
        found["b"] = x * k
    return np.sum(found["b"])


def reads_its_frame(x):
    return np.sum(x) * len(sys._getframe().f_locals)


def one_of_one_text(x):
    f = (lambda: LAMBDAS[0])()
    return np.sum(x) if f is LAMBDAS[0] else x[0]


LAMBDAS = [lambda x: x]


REFUSED = [
    (yields, 1.5, 1, "yield x * 2", "generators are not supported: collect the values in a list"),
    (tries, 1.5, 1, "try:", "catching RecursionError is not supported"),
    (matches, 1.5, 1, 'match {"a": x}:', "a match with **rest, names in one of several alternatives"),
    (makes_class, 1.5, 1, "class Local:", "a class inside a function is not supported"),
    (opens_file, 1.5, 1, 'with open("/dev/null") as f:', "with ... as a variable is not supported"),
    (changes_global, 1.5, 1, "global X", "assigning the global variable 'X' is not supported: return its new value"),
    (writes_view, X, 3, "b[0]", "this writes b, which may share memory with a, and a is read later"),
    (writes_outside, 1.5, 1, "X[0]", "writing into an object outside the function is not supported"),
    (uses_super, 1.5, 1, "super()", "super() is not supported outside a class: call the base class's method"),
    (out_argument, X, 2, "np.cumsum(x, out=a)", "out= is not supported here: assign the result to a slice instead"),
    (loop_writes, X, 2, "for v in a:", "the loop writes what it iterates over"),
    (closure_of_loop, 1.5, 3, "lambda y: y * i", "the nested lambda uses the variable 'i'"),
    (pattern_of_what_may_be_none, X, 6, "(a, b)", "what a pattern of match asks for must be known when compiling"),
    (keeps_log, X, 3, "u[0] += k", "this writes u, which may share memory with log, and log is read later"),
    (writes_several_by_flat, X, 2, "a.flat[:2]", "assigning several values to elements of flat is not supported"),
    (writes_real_part, X, 2, "a.real[0]", "writing through real is not supported: write the array itself"),
    (reads_none_in_a_try, X, 6, "best * 2", "what may be None is read in a try: its error could be caught"),
    (own_any, X, 1, "any(v > 2 for v in x)", "any is a function of your own here, which gets a generator: pass it a"),
    (
        own_max,
        X,
        3,
        "max(rows, key=lambda i: x[i] * k)",
        "this max is a function of your own, which may keep the lambda",
    ),
    (entry_in_one_branch, X, 4, 'found["a"]', "a dict that got an entry in one branch alone is not supported"),
    (entry_in_a_turn, X, 3, 'found["b"]', "a new entry of a dict that was read before is not supported"),
    (reads_its_frame, X, 1, "sys._getframe()", "_getframe() reads the frames of running functions"),
    (one_of_one_text, X, 2, "f is LAMBDAS[0]", "which function '<lambda>' is may count here"),
]


@pytest.mark.parametrize(
    ("function", "argument", "line", "text", "message"), REFUSED, ids=[case[0].__name__ for case in REFUSED]
)
def test_refused_at(function, argument, line, text, message):
    error = refusal(function, argument)
    lineno, offset, end = place(function, text, line)
    assert (error.filename, error.lineno, error.offset, error.end_offset) == (FILE, lineno, offset, end)
    assert message in error.msg
    assert error.text == linecache.getline(FILE, lineno)


def test_python_prints_the_line_with_carets():
    printed = "".join(traceback.format_exception_only(refusal(uses_super, 1.5)))
    assert "    return super().f(x)\n           ^^^^^^^\n" in printed
    assert "UnsupportedError: super() is not supported" in printed


def three_reasons(x):
    y = np.histogram2d(x, x)[0]
    z = np.polyfit(x, x, 1)
    return np.sum(y) + np.sum(z) + np.sum(np.ma.sqrt(x))


def test_all_reasons_at_once():
    error = refusal(three_reasons, X)
    first = inspect.getsourcelines(three_reasons)[1]
    lines = [span.line - first for span, _ in error.reasons]
    assert sorted(lines) == [1, 3]
    assert "and 1 more" in str(error)
    for span, message in error.reasons[1:]:
        assert f"line {span.line}: {message}" in str(error)


def two_kinds(x):
    try:
        x = x * 2
    finally:
        return x  # noqa: B012
    match x:
        case [y] | y:
            return y


def test_all_kinds_of_syntax_at_once():
    error = refusal(two_kinds, 1.5)
    assert {message.split(" is ")[0] for _, message in error.reasons} == {
        "return in finally",
        "a match with **rest, names in one of several alternatives, or a pattern in that of a class,",
    }


def no_rule(x):
    y = x * 2
    return np.sum(np.ma.sqrt(y))


def test_missing_rule():
    error = refusal(no_rule, X)
    lineno, offset, end = place(no_rule, "np.ma.sqrt(y)", 2)
    assert isinstance(error, s2sad.MissingRuleError)
    assert (error.filename, error.lineno, error.offset, error.end_offset) == (FILE, lineno, offset, end)
    assert "np.ma.sqrt has no derivative rule: register one with s2sad.extend" in error.msg


def no_rule_inactive(x, y):
    return np.sum(x) * np.sum(np.ma.sqrt(y**2))


def test_missing_rule_where_nothing_depends_on_it():
    y = np.array([1.0, -3.0, 5.0])
    assert np.allclose(s2sad.grad(no_rule_inactive)(X, y), 9.0)


def double(x):
    return x * 2


def text(x):
    return "text"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (1, r"can't differentiate with respect to 'x', which is an integer \(1\): pass a float"),
        (True, "can't differentiate with respect to 'x', which is True"),
        (None, "can't differentiate with respect to 'x', which is None"),
        ("a", "can't differentiate with respect to 'x', which is 'a'"),
        (np.arange(3), "'x', which is an integer"),
        ({1.0}, "can't differentiate with respect to 'x', a set: pass its numbers"),
        (X, "must return a real scalar .* use s2sad.vjp or s2sad.jacobian"),
        (1.0 + 1.0j, "must return a real scalar .* use s2sad.vjp or s2sad.jacobian"),
    ],
)
def test_type_errors(argument, message):
    with pytest.raises(TypeError, match=message):
        s2sad.grad(double)(argument)


def test_result_that_is_no_number():
    with pytest.raises(TypeError, match="must return a real scalar"):
        s2sad.grad(text)(1.0)


def test_builtin_without_text():
    assert s2sad.grad(len)([1.0]) == [0.0]


def test_wrong_arguments():
    with pytest.raises(TypeError, match="missing a required argument: 'x'"):
        s2sad.grad(double)()
    with pytest.raises(ValueError, match="no parameter 'y'; the parameters are x"):
        s2sad.grad(double, argnums="y")(1.0)
    with pytest.raises(ValueError, match="argnums 1 is out of range"):
        s2sad.grad(double, argnums=1)(1.0)


def test_no_text():
    namespace = {}
    exec("def made(x): return x", namespace)
    with pytest.raises(s2sad.SourceNotFoundError, match=r"no text of .made.*source="):
        s2sad.grad(namespace["made"])(1.0)


class TooLargeError(ValueError):
    pass


ERROR = TooLargeError("too large", 7)


def raises(x):
    y = x * x
    if y > 1.0:
        raise ERROR
    return y


def divides(x):
    y = x * 2
    return y / (x - 2.0)


def test_exception_of_the_function_passes_unchanged():
    with pytest.raises(TooLargeError) as caught:
        s2sad.grad(raises)(2.0)
    assert caught.value is ERROR
    assert s2sad.grad(raises)(0.5) == 1.0


def test_traceback_shows_generated_text_under_the_line_of_the_function():
    gradient = s2sad.grad(divides)
    with pytest.raises(ZeroDivisionError) as caught:
        gradient(2.0)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    lines = gradient.entry((2.0,), {}).program.text.splitlines()
    assert frame.filename.startswith("<s2sad ")
    assert linecache.getline(frame.filename, frame.lineno).strip() == frame.line
    assert frame.line in [line.strip() for line in lines]


def strict_pairs(x, y):
    return sum([a * b for a, b in zip(x, y, strict=True)])


def test_zip_strict_raises_what_python_raises():
    with pytest.raises(ValueError, match=r"zip\(\) argument 2 is shorter"):
        s2sad.grad(strict_pairs)([1.0, 2.0, 3.0], [1.0, 2.0])


def several_places(x, u):
    x.name = 3
    if x > 1:
        super().bar()
        y = with_dict(x)
    for _ in range(3):
        np.multiply.at(u, 0, x)
    return y


def with_dict(x):
    d = {x: x}
    d["a"] = x
    return x


def several_writes(x, u):
    a = u.reshape(-1)
    a[0] = x
    np.put(u, 0, x)
    for _ in range(3):
        np.fill_diagonal(u, x, True)
    return np.sum(u)


@pytest.mark.parametrize(("fun", "words"), [
    (several_places, ["attribute", "super()", "dict", "np.multiply.at"]),
    (several_writes, ["may share memory", "put", "fill_diagonal"]),
])  # fmt: skip
def test_every_place_is_reported(fun, words):
    with pytest.raises(s2sad.UnsupportedError) as caught:
        s2sad.grad(fun)(1.5, np.ones((3, 3)))
    error = caught.value
    assert len(error.reasons) == len(words)
    for word, (span, message) in zip(words, error.reasons, strict=True):
        assert word in message and span.file == FILE
    assert f"and {len(words) - 1} more" in str(error)


def index_that_is_none(x, place):
    found = None
    for k, v in enumerate(x):
        if v > place:
            found = k
    return np.sum(x[found])


def test_index_that_is_none_is_refused_where_it_is_read():
    np.testing.assert_array_equal(s2sad.grad(index_that_is_none)(X, -100.0), [0.0, 0.0, 1.0])
    with pytest.raises(s2sad.MissingRuleError, match="an index is None here, which makes an axis") as caught:
        s2sad.grad(index_that_is_none)(X, 100.0)
    assert (caught.value.lineno, caught.value.offset) == place(index_that_is_none, "x[found]", 5)[:2]
