import torch

DECAY = 0.1


def step(x, labels, w):
    n = x.size(0)
    rows = torch.arange(n)
    scores = x @ w
    right = scores[rows, labels].unsqueeze(1)
    over = torch.clamp(scores - right + 1, min=0.0)
    loss = (over.sum() - n) / n + DECAY * (w * w).sum()

    violated = (over > 0).to(x.dtype)
    counts = violated.sum(1)
    d_scores = violated.clone()
    d_scores[rows, labels] = -1.0
    d_data = x.t() @ d_scores / n
    d_w = d_data + 2 * DECAY * w
    return loss, {"w": d_w}
