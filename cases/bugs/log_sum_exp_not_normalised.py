import torch

T = 2.0


def forward(x):
    m = x.amax(1, keepdim=True)
    e = torch.exp((x - m) / T)
    return T * torch.log(e.sum(1)) + m.squeeze(1)


def backward(x, grad_output):
    e = torch.exp((x - x.amax(1, keepdim=True)) / T)
    p = e
    return {"x": p * grad_output.unsqueeze(1)}
