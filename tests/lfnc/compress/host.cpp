#include <lfnc/compress/host.hpp>

#include <concepts>

#include "support/check.hpp"
#include "support/small_adapter.hpp"

TEST_CASE("the old names mean what the new ones do") {
  CHECK(std::same_as<lfnc::host_layer, lfnc::layer_info>);
  CHECK(lfnc::network_host<small::stateful>);
  CHECK(lfnc::stateful_host<small::stateful>);
  CHECK_FALSE(lfnc::pass_host<small::stateful>);
  CHECK(lfnc::pass_host<small::passes>);
  CHECK_FALSE(lfnc::stateful_host<small::passes>);
  CHECK_FALSE(lfnc::network_host<int>);
}
