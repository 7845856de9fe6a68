import torch


def forward(x):
    return x.amax(1) * 3.0


def backward(x, grad_output):
    first = torch.nn.functional.one_hot(x.argmax(1), x.size(1)).to(x.dtype)
    return {"x": first * grad_output.unsqueeze(1) * 3.0}
