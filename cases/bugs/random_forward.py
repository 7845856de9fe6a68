import torch


def forward(x):
    return (torch.nn.functional.dropout(x, 0.5) * x).sum()


def backward(x, grad_output):
    return {"x": 2 * x * grad_output}
