// lfnc floor 0: every macro there is, and the version.
#pragma once

#if __cplusplus < 202002L
#error "lfnc needs C++20: compile the source files that include it with -std=c++20 or later"
// There is no such file, which ends the compiler's work: its other complaints would hide this one.
#include <lfnc_needs_cxx20>
#endif

#define LFNC_VERSION_MAJOR 0
#define LFNC_VERSION_MINOR 1
#define LFNC_VERSION_PATCH 0

// LFNC_HD marks the small arithmetic functions that run on the host and on the device alike.
#if defined(__CUDACC__)
#define LFNC_HD __host__ __device__
#define LFNC_DEVICE __device__
#else
#define LFNC_HD
#define LFNC_DEVICE
#endif

// A function that device code calls from several places and is too long for a copy at each.
#if defined(__CUDACC__)
#define LFNC_HD_ONCE __host__ __device__ __noinline__
#else
#define LFNC_HD_ONCE
#endif

// In front of a template that is LFNC_HD and calls what it is handed, which may be for one side
// alone: nvcc then checks it where it is instantiated.
#if defined(__CUDACC__) && !defined(__clang__)
#define LFNC_CALLS_EITHER _Pragma("nv_exec_check_disable")
#else
#define LFNC_CALLS_EITHER
#endif

// A function that must become part of its caller, so that it is compiled for the caller's
// instruction set; and the sets that a caller can be compiled for besides the one that the program
// is. nvcc does not take part: what it compiles runs the program's own set.
// LFNC_INLINED says the same of a lambda.
#if defined(__GNUC__)
#define LFNC_INLINE inline __attribute__((always_inline))
#define LFNC_INLINED __attribute__((always_inline))
#else
#define LFNC_INLINE inline
#define LFNC_INLINED
#endif

// What is called once at most, before the end: small rather than fast.
#if defined(__GNUC__)
#define LFNC_COLD __attribute__((cold, noinline))
#else
#define LFNC_COLD
#endif

#if defined(__GNUC__) && defined(__x86_64__) && !defined(__CUDACC__)
#define LFNC_X86_TARGETS 1
#define LFNC_AVX2 __attribute__((target("avx2,fma")))
#define LFNC_AVX512 __attribute__((target("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl")))
#else
#define LFNC_X86_TARGETS 0
#endif

// Whether vectors of numbers can be shuffled as gcc (from 12 on) and clang both have it.
#define LFNC_SHUFFLES 0
#if LFNC_X86_TARGETS && defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#undef LFNC_SHUFFLES
#define LFNC_SHUFFLES 1
#endif
#endif

// Whether the address sanitizer watches the ends of arrays: gcc says so by one name, clang by
// another.
#if defined(__SANITIZE_ADDRESS__)
#define LFNC_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LFNC_ADDRESS_SANITIZER 1
#endif
#endif
#if !defined(LFNC_ADDRESS_SANITIZER)
#define LFNC_ADDRESS_SANITIZER 0
#endif

// With -fno-exceptions an error calls the handler of error.hpp instead of being thrown.
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define LFNC_EXCEPTIONS 1
#else
#define LFNC_EXCEPTIONS 0
#endif

// Functions are compiled differently by nvcc, with OpenMP, without exceptions and for other
// instruction sets, so they live in an inline namespace that says how: a program may mix such
// translation units, and the linker keeps them apart. Views and results are plain data outside of
// it, and cross between them freely; their members are part of their callers, or call what is
// inside of it.
#if defined(__CUDACC__)
#define LFNC_ABI_COMPILER _cuda
#elif defined(_OPENMP)
#define LFNC_ABI_COMPILER _openmp
#else
#define LFNC_ABI_COMPILER _host
#endif

#if LFNC_EXCEPTIONS
#define LFNC_ABI_EXCEPTIONS
#else
#define LFNC_ABI_EXCEPTIONS _nothrow
#endif

#if LFNC_ADDRESS_SANITIZER
#define LFNC_ABI_SANITIZER _asan
#else
#define LFNC_ABI_SANITIZER
#endif

#if LFNC_X86_TARGETS && !LFNC_SHUFFLES
#define LFNC_ABI_SHUFFLES _old
#else
#define LFNC_ABI_SHUFFLES
#endif

// The widest vectors of the processors that the unit is for; each has those before it. The rest of
// an instruction set follows letter by letter, as far as compilers use it unasked.
#if defined(__AVX512F__)
#define LFNC_ABI_VECTORS _avx512
#elif defined(__AVX2__)
#define LFNC_ABI_VECTORS _avx2
#elif defined(__AVX__)
#define LFNC_ABI_VECTORS _avx
#elif defined(__SSE4_2__)
#define LFNC_ABI_VECTORS _sse42
#elif defined(__SSE4_1__)
#define LFNC_ABI_VECTORS _sse41
#elif defined(__SSSE3__)
#define LFNC_ABI_VECTORS _ssse3
#elif defined(__SSE3__)
#define LFNC_ABI_VECTORS _sse3
#elif defined(__ARM_FEATURE_SVE2)
#define LFNC_ABI_VECTORS _sve2
#elif defined(__ARM_FEATURE_SVE)
#define LFNC_ABI_VECTORS _sve
#else
#define LFNC_ABI_VECTORS
#endif

// `text` where `macro` is defined as 1, nothing where it is not defined.
#define LFNC_ABI_COMMA_1 ,
#define LFNC_ABI_SECOND(first, second, ...) second
#define LFNC_ABI_CHOOSE(comma, text) LFNC_ABI_SECOND(comma text, , )
#define LFNC_ABI_IF_VALUE(value, text) LFNC_ABI_CHOOSE(LFNC_ABI_COMMA_##value, text)
#define LFNC_ABI_IF(macro, text) LFNC_ABI_IF_VALUE(macro, text)
#define LFNC_ABI_JOIN_8(a, b, c, d, e, f, g, h) a##b##c##d##e##f##g##h
#define LFNC_ABI_JOIN(a, b, c, d, e, f, g, h) LFNC_ABI_JOIN_8(a, b, c, d, e, f, g, h)

// x86: what compilers use for bits, halves and products, then the parts of AVX-512.
#define LFNC_ABI_BITS                                                                            \
  LFNC_ABI_JOIN(LFNC_ABI_IF(__POPCNT__, p), LFNC_ABI_IF(__BMI__, b), LFNC_ABI_IF(__BMI2__, B),   \
                LFNC_ABI_IF(__LZCNT__, l), LFNC_ABI_IF(__TBM__, t), LFNC_ABI_IF(__MOVBE__, m), , \
                LFNC_ABI_IF(__APX_F__, x))
#define LFNC_ABI_PRODUCTS                                                                          \
  LFNC_ABI_JOIN(LFNC_ABI_IF(__FMA__, f), LFNC_ABI_IF(__FMA4__, F), LFNC_ABI_IF(__F16C__, h),       \
                LFNC_ABI_IF(__XOP__, X), LFNC_ABI_IF(__AVXVNNI__, v), LFNC_ABI_IF(__AVXIFMA__, i), \
                LFNC_ABI_IF(__SSE4A__, a), LFNC_ABI_IF(__GFNI__, g))
#define LFNC_ABI_AVX512                                                         \
  LFNC_ABI_JOIN(LFNC_ABI_IF(__AVX512CD__, C), LFNC_ABI_IF(__AVX512DQ__, D),     \
                LFNC_ABI_IF(__AVX512BW__, W), LFNC_ABI_IF(__AVX512VL__, L),     \
                LFNC_ABI_IF(__AVX512IFMA__, I), LFNC_ABI_IF(__AVX512VNNI__, V), \
                LFNC_ABI_IF(__AVX512BF16__, R), LFNC_ABI_IF(__AVX512FP16__, H))
#define LFNC_ABI_AVX512_LATER                                                          \
  LFNC_ABI_JOIN(LFNC_ABI_IF(__AVX512VBMI__, M), LFNC_ABI_IF(__AVX512VBMI2__, N),       \
                LFNC_ABI_IF(__AVX512BITALG__, T), LFNC_ABI_IF(__AVX512VPOPCNTDQ__, P), \
                LFNC_ABI_IF(__AVX10_1__, U), LFNC_ABI_IF(__AVX10_2__, Y),              \
                LFNC_ABI_IF(__AVX512ER__, E), LFNC_ABI_IF(__AVX512PF__, O))
// 64-bit ARM: atomics, halves, products.
#define LFNC_ABI_ARM                                                                              \
  LFNC_ABI_JOIN(LFNC_ABI_IF(__ARM_FEATURE_ATOMICS, A),                                            \
                LFNC_ABI_IF(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC, h),                             \
                LFNC_ABI_IF(__ARM_FEATURE_DOTPROD, d), LFNC_ABI_IF(__ARM_FEATURE_MATMUL_INT8, i), \
                LFNC_ABI_IF(__ARM_FEATURE_BF16, r), LFNC_ABI_IF(__ARM_FEATURE_COMPLEX, c),        \
                LFNC_ABI_IF(__ARM_FEATURE_RCPC, q), LFNC_ABI_IF(__ARM_FEATURE_JCVT, j))

#define LFNC_ABI_SET                                                                 \
  LFNC_ABI_JOIN(LFNC_ABI_VECTORS, LFNC_ABI_BITS, LFNC_ABI_PRODUCTS, LFNC_ABI_AVX512, \
                LFNC_ABI_AVX512_LATER, LFNC_ABI_ARM, , )
#define LFNC_ABI                                                                  \
  LFNC_ABI_JOIN(v0_1, LFNC_ABI_COMPILER, LFNC_ABI_EXCEPTIONS, LFNC_ABI_SANITIZER, \
                LFNC_ABI_SHUFFLES, LFNC_ABI_SET, , )

// Whether the program links lfnc::compiled, made for such units as this one is: the target defines
// LFNC_COMPILED_FOR_<the name above> as 1. Other units see nothing of it.
#define LFNC_IS_COMPILED_IF(comma) LFNC_ABI_SECOND(comma 1, 0, )
#define LFNC_IS_COMPILED_VALUE(value) LFNC_IS_COMPILED_IF(LFNC_ABI_COMMA_##value)
#define LFNC_IS_COMPILED_AS(macro) LFNC_IS_COMPILED_VALUE(macro)
#define LFNC_IS_COMPILED \
  LFNC_IS_COMPILED_AS(LFNC_ABI_JOIN(LFNC_COMPILED_FOR_, LFNC_ABI, , , , , , ))

// Rounding is part of the contract (equal codes on every backend), which flags that relax
// arithmetic break: re-association changes codes, and without NaN bad input is not seen.
#if defined(__FAST_MATH__)
#error \
    "lfnc promises the same codes everywhere, and cannot under -ffast-math or -Ofast: an engine that needs it calls lfnc from a source file of its own, compiled with -fno-fast-math"
#elif defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error \
    "lfnc refuses NaN, and cannot see it under -ffinite-math-only: an engine that needs it calls lfnc from a source file of its own, compiled with -fno-fast-math"
#elif defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error \
    "lfnc promises the same codes everywhere, and cannot under -funsafe-math-optimizations, -fassociative-math, -freciprocal-math or -fno-signed-zeros: an engine that needs it calls lfnc from a source file of its own, compiled with -fno-fast-math"
#elif defined(__FLT_EVAL_METHOD__) && \
    (__FLT_EVAL_METHOD__ < 0 || __FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)
#error \
    "lfnc promises the same codes everywhere, for which float has to be computed in float: an engine that computes otherwise (-mfpmath=387, -freciprocal-math) calls lfnc from a source file of its own, compiled with -fno-fast-math and, on x86, -mfpmath=sse"
#endif

// clang defines nothing for most of these flags, but takes this pragma only without them.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wignored-pragmas"
#pragma float_control(push)
// clang-format off
#pragma float_control(except, on)  // lfnc promises the same codes everywhere, and cannot under the flags of -ffast-math: an engine that needs them calls lfnc from a source file of its own, compiled with -fno-fast-math
// clang-format on
#pragma float_control(pop)
#pragma clang diagnostic pop
#endif

static_assert(0.1 > static_cast<double>(0.1F) || 0.1 < static_cast<double>(0.1F),
              "lfnc computes in double, and cannot under -fsingle-precision-constant: an engine "
              "that needs it calls lfnc from a source file of its own, compiled without");
