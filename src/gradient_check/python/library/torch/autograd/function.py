"""torch.autograd.function"""
from torch.autograd import Function


def once_differentiable(fn):
    return fn
