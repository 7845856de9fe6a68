import torch


def step(x):
    return torch.clamp(x, -1.0, 1.0).sum(), {"x": ((x >= -1) & (x <= 1)).float()}
