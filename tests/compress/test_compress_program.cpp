// The program lfnc-compress as its user meets it: what it writes, prints and refuses.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "caffe_model.hpp"
#include "onnx_model.hpp"

using namespace compress;
using namespace compress::test;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

struct outcome {
  int status = 0;
  std::string out, err;
};

// A folder with networks and images, and the program.
class workshop {
 public:
  workshop() {
    fs::create_directory(folder / "calibration");
    fs::create_directory(folder / "labelled");
    std::string labels;
    for (int k = 0; k < 30; ++k) {
      const std::string name = std::to_string(k) + ".ppm";
      write(folder / "calibration" / name, random_image(8));
      write(folder / "labelled" / name, random_image(8));
      labels += name + " " + std::to_string(k % 4) + "\n";
    }
    write(folder / "labelled" / "labels.txt", labels);
    write(folder / "net.onnx", onnx_network());
    const caffe_model caffe = caffe_network();
    write(folder / "net.prototxt", caffe.text);
    write(folder / "net.caffemodel", caffe.weights.SerializeAsString());
  }

  // Runs the program inside the folder.
  outcome run(const std::string& arguments) const {
    const fs::path out = folder / "stdout";
    const fs::path err = folder / "stderr";
    const std::string command = "cd '" + (folder / ".").string() + "' && '" LFNC_COMPRESS "' " +
                                arguments + " >'" + out.string() + "' 2>'" + err.string() + "'";
    const int status = std::system(command.c_str());
    const outcome result{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(out),
                         content_of(err)};
    fs::remove(out);
    fs::remove(err);
    return result;
  }

  // The program ends with an error, one line that says all of `parts`, and leaves the folder as it
  // was; otherwise what is wrong.
  std::string refusal(const std::string& arguments, const std::vector<std::string>& parts) const {
    const std::size_t before = folder.file_count();
    const outcome ended = run(arguments);
    if (ended.status <= 0 || ended.status > 2) return "status " + std::to_string(ended.status);
    if (folder.file_count() != before) return "files were left";
    if (ended.err.find("lfnc-compress: ") != 0 || ended.err.find('\n') != ended.err.size() - 1) {
      return "not one line: " + ended.err;
    }
    for (const std::string& part : parts) {
      if (ended.err.find(part) == std::string::npos) return "'" + part + "' not in: " + ended.err;
    }
    return "";
  }

  std::string random_image(int side) {
    std::string text = "P6 " + std::to_string(side) + " " + std::to_string(side) + " 255\n";
    // Coarse patches: the mean of a plane differs from image to image.
    const int patch = side / 2;
    std::vector<unsigned> colors(12);
    for (unsigned& color : colors) color = std::uniform_int_distribution(0U, 255U)(random_);
    for (int i = 0; i < side; ++i) {
      for (int j = 0; j < side; ++j) {
        for (int c = 0; c < 3; ++c) {
          const auto at = static_cast<std::size_t>((i / patch * 2 + j / patch) * 3 + c);
          text += static_cast<char>(colors[at]);
        }
      }
    }
    return text;
  }

  const temporary_folder folder;

 private:
  std::vector<float> normal(std::size_t count, float deviation = 1, float mean = 0) {
    std::normal_distribution<float> draw(mean, deviation);
    std::vector<float> values(count);
    for (float& value : values) value = draw(random_);
    return values;
  }

  // Convolution, batch norm, ReLU; the same with LeakyReLU; mean of each plane; inner product.
  std::string onnx_network() {
    onnx_model model(13, {0, 3, 8, 8});
    const auto norm = [&](const std::string& name, std::int64_t count, const std::string& from) {
      const auto size = static_cast<std::size_t>(count);
      model.constant(name + ".gamma", {count}, std::vector<float>(size, 1));
      model.constant(name + ".beta", {count}, normal(size));
      model.constant(name + ".mean", {count}, normal(size, 0.1F));
      model.constant(name + ".variance", {count}, std::vector<float>(size, 0.8F));
      model.node("BatchNormalization",
                 {from, name + ".gamma", name + ".beta", name + ".mean", name + ".variance"}, name);
    };
    model.constant("w1", {6, 3, 3, 3}, normal(6 * 27, 0.3F));
    model.node("Conv", {"x", "w1"}, "conv1").with("pads", {1, 1, 1, 1});
    norm("bn1", 6, "conv1");
    model.node("Relu", {"bn1"}, "relu1");
    model.constant("w2", {8, 6, 3, 3}, normal(8 * 54, 0.2F));
    model.node("Conv", {"relu1", "w2"}, "conv2");
    norm("bn2", 8, "conv2");
    model.node("LeakyRelu", {"bn2"}, "leaky2").with("alpha", 0.1F);
    model.node("GlobalAveragePool", {"leaky2"}, "mean");
    model.node("Flatten", {"mean"}, "flat");
    model.constant("w3", {4, 8}, normal(32));
    model.node("Gemm", {"flat", "w3"}, "scores").with("transB", 1);
    model.add_output("scores");
    return model.proto.SerializeAsString();
  }

  caffe_model caffe_network() {
    caffe_model model("name: 'model' ");
    model.input("1 3 8 8");
    model
        .layer("Convolution", "x", "conv1",
               "convolution_param { num_output: 6 kernel_size: 3 pad: 1 }")
        .blob("conv1", {6, 3, 3, 3}, normal(6 * 27, 0.3F))
        .blob("conv1", {6}, normal(6))
        .layer("BatchNorm", "conv1", "conv1", "", "bn1")
        .blob("bn1", {6}, normal(6, 0.1F))
        .blob("bn1", {6}, std::vector<float>(6, 0.8F))
        .blob("bn1", {1}, {1})
        .layer("Scale", "conv1", "conv1", "scale_param { bias_term: true }", "scale1")
        .blob("scale1", {6}, std::vector<float>(6, 1))
        .blob("scale1", {6}, normal(6))
        .layer("ReLU", "conv1", "conv1", "", "relu1")
        .layer("Pooling", "conv1", "mean", "pooling_param { pool: AVE global_pooling: true }")
        .layer("InnerProduct", "mean", "scores", "inner_product_param { num_output: 4 }")
        .blob("scores", {4, 6}, normal(24))
        .blob("scores", {4}, normal(4));
    return model;
  }

  std::mt19937 random_{5};
};

const std::string preprocessing_options = " --scale 0.0078125 --mean 1 ";
const std::string onnx_job =
    "--model net.onnx --calibration calibration --labelled labelled" + preprocessing_options;

// The two numbers on the line that begins so.
std::string accuracy_after(const std::string& text, const std::string& line) {
  const std::size_t at = text.find(line);
  if (at == std::string::npos) return "no line '" + line + "'";
  std::string numbers;
  for (const char c : text.substr(at + line.size(), text.find('\n', at) - at - line.size())) {
    if ((c >= '0' && c <= '9') || c == '.') numbers += c;
    if (c == '%') numbers += ' ';
  }
  return numbers;
}

void compress_and_reload(const workshop& at, const std::string& job, const std::string& files,
                         std::size_t file_count) {
  const std::size_t before = at.folder.file_count();
  const outcome compressed = at.run(job + " --output " + files);
  CHECK(compressed.err == "");
  REQUIRE(compressed.status == 0);
  CHECK(compressed.out.find("written: " + files + "\nsize written: ") != std::string::npos);
  CHECK(at.folder.file_count() == before + file_count);
  const outcome again = at.run("--model " + files + " --labelled labelled" + preprocessing_options);
  CHECK(again.err == "");
  REQUIRE(again.status == 0);
  const std::string expected = accuracy_after(compressed.out, "activations quantized, 30 images");
  CHECK(expected.find("100.00") != std::string::npos);  // top-5 of four classes
  CHECK(accuracy_after(again.out, "top-1") == accuracy_after(again.out, "top-1"));
  std::string printed = accuracy_after(again.out, "top-1");
  printed.erase(printed.find(" 5") + 1, 1);  // the 5 of "top-5"
  CHECK(printed == expected);
}

}  // namespace

TEST_CASE("help") {
  const workshop at;
  const outcome help = at.run("--help");
  CHECK(help.status == 0);
  CHECK(help.err == "");
  for (const char* option : {"--model",
                             "--output",
                             "--calibration",
                             "--labelled",
                             "--resize",
                             "--size",
                             "--crop",
                             "--scale",
                             "--mean",
                             "--mean-file",
                             "--std",
                             "--color",
                             "--preset",
                             "--weights",
                             "--first-last",
                             "--solver",
                             "--renormalize",
                             "--renormalize-once",
                             "--images",
                             "--no-activations",
                             "--activation-bits",
                             "--activation-images",
                             "--activation-calibration",
                             "--device",
                             "--only-result",
                             "--report",
                             "--seed",
                             "--batch",
                             "--memory"}) {
    CAPTURE(option);
    CHECK(help.out.find(option) != std::string::npos);
  }
}

TEST_CASE("a compressed ONNX network is written, loaded and as accurate as was printed") {
  compress_and_reload(workshop(), onnx_job, "out.onnx", 1);
}

TEST_CASE("a compressed Caffe network is written, loaded and as accurate as was printed") {
  compress_and_reload(workshop(),
                      "--model net.prototxt net.caffemodel --calibration calibration --labelled "
                      "labelled" +
                          preprocessing_options,
                      "out.prototxt out.caffemodel", 2);
}

TEST_CASE("the same seed gives the same file, another one another") {
  const workshop at;
  const std::string job = onnx_job + " --images 9 --output ";
  REQUIRE(at.run(job + "a.onnx").status == 0);
  REQUIRE(at.run(job + "b.onnx").status == 0);
  REQUIRE(at.run(job + "c.onnx --seed 2").status == 0);
  CHECK(content_of(at.folder / "a.onnx") == content_of(at.folder / "b.onnx"));
  CHECK(content_of(at.folder / "a.onnx") != content_of(at.folder / "c.onnx"));
}

TEST_CASE("batches and memory change nothing in the file") {
  const workshop at;
  REQUIRE(at.run(onnx_job + "--output a.onnx").status == 0);
  const std::string expected = content_of(at.folder / "a.onnx");
  for (const char* other : {"--batch 1", "--batch 7", "--batch 64", "--memory 1K"}) {
    CAPTURE(other);
    REQUIRE(at.run(onnx_job + "--output b.onnx " + other).status == 0);
    CHECK(content_of(at.folder / "b.onnx") == expected);
  }
}

TEST_CASE("re-normalizing once instead of twice is another network") {
  const workshop at;
  const std::string job = onnx_job + " --output ";
  REQUIRE(at.run(job + "a.onnx").status == 0);
  REQUIRE(at.run(job + "b.onnx --renormalize-once").status == 0);
  CHECK(content_of(at.folder / "a.onnx") != content_of(at.folder / "b.onnx"));
}

TEST_CASE("a GPU gives the same file as the CPU, or is refused where there is none") {
  const workshop at;
  const std::string job = onnx_job + " --output ";
  REQUIRE(at.run(job + "a.onnx --device cpu").status == 0);
  const outcome ended = at.run(job + "b.onnx --device cuda");
  if (ended.status == 0) {
    CHECK(content_of(at.folder / "a.onnx") == content_of(at.folder / "b.onnx"));
  } else {
    MESSAGE("skipped: lfnc-compress --device cuda: ", ended.err);
    CHECK(at.refusal(job + "c.onnx --device cuda", {"device cuda"}) == "");
  }
}

TEST_CASE("the report") {
  const workshop at;
  const outcome ended = at.run(onnx_job);
  REQUIRE(ended.status == 0);
  for (const char* part :
       {"labelled: 30 images", "calibration: 30 of 30 images", "rel. error", "conv1", "uniform-8",
        "conv2", "uniform-4", "bn1", "bn2", "0..255", "-127..127", "float ", "weights quantized ",
        "batch norm re-normalized, 30 images ", "activations quantized, 30 images ", "packed as",
        " int4\n", " int8\n", "size: "}) {
    CAPTURE(part);
    CHECK(ended.out.find(part) != std::string::npos);
  }
  REQUIRE(at.run(onnx_job + "--only-result --report report.json").status == 0);
  const std::string json = content_of(at.folder / "report.json");
  for (const char* part : {"\"conv1\"", "\"uniform-4\"", "\"bn2\""}) {
    CAPTURE(part);
    CHECK(json.find(part) != std::string::npos);
  }
  const outcome published = at.run(onnx_job + "--preset published");
  REQUIRE(published.status == 0);
  CHECK(published.out.find("published-power-of-two-4") != std::string::npos);
  CHECK(published.out.find("0..127") != std::string::npos);
  CHECK(published.out.find("-127..127") == std::string::npos);
}

TEST_CASE("an option changes the preset, whichever comes first") {
  const workshop at;
  const outcome before = at.run(onnx_job + "--weights uniform-3 --preset published");
  const outcome after = at.run(onnx_job + "--preset published --weights uniform-3");
  CHECK(before.status == 0);
  CHECK(before.out == after.out);
  CHECK(before.out.find("uniform-3") != std::string::npos);
  CHECK(before.out.find("0..127") != std::string::npos);
}

TEST_CASE("bad files are refused") {
  const workshop at;
  const std::string job = onnx_job + " --output out.onnx ";
  const std::string with = preprocessing_options + "--labelled labelled --output out.onnx ";

  CHECK(at.refusal("--model none.onnx --calibration calibration" + with, {"none.onnx"}) == "");
  CHECK(at.refusal("--model net.onnx --calibration none" + with, {"none"}) == "");
  CHECK(at.refusal("--model net.onnx --calibration calibration --labelled none", {"none"}) == "");

  fs::create_directory(at.folder / "empty");
  CHECK(at.refusal("--model net.onnx --calibration empty" + with, {"empty", "no images"}) == "");
  CHECK(at.refusal("--model net.onnx --labelled empty", {"empty/labels.txt"}) == "");

  const std::string model = content_of(at.folder / "net.onnx");
  write(at.folder / "short.onnx", model.substr(0, model.size() / 2));
  CHECK(at.refusal("--model short.onnx --calibration calibration" + with, {"short.onnx"}) == "");
  const std::string blobs = content_of(at.folder / "net.caffemodel");
  write(at.folder / "short.caffemodel", blobs.substr(0, blobs.size() / 2));
  CHECK(at.refusal("--model net.prototxt short.caffemodel --labelled labelled",
                   {"short.caffemodel"}) == "");

  write(at.folder / "calibration" / "broken.png", "no picture");
  CHECK(at.refusal(job, {"broken.png"}) == "");
  fs::remove(at.folder / "calibration" / "broken.png");
  write(at.folder / "labelled" / "labels.txt", "0.ppm 0\nmissing.ppm 1\n");
  CHECK(at.refusal(job, {"missing.ppm"}) == "");
  write(at.folder / "labelled" / "labels.txt", "0.ppm 0\n1.ppm 4\n");
  CHECK(at.refusal(job, {"1.ppm", "class 4", "4 classes"}) == "");
  write(at.folder / "labelled" / "labels.txt", "0.ppm zero\n");
  CHECK(at.refusal(job, {"labels.txt", "line 1"}) == "");
}

TEST_CASE("bad preprocessing is refused") {
  const workshop at;
  const std::string job =
      "--model net.onnx --calibration calibration --labelled labelled --output out.onnx ";
  CHECK(at.refusal(job + "--size 9", {"(3, 9, 9)", "(3, 8, 8)"}) == "");
  CHECK(at.refusal(job + "--size 9 --calibration calibration", {"--calibration"}) == "");
  CHECK(at.refusal("--model net.onnx --labelled labelled --size 9", {"9, 9)", "(3, 8, 8)"}) == "");
  CHECK(at.refusal(job + "--crop 9", {"ppm", "crop"}) == "");
  CHECK(at.refusal(job + "--size 8x", {"--size", "8x"}) == "");
  CHECK(at.refusal(job + "--color gray", {"(1, 8, 8)"}) == "");
  CHECK(at.refusal(job + "--mean 1 2", {"mean", "2 values"}) == "");
  CHECK(at.refusal(job + "--std 0", {"std"}) == "");
  CHECK(at.refusal(job + "--scale 0", {"scale"}) == "");

  write(at.folder / "text.binaryproto", "no mean image");
  CHECK(at.refusal(job + "--mean-file text.binaryproto", {"text.binaryproto"}) == "");
  write(at.folder / "empty.binaryproto", "");
  CHECK(at.refusal(job + "--mean-file empty.binaryproto", {"empty.binaryproto"}) == "");
  caffe_model mean;
  mean.blob("mean", {1, 3, 9, 9});
  write(at.folder / "large.binaryproto", mean.weights.layer(0).blobs(0).SerializeAsString());
  CHECK(at.refusal(job + "--mean-file large.binaryproto", {"9 by 9", "8 by 8"}) == "");
}

TEST_CASE("bad options are refused") {
  const workshop at;
  const std::string job = onnx_job + " --output out.onnx ";
  CHECK(at.refusal("", {"--model"}) == "");
  CHECK(at.refusal("--model net.onnx", {"--calibration or --labelled"}) == "");
  CHECK(at.refusal("--model net.onnx --labelled labelled --output out.onnx",
                   {"--calibration", "--output"}) == "");
  CHECK(at.refusal(job + "--bogus", {"--bogus"}) == "");
  CHECK(at.refusal(job + "--weights uniform-9", {"'uniform-9'", "uniform-8"}) == "");
  CHECK(at.refusal(job + "--first-last best", {"'best'"}) == "");
  CHECK(at.refusal(job + "--solver best", {"--solver", "best", "exact"}) == "");
  CHECK(at.refusal(job + "--renormalize 1", {"--renormalize", "anchored"}) == "");
  CHECK(at.refusal(job + "--preset best", {"--preset", "published"}) == "");
  CHECK(at.refusal(job + "--activation-calibration best", {"percentile"}) == "");
  CHECK(at.refusal(job + "--activation-bits 9", {"--activation-bits", "9"}) == "");
  CHECK(at.refusal(job + "--images 0", {"--images", "0"}) == "");
  CHECK(at.refusal(job + "--activation-images 0", {"--activation-images", "0"}) == "");
  CHECK(at.refusal(job + "--images 31", {"calibration", "31", "30"}) == "");
  CHECK(at.refusal(job + "--batch 0", {"--batch"}) == "");
}

TEST_CASE("places that cannot be written are refused") {
  const workshop at;
  fs::create_directory(at.folder / "folder.onnx");
  CHECK(at.refusal(onnx_job + "--output none/out.onnx", {"none/out.onnx"}) == "");
  CHECK(at.refusal(onnx_job + "--report none/report.json", {"none/report.json"}) == "");
  CHECK(at.refusal(onnx_job + "--output net.onnx/out.onnx", {"net.onnx/out.onnx"}) == "");
  CHECK(at.refusal(onnx_job + "--output folder.onnx", {"folder.onnx", "folder"}) == "");
  CHECK(at.refusal(onnx_job + "--output out.prototxt", {"one .onnx file"}) == "");
  CHECK(at.refusal(onnx_job + "--output out.prototxt out.caffemodel", {"one .onnx file"}) == "");
  CHECK(at.refusal("--model net.prototxt net.caffemodel --calibration calibration --output o.onnx",
                   {"o.onnx"}) == "");
}
