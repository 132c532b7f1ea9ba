"""Dicts that get their entries in branches: after an early return, in both arms of an ``if``, line by line."""

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X, Y = np.array([0.3, 0.5, 0.7]), np.array([-0.3, -0.5, 0.7])
POINTS = [(X,), (Y,), (-X,)]


@corner(several=[(X,), (X + 6.0,), (X + 4.8,)])
def after_early_returns(x):
    d = {"n": 0.0}
    if x[0] > 5:
        return np.sum(x)
    d["a"] = x
    if x[1] > 5:
        return np.sum(d["a"] ** 2)
    d["b"] = d["a"] * 2
    d["n"] += np.sum(d["b"])
    if x[2] > 0:
        d["c"] = d["b"] ** 2
        return np.sum(d["c"]) * d["n"]
    return d["n"]


@corner(several=POINTS)
def in_both_branches(x):
    d = {}
    if x[0] > 0:
        d["b"] = x * 2
    else:
        d["b"] = x
    d["z"] = x**2
    return np.sum(d["b"] * d["z"]) + len(d)


@corner(several=POINTS)
def in_branches_of_branches(x):
    d = {}
    if x[0] > 0:
        if x[1] > 0:
            d["b"] = x * 2
        else:
            d["b"] = x * 5
        d["c"] = d["b"] ** 2
    else:
        d["b"] = x
        d["c"] = x
    return np.sum(d["b"] * d["c"])


@corner(several=POINTS)
def made_in_a_branch(x):
    if x[0] > 0:
        d = {"a": x}
        if x[1] > 0:
            d["b"] = x
        else:
            d["b"] = 2 * x
    else:
        d = {"a": x, "b": x**2}
    for i in range(2):
        if x[i] > 0:
            e = {}
            if x[1] > 0.2:
                e["c"] = d["b"]
            else:
                e["c"] = d["a"]
            x = x * e["c"]
    return np.sum(d["b"] * d["a"] + x)


@corner(several=POINTS)
def with_entries_that_change(x):
    d = {"a": x}
    d["a"] = x**2
    if x[0] > 0:
        d["b"] = d["a"] * 2
        d["a"] = x
    else:
        d["b"] = x
    d["a"] = d["a"] * 3
    return np.sum(d["a"] * d["b"])


@corner(several=POINTS)
def looked_into_and_updated(x):
    d = {}
    before = "b" in d
    if x[0] > 0:
        d.update(b=x * 2)
    else:
        d.setdefault("b", 3 * x)
    return np.sum(d["b"]) * (2.0 if "b" in d and not before else 1.0)


@corner(several=POINTS)
def under_two_names(x):
    d = {}
    e = d
    if x[0] > 0:
        d["b"] = x * 2
    else:
        e["b"] = x
    return np.sum(e["b"] * d["b"])


@corner(several=POINTS)
def one_for_each_turn(x):
    out = []
    for i in range(3):
        d = {}
        if x[i] > 0:
            d["b"] = x[i]
        else:
            d["b"] = 2 * x[i]
        d["c"] = d["b"] ** 2
        out.append(d)
    return sum(o["c"] * o["b"] for o in out)


@corner(several=POINTS)
def with_an_array_that_is_written(x):
    d = {}
    if x[0] > 0:
        d["b"] = x.copy()
    else:
        d["b"] = 2 * x
    d["b"][0] = x[1] ** 2
    d["b"] *= 3
    return np.sum(d["b"] ** 2)


@corner(several=POINTS)
def held_by_a_list(x):
    d, held = {}, []
    if x[0] > 0:
        d["b"] = x * 2
        held.append(d)
    else:
        d["b"] = x
        held.append(d)
    d["z"] = x**2
    return np.sum(held[0]["z"])


@corner(several=[(X,), (X + 6.0,)])
def held_after_an_early_return(x):
    d, held = {}, []
    if x[0] > 5:
        return 0.0 * x[0]
    d["b"] = x * 2
    held.append(d)
    d["z"] = x**2
    return np.sum(held[0]["z"])


@corner(several=POINTS)
def held_by_another_dict(x):
    d = {}
    if x[0] > 0:
        d["b"] = x * 2
        e = {"in": d}
        e["in"]["c"] = x
    else:
        d["b"] = x
        d["c"] = x**2
    return np.sum(d["c"] * d["b"])


@corner(several=POINTS)
def held_by_a_function(x):
    d = {"a": x}

    def look():
        return np.sum(d["b"])

    if x[0] > 0:
        d["b"] = x * 2
    else:
        d["b"] = x
    return look()


def put(d, x):
    if x[0] > 0:
        d["b"] = x * 2
    else:
        d["b"] = x


@corner(several=POINTS)
def filled_by_a_helper(x):
    d = {}
    put(d, x)
    return np.sum(d["b"])


@corner(several=POINTS)
def in_one_branch(x):
    d = {"a": 1.0}
    if x[0] > 0:
        d["b"] = np.sum(x * x)
    return d["a"] * x[0] + d.get("b", 0.0)


@corner(several=POINTS)
def turn_by_turn(x):
    d = {}
    for i in range(3):
        if i == 1:
            d["b"] = x * 2
        elif i == 0:
            d["b"] = x
    return np.sum(d["b"])
