"""Rules of ``scipy.signal``."""

from scipy import signal

from ...table import no_rule, present, zero_derivative
from . import bands, convolution, filters, linear, peaks, spectral, splines, systems, waveforms  # noqa: F401

# Searches, designs, and what is made of sizes

zero_derivative(signal.argrelextrema, signal.argrelmax, signal.argrelmin)
no_rule(
    "the design of a filter is not differentiated: pass its coefficients",
    *(signal.butter, signal.bessel, signal.cheby1, signal.cheby2, signal.ellip, signal.firwin, signal.firwin2),
    *(signal.firls, signal.iirfilter, signal.remez, signal.buttord, signal.cheb1ord, signal.cheb2ord),
    *(signal.ellipord, signal.kaiserord),
)
no_rule("use stft and istft, which have rules", *present(signal, "ShortTimeFFT"))
