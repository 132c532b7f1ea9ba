"""Arrays and lists that one turn of a loop makes and another one writes, while somebody else keeps them."""

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.7, 0.3, 1.2])


# ---------------------------------------------------------------- kept in a list, and written before it is another one


@corner(X)
def state_that_was_logged(a):
    state, log = np.zeros(3), []
    for k in range(3):
        state[0] += k * a[1]
        state = a * (2 + k)
        log.append(state)
    return sum(np.sum(s * a) for s in log)


@corner(X)
def logged_with_its_number(a):
    state, log = np.zeros(3), []
    for k in range(3):
        state[0] += k * a[1]
        state = a * (2 + k)
        log.append((state, k))
    return sum(np.sum(s * a) * k for s, k in log)


@corner(X)
def element_that_is_replaced(a):
    state, kept = np.zeros(3), [np.ones(3)]
    for k in range(3):
        state[0] += k * a[1]
        state = a * (2 + k)
        kept[0] = state
    state[1] = 5.0 * a[0]
    return np.sum(kept[0] * a)


@corner(X)
def entry_that_is_replaced(a):
    state, kept = np.zeros(3), {"best": np.ones(3)}
    for k in range(3):
        state[0] += k * a[1]
        state = a * (2 + k)
        if k == 1:
            kept["best"] = state
    return np.sum(kept["best"] * a)


@corner(X)
def row_in_tuples_of_an_inner_loop(a):
    m, rows = np.outer(a, a), []
    for row in m:
        for k in range(2):
            rows.append((row, k))
    rows[0][0][0] = 5.0 * a[1]
    return np.sum(m[0] * a)


@corner(X)
def array_in_lists_of_an_inner_loop(a):
    m, rows = a * 1.0, []
    for _ in range(2):
        for _ in range(2):
            for _ in range(2):
                rows.append([m])
    m[0] = 3.0 * a[1]
    return np.sum(rows[0][0] * a)


@corner(X)
def entry_of_an_inner_loop(a):
    m, rows = np.outer(a, a), []
    for k in range(3):
        while len(rows) < 2 * k:
            row = m[k]
            rows.append({"row": row})
    rows[0]["row"][:] = a * a[1]
    return np.sum(m * a)


class Kept:
    def __init__(self, state):
        self.state, self.log = state, []

    def step(self, a, k):
        self.state[0] += k * a[1]
        self.state = self.state * 1.2 + a
        self.log.append(self.state)


@corner(X)
def attribute_that_is_replaced(a):
    state, kept = np.zeros(3), Kept(np.ones(3))
    for k in range(3):
        state[0] += k * a[1]
        state = a * (2 + k)
        if k == 1:
            kept.state = state
    return np.sum(kept.state * a)


@corner(X)
def object_that_logs_itself(a):
    kept = Kept(a * 1.0)
    for k in range(3):
        kept.step(a, k)
    return sum(np.sum(s * a) for s in kept.log)


@corner(X)
def rows_of_lists(a):
    rows, row = [[0.0, 0.0]], [a[0], a[1]]
    for k in range(3):
        row[0] = row[0] + k * a[1]
        row = [a[1] * k, a[2]]
        rows.append(row)
    return rows[1][0] * rows[2][1] + rows[1][1]


@corner(X)
def two_loops(a):
    log, u = [], a * 1.0
    for _ in range(2):
        for j in range(2):
            u[j] = u[j] * a[2]
            u = u * 1.5 + a
            log.append(u)
    return sum(np.sum(s * a) for s in log)


@corner(X)
def while_loop_with_views(a):
    log, u, k = [], np.zeros(3), 0
    while k < 3:
        u[0] += k * a[1]
        u = a * (2 + k)
        log.append(u[1:])
        u[1] = a[2] * k
        k += 1
    return np.sum(log[0] * a[1:]) + np.sum(log[1])


@corner(X)
def lists_that_share(a):
    first, second = [a * 1.0], []
    for k in range(3):
        u = first[-1]
        u[0] += k * a[1]
        new = a * (k + 2)
        first.append(new)
        second.append(new)
    return np.sum(second[0] * a) + np.sum(second[1] * a)


@corner(X)
def tuple_and_list_that_share(a):
    one, other = (np.zeros(3),), [np.ones(3)]
    total = 0.0
    for k in range(3):
        one[0][0] += k * a[1]
        u = a * (2 + k)
        total += np.sum(other[0] * a)
        one, other = (u,), [u]
    one[0][1] = a[0]
    return np.sum(other[0] * a) + total


@corner(X)
def queue_of_pairs(a):
    queue, u = [], a * 1.0
    for k in range(3):
        if k % 2:
            u[0] = u[0] * 3
        else:
            u = u + a
            queue.append((k, u))
    return sum((k + 1) * np.sum(v) for k, v in queue)


@corner(X)
def longer_list_each_turn(a):
    u, rows = a * 1.0, []
    for k in range(3):
        u[1] += k
        u = u * 1.0
        rows = [*rows, u.reshape(3, 1)]
    return sum(np.sum(v[:, 0] * a) for v in rows)


def filled(x, out=None):
    if out is None:
        out = np.zeros(3)
    out[:] = x * x
    return out


@corner(X)
def buffer_that_is_handed_on(a):
    buffer, results, total = None, [], 0.0
    for k in range(3):
        buffer = filled(a * k, buffer)
        results.append(buffer)
        total += np.sum(buffer)
    return np.sum(results[0] * a) + total


# ---------------------------------------------------------------- what was something else at first


@corner(X)
def none_and_then_the_array(a):
    z, b = np.zeros(3), None
    for k in range(3):
        if b is not None:
            z[k] += k
        if k == 0:
            b = z
    return np.sum(b) * a[0]


@corner(X)
def zero_and_then_the_array(a):
    z, b = np.zeros(3), 0
    for k in range(3):
        if k > 0:
            z[k] += k * a[k]
        if k == 0:
            b = z
    return np.sum(b) * a[0]


@corner(X)
def tuple_that_gets_the_array(a):
    z, b = np.zeros(3), (0,)
    for k in range(3):
        if k > 0:
            z[k] += k * a[k]
        if k == 0:
            b = (z,)
    return np.sum(b[0]) * a[0]


@corner(X)
def none_and_then_its_other_name(a):
    z, b = a * 2, None
    for k in range(3):
        if b is not None:
            b[k] += a[k] ** 2
        if k == 0:
            b = z
    return np.sum(z * a)


@corner(X)
def none_and_then_a_row(a):
    row, m = None, np.outer(a, a)
    for k in range(3):
        if row is not None:
            row[:] = row * a[k]
        row = m[k]
    return np.sum(m**2)


@corner(X)
def none_and_then_a_view(a):
    old, m, total = None, a.copy(), 0.0
    for k in range(3):
        if old is None:
            old = m[1:]
        m[k] *= a[k]
        total += np.sum(old**2)
    return total


# ---------------------------------------------------------------- and nobody else keeps them: compiled

COMPILED = {
    "sum_that_begins_with_none", "until_the_array_settles", "written_where_it_was_none", "copies_that_were_logged",
    "written_before_it_is_logged", "rows_of_a_matrix_as_a_log", "rows_that_are_filled", "buffers_that_are_swapped",
    "states_that_are_taken_back",
}  # fmt: skip
RECORDED_TWICE = {  # whose second derivative is recorded
    "sum_that_begins_with_none", "until_the_array_settles", "states_that_are_taken_back",
}  # fmt: skip


@corner(X)
def sum_that_begins_with_none(a):
    b = None
    for v in a:
        b = v * a if b is None else b + v * a
    return np.sum(b * a)


@corner(X)
def until_the_array_settles(a):
    old, x = None, a * 1.0
    while old is None or np.max(np.abs(x - old)) > 1e-2:
        old = x
        x = 0.5 * (x + 2 / x)
    return np.sum(x * old)


@corner(X)
def written_where_it_was_none(a):
    b = None
    for k in range(3):
        if b is None:
            b = a * 2
        b[k] = b[k] ** 2
    return np.sum(b)


@corner(X)
def copies_that_were_logged(a):
    u, log = a * 1.0, []
    for k in range(3):
        u[0] += k * a[1]
        u = u * 1.1 + a
        log.append(u.copy())
    return sum(np.sum(v * a) for v in log)


@corner(X)
def written_before_it_is_logged(a):
    u, log = a * 1.0, []
    for k in range(3):
        u = u * 1.1 + a
        u[0] += k * a[1]
        log.append(u)
    return sum(np.sum(v * a) for v in log)


@corner(X)
def rows_of_a_matrix_as_a_log(a):
    u, log = a * 1.0, np.zeros((3, 3))
    for k in range(3):
        u[0] += k * a[1]
        u = u * 1.1 + a
        log[k] = u
    return np.sum(log * a)


@corner(X)
def rows_that_are_filled(a):
    rows, others = [], []
    for k in range(3):
        row = np.zeros(3)
        for j in range(3):
            row[j] = a[j] * k
        rows.append(row)
        others.append(a * k)
    for k in range(3):
        rows[k][0] = rows[k][1] * 2
    return sum(np.sum(x * y) for x, y in zip(rows, others, strict=True))


@corner(X)
def buffers_that_are_swapped(a):
    u, v, total = a * 1.0, a * 2.0, 0.0
    for k in range(3):
        u[0] += k * a[1]
        total += np.sum(v * a)
        u, v = v, u
    return total


# ------------------------------------------------------------ an array from before the loop, which the loop puts away


@corner(X)
def array_in_a_list_that_is_another_one(a):
    kept, state = [a * 2.0], a * 1.0
    for _ in range(2):
        kept = kept + [state]  # noqa: RUF005  (so it is written, too)
    kept[1][0] = 5.0 * a[1]
    return np.sum(state * a)


@corner(X)
def array_in_a_list_that_a_later_turn_makes(a):
    kept, state = [], a * 1.0
    for k in range(3):
        kept = [*kept, state if k else a * 2.0]
    state[0] = 5.0 * a[1]
    return np.sum(kept[2] * a) + np.sum(kept[0])


@corner(X)
def array_in_a_dict_that_is_another_one(a):
    kept, state = {"best": a * 2.0}, a * 1.0
    for _ in range(2):
        kept = {"best": state}
    state[0] = 5.0 * a[1]
    return np.sum(kept["best"] * a)


@corner(X)
def array_in_a_tuple_in_a_list(a):
    kept, state = [(a * 2.0, 1.0)], a * 1.0
    for k in range(3):
        kept = [(state, 2.0 * k), *kept]
    state[0] = 5.0 * a[1]
    return np.sum(kept[1][0] * a) * kept[1][1]


@corner(X)
def array_where_nothing_was(a):
    kept, state = None, a * 1.0
    for k in range(3):
        if k == 1:
            kept = state
    state[0] = 5.0 * a[1]
    return np.sum(kept * a)


@corner(X)
def array_kept_when_the_loop_stops(a):
    kept, state = [None], a * 1.0
    while True:
        kept = [state]
        if np.sum(kept[0]) > -100.0:
            break
    state[0] = 5.0 * a[1]
    return np.sum(kept[0] * a)


class Holder:
    def __init__(self, state):
        self.state = state


@corner(X)
def array_in_an_object_that_is_another_one(a):
    kept, state = Holder(a * 2.0), a * 1.0
    for k in range(3):
        if k == 2:
            kept = Holder(state)
    state[0] = 5.0 * a[1]
    return np.sum(kept.state * a)


@corner(X)
def array_that_walks_through_names(a):
    u, v, w, state = a * 2.0, a * 3.0, a * 4.0, a * 1.0
    for _ in range(4):
        u, v, w = v, w, state
    state[0] = 5.0 * a[1]
    return np.sum(u * a) + np.sum(w)


@corner(X)
def list_that_changes_places_with_a_list(a):
    state, first = a * 1.0, [a * 2.0]
    second = [a * 3.0]
    for k in range(3):
        first, second = second, first
        if k == 1:
            first = [state]
    state[0] = 5.0 * a[1]
    return np.sum(first[0] * a) + np.sum(second[0])


@corner(X)
def states_that_are_taken_back(a):
    """Nothing of the list is ever what is written: the backward part of a loop, by hand."""
    saved, h = [], a
    for _ in range(3):
        saved.append(h)
        h = np.tanh(h * 1.3)
    bar = np.zeros_like(h)
    for _ in range(3):
        bar += 2 * h
        bar = bar * (1 - h**2) * 1.3
        h = saved.pop()
    return np.sum(bar * a)


# ------------------------------------------- an element of a list, of which nobody knows which one, under another name


@corner(X)
def largest_in_a_branch(a):
    u, v = a * 1.0, a * 2.0
    if a[0] > 0.0:  # noqa: SIM108  (an if as people write it)
        best = max([u, v], key=lambda e: e[1])
    else:
        best = max([v, u], key=lambda e: e[1])
    best[0] = 5.0 * a[1]
    return np.sum(u * a) + np.sum(v)


@corner(X)
def element_that_is_raveled(a):
    state, which = a * 1.0, int(a[0] * 0.0) + 1
    both = [a * 2.0, state]
    flat = np.ravel(both[which])
    flat[0] = 5.0 * a[1]
    return np.sum(state * a)


@corner(X)
def element_that_is_walked_and_written(a):
    state, which = a * 1.0, int(a[0] * 0.0) + 1
    both = [a * 2.0, state]
    for e in both[which]:
        state[1] = state[1] * 0.5 + e
    return np.sum(state * a)


# -------------------------------------------------------- rows of a matrix in tuples, dicts and lists that a loop fills


@corner(X)
def rows_with_their_numbers(a):
    m, rows = np.outer(a, a), []
    for i, row in enumerate(m):
        rows.append((i, row))
    rows[0][1][0] = 5.0 * a[1]
    return np.sum(m[0] * a)


@corner(X)
def rows_that_were_zipped(a):
    m = np.outer(a, a)
    pairs = list(zip(m, a, strict=True))
    m[0, 0] = 5.0 * a[1]
    return np.sum(pairs[0][0] * a) * pairs[1][1]


@corner(X)
def rows_in_dicts_in_a_list(a):
    m = np.outer(a, a)
    entries = [{"row": row, "sum": np.sum(row)} for row in m]
    m[:, 1] = a[0] * a
    return sum(np.sum(e["row"] * a) * e["sum"] for e in entries)


@corner(X)
def rows_in_lists_in_a_list(a):
    m, groups = np.outer(a, a), []
    for k in range(3):
        groups.append([m[k], a * 2.0])
    groups[1][0][2] = 5.0 * a[1]
    return np.sum(m @ a)


@corner(X)
def rows_in_objects(a):
    m = np.outer(a, a)
    holders = [Holder(row) for row in m]
    m[:, 1] = a[0] * a
    return sum(np.sum(h.state * a) for h in holders)


# ---------------------------------------------------------------- what a function that calls itself puts into a result


@corner(X)
def array_in_a_list_of_a_recursion(a):
    state = a * 1.0

    def collected(n):
        return [] if n == 0 else [*collected(n - 1), state]

    kept = collected(2)
    kept[1][0] = 5.0 * a[1]
    return np.sum(state * a)


@corner(X)
def array_in_a_dict_of_a_recursion(a):
    state = a * 1.0

    def found(n):
        return {"state": state, "n": 0.0} if n == 0 else found(n - 1)

    kept = found(2)
    kept["state"][0] = 5.0 * a[1]
    return np.sum(state * a)


@corner(X)
def array_in_lists_of_lists_of_a_recursion(a):
    state = a * 1.0

    def collected(n):
        return [[state]] if n == 0 else [*collected(n - 1), [a * 2.0]]

    kept = collected(2)
    kept[0][0][1] = 5.0 * a[1]
    return np.sum(state * a) + np.sum(kept[2][0])
