// SPDX-License-Identifier: Apache-2.0
// Models: what serves, what is on trial, and what each of them takes and gives.
#include <csignal>

#include "lib/capi/handles.h"
#include "lib/device/trial.h"

namespace hone {

Handles<OpenModel, hone_model>& models() {
  static auto& all = *new Handles<OpenModel, hone_model>;
  return all;
}

FloatModes::FloatModes() { std::fegetenv(&before_), std::fesetenv(FE_DFL_ENV); }
FloatModes::~FloatModes() { std::fesetenv(&before_); }

Result<std::shared_ptr<OpenModel>> OpenModel::start(std::shared_ptr<const LoadedModel> loaded) {
  const FloatModes modes;
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  auto session = Session::create(loaded->plan, {.threads = loaded->home->threads});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!session) return std::move(session).error();
  return std::shared_ptr<OpenModel>(new OpenModel{std::move(loaded), std::move(*session), {}, {}});
}

namespace {

LoadedModel describe_loaded(std::shared_ptr<const OpenStore> home, const Loaded& loaded, const State& state) {
  LoadedModel m;
  const Release& release = *loaded.release;
  m.home = std::move(home);
  m.plan = loaded.plan;
  for (const Value* v : m.plan.graph().inputs)
    if (!v->constant) m.inputs.push_back(v);
  m.digest = release.digest();
  m.name = release.manifest().name;
  m.version = release.manifest().version;
  m.digest_text = to_hex(m.digest);
  m.counter = release.manifest().counter;
  m.generation = state.generation;
  return m;
}

// Without a lock: a process that commits and collects garbage meanwhile takes files away. Then the state has another generation, and what
// was found is not what serves now.
Result<LoadedModel> load_active(const std::shared_ptr<const OpenStore>& home) {
  for (int attempt = 0;; ++attempt) {
    TRY(const Store store, home->open(Store::Access::read));
    auto serving = load_serving(store);
    const auto now = read_state(home->directory / "state");
    if (attempt < 5 && now && now->generation != store.state().generation) continue;
    if (!serving) return std::move(serving).error();
    LoadedModel m = describe_loaded(home, serving->loaded, store.state());
    if (const auto active = store.state().active_release(); active && *active != m.digest) {
      m.role = HONE_ROLE_FALLBACK;
      const auto manifest = store.release(*active);
      m.note = !manifest ? manifest.error().message : serving->skipped.empty() ? "the active release may not serve" : serving->skipped.front().message;
    }
    return m;
  }
}

Result<LoadedModel> load_candidate(const std::shared_ptr<const OpenStore>& home) {
  TRY(Store store, home->open(Store::Access::change));
  const TrialOptions options{.threads = home->threads, .memory = false};
  if (store.state().pending()) {
    const auto candidate = store.release(*store.state().candidate());
    if (const auto celsius = candidate ? too_hot_to_try(candidate->manifest(), options.thermal) : std::nullopt)
      return Error{Code::no, format("the device is at {:.1f} degrees already, more than the candidate's gate allows; no try was used, try again when it has cooled", *celsius)};
  }
  TRY(const Digest digest, store.begin_trial());
  const FloatModes modes;
  const Verdict verdict = examine(store, digest, options);
  if (verdict.reason != Reason::none) {
    CHECK_OK(store.fail_trial(verdict.reason));
    return Error{Code::no, format("the candidate was rolled back: {}: {}", name(verdict.reason), verdict.what)};
  }
  TRY(const Release release, store.release(digest));
  TRY(const Loaded loaded, load_from_store(store, release));
  LoadedModel m = describe_loaded(home, loaded, store.state());
  m.role = HONE_ROLE_TRIAL;
  m.trial = std::make_shared<Trial>();
  m.trial->store.emplace(std::move(store));
  return m;
}

hone_status open_model(hone_store* handle, hone_model** model, Result<LoadedModel> (*load)(const std::shared_ptr<const OpenStore>&)) {
  return boundary([&]() -> Status {
    if (!model) return usage_error("model is NULL");
    TRY(const auto home, stores().find(handle, "store"));
    TRY(LoadedModel loaded, load(home));
    TRY(auto started, OpenModel::start(std::make_shared<const LoadedModel>(std::move(loaded))));
    *model = models().add(std::move(started));
    return Ok{};
  });
}

// What the application says of a model that is on trial no more, or never was.
Status judge(const LoadedModel& m, bool healthy) {
  TRY(const State seen, read_state(m.home->directory / "state"));
  const auto passed = [&](const State& s) { return s.phase == Phase::trial && s.passed && s.candidate() == m.digest; };
  const auto gone = [&] { return Error{Code::no, format("{} {} is not what serves any more; nothing was changed", m.name, m.version)}; };
  if (!passed(seen) && seen.active_release() != m.digest) return gone();
  if (healthy) return Ok{};
  TRY(Store store, m.home->open(Store::Access::change));
  if (passed(store.state())) return store.fail_trial(Reason::reported);
  if (store.state().active_release() != m.digest) return gone();
  return store.leave_active(Reason::reported);
}

Result<hone_value_info> describe_value(const Value& v) {
  if (bits(v.dtype) == 0 || is_aggregate(v.dtype)) return invalid("'{}' is no tensor of numbers, but {}; this interface cannot carry it", v.name, name(v.dtype));
  hone_value_info info{};
  info.name = v.name.c_str();
  info.dtype = static_cast<hone_dtype>(v.dtype);
  info.rank = -1;
  std::fill_n(info.dims, HONE_MAX_RANK, -1);
  if (!v.shape.ranked) return info;
  if (v.shape.dims.size() > HONE_MAX_RANK) return invalid("'{}' has {} dimensions; this interface carries {}", v.name, v.shape.dims.size(), HONE_MAX_RANK);
  info.rank = static_cast<int>(v.shape.dims.size());
  for (std::size_t i = 0; i < v.shape.dims.size(); ++i) info.dims[i] = v.shape.dims[i].value >= 0 ? v.shape.dims[i].value : -1;
  if (const auto dims = v.shape.concrete()) info.bytes = bytes_of(v.dtype, static_cast<std::size_t>(count_of(*dims)));
  return info;
}

hone_status describe_nth(hone_model* handle, std::size_t index, hone_value_info* info, bool input) {
  return boundary([&]() -> Status {
    TRY(const auto model, models().find(handle, "model"));
    const auto& outputs = model->loaded->plan.graph().outputs;
    const std::size_t count = input ? model->loaded->inputs.size() : outputs.size();
    if (index >= count) return usage_error("{} {} does not exist; the model has {}, counted from 0", input ? "input" : "output", index, count);
    TRY(const hone_value_info made, describe_value(input ? *model->loaded->inputs[index] : *outputs[index]));
    return info_to(info, made);
  });
}

}  // namespace
}  // namespace hone

using namespace hone;

hone_status hone_active_model(hone_store* store, hone_model** model) { return open_model(store, model, load_active); }
hone_status hone_begin_trial(hone_store* store, hone_model** model) { return open_model(store, model, load_candidate); }

hone_status hone_clone_model(hone_model* handle, hone_model** clone) {
  return boundary([&]() -> Status {
    if (!clone) return usage_error("clone is NULL");
    TRY(const auto model, models().find(handle, "model"));
    TRY(auto started, OpenModel::start(model->loaded));
    *clone = models().add(std::move(started));
    return Ok{};
  });
}

void hone_close_model(hone_model* model) { models().remove(model); }

hone_status hone_get_model_info(hone_model* handle, hone_model_info* info) {
  return boundary([&]() -> Status {
    TRY(const auto model, models().find(handle, "model"));
    const LoadedModel& m = *model->loaded;
    hone_model_info made{};
    made.name = m.name.c_str();
    made.version = m.version.c_str();
    made.counter = m.counter;
    made.digest = m.digest_text.c_str();
    made.role = m.role;
    made.note = m.note.c_str();
    made.input_count = m.inputs.size();
    made.output_count = m.plan.graph().outputs.size();
    return info_to(info, made);
  });
}

hone_status hone_get_input(hone_model* model, size_t index, hone_value_info* info) { return describe_nth(model, index, info, true); }
hone_status hone_get_output(hone_model* model, size_t index, hone_value_info* info) { return describe_nth(model, index, info, false); }

hone_status hone_report_health(hone_model* handle, hone_health health) {
  return boundary([&]() -> Status {
    const int said = number_of(health);
    if (said != HONE_HEALTHY && said != HONE_UNHEALTHY) return usage_error("health is {}; HONE_HEALTHY or HONE_UNHEALTHY", said);
    const bool healthy = said == HONE_HEALTHY;
    TRY(const auto model, models().find(handle, "model"));
    if (const auto& trial = model->loaded->trial) {
      const std::lock_guard lock(trial->mutex);
      if (trial->store) {
        CHECK_OK(healthy ? trial->store->pass_trial() : trial->store->fail_trial(Reason::reported));
        trial->store.reset();
        return Ok{};
      }
    }
    return judge(*model->loaded, healthy);
  });
}

hone_status hone_reload_needed(hone_model* handle, int* needed) {
  return boundary([&]() -> Status {
    if (!needed) return usage_error("needed is NULL");
    TRY(const auto model, models().find(handle, "model"));
    const LoadedModel& m = *model->loaded;
    TRY(const State state, read_state(m.home->directory / "state"));
    const bool on_trial = m.trial && state.phase == Phase::trial && state.candidate() == m.digest;
    *needed = state.generation != m.generation && state.active_release() != m.digest && !on_trial;
    return Ok{};
  });
}
