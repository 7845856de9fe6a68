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


def gradcheck(func, inputs, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, check_sparse_nnz=False, nondet_tol=0.0,
              check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False, fast_mode=False, **options):
    inputs = (inputs,) if torch.is_tensor(inputs) else tuple(inputs)
    outputs = func(*inputs)
    for number, output in enumerate((outputs,) if torch.is_tensor(outputs) else outputs):
        for x in inputs:
            if torch.is_tensor(x) and x.requires_grad and not _agrees(func, inputs, x, number, eps, atol, rtol):
                if raise_exception:
                    raise RuntimeError(f"Jacobian mismatch for output {number} with respect to input of shape {tuple(x.shape)}")
                return False
    return True


def _output(func, inputs, number):
    outputs = func(*inputs)
    return outputs if torch.is_tensor(outputs) else outputs[number]


def _agrees(func, inputs, x, number, eps, atol, rtol):
    """Whether one Jacobian is that of central differences"""
    output = _output(func, inputs, number)
    rows = []
    for element in output.reshape(-1):
        found = grad([element], [x], [torch.ones_like(element)], retain_graph=True, allow_unused=True)[0]
        rows.append(torch.zeros_like(x) if found is None else found)
    columns = []
    with torch.no_grad():
        flat = x.reshape(-1) if x.is_contiguous() else None
        if flat is None:
            raise NotImplementedError("gradcheck takes contiguous inputs here")
        for i in range(x.numel()):
            old = flat[i].item()
            flat[i] = old + eps
            above = _output(func, inputs, number).clone()
            flat[i] = old - eps
            below = _output(func, inputs, number).clone()
            flat[i] = old
            columns.append(((above - below) / (2 * eps)).reshape(-1))
    if not columns or not rows:
        return True
    analytical = torch.stack([row.reshape(-1) for row in rows])
    return torch.allclose(analytical, torch.stack(columns, 1), rtol, atol)


def gradgradcheck(func, inputs, grad_outputs=None, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, **options):
    inputs = (inputs,) if torch.is_tensor(inputs) else tuple(inputs)

    def first(*args):
        with torch.enable_grad():
            outputs = func(*args)
            outputs = [outputs] if torch.is_tensor(outputs) else list(outputs)
            given = [torch.ones_like(y) for y in outputs] if grad_outputs is None else grad_outputs
            wanted = [x for x in args if torch.is_tensor(x) and x.requires_grad]
            found = grad(outputs, wanted, given, create_graph=True, allow_unused=True)
        return tuple(torch.zeros_like(x) + 0 * x if g is None else g for g, x in zip(found, wanted))
    return gradcheck(first, inputs, eps, atol, rtol, raise_exception)
