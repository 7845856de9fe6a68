"""What Python's own PyTorch makes of a program: its loss, its gradients, and how exact they are."""
import math
import re
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")

# A narrower dtype inside the program, whose rounding is that of the whole.
NARROW = {"float64": re.compile(r"\.(float|half|bfloat16|chalf)\(|torch\.(float32|float16|bfloat16)"),
          "float32": re.compile(r"\.(half|bfloat16|chalf)\(|torch\.(float16|bfloat16)")}
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
    return loss.item(), {n: g.detach().to_dense().resolve_conj().numpy().copy() if g.is_sparse
                         else g.detach().resolve_conj().resolve_neg().numpy().copy()
                         for n, g in zip(wanted, found) if g is not None}


def is_finite(loss, found):
    return math.isfinite(loss) and all(np.isfinite(g).all() for g in found.values())


def rounding(lines, arrays, wanted, dtype, found):
    """What rounding leaves in each element: float32's gradients against float64's, at one point."""
    try:
        _, other = gradients(lines, arrays, wanted, WIDER[dtype])
    except (RuntimeError, ValueError, TypeError):
        other = {}
    scale = 1.0 if dtype == "float32" else 2.0 ** -29
    inside = 2.0 ** -7 if NARROW[dtype].search("\n".join(lines)) else 0.0
    noise = {}
    for name, gradient in found.items():
        difference = np.abs(gradient.astype("float64") - other[name]) * scale \
            if name in other else np.full(gradient.shape, np.inf)
        unknown = np.finfo(dtype).eps * np.abs(gradient).max(initial=0)
        noise[name] = np.where(np.isfinite(difference), difference, unknown)
        noise[name] += inside * np.abs(gradient)
    return noise


def is_exact(found, noise):
    """Whether what Python computed is the gradient at all, and not rounding for the most part."""
    return all((noise[n] <= 0.02 * np.abs(g).max(initial=0)).all() for n, g in found.items())


def is_refuted(lines, arrays, wanted, name, index):
    """Whether Python's own gradient is not the slope: three small steps agree on another one."""
    at = {n: a.astype("float64") if a.dtype.kind == "f" else a for n, a in arrays.items()}
    loss, found = gradients(lines, at, wanted, "float64")
    slope, centre = float(found[name][index]), float(at[name][index])
    scale = abs(centre) or float(np.abs(at[name]).max()) or 1.0
    forward, quotients = compile_program(lines, "float64"), []
    for power in range(2, 13):
        ends = []
        for sign in (1, -1):
            moved = {n: torch.from_numpy(np.array(a)) for n, a in at.items()}
            moved[name][index] = centre + sign * scale * 10.0 ** -power
            ends.append((float(moved[name][index]), float(forward(**moved))))
        (right, above), (left, below) = ends
        width = right - left
        noise = (1e-14 * abs(loss) + abs(np.spacing(centre) * slope)) / width if width else np.inf
        quotients.append(((above - below) / width if width else np.nan, noise))
    size = max(abs(slope), max(abs(q) for q, _ in quotients if np.isfinite(q)))
    resolved = [q for q, noise in quotients if noise < 1e-3 * size][-3:]
    return len(resolved) == 3 and np.ptp(resolved) < 1e-2 * size and all(
        abs(q - slope) > 1e-2 * size for q in resolved)


def is_smooth(lines, arrays, wanted, name, index, error):
    """Whether neither value nor slope jumps at the point, as that one element moves.

    A jump is what stays as the step shrinks tenfold; below `error` it does not matter.
    """
    centre = float(arrays[name][index])
    scale = abs(centre) or float(np.abs(arrays[name]).max()) or 1.0
    changes = []
    for step in (1e-9 * scale, 1e-10 * scale):
        sides = []
        for sign in (1, -1):
            moved = {n: a.astype("float64") if a.dtype.kind == "f" else a
                     for n, a in arrays.items()}
            moved[name] = np.array(moved[name])
            moved[name][index] = centre + sign * step
            loss, found = gradients(lines, moved, wanted, "float64")
            sides.append((loss, float(found[name][index])))
        (right, slope_right), (left, slope_left) = sides
        changes.append((abs(right - left), abs(slope_right - slope_left), abs(right)))
    (value_far, slope_far, _), (value_near, slope_near, size) = changes
    slope_jumps = slope_near > error / 4 and slope_near > 0.3 * slope_far
    value_jumps = value_near > 0.3 * value_far and value_near > 1e-14 * size
    return not (slope_jumps or value_jumps)
