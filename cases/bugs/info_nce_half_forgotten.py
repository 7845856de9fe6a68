import torch

TAU = 0.5


def step(a, b):
    n = a.size(0)
    sim = a @ b.t() / TAU
    eye = torch.eye(n, dtype=a.dtype)
    loss = -0.5 * (eye * (torch.log_softmax(sim, 1) + torch.log_softmax(sim, 0))).sum() / n

    rows = torch.softmax(sim, 1) - eye
    columns = torch.softmax(sim, 0) - eye
    d_sim = (rows + columns) / n
    d_a = d_sim @ b / TAU
    d_b = d_sim.t() @ a / TAU
    return loss, {"a": d_a, "b": d_b}
