"""Convolutions and correlations, of one and more axes.

A convolution keeps a part of the full one (``mode``): the cotangent of that part, with zeros around it, is one of the
full convolution, and convolving it with the other, reversed, argument gives the cotangents of the arguments.
"""

import numpy as np
from scipy import signal

from ...table import definition, multilinear

# Convolution


@multilinear(signal.convolve)
def convolve(y_bar, y, in1, in2, *, mode="full", method="auto"):
    axes = tuple(range(np.ndim(in1)))
    full = full_cotangent(y_bar, np.shape(in1), np.shape(in2), mode, axes)
    return signal.convolve(full, np.flip(in2), "valid", method), signal.convolve(full, np.flip(in1), "valid", method)


@multilinear(signal.fftconvolve)
def fftconvolve(y_bar, y, in1, in2, *, mode="full", axes=None):
    full = full_cotangent(y_bar, np.shape(in1), np.shape(in2), mode, convolved(axes, np.ndim(in1)))
    first = signal.fftconvolve(full, np.flip(in2, axes), "valid", axes)
    return first, signal.fftconvolve(full, np.flip(in1, axes), "valid", axes)


@multilinear(signal.oaconvolve)
def oaconvolve(y_bar, y, in1, in2, *, mode="full", axes=None):
    full = full_cotangent(y_bar, np.shape(in1), np.shape(in2), mode, convolved(axes, np.ndim(in1)))
    first = signal.oaconvolve(full, np.flip(in2, axes), "valid", axes)
    return first, signal.oaconvolve(full, np.flip(in1, axes), "valid", axes)


def convolved(axes, ndim):
    """The axes along which is convolved, from 0 up."""
    if axes is None:
        return tuple(range(ndim))
    return tuple([axis % ndim for axis in np.atleast_1d(axes)])


def full_cotangent(y_bar, first, second, mode, axes):
    """The cotangent of the full convolution of arrays of two shapes, from that of the part that ``mode`` keeps."""
    if mode == "full":
        return y_bar
    widths = [(0, 0)] * np.ndim(y_bar)
    for axis in axes:
        n, m = first[axis], second[axis]
        before = (m - 1) // 2 if mode == "same" else min(n, m) - 1
        widths[axis] = (before, n + m - 1 - before - np.shape(y_bar)[axis])
    return np.pad(y_bar, widths)


@definition(signal.correlate)
def correlate(in1, in2, mode="full", method="auto"):
    return signal.convolve(in1, np.flip(np.conj(in2)), mode, method)


@definition(signal.convolve2d)
def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    k, l = np.shape(in2)
    return kept(full_convolution(in1, in2, mode, boundary, fillvalue), np.shape(in1), mode, (k - 1) // 2, (l - 1) // 2)


@definition(signal.correlate2d)
def correlate2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    k, l = np.shape(in2)
    full = full_convolution(in1, np.flip(np.conj(in2)), mode, boundary, fillvalue)
    return kept(full, np.shape(in1), mode, k // 2, l // 2)


def full_convolution(in1, in2, mode, boundary, fillvalue):
    """The convolution of a matrix that goes on beyond its border; without the border for the mode "valid"."""
    if mode == "valid":
        return signal.convolve(in1, in2, mode)
    widths = ((np.shape(in2)[0] - 1,) * 2, (np.shape(in2)[1] - 1,) * 2)
    if boundary in ("fill", "pad"):
        wide = np.pad(in1, widths, constant_values=fillvalue)
    elif boundary in ("wrap", "circular"):
        wide = np.pad(in1, widths, mode="wrap")
    else:
        wide = np.pad(in1, widths, mode="symmetric")
    return signal.convolve(wide, in2, "valid")


def kept(full, shape, mode, row, column):
    """The part of a convolution that the mode "same" keeps, from a row and a column."""
    return full[row : row + shape[0], column : column + shape[1]] if mode == "same" else full
