import torch


def step(a, b):
    dot = (a * b).sum(1, keepdim=True)
    na = torch.sqrt((a * a).sum(1, keepdim=True))
    nb = torch.sqrt((b * b).sum(1, keepdim=True))
    cos = dot / (na * nb)
    loss = (1 - cos).mean()

    d_cos = torch.full_like(cos, -1.0 / a.size(0))
    d_dot = d_cos / (na * nb)
    d_na = -d_cos * dot / (na * na * nb)
    d_nb = -d_cos * dot / (na * nb * nb)
    d_a = d_dot * b + d_na * a
    d_b = d_dot * a + d_nb * b / nb
    return loss, {"a": d_a, "b": d_b}
