// lfnc floor 5: compress/host: the names that compress/adapter.hpp had before, still to be used.
//
// "host" now means CPU memory alone (host_space). Code written against these names compiles as it
// did; new code uses those of adapter.hpp. They go with version 1.0.
#pragma once

#include "adapter.hpp"

namespace lfnc {

// The former name of layer_info.
using host_layer = layer_info;

// The former name of network_adapter.
template <class A>
concept network_host = network_adapter<A>;

// The former name of stateful_adapter.
template <class A>
concept stateful_host = stateful_adapter<A>;

// The former name of pass_adapter.
template <class A>
concept pass_host = pass_adapter<A>;

}  // namespace lfnc
