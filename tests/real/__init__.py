"""Differentiates the functions of an installed package, and compares with differences of their values.

    python -m tests.real PACKAGE [--module PREFIX] [--function NAME] [--limit N] [--seed S] [--seconds T] [--verbose]

In goes a package with docstrings; out comes a table.  Nothing of the package is imported here: whoever wants to know
how far the compiler gets with real programs installs one (``pip install fluids chemicals ht``: some thousand formulas
of process engineering, with branches, tables and solvers) and runs this.

How a function is tried: the calls in the examples of its docstring (`calls`) say which arguments make sense.  Each is
differentiated by every argument that is a float, an array of floats, or a list of floats, and every entry of the
gradient (of large arrays some, chosen by the seed) is compared with extrapolated differences (`differences`), which
come with an estimate of their error.  The verdict on a function is the worst of its calls (`survey`):

    right         every entry agrees; at a kink with one of the sides, or between them; where differences decide
                  nothing, on both sides of the place
    flat          right, and all derivatives are zero
    undecided     differences do not settle (steps of tables, noise of solvers, singularities); or the program has a
                  branch of its own for exactly this value, which differences do not see; or the derivative is
                  rounding noise
    nan           differences settle, and the derivative is no number: zero times the infinite slope of a root at zero
    wrong         differences settle, and the derivative is another number; or the value is
    refused       by s2sad, with a reason; the reasons are counted
    slow          took longer than the limit
    crashed       any other exception that the function itself does not raise

The exit code is 1 if anything is wrong or crashed.
"""
