"""What `tests.random_expressions` puts together: leaves, forms with a place ``{}`` for each operand, and statements."""

NUMBERS = [
    "x", "n", "u[0]", "u", "m", "2", "0.5", "-1.5", "True", "x > 0.3", "u[1:n]", "len(u)", "np.float64(0.5)", "[x, n]",
    "[u[0]]", "[x][:n]", "u[n - 1:]", "np.int64(n)", "int(x)", "1j",
]  # fmt: skip
OF_NUMBERS = [
    "({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} ** {})", "({} // {})", "({} % {})", "round({})",
    "round({}, 1)", "abs({})", "min({}, {})", "max({}, {})", "sum({})", "max({})", "float({})", "int({})", "np.sum({})",
    "np.sin({})", "np.max({})", "math.exp({})", "({} if {} else {})", "({} and {})", "({} or {})", "divmod({}, {})[0]",
    "np.where({}, {}, {})", "np.square({})", "({}).real", "-({})", "math.floor({})", "np.floor({})", "np.asarray({})",
    "sum([{} for i in range(n - 1)])", "np.mean({})", "np.array({})[()]", "np.dot({}, {})", "pow({}, {})",
    "math.prod({})", "np.clip({}, 0.1, {})", "(not {})", "({} == {})", "({} & {})", "({}).imag", "({}).item()",
    "math.hypot({}, {})", "np.hypot({}, {})", "np.abs({})", "({})[0]", "({})[-1:]", "sum({}, {})",
]  # fmt: skip
ARRAYS = [
    "x", "u", "a", "f", "n", "u[1:]", "a[0]", "a[:, :1]", "a.T", "b", "c", "u[None, :]", "u[:, None]", "2.0", "1j",
    "np.float32(1.5)", "u[:1]", "a[u > 0.3]", "np.ones(3)", "np.arange(3)", "u.astype(np.float32)", "a.sum(axis=0)",
    "a.sum(axis=1, keepdims=True)", "u[::-1]", "a[..., 0]", "np.zeros((0, 3))", "u.reshape(-1, 1)", "np.eye(3)",
    "f[0]", "np.float32(x)", "f * 2.0", "np.array(x)", "np.array([[x]])", "[1.0, x, n]", "(x, 2.0)", "range(n)", "x",
    "np.array([1, 2, 3], np.int32)[:n]", "u.astype(complex)", "np.array([])", "a[0, 0]", "u", "a", "[u, u]",
    "a.tolist()",
]  # fmt: skip
OF_ARRAYS = [
    "({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} @ {})", "({} ** 2)", "({} ** 0.5)", "({} ** n)",
    *(f"np.{f}({{}})" for f in (
        "sin", "exp", "tanh", "real", "imag", "conj", "abs", "sqrt", "negative", "arctan", "ravel", "squeeze",
        "transpose", "atleast_2d", "diff", "cumsum", "flip", "array", "copy", "ones_like", "zeros_like", "sign",
        "nan_to_num", "diag", "triu", "sort", "angle", "cumprod", "trace", "ptp", "vander", "trapezoid", "gradient",
    )),
    *(f"np.{f}({{}}, axis={axis})" for f in ("sum", "mean", "max", "prod", "std", "var", "median", "linalg.norm")
      for axis in (0, -1, None)),
    *(f"np.{f}({{}}, {{}})" for f in (
        "maximum", "dot", "outer", "inner", "hypot", "arctan2", "kron", "multiply", "matmul", "fmax", "logaddexp",
        "copysign", "append", "convolve", "vdot", "cross", "mod", "polyval", "tile", "quantile",
    )),
    "np.where({} > {}, {}, {})", "np.concatenate([{}, {}], axis=0)", "np.concatenate([{}, {}], axis=-1)",
    "np.stack([{}, {}])", "np.tensordot({}, {}, 1)", "np.broadcast_to({}, (2, 3, 3))", "np.repeat({}, 2, axis=-1)",
    "({})[0]", "({})[-1]", "({})[1:]", "({})[..., 0]", "({})[None]", "({})[::2]", "({})[[0, 0]]", "({}).T",
    "({}).sum()", "({}).reshape(-1)", "({}).astype(float)", "({}).max()", "({}).dot(u)", "({}).item()",
    "np.swapaxes({}, 0, -1)", "np.expand_dims({}, 0)", "np.clip({}, 0.1, {})", "np.roll({}, 1)", "np.pad({}, 1)",
    "np.take({}, [0, 0])", "np.einsum('i,j->ij', {}, {})", "np.hstack([{}, {}])", "np.array([{}, {}])",
    "np.average({}, weights={})", "np.select([{} > 0.3], [{}], 0.5)", "np.full((2, 3), {})", "np.split({}, 1)[0]",
]  # fmt: skip
MATRIX = "(np.eye(len(u)) * 3 + 0.1 * np.outer(u, u))"  # well-conditioned, whatever u is
OF_ARRAYS_TOO = [
    *(f"({{}}).{method}" for method in (
        "cumsum()", "cumsum(axis=-1)", "cumprod(0)", "clip(0.1, 0.9)", "clip(max=x)", "round(1)", "mean(axis=-1)",
        "mean(0, keepdims=True)", "repeat(2)", "repeat(2, axis=0)", "repeat([1] * n, 0)", "take([0, -1])",
        "take(0, axis=-1)", "argsort()", "argmax()", "argmin(axis=0)", "trace()", "swapaxes(0, -1)", "transpose()",
        "ravel()", "ravel('F')", "flatten()", "squeeze()", "flat[0]", "flat[1:]", "flat[:]", "real", "imag", "std()",
        "var(ddof=1)", "prod(axis=0)", "min()", "conj()", "diagonal()", "tolist()", "copy()", "astype(int)",
        "astype(complex)", "astype(np.float32)", "item(0)", "ndim", "size", "shape[0]", "sum(axis=(0, 1))",
        "reshape(1, -1)", "reshape(-1, 1)", "reshape((-1,), order='F')", "all()", "any(axis=0)", "nonzero()[0]",
        "tolist()[0]", "sum(keepdims=True)", "searchsorted(0.2)", "compress([True], axis=0)", "choose([x, m])",
    )),
    *(f"np.{f}({{}}, {options})" for f, options in (
        ("sum", "initial=x"), ("sum", "where=b"), ("sum", "dtype=np.float32"), ("sum", "axis=-1, keepdims=True"),
        ("max", "initial=0.2"), ("max", "axis=0, initial=m"), ("min", "axis=-1, keepdims=True"),
        ("mean", "dtype=float"), ("prod", "initial=2"), ("cumsum", "axis=0, dtype=complex"), ("std", "ddof=1"),
        ("var", "axis=0, keepdims=True"),
        ("median", "axis=-1, keepdims=True"), ("percentile", "30"), ("quantile", "[0.2, x], axis=0"), ("roll", "n"),
        ("roll", "-1, axis=0"), ("linalg.norm", "ord=1"), ("linalg.norm", "ord=np.inf, axis=-1"), ("round", "1"),
        ("linalg.matrix_power", "n"), ("diff", "axis=0"), ("diff", "n=2"), ("pad", "(1, 0), mode='edge'"),
        ("full_like", "x"),
        ("delete", "0"), ("insert", "1, x"), ("unwrap", "axis=0"), ("interp", "np.sort(u), u * u"), ("tile", "(2, 1)"),
        ("float_power", "2"), ("power", "3"), ("power", "n"), ("ldexp", "1"), ("astype", "np.float32"), ("rot90", "1"),
    )),
    *(f"np.{f}({{}})" for f in (
        "linalg.det", "linalg.inv", "nansum", "nanmax", "cbrt", "exp2", "log1p", "floor", "deg2rad", "sinc", "i0",
        "fliplr", "flipud", "tril", "matrix_transpose", "atleast_1d", "atleast_3d", "positive", "reciprocal", "square",
        "isfinite", "mean", "average", "argsort", "unique", "modf", "frexp", "nanmean", "fft.fft", "fft.rfft", "size",
        "float64", "asarray", "ascontiguousarray", "column_stack", "vstack", "block", "meshgrid", "linalg.norm",
    )),
    f"np.linalg.solve({MATRIX}, {{}})", f"np.linalg.inv({MATRIX}) @ {{}}", f"{{}} * np.linalg.det({MATRIX})",
    f"np.linalg.eigh({MATRIX})[0] * {{}}", f"np.linalg.eigvalsh({MATRIX} * x) + {{}}",
    f"np.linalg.cholesky({MATRIX}) @ {{}}", f"np.linalg.slogdet({MATRIX})[1] + {{}}",
    f"np.linalg.svd({MATRIX} + {{}}, compute_uv=False)", f"np.linalg.lstsq({MATRIX}, {{}}, rcond=None)[0]",
    *(f"np.einsum('{signature}', {', '.join(['{}'] * (signature.count(',') + 1))})" for signature in (
        "ij,j->i", "ij,jk", "ii", "ii->i", "i,i", "...i,i->...", "ij->ji", "ij->", "i,ij,j", "ij,ij->j", "i->",
    )),
    *(f"({{}})[{index}]" for index in (
        "[0, 1], [1, 0]", "np.ix_([0, -1], [0, 0])", ":, [0, -1]", "b", "b, 0", "..., None", "n - 1", "-n:", "::-1, 0",
        ":, ::2", "0, 0", "[True] + [False] * (n - 1)", "[[0], [0]], [0, -1]", "0, ..., None", "np.argsort(u)", "u > 0",
        "np.array(0)", "(), ", ":n - 1", "None, :, 0", "int(x > 0)", "-1, [0, 0]", "np.arange(n)", "range(n)", "b[0]",
    )),
    "math.sin(np.sum({}))", "float(np.sum({})) ** n", "math.exp(({}).item())", "abs(np.sum({}) + 1j)", "2 ** {}",
    "{} ** 3", "{} ** -1", "np.exp(1j * {}).real", "np.abs({} + 2j)", "np.angle({} + 2j)", "abs({})", "-{}", "+{}",
    "{} // 0.4", "{} % 0.7", "divmod({}, 0.3)[1]", "{} == {}", "{} < {}", "{} & b", "~b * {}", "{} is {}", "not {}",
    "max({}, {})", "sum({})", "min({})", "len({})", "round({}, 1)", "complex({})", "int({})", "bool({})", "list({})",
    "({}, {})[0]", "[{}, {}][n % 2]", "{{'p': {}, 'q': {}}}['p']", "sum([row * x for row in {}])",
    "np.array([row[::-1] for row in {}])", "[row for row in {}][-1]", "np.stack([{} for k in range(n)], axis=-1)",
    "np.concatenate([np.atleast_1d(e) for e in ({}, {})])", "np.add({}, {}, dtype=complex)", "np.add.reduce({})",
    "np.multiply.outer({}, u)", "np.maximum.accumulate({})", "np.where({})", "np.apply_along_axis(np.sum, 0, {})",
    "({} if n > 1 else {})", "({} and {})", "({} or {})", "(lambda t: t * {})({})",
    "functools.reduce(np.add, [{}, {}])",
    "np.sort({})[np.argmax({})]", "np.fmin(*np.broadcast_arrays({}, {}))", "np.linspace({}, {}, 3)", "sorted({})[0]",
    "np.block([[{}, {}]])", "np.piecewise({}, [{} > 0.3], [lambda t: t * t, x])", "np.vectorize(lambda t: t * x)({})",
]  # fmt: skip
# `v` and `w` are there, and `E` is an expression.
STATEMENTS = """\
v += E
v -= E
v *= E
v /= E
v **= 2
v //= 2
v = v + E
v[0] = E
v[-1] += E
v[0] *= x
v[v > 0] *= E
v[v > 0.2] = E
v[:, 0] -= E
v[...] = E
v[:] = E
v[1:] += v[:-1]
v[-1] = v[0] * 2
v[[0, 0]] += x
v[[0, -1]] = E
v.T[0] = E
v[0], v[-1] = v[-1], v[0]
v.sort()
v.fill(E)
v.flat[0] = E
v = [E, v]
v, w = E, v
w = v
w = v[0]
p, *q = v; w = p * sum(q)
w, *_ = v
v = v.copy()
w = v[1:]; w *= E
w = v.reshape(-1); w[0] = E
w = v.T; w += E
w = np.ravel(v); w[-1] = x
w = v[None]; v[0] = x
w = np.asarray(v); w *= 2
w = v[::2]; v[0] = E
w = v[[0]]; v[0] = E
w = np.sum(v); v *= w
np.add(v, E, out=v)
np.multiply(v, x, out=v)
np.add.at(v, [0, 0], E)
np.fill_diagonal(v, E)
np.copyto(v, E)
np.put(v, [0], x)
np.clip(v, 0.1, 0.9, out=v)
np.cumsum(v, out=v)
v.real[0] = x
np.maximum(v[0], E, out=v[0])
for k in range(len(v)): v[k] = v[k] * (k + 1)
for row in v: row *= x
for k, row in enumerate(v): w = w + row * k
for k in range(n): v = v * x + E
for k in range(n): v[k] += v[k - 1]
while n > 0: v = v * x; n -= 1
for k in range(n - 1): w = E
d = {'v': v}; d['v'][0] = E
t = (v, v * 2); t[0][0] = E; v = t[0] + t[1]
d = [v, E]; d[0] = d[1] * x; w = d[0]
d = {}; d[n] = v; d[n] = d[n] * x; w = d[n]
u[0] = E
a[0] *= x
u *= 2
w = [t * x for t in v]
w = {k: t for k, t in enumerate(v)}[0]
v = E if v is w else v
v: float = E
w = (v := E)
v = list(v); v.append(E); v = np.array(v)
w = v[u > 0]; w[0] = x; v = w
v = np.where(v > 0.3, v, E)
del w; w = v * 2
p = np.empty((2, n)); p[0] = E; p[1] = x; v = p
p = np.zeros(n); p[:] = E; v = p
v = np.zeros_like(u); v[0] = E
v = np.zeros(n); v += E
try: w = v[1]; except IndexError: w = E
if np.sum(v) > 0.5: v = E
if np.ndim(v): v = v * x
w = v; v = v + 1; w = w * v
v, w = w, v
v = w = E
w = np.broadcast_to(v, (2, *np.shape(v))); v = v + 1
w = a[0]; a[0, 0] = x
w = u[1:]; u[1] = x
w = a.T.copy(); a *= 2
for row in a: row += x
for row in a.T: row[0] = E
for k, (p, q) in enumerate(zip(v, w)): v[k] = p * q
for p, q in zip(u, u[1:]): w = p * q + w
for p in (v, E): w = w + p
w = [row for row in a]; a[0] = x; w = w[0]
w = sum(t * x for t in v)
d = dict(p=v); d.update(q=E); w = d['q']
t = [v]; t[0] += 1; w = t[0]
t = [x, E]; t[0] += 1.0; w = t[0]
t = {}; t['a'] = E; t.setdefault('b', v); w = t['b']
w = max([v, w], key=np.sum)
while n > 0 and np.sum(np.abs(v)) < 5: v = v * 2.0 + 1; n -= 1
with np.errstate(all='ignore'): v = E
v = v if x > 0 else None; v = w if v is None else v
w = (v, E)[n % 2]
v = np.array([*v, x])
k = np.argmax(v); w = v[k]; v[k] = 0.0
k = v > 0; w = v[k].sum(); v[~k] = E
v[np.abs(v) < 0.5] = 0.0
v[v == v.max()] = E
np.negative(v, out=v, where=v > 0)
w = np.add(v, E, where=v > 0, out=np.zeros_like(v))
v[0, 0] = E
v[0][0] = E
v[..., -1] *= x
v[:, [0, -1]] += E
v[[0, -1], [0, -1]] = E
v[np.ix_([0, -1], [0, -1])] *= 2
v[n - 1:] = E
k = n - 2; v[k] = x
v[::2][0] = E
v.ravel()[0] = E
g = lambda t, s=v: t * s; v = v * 2; w = g(w)
g = lambda t: t * v; v = v * 2; w = g(w)
def g(t, s=2.0): t = t * s; t[0] = x; return t + v
def g(t): t[0] = t[0] * x; return t
w = g(v)
v @= np.eye(len(u))
w = np.float32(v); v = w * 0.5
v = f * v; v[0] = x
v = np.array(v, dtype=np.float32); v += x
w = np.array([v, E]); v = w[0]
k = slice(0, n); w = v[k]; v[k] = x
w = divmod(v, 0.3)[1]
v, w = np.modf(v)
w = np.linalg.norm(v); v = v / w
w = v.view(); w[0] = E
w = v.astype(v.dtype, copy=False); w[0] = x
v = np.require(v); v[0] = E
w = np.split(v, 1)[0]; w[0] = x
w = np.swapaxes(v, 0, -1); w[0] = E
w = v.diagonal(); v = v * w
w = np.squeeze(v); w += E
w = np.atleast_2d(v); w[0, 0] = x
w = np.flip(v); v[0] = x
w = np.expand_dims(v, 0); w *= x
w, p = v[0], v[1:]; p += x
w = np.stack([v, v]); v[0] = x
w = iter(v); w = next(w) * x
w = v if n > 1 else E""".splitlines()
