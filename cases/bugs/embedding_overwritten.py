import torch


def step(tokens, y, table, v):
    e = table[tokens]
    pooled = e.mean(1)
    z = (pooled @ v).squeeze(1)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
    d_z = ((torch.sigmoid(z) - y) / y.numel()).unsqueeze(1)
    d_e = ((d_z @ v.t()) / tokens.size(1)).unsqueeze(1).expand(-1, tokens.size(1), -1)
    d_table = torch.zeros_like(table)
    d_table[tokens.reshape(-1)] = d_e.reshape(-1, table.size(1))
    return loss, {"table": d_table, "v": pooled.t() @ d_z}
