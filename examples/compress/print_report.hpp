// The tables that lfnc-compress prints.
#pragma once

#include <iosfwd>

#include "files/model_file.hpp"
#include "method/compress.hpp"

namespace compress {

// Per layer, per activation point and for the whole network: what was done and what it cost.
void print_report(std::ostream& out, const settings& how, const compression& result);

// Which files were written, and what they take.
void print_written(std::ostream& out, const model_paths& paths);

}  // namespace compress
