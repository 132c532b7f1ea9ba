"""What a compilation depends on: objects with equal signatures have equal types, whatever graph they make."""

import random

import numpy as np
import pytest

from s2sad.ir.signature import object_type, signature


class Node:
    pass


VALUES = [1, 2.0, 3j, "text", None, True, np.zeros(3), np.zeros((1, 2)), np.float32(1.0)]


def graph(seed, size=6):
    """Objects with attributes of many types, some of them each other; the first is the root."""
    draw = random.Random(seed)
    nodes = [Node() for _ in range(size)]
    for node in nodes:
        for k in range(draw.randrange(4)):
            other = draw.choice(nodes)
            value = draw.choice([other, other, [other, draw.choice(nodes)], {"in": other}, draw.choice(VALUES)])
            setattr(node, f"a{k}", value)
    return nodes


def changed(nodes, draw):
    """Another attribute at one place."""
    node = draw.choice(nodes)
    if vars(node):
        name = draw.choice(list(vars(node)))
        setattr(node, name, draw.choice([draw.choice(nodes), *VALUES]))


@pytest.mark.parametrize("seed", range(60))
def test_equal_signatures_mean_equal_types(seed):
    draw = random.Random(1000 + seed)
    met = {}
    for _ in range(20):
        nodes = graph(seed)
        for _ in range(draw.randrange(3)):
            changed(nodes, draw)
        met.setdefault(signature(nodes[0]), set()).add(repr(full(object_type(nodes[0], "x"))))
    assert all(len(types) == 1 for types in met.values())


def test_changes_are_seen():
    """The test above would pass with signatures that are never equal, or with types that never differ."""
    kept = sum(signature(graph(seed)[0]) == signature(graph(seed)[0]) for seed in range(60))
    other = sum(signature(graph(seed)[0]) != signature(graph(seed + 1)[0]) for seed in range(60))
    assert kept == 60 and other > 40


def full(t):
    """All that a type says; sizes have names that are new each time."""
    sizes = None if t.dims is None else [d.one for d in t.dims]
    return t.kind, t.cls, t.dtype, sizes, t.keys, t.length, [full(e) for e in t.elems]


def count(t):
    return 1 + sum(map(count, t.elems))


@pytest.mark.parametrize("size", [3, 5, 12])
def test_objects_that_know_each_other_are_told_a_few_times(size):
    nodes = [Node() for _ in range(size)]
    for node in nodes:
        for k, other in enumerate(nodes):
            setattr(node, f"to{k}", other)
        node.weight = 2.0
    assert repr(signature(nodes[0])).count("weight") <= 9 * size
    assert count(object_type(nodes[0], "x")) <= (1000 + 9 * size) * (size + 2)
    before = signature(nodes[0])
    for node in nodes:
        node.weight = 2
        assert signature(nodes[0]) != before
        node.weight = 2.0
    assert signature(nodes[0]) == before


def test_which_object_it_is_that_was_told_before():
    root, one, other = Node(), Node(), Node()
    root.one, root.other, root.third = one, other, one
    one.weight, other.weight = 1.0, 1
    before = signature(root)
    root.third = other
    assert signature(root) != before


def test_an_object_that_is_met_again_nearer():
    """At its first meeting it is too far away for what it leads to."""
    root = last = Node()
    for _ in range(7):
        last.next = Node()
        last = last.next
    far = last.far = Node()
    far.inner = Node()
    far.inner.weight = 1.0
    root.near = far
    before = signature(root)
    far.inner.weight = 1
    assert signature(root) != before
    assert object_type(root, "x").elems[1].elems[0].elems[0].kind == "int"
