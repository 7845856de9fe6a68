#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {

const std::vector<const LayerType*>& layer_types() {
  static const std::vector<const LayerType*> types{&linear_layer,
                                                   &conv1d_layer,
                                                   &conv2d_layer,
                                                   &max_pool2d_layer,
                                                   &avg_pool2d_layer,
                                                   &flatten_layer,
                                                   &embedding_layer,
                                                   &relu_layer,
                                                   &leaky_relu_layer,
                                                   &elu_layer,
                                                   &gelu_layer,
                                                   &silu_layer,
                                                   &sigmoid_layer,
                                                   &tanh_layer,
                                                   &softplus_layer,
                                                   &softmax_layer,
                                                   &log_softmax_layer,
                                                   &dropout_layer,
                                                   &batch_norm_layer,
                                                   &layer_norm_layer,
                                                   &rms_norm_layer,
                                                   &rnn_layer,
                                                   &lstm_layer,
                                                   &gru_layer,
                                                   &multi_head_attention_layer};
  return types;
}

}  // namespace gradient_check
