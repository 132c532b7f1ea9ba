"""Rules of modules of Python's standard library that are imported when one of their functions is met."""
