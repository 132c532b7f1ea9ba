"""The derivatives of SciPy's functions: a module for each of SciPy's, imported when one of its functions is met.

SciPy is optional: ``import s2sad`` imports neither it nor this package's modules.  ``rules.table.rule_for`` imports
``rules.scipy.special`` when it is asked for a function that says it comes from ``scipy.special`` (or from a private
module below it), by which time the program has imported SciPy itself.

To add the rules of ``scipy.signal``, say:

1. Write ``rules/scipy/signal.py`` (or a package ``rules/scipy/signal/``, where it is long), named after the second
   part of ``__module__`` of the functions.  Import SciPy at its top (``from scipy import signal``), NumPy, and the
   decorators (``from ..table import elementwise, vjp``); register rules as everywhere.  Nothing else is to be edited:
   it is found by its name.
2. Functions that came to SciPy late, or left it, are looked up with a default: ``getattr(signal, "name", None)``.
3. Say ``no_rule("the reason", function, ...)`` of those that have no derivative, or none worth a rule.
4. Write their rows in ``tests/rules/rows_scipy_signal.py`` (the name says that they need SciPy): a rule without a row
   fails.

A rule is lowered and put into the user's program: it reads functions and modules, but no data of its own module.

Options such as ``overwrite_a``, which allow a function to destroy its argument and change no result, never reach a
rule: they are taken off a call when it is compiled.  ``check_finite`` and ``workers`` do; list them as options.
"""
