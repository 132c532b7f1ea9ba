"""Rules of Fourier transforms, of any length, axes and norm.

A discrete Fourier transform is a symmetric matrix: it is its own transpose, with its norm.  The real transforms keep
half of a symmetric spectrum: rfft is a transform without its second half, and irfft counts every element twice whose
mirror image was left out.  A transform first crops or pads its argument with zeros, and so its cotangent ends with
`fitted`.  (Real arguments get the real part from the table.)
"""

import numpy as np

from .table import jvp, linear, vjp

# One axis


@linear(np.fft.fft)
def fft(y_bar, y, a, *, n=None, axis=-1, norm=None):
    if n is None:
        return np.fft.fft(y_bar, axis=axis, norm=norm)
    return fitted(np.fft.fft(y_bar, axis=axis, norm=norm), np.shape(a))


@linear(np.fft.ifft)
def ifft(y_bar, y, a, *, n=None, axis=-1, norm=None):
    if n is None:
        return np.fft.ifft(y_bar, axis=axis, norm=norm)
    return fitted(np.fft.ifft(y_bar, axis=axis, norm=norm), np.shape(a))


@linear(np.fft.rfft)
def rfft(y_bar, y, a, *, n=None, axis=-1, norm=None):
    if n is None:
        return np.real(np.fft.fft(y_bar, np.shape(a)[axis], axis, norm))
    return np.real(fitted(np.fft.fft(y_bar, n, axis, norm), np.shape(a)))


@linear(np.fft.ihfft)
def ihfft(y_bar, y, a, *, n=None, axis=-1, norm=None):
    if n is None:
        return np.real(np.fft.ifft(y_bar, np.shape(a)[axis], axis, norm))
    return np.real(fitted(np.fft.ifft(y_bar, n, axis, norm), np.shape(a)))


@linear(np.fft.irfft)
def irfft(y_bar, y, a, *, n=None, axis=-1, norm=None):
    bar = mirrored(np.shape(y), axis) * np.fft.ihfft(y_bar, axis=axis, norm=norm)
    return bar if n is None else fitted(bar, np.shape(a))


@linear(np.fft.hfft)
def hfft(y_bar, y, a, *, n=None, axis=-1, norm=None):
    bar = mirrored(np.shape(y), axis) * np.fft.rfft(y_bar, axis=axis, norm=norm)
    return bar if n is None else fitted(bar, np.shape(a))


def mirrored(shape, axis):
    """How often each element of a half spectrum is in the whole one: 2, or 1 where it is its own mirror image."""
    n = shape[axis]
    times = np.full(n // 2 + 1, 2.0)
    times[0] = 1.0
    if n % 2 == 0:
        times[n // 2] = 1.0
    return np.reshape(times, (-1,) + (1,) * (len(shape) - 1 - axis % len(shape)))


def fitted(x, shape):
    """``x`` cropped or padded with zeros at the end of each axis."""
    x = x[tuple([slice(0, n) for n in shape])]
    return np.pad(x, [(0, shape[i] - np.shape(x)[i]) for i in range(len(shape))])


# Several axes


@linear(np.fft.fft2)
def fft2(y_bar, y, a, *, s=None, axes=(-2, -1), norm=None):
    bar = np.fft.fftn(y_bar, axes=axes, norm=norm)
    return bar if s is None else fitted(bar, np.shape(a))


@linear(np.fft.ifft2)
def ifft2(y_bar, y, a, *, s=None, axes=(-2, -1), norm=None):
    bar = np.fft.ifftn(y_bar, axes=axes, norm=norm)
    return bar if s is None else fitted(bar, np.shape(a))


@linear(np.fft.fftn)
def fftn(y_bar, y, a, *, s=None, axes=None, norm=None):
    bar = np.fft.fftn(y_bar, axes=transformed(s, axes, np.ndim(a)), norm=norm)
    return bar if s is None else fitted(bar, np.shape(a))


@linear(np.fft.ifftn)
def ifftn(y_bar, y, a, *, s=None, axes=None, norm=None):
    bar = np.fft.ifftn(y_bar, axes=transformed(s, axes, np.ndim(a)), norm=norm)
    return bar if s is None else fitted(bar, np.shape(a))


@linear(np.fft.rfft2)
def rfft2(y_bar, y, a, *, s=None, axes=(-2, -1), norm=None):
    return rfftn_bar(y_bar, a, s, axes, norm)


@linear(np.fft.rfftn)
def rfftn(y_bar, y, a, *, s=None, axes=None, norm=None):
    return rfftn_bar(y_bar, a, s, transformed(s, axes, np.ndim(a)), norm)


@linear(np.fft.irfft2)
def irfft2(y_bar, y, a, *, s=None, axes=(-2, -1), norm=None):
    return irfftn_bar(y_bar, a, s, axes, norm)


@linear(np.fft.irfftn)
def irfftn(y_bar, y, a, *, s=None, axes=None, norm=None):
    return irfftn_bar(y_bar, a, s, transformed(s, axes, np.ndim(a)), norm)


def transformed(s, axes, ndim):
    """The axes that are transformed: all of them, or the last ones if only sizes are given."""
    if axes is not None:
        return axes
    if s is None:
        return tuple(range(ndim))
    return tuple(range(ndim - len(s), ndim))


def rfftn_bar(y_bar, a, s, axes, norm):
    """The last of the axes is the halved one: it is padded to its whole length."""
    length = np.shape(a)[axes[-1]] if s is None or s[-1] == -1 or s[-1] is None else s[-1]
    bar = np.fft.fft(y_bar, length, axes[-1], norm)
    bar = np.real(np.fft.fftn(bar, axes=axes[:-1], norm=norm))
    return bar if s is None else fitted(bar, np.shape(a))


def irfftn_bar(y_bar, a, s, axes, norm):
    """The last of the axes is the halved one."""
    half = mirrored(np.shape(y_bar), axes[-1]) * np.fft.ihfft(y_bar, axis=axes[-1], norm=norm)
    bar = np.fft.ifftn(half, axes=axes[:-1], norm=norm)
    return bar if s is None else fitted(bar, np.shape(a))


# Shifts and frequencies


@linear(np.fft.fftshift)
def fftshift(y_bar, y, x, *, axes=None):
    return np.fft.ifftshift(y_bar, axes)


@linear(np.fft.ifftshift)
def ifftshift(y_bar, y, x, *, axes=None):
    return np.fft.fftshift(y_bar, axes)


@vjp(np.fft.fftfreq, np.fft.rfftfreq)
def fftfreq(y_bar, y, n, d=1.0, *, device=None):
    return None, -np.sum(y_bar * y) / d


@jvp(np.fft.fftfreq, 1)
def fftfreq_jvp(d_dot, y, n, d=1.0, *, device=None):
    return -y / d * d_dot
