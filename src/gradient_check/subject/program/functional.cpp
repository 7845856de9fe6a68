#include "gradient_check/subject/program/functional.h"

#include <torch/csrc/jit/api/compilation_unit.h>

#include <mutex>

#include "gradient_check/subject/program/name_resolver.h"

namespace gradient_check {
namespace {

struct Definition {
  const char* name;
  const char* source;
};

// Signatures as in torch.nn.functional, less the arguments PyTorch has deprecated. In the source,
// other definitions of this table may be called when they stand above.
constexpr Definition definitions[] = {
    {"_reduction", R"(
def _reduction(reduction: str) -> int:
    code = 0
    if reduction == "mean":
        code = 1
    elif reduction == "sum":
        code = 2
    else:
        assert reduction == "none", "reduction must be none, mean or sum"
    return code
)"},
    {"cross_entropy", R"(
def cross_entropy(input, target, weight: Optional[Tensor] = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0):
    return torch.cross_entropy_loss(input, target, weight, _reduction(reduction), ignore_index, label_smoothing)
)"},
    {"nll_loss", R"(
def nll_loss(input, target, weight: Optional[Tensor] = None, ignore_index: int = -100, reduction: str = "mean"):
    return torch.nll_loss_nd(input, target, weight, _reduction(reduction), ignore_index)
)"},
    {"mse_loss", R"(
def mse_loss(input, target, reduction: str = "mean"):
    return torch.mse_loss(input, target, _reduction(reduction))
)"},
    {"l1_loss", R"(
def l1_loss(input, target, reduction: str = "mean"):
    return torch.l1_loss(input, target, _reduction(reduction))
)"},
    {"smooth_l1_loss", R"(
def smooth_l1_loss(input, target, reduction: str = "mean", beta: float = 1.0):
    return torch.smooth_l1_loss(input, target, _reduction(reduction), beta)
)"},
    {"huber_loss", R"(
def huber_loss(input, target, reduction: str = "mean", delta: float = 1.0):
    return torch.huber_loss(input, target, _reduction(reduction), delta)
)"},
    {"binary_cross_entropy", R"(
def binary_cross_entropy(input, target, weight: Optional[Tensor] = None, reduction: str = "mean"):
    return torch.binary_cross_entropy(input, target, weight, _reduction(reduction))
)"},
    {"binary_cross_entropy_with_logits", R"(
def binary_cross_entropy_with_logits(input, target, weight: Optional[Tensor] = None, reduction: str = "mean", pos_weight: Optional[Tensor] = None):
    return torch.binary_cross_entropy_with_logits(input, target, weight, pos_weight, _reduction(reduction))
)"},
    {"kl_div", R"(
def kl_div(input, target, reduction: str = "mean", log_target: bool = False):
    if reduction == "batchmean":
        return torch.kl_div(input, target, 2, log_target=log_target) / input.size(0)
    return torch.kl_div(input, target, _reduction(reduction), log_target=log_target)
)"},
    {"hinge_embedding_loss", R"(
def hinge_embedding_loss(input, target, margin: float = 1.0, reduction: str = "mean"):
    return torch.hinge_embedding_loss(input, target, margin, _reduction(reduction))
)"},
    {"soft_margin_loss", R"(
def soft_margin_loss(input, target, reduction: str = "mean"):
    return torch.soft_margin_loss(input, target, _reduction(reduction))
)"},
    {"dropout", R"(
def dropout(input, p: float = 0.5, training: bool = True, inplace: bool = False):
    if inplace:
        return torch.dropout_(input, p, training)
    return torch.dropout(input, p, training)
)"},
    {"batch_norm", R"(
def batch_norm(input, running_mean: Optional[Tensor] = None, running_var: Optional[Tensor] = None, weight: Optional[Tensor] = None, bias: Optional[Tensor] = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05):
    return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, False)
)"},
    {"rms_norm", R"(
def rms_norm(input, normalized_shape: List[int], weight: Optional[Tensor] = None, eps: Optional[float] = None):
    dims: List[int] = []
    for i in range(len(normalized_shape)):
        dims.append(-1 - i)
    e = 2.220446049250313e-16
    if eps is not None:
        e = eps
    y = input * torch.rsqrt(torch.mean(input * input, dims, True) + e)
    if weight is not None:
        y = y * weight
    return y
)"},
    {"relu", R"(
def relu(input, inplace: bool = False):
    if inplace:
        return torch.relu_(input)
    return torch.relu(input)
)"},
    {"leaky_relu", R"(
def leaky_relu(input, negative_slope: float = 0.01, inplace: bool = False):
    if inplace:
        return torch.ops.aten.leaky_relu_(input, negative_slope)
    return torch.leaky_relu(input, negative_slope)
)"},
    {"elu", R"(
def elu(input, alpha: float = 1.0, inplace: bool = False):
    if inplace:
        return torch.ops.aten.elu_(input, alpha)
    return torch.elu(input, alpha)
)"},
    {"silu", R"(
def silu(input, inplace: bool = False):
    if inplace:
        return torch.ops.aten.silu_(input)
    return torch.silu(input)
)"},
    {"logsigmoid", R"(
def logsigmoid(input):
    return torch.log_sigmoid(input)
)"},
    {"softsign", R"(
def softsign(input):
    return input / (1 + torch.abs(input))
)"},
    {"tanhshrink", R"(
def tanhshrink(input):
    return input - torch.tanh(input)
)"},
    {"softmin", R"(
def softmin(input, dim: int, dtype: Optional[int] = None):
    return torch.softmax(-input, dim, dtype)
)"},
    {"normalize", R"(
def normalize(input, p: float = 2.0, dim: int = 1, eps: float = 1e-12):
    return input / torch.norm(input, p, [dim], True).clamp_min(eps).expand_as(input)
)"},
    {"embedding", R"(
def embedding(input, weight, padding_idx: Optional[int] = None):
    p = -1
    if padding_idx is not None:
        p = padding_idx
        if p < 0:
            p = weight.size(0) + p
    return torch.embedding(weight, input, p)
)"},
    {"scaled_dot_product_attention", R"(
def scaled_dot_product_attention(query, key, value, attn_mask: Optional[Tensor] = None, dropout_p: float = 0.0, is_causal: bool = False, scale: Optional[float] = None):
    s = 1.0 / math.sqrt(query.size(-1))
    if scale is not None:
        s = scale
    scores = torch.matmul(query, key.transpose(-2, -1)) * s
    if is_causal:
        allowed = torch.ones([query.size(-2), key.size(-2)], dtype=torch.bool).tril()
        scores = scores.masked_fill(torch.logical_not(allowed), -float("inf"))
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            scores = scores.masked_fill(torch.logical_not(attn_mask), -float("inf"))
        else:
            scores = scores + attn_mask
    return torch.matmul(torch.dropout(torch.softmax(scores, -1), dropout_p, dropout_p > 0), value)
)"},
};

/// Compiles definitions on first use and keeps them for the life of the process.
class Library {
 public:
  torch::jit::Function* find(const std::string& name) {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (torch::jit::Function* known = unit_.find_function(c10::QualifiedName(name))) return known;
    for (const Definition& definition : definitions)
      if (name == definition.name) {
        unit_.define({}, definition.source, std::make_shared<NameResolver>(), nullptr);
        return unit_.find_function(c10::QualifiedName(name));
      }
    return nullptr;
  }

 private:
  std::recursive_mutex mutex_;
  torch::jit::CompilationUnit unit_;
};

}  // namespace

torch::jit::Function* functional(const std::string& name) {
  static auto* library = new Library;  // outlives the programs that call into it
  return library->find(name);
}

std::vector<std::string> functional_names() {
  std::vector<std::string> names;
  for (const Definition& definition : definitions)
    if (definition.name[0] != '_') names.emplace_back(definition.name);
  return names;
}

}  // namespace gradient_check
