// lfnc floor 0: every macro there is, and the version.
#pragma once

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

// Functions are compiled differently by nvcc and with OpenMP, so they live in an inline namespace
// that says how: a program may mix such translation units, and the linker keeps them apart. Views
// and results are plain data outside of it, and cross between them freely.
#if defined(__CUDACC__)
#define LFNC_ABI v0_1_cuda
#elif defined(_OPENMP)
#define LFNC_ABI v0_1_openmp
#else
#define LFNC_ABI v0_1_host
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

// Rounding is part of the contract (equal codes on every backend), and fused multiply-add or
// re-association would change it.
#if defined(__FAST_MATH__)
#error "lfnc promises the same codes everywhere and cannot keep that under -ffast-math"
#endif
