# Read by the scripts at the root of the repository (". cmake/setup.sh"); plain sh, Debian, Ubuntu.
#
#   say TEXT...                   one line of progress
#   install_packages demo         installs what the example programs need
#   install_packages tests        that, and what the tests and benchmarks need
#   install_packages ci           that, and what continuous integration needs
#   install_tool COMMAND REQUIREMENT   installs a package of PyPI into build/tools
#   build_preset NAME [OPTIONS]   configures build/NAME with CMake's OPTIONS and builds it
#
# TARGETS in the environment are what build_preset builds; without it, everything.
# JOBS in the environment is the number of parallel jobs; without it, one a core.

jobs=${JOBS:-$(nproc)}

# OpenMP threads that spin while they wait stop everything else on a machine with few cores.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"

say() { printf '==> %s\n' "$*"; }

# A word is PACKAGE, or PACKAGE=COMMAND where any program of that name will do. A trailing "?" marks
# what one can go without: where the distribution has no such package, it is passed over.
packages_demo="g++=g++ cmake=cmake ninja-build=ninja libcli11-dev protobuf-compiler=protoc
  libprotobuf-dev libonnx-dev libdnnl-dev libopencv-imgcodecs-dev libopencv-imgproc-dev"
packages_tests="$packages_demo python3=python3 pkg-config=pkg-config doctest-dev
  libbenchmark-dev? libeigen3-dev? libxtensor-dev? libdlpack-dev? libtorch-dev? libthrust-dev?
  libtbb-dev? libopencv-dnn-dev? libxnnpack-dev? libpthreadpool-dev? libopenmpi-dev? openmpi-bin?"
packages_ci="$packages_tests clang=clang++ llvm=llvm-cov python3-venv
  g++-aarch64-linux-gnu qemu-user=qemu-aarch64 valgrind libclang-rt-dev? doxygen?"

package_is_there() {
  case $1 in *=*) if command -v "${1#*=}" >/dev/null 2>&1; then return 0; fi ;; esac
  package=${1%%[=?]*}
  test "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = "install ok installed"
}

# apt_get ARGUMENTS...: as root, asking nothing, waiting for another apt to finish.
apt_get() {
  set -- env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Use-Pty=0 "$@"
  if [ "$(id -u)" -ne 0 ]; then set -- sudo "$@"; fi
  "$@" >/dev/null
}

install_packages() {
  if ! command -v apt-get >/dev/null 2>&1; then
    say "no apt-get here: going on with the packages that are installed"
    return 0
  fi
  eval "wanted=\$packages_$1"
  missing=
  for word in $wanted; do
    package_is_there "$word" || missing="$missing $word"
  done
  if [ -z "$missing" ]; then
    say "all packages are installed"
    return 0
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
    say "these packages are missing, and there is neither root nor sudo to install them:"
    for word in $missing; do printf '%s ' "${word%%[=?]*}"; done
    printf '\n'
    return 1
  fi
  say "reading the package lists (apt-get update)"
  apt_get update || say "apt-get update failed: going on with the lists that are there"
  install=
  for word in $missing; do
    package=${word%%[=?]*}
    case $word in
      *\?) if ! apt-cache show "$package" >/dev/null 2>&1; then
             say "this distribution has no $package: going on without"
             continue
           fi ;;
    esac
    install="$install $package"
  done
  if [ -n "$install" ]; then
    say "installing$install"
    # shellcheck disable=SC2086 # a list of words
    apt_get install -y --no-install-recommends $install
  fi
}

# install_tool COMMAND REQUIREMENT: what no distribution has in the version that is needed, from PyPI
# into build/tools. Where that cannot be, it says so and goes on without.
install_tool() {
  if [ ! -x build/tools/bin/pip ] && ! python3 -m venv build/tools >/dev/null 2>&1; then
    say "no Python environment can be made: going on without $1"
    return 0
  fi
  if ! build/tools/bin/pip install --quiet "$2" >/dev/null 2>&1; then
    say "$2 cannot be installed by pip: going on without $1"
  fi
}

build_preset() {
  preset=$1
  shift
  say "configuring build/$preset"
  mkdir -p "build/$preset"
  if ! cmake --preset "$preset" "$@" >"build/$preset/configure.log" 2>&1; then
    cat "build/$preset/configure.log"
    return 1
  fi
  sed 's/^/  /' "build/$preset/summary.txt"
  say "building with $jobs jobs"
  # shellcheck disable=SC2086 # a list of words
  cmake --build --preset "$preset" --parallel "$jobs" ${TARGETS:+--target $TARGETS}
}
