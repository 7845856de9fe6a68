"""torch.nn: modules that hold parameters. Their numbers come from torch's generator in PyTorch's
order, so that a seed gives the same network."""
import math
import torch
import torch.nn.functional as F
from torch.nn import init


def Parameter(data=None, requires_grad=True):
    """A tensor that a module finds among its attributes"""
    made = torch.empty(0) if data is None else data.detach()
    made.requires_grad_(requires_grad)
    made._is_parameter = True
    return made


def _is_parameter(value):
    return torch.is_tensor(value) and getattr(value, "_is_parameter", False)


class Module:
    training = True

    def __init__(self, *args, **kwargs):
        self._buffers = {}

    def forward(self, *args, **kwargs):
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def _own_parameters(self):
        return [(name, value) for name, value in vars(self).items() if _is_parameter(value)]

    def named_children(self):
        return [(name, value) for name, value in vars(self).items() if isinstance(value, Module)]

    def children(self):
        return [module for _, module in self.named_children()]

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        found = [(prefix, self)]
        for name, module in self.named_children():
            found += module.named_modules(prefix=f"{prefix}.{name}" if prefix else name)
        return found

    def modules(self):
        return [module for _, module in self.named_modules()]

    def named_parameters(self, prefix="", recurse=True):
        found, seen = [], []
        for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, parameter in module._own_parameters():
                if not any(parameter is other for other in seen):
                    seen.append(parameter)
                    found.append((f"{path}.{name}" if path else name, parameter))
        return found

    def parameters(self, recurse=True):
        return iter([parameter for _, parameter in self.named_parameters(recurse=recurse)])

    def register_parameter(self, name, param):
        setattr(self, name, param)

    def register_buffer(self, name, tensor, persistent=True):
        self._buffers[name] = tensor
        setattr(self, name, tensor)

    def add_module(self, name, module):
        setattr(self, name, module)

    def register_module(self, name, module):
        setattr(self, name, module)

    def named_buffers(self):
        return [(f"{path}.{name}" if path else name, getattr(module, name))
                for path, module in self.named_modules() for name in vars(module).get("_buffers", {})]

    def buffers(self):
        return [buffer for _, buffer in self.named_buffers()]

    def state_dict(self):
        state = {}
        for path, module in self.named_modules():
            names = [name for name, _ in module._own_parameters()] + list(vars(module).get("_buffers", {}))
            for name in names:
                state[f"{path}.{name}" if path else name] = getattr(module, name).detach()
        return state

    def load_state_dict(self, state_dict, strict=True):
        own = self.state_dict()
        missing = [name for name in own if name not in state_dict]
        if strict and missing:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}: Missing key(s): {missing}")
        with torch.no_grad():
            for name, value in state_dict.items():
                own[name].copy_(value)

    def zero_grad(self, set_to_none=False):
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    def train(self, mode=True):
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def apply(self, fn):
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _converted(self, convert):
        with torch.no_grad():
            for module in self.modules():
                for name, parameter in module._own_parameters():
                    setattr(module, name, Parameter(convert(parameter), parameter.requires_grad))
                for name in vars(module).get("_buffers", {}):
                    setattr(module, name, convert(getattr(module, name)))
        return self

    def double(self):
        return self._converted(lambda t: t.double() if t.is_floating_point() else t)

    def float(self):
        return self._converted(lambda t: t.float() if t.is_floating_point() else t)

    def to(self, *args, **kwargs):
        dtype = kwargs.get("dtype") or next((a for a in args if isinstance(a, torch.dtype)), None)
        if dtype is None:
            return self
        return self._converted(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def cpu(self):
        return self

    def extra_repr(self):
        return ""

    def __repr__(self):
        children = self.named_children()
        extra = self.extra_repr()
        if not children:
            return f"{type(self).__name__}({extra})"
        lines = [f"  ({name}): " + repr(module).replace("\n", "\n  ") for name, module in children]
        return f"{type(self).__name__}(\n" + "\n".join(lines) + "\n)"


class Identity(Module):
    def forward(self, input):
        return input


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(torch.empty(out_features, in_features, dtype=dtype))
        self.bias = Parameter(torch.empty(out_features, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True):
        super().__init__()
        bound = 1 / math.sqrt(in1_features)
        self.weight = Parameter(init.uniform_(torch.empty(out_features, in1_features, in2_features), -bound, bound))
        self.bias = Parameter(init.uniform_(torch.empty(out_features), -bound, bound)) if bias else None

    def forward(self, input1, input2):
        return F.bilinear(input1, input2, self.weight, self.bias)


class Embedding(Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        self.weight = Parameter(init.normal_(torch.empty(num_embeddings, embedding_dim)))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].fill_(0)

    def forward(self, input):
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self):
        return f"{self.num_embeddings}, {self.embedding_dim}"


def _many(value, dims):
    return (value,) * dims if isinstance(value, int) else tuple(value)


class _Convolution(Module):
    dims = 0

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True):
        super().__init__()
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = _many(kernel_size, self.dims), _many(stride, self.dims)
        self.padding = padding if isinstance(padding, str) else _many(padding, self.dims)
        self.dilation = _many(dilation, self.dims)
        self.weight = Parameter(torch.empty(out_channels, in_channels // groups, *self.kernel_size))
        self.bias = Parameter(torch.empty(out_channels)) if bias else None
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if bias:
            bound = 1 / math.sqrt(in_channels // groups * math.prod(self.kernel_size))
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.dims:
            text += f", padding={self.padding}"
        return text + ("" if self.bias is not None else ", bias=False")


class Conv1d(_Convolution):
    dims = 1

    def forward(self, input):
        return F.conv1d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv2d(_Convolution):
    dims = 2

    def forward(self, input):
        return F.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv3d(_Convolution):
    dims = 3

    def forward(self, input):
        return F.conv3d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class LayerNorm(Module):
    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True):
        super().__init__()
        self.normalized_shape = _many(normalized_shape, 1)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = Parameter(torch.ones(self.normalized_shape)) if elementwise_affine else None
        self.bias = Parameter(torch.zeros(self.normalized_shape)) if elementwise_affine else None

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True):
        super().__init__()
        self.num_groups, self.eps = num_groups, eps
        self.weight = Parameter(torch.ones(num_channels)) if affine else None
        self.bias = Parameter(torch.zeros(num_channels)) if affine else None

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class _BatchNorm(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(torch.ones(num_features)) if affine else None
        self.bias = Parameter(torch.zeros(num_features)) if affine else None
        if track_running_stats:
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))
            self.register_buffer("num_batches_tracked", torch.tensor(0))
        else:
            self.running_mean = self.running_var = None

    def forward(self, input):
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or self.running_mean is None
        return F.batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias, by_batch, momentum, self.eps)

    def extra_repr(self):
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
                f"track_running_stats={self.track_running_stats}")


class BatchNorm1d(_BatchNorm):
    pass


class BatchNorm2d(_BatchNorm):
    pass


class BatchNorm3d(_BatchNorm):
    pass


class Sequential(Module):
    def __init__(self, *modules):
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], dict):
            named = modules[0].items()
        else:
            named = [(str(k), module) for k, module in enumerate(modules)]
        for name, module in named:
            setattr(self, name, module)

    def forward(self, input):
        for module in self.children():
            input = module(input)
        return input

    def __len__(self):
        return len(self.children())

    def __iter__(self):
        return iter(self.children())

    def __getitem__(self, index):
        found = self.children()[index]
        return Sequential(*found) if isinstance(index, slice) else found

    def append(self, module):
        setattr(self, str(len(self)), module)
        return self


class ModuleList(Module):
    def __init__(self, modules=None):
        super().__init__()
        for module in modules or []:
            self.append(module)

    def append(self, module):
        setattr(self, str(len(self)), module)
        return self

    def extend(self, modules):
        for module in modules:
            self.append(module)
        return self

    def __len__(self):
        return len(self.children())

    def __iter__(self):
        return iter(self.children())

    def __getitem__(self, index):
        found = self.children()[index]
        return ModuleList(found) if isinstance(index, slice) else found


class ModuleDict(Module):
    def __init__(self, modules=None):
        super().__init__()
        for name, module in (modules or {}).items():
            setattr(self, name, module)

    def __getitem__(self, name):
        return dict(self.named_children())[name]

    def __setitem__(self, name, module):
        setattr(self, name, module)

    def __contains__(self, name):
        return name in dict(self.named_children())

    def keys(self):
        return [name for name, _ in self.named_children()]

    def values(self):
        return self.children()

    def items(self):
        return self.named_children()


class ParameterList(Module):
    def __init__(self, values=None):
        super().__init__()
        for value in values or []:
            self.append(value)

    def append(self, value):
        setattr(self, str(len(self)), value if _is_parameter(value) else Parameter(value))
        return self

    def __len__(self):
        return len(self._own_parameters())

    def __iter__(self):
        return iter([value for _, value in self._own_parameters()])

    def __getitem__(self, index):
        return [value for _, value in self._own_parameters()][index]


class Flatten(Module):
    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input):
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    def __init__(self, dim, unflattened_size):
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input):
        return input.unflatten(self.dim, self.unflattened_size)


class _Function(Module):
    """A module that is one call of torch.nn.functional, with what it was made of"""
    defaults = {}

    def __init__(self, *args, **kwargs):
        super().__init__()
        self._settings = dict(self.defaults)
        for name, value in zip(self.defaults, args):
            self._settings[name] = value
        for name, value in kwargs.items():
            if name not in self._settings:
                raise TypeError(f"__init__() got an unexpected keyword argument '{name}'")
            self._settings[name] = value

    def __getattr__(self, name):
        settings = vars(self).get("_settings", {})
        if name not in settings:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return settings[name]


class ReLU(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.relu(input, self.inplace)

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class ReLU6(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.relu6(input, self.inplace)


class LeakyReLU(_Function):
    defaults = {"negative_slope": 0.01, "inplace": False}

    def forward(self, input):
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}"


class ELU(_Function):
    defaults = {"alpha": 1.0, "inplace": False}

    def forward(self, input):
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self):
        return f"alpha={self.alpha}"


class PReLU(Module):
    def __init__(self, num_parameters=1, init=0.25):
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(torch.full((num_parameters,), init))

    def forward(self, input):
        return F.prelu(input, self.weight)


class SELU(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.selu(input, self.inplace)


class GELU(_Function):
    defaults = {"approximate": "none"}

    def forward(self, input):
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self):
        return f"approximate='{self.approximate}'"


class SiLU(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.silu(input, self.inplace)


class Mish(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.mish(input, self.inplace)


class Hardtanh(_Function):
    defaults = {"min_val": -1.0, "max_val": 1.0, "inplace": False}

    def forward(self, input):
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)


class Hardswish(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.hardswish(input, self.inplace)


class Hardsigmoid(_Function):
    defaults = {"inplace": False}

    def forward(self, input):
        return F.hardsigmoid(input, self.inplace)


class Sigmoid(Module):
    def forward(self, input):
        return torch.sigmoid(input)


class Tanh(Module):
    def forward(self, input):
        return torch.tanh(input)


class LogSigmoid(Module):
    def forward(self, input):
        return F.logsigmoid(input)


class Softsign(Module):
    def forward(self, input):
        return F.softsign(input)


class Tanhshrink(Module):
    def forward(self, input):
        return F.tanhshrink(input)


class Softplus(_Function):
    defaults = {"beta": 1, "threshold": 20}

    def forward(self, input):
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class Softmax(_Function):
    defaults = {"dim": None}

    def forward(self, input):
        return F.softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(_Function):
    defaults = {"dim": None}

    def forward(self, input):
        return F.log_softmax(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmin(_Function):
    defaults = {"dim": None}

    def forward(self, input):
        return F.softmin(input, self.dim)


class Dropout(_Function):
    defaults = {"p": 0.5, "inplace": False}

    def forward(self, input):
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    def forward(self, input):
        return F.dropout2d(input, self.p, self.training, self.inplace)


class MaxPool1d(_Function):
    defaults = {"kernel_size": None, "stride": None, "padding": 0, "dilation": 1, "return_indices": False, "ceil_mode": False}

    def forward(self, input):
        return F.max_pool1d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)


class MaxPool2d(MaxPool1d):
    def forward(self, input):
        return F.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)

    def extra_repr(self):
        stride = self.kernel_size if self.stride is None else self.stride
        return f"kernel_size={self.kernel_size}, stride={stride}, padding={self.padding}, dilation={self.dilation}, ceil_mode={self.ceil_mode}"


class AvgPool1d(_Function):
    defaults = {"kernel_size": None, "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True}

    def forward(self, input):
        stride = self.kernel_size if self.stride is None else self.stride
        return F.avg_pool1d(input, self.kernel_size, stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool2d(AvgPool1d):
    def forward(self, input):
        return F.avg_pool2d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self):
        stride = self.kernel_size if self.stride is None else self.stride
        return f"kernel_size={self.kernel_size}, stride={stride}, padding={self.padding}"


class AdaptiveAvgPool1d(_Function):
    defaults = {"output_size": None}

    def forward(self, input):
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(AdaptiveAvgPool1d):
    def forward(self, input):
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


class Upsample(_Function):
    defaults = {"size": None, "scale_factor": None, "mode": "nearest", "align_corners": None}

    def forward(self, input):
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)


class _Loss(_Function):
    defaults = {"size_average": None, "reduce": None, "reduction": "mean"}


class MSELoss(_Loss):
    def forward(self, input, target):
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    def forward(self, input, target):
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    defaults = {"size_average": None, "reduce": None, "reduction": "mean", "beta": 1.0}

    def forward(self, input, target):
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    defaults = {"reduction": "mean", "delta": 1.0}

    def forward(self, input, target):
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class BCELoss(_Loss):
    defaults = {"weight": None, "size_average": None, "reduce": None, "reduction": "mean"}

    def forward(self, input, target):
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    defaults = {"weight": None, "size_average": None, "reduce": None, "reduction": "mean", "pos_weight": None}

    def forward(self, input, target):
        return F.binary_cross_entropy_with_logits(input, target, self.weight, pos_weight=self.pos_weight, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    defaults = {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None, "reduction": "mean", "label_smoothing": 0.0}

    def forward(self, input, target):
        return F.cross_entropy(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction,
                               label_smoothing=self.label_smoothing)


class NLLLoss(_Loss):
    defaults = {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None, "reduction": "mean"}

    def forward(self, input, target):
        return F.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class KLDivLoss(_Loss):
    defaults = {"size_average": None, "reduce": None, "reduction": "mean", "log_target": False}

    def forward(self, input, target):
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class _Cell(Module):
    gates = 1

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(torch.empty(rows, input_size, dtype=dtype))
        self.weight_hh = Parameter(torch.empty(rows, hidden_size, dtype=dtype))
        self.bias_ih = Parameter(torch.empty(rows, dtype=dtype)) if bias else None
        self.bias_hh = Parameter(torch.empty(rows, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")

    def _state(self, input):
        return torch.zeros(tuple(input.shape[:-1]) + (self.hidden_size,), dtype=input.dtype)

    def _weights(self):
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh


def _cell_step(step, input, state, weights):
    """One of a batch; a single row is a batch of one"""
    if input.dim() != 1:
        return step(input, state, *weights)
    state = tuple(s.unsqueeze(0) for s in state) if isinstance(state, tuple) else state.unsqueeze(0)
    made = step(input.unsqueeze(0), state, *weights)
    return tuple(s.squeeze(0) for s in made) if isinstance(made, tuple) else made.squeeze(0)


class RNNCell(_Cell):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, bias, device, dtype)

    def extra_repr(self):
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")

    def forward(self, input, hx=None):
        step = torch.rnn_tanh_cell if self.nonlinearity == "tanh" else torch.rnn_relu_cell
        return _cell_step(step, input, self._state(input) if hx is None else hx, self._weights())


class LSTMCell(_Cell):
    gates = 4

    def forward(self, input, hx=None):
        state = (self._state(input), self._state(input)) if hx is None else tuple(hx)
        return _cell_step(torch.lstm_cell, input, state, self._weights())


class GRUCell(_Cell):
    gates = 3

    def forward(self, input, hx=None):
        return _cell_step(torch.gru_cell, input, self._state(input) if hx is None else hx, self._weights())


class _Recurrent(Module):
    gates = 1

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, float(dropout), bidirectional
        self._names = []
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            for direction in range(directions):
                size = input_size if layer == 0 else hidden_size * directions
                suffix = f"l{layer}" + ("_reverse" if direction else "")
                shapes = [("weight_ih_", (size,)), ("weight_hh_", (hidden_size,))]
                for name, columns in shapes + ([("bias_ih_", ()), ("bias_hh_", ())] if bias else []):
                    self._names.append(name + suffix)
                    setattr(self, name + suffix, Parameter(torch.empty((self.gates * hidden_size,) + columns, dtype=dtype)))
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        text += f", num_layers={self.num_layers}" if self.num_layers != 1 else ""
        text += ", bias=False" if not self.bias else ""
        text += ", batch_first=True" if self.batch_first else ""
        text += f", dropout={self.dropout}" if self.dropout else ""
        return text + (", bidirectional=True" if self.bidirectional else "")

    def _zeros(self, input):
        batch = input.size(0 if self.batch_first else 1)
        layers = self.num_layers * (2 if self.bidirectional else 1)
        return torch.zeros(layers, batch, self.hidden_size, dtype=input.dtype)

    def _run(self, operator, input, state):
        weights = [getattr(self, name) for name in self._names]
        return operator(input, state, weights, self.bias, self.num_layers, self.dropout, self.training,
                        self.bidirectional, self.batch_first)

    def forward(self, input, hx=None):
        if input.dim() == 2:
            state = None if hx is None else hx.unsqueeze(1)
            output, last = self.forward(input.unsqueeze(0 if self.batch_first else 1), state)
            return output.squeeze(0 if self.batch_first else 1), last.squeeze(1)
        return self._run(self._operator(), input, self._zeros(input) if hx is None else hx)


class RNN(_Recurrent):
    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None):
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)
        self.nonlinearity = nonlinearity

    def _operator(self):
        return torch.rnn_tanh if self.nonlinearity == "tanh" else torch.rnn_relu


class GRU(_Recurrent):
    gates = 3

    def _operator(self):
        return torch.gru


class LSTM(_Recurrent):
    gates = 4

    def forward(self, input, hx=None):
        if input.dim() == 2:
            state = None if hx is None else tuple(s.unsqueeze(1) for s in hx)
            output, last = self.forward(input.unsqueeze(0 if self.batch_first else 1), state)
            return output.squeeze(0 if self.batch_first else 1), tuple(s.squeeze(1) for s in last)
        state = (self._zeros(input), self._zeros(input)) if hx is None else tuple(hx)
        output, h, c = self._run(torch.lstm, input, state)
        return output, (h, c)


class ConvTranspose2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        super().__init__()
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = _many(kernel_size, 2), _many(stride, 2)
        self.padding, self.output_padding, self.dilation = _many(padding, 2), _many(output_padding, 2), _many(dilation, 2)
        self.weight = Parameter(torch.empty((in_channels, out_channels // groups) + self.kernel_size, dtype=dtype))
        self.bias = Parameter(torch.empty(out_channels, dtype=dtype)) if bias else None
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if bias:
            bound = 1 / math.sqrt(self.weight.size(1) * math.prod(self.kernel_size))
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input):
        return torch.conv_transpose2d(input, self.weight, self.bias, self.stride, self.padding, self.output_padding, self.groups, self.dilation)


class CosineSimilarity(_Function):
    def __init__(self, dim=1, eps=1e-8):
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1, x2):
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class Dropout3d(Dropout):
    def forward(self, input):
        return F.dropout3d(input, self.p, self.training, self.inplace)


class ZeroPad2d(Module):
    def __init__(self, padding):
        super().__init__()
        self.padding = _many(padding, 4)

    def forward(self, input):
        return F.pad(input, self.padding, "constant", 0.0)
