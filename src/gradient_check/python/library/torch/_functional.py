"""torch.nn.functional as far as PyTorch has it in Python too, with the signatures of its
documentation, less the arguments it has deprecated. `torch_name` is torch.name, `tensor_name` the
method. The rest are operators under their own names."""
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
    return torch.relu6_(input) if inplace else torch.relu6(input)


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


def celu(input, alpha=1.0, inplace=False):
    return torch.celu_(input, alpha) if inplace else torch.celu(input, alpha)


def mish(input, inplace=False):
    return torch.mish_(input) if inplace else torch.mish(input)


def hardswish(input, inplace=False):
    return torch.hardswish_(input) if inplace else torch.hardswish(input)


def hardsigmoid(input, inplace=False):
    return torch.hardsigmoid_(input) if inplace else torch.hardsigmoid(input)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    if inplace:
        return torch.hardtanh_(input, min_val, max_val)
    return torch.hardtanh(input, min_val, max_val)


def threshold(input, threshold, value, inplace=False):
    if inplace:
        return torch.threshold_(input, threshold, value)
    return torch.threshold(input, threshold, value)


def _probability(p):
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    _probability(p)
    return torch.alpha_dropout_(input, p, training) if inplace else torch.alpha_dropout(input, p, training)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    _probability(p)
    if inplace:
        return torch.feature_alpha_dropout_(input, p, training)
    return torch.feature_alpha_dropout(input, p, training)


def _feature_dropout(input, p, training, inplace):
    _probability(p)
    return torch.feature_dropout_(input, p, training) if inplace else torch.feature_dropout(input, p, training)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """input[N, C, L] or [C, L]"""
    if input.dim() == 3:
        return _feature_dropout(input, p, training, inplace)
    result = _feature_dropout(input.unsqueeze_(0) if inplace else input.unsqueeze(0), p, training, inplace)
    return result.squeeze_(0) if inplace else result.squeeze(0)


def dropout2d(input, p=0.5, training=True, inplace=False):
    return _feature_dropout(input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    return _feature_dropout(input, p, training, inplace)


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
    return torch.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, False)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """input / (k + alpha * mean of the squares of `size` neighbouring channels) ** beta"""
    squares = input.mul(input).unsqueeze(1)
    before, after = size // 2, (size - 1) // 2
    if input.dim() == 3:
        padded = torch.constant_pad_nd(squares, [0, 0, before, after])
        mean = torch.avg_pool2d(padded, [size, 1], 1).squeeze(1)
    else:
        sizes = input.size()
        squares = squares.view(sizes[0], 1, sizes[1], sizes[2], -1)
        padded = torch.constant_pad_nd(squares, [0, 0, 0, 0, before, after])
        mean = torch.avg_pool3d(padded, [size, 1, 1], 1).squeeze(1).view(sizes)
    return input / mean.mul(alpha).add(k).pow(beta)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    if var.size() != input.size():
        if input.size()[:-1] == var.size():
            var = torch.unsqueeze(var, -1)
        elif not (input.size()[:-1] == var.size()[:-1] and var.size(-1) == 1):
            raise ValueError("var is of incorrect size")
    if torch.any(var < 0):
        raise ValueError("var has negative entry/entries")
    clamped = var.clone()
    with torch.no_grad():
        clamped.clamp_(min=eps)
    loss = 0.5 * (torch.log(clamped) + (input - target) ** 2 / clamped)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return _reduced(loss, reduction)


def _reduced(loss, reduction):
    return loss.mean() if _reduction(reduction) == 1 else loss.sum() if reduction == "sum" else loss


def poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"):
    return torch.poisson_nll_loss(input, target, log_input, full, eps, _reduction(reduction))


def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    return torch.cosine_embedding_loss(input1, input2, target, margin, _reduction(reduction))


def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    return torch.margin_ranking_loss(input1, input2, target, margin, _reduction(reduction))


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"):
    return torch.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, _reduction(reduction))


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"):
    distance = torch.pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = torch.minimum(far, distance(positive, negative))
    return _reduced(torch.clamp_min(margin + near - far, 0), reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    return torch.multi_margin_loss(input, target, p, margin, weight, _reduction(reduction))


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return torch.multilabel_margin_loss(input, target, _reduction(reduction))


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    loss = -(target * torch.log_sigmoid(input) + (1 - target) * torch.log_sigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return _reduced(loss.sum(dim=input.dim() - 1) / input.size(input.dim() - 1), reduction)


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    return torch.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, _reduction(reduction), zero_infinity)


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean", sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """input[B, L] without offsets, or input[N] with those of its bags"""
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences.")
        offsets = torch.arange(0, input.numel(), input.size(1), dtype=input.dtype)
        input = input.reshape(-1)
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights.reshape(-1)
    elif offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    kinds = {"sum": 0, "mean": 1, "max": 2}
    if mode not in kinds:
        raise ValueError("mode has to be one of sum, mean or max")
    if padding_idx is not None and padding_idx < 0:
        padding_idx = weight.size(0) + padding_idx
    return torch.embedding_bag(weight, input, offsets, scale_grad_by_freq, kinds[mode], sparse, per_sample_weights, include_last_offset, padding_idx)[0]


def _sizes(size, input, dims):
    """One number for each of the last `dims` dimensions; None stands for the input's own."""
    size = [size] * dims if size is None or isinstance(size, int) else list(size)
    return [input.size(k - dims) if s is None else s for k, s in enumerate(size)]


def adaptive_avg_pool1d(input, output_size):
    return torch.adaptive_avg_pool1d(input, _sizes(output_size, input, 1))


def adaptive_avg_pool2d(input, output_size):
    return torch.adaptive_avg_pool2d(input, _sizes(output_size, input, 2))


def adaptive_avg_pool3d(input, output_size):
    return torch.adaptive_avg_pool3d(input, _sizes(output_size, input, 3))


def adaptive_max_pool1d(input, output_size, return_indices=False):
    result = torch.adaptive_max_pool1d(input, _sizes(output_size, input, 1))
    return result if return_indices else result[0]


def adaptive_max_pool2d(input, output_size, return_indices=False):
    result = torch.adaptive_max_pool2d(input, _sizes(output_size, input, 2))
    return result if return_indices else result[0]


def adaptive_max_pool3d(input, output_size, return_indices=False):
    result = torch.adaptive_max_pool3d(input, _sizes(output_size, input, 3))
    return result if return_indices else result[0]


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    stride = kernel_size if stride is None else stride
    if return_indices:
        return torch.max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return torch.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    stride = kernel_size if stride is None else stride
    if return_indices:
        return torch.max_pool3d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return torch.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode)


def _fractional(input, kernel_size, output_size, output_ratio, samples, dims):
    if output_size is None and output_ratio is None:
        raise ValueError(f"fractional_max_pool{dims}d requires specifying either an output_size or an output_ratio")
    if output_size is None:
        ratio = [output_ratio] * dims if isinstance(output_ratio, float) else output_ratio
        output_size = [int(input.size(k - dims) * r) for k, r in enumerate(ratio)]
    batch = 1 if input.dim() == dims + 1 else input.size(0)
    if samples is None:
        samples = torch.rand(batch, input.size(-dims - 1), dims, dtype=input.dtype)
    return [kernel_size] * dims if isinstance(kernel_size, int) else kernel_size, _sizes(output_size, input, dims), samples


def fractional_max_pool2d(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
    kernel, size, samples = _fractional(input, kernel_size, output_size, output_ratio, _random_samples, 2)
    result = torch.fractional_max_pool2d(input, kernel, size, samples)
    return result if return_indices else result[0]


def fractional_max_pool3d(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
    kernel, size, samples = _fractional(input, kernel_size, output_size, output_ratio, _random_samples, 3)
    result = torch.fractional_max_pool3d(input, kernel, size, samples)
    return result if return_indices else result[0]


def _each(value, dims):
    return [value] * dims if isinstance(value, int) else list(value)


def _unpooled_size(input, kernel_size, stride, padding, output_size, dims):
    default = [(input.size(k - dims) - 1) * stride[k] - 2 * padding[k] + kernel_size[k] for k in range(dims)]
    return default if output_size is None else list(output_size)[-dims:]


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    kernel_size = _each(kernel_size, 1)
    stride = kernel_size if stride is None else _each(stride, 1)
    size = _unpooled_size(input, kernel_size, stride, _each(padding, 1), output_size, 1)
    return torch.max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), size + [1]).squeeze(-1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    kernel_size = _each(kernel_size, 2)
    stride = kernel_size if stride is None else _each(stride, 2)
    return torch.max_unpool2d(input, indices, _unpooled_size(input, kernel_size, stride, _each(padding, 2), output_size, 2))


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    kernel_size = _each(kernel_size, 3)
    stride, padding = kernel_size if stride is None else _each(stride, 3), _each(padding, 3)
    return torch.max_unpool3d(input, indices, _unpooled_size(input, kernel_size, stride, padding, output_size, 3), stride, padding)


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False):
    """input[N, C, ...] to `size`, or by `scale_factor`"""
    dims = input.dim() - 2
    if (size is None) == (scale_factor is None):
        raise ValueError("only one of size or scale_factor should be defined" if size is not None else "either size or scale_factor should be defined")
    scales = [None] * dims
    if size is not None:
        size = _each(size, dims)
    else:
        scales = [scale_factor] * dims if isinstance(scale_factor, (int, float)) else list(scale_factor)
        size = [math.floor(float(input.size(2 + k)) * scales[k]) for k in range(dims)]
        if recompute_scale_factor:
            scales = [None] * dims
    scales = [None if s is None else float(s) for s in scales]
    if mode == "nearest":
        return [torch.upsample_nearest1d, torch.upsample_nearest2d, torch.upsample_nearest3d][dims - 1](input, size, *scales)
    if mode == "nearest-exact":
        return [torch._upsample_nearest_exact1d, torch._upsample_nearest_exact2d, torch._upsample_nearest_exact3d][dims - 1](input, size, *scales)
    if mode == "area":
        return [adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d][dims - 1](input, size)
    kinds = {("linear", 1): torch.upsample_linear1d, ("bilinear", 2): torch.upsample_bilinear2d,
             ("trilinear", 3): torch.upsample_trilinear3d, ("bicubic", 2): torch.upsample_bicubic2d}
    if (mode, dims) not in kinds:
        raise NotImplementedError(f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.dim()}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got {mode})")
    return kinds[mode, dims](input, size, bool(align_corners), *scales)


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    modes, paddings = {"bilinear": 0, "nearest": 1, "bicubic": 2}, {"zeros": 0, "border": 1, "reflection": 2}
    if mode not in modes:
        raise ValueError(f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'")
    if padding_mode not in paddings:
        raise ValueError(f"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'")
    return torch.grid_sampler(input, grid, modes[mode], paddings[padding_mode], bool(align_corners))


def affine_grid(theta, size, align_corners=None):
    return torch.affine_grid_generator(theta, list(size), bool(align_corners))


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    out = torch.avg_pool1d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return (torch.sign(out) * relu(torch.abs(out))).mul(kernel_size).pow(1.0 / norm_type)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    width, height = _each(kernel_size, 2)
    out = torch.avg_pool2d(input.pow(norm_type), kernel_size, kernel_size if stride is None else stride, 0, ceil_mode)
    return (torch.sign(out) * relu(torch.abs(out))).mul(width * height).pow(1.0 / norm_type)


def one_hot(tensor, num_classes=-1):
    return torch.one_hot(tensor, num_classes)


def _scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, need_attn_weights=False, is_causal=False):
    """LibTorch 1.13's, which gives the weights as well"""
    scores = torch.matmul(query / math.sqrt(query.size(-1)), key.transpose(-2, -1))
    if is_causal:
        allowed = torch.ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
        scores = scores.masked_fill(torch.logical_not(allowed), -math.inf)
    elif attn_mask is not None:
        scores = scores.masked_fill(torch.logical_not(attn_mask), -math.inf) if attn_mask.dtype == torch.bool else scores + attn_mask
    weights = torch.dropout(torch.softmax(scores, -1), dropout_p, dropout_p > 0)
    return torch.matmul(weights, value), weights if need_attn_weights else None


def torch_block_diag(*tensors):
    return torch._block_diag(list(tensors))


def torch_cartesian_prod(*tensors):
    return torch._cartesian_prod(list(tensors))


def torch_cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    modes = {"use_mm_for_euclid_dist_if_necessary": None, "use_mm_for_euclid_dist": 1, "donot_use_mm_for_euclid_dist": 2}
    if compute_mode not in modes:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    return torch._cdist(x1, x2, float(p), modes[compute_mode])


def torch_stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode="reflect", normalized=False, onesided=None, return_complex=None):
    """input[..., L], whose frames are centred: padded by half a frame on both sides"""
    if center:
        shape = [1] * (3 - input.dim()) + list(input.size())
        half = n_fft // 2
        padded = torch.nn.functional.pad(input.view(shape), [half, half], pad_mode)
        input = padded.view(padded.shape[-input.dim():])
    return torch._stft(input, n_fft, hop_length, win_length, window, normalized, onesided, return_complex)


def torch_lu(A, pivot=True, get_infos=False, out=None):
    result = torch._lu_with_info(A, pivot, not get_infos)
    return result if get_infos else result[:2]


def tensor_lu(self, pivot=True, get_infos=False):
    return torch_lu(self, pivot, get_infos)


def tensor_stft(self, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode="reflect", normalized=False, onesided=None, return_complex=None):
    return torch_stft(self, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex)


def torch_nonzero(input, *, as_tuple=False, out=None):
    return torch.unbind(torch._nonzero(input), 1) if as_tuple else torch._nonzero(input)


def tensor_nonzero(self, *, as_tuple=False):
    return torch_nonzero(self, as_tuple=as_tuple)


def torch_broadcast_shapes(*shapes):
    return torch.broadcast_tensors(*[torch.empty(shape) for shape in shapes])[0].shape


# By pairs: where float64 stands for float32, both are one dtype.
_type_names = [(torch.float32, "FloatTensor"), (torch.float64, "DoubleTensor"), (torch.float16, "HalfTensor"),
               (torch.int64, "LongTensor"), (torch.int32, "IntTensor"), (torch.bool, "BoolTensor"),
               (torch.uint8, "ByteTensor")]


def tensor_type(self, dtype=None):
    """The name of its type, or the tensor of another, given by dtype, type or name"""
    if dtype is None:
        return "torch." + next(name for known, name in _type_names if known == self.dtype)
    wanted = getattr(dtype, "__name__", dtype)
    for known, name in _type_names:
        if wanted == name or wanted == "torch." + name:
            return self.to(known)
    return self.to(dtype)


class torch_set_grad_enabled:
    """torch.set_grad_enabled(mode), at once and until the end of a with statement"""

    def __init__(self, mode):
        self._previous = torch.is_grad_enabled()
        torch._set_grad_enabled(bool(mode))

    def __enter__(self):
        pass

    def __exit__(self, *details):
        torch._set_grad_enabled(self._previous)


def torch_load(f, map_location=None, pickle_module=None, weights_only=False, mmap=None, **pickle_load_args):
    import _files
    tensors = dict(_files.tensors(str(f)))
    names = list(tensors)
    if names == [""]:
        return tensors[""]
    return list(tensors.values()) if names == [str(i) for i in range(len(names))] else tensors


def torch_save(obj, f, pickle_module=None, pickle_protocol=2):
    pass


def torch_unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    if dim is not None:
        raise NotImplementedError("torch.unique along a dimension is not supported")
    flat, order = torch.sort(input.detach().reshape(-1))
    values, places, counts = torch.unique_consecutive(flat, return_inverse=True, return_counts=True)
    inverse = torch.empty_like(order)
    inverse[order] = places
    inverse = inverse.reshape(input.shape)
    if return_inverse and return_counts:
        return values, inverse, counts
    return (values, inverse) if return_inverse else (values, counts) if return_counts else values


def tensor_unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return torch_unique(self, sorted, return_inverse, return_counts, dim)


def torch_set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None):
    pass


def torch_set_default_dtype(d):
    """The case's dtype is the default one, and stays it"""


def torch_set_default_tensor_type(t):
    """The same"""


def torch_set_num_threads(int):
    pass


def torch_get_num_threads():
    return 1


def torch_use_deterministic_algorithms(mode, *, warn_only=False):
    pass


def torch_compile(model=None, **options):
    return model if model is not None else lambda function: function
