"""Float64 arithmetic with float32's mantissa: what another right formula may lose to rounding.

Python's own float32 kernels show one formula's rounding at one point, which may be small by chance
or because a kernel carries more digits inside. Another formula that is as right makes each value
on the way a rounding off. Here every operation's result is rounded up or down at random, by its
distance from both (stochastic arithmetic: Parker, "Monte Carlo Arithmetic", 1997).
"""
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

BITS = 24


def _rounded(values, generator):
    mantissa, exponent = torch.frexp(values)
    drawn = torch.rand(values.shape, dtype=values.dtype, generator=generator)
    whole = torch.floor(mantissa * 2.0 ** BITS + drawn)
    rounded = torch.ldexp(whole * 2.0 ** -BITS, exponent)
    return torch.where(torch.isfinite(rounded), rounded, values)


class ShortArithmetic(TorchDispatchMode):
    """While it is entered, results in float64 have float32's mantissa; what an operation only hands
    on, or what has no more digits, stays as it is."""

    def __init__(self, seed):
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if func._schema.name.endswith("_"):
            given = set()
        else:
            given = {_memory(t) for t in tree_flatten((args, kwargs or {}))[0] if _is_double(t)}
        for tensor in tree_flatten(made)[0]:
            if _is_double(tensor) and _memory(tensor) not in given:
                real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
                real.copy_(_rounded(real, self.generator))
        return made


def _is_double(value):
    return (isinstance(value, torch.Tensor) and value.numel() > 0
            and value.dtype in (torch.float64, torch.complex128)
            and value.layout == torch.strided and not value._is_zerotensor()
            and not value.is_conj() and not value.is_neg())


def _memory(tensor):
    return tensor.storage().data_ptr()
