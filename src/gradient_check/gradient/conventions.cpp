#include "gradient_check/gradient/conventions.h"

#include <algorithm>
#include <exception>
#include <string_view>

#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

struct ConventionalOperator {
  std::string_view name;   ///< LibTorch's, without the namespace
  std::string_view words;  ///< as it is written
  ConventionKind kind;
  bool on_request = false;  ///< only where its last argument, `hermitian`, says so
};

constexpr auto symmetric = ConventionKind::symmetric;
constexpr auto triangular = ConventionKind::triangular;
constexpr auto straight_through = ConventionKind::straight_through;

/// PyTorch's documentation of each says what it reads and what its gradient is.
constexpr ConventionalOperator conventional_operators[] = {
    {"linalg_cholesky", "torch.linalg.cholesky", symmetric},
    {"linalg_cholesky_ex", "torch.linalg.cholesky", symmetric},
    {"cholesky", "torch.cholesky", symmetric},
    {"linalg_eigh", "torch.linalg.eigh", symmetric},
    {"_linalg_eigh", "torch.linalg.eigh", symmetric},
    {"linalg_eigvalsh", "torch.linalg.eigvalsh", symmetric},
    {"symeig", "torch.symeig", symmetric},
    {"_symeig_helper", "torch.symeig", symmetric},
    {"linalg_pinv", "torch.linalg.pinv", symmetric, true},
    {"linalg_ldl_factor", "torch.linalg.ldl_factor", symmetric},
    {"linalg_ldl_factor_ex", "torch.linalg.ldl_factor", symmetric},
    {"cholesky_inverse", "torch.cholesky_inverse", triangular},
    {"cholesky_solve", "torch.cholesky_solve", triangular},
    {"triangular_solve", "torch.triangular_solve", triangular},
    {"linalg_solve_triangular", "torch.linalg.solve_triangular", triangular},
    {"linalg_householder_product", "torch.linalg.householder_product", triangular},
    {"orgqr", "torch.orgqr", triangular},
    {"ormqr", "torch.ormqr", triangular},
    {"lu_unpack", "torch.lu_unpack", triangular},
    {"linalg_lu_solve", "torch.linalg.lu_solve", triangular},
    {"lu_solve", "torch.lu_solve", triangular},
    {"mode", "torch.mode", ConventionKind::chosen},
    {"fake_quantize_per_tensor_affine", "torch.fake_quantize_per_tensor_affine", straight_through},
    {"fake_quantize_per_channel_affine", "torch.fake_quantize_per_channel_affine",
     straight_through},
    {"_fake_quantize_learnable_per_tensor_affine",
     "torch._fake_quantize_learnable_per_tensor_affine", straight_through},
    {"_fake_quantize_learnable_per_channel_affine",
     "torch._fake_quantize_learnable_per_channel_affine", straight_through},
    {"fused_moving_avg_obs_fake_quant", "torch.fused_moving_avg_obs_fake_quant", straight_through},
};

struct ConventionTrace {
  const Subject& subject;
  const NamedTensors& arguments;
  std::vector<Convention> found;
};

thread_local ConventionTrace* tracing_conventions_here = nullptr;  ///< while a callback lives

void add_convention(Convention convention) {
  std::vector<Convention>& found = tracing_conventions_here->found;
  const bool known = std::any_of(found.begin(), found.end(), [&](const Convention& other) {
    return other.kind == convention.kind && other.operation == convention.operation &&
           other.tensor == convention.tensor && other.row == convention.row;
  });
  if (known) return;
  if (const auto place = tracing_conventions_here->subject.running_place())
    convention.place = place->place;
  found.push_back(std::move(convention));
}

/// embedding(weight, indices, padding_idx, …), embedding_bag(weight, …, padding_idx) of a variable
/// as it stands. A negative index counts from the end where the operator takes it so.
void note_padding(const std::string& name, const std::vector<c10::IValue>& inputs) {
  if ((name != "embedding" && name.find("embedding_bag") == std::string::npos) ||
      !inputs.at(0).isTensor())
    return;
  const c10::IValue& padding = name == "embedding" ? inputs.at(2) : inputs.back();
  if (!padding.isInt() || padding.toInt() < 0) return;
  const at::Tensor& weight = inputs[0].toTensor();
  for (const auto& [argument, tensor] : tracing_conventions_here->arguments)
    if (tensor.is_same(weight) || (tensor.sizes() == weight.sizes() && tensor.is_alias_of(weight)))
      add_convention({ConventionKind::unchanged_row, "torch.nn.functional." + name, std::nullopt,
                      argument, padding.toInt()});
}

std::unique_ptr<at::ObserverContext> note_conventions(const at::RecordFunction& function) {
  const at::DisableRecordFunctionGuard unwatched;
  if (!tracing_conventions_here) return nullptr;
  std::string name = function.name();
  if (const std::size_t colons = name.rfind(':'); colons != std::string::npos)
    name.erase(0, colons + 1);
  const std::vector<c10::IValue> inputs = own_inputs(function);
  const bool requested = !inputs.empty() && inputs.back().isBool() && inputs.back().toBool();
  for (const ConventionalOperator& each : conventional_operators)
    if (name == each.name && (requested || !each.on_request))
      add_convention({each.kind, std::string(each.words), std::nullopt, "", -1});
  if (inputs.size() > 2) note_padding(name, inputs);
  return nullptr;
}

}  // namespace

const std::vector<Convention>& Conventions::all() {
  if (found_) return *found_;
  const NamedTensors values = clone(evaluations_.values);
  ConventionTrace trace{evaluations_.subject, values, {}};
  tracing_conventions_here = &trace;
  try {
    const OperationCallback callback(at::RecordFunctionCallback(&note_conventions)
                                         .needsInputs(true)
                                         .scopes({at::RecordScope::FUNCTION}));
    seed_generator(evaluations_.seed);
    run_forward(evaluations_.subject, values, at::kDouble);
  } catch (const std::exception&) {
    // What cannot be evaluated is told of elsewhere.
  }
  tracing_conventions_here = nullptr;
  found_ = std::move(trace.found);
  return *found_;
}

}  // namespace gradient_check
