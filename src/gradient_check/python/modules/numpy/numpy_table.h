#pragma once

#include <span>

#include "gradient_check/python/modules/table.h"

namespace gradient_check::python {

// The functions of numpy and numpy.linalg, a file each.
std::span<const NativeRow> numpy_creation();
std::span<const NativeRow> numpy_shaping();
std::span<const NativeRow> numpy_reductions();
std::span<const NativeRow> numpy_ordering();
std::span<const NativeRow> numpy_products();
std::span<const NativeRow> numpy_linalg();
/// The methods of arrays that are no functions of numpy, or take other arguments.
std::span<const NativeRow> array_shaping_methods();
std::span<const NativeRow> array_ordering_methods();
std::span<const NativeRow> array_methods();

}  // namespace gradient_check::python
