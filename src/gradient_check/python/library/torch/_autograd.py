"""torch.autograd: functions with derivatives of their own, and derivatives by the engine."""
import torch


class _Context:
    """ctx: what a forward leaves for its backward"""

    def __init__(self, arguments):
        self.saved_tensors = ()
        self.needs_input_grad = tuple(torch.is_tensor(a) and a.requires_grad for a in arguments)
        self._non_differentiable = ()

    @property
    def saved_variables(self):
        return self.saved_tensors

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors

    def save_for_forward(self, *tensors):
        pass

    def mark_dirty(self, *tensors):
        pass

    def mark_non_differentiable(self, *tensors):
        self._non_differentiable = tensors

    def set_materialize_grads(self, value):
        pass


class Function:
    setup_context = None

    @staticmethod
    def forward(ctx, *args):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError("You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.")

    @classmethod
    def _run_forward(cls, ctx, *args, **kwargs):
        if cls.setup_context is None:
            return cls.forward(ctx, *args, **kwargs)
        output = cls.forward(*args, **kwargs)
        cls.setup_context(ctx, args, output)
        return output

    @classmethod
    def apply(cls, *args):
        return torch._apply_custom_function(cls, _Context(args), args)


def Variable(data, requires_grad=False, volatile=False):
    return data.requires_grad_(requires_grad) if requires_grad else data


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=False):
    outputs = [outputs] if torch.is_tensor(outputs) else list(outputs)
    inputs = [inputs] if torch.is_tensor(inputs) else list(inputs)
    if grad_outputs is None:
        grad_outputs = [None] * len(outputs)
    elif torch.is_tensor(grad_outputs):
        grad_outputs = [grad_outputs]
    given = []
    for output, adjoint in zip(outputs, grad_outputs):
        if adjoint is None:
            if output.numel() != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            adjoint = torch.ones_like(output)
        given.append(adjoint)
    keep = create_graph if retain_graph is None else retain_graph
    return tuple(torch._autograd_grad(outputs, inputs, given, keep, create_graph, allow_unused))
