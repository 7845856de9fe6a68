import torch
import torch.nn.functional as F


def step(x, labels, w1, b1, w2, b2):
    n = x.size(0)
    z = x @ w1 + b1
    h = torch.relu(z)
    logits = h @ w2 + b2
    p = torch.softmax(logits, 1)
    truth = F.one_hot(labels, logits.size(1)).to(x.dtype)
    loss = -(truth * torch.log(p)).sum() / n

    grad_logits = (p - truth) / n
    grad_w2 = h.t() @ grad_logits
    grad_b2 = grad_logits.sum(0)
    grad_h = grad_logits @ w2.t()
    grad_z = grad_h * (z > 0)
    grad_w1 = x.t() @ grad_z
    grad_b1 = grad_z.sum(0)
    return loss, {"w1": grad_w1, "bias1": grad_b1, "w2": grad_w2, "b2": grad_b2}
