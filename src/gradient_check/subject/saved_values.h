#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

/// While it lives, it is asked what autograd keeps of every value that it saves for a backward on
/// this thread; nothing is where autograd does not record. What is kept is not held against its
/// version: whether it is still what was saved is the watch's own affair. Where the process has an
/// autograd engine of its own (Python's), nothing is asked.
class SavedValuesWatch {
 public:
  SavedValuesWatch();
  virtual ~SavedValuesWatch();
  SavedValuesWatch(const SavedValuesWatch&) = delete;
  SavedValuesWatch& operator=(const SavedValuesWatch&) = delete;

  virtual at::Tensor kept(const at::Tensor& value) = 0;

 private:
  SavedValuesWatch* previous_;
};

/// While it lives, autograd keeps copies, which a program may not write to: one that works in place
/// is differentiated as NumPy would run it, where PyTorch refuses it for a value that it saved and
/// that was written over.
class SavedCopies : public SavedValuesWatch {
 public:
  at::Tensor kept(const at::Tensor& value) override;
};

}  // namespace gradient_check
