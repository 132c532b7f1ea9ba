"""Rules of ``scipy.fft``: Fourier, cosine, sine and Hankel transforms of any length, axes and norm.

The Fourier transforms are NumPy's, and what `rules.fft` says of them holds here.  The matrices of cosine and sine
transforms (Martucci, "Symmetric convolution and the discrete sine and cosine transforms", 1994) are symmetric for types
1 and 4, and those of types 2 and 3 each other's transpose, but for the weights of the first or last elements that
`orthogonalize=True` takes away.
"""

import numpy as np
from scipy import fft

from ...runtime import no_derivative
from ..fft import fitted, mirrored, transformed
from ..inference import array, typed
from ..table import infer, jvp, linear, no_rule, vjp, zero_derivative

FLOATS = (np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.complex128), np.dtype(np.complex64))

# One axis


@linear(fft.fft)
def fft_(y_bar, y, x, *, n=None, axis=-1, norm=None, workers=None, plan=None):
    bar = fft.fft(y_bar, axis=axis, norm=norm)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.ifft)
def ifft(y_bar, y, x, *, n=None, axis=-1, norm=None, workers=None, plan=None):
    bar = fft.ifft(y_bar, axis=axis, norm=norm)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.rfft)
def rfft(y_bar, y, x, *, n=None, axis=-1, norm=None, workers=None, plan=None):
    if n is None:
        return np.real(fft.fft(y_bar, np.shape(x)[axis], axis, norm))
    return np.real(fitted(fft.fft(y_bar, n, axis, norm), np.shape(x)))


@linear(fft.ihfft)
def ihfft(y_bar, y, x, *, n=None, axis=-1, norm=None, workers=None, plan=None):
    if n is None:
        return np.real(fft.ifft(y_bar, np.shape(x)[axis], axis, norm))
    return np.real(fitted(fft.ifft(y_bar, n, axis, norm), np.shape(x)))


@linear(fft.irfft)
def irfft(y_bar, y, x, *, n=None, axis=-1, norm=None, workers=None, plan=None):
    bar = mirrored(np.shape(y), axis) * fft.ihfft(y_bar, axis=axis, norm=norm)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.hfft)
def hfft(y_bar, y, x, *, n=None, axis=-1, norm=None, workers=None, plan=None):
    bar = mirrored(np.shape(y), axis) * fft.rfft(y_bar, axis=axis, norm=norm)
    return bar if n is None else fitted(bar, np.shape(x))


# Several axes


@linear(fft.fft2)
def fft2(y_bar, y, x, *, s=None, axes=(-2, -1), norm=None, workers=None, plan=None):
    bar = fft.fftn(y_bar, axes=axes, norm=norm)
    return bar if s is None else fitted(bar, np.shape(x))


@linear(fft.ifft2)
def ifft2(y_bar, y, x, *, s=None, axes=(-2, -1), norm=None, workers=None, plan=None):
    bar = fft.ifftn(y_bar, axes=axes, norm=norm)
    return bar if s is None else fitted(bar, np.shape(x))


@linear(fft.fftn)
def fftn(y_bar, y, x, *, s=None, axes=None, norm=None, workers=None, plan=None):
    bar = fft.fftn(y_bar, axes=along(s, axes, x), norm=norm)
    return bar if s is None else fitted(bar, np.shape(x))


@linear(fft.ifftn)
def ifftn(y_bar, y, x, *, s=None, axes=None, norm=None, workers=None, plan=None):
    bar = fft.ifftn(y_bar, axes=along(s, axes, x), norm=norm)
    return bar if s is None else fitted(bar, np.shape(x))


@linear(fft.rfft2)
def rfft2(y_bar, y, x, *, s=None, axes=(-2, -1), norm=None, workers=None, plan=None):
    return rfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.rfftn)
def rfftn(y_bar, y, x, *, s=None, axes=None, norm=None, workers=None, plan=None):
    return rfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.ihfft2)
def ihfft2(y_bar, y, x, *, s=None, axes=(-2, -1), norm=None, workers=None, plan=None):
    return ihfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.ihfftn)
def ihfftn(y_bar, y, x, *, s=None, axes=None, norm=None, workers=None, plan=None):
    return ihfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.irfft2)
def irfft2(y_bar, y, x, *, s=None, axes=(-2, -1), norm=None, workers=None, plan=None):
    return irfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.irfftn)
def irfftn(y_bar, y, x, *, s=None, axes=None, norm=None, workers=None, plan=None):
    return irfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.hfft2)
def hfft2(y_bar, y, x, *, s=None, axes=(-2, -1), norm=None, workers=None, plan=None):
    return hfftn_bar(y_bar, x, s, along(s, axes, x), norm)


@linear(fft.hfftn)
def hfftn(y_bar, y, x, *, s=None, axes=None, norm=None, workers=None, plan=None):
    return hfftn_bar(y_bar, x, s, along(s, axes, x), norm)


def along(s, axes, x):
    """The axes that are transformed, as a tuple; SciPy takes a single number, too."""
    if isinstance(axes, int):
        return (axes,)
    if isinstance(s, int):
        return transformed((s,), axes, np.ndim(x))
    return transformed(s, axes, np.ndim(x))


# The last of the axes is the halved one: its other half is left out, or comes from the first


def whole_length(x, s, axes):
    """The length of the last axis before it is halved."""
    last = s if s is None or isinstance(s, int) else s[-1]
    return np.shape(x)[axes[-1]] if last is None or last == -1 else last


def rfftn_bar(y_bar, x, s, axes, norm):
    bar = fft.fft(y_bar, whole_length(x, s, axes), axes[-1], norm)
    bar = np.real(fft.fftn(bar, axes=axes[:-1], norm=norm))
    return bar if s is None else fitted(bar, np.shape(x))


def ihfftn_bar(y_bar, x, s, axes, norm):
    bar = fft.ifft(y_bar, whole_length(x, s, axes), axes[-1], norm)
    bar = np.real(fft.ifftn(bar, axes=axes[:-1], norm=norm))
    return bar if s is None else fitted(bar, np.shape(x))


def irfftn_bar(y_bar, x, s, axes, norm):
    half = mirrored(np.shape(y_bar), axes[-1]) * fft.ihfft(y_bar, axis=axes[-1], norm=norm)
    bar = fft.ifftn(half, axes=axes[:-1], norm=norm)
    return bar if s is None else fitted(bar, np.shape(x))


def hfftn_bar(y_bar, x, s, axes, norm):
    half = mirrored(np.shape(y_bar), axes[-1]) * fft.rfft(y_bar, axis=axes[-1], norm=norm)
    bar = fft.fftn(half, axes=axes[:-1], norm=norm)
    return bar if s is None else fitted(bar, np.shape(x))


# Cosine and sine transforms


@linear(fft.dct)
def dct(y_bar, y, x, *, type=2, n=None, axis=-1, norm=None, workers=None, orthogonalize=None):
    bar = dct_bar(y_bar, type, axis, norm, orthogonalize)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.idct)
def idct(y_bar, y, x, *, type=2, n=None, axis=-1, norm=None, workers=None, orthogonalize=None):
    bar = idct_bar(y_bar, type, axis, norm, orthogonalize)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.dst)
def dst(y_bar, y, x, *, type=2, n=None, axis=-1, norm=None, workers=None, orthogonalize=None):
    bar = dst_bar(y_bar, type, axis, norm, orthogonalize)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.idst)
def idst(y_bar, y, x, *, type=2, n=None, axis=-1, norm=None, workers=None, orthogonalize=None):
    bar = idst_bar(y_bar, type, axis, norm, orthogonalize)
    return bar if n is None else fitted(bar, np.shape(x))


@linear(fft.dctn)
def dctn(y_bar, y, x, *, type=2, s=None, axes=None, norm=None, workers=None, orthogonalize=None):
    return in_turn(dct_bar, y_bar, x, type, s, axes, norm, orthogonalize)


@linear(fft.idctn)
def idctn(y_bar, y, x, *, type=2, s=None, axes=None, norm=None, workers=None, orthogonalize=None):
    return in_turn(idct_bar, y_bar, x, type, s, axes, norm, orthogonalize)


@linear(fft.dstn)
def dstn(y_bar, y, x, *, type=2, s=None, axes=None, norm=None, workers=None, orthogonalize=None):
    return in_turn(dst_bar, y_bar, x, type, s, axes, norm, orthogonalize)


@linear(fft.idstn)
def idstn(y_bar, y, x, *, type=2, s=None, axes=None, norm=None, workers=None, orthogonalize=None):
    return in_turn(idst_bar, y_bar, x, type, s, axes, norm, orthogonalize)


def in_turn(one, y_bar, x, type, s, axes, norm, orthogonalize):
    """Along one axis after the other."""
    bar = y_bar
    for axis in along(s, axes, x):
        bar = one(bar, type, axis, norm, orthogonalize)
    return bar if s is None else fitted(bar, np.shape(x))


def partner(type):
    """The type whose matrix is the transpose, but for weights."""
    if type == 2:
        return 3
    return 2 if type == 3 else type


def is_orthogonal(y_bar, norm, orthogonalize):
    """Whether a transform is without weights."""
    if orthogonalize is None or orthogonalize == (norm == "ortho"):
        return norm == "ortho"
    if np.iscomplexobj(y_bar):
        raise no_derivative(
            "cosine and sine transforms of complex numbers have no derivative with orthogonalize: SciPy may ignore it"
        )
    return orthogonalize


def dct_bar(y_bar, type, axis, norm, orthogonalize):
    if type == 4 or is_orthogonal(y_bar, norm, orthogonalize):
        return fft.dct(y_bar, partner(type), axis=axis, norm=norm, orthogonalize=orthogonalize)
    w = cosine_weights(np.shape(y_bar), axis, type)
    if type == 3:
        return fft.dct(y_bar, 2, axis=axis, norm=norm, orthogonalize=orthogonalize) / w
    bar = fft.dct(y_bar * w, partner(type), axis=axis, norm=norm, orthogonalize=orthogonalize)
    return bar / w if type == 1 else bar


def idct_bar(y_bar, type, axis, norm, orthogonalize):
    if type == 4 or is_orthogonal(y_bar, norm, orthogonalize):
        return fft.idct(y_bar, partner(type), axis=axis, norm=norm, orthogonalize=orthogonalize)
    w = cosine_weights(np.shape(y_bar), axis, type)
    if type == 2:
        return fft.idct(y_bar, 3, axis=axis, norm=norm, orthogonalize=orthogonalize) / w
    bar = fft.idct(y_bar * w, partner(type), axis=axis, norm=norm, orthogonalize=orthogonalize)
    return bar / w if type == 1 else bar


def cosine_weights(shape, axis, type):
    """2 for the first element, where type is 1 also for the last; else 1."""
    n = shape[axis]
    w = np.ones(n)
    w[0] = 2.0
    if type == 1:
        w[n - 1] = 2.0
    return np.reshape(w, (-1,) + (1,) * (len(shape) - 1 - axis % len(shape)))


def dst_bar(y_bar, type, axis, norm, orthogonalize):
    if type == 1 or type == 4 or is_orthogonal(y_bar, norm, orthogonalize):
        return fft.dst(y_bar, partner(type), axis=axis, norm=norm, orthogonalize=orthogonalize)
    w = sine_weights(np.shape(y_bar), axis)
    if type == 3:
        return fft.dst(y_bar, 2, axis=axis, norm=norm, orthogonalize=orthogonalize) / w
    return fft.dst(y_bar * w, 3, axis=axis, norm=norm, orthogonalize=orthogonalize)


def idst_bar(y_bar, type, axis, norm, orthogonalize):
    if type == 1 or type == 4 or is_orthogonal(y_bar, norm, orthogonalize):
        return fft.idst(y_bar, partner(type), axis=axis, norm=norm, orthogonalize=orthogonalize)
    w = sine_weights(np.shape(y_bar), axis)
    if type == 2:
        return fft.idst(y_bar, 3, axis=axis, norm=norm, orthogonalize=orthogonalize) / w
    return fft.idst(y_bar * w, 2, axis=axis, norm=norm, orthogonalize=orthogonalize)


def sine_weights(shape, axis):
    """2 for the last element, else 1."""
    n = shape[axis]
    w = np.ones(n)
    w[n - 1] = 2.0
    return np.reshape(w, (-1,) + (1,) * (len(shape) - 1 - axis % len(shape)))


# The fast Hankel transform (A. J. S. Hamilton, "Uncorrelated modes of the non-linear power spectrum", 2000) is a
# convolution of logarithmic points, turned around: a symmetric matrix, as is its inverse


@linear(fft.fht)
def fht(y_bar, y, a, *, dln=None, mu=None, offset=0.0, bias=0.0):
    return fft.fht(y_bar, dln, mu, offset, bias)


@linear(fft.ifht)
def ifht(y_bar, y, A, *, dln=None, mu=None, offset=0.0, bias=0.0):
    return fft.ifht(y_bar, dln, mu, offset, bias)


# Shifts and frequencies


@linear(fft.fftshift)
def fftshift(y_bar, y, x, *, axes=None):
    return fft.ifftshift(y_bar, axes)


@linear(fft.ifftshift)
def ifftshift(y_bar, y, x, *, axes=None):
    return fft.fftshift(y_bar, axes)


@vjp(fft.fftfreq, fft.rfftfreq)
def fftfreq(y_bar, y, n, d=1.0):
    return None, -np.sum(y_bar * y) / d


@jvp(fft.fftfreq, 1)
def fftfreq_jvp(d_dot, y, n, d=1.0):
    return -y / d * d_dot


zero_derivative(fft.next_fast_len)
if hasattr(fft, "prev_fast_len"):
    zero_derivative(fft.prev_fast_len)
no_rule("it jumps with its arguments; compute it before, as a constant", fft.fhtoffset)


# What is known of results: without a length, the sizes are the argument's


@infer(fft.dct, fft.idct, fft.dst, fft.idst)
def of_same_size(x, type=2, n=None, axis=-1, norm=None, workers=None, orthogonalize=None):
    t = typed(x)
    return t if n is None and t.kind == "array" and t.dtype is not None and t.dtype in FLOATS else NotImplemented


@infer(fft.dctn, fft.idctn, fft.dstn, fft.idstn)
def of_same_sizes(x, type=2, s=None, axes=None, norm=None, workers=None, orthogonalize=None):
    return of_same_size(x, n=s)


@infer(fft.fft, fft.ifft)
def complex_of_same_size(x, n=None, axis=-1, norm=None, workers=None, plan=None):
    t = typed(x)
    if n is not None or t.kind != "array" or t.dtype is None or t.dtype.kind not in "fc":
        return NotImplemented
    return array(np.result_type(t.dtype, np.complex64), t.dims)


@infer(fft.fft2, fft.ifft2, fft.fftn, fft.ifftn)
def complex_of_same_sizes(x, s=None, axes=None, norm=None, workers=None, plan=None):
    return complex_of_same_size(x, s)
