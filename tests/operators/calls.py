"""An item of the test: an operator called with values, a program and its right gradients."""
import dataclasses
import time
import zlib

import numpy as np
import torch

import eager
import rendering
import values
from operator_database import leaves


@dataclasses.dataclass
class Item:
    operator: str
    id: str            # operator@sample-draw-dtype
    dtype: str
    spellings: list    # programs, as lists of lines: one is taken after the other
    arrays: dict       # every tensor by name
    gradients: dict    # the right ones
    noise: dict        # what rounding leaves in each element of them
    spares: list       # calls to make of it instead, where no spelling is taken
    taken: int = 0     # which spelling

    @property
    def lines(self):
        return self.spellings[self.taken]


# Seconds that all evaluations of an item's check may take: polygamma at -1e6 sums a million terms.
SLOW = 10


class Skipped(Exception):
    """Why a sample is not made an item."""


def _names(sample):
    tensors = [t for t in leaves(sample) if isinstance(t, torch.Tensor)]
    unique = list({id(t): t for t in tensors}.values())
    return {id(t): f"x{k}" for k, t in enumerate(unique)}, unique


def _same(a, b, tolerance=1e-5):
    if isinstance(a, torch.Tensor):
        return (isinstance(b, torch.Tensor) and a.shape == b.shape and a.dtype == b.dtype
                and torch.allclose(a, b, tolerance, 1e-3 * tolerance, equal_nan=True))
    if isinstance(a, (list, tuple)):
        return (isinstance(b, (list, tuple)) and len(a) == len(b)
                and all(_same(x, y, tolerance) for x, y in zip(a, b)))
    return a == b


def _evaluated(body, names, unique):
    space = {"torch": torch} | {names[id(t)]: t for t in unique}
    exec("\n".join(body), space)
    return space["y"]


def _comparable(output, vectors):
    if not vectors:
        return output
    return [rendering.unique("", part, output, vectors[k])[1] if k in vectors else part
            for k, part in enumerate(output)]


def _is_random(operator, sample):
    """Random numbers, or memory that nobody wrote (gelsy's pivots in LibTorch 1.13)."""
    runs = []
    for seed in range(8):
        torch.manual_seed(seed)
        left = [torch.full((n,), seed, dtype=torch.int32) for n in range(1, 9)]
        del left
        runs.append(operator.run(sample))
    return not all(_same(runs[0], run, 0) for run in runs[1:])


def programs(operator, sample):
    """The spellings that give in Python what the table's call gives, as programs."""
    names, unique = _names(sample)
    if _is_random(operator, sample):
        raise Skipped("random")
    before = [t.detach().clone() for t in unique]
    output = operator.run(sample)
    if not all(_same(a, b.detach()) for a, b in zip(before, unique)):
        raise Skipped("writes into its arguments")
    vectors = rendering.VECTORS.get(operator.name, {})
    found, weights = [], {}
    for body in rendering.bodies(operator, sample, names):
        state = torch.get_rng_state()
        try:
            value = _evaluated(body, names, unique)
        except Exception:  # whatever a spelling that does not exist raises
            continue
        if not torch.equal(state, torch.get_rng_state()):  # the table's own call may set a seed
            raise Skipped("random")
        if not _same(_comparable(output, vectors), _comparable(value, vectors)):
            continue
        lines, weights = rendering.program(body, list(names.values()), value, vectors)
        if weights:
            found.append(lines)
    if not found:
        raise Skipped("no output to differentiate" if _nothing(output) else "no spelling in Python")
    return found, weights, {names[id(t)]: t.detach().resolve_conj().resolve_neg().numpy()
                            for t in unique}, [
        names[id(t)] for t in unique if t.requires_grad and t.numel()]


def _nothing(output):
    parts = output if isinstance(output, (list, tuple)) else [output]
    return not any(isinstance(p, torch.Tensor) and p.requires_grad for p in parts)


def as_the_operator_asks(program, tried, wanted):
    """The values with the form that the operator's documentation asks of a matrix; None where they
    cannot have it."""
    last = wanted[-1] if "cholesky_solve(" in program else wanted[0]
    if "hermitian=True" in program:
        return tried | {n: (tried[n] + tried[n].swapaxes(-1, -2)) / 2 for n in wanted}
    if "cholesky_solve(" in program or "cholesky_inverse(" in program:
        one_triangle = np.triu if "upper=True" in program else np.tril
        return tried | {last: one_triangle(tried[last])}
    if "cholesky_ex(" in program:
        lower = torch.from_numpy(tried[last])
        upper = "upper=True" in program
        return None if torch.linalg.cholesky_ex(lower, upper=upper)[1].any() else tried
    return tried


def draw(kind, made, rng, dtype):
    """The item's arrays, gradients and noise for the first values of that kind that are allowed."""
    lines, weights, arrays, wanted = made
    fixed = {name: values.weights(shape, rng, dtype) for name, shape in weights.items()}
    for drawn in values.candidates(kind, [arrays[n] for n in wanted], rng, dtype):
        tried = arrays | dict(zip(wanted, drawn)) | fixed
        tried = as_the_operator_asks("".join(lines[0]), tried, wanted)
        if tried is None:
            continue
        started = time.process_time()
        try:
            loss, found = eager.gradients(lines[0], tried, wanted)
        except Exception:  # outside of the operator's domain
            continue
        elements = sum(g.size for g in found.values())
        evaluations = 2 * elements + 60 * min(elements, 64)
        quick = (time.process_time() - started) * evaluations < SLOW
        if found and quick and eager.is_finite(loss, found):
            noise = eager.rounding(lines[0], tried, list(found), dtype, found, rng)
            if eager.is_exact(found, noise):
                return tried, found, _with_what_moves(noise, lines[0], tried, found, dtype, rng)
    raise Skipped(f"no values with finite, exact gradients ({kind})")


def _with_what_moves(noise, lines, arrays, found, dtype, rng):
    moved = eager.sensitivity(lines, arrays, list(found), dtype, found, rng)
    inside = eager.narrowing(lines, dtype, found)
    return {n: np.maximum(noise[n], moved[n]) + inside[n] for n in noise}


def as_taken(item, seed):
    """The item with the rounding of the spelling that was taken too: it may be another formula."""
    if not item.taken:
        return item
    rng = np.random.RandomState(zlib.crc32(f"{item.id} {seed} noise".encode()))
    wanted = list(item.gradients)
    noise = eager.rounding(item.lines, item.arrays, wanted, item.dtype, item.gradients, rng)
    noise = _with_what_moves(noise, item.lines, item.arrays, item.gradients, item.dtype, rng)
    return dataclasses.replace(
        item, noise={n: np.maximum(item.noise[n], noise[n]) for n in item.noise})


def items(operator, dtype, count, seed, skipped):
    """All items of an operator; `skipped` counts what was left out, and why."""
    try:
        samples = operator.samples(getattr(torch, dtype), seed)
    except Exception as error:  # the table's own generators
        skipped.append((operator.id, f"no samples: {type(error).__name__}"))
        return
    if not samples:
        skipped.append((operator.id, "no real, dense, small sample with a gradient"))
    made = []
    for sample in samples[:6 * count]:
        try:
            made.append(programs(operator, sample))
        except (Skipped, rendering.Unrenderable) as reason:
            skipped.append((operator.id, str(reason)))
        except Exception as error:  # the call itself
            skipped.append((operator.id, f"raises in Python: {type(error).__name__}"))
        if len(made) == 3 * count:
            break
    for k, call in enumerate(made[:count]):
        for kind in values.TURNS[k % len(values.TURNS)]:
            item = Item(operator.id, f"{operator.id}@{k}-{kind}-{dtype}", dtype, [], {}, {}, {},
                        [call, *made[count + k::count]])
            drawn = with_next_call(item, seed)
            if isinstance(drawn, Item):
                yield drawn
            else:
                skipped.append((operator.id, drawn))


def with_next_call(item, seed):
    """The item made of the next of its calls; or why there is none."""
    why = "no call"
    while item.spares:
        call, *rest = item.spares
        kind = item.id.split("@")[-1].split("-", 1)[1].rsplit("-", 1)[0]
        rng = np.random.RandomState(zlib.crc32(f"{item.id} {seed} {len(rest)}".encode()))
        item = dataclasses.replace(item, spares=rest)
        try:
            arrays, found, noise = draw(kind, call, rng, item.dtype)
        except Skipped as reason:
            why = str(reason)
        else:
            return dataclasses.replace(item, spellings=call[0], arrays=arrays, gradients=found,
                                       noise=noise, taken=0)
    return why
