// SPDX-License-Identifier: Apache-2.0
// bench_delta HONE TRAINED [EXTRA]: sizes and speeds of deltas beside zstd, bsdiff and xdelta3, on the shared trained models, in one run. EXTRA is a folder with
// what ../shared/scripts makes: resnet18.onnx (latency/lat_export.py) and fmnist_mobilenet_v2.onnx (train/fm_finetune.py); rows without it are named. The others get the
// .onnx files, bsdiff one of more than 20 MB only with HONE_SLOW=1; Hone's figures are of bundle and delta, manifest and signatures included. Times are CPU time, one
// thread. Bytes do not depend on the machine.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include "lib/bundle/codec_encode.h"
#include "lib/bundle/delta_writer.h"
#include "lib/bundle/writer.h"
#include "lib/onnx/onnx.h"

namespace hone {
namespace {

std::string hone_program;
Path folder, extra;
int missed = 0;

double own_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

template <class T> T must(Result<T> r, std::string_view what) {
  if (!r) {
    std::fprintf(stderr, "%s: %s\n", std::string(what).c_str(), r.error().message.c_str());
    std::exit(1);
  }
  return std::move(*r);
}

void shell(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::exit(1);
  }
}
std::uint64_t size_of(const Path& p) { return std::filesystem::file_size(p); }
std::string at(std::string_view name) { return (folder / name).string(); }

void save(const Model& model, const std::string& path) { must(write_file(path, must(serialize_onnx(model), path), true), path); }

// Every weight moved by `sigma` times the standard deviation of its tensor.
void write_moved(const std::string& from, double sigma, const std::string& to) {
  Model m = must(load_onnx(from), from);
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise;
  for (Value* v : m.graph->values()) {
    if (!v->constant || v->constant->dtype() != DType::f32 || v->constant->rank() == 0) continue;
    const auto old = v->constant->values<float>();
    double mean = 0, square = 0;
    for (const float x : old) mean += x;
    mean /= static_cast<double>(old.size());
    for (const float x : old) square += (x - mean) * (x - mean);
    const double step = sigma * std::sqrt(square / static_cast<double>(old.size()));
    Tensor moved = Tensor::allocate(DType::f32, v->constant->dims());
    for (std::size_t i = 0; i < old.size(); ++i) moved.data<float>()[i] = static_cast<float>(old[i] + step * noise(random));
    m.graph->set_constant(v, std::move(moved));
  }
  save(m, to);
}

// The float model's weights with the quantized model's scales. Returns the share of int8 weights that changed.
double write_requantized(const std::string& quantized, const std::string& floats, const std::string& to) {
  Model q = must(load_onnx(quantized), quantized), f = must(load_onnx(floats), floats);
  std::size_t changed = 0, total = 0;
  for (Node* n : q.graph->nodes()) {
    if (!n->is("DequantizeLinear") || !n->input(0)->constant) continue;
    Value* integers = n->input(0);
    const Value* value = f.graph->find(integers->name.substr(0, integers->name.rfind("_quantized")));
    if (!value || !value->constant) continue;
    const Tensor& old = *integers->constant;
    const auto weights = value->constant->to_floats(), scales = n->input(1)->constant->to_floats();
    const auto before = old.to_ints();
    std::size_t inner = 1;
    for (auto a = static_cast<std::size_t>(n->integer("axis", 1)) + 1; scales.size() > 1 && a < old.rank(); ++a) inner *= static_cast<std::size_t>(old.dims()[a]);
    Tensor fresh = Tensor::allocate(old.dtype(), old.dims());
    for (std::size_t i = 0; i < before.size(); ++i) {
      const double x = std::nearbyint(weights[i] / static_cast<double>(scales[i / inner % scales.size()]));
      if (old.dtype() == DType::i8) {
        fresh.data<std::int8_t>()[i] = static_cast<std::int8_t>(std::clamp(x, -127.0, 127.0));
        ++total;
        changed += fresh.data<std::int8_t>()[i] != before[i];
      } else {
        fresh.data<std::int32_t>()[i] = static_cast<std::int32_t>(x);
      }
    }
    q.graph->set_constant(integers, std::move(fresh));
  }
  save(q, to);
  return static_cast<double>(changed) / static_cast<double>(total);
}

std::string pack(const std::string& model, const std::string& name, int counter) {
  const std::string out = at(name + ".hone");
  shell(format("{} pack {} --key {} --name m --version {} --counter {} -o {} --force", hone_program, model, at("K.key"), counter, counter, out));
  return out;
}

struct Opened {
  std::vector<std::byte> bytes;
  std::optional<Bundle> bundle;
  std::vector<std::vector<std::byte>> files;  // plain, as a store has them
};
void open_bundle(Opened& o, const std::string& path, const Trust& trust) {
  o.bytes = must(read_file(path), path);
  o.bundle = must(Bundle::open(memory_input(path, o.bytes), trust), path);
  for (const FileEntry& f : o.bundle->manifest().files) o.files.push_back(must(o.bundle->file(f.name), path));
}

double order0_bytes(Bytes a, Bytes b) {
  std::array<double, 256> counts{};
  for (std::size_t i = 0; i < a.size(); ++i) ++counts[static_cast<std::uint8_t>(std::to_integer<int>(b[i]) - std::to_integer<int>(a[i]))];
  double bits = 0;
  for (const double c : counts)
    if (c > 0) bits -= c * std::log2(c / static_cast<double>(a.size()));
  return bits / 8;
}

struct Measured {
  double full = 0, zstd = 0, patch = 0, bsdiff = 0, xdelta = 0, bundle = 0, delta = 0, make = 0, apply = 0, order0 = 0;
};

// CPU time of the best of some rounds: the machine may have others on it.
template <class F> double best_of(int rounds, F f) {
  double best = INFINITY;
  for (int i = 0; i < rounds; ++i) {
    const double before = own_seconds();
    f();
    best = std::min(best, own_seconds() - before);
  }
  return best;
}

Measured measure(const std::string& label, const std::string& old_model, const std::string& new_model, bool bytes_differ = false) {
  Measured m;
  m.full = static_cast<double>(size_of(new_model));
  const auto size = [&](std::string_view name) { return static_cast<double>(size_of(at(name))); };
  shell(format("zstd -19 -q -f {} -o {}", new_model, at("z")));
  shell(format("zstd -19 --long=27 -q -f --patch-from={} {} -o {}", old_model, new_model, at("p")));
  shell(format("xdelta3 -9 -e -f -s {} {} {}", old_model, new_model, at("x")));
  m.zstd = size("z"), m.patch = size("p"), m.xdelta = size("x");
  const bool patient = m.full < 20e6 || std::getenv("HONE_SLOW");  // else minutes, and seventeen times the file in memory
  if (patient) {
    shell(format("bsdiff {} {} {}", old_model, new_model, at("b")));
    m.bsdiff = size("b");
  }
  const Trust trust{.keys = {must(SecretKey::parse(as_text(must(read_file(at("K.key")), "key"))), "key").public_key()}};
  Opened base, target;
  open_bundle(base, pack(old_model, "old", 1), trust);
  open_bundle(target, pack(new_model, "new", 2), trust);
  m.bundle = static_cast<double>(target.bytes.size());
  std::vector<std::byte> delta;
  m.make = best_of(m.full < 1e6 ? 20 : 3, [&] { delta = must(make_delta(*base.bundle, *target.bundle), label); });
  m.delta = static_cast<double>(delta.size());
  const auto blocks = [&](std::size_t f, std::size_t b) -> Result<std::vector<std::byte>> {
    std::uint64_t begin = 0;
    const FileEntry& file = base.bundle->manifest().files[f];
    for (std::size_t i = 0; i < b; ++i) begin += file.blocks[i].plain_length;
    const auto first = base.files[f].begin() + static_cast<std::ptrdiff_t>(begin);
    return std::vector<std::byte>(first, first + file.blocks[b].plain_length);
  };
  double written = 0;
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  const double seconds = best_of(m.full < 1e6 ? 50 : 5, [&] {
    written = 0;
    Delta d = must(Delta::open(memory_input("delta", delta), trust, base.bundle->release()), label);
    must(d.apply(blocks, {nothing, [&](const FileEntry&, std::uint64_t, Bytes plain) -> Status { return written += static_cast<double>(plain.size()), Ok{}; }, nothing}), label);
  });
  m.apply = written / seconds / 1e6;
  if (bytes_differ)
    for (std::size_t i = 0; i < target.files.size(); ++i)
      if (target.bundle->manifest().files[i].name == "model.weights") m.order0 = order0_bytes(base.files[i], target.files[i]);
  std::printf("%-44s %9.0f %6.1f%% %6.1f%% %8s %6.1f%% %6.1f%% %7.2f%% %7.3f %6.0f\n", label.c_str(), m.full, 100 * m.zstd / m.full, 100 * m.patch / m.full,
              patient ? format("{:.1f}%", 100 * m.bsdiff / m.full).c_str() : "not run", 100 * m.xdelta / m.full, 100 * m.bundle / m.full, 100 * m.delta / m.full, m.make, m.apply);
  std::fflush(stdout);
  return m;
}

struct Verdict {
  std::string what;
  double value, target;
  bool at_least = false;
};
std::vector<Verdict> verdicts;
void judge(std::string what, double value, double target, bool at_least = false) { verdicts.push_back({std::move(what), value, target, at_least}); }

// Every file of a bundle, coded again.
void judge_full(const std::string& label, const std::string& bundle, double zstd) {
  Trust trust;
  trust.integrity_only = true;
  Opened o;
  open_bundle(o, bundle, trust);
  double plain = 0;
  const double seconds = best_of(o.bytes.size() < 1e6 ? 20 : 3, [&] {
    plain = 0;
    for (std::size_t f = 0; f < o.files.size(); ++f) {
      std::size_t begin = 0;
      for (const Block& b : o.bundle->manifest().files[f].blocks) {
        encode_block(Bytes(o.files[f]).subspan(begin, b.plain_length), static_cast<int>(width_of(b.codec)));
        begin += b.plain_length;
      }
      plain += static_cast<double>(begin);
    }
  });
  judge("full float32 bundle / zstd -19, " + label, static_cast<double>(o.bytes.size()) / zstd, 0.92);
  judge("  coded at MB/s", plain / seconds / 1e6, 100, true);
}

void fine_tune(const std::string& trained, const std::string& label, const std::string& old_model, const std::string& new_model) {
  const Measured f = measure(label + " float32", old_model, new_model);
  judge("float32 delta / full zstd -19, " + label, f.delta / f.zstd, 0.74);
  judge_full(label, at("new.hone"), f.zstd);
  shell(format("{} optimize {} -o {} --force", hone_program, new_model, at("n.onnx")));
  for (const bool per_tensor : {false, true}) {
    shell(format("{} quantize {} --calib {}/data/calib_512.npz {} -o {} --force", hone_program, old_model, trained, per_tensor ? "--per-tensor" : "", at("q.onnx")));
    const double changed = write_requantized(at("q.onnx"), at("n.onnx"), at("q2.onnx"));
    const std::string name = format("{} int8 {}, {:.0f} % changed", label, per_tensor ? "per tensor" : "per channel", 100 * changed);
    const Measured q = measure(name, at("q.onnx"), at("q2.onnx"), true);
    judge("int8 delta / bsdiff, " + name, q.delta / q.bsdiff, 0.33);
    judge("  / order-0 entropy of the differences", q.delta / q.order0, 1.05);
  }
}

void moved(const std::string& model) {
  shell(format("{} optimize {} -o {} --no-verify --force", hone_program, model, at("r.onnx")));
  write_moved(at("r.onnx"), 0.001, at("r2.onnx"));
  const Measured f = measure("resnet18 + 0.001 sigma, float32", at("r.onnx"), at("r2.onnx"));
  judge("float32 delta / full zstd -19, resnet18 + 0.001 sigma", f.delta / f.zstd, 0.59);
  judge("  made in seconds (one thread)", f.make, 1);
  judge("  applied at MB/s (one core, verified)", f.apply, 300, true);
  judge_full("resnet18", at("new.hone"), f.zstd);
  for (const bool per_tensor : {false, true}) {
    shell(format("{} quantize {} --calib random --samples 4 --no-verify {} -o {} --force", hone_program, model, per_tensor ? "--per-tensor" : "", at("q.onnx")));
    write_moved(at("r.onnx"), per_tensor ? 0.0018 : 0.0011, at("r2.onnx"));
    const double changed = write_requantized(at("q.onnx"), at("r2.onnx"), at("q2.onnx"));
    const std::string name = format("resnet18 int8 {}, {:.1f} % changed", per_tensor ? "per tensor" : "per channel", 100 * changed);
    const Measured q = measure(name, at("q.onnx"), at("q2.onnx"), true);
    judge("int8 delta / bsdiff, " + name, q.delta / q.bsdiff, 0.85);
    judge("  / order-0 entropy of the differences", q.delta / q.order0, 1.05);
  }
}

int run(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: bench_delta HONE TRAINED [EXTRA]\n", stderr), 2;
  hone_program = argv[1];
  const std::string trained = argv[2];
  extra = argc > 3 ? argv[3] : "";
  std::string name = (std::filesystem::temp_directory_path() / "hone-bench-XXXXXX").string();
  folder = ::mkdtemp(name.data());
  shell(format("{} keygen -o {}", hone_program, at("K")));
  std::printf("sizes in %% of the new .onnx file; made: s of one thread; applied: MB/s of one core\n%-44s %9s %7s %7s %8s %7s %7s %8s %7s %6s\n", "pair", "bytes", "zstd19", "patch", "bsdiff",
              "xdelta3", "bundle", "delta", "made", "apply");
  const auto model = [&](std::string_view n) { return format("{}/{}/model.onnx", trained, n); };
  fine_tune(trained, "resnet8 -> v2", model("fmnist_resnet8"), model("fmnist_resnet8_v2"));
  const Measured last = measure("resnet8 -> v3 (last layer)", model("fmnist_resnet8"), model("fmnist_resnet8_v3"));
  judge("last layer only, % of full", 100 * last.delta / last.full, 0.9);
  if (std::filesystem::exists(extra / "fmnist_mobilenet_v2.onnx")) fine_tune(trained, "mobilenet -> v2", model("fmnist_mobilenet"), (extra / "fmnist_mobilenet_v2.onnx").string());
  else std::puts("not measured: fmnist_mobilenet_v2.onnx");
  if (std::filesystem::exists(extra / "resnet18.onnx")) moved((extra / "resnet18.onnx").string());
  else std::puts("not measured: resnet18.onnx");
  std::printf("\n%-72s %9s %9s\n", "target", "measured", "wanted");
  for (const Verdict& v : verdicts) {
    const bool met = v.at_least ? v.value >= v.target : v.value <= v.target;
    missed += !met;
    std::printf("%-72s %9.3f %s %6.2f  %s\n", v.what.c_str(), v.value, v.at_least ? ">=" : "<=", v.target, met ? "met" : "MISSED");
  }
  std::filesystem::remove_all(folder);
  return missed > 0;
}

}  // namespace
}  // namespace hone

int main(int argc, char** argv) { return hone::run(argc, argv); }
