def forward(x):
    return (x * x).sum()


def backward(x, grad_output):
    return {"x": 2 * x}
