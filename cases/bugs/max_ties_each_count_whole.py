import torch


def forward(x):
    return x.amax(1) * 3.0


def backward(x, grad_output):
    hit = (x == x.amax(1, keepdim=True)).to(x.dtype)
    share = hit
    return {"x": share * grad_output.unsqueeze(1) * 3.0}
