// Compiled with -fno-exceptions and -fno-rtti: errors reach the program's own handler, and results
// are what they are elsewhere.
#include <lfnc/quantize.hpp>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

#if LFNC_EXCEPTIONS
#error "this test is about builds without exceptions"
#endif

// What is left by longjmp is not given back.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

namespace {

std::jmp_buf back;
char message[256];

// Must not return; lfnc's own default would end the program.
void handle(const char* text) {
  std::strncpy(message, text, sizeof message - 1);
  std::longjmp(back, 1);
}

int failures = 0;

void check(bool right, const char* what) {
  if (right) return;
  ++failures;
  std::printf("FAILED: %s (the last message was \"%s\")\n", what, message);
}

// Nothing that needs destroying lives here: longjmp leaves it without a word.
bool refused(void (*run)(), const char* text) {
  message[0] = 0;
  if (setjmp(back) == 0) {
    run();
    return false;
  }
  return std::strstr(message, text) != nullptr;
}

float weights[6] = {1, -2, 3, 4, -5, 6};

}  // namespace

int main() {
  lfnc::set_error_handler(handle);

  check(refused([] { lfnc::as_view(static_cast<float*>(nullptr), {2, 3}); }, "view: null data"),
        "null data");
  check(refused([] { lfnc::as_view(weights, {std::numeric_limits<lfnc::index_t>::max(), 2}); },
                "does not fit 64 bits"),
        "overflow");
  check(refused([] { lfnc::uniform(9); }, "bits: 9 is not in 2..8"), "bits");
  check(refused([] { lfnc::channels(lfnc::as_view(weights, {2, 3}), 2); }, "axis: 2"), "axis");

  const auto view = lfnc::channels(lfnc::as_view(weights, {2, 3}), 0);
  const auto result = lfnc::quantize_weights(view, lfnc::uniform(4));
  check(result.rows.size() == 2 && result.rows[0].alpha > 0, "quantized weights");
  std::vector<float> large(200000, 0.5F);
  std::vector<std::uint8_t> codes(large.size());
  lfnc::quantize(lfnc::cpu{4}, lfnc::as_view(large), lfnc::as_view(codes), {0.25, 0, 255});
  bool right = true;
  for (const std::uint8_t code : codes) right = right && code == 2;
  check(right, "codes by four threads");

  std::printf("%d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
