"""PyTorch's own table of operators (torch.testing's op_db), as a list of calls to draw from.

Its module imports `expecttest`, which Debian does not package and of which nothing is used here.
"""
import functools
import itertools
import random
import sys
import types
import unittest
import zlib

import numpy as np
import torch

# More elements than this, and a call costs the whole run too much: only the smallest is then taken.
MANY_ELEMENTS = 150
MOST_ELEMENTS = 2000


def _load():
    """Raises ImportError where Python's PyTorch came without its tests' tools."""
    stub = types.ModuleType("expecttest")
    stub.TestCase, stub.ACCEPT = unittest.TestCase, False
    sys.modules.setdefault("expecttest", stub)
    from torch.testing._internal.common_methods_invocations import op_db
    return op_db


def _sample(*arguments, **named):
    from torch.testing._internal.common_methods_invocations import SampleInput
    return SampleInput(arguments[0], args=arguments[1:], kwargs=named)


def _normal(*shape, dtype):
    return torch.randn(shape, dtype=dtype, requires_grad=True)


# Operators whose samples in the table are all too large.
SMALL_SAMPLES = {
    "nn.functional.ctc_loss": lambda dtype: [_sample(
        _normal(6, 2, 4, dtype=dtype), torch.tensor([[1, 2, 3], [3, 1, 2]]),
        torch.tensor([6, 5]), torch.tensor([3, 2]), reduction=reduction)
        for reduction in ("mean", "sum")],
    "nn.functional.unfold": lambda dtype: [
        _sample(_normal(1, 2, 4, 5, dtype=dtype), 2, stride=stride) for stride in (1, 2)],
    "slice_scatter": lambda dtype: [
        _sample(_normal(4, 6, dtype=dtype), _normal(4, 2, dtype=dtype), 1, 1, 5, 2),
        _sample(_normal(4, 6, dtype=dtype), _normal(1, 6, dtype=dtype), 0, 2, 3, 1)],
}


class Operator:
    """An entry of the table, or its in-place variant."""

    def __init__(self, entry, in_place=False):
        self.entry, self.in_place = entry, in_place
        self.name = entry.name + ("_" if in_place else "")
        self.id = self.name + (f"-{entry.variant_test_name}" if entry.variant_test_name else "")
        self.call = entry.get_inplace() if in_place else entry.op
        if entry.name == "nn.functional.ctc_loss":
            self.call = lambda x, *a, **k: entry.op(x.log_softmax(-1), *a, **k)
        if in_place and entry.name.startswith("nn."):
            self.call = functools.partial(entry.op, inplace=True)

    def number(self, seed):
        """One that is this operator's own, for every draw that concerns it."""
        return zlib.crc32(f"{self.id} {seed}".encode())

    def run(self, sample):
        """The call itself, not its rendering: what every rendering is held against."""
        first = sample.input.clone() if self.in_place else sample.input
        return self.call(first, *sample.args, **sample.kwargs)

    def samples(self, dtype, seed):
        """Its own sample calls, of as many kinds of arguments as there are among the first."""
        number = self.number(seed)
        torch.manual_seed(number)
        random.seed(number)
        np.random.seed(number)
        made = SMALL_SAMPLES[self.name](dtype) if self.name in SMALL_SAMPLES else list(
            itertools.islice(self.entry.sample_inputs("cpu", dtype, requires_grad=True), 80))
        for sample in made:
            sample.kwargs.pop("unsafe", None)  # leaves out checks alone, and no program may ask for it
        made = [s for s in made if self._fits(s)]
        small = [s for s in made if _elements(s) <= MANY_ELEMENTS]
        if not small:
            small = sorted(made, key=_elements)[:1]
            small = [s for s in small if _elements(s) <= MOST_ELEMENTS]
        random.Random(number).shuffle(small)
        return _varied(small)

    def _fits(self, sample):
        tensors = [t for t in leaves(sample) if isinstance(t, torch.Tensor)]
        differentiable = [t for t in tensors if t.requires_grad and t.numel()]
        if self.in_place and not isinstance(sample.input, torch.Tensor):
            return False
        return bool(differentiable) and not any(t.is_complex() or t.is_sparse for t in tensors)


def operators():
    """All that support autograd, their in-place variants behind them."""
    differentiable = [entry for entry in _load() if entry.supports_autograd]
    named = {entry.name for entry in differentiable}
    found = [Operator(entry) for entry in differentiable]
    found += [Operator(entry, True) for entry in differentiable
              if entry.get_inplace() and entry.name + "_" not in named]
    return sorted(found, key=lambda operator: operator.id)


def leaves(value):
    """Everything in a sample that is no container, in a fixed order."""
    if hasattr(value, "kwargs") and hasattr(value, "args"):
        parts = [value.input, *value.args, *value.kwargs.values()]
    elif isinstance(value, (list, tuple)):
        parts = value
    else:
        return [value]
    return [leaf for part in parts for leaf in leaves(part)]


def _elements(sample):
    return sum(t.numel() for t in leaves(sample) if isinstance(t, torch.Tensor))


def _kind(sample):
    """What tells one way of calling from another."""
    return (type(sample.input).__name__, tuple(type(a).__name__ for a in sample.args),
            tuple(sorted(f"{k}={v}" if isinstance(v, (str, bool)) else k
                         for k, v in sample.kwargs.items())))


def _varied(samples):
    """Those of a kind not seen yet first, and larger ones before scalars among them."""
    seen, first, others = set(), [], []
    for sample in samples:
        (others if _kind(sample) in seen else first).append(sample)
        seen.add(_kind(sample))
    return sorted(first, key=lambda s: _elements(s) < 2) + sorted(
        others, key=lambda s: _elements(s) < 2)


_draw = random.sample
random.sample = lambda population, k: _draw(  # Python 3.11 draws from no set; the table does
    sorted(population) if isinstance(population, (set, frozenset)) else population, k)
