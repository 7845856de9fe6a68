import torch


def step(u, v, t, w, b):
    left = u @ w
    s = (left * v).sum(1, keepdim=True) + b
    m = -t * s
    loss = torch.nn.functional.softplus(m).mean()

    dL_dm = torch.sigmoid(m) / t.size(0)
    dL_ds = t * dL_dm
    dL_db = dL_ds.sum(0)
    dL_dleft = dL_ds * v
    dL_dv = dL_ds * left
    dL_dw = u.t() @ dL_dleft
    dL_du = dL_dleft @ w.t()
    return loss, {"u": dL_du, "v": dL_dv, "w": dL_dw, "b": dL_db}
