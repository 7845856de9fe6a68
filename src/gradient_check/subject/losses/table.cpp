#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {

const std::vector<const LossType*>& loss_types() {
  static const std::vector<const LossType*> types{&mse_loss_type,
                                                  &l1_loss_type,
                                                  &huber_loss_type,
                                                  &bce_loss_type,
                                                  &bce_with_logits_loss_type,
                                                  &nll_loss_type,
                                                  &cross_entropy_loss_type,
                                                  &hinge_loss_type,
                                                  &kl_div_loss_type};
  return types;
}

}  // namespace gradient_check
