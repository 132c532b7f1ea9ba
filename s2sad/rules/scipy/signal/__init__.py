"""Rules of ``scipy.signal``."""

from scipy import signal

from ...table import no_rule, present, zero_derivative
from . import convolution, filters, linear, peaks, spectral, waveforms  # noqa: F401

# Searches, designs, and what is made of sizes

zero_derivative(signal.argrelextrema, signal.argrelmax, signal.argrelmin)
no_rule(
    "the design of a filter is not differentiated: pass its coefficients",
    *(signal.butter, signal.bessel, signal.cheby1, signal.cheby2, signal.ellip, signal.firwin, signal.firwin2),
    *(signal.firls, signal.iirfilter, signal.remez, signal.buttord, signal.cheb1ord, signal.cheb2ord),
    *(signal.ellipord, signal.kaiserord),
)
no_rule("it finds roots: pass the coefficients instead of zeros, poles and sections", signal.tf2zpk, signal.tf2sos)
no_rule("write it with scipy.signal.hilbert, which has a rule", *present(signal, "envelope"))
no_rule(
    "its recursions start at sums that are cut off: use scipy.ndimage.spline_filter, which has a rule",
    *(signal.cspline1d, signal.cspline2d, signal.qspline1d, signal.spline_filter),
    *(signal.symiirorder1, signal.symiirorder2),
)
no_rule(
    "it takes a system apart: write it with scipy.signal.lfilter or a loop over matrices",
    *(signal.dlsim, signal.lsim),
)
no_rule("use czt, zoom_fft, stft and istft, which have rules", signal.CZT, signal.ZoomFFT, signal.ShortTimeFFT)
