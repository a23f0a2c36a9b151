// SPDX-License-Identifier: Apache-2.0
// Datasets and their file formats: what is read, what is refused and with which remedy.
#include <gtest/gtest.h>
#include <zlib.h>

#include <unistd.h>

#include <cstdlib>

#include "lib/data/dataset.h"
#include "lib/data/idx.h"
#include "lib/data/npy.h"
#include "lib/onnx/onnx.h"

namespace hone {
namespace {

namespace fs = std::filesystem;

class Scratch {
 public:
  Scratch() : folder_(fs::temp_directory_path() / format("hone-data-{}", ::testing::UnitTest::GetInstance()->random_seed() + getpid())) { fs::create_directories(folder_); }
  ~Scratch() { fs::remove_all(folder_); }
  Path put(const std::string& name, Bytes bytes) const {
    const Path path = folder_ / name;
    fs::create_directories(path.parent_path());
    EXPECT_TRUE(write_file(path, bytes, true));
    return path;
  }
  Path put(const std::string& name, std::string_view text) const { return put(name, as_bytes(text)); }
  const Path& folder() const { return folder_; }

 private:
  Path folder_;
};

std::vector<std::byte> npy_with(std::string_view dict, std::string_view data = "") {
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(dict.size() & 0xff);
  text += static_cast<char>(dict.size() >> 8);
  text += dict;
  text += data;
  const Bytes b = as_bytes(text);
  return {b.begin(), b.end()};
}
std::string why_not(Bytes bytes) {
  const auto t = parse_npy(bytes, nullptr);
  return t ? "accepted" : t.error().message;
}

TEST(npy, round_trip_of_every_type_and_rank) {
  for (const DType d : {DType::f32, DType::f64, DType::f16, DType::i8, DType::u8, DType::i16, DType::u16, DType::i32, DType::u32, DType::i64, DType::u64, DType::boolean})
    for (const Dims& dims : {Dims{}, Dims{3}, Dims{2, 3}, Dims{2, 0, 4}, Dims{1, 2, 3, 4}}) {
      Tensor t = Tensor::allocate(d, dims);
      for (std::size_t i = 0; i < t.bytes().size(); ++i) t.writable()[i] = static_cast<std::byte>(d == DType::boolean ? i % 2 : i * 7);
      const std::vector<std::byte> bytes = make_npy(t);
      EXPECT_EQ((bytes.size() - t.bytes().size()) % 64, 0u);
      const auto back = parse_npy(bytes, nullptr);
      ASSERT_TRUE(back) << back.error().message;
      EXPECT_TRUE(identical(t, *back));
    }
}

TEST(npy, types_that_numpy_lacks_are_widened) {
  Tensor t = Tensor::allocate(DType::bf16, {2});
  t.data<BFloat>()[1] = BFloat(1.5f);
  const auto back = parse_npy(make_npy(t), nullptr);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->dtype(), DType::f32);
  EXPECT_EQ(back->data<float>()[1], 1.5f);
}

TEST(npy, shares_aligned_bytes_with_their_owner) {
  const SharedBytes shared = share(make_npy(Tensor::vector<float>(std::vector<float>{1, 2, 3})));
  const auto t = parse_npy(shared.bytes, shared.owner);
  ASSERT_TRUE(t);
  EXPECT_EQ(t->bytes().data(), shared.bytes.data() + shared.bytes.size() - 12);
}

TEST(npy, refusals_name_the_remedy) {
  const auto expect = [](Bytes bytes, std::string_view words) { EXPECT_NE(why_not(bytes).find(words), std::string::npos) << why_not(bytes); };
  expect(npy_with("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "abcd"), "astype('<f4')");
  expect(npy_with("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "abcd"), "ascontiguousarray");
  expect(npy_with("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "abcd"), "pickled");
  expect(npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "abcd"), "holds 4 bytes");
  expect(npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "abcd"), "63 bits");
  expect(npy_with("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }", "abcd"), "declares");
  expect(npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "abcd"), "damaged");
  expect(npy_with("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "abcd"), "repeated");
  expect(npy_with("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", "\x02"), "neither 0 nor 1");
  expect(as_bytes("hello"), "not an .npy");
}

TEST(npy, every_prefix_is_refused) {
  const std::vector<std::byte> bytes = make_npy(Tensor::vector<float>(std::vector<float>{1, 2, 3}));
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(parse_npy(Bytes(bytes).first(n), nullptr)) << n;
}

TEST(npz, is_reproducible_and_reads_back) {
  const TensorMap arrays{{"b", Tensor::vector<float>(std::vector<float>{1, 2})}, {"a", Tensor::scalar<std::int64_t>(7)}};
  const auto first = make_npz(arrays), second = make_npz(arrays);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  const auto back = parse_npz(*first);
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), 2u);
  EXPECT_TRUE(identical(back->at("a"), arrays.at("a")));
  EXPECT_TRUE(identical(back->at("b"), arrays.at("b")));
}

TEST(npz, damage_and_lies_are_refused) {
  const auto good = make_npz({{"x", Tensor::vector<float>(std::vector<float>{1, 2, 3, 4})}});
  ASSERT_TRUE(good);
  for (std::size_t n = 0; n < good->size(); ++n) EXPECT_FALSE(parse_npz(Bytes(*good).first(n))) << n;
  std::vector<std::byte> bomb = *good;  // the directory claims 2 GiB for the same few bytes
  const std::size_t directory = bomb.size() - 22 - (46 + 5);
  bomb[directory + 27] = std::byte{0x7f};
  const auto result = parse_npz(bomb);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("cannot hold"), std::string::npos) << result.error().message;
  std::vector<std::byte> flipped = *good;
  flipped[flipped.size() - 22 - 51 - 1] ^= std::byte{1};  // the last data byte: its checksum no longer holds
  EXPECT_FALSE(parse_npz(flipped));
}

TEST(idx, plain_gzip_and_refusals) {
  std::string plain("\0\0\x08\x02\0\0\0\x02\0\0\0\x03" "abcdef", 18);
  const auto t = parse_idx(as_bytes(plain));
  ASSERT_TRUE(t) << t.error().message;
  EXPECT_EQ(t->dims(), (Dims{2, 3}));
  EXPECT_EQ(t->data<std::uint8_t>()[5], 'f');
  std::string packed(200, '\0');
  z_stream z{};
  ASSERT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(plain.data()), z.avail_in = 18;
  z.next_out = reinterpret_cast<Bytef*>(packed.data()), z.avail_out = 200;
  ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  packed.resize(200 - z.avail_out);
  deflateEnd(&z);
  const auto unpacked = parse_idx(as_bytes(packed));
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_TRUE(identical(*t, *unpacked));
  for (std::size_t n = 0; n < plain.size(); ++n) EXPECT_FALSE(parse_idx(as_bytes(plain).first(n)));
  for (std::size_t n = 0; n < packed.size(); ++n) EXPECT_FALSE(parse_idx(as_bytes(packed).first(n))) << n;
  plain[4] = '\x7f';  // two thousand million rows
  EXPECT_FALSE(parse_idx(as_bytes(plain)));
}

// A model with one input float32 [batch, 1, 2, 2].
Graph& small_model(Graph& g) {
  Value* x = g.input("input", DType::f32, Shape{Dim("batch"), Dim(1), Dim(2), Dim(2)});
  Node* relu = g.add("Relu", "", {x}, {g.value("y", DType::f32)});
  g.outputs.push_back(relu->outputs[0]);
  return g;
}
Tensor ramp(Dims dims) {
  Tensor t = Tensor::allocate(DType::f32, std::move(dims));
  for (std::int64_t i = 0; i < t.count(); ++i) t.data<float>()[i] = static_cast<float>(i);
  return t;
}

TEST(dataset, slices_share_bytes_and_subsets_are_seeded) {
  const Scratch scratch;
  Graph g;
  const auto npz = make_npz({{"input", ramp({10, 1, 2, 2})}, {"labels", Tensor::vector<std::int64_t>(std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})}});
  ASSERT_TRUE(npz);
  const auto d = Dataset::open(scratch.put("x.npz", *npz), small_model(g), {.offset = 2, .limit = 5});
  ASSERT_TRUE(d) << d.error().message;
  EXPECT_EQ(d->samples(), 5);
  const Tensor batch = d->batch(1, 3).at("input");
  EXPECT_EQ(batch.dims(), (Dims{2, 1, 2, 2}));
  EXPECT_EQ(batch.data<float>()[0], 12.0f);
  const Dataset a = d->subset(3, 1), b = d->subset(3, 1);
  EXPECT_EQ(a.samples(), 3);
  EXPECT_EQ(a.digest(), b.digest());
  EXPECT_NE(a.digest(), d->digest());
  const auto labels = a.labels(nullptr);
  ASSERT_TRUE(labels);
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_EQ(a.batch(i, i + 1).at("input").data<float>()[0], 4.0f * static_cast<float>(labels->data<std::int64_t>()[i]));
}

TEST(dataset, errors_name_the_remedy) {
  const Scratch scratch;
  Graph g;
  small_model(g);
  const auto open = [&](TensorMap arrays) {
    const auto npz = make_npz(arrays);
    const auto d = Dataset::open(scratch.put("x.npz", *npz), g);
    return d ? std::string("accepted") : d.error().message;
  };
  const auto expect = [](const std::string& message, std::string_view words) { EXPECT_NE(message.find(words), std::string::npos) << message; };
  expect(open({{"inputs", ramp({3, 1, 2, 2})}}), "did you mean 'inputs'");
  expect(open({{"input", ramp({3, 2, 2, 1})}}), "NHWC");
  expect(open({{"input", ramp({1, 2, 2})}}), "x[None]");
  expect(open({{"input", Tensor::allocate(DType::i32, {3, 1, 2, 2})}}), "astype('float32')");
  expect(open({{"input", Tensor::allocate(DType::u8, {3, 1, 2, 2})}}), "--mean");
  expect(open({{"input", ramp({0, 1, 2, 2})}}), "no sample");
  expect(open({}), "no array at all");
  const std::string missing = (scratch.folder() / "no.npz").string();
  const auto none = Dataset::open(missing, g);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message.rfind(missing), 0U) << none.error().message;  // the file is named once
}

TEST(dataset, inputs_without_a_common_batch_come_as_whole_batches) {
  const Scratch scratch;
  Graph g, none;
  g.input("x", DType::f32, Shape{Dim(5), Dim(1), Dim(3)});
  g.input("state", DType::f32, Shape{Dim(2), Dim(1), Dim(4)});
  g.input("scale", DType::f32, Shape(std::vector<Dim>{}));
  const auto whole = Dataset::open(scratch.put("x.npz", *make_npz({{"x", ramp({5, 1, 3})}, {"state", ramp({2, 1, 4})}, {"scale", ramp({})}})), g);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->samples(), 1);
  EXPECT_EQ(whole->batch(0, 1).at("x").dims(), (Dims{5, 1, 3}));
  EXPECT_EQ(whole->batch(0, 1).at("state").dims(), (Dims{2, 1, 4}));
  const auto wrong = Dataset::open(scratch.put("w.npz", *make_npz({{"x", ramp({4, 1, 3})}, {"state", ramp({2, 1, 4})}, {"scale", ramp({})}})), g);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("'x' wants 5x1x3"), std::string::npos) << wrong.error().message;
  const auto noise = Dataset::random(g, 3, 1);
  ASSERT_TRUE(noise) << noise.error().message;
  EXPECT_EQ(noise->samples(), 3);
  EXPECT_EQ(noise->batch(2, 3).at("state").dims(), (Dims{2, 1, 4}));
  EXPECT_NE(noise->batch(0, 1).at("scale").data<float>()[0], noise->batch(1, 2).at("scale").data<float>()[0]);
  const auto nothing = Dataset::random(none, 2, 1);  // a model of constants runs, too
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_TRUE(nothing->batch(0, 1).empty());
  Graph mixed;
  mixed.input("x", DType::f32, Shape{Dim("batch"), Dim(4)});
  mixed.input("y", DType::f32, Shape{Dim(3), Dim(4)});
  const auto filled = Dataset::random(mixed, 2, 1);
  ASSERT_TRUE(filled) << filled.error().message;
  EXPECT_EQ(filled->batch(0, 3).at("x").dims(), (Dims{3, 4}));
}

TEST(dataset, noise_of_given_shapes) {
  Graph g;
  g.input("x", DType::f32, Shape{Dim("batch"), Dim(3), Dim("side"), Dim("side")});
  g.input("mask", DType::f32, Shape{Dim("batch"), Dim("side")});
  const auto noise = Dataset::random(g, 2, 1, {{"x", {4, 3, 16, 16}}});
  ASSERT_TRUE(noise) << noise.error().message;
  EXPECT_EQ(noise->batch_size(1), 4);
  EXPECT_EQ(noise->batch(0, 4).at("x").dims(), (Dims{4, 3, 16, 16}));
  EXPECT_EQ(noise->batch(0, 4).at("mask").dims(), (Dims{4, 16}));
}

TEST(dataset, doubles_are_narrowed_and_pixels_preprocessed) {
  const Scratch scratch;
  Graph g;
  small_model(g);
  const auto doubles = Dataset::open(scratch.put("x.npy", make_npy(Tensor::of<double>({1, 1, 2, 2}, {0.5, 1, 2, 3}))), g);
  ASSERT_TRUE(doubles) << doubles.error().message;
  EXPECT_EQ(doubles->batch(0, 1).at("input").data<float>()[0], 0.5f);
  const auto pixels = Dataset::open(scratch.put("p.npy", make_npy(Tensor::of<std::uint8_t>({1, 1, 2, 2}, {0, 255, 51, 102}))), g, {.preprocess = {{0.5f}, {0.5f}}});
  ASSERT_TRUE(pixels) << pixels.error().message;
  const auto out = pixels->batch(0, 1).at("input");
  EXPECT_EQ(out.data<float>()[0], -1.0f);
  EXPECT_EQ(out.data<float>()[1], 1.0f);
}

TEST(dataset, a_fixed_batch_is_filled) {
  const Scratch scratch;
  Graph g;
  Value* x = g.input("x", DType::f32, Shape{Dim(4), Dim(2)});
  g.outputs.push_back(x);
  const auto d = Dataset::open(scratch.put("x.npy", make_npy(ramp({6, 2}))), g);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->batch_size(32), 4);
  const Tensor last = d->batch(4, 6).at("x");
  EXPECT_EQ(last.dims(), (Dims{4, 2}));
  EXPECT_EQ(last.data<float>()[6], 10.0f);  // sample 5 again
}

TEST(dataset, labels_from_csv_and_npy) {
  const Scratch scratch;
  const auto csv = read_labels(scratch.put("l.csv", "file,label\n\"a,b.png\",3\r\nc.png,4\n"));
  ASSERT_TRUE(csv) << csv.error().message;
  EXPECT_EQ(csv->to_ints(), (std::vector<std::int64_t>{3, 4}));
  const auto bad = read_labels(scratch.put("bad.csv", "file,label\na,x\n"));
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("line 2"), std::string::npos);
  EXPECT_FALSE(read_labels(scratch.put("none.csv", "file,class\na,1\n")));
}

TEST(dataset, onnx_test_data_sets_feed_by_position) {
  const Scratch scratch;
  Graph g;
  scratch.put("test_data_set_0/input_0.pb", serialize_tensor(ramp({1, 1, 2, 2}), "anything"));
  scratch.put("test_data_set_1/input_0.pb", serialize_tensor(ramp({3, 1, 2, 2}), ""));
  const auto d = Dataset::open(scratch.folder(), small_model(g));
  ASSERT_TRUE(d) << d.error().message;
  EXPECT_EQ(d->samples(), 2);
  EXPECT_EQ(d->batch_size(8), 1);
  EXPECT_EQ(d->batch(1, 2).at("input").dims()[0], 3);
}

// A 2x2 PNG, RGB: red, green / blue, white (written by hand: stored deflate blocks).
std::string tiny_png() {
  const auto be = [](std::uint32_t v) { return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8), static_cast<char>(v)}; };
  const auto chunk = [&](std::string body) {
    const auto length = static_cast<std::uint32_t>(body.size() - 4);
    return be(length) + body + be(static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))));
  };
  const std::string raw("\0\xff\0\0\0\xff\0\0\0\0\xff\xff\xff\xff", 14);
  std::string packed(64, '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + be(2) + be(2) + std::string("\x08\x02\0\0\0", 5)) + chunk("IDAT" + packed) + chunk("IEND");
}

TEST(dataset, image_folders_are_labelled_by_folder) {
  const Scratch scratch;
  scratch.put("cat/1.png", tiny_png());
  scratch.put("dog/2.png", tiny_png());
  Graph g;
  Value* x = g.input("image", DType::f32, Shape{Dim("n"), Dim(3), Dim(2), Dim(2)});
  g.outputs.push_back(x);
  const auto d = Dataset::open(scratch.folder(), g);
  ASSERT_TRUE(d) << d.error().message;
  EXPECT_EQ(d->samples(), 2);
  const Tensor image = d->batch(0, 1).at("image");
  const std::vector<float> red{1, 0, 0, 1};  // the first plane
  EXPECT_TRUE(std::ranges::equal(image.values<float>().first(4), red));
  const auto labels = d->labels(nullptr);
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->to_ints(), (std::vector<std::int64_t>{0, 1}));
  scratch.put("dog/3.png", std::string_view(tiny_png()).substr(0, 50));
  const auto broken = Dataset::open(scratch.folder(), g);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("3.png: damaged PNG"), std::string::npos) << broken.error().message;
}

TEST(dataset, fashion_mnist_from_its_debian_package) {
  const Path path = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
  if (!fs::exists(path)) GTEST_SKIP() << "needs the Debian package dataset-fashion-mnist";
  Graph g;
  Value* x = g.input("input", DType::f32, Shape{Dim("batch"), Dim(1), Dim(28), Dim(28)});
  g.outputs.push_back(x);
  const auto d = Dataset::open(path, g, {.preprocess = {{0.286f}, {0.353f}}, .limit = 100});
  ASSERT_TRUE(d) << d.error().message;
  EXPECT_EQ(d->samples(), 100);
  EXPECT_FLOAT_EQ(d->batch(0, 1).at("input").data<float>()[0], -0.286f / 0.353f);
  const Path labels = "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz";
  const auto l = d->labels(&labels);
  ASSERT_TRUE(l) << l.error().message;
  EXPECT_EQ(l->data<std::int64_t>()[0], 9);  // the first test image is an ankle boot
}

}  // namespace
}  // namespace hone
