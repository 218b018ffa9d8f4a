// The program's second translation unit: what quantizes weights.
#include "test_refusals.cpp"
#include "test_weights.cpp"

#if defined(LFNC_TEST_CUDA)
#include "cuda/test_interop.cu"
#endif
