# Functions for autograd, each with its derivative by hand.
import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable


class Swish(Function):
    @staticmethod
    def forward(ctx, x, beta=1.0):
        s = torch.sigmoid(beta * x)
        ctx.save_for_backward(x, s)
        ctx.beta = beta
        return x * s

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        return grad_output * s * (1 + ctx.beta * x * (1 - s)), None


class SwishForgotten(Swish):
    @staticmethod
    def backward(ctx, grad_output):
        x, s = ctx.saved_tensors
        return grad_output * s * (1 + x * (1 - s)), None


class Standardize(Function):
    """Several outputs, one of which is no function of the input that can be differentiated."""

    @staticmethod
    def forward(ctx, x, weight, dim):
        mean = x.mean(dim, keepdim=True)
        std = x.std(dim, keepdim=True, unbiased=False)
        order = x.argsort(dim)
        ctx.mark_non_differentiable(order)
        y = (x - mean) / std
        ctx.dim = dim
        ctx.save_for_backward(y, std, weight)
        return y * weight, std, order

    @staticmethod
    def backward(ctx, grad_y, grad_std, grad_order):
        y, std, weight = ctx.saved_tensors
        n = y.shape[ctx.dim]
        g = grad_y * weight
        grad_x = grad_w = None
        if ctx.needs_input_grad[0]:
            grad_x = (g - g.mean(ctx.dim, True) - y * (g * y).mean(ctx.dim, True)) / std + grad_std * y / n
        if ctx.needs_input_grad[1]:
            grad_w = (grad_y * y).sum(0)
        return grad_x, grad_w, None


class Cube(Function):
    @staticmethod
    def forward(x):
        return x ** 3, x ** 2

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g_cube, g_square):
        x, = ctx.saved_tensors
        return 3 * g_cube * x ** 2 + 2 * g_square * x


class RoundThrough(Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(scale)
        return torch.round(x / scale) * scale

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, None


def identity(x, scale):
    return x + 0 * scale


def swish(x):
    return Swish.apply(x)


if __name__ == "__main__":
    x = torch.randn(4, 3, dtype=torch.double, requires_grad=True)
    print(torch.autograd.gradcheck(Swish.apply, (x,)))
