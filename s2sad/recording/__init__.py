"""The second way to a derivative: run the user's program, record what it computes, and go back along the record.

What the compiler can't resolve ahead (storages of arrays in lists that change, objects, generators, handlers of
exceptions) is plain at run time: there a float is an object and an array a place in memory.  So the user's program
runs as it is, in Python, with its operations going through a recorder (`instrument`); floats are followed by identity,
arrays by their memory, through all views (`memory`); each operation leaves a record that knows its adjoint and its
tangent (`records`), from the one rule table; and what was overwritten is put back on the way down, so that each rule
finds the values that its operation had.

It is slower than generated code, and needs this package at run time; `s2sad build` does not use it.
"""
