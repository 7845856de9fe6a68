import torch
import torch.nn.functional as F


def step(tokens, labels, table, w):
    e = table[tokens]
    h = e.mean(1)
    z = h @ w
    a = torch.tanh(z)
    logits = a @ table.t()
    loss = F.cross_entropy(logits, labels)

    truth = F.one_hot(labels, table.size(0)).to(table.dtype)
    d_logits = (torch.softmax(logits, 1) - truth) / tokens.size(0)
    d_a = d_logits @ table
    d_z = d_a * (1 - a * a)
    d_w = h.t() @ d_z
    d_h = d_z @ w.t()
    d_e = (d_h / tokens.size(1)).unsqueeze(1).expand(-1, tokens.size(1), -1)
    d_lookup = torch.zeros_like(table)
    d_lookup.index_add_(0, tokens.flatten(), d_e.flatten(0, 1))
    d_table = d_lookup
    return loss, {"table": d_table, "w": d_w}
