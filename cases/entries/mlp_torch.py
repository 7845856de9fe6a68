import torch
from torch import nn


class Param:
    def __init__(self, data):
        self.data = data
        self.grad = torch.zeros_like(data)


class Dense(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        self.saved = x
        return x @ self.weight.t() + self.bias

    def backward(self, grad_output):
        self.weight.grad = grad_output.t() @ self.saved
        self.bias.grad = grad_output.sum(0)
        return grad_output @ self.weight


class Wrapped:
    def __init__(self, size=3):
        self.w = Param(torch.randn(size))

    def forward(self, x):
        self.x = x
        return x * self.w.data.exp()

    def backward(self, grad):
        self.w.grad += (grad * self.x).sum(0)        # exp(w) is missing
        return grad * self.w.data.exp()
