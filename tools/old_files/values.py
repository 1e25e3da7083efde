"""What old models are given and hold: seeded numbers, which are the same with every NumPy."""

import zlib

import numpy as np

SAMPLES = 2
BATCH = 3


def sample(case, index, name, shape, dtype="float32"):
    """Return what an input is given. One called after words gets them, with zeros at the ends; one called after steps
    ends in steps of zeros; a digit at the name's end is the size of axes that are free."""
    rng = np.random.RandomState(zlib.crc32("{}/{}/{}".format(case, index, name).encode()))
    free = int(name[-1]) if name[-1].isdigit() and name.startswith("x") else 5
    shape = tuple([shape[0] or BATCH] + [free if size is None else size for size in shape[1:]])
    if name.startswith("words"):
        values = rng.randint(1, 20, shape)
        for row in range(shape[0]):
            values[row, shape[1] - 1 - (row + index) % 3 :] = 0
    else:
        values = rng.uniform(0.5, 1.5) * rng.standard_normal(shape)
        if name.startswith("steps"):
            for row in range(shape[0]):
                values[row, shape[1] - 1 - (row + index) % 3 :] = 0
    return values.astype(dtype)


def weight(case, index, name, shape):
    """Return the values of a model's weight, which keep signals alive."""
    last = name.split("/")[-1].split(":")[0]
    rng = np.random.RandomState(zlib.crc32("{}/{}/{}".format(case, index, last).encode()))
    if "kernel" in last and last != "depthwise_kernel":
        fan_in = np.prod(shape[:-2]) * max(shape[-2:]) if len(shape) > 2 else shape[0]
        return rng.standard_normal(shape) * np.sqrt(1.5 / fan_in)
    if last == "gamma" or "variance" in last:
        return rng.uniform(0.5, 1.5, shape)
    if last == "alpha":
        return rng.uniform(0.1, 0.5, shape)
    return rng.standard_normal(shape) * 0.4
