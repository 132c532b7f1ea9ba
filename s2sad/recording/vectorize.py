"""What a call of an ``np.vectorize`` object does, said in Python: the recorder follows this.

It runs the function on the elements of its arguments, broadcast, with the options that the object was made with:
``otypes``, ``excluded``, ``cache`` and ``signature``.
"""

import copy
import re

import numpy as np


def called(vectorized, *args, **kwargs):
    """``vectorized(*args, **kwargs)``."""
    if vectorized.pyfunc is getattr(np, "_NoValue", None):  # ``np.vectorize(otypes=...)`` as a decorator
        made = copy.copy(vectorized)
        made.pyfunc = args[0]
        return made
    kept = [k for k in range(len(args)) if k not in vectorized.excluded]
    names = [name for name in kwargs if name not in vectorized.excluded]

    def one(elements):
        positional, named = list(args), dict(kwargs)
        for k, e in zip(kept, elements, strict=False):
            positional[k] = e
        for name, e in zip(names, elements[len(kept) :], strict=True):
            named[name] = e
        return vectorized.pyfunc(*positional, **named)

    spread = [args[k] for k in kept] + [kwargs[name] for name in names]
    if vectorized.signature is not None:
        return by_signature(vectorized, one, spread)
    return elementwise(vectorized, one, spread) if spread else one([])


def elementwise(vectorized, one, spread):
    """The function of the elements, one by one; without ``otypes``, the first results say the dtypes of all."""
    arrays = np.broadcast_arrays(*spread)
    elements = [[a[i] for a in arrays] for i in np.ndindex(*arrays[0].shape)]
    dtypes, made = vectorized.otypes, []
    if dtypes is None:
        if not elements:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        first = one(elements[0])
        dtypes = [np.asarray(y).dtype for y in (first if isinstance(first, tuple) else (first,))]
        if vectorized.cache:
            made.append(first)
    made += [one([plain(e) for e in each]) for each in elements[len(made) :]]
    if len(dtypes) == 1:
        return together(made, dtypes[0], arrays[0].shape)
    return tuple([together([y[k] for y in made], dtype, arrays[0].shape) for k, dtype in enumerate(dtypes)])


def by_signature(vectorized, one, spread):
    """The function of arrays of the ranks that the signature names, such as ``(n),(n)->()``."""
    inputs, outputs = [[len(core.split(",")) if core else 0 for core in re.findall(r"\(([^)]*)\)", side)]
                       for side in vectorized.signature.replace(" ", "").split("->")]  # fmt: skip
    if len(spread) != len(inputs):
        raise TypeError(f"wrong number of positional arguments: expected {len(inputs)}, got {len(spread)}")
    arrays = [np.asarray(a) for a in spread]
    outer = np.broadcast_shapes(*[a.shape[: a.ndim - rank] for a, rank in zip(arrays, inputs, strict=True)])
    arrays = [np.broadcast_to(a, outer + a.shape[a.ndim - rank :]) for a, rank in zip(arrays, inputs, strict=True)]
    made = [one([a[i] for a in arrays]) for i in np.ndindex(*outer)]
    if not made:
        raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
    if len(outputs) == 1:
        made = [(y,) for y in made]
    dtypes = vectorized.otypes or [np.asarray(y).dtype for y in made[0]]
    whole = [together([y[k] for y in made], dtype, outer + np.shape(made[0][k])) for k, dtype in enumerate(dtypes)]
    return whole[0] if len(outputs) == 1 else tuple(whole)


def together(made, dtype, shape):
    """Results as one array."""
    return np.reshape(np.array(made).astype(dtype), shape)


def plain(element):
    """An element as the function gets it: of the classes of Python."""
    return element.item() if isinstance(element, np.generic) else element
