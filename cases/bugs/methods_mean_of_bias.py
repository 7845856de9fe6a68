# Layers as objects that keep what their backward needs, a list of them, and an f-string.
from dataclasses import dataclass, field

import torch


@dataclass
class Cache:
    x: torch.Tensor
    extra: dict = field(default_factory=dict)


class Layer:
    def __call__(self, x):
        self.cache = Cache(x)
        return self.forward(x)


class Linear(Layer):
    def __init__(self, name, w, b):
        self.name, self.w, self.b = name, w, b

    def forward(self, x):
        return x @ self.w + self.b

    def backward(self, dy, grads):
        grads[f"w{self.name}"] = self.cache.x.T @ dy
        grads[f"b{self.name}"] = dy.mean(0)
        return dy @ self.w.T


class Tanh(Layer):
    def forward(self, x):
        y = torch.tanh(x)
        self.cache.extra["y"] = y
        return y

    def backward(self, dy, grads):
        return dy * (1 - self.cache.extra["y"] ** 2)


def step(x, w1, b1, w2, b2):
    net = [Linear(1, w1, b1), Tanh(), Linear(2, w2, b2)]
    y = x
    for layer in net:
        y = layer(y)
    loss = sum((row ** 2).sum() for row in y) / len(y)
    grads, dy = {}, 2 * y / len(y)
    for layer in reversed(net):
        dy = layer.backward(dy, grads)
    return loss, grads
