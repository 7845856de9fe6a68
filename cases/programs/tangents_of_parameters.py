# The direction moves w alone: jvp and hvp take none for x and b, which stay where they are.


def forward(x, w, b):
    return (torch.sin(x @ w) + b).sum()


def jvp(x, w, w_tangent):
    return (torch.cos(x @ w) * (x @ w_tangent)).sum()


def hvp(x, w, b, w_tangent):
    return {"w": -(x.t() @ (torch.sin(x @ w) * (x @ w_tangent))), "b": torch.zeros_like(b)}
