#include "messages.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include "../model_file.hpp"

namespace compress {
namespace {

// Keeps the first complaint of the parser.
class first_error : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text.empty()) return;
    text = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " +
           message;
  }

  std::string text;
};

void refuse_old(const NetParameter& net) {
  if (net.layers_size() != 0) {
    throw model_error(
        "uses the old 'layers' (V1LayerParameter), which is not supported: upgrade it with Caffe's "
        "upgrade_net_proto_text or upgrade_net_proto_binary");
  }
}

}  // namespace

NetParameter parse_prototxt(const std::string& text) {
  first_error error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(32);
  NetParameter net;
  if (!parser.ParseFromString(text, &net)) {
    const bool old = error.text.find("V1LayerParameter") != std::string::npos;
    if (old) net.add_layers();
    refuse_old(net);
    throw model_error("is not a Caffe network: " + error.text);
  }
  refuse_old(net);
  if (net.layer_size() == 0) throw model_error("has no layers");
  return net;
}

NetParameter parse_caffemodel(const std::string& bytes) {
  NetParameter net;
  if (!net.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw model_error("is not a .caffemodel, or is cut short");
  }
  refuse_old(net);
  if (net.layer_size() == 0) throw model_error("has no layers");
  return net;
}

std::string print_prototxt(const NetParameter& net) {
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  if (!printer.PrintToString(net, &text)) throw model_error("cannot be printed");
  return text;
}

std::string print_caffemodel(const NetParameter& net) {
  std::string bytes;
  if (!net.SerializeToString(&bytes)) throw model_error("cannot be serialized");
  return bytes;
}

}  // namespace compress
