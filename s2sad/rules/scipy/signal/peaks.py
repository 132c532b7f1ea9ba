"""Peaks of a curve: their places are steps, their heights, prominences and widths follow the curve.

What follows is read off the places that SciPy finds, by the definitions in its documentation: a peak's prominence is
its height above the higher one of the lowest points on its sides, its width the distance between two lines of sight.
"""

import numpy as np
from scipy import signal

from ...table import definition, zero_derivative


def found(x, height, threshold, distance, prominence, width, wlen, rel_height, plateau_size):
    return signal.find_peaks(x, height, threshold, distance, prominence, width, wlen, rel_height, plateau_size)


def bases(x, peaks, wlen):
    return signal.peak_prominences(x, peaks, wlen)[1:]


def crossings(x, peaks, rel_height, prominence_data):
    return signal.peak_widths(x, peaks, rel_height, prominence_data)[2:]


zero_derivative(found, bases, crossings, signal.find_peaks_cwt)


@definition(signal.find_peaks)
def find_peaks(x, height=None, threshold=None, distance=None, prominence=None, width=None, wlen=None, rel_height=0.5,
               plateau_size=None):  # fmt: skip
    peaks, properties = found(x, height, threshold, distance, prominence, width, wlen, rel_height, plateau_size)
    if height is None and threshold is None and prominence is None and width is None:
        return peaks, properties
    x = np.asarray(x, float)
    if height is not None:
        properties["peak_heights"] = x[peaks]
    if threshold is not None:
        properties["left_thresholds"] = x[peaks] - x[peaks - 1]
        properties["right_thresholds"] = x[peaks] - x[peaks + 1]
    if prominence is not None or width is not None:
        left, right = properties["left_bases"], properties["right_bases"]
        prominences = x[peaks] - np.maximum(x[left], x[right])
        properties["prominences"] = prominences
        if width is not None:
            widths, heights, left_ips, right_ips = peak_widths(x, peaks, rel_height, (prominences, left, right))
            properties["widths"], properties["width_heights"] = widths, heights
            properties["left_ips"], properties["right_ips"] = left_ips, right_ips
    return peaks, properties


@definition(signal.peak_prominences)
def peak_prominences(x, peaks, wlen=None):
    x = np.asarray(x, float)
    left, right = bases(x, peaks, wlen)
    return x[peaks] - np.maximum(x[left], x[right]), left, right


@definition(signal.peak_widths)
def peak_widths(x, peaks, rel_height=0.5, prominence_data=None, wlen=None):
    x = np.asarray(x, float)
    data = peak_prominences(x, peaks, wlen) if prominence_data is None else prominence_data
    left, right = crossings(x, peaks, rel_height, data)
    heights = x[peaks] - data[0] * rel_height
    left_ips = crossing(x, heights, left, np.floor(left).astype(int), 1)
    right_ips = crossing(x, heights, right, np.ceil(right).astype(int), -1)
    return right_ips - left_ips, heights, left_ips, right_ips


def crossing(x, height, place, k, step):
    """Where the line from sample ``k`` to the next one reaches a height; ``place`` where it begins above."""
    below = x[k] < height
    rise = np.where(below, x[k + step] - x[k], 1.0)
    return np.where(below, k + step * ((height - x[k]) / rise), place)
