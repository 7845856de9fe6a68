"""torch.autograd.functional: derivatives of functions."""
import torch


def _taken(inputs, create_graph):
    given = (inputs,) if torch.is_tensor(inputs) else tuple(inputs)
    if create_graph:
        return tuple(x.view_as(x) if x.requires_grad else x.detach().requires_grad_() for x in given)
    return tuple(x.detach().clone().requires_grad_() for x in given)


def _many(outputs):
    return (outputs,) if torch.is_tensor(outputs) else tuple(outputs)


def _same(results, inputs):
    return results[0] if torch.is_tensor(inputs) else tuple(results)


def _gradients(outputs, inputs, v, create_graph):
    found = torch.autograd.grad(outputs, inputs, v, retain_graph=True, create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs)]


def _left(values, create_graph):
    return values if create_graph else [x.detach() for x in values]


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    with torch.enable_grad():
        taken = _taken(inputs, create_graph)
        outputs = func(*taken)
        rows = []
        for output in _many(outputs):
            by_element = [_gradients([element], taken, [torch.ones_like(element)], create_graph)
                          for element in output.reshape(-1)]
            blocks = [torch.stack([g[i] for g in by_element]).reshape(tuple(output.shape) + tuple(x.shape))
                      for i, x in enumerate(taken)]
            rows.append(_same(_left(blocks, create_graph), inputs))
    return rows[0] if torch.is_tensor(outputs) else tuple(rows)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    def gradient(*x):
        output = func(*x)
        if output.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return _same(_gradients([output.reshape(())], x, [torch.ones(())], True), inputs)
    return jacobian(gradient, inputs, create_graph)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        taken = _taken(inputs, create_graph)
        outputs = func(*taken)
        given = [torch.ones_like(outputs)] if v is None else list(_many(v))
        found = _gradients(list(_many(outputs)), taken, given, create_graph)
    kept = _left(list(_many(outputs)), create_graph)
    return _same(kept, outputs), _same(_left(found, create_graph), inputs)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        taken = _taken(inputs, create_graph)
        outputs = func(*taken)
        zeros = [torch.zeros_like(y, requires_grad=True) for y in _many(outputs)]
        back = _gradients(list(_many(outputs)), taken, zeros, True)
        given = [torch.ones_like(taken[0])] if v is None else list(_many(v))
        pairs = [(g, t) for g, t in zip(back, given) if g.requires_grad]
        found = _gradients([g for g, _ in pairs], zeros, [t for _, t in pairs], create_graph)
    kept = _left(list(_many(outputs)), create_graph)
    return _same(kept, outputs), _same(_left(found, create_graph), outputs)


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        taken = _taken(inputs, create_graph)
        output = func(*taken)
        first = _gradients([output], taken, [torch.ones_like(output)], True)
        given = [torch.ones_like(taken[0])] if v is None else list(_many(v))
        found = _gradients(first, taken, given, create_graph)
    return output if create_graph else output.detach(), _same(_left(found, create_graph), inputs)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    return vhp(func, inputs, v, create_graph, strict)
