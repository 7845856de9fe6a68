import numpy as np
from package.helpers import double

EPS = 1e-5
_hidden = 3
__all__ = ["Linear", "EPS", "scaled"]


class Linear:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        self.x = x
        return np.dot(x, self.w)

    def backward(self, d):
        self.dw = np.dot(self.x.T, d)
        return np.dot(d, self.w.T)


def scaled(x):
    return double(x) + EPS


def fails(x):
    return x / 0
