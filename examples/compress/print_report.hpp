// The tables that lfnc-compress prints.
#pragma once

#include <iosfwd>

#include "method/compress.hpp"

namespace compress {

// Per layer, per activation point and for the whole network: what was done and what it cost.
void print_report(std::ostream& out, const settings& how, const compression& result);

}  // namespace compress
