"""``try``: what is caught, what a handler sees of a body that raised half way, jumps, ``else``, ``finally``."""

import numpy as np

from .data import normal, positive
from .harness import Program


class Diverged(RuntimeError):
    """No solution was found."""


# Solvers


def newton(a, x, steps):
    for _ in range(steps):
        slope = 3 * x * x
        if slope < 1e-8:
            raise Diverged("flat")
        x = x - (x**3 - a) / slope
    if abs(x**3 - a) > 1e-9:
        raise Diverged(f"after {steps} steps")
    return x


def bisect(a, low, high):
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if middle**3 < a else (low, middle)
    return middle + (a - middle**3) / (3 * middle * middle)


def solver_and_its_fallback(a, start, steps):
    try:
        x = newton(a, start, steps)
    except RuntimeError:
        x = bisect(a, 0.1, 4.0)
    return x * a


def solver_in_a_loop(u, steps):
    total = 0.0
    failed = 0
    for a in u:
        try:
            x = newton(a, 1.0, steps)
        except Diverged as error:
            failed += len(str(error)) > 4
            x = 0.5 * a
        else:
            x = x * x
        total = total + x * x
    return total + failed


def smaller_and_smaller_steps(x, rate):
    step = 2.0
    while True:
        try:
            y = np.sqrt(1.0 - (step * x) ** 2) if step * x < 1 else [][0]
            return y * step * rate
        except IndexError:
            step *= 0.5


# One statement


def missing_key(x, k):
    table = {"a": x * x, "b": 2.0 * x}
    try:
        v = table[k]
    except KeyError:
        v = 0.0
    return v * x + 1.0


def returned_from_both(x, n):
    try:
        return x / n
    except ZeroDivisionError:
        return x * x


def past_the_end(u, n):
    try:
        v = u[n]
    except IndexError:
        v = u[-1] * u[0]
    return v * u[1]


def several_handlers(x, k):
    try:
        v = 1.0 / ([x, 0.0, x * x][k] if k != 2 else len(k))
    except ZeroDivisionError:
        v = x * 3
    except TypeError:
        v = x * 5
    except IndexError:
        v = x**3
    return v * x


def tuple_of_classes(x, n):
    try:
        v = [x, x * x][n] / n
    except (IndexError, ZeroDivisionError):
        v = np.sin(x)
    return v * x


ARITHMETIC = (ZeroDivisionError, OverflowError)


def classes_with_a_name(x, n):
    try:
        v = x / n
    except ARITHMETIC:
        v = x * x
    return v


def nothing_in_the_handler(x, n):
    v = x
    try:  # noqa: SIM105
        v = v / (n - 1)
    except ZeroDivisionError:
        pass
    return v * v


def everything_is_caught(x, n):
    try:
        v = x / n
    except:  # noqa: E722
        v = np.exp(x)
    return v * v


def linear_system(a, b):
    try:
        x = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        x = b * 0.5
    return np.sum(x * x * a[0])


# else, finally, raise


def with_else(x, n):
    try:
        v = x / n
    except ZeroDivisionError:
        w = x
    else:
        w = v * v
        x = x * 2.0
    return w * x


def with_finally(x, n):
    try:
        v = x / n
    except ZeroDivisionError as error:
        print("no:", error)
        v = x * x
    finally:
        print("done")
        x = x * 1.5
    return v * x


def finally_alone(x, n):
    v = x
    try:
        for i in range(n):
            v = v * x + i
    finally:
        v = v * 0.5
    return v


def return_through_finally(x, n):
    for i in range(5):
        try:
            if i == n:
                return x * i
            x = x * 1.1
        finally:
            x = x + 0.1
    return x * x


def raised_again(x, n):
    try:
        try:
            v = x / n
        except ZeroDivisionError:
            x = x * 2
            raise
    except ArithmeticError as error:
        v = x if "zero" in str(error) else x * 7
    return v * x


def raised_from(x, n):
    def part(k):
        try:
            return x / k
        except ZeroDivisionError as error:
            raise ValueError("no part") from error

    try:
        return part(n) * x
    except ValueError as error:
        return x * x * x if isinstance(error.__class__, type) else x


def said(x, n):
    try:
        v = [x][n]
    except IndexError as error:
        print(f"caught {error!r} of {type(error)}")
        v = x * x
    return v * 3


# Nested, in loops


def in_two_ways(x, n):
    try:
        try:
            v = x / n
        except ZeroDivisionError:
            v = [x * 2, x * x][n + 1] / (n - 0.0)
        v = v * x
    except ArithmeticError:
        v = x**3
    return v


def jumps_in_a_loop(x, n):
    s = 0.0
    for i in range(6):
        try:
            if i == 1:
                continue
            t = x / (i - n)
            if t > 4:
                break
        except ZeroDivisionError:
            s = s + x
            continue
        s = s + t * t
    return s


def handler_leaves_the_loop(u, n):
    s = 0.0
    for i in range(9):
        try:
            v = u[i]
        except IndexError:
            break
        s = s * v + v * v
    return s * n


def body_in_a_while(x, n):
    k = 0
    while k < 4:
        k += 1
        try:
            x = np.sin(x) * (1 / (k - n))
        except ZeroDivisionError:
            x = x * x
    return x


def loop_in_the_body(u, n):
    s = 1.0
    try:
        for i in range(4):
            s = s * np.sin(u[i])
    except IndexError:
        s = s * s
    return s * n


def loops_in_loops(u, n):
    total = 0.0
    for k in range(3):
        s = u[0]
        try:
            for i in range(k + 2):
                s = np.sin(s) * u[i] * (1 / (n - i))
        except (ZeroDivisionError, IndexError):
            s = u[1] * u[k]
        total += s * s
    return total


# Half way


def bound_half_way(x, n):
    y = x
    try:
        y = y * y
        y = y / n
        y = np.sin(y)
    except ZeroDivisionError:
        y = y * 3
    return y * x


def counted_half_way(x, n):
    k = 0
    s = x
    try:
        while s / (n - k) < 50:
            s = s * x
            k += 1
    except ZeroDivisionError:
        s = s + k
    return s


def stored_half_way(u, n):
    a = u * u
    try:
        for i in range(5):
            a[i] = a[i] * u[0] * (1 / (i - n))
    except (ZeroDivisionError, IndexError):
        a[0] += u[1]
    return np.sum(a * a)


def stored_twice(u, n):
    a = np.zeros(3)
    try:
        a[0] = u[0] * u[1]
        a[n] = u[1]
        a[1] *= u[2]
    except IndexError:
        a[2] = u[2] * u[2]
    return np.sum(np.sin(a) * u)


def appended_half_way(u, n):
    found = []
    try:
        for e in u:
            found.append(e * e * (1 / (n - len(found))))
    except ZeroDivisionError:
        found.append(u[0])
    return sum(found) * found[-1]


def emptied_in_the_body(u, n):
    try:
        found = []
        for e in u:
            found.append(e * e * (1 / (n - len(found))))
    except Exception:
        found = [u[0]]
    return sum(found) * found[-1]


def walked_half_way(u, n):
    s, last = 0.0, u[0]
    try:
        for i, e in enumerate(u):
            last = e * s
            s = s + e * (1 / (i - n))
    except ZeroDivisionError:
        s = s + last
    return s * last


def branches_half_way(x, n):
    y, z = x, x * x
    try:
        if n > 2:
            y = y * z
            z = z / (n - 3)
        else:
            z = y * 0.5
            y = [z, y][n]
    except ZeroDivisionError:
        z = y
    except IndexError:
        y = z
    return y * z


def returned_half_way(x, n):
    y = x
    try:
        y = y * 2
        if n > 3:
            return y / (n - 4)
        y = y / n
    except ZeroDivisionError:
        return y * y
    return y * x


def nested_half_way(x, n):
    y = x
    try:
        y = y * 1.5
        try:
            y = y + x / (n - 1)
            y = y * [x, 2.0][n]
        except IndexError:
            y = y * 0.25
            y = y / (n - 2)
        else:
            y = y - 1.0
        y = y * x
    except ZeroDivisionError:
        y = y * y
    return y


def a_body_that_saves(u, n):
    s = 0.0
    for k in range(4):
        try:
            t = u[0]
            for i in range(3):
                t = np.sin(t * u[i]) * np.exp(t)
                if i == n:
                    raise ValueError
            v = t * t * (1 / (k - 2))
        except ValueError:
            v = u[1]
        except ZeroDivisionError:
            v = u[2] * s
        s = s * 0.5 + v * v
    return s


def raised_by_a_helper(u, n):
    def checked(a, k):
        t = 1 / k  # noqa: F841
        return a * a

    try:
        s = sum([checked(e, n) for e in u])
    except ZeroDivisionError:
        s = u[0]
    return s


def looked_up(x, n):
    cache = {}
    for k in (1, 2, 1, 3, 2):
        try:
            v = cache[k]
        except KeyError:
            v = x**k
        x = x + v * n * 0.01
    return x


def kept_by_nobody(x, n):
    try:
        [1, 2][n]
        y = x * x
    except IndexError:
        y = x
    return y


def floating_point(u, n):
    with np.errstate(divide="raise"):
        try:
            v = u / (np.arange(3.0) - n)
        except FloatingPointError:
            v = u * u
    return np.sum(v * u)


def of_a_matrix(a, n):
    rows = []
    for i in range(4):
        try:
            rows.append(a[i] * a[i - n])
        except IndexError:
            rows.append(a[0])
    return np.sum(np.stack(rows) ** 2)


def none_before(x, n):
    found, v = None, x
    for k in range(3):
        try:
            found = v / (n - k) < 2.0
            v = v * x
        except ZeroDivisionError:
            v = v + 1.0
        if found:
            v = v * 0.5
    return v * x


def view_of_the_body(u, n):
    a = u * 1.0
    try:
        b = a[[1, 2, 0][n] :]
    except IndexError:
        b = a[:2] * 0.5
    return np.sum(b * b) * a[0]


def pair(x, n):
    try:
        return x / n, x * n
    except ZeroDivisionError:
        return x * x, x


def item_and_array_of_one_name(x, u, n):
    first = u[::2]
    if u[n] > 0.1:
        try:
            for i in range(3):
                k = 0
                while k < 3 and np.tanh(first[0]) > -0.3:
                    k += 1
                    try:
                        u[2] += np.tanh(u[2])
                        u[i + 1] += x
                    except ValueError:
                        break
        except IndexError:
            pass
        return np.sum(u)
    return x + u[0]


def whole(n):
    if n > 0:
        raise ValueError(n)
    return 3


def kept_where_a_constant_fails(x, u, n):
    s = u[1]
    try:
        s = whole(n)
    except ValueError as error:
        print(error)
    return s * x + np.sum(u)


def swapped_before_a_break(x, u, n):
    a = u
    k = 0
    while k < 3 and (u[0] - x) > 1.1:
        k += 1
        try:
            outer = np.outer(np.sin(a * 0.7), u)
            try:
                s = u[n + 1] * (x * a[k % 3]) * outer[0, 0]
                u[1:] = a[:2] * x * a[n % 3]
                if np.cos(2.0) > -s:
                    a, u = u, a
                    break
            except (IndexError, ZeroDivisionError):
                continue
        except LookupError:
            pass
    return x + u[0] + np.sum(np.sin(u) * np.array([1.0, 2.0, 3.0])) + np.sum(np.sin(a))


def array_of_a_body_that_fails(x, u, n):
    u[n % 3] = np.sum(u)
    s = u[0]
    try:
        a = u
        try:
            [u["x"] if n > 9 else a + u]
        except LookupError:
            for _ in range(3):
                a = a
        finally:
            pass
        s = a[n + 1] * np.sum(a)
    except (IndexError, ZeroDivisionError):
        pass
    return x + u[0] + s


PROGRAMS = [
    Program(
        solver_and_its_fallback,
        [(2.0, 1.0, 40), (2.0, 1.0, 2), (2.0, 0.0, 40)],
        compiled_only="found by decisions",
    ),
    Program(solver_in_a_loop, [(positive(3) + 1.0, 40), (positive(3) + 1.0, 4)]),
    Program(smaller_and_smaller_steps, [(0.3, 1.5), (0.9, 1.5), (3.3, 1.5)], argnums=(0, 1)),
    Program(missing_key, [(1.5, "a"), (1.5, "b"), (1.5, "c")]),
    Program(returned_from_both, [(1.5, 2), (1.5, 0)]),
    Program(past_the_end, [(normal(3), 1), (normal(3), 3)]),
    Program(several_handlers, [(1.5, 0), (1.5, 1), (1.5, 2), (1.5, 3), (1.5, 4)]),
    Program(tuple_of_classes, [(1.5, 0), (1.5, 1), (1.5, 2)]),
    Program(classes_with_a_name, [(1.5, 0), (1.5, 1)]),
    Program(nothing_in_the_handler, [(1.5, 3), (1.5, 1)]),
    Program(everything_is_caught, [(1.5, 3), (1.5, 0)]),
    Program(linear_system, [(np.eye(3) + 0.1, normal(3)), (np.ones((3, 3)), normal(3))], argnums=1),
    Program(with_else, [(1.5, 2), (1.5, 0)]),
    Program(with_finally, [(1.5, 2), (1.5, 0)]),
    Program(finally_alone, [(1.5, 2), (1.5, 0)]),
    Program(return_through_finally, [(1.5, 2), (1.5, 7)]),
    Program(raised_again, [(1.5, 2), (1.5, 0)]),
    Program(said, [(1.5, 0), (1.5, 4)]),
    Program(in_two_ways, [(1.5, 2), (1.5, 0)]),
    Program(jumps_in_a_loop, [(1.5, 2), (1.5, 0), (5.0, 1), (1.5, 8)]),
    Program(handler_leaves_the_loop, [(normal(3), 2)]),
    Program(body_in_a_while, [(1.5, 2), (1.5, 9)]),
    Program(loop_in_the_body, [(normal(3), 2), (normal(4), 2)]),
    Program(loops_in_loops, [(positive(4), 2), (positive(4), 7), (positive(3), 7)]),
    Program(bound_half_way, [(1.5, 2), (1.5, 0)]),
    Program(counted_half_way, [(1.5, 2), (1.5, 40)]),
    Program(stored_half_way, [(normal(3), 2), (normal(5), 7), (normal(3), 7)]),
    Program(stored_twice, [(normal(3), 1), (normal(3), 7)]),
    Program(appended_half_way, [(positive(3), 2), (positive(3), 7), (positive(3), 0)]),
    Program(emptied_in_the_body, [(positive(3), 2), (positive(3), 7), (positive(3), 0)]),
    Program(walked_half_way, [(positive(3), 2), (positive(3), 7)]),
    Program(branches_half_way, [(1.5, 0), (1.5, 1), (1.5, 2), (1.5, 3), (1.5, 4)]),
    Program(returned_half_way, [(1.5, 0), (1.5, 1), (1.5, 4), (1.5, 6)]),
    Program(nested_half_way, [(1.5, 0), (1.5, 1), (1.5, 2), (1.5, 3)]),
    Program(a_body_that_saves, [(positive(3), 0), (positive(3), 2), (positive(3), 7)]),
    Program(raised_by_a_helper, [(positive(3), 0), (positive(3), 2)]),
    Program(looked_up, [(1.5, 2)]),
    Program(kept_by_nobody, [(1.5, 0), (1.5, 2)]),
    Program(floating_point, [(normal(3), 1), (normal(3), 0.5)]),
    Program(of_a_matrix, [(normal(3, 2), 1), (normal(4, 2), 2)]),
    Program(none_before, [(1.5, 0), (1.5, 1), (1.5, 5), (9.5, 7)]),
    Program(view_of_the_body, [(normal(3), 0), (normal(3), 2), (normal(3), 5)]),
    Program(pair, [(1.5, 2), (1.5, 0)], vjp=True),
    Program(item_and_array_of_one_name, [(0.7, positive(3) + 0.5, 1), (0.7, -positive(3), 1)], argnums=(0, 1)),
    Program(swapped_before_a_break, [(0.1, positive(3) + 1.0, n) for n in (0, 1, 2)], argnums=(0, 1)),
    Program(array_of_a_body_that_fails, [(0.7, normal(3), n) for n in (0, 1, 2, 5)], argnums=(0, 1)),
    Program(kept_where_a_constant_fails, [(0.7, positive(3), 0), (0.7, positive(3), 1)], argnums=(0, 1)),
]
