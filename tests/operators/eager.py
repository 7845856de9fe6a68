"""What Python's own PyTorch makes of a program: its loss, its gradients, and how exact they are."""
import math
import re
import warnings

import numpy as np
import torch

from short_arithmetic import ShortArithmetic

warnings.filterwarnings("ignore")

# A narrower dtype inside the program, whose rounding is that of the whole.
NARROW = {
    "float64": re.compile(r"\.(float|half|bfloat16|chalf)\(|torch\.(float32|float16|bfloat16)"),
    "float32": re.compile(r"\.(half|bfloat16|chalf)\(|torch\.(float16|bfloat16)"),
}
WIDER = {"float32": "float64", "float64": "float32"}


def compile_program(lines, dtype=None):
    """The program as a Python function; with `dtype`, as it reads in that dtype."""
    text = "\n".join(lines)
    if dtype:
        text = text.replace(f"torch.{WIDER[dtype]}", f"torch.{dtype}")
    space = {"torch": torch, "math": math}
    exec(text, space)
    return space["forward"]


def gradients(lines, arrays, wanted, dtype=None):
    """Loss and gradients by autograd, as arrays; those that do not exist are left out."""
    forward = compile_program(lines, dtype)
    tensors = {}
    for name, array in arrays.items():
        if dtype and array.dtype.kind == "f":
            array = array.astype(dtype)
        tensors[name] = torch.from_numpy(np.array(array))
        if name in wanted:
            tensors[name].requires_grad_()
    loss = forward(**tensors)
    found = torch.autograd.grad(loss, [tensors[n] for n in wanted], allow_unused=True)
    return loss.item(), {n: _array(g) for n, g in zip(wanted, found) if g is not None}


def _array(gradient):
    if gradient._is_zerotensor():  # its memory is not there to be read
        return np.zeros(gradient.shape, str(gradient.dtype).removeprefix("torch."))
    dense = gradient.to_dense() if gradient.is_sparse else gradient
    return dense.detach().resolve_conj().resolve_neg().numpy().copy()


def is_finite(loss, found):
    return math.isfinite(loss) and all(np.isfinite(g).all() for g in found.values())


def rounding(lines, arrays, wanted, dtype, found, rng):
    """What rounding leaves in each element: float32's gradients against float64's, and what each
    value on the way leaves that is rounded to float32 by itself.

    At one point the two may be close by chance: the largest difference at some points nearby is
    taken. float64's rounding is float32's, scaled, but where
    nothing of float32's gradient is right: there it is how far float64's is from a smooth one.
    """
    noise = {name: np.zeros(g.shape) for name, g in found.items()}
    lost = {name: np.zeros(g.shape, bool) for name, g in found.items()}
    for narrow, wide in _narrow_and_wide(lines, arrays, wanted, rng):
        for name in found.keys() & narrow.keys() & wide.keys():
            difference = np.abs(narrow[name].astype("float64") - wide[name])
            noise[name] = np.fmax(noise[name], difference)
            lost[name] |= difference > 0.1 * np.abs(wide[name])
    noise = {name: np.fmax(n, _usual(n, found[name])) for name, n in noise.items()}
    if dtype == "float32":
        return _finite(noise, found)
    rough = roughness(lines, arrays, wanted, found, rng)
    return _finite({n: np.where(lost[n], rough[n], noise[n] * 2.0 ** -29) for n in found}, found)


def _narrow_and_wide(lines, arrays, wanted, rng):
    for spread in (0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1):
        near = _scattered(arrays, spread, rng, "float32")
        yield (_attempt(lines, near, wanted, "float32"), _attempt(lines, near, wanted, "float64"))
    here = _scattered(arrays, 0, rng, "float32")
    wide = _attempt(lines, here, wanted, "float64")
    for _ in range(4):
        with ShortArithmetic(rng.randint(2 ** 31)):
            short = _attempt(lines, here, wanted, "float64")
        yield short, wide


def _usual(noise, gradient):
    """What most elements of a gradient lose, in parts of themselves: one may be close by chance."""
    size = np.abs(gradient)
    known = (size > 0) & np.isfinite(noise)
    return size * np.quantile(noise[known] / size[known], 0.9) if known.any() else noise


def roughness(lines, arrays, wanted, found, rng):
    """Second differences of the gradients over a millionth of every value."""
    most = {name: np.zeros(g.shape) for name, g in found.items()}
    for _ in range(3):
        state = rng.get_state()
        right = _attempt(lines, _scattered(arrays, 1e-6, rng, "float64"), wanted, "float64")
        rng.set_state(state)
        left = _attempt(lines, _scattered(arrays, -1e-6, rng, "float64"), wanted, "float64")
        for name in found.keys() & right.keys() & left.keys():
            most[name] = np.fmax(most[name], np.abs(right[name] - 2 * found[name] + left[name]))
    return most


def narrowing(lines, dtype, found):
    """The rounding of a narrower dtype that the program itself passes through."""
    inside = 2.0 ** -7 if NARROW[dtype].search("\n".join(lines)) else 0.0
    return {name: inside * np.abs(g) for name, g in found.items()}


def sensitivity(lines, arrays, wanted, dtype, found, rng):
    """How far the gradients move when every input moves by its own rounding."""
    moved = {name: np.zeros(g.shape) for name, g in found.items()}
    for _ in range(4):
        other = _attempt(lines, _scattered(arrays, np.finfo(dtype).eps, rng, dtype), wanted)
        for name in found.keys() & other.keys():
            change = np.abs(other[name].astype("float64") - found[name])
            moved[name] = np.fmax(moved[name], np.where(np.isfinite(change), change, np.inf))
    return moved


def _scattered(arrays, spread, rng, dtype):
    return {n: np.asarray(a.astype("float64") * (1 + spread * rng.uniform(-1, 1, a.shape)), dtype)
            if a.dtype.kind == "f" else a for n, a in arrays.items()}


def _attempt(lines, arrays, wanted, dtype=None):
    """The gradients, or none where the values leave the operator's domain."""
    try:
        return gradients(lines, arrays, wanted, dtype)[1]
    except (RuntimeError, ValueError, TypeError):
        return {}


def _finite(noise, found):
    """Where nothing is known, an element may be rounding altogether."""
    return {name: np.where(np.isfinite(n), n, np.abs(found[name]).max(initial=0))
            for name, n in noise.items()}


def is_exact(found, noise):
    """Whether what Python computed is the gradient at all, and not rounding for the most part."""
    return all((noise[n] <= 0.02 * np.abs(g).max(initial=0)).all() for n, g in found.items())


def _terms(lines, dtype):
    """The program's loss as the terms of its sums, and not their sum, which rounds them away."""
    *body, last = lines
    sums = last.strip().removeprefix("return ").split(" + ")
    parts = ", ".join(f"{one.removesuffix('.sum()')}.flatten()" for one in sums)
    return compile_program([*body, f"    return torch.cat([{parts}])"], dtype)


def is_refuted(lines, arrays, gradient, name, index):
    """Whether Python's own gradient is not the slope: over three small steps f moves by another
    one, and by the same one to both sides."""
    at = {n: a.astype("float64") if a.dtype.kind == "f" else a for n, a in arrays.items()}
    slope, centre = float(gradient[index]), float(at[name][index])
    scale = abs(centre) or float(np.abs(at[name]).max()) or 1.0
    terms, quotients = _terms(lines, "float64"), []
    here = terms(**{n: torch.from_numpy(np.array(a)) for n, a in at.items()}).detach().numpy()
    for power in range(2, 13):
        for sign in (1, -1):
            moved = {n: torch.from_numpy(np.array(a)) for n, a in at.items()}
            moved[name][index] = centre + sign * scale * 10.0 ** -power
            width = float(moved[name][index]) - centre
            there = terms(**moved).detach().numpy()
            change = there - here
            if width:
                rounding = 1e-15 * np.abs(there[change != 0]).sum() + 1e-16 * (change != 0).sum()
                quotients.append((math.fsum(change) / width, rounding / abs(width)))
    resolved = [q for q, noise in quotients if noise < 1e-3 * max(abs(q), abs(slope))][-6:]
    size = max(abs(slope), *map(abs, resolved)) if resolved else 0.0
    return len(resolved) == 6 and np.ptp(resolved) < 1e-2 * size and all(
        abs(q - slope) > 1e-2 * size for q in resolved)


def is_smooth(lines, arrays, wanted, name, index, error):
    """Whether neither value nor slope jumps at the point, as that one element moves.

    A jump is what stays as the step shrinks tenfold; below `error` it does not matter.
    """
    centre = float(arrays[name][index])
    scale = abs(centre) or float(np.abs(arrays[name]).max()) or 1.0
    at = {n: a.astype("float64") if a.dtype.kind == "f" else a for n, a in arrays.items()}
    here = float(gradients(lines, at, wanted, "float64")[1][name][index])
    changes = []
    for step in (1e-9 * scale, 1e-10 * scale):
        sides = []
        for sign in (1, -1):
            moved = at | {name: np.array(at[name])}
            moved[name][index] = centre + sign * step
            loss, found = gradients(lines, moved, wanted, "float64")
            sides.append((loss, float(found[name][index])))
        if not np.isfinite(sides).all():
            return False
        (right, slope_right), (left, slope_left) = sides
        slopes = (here, slope_right, slope_left)
        changes.append((abs(right - left), max(slopes) - min(slopes), abs(right)))
    (value_far, slope_far, _), (value_near, slope_near, size) = changes
    slope_jumps = slope_near > error / 4 and slope_near > 0.3 * slope_far
    value_jumps = value_near > 0.3 * value_far and value_near > 1e-14 * size
    return not (slope_jumps or value_jumps)
