import torch


def step(x):
    return torch.relu(x).sum(), {"x": (x >= 0).float()}
