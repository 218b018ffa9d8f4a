# Read by bench/run and bench/cuda/run after cmake/setup.sh, in the repository's root; plain sh.
#
#   start_measuring FOLDER      notes the commit and the load, and empties FOLDER
#   measure PROGRAM OPTIONS...  runs a benchmark program, with OPTIONS of Google Benchmark; what it
#                               measured goes to FOLDER
#   write_table                 prints the table and writes it, and a chart, to bench/results/
#
# REPETITIONS and MIN_TIME in the environment are how often everything is measured, and for how many
# seconds each time; LFNC_MACHINE names the machine; LFNC_MAX_ISA, which caps the instruction set, is
# added to that name.

start_measuring() {
  measured=$1
  rm -rf "$measured"
  mkdir -p "$measured"
  # The tree that was built, before results are added to it.
  commit=$(git describe --always --dirty --exclude='*' 2>/dev/null || echo unknown)
  load=$(cut -d' ' -f1 /proc/loadavg)
  # One thread each; lfnc is told how many it may use.
  export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
  # What is a limit to lfnc's loops and their limits is one to the C library and to the peers that
  # can be limited: oneDNN, OpenCV, NumPy and PyTorch.
  if [ "${LFNC_MAX_ISA:-}" = avx2 ]; then
    export GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD
    export ONEDNN_MAX_CPU_ISA=AVX2 OPENCV_CPU_DISABLE=AVX512_SKX ATEN_CPU_CAPABILITY=avx2
    export NPY_DISABLE_CPU_FEATURES="AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"
  fi
}

measure() {
  program=$1
  shift
  name=${program##*/}
  say "$name"
  status=0
  "$program" --benchmark_repetitions="${REPETITIONS:-5}" \
    --benchmark_min_time="${MIN_TIME:-0.03}" --benchmark_enable_random_interleaving=true \
    --benchmark_display_aggregates_only=true --benchmark_out_format=json \
    --benchmark_out="$measured/$name.json" "$@" >"$measured/$name.log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then cat "$measured/$name.log"; fi
  return "$status"
}

write_table() {
  python3 -B bench/table.py --commit "$commit" --load "$load" --machine "${LFNC_MACHINE:-}" \
    ${LFNC_MAX_ISA:+--capped "$LFNC_MAX_ISA"} --results bench/results "$measured"/*.json
}
