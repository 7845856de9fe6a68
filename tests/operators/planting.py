"""Mistakes put into right gradients: one element off by a little, or the smallest one doubled."""
import dataclasses

import numpy as np

# How far above measured rounding a mistake stands: other right formulas round some times as much,
# and a few points do not show all of it. float64's is known from float32's alone.
MARGIN = {"float64": 64, "float32": 16}

OFF_BY = {"float64": 1e-8, "float32": 1e-3}


@dataclasses.dataclass
class Plant:
    kind: str          # "off" or "doubled"
    name: str          # of the gradient
    index: tuple
    error: float
    gradients: dict


def _planted(kind, gradients, name, index, value):
    wrong = dict(gradients)
    wrong[name] = gradients[name].copy()
    before = float(wrong[name][index])
    wrong[name][index] = value
    error = abs(float(wrong[name][index]) - before)
    if not 0 < error < np.inf:
        return None
    return Plant(kind, name, tuple(int(i) for i in index), error, wrong)


def off(item, rng):
    """One element off by 1e-8 or 1e-3 of its tensor's largest, where rounding is well below."""
    places = []
    for name, gradient in item.gradients.items():
        error = OFF_BY[item.dtype] * float(np.abs(gradient).max(initial=0))
        for index in np.argwhere(MARGIN[item.dtype] * item.noise[name] < error) if error else []:
            places.append((name, tuple(index), error))
    if not places:
        return None
    name, index, error = places[rng.randint(len(places))]
    value = float(item.gradients[name][index]) + error * rng.choice([-1, 1])
    return _planted("off", item.gradients, name, index, value)


def doubled(item, rng):
    """The smallest element of one gradient doubled, where rounding does not reach it."""
    smallest = []
    for name, gradient in item.gradients.items():
        size = np.abs(gradient)
        normal = size >= np.finfo(item.dtype).tiny
        if not normal.any():
            continue
        index = np.unravel_index(np.argmin(np.where(normal, size, np.inf)), size.shape)
        if float(size[index]) > MARGIN[item.dtype] * float(item.noise[name][index]):
            smallest.append((name, index))
    if not smallest:
        return None
    name, index = smallest[rng.randint(len(smallest))]
    return _planted("doubled", item.gradients, name, index, 2 * item.gradients[name][index])


def plants(item, rng):
    return [plant for plant in (off(item, rng), doubled(item, rng)) if plant]
