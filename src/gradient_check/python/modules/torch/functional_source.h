#pragma once

namespace gradient_check::python {

/// torch.nn.functional as far as PyTorch has it in Python too, with the signatures of its
/// documentation, less the arguments it has deprecated; `torch_name` is torch.name, `tensor_name`
/// the method. The rest are operators under their own names.
inline constexpr const char functional_source[] = R"py(
import math
import torch


def _reduction(reduction):
    if reduction == "mean":
        return 1
    if reduction == "sum":
        return 2
    if reduction != "none":
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return 0


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0):
    return torch.cross_entropy_loss(input, target, weight, _reduction(reduction), ignore_index, label_smoothing)


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    return torch.nll_loss_nd(input, target, weight, _reduction(reduction), ignore_index)


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return torch.mse_loss(*torch.broadcast_tensors(input, target), _reduction(reduction))


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return torch.l1_loss(*torch.broadcast_tensors(input, target), _reduction(reduction))


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    return torch.smooth_l1_loss(*torch.broadcast_tensors(input, target), _reduction(reduction), beta)


def huber_loss(input, target, reduction="mean", delta=1.0):
    return torch.huber_loss(*torch.broadcast_tensors(input, target), _reduction(reduction), delta)


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    return torch.binary_cross_entropy(input, target, weight, _reduction(reduction))


def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
    return torch.binary_cross_entropy_with_logits(input, target, weight, pos_weight, _reduction(reduction))


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    if reduction == "batchmean":
        return torch.kl_div(input, target, 2, log_target=log_target) / input.size(0)
    return torch.kl_div(input, target, _reduction(reduction), log_target=log_target)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return torch.soft_margin_loss(input, target, _reduction(reduction))


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    return torch.hinge_embedding_loss(input, target, margin, _reduction(reduction))


def dropout(input, p=0.5, training=True, inplace=False):
    if p < 0.0 or p > 1.0:
        raise ValueError("dropout probability has to be between 0 and 1, " f"but got {p}")
    return torch.dropout_(input, p, training) if inplace else torch.dropout(input, p, training)


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, False)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return torch.layer_norm(input, normalized_shape, weight, bias, eps, False)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    return torch.group_norm(input, num_groups, weight, bias, eps, False)


def relu(input, inplace=False):
    return torch.relu_(input) if inplace else torch.relu(input)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    return torch.leaky_relu_(input, negative_slope) if inplace else torch.leaky_relu(input, negative_slope)


def elu(input, alpha=1.0, inplace=False):
    return torch.elu_(input, alpha) if inplace else torch.elu(input, alpha)


def silu(input, inplace=False):
    return torch.silu_(input) if inplace else torch.silu(input)


def selu(input, inplace=False):
    return torch.selu_(input) if inplace else torch.selu(input)


def relu6(input, inplace=False):
    return torch.relu6(input)


def logsigmoid(input):
    return torch.log_sigmoid(input)


def softsign(input):
    return input / (input.abs() + 1)


def tanhshrink(input):
    return input - input.tanh()


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    return torch.softmax(input, dim, dtype=dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    return torch.log_softmax(input, dim, dtype=dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return torch.softmax(-input, dim, dtype=dtype)


def normalize(input, p=2.0, dim=1, eps=1e-12):
    return input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    if padding_idx is None:
        padding_idx = -1
    elif padding_idx < 0:
        padding_idx = weight.size(0) + padding_idx
    return torch.embedding(weight, input, padding_idx, scale_grad_by_freq, sparse)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    return torch.im2col(input, kernel_size, dilation, padding, stride)


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    return torch.col2im(input, output_size, kernel_size, dilation, padding, stride)


def avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    return torch.avg_pool2d(input, kernel_size, kernel_size if stride is None else stride, padding, ceil_mode, count_include_pad, divisor_override)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    stride = kernel_size if stride is None else stride
    if return_indices:
        return torch.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return torch.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None):
    scale = 1.0 / math.sqrt(query.size(-1)) if scale is None else scale
    scores = torch.matmul(query, key.transpose(-2, -1)) * scale
    if is_causal:
        allowed = torch.ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
        scores = scores.masked_fill(torch.logical_not(allowed), -math.inf)
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            scores = scores.masked_fill(torch.logical_not(attn_mask), -math.inf)
        else:
            scores = scores + attn_mask
    return torch.matmul(torch.dropout(torch.softmax(scores, -1), dropout_p, dropout_p > 0), value)


def torch_norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else dim
    if p == "fro":
        if dtype is not None:
            raise ValueError("dtype argument is not supported in frobenius norm")
        return torch.frobenius_norm(input, dims, keepdim=keepdim)
    if p == "nuc":
        return torch.nuclear_norm(input, dims, keepdim=keepdim)
    if isinstance(p, str):
        raise RuntimeError(f"only valid string values are 'fro' and 'nuc', found {p}")
    if dtype is None:
        return torch._norm(input, p, dims, keepdim=keepdim)
    return torch._norm(input, p, dims, keepdim=keepdim, dtype=dtype)


def torch_tensordot(a, b, dims=2, out=None):
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        dims = list(range(a.dim() - dims, a.dim())), list(range(dims))
    first, second = dims
    first = [first] if isinstance(first, int) else list(first)
    second = [second] if isinstance(second, int) else list(second)
    return torch._tensordot(a, b, first, second)


def tensor_norm(self, p="fro", dim=None, keepdim=False, dtype=None):
    return torch_norm(self, p, dim, keepdim, dtype=dtype)


def torch_broadcast_tensors(*tensors):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    return torch._broadcast_tensors(list(tensors))


def torch_meshgrid(*tensors, indexing="ij"):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    return torch._meshgrid(list(tensors), indexing=indexing)
)py";

}  // namespace gradient_check::python
