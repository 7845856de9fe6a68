# A layer with tanh and a squared error, with its derivatives forward and to the second order.


def forward(x, w, b):
    return torch.tanh(x @ w + b)


def backward(x, w, b, grad_output):
    y = torch.tanh(x @ w + b)
    d_l = grad_output * (1 - y * y)
    return {"x": d_l @ w.t(), "w": x.t() @ d_l, "b": d_l.sum(0)}


def jvp(x, w, b, x_tangent, w_tangent, b_tangent):
    y = torch.tanh(x @ w + b)
    return (1 - y * y) * (x_tangent @ w + x @ w_tangent + b_tangent)


def hvp(x, w, b, w_tangent, b_tangent, grad_output):
    # d_l = grad_output (1 - y²) moves by -2 grad_output y y', where y' = (1 - y²)(x w' + b').
    y = torch.tanh(x @ w + b)
    moved = 2 * grad_output * y * (1 - y * y) * (x @ w_tangent + b_tangent)
    return {"w": x.t() @ moved, "b": moved.sum(0)}
