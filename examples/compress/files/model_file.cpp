#include "model_file.hpp"

#include <string>
#include <utility>

#include "caffe/caffe_file.hpp"
#include "file_bytes.hpp"
#include "onnx/onnx_file.hpp"

namespace compress {
namespace {

// Runs `action`; what it throws gets the file's name in front.
template <typename Action>
auto naming(const std::string& name, Action action) {
  try {
    return action();
  } catch (const model_error& error) {
    throw model_error(name + ": " + error.what());
  }
}

}  // namespace

caffe_paths sort_caffe_paths(const model_paths& paths) {
  if (paths.size() == 2) {
    if (paths[0].extension() == ".prototxt" && paths[1].extension() == ".caffemodel") {
      return {paths[0], paths[1]};
    }
    if (paths[1].extension() == ".prototxt" && paths[0].extension() == ".caffemodel") {
      return {paths[1], paths[0]};
    }
  }
  std::string names;
  for (const auto& path : paths) names += " '" + path.string() + "'";
  throw model_error("a network is one .onnx file, or a .prototxt and a .caffemodel; given:" +
                    names);
}

void check_output(const model_paths& model, const model_paths& output) {
  if (model.size() == 1) {
    if (output.size() != 1 || output[0].extension() != ".onnx") {
      throw model_error("a network read from ONNX is written to one .onnx file");
    }
  } else {
    sort_caffe_paths(output);
  }
  for (const auto& path : output) check_writable(path);
}

std::unique_ptr<model_file> read_model(const model_paths& paths) {
  if (paths.size() == 1 && paths[0].extension() == ".onnx") {
    std::string bytes = read_bytes(paths[0]);
    return naming(paths[0].string(), [&] { return read_onnx_file(std::move(bytes)); });
  }
  const auto [prototxt, caffemodel] = sort_caffe_paths(paths);
  const std::string text = read_bytes(prototxt);
  std::string bytes = read_bytes(caffemodel);
  return naming(prototxt.string() + " and " + caffemodel.filename().string(),
                [&] { return read_caffe_files(text, std::move(bytes)); });
}

network read_network(const model_paths& paths) { return read_model(paths)->net(); }

}  // namespace compress
