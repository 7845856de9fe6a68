import torch


def step(x, labels, w, b):
    n = x.size(0)
    logits = x @ w + b
    shifted = logits - logits.amax(1, keepdim=True)
    log_p = shifted - torch.log(torch.exp(shifted).sum(1, keepdim=True))
    rows = torch.arange(n)
    loss = -log_p[rows, labels].sum() / n

    dlogits = torch.exp(log_p)
    dlogits[:, labels] -= 1
    dlogits = dlogits / n
    return loss, {"w": x.t() @ dlogits, "b": dlogits.sum(0)}
