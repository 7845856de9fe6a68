from .constants import TWO
from .inner import deepest


def double(x):
    return TWO * x
