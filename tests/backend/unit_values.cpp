// The program's first translation unit: all but weights. Two units instead of seven parse the
// library and a backend twice, which nvcc and Thrust's headers make dear.
#include "main.cpp"
#include "test_activations.cpp"
#include "test_skeletons.cpp"
#include "test_statistics.cpp"
