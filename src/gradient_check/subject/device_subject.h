#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A subject whose forward and manual code run on that device: tensors go there and results come
/// back, so that what is measured from them is measured on the CPU as always. Returns `subject`
/// itself for "cpu"; "cpu:0" goes the way of any other device.
std::unique_ptr<Subject> on_device(std::unique_ptr<Subject> subject, c10::Device device);

/// The device of that name ("cpu", "cuda", "cuda:1"). Throws std::invalid_argument, with what to
/// do, where there is no such device or this LibTorch cannot use it.
c10::Device usable_device(const std::string& name);

}  // namespace gradient_check
