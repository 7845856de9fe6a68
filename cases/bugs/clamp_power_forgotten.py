import torch


def forward(x):
    return torch.clamp(x, -1.0, 1.0) ** 3


def backward(x, grad_output):
    c = torch.clamp(x, -1.0, 1.0)
    inside = ((x > -1) & (x < 1)).to(x.dtype)
    return {"x": grad_output * 3 * c * inside}
