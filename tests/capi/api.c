/* SPDX-License-Identifier: Apache-2.0
 * Every function of hone.h, and every way to be refused: test_capi FOLDER, in which api.sh has put bundles, keys and golden vectors.
 * Steps that are hone-target's business are done by hone-target. */
#include <fenv.h>
#include <hone.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define CHECK(condition) \
  do { \
    if (!(condition)) fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #condition, hone_last_error()), exit(1); \
  } while (0)
/* The status, and a part of what hone_last_error says, which speaks of this interface and not of a program's options. */
#define REFUSED(call, status, part) \
  do { \
    const hone_status got = (call); \
    if (got != (status) || !strstr(hone_last_error(), part) || strstr(hone_last_error(), " --")) \
      fprintf(stderr, "%s:%d: %s gave %d, '%s'; wanted %d, '%s'\n", __FILE__, __LINE__, #call, (int)got, hone_last_error(), (int)(status), part), exit(1); \
  } while (0)

static int shell(const char* format, ...) {
  char command[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(command, sizeof command, format, arguments);
  va_end(arguments);
  strcat(command, " >>said 2>&1");
  const int status = system(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static hone_store* open_store(const char* directory) {
  hone_store* store = NULL;
  CHECK(hone_open_store(directory, NULL, &store) == HONE_OK);
  return store;
}
static hone_model* active(hone_store* store) {
  hone_model* model = NULL;
  CHECK(hone_active_model(store, &model) == HONE_OK);
  return model;
}
static hone_model_info info_of(hone_model* model) {
  hone_model_info info = {.size = sizeof info};
  CHECK(hone_get_model_info(model, &info) == HONE_OK);
  return info;
}
static hone_store_info state_of(hone_store* store) {
  hone_store_info info = {.size = sizeof info};
  CHECK(hone_get_store_info(store, &info) == HONE_OK);
  return info;
}
/* The version that the store serves to one who asks now. */
static int serves(hone_store* store, const char* version) {
  hone_model* model = active(store);
  const int same = strcmp(info_of(model).version, version) == 0;
  hone_close_model(model);
  return same;
}

/* The n last bytes of a file: an .npy file's elements. */
static void* elements(const char* path, size_t n) {
  void* bytes = malloc(n);
  FILE* file = fopen(path, "rb");
  CHECK(file && bytes && fseek(file, -(long)n, SEEK_END) == 0 && fread(bytes, 1, n, file) == n);
  fclose(file);
  return bytes;
}

enum { pixels = 28 * 28, classes = 10 };
static float *image, *expected;
static hone_tensor image_tensor(void) {
  hone_tensor t = {HONE_FLOAT32, 4, {1, 1, 28, 28}, NULL, pixels * sizeof(float)};
  t.data = image;
  return t;
}
static int as_expected(hone_model* model) {
  const hone_tensor in = image_tensor();
  hone_output out = {0};
  return hone_run(model, &in, 1, &out, 1) == HONE_OK && out.tensor.bytes == classes * sizeof(float) && memcmp(out.tensor.data, expected, out.tensor.bytes) == 0;
}

static void test_versions(void) {
  CHECK(strcmp(hone_last_error(), "") == 0);
  CHECK(strcmp(hone_version(), HONE_EXPECTED_VERSION) == 0);
  CHECK(hone_api_version() == HONE_API_VERSION);
}

static void test_stores(void) {
  hone_store* store = NULL;
  REFUSED(hone_open_store(NULL, NULL, &store), HONE_USAGE, "directory is NULL");
  REFUSED(hone_open_store("store", NULL, NULL), HONE_USAGE, "store is NULL");
  REFUSED(hone_open_store("nowhere", NULL, &store), HONE_IO, "there is no store here");
  REFUSED(hone_open_store("empty", NULL, &store), HONE_UNTRUSTED, "no key to trust");
  REFUSED(hone_open_store("said", NULL, &store), HONE_IO, "there is no store here");
  hone_store_options options = {0};
  REFUSED(hone_open_store("store", &options, &store), HONE_USAGE, "size must be");
  options.size = sizeof options;
  options.threads = -1;
  REFUSED(hone_open_store("store", &options, &store), HONE_USAGE, "threads");
  options.threads = 1;
  options.public_key_count = 1;
  REFUSED(hone_open_store("store", &options, &store), HONE_USAGE, "public_keys is NULL");
  const char* keys[] = {NULL, "stranger.pub"};
  options.public_keys = keys;
  options.public_key_count = 0;
  REFUSED(hone_open_store("store", &options, &store), HONE_USAGE, "public_key_count is 0");
  options.public_key_count = 1;
  REFUSED(hone_open_store("store", &options, &store), HONE_USAGE, "public_keys[0] is NULL");
  keys[0] = "missing.pub";
  REFUSED(hone_open_store("store", &options, &store), HONE_UNTRUSTED, "missing.pub");
  keys[0] = "K.pub";
  options.threshold = 2;
  REFUSED(hone_open_store("store", &options, &store), HONE_USAGE, "can never be reached");
  CHECK(store == NULL);
  options.threshold = 0;
  REFUSED(hone_open_store("keyring", &options, &store), HONE_UNTRUSTED, "leave hone_store_options.public_keys NULL");
  CHECK(hone_open_store("store", &options, &store) == HONE_OK);
  hone_close_store(store);
  store = open_store("keyring");
  CHECK(serves(store, "1.0"));
  hone_close_store(store);
  options.public_keys = keys + 1;
  REFUSED(hone_open_store("store", &options, &store), HONE_UNTRUSTED, "has trusted other keys");
  struct { hone_store_options options; int more; } newer = {{.size = sizeof newer, .threads = 1}, 0};
  CHECK(hone_open_store("store", &newer.options, &store) == HONE_OK);
  hone_close_store(store);
  newer.more = 1;
  REFUSED(hone_open_store("store", &newer.options, &store), HONE_USAGE, "does not have yet");
}

static void test_handles(void) {
  hone_store* store = open_store("store");
  hone_model* model = active(store);
  hone_store_info about = {.size = sizeof about};
  hone_model_info model_about = {.size = sizeof model_about};
  hone_value_info value = {.size = sizeof value};
  hone_model* other = NULL;
  int needed = 0;
  hone_model* strangers[] = {NULL, (hone_model*)store, (hone_model*)&needed};
  for (int i = 0; i < 3; ++i) {
    hone_model* bad = strangers[i];
    const char* why = bad ? "model is no open handle" : "model is NULL";
    REFUSED(hone_get_model_info(bad, &model_about), HONE_USAGE, why);
    REFUSED(hone_get_input(bad, 0, &value), HONE_USAGE, why);
    REFUSED(hone_get_output(bad, 0, &value), HONE_USAGE, why);
    REFUSED(hone_run(bad, NULL, 0, NULL, 0), HONE_USAGE, why);
    REFUSED(hone_clone_model(bad, &other), HONE_USAGE, why);
    REFUSED(hone_report_health(bad, HONE_HEALTHY), HONE_USAGE, why);
    REFUSED(hone_reload_needed(bad, &needed), HONE_USAGE, why);
    hone_close_model(bad);
  }
  hone_store* no_stores[] = {NULL, (hone_store*)model};
  for (int i = 0; i < 2; ++i) {
    hone_store* bad = no_stores[i];
    const char* why = bad ? "store is no open handle" : "store is NULL";
    REFUSED(hone_get_store_info(bad, &about), HONE_USAGE, why);
    REFUSED(hone_active_model(bad, &other), HONE_USAGE, why);
    REFUSED(hone_begin_trial(bad, &other), HONE_USAGE, why);
    REFUSED(hone_commit(bad), HONE_USAGE, why);
    REFUSED(hone_rollback(bad), HONE_USAGE, why);
    hone_close_store(bad);
  }
  REFUSED(hone_get_store_info(store, NULL), HONE_USAGE, "info is NULL");
  REFUSED(hone_active_model(store, NULL), HONE_USAGE, "model is NULL");
  REFUSED(hone_begin_trial(store, NULL), HONE_USAGE, "model is NULL");
  REFUSED(hone_get_model_info(model, NULL), HONE_USAGE, "info is NULL");
  REFUSED(hone_get_input(model, 0, NULL), HONE_USAGE, "info is NULL");
  REFUSED(hone_clone_model(model, NULL), HONE_USAGE, "clone is NULL");
  REFUSED(hone_reload_needed(model, NULL), HONE_USAGE, "needed is NULL");
  REFUSED(hone_report_health(model, (hone_health)7), HONE_USAGE, "health is 7");
  REFUSED(hone_get_input(model, 1, &value), HONE_USAGE, "input 1 does not exist");
  REFUSED(hone_get_output(model, (size_t)-1, &value), HONE_USAGE, "does not exist");
  value.size = 0;
  REFUSED(hone_get_output(model, 0, &value), HONE_USAGE, "size must be");
  CHECK(hone_clone_model(model, &other) == HONE_OK);
  hone_close_store(store);  /* models of it stay open */
  REFUSED(hone_active_model(store, &other), HONE_USAGE, "store is no open handle");
  hone_close_store(store);
  hone_close_model(model);
  REFUSED(hone_get_model_info(model, &model_about), HONE_USAGE, "model is no open handle");
  hone_close_model(model);
  CHECK(as_expected(other));
  hone_close_model(other);
}

static void test_what_it_is(void) {
  hone_store* store = open_store("store");
  hone_model* model = active(store);
  const hone_model_info info = info_of(model);
  CHECK(strcmp(info.name, "fm") == 0 && strcmp(info.version, "1.0") == 0 && info.counter == 1);
  CHECK(strlen(info.digest) == 64 && info.role == HONE_ROLE_ACTIVE && strcmp(info.note, "") == 0);
  CHECK(info.input_count == 1 && info.output_count == 1);
  hone_value_info value = {.size = sizeof value};
  CHECK(hone_get_input(model, 0, &value) == HONE_OK);
  CHECK(strcmp(value.name, "input") == 0 && value.dtype == HONE_FLOAT32 && value.rank == 4 && value.bytes == 0);
  CHECK(value.dims[0] == -1 && value.dims[1] == 1 && value.dims[2] == 28 && value.dims[3] == 28);
  CHECK(hone_get_output(model, 0, &value) == HONE_OK);
  CHECK(strcmp(value.name, "output") == 0 && value.rank == 2 && value.dims[0] == -1 && value.dims[1] == classes);
  const hone_store_info state = state_of(store);
  CHECK(state.phase != HONE_STAGED && state.phase != HONE_TRIAL && state.reason == 0 && strcmp(state.reason_text, "none") == 0 && state.generation > 0);
  int needed = 7;
  CHECK(hone_reload_needed(model, &needed) == HONE_OK && needed == 0);
  CHECK(hone_report_health(model, HONE_HEALTHY) == HONE_OK && state_of(store).generation == state.generation);
  struct { size_t size; const char* name; } older = {sizeof older, NULL};  /* an info of fewer members */
  CHECK(hone_get_model_info(model, (hone_model_info*)(void*)&older) == HONE_OK && strcmp(older.name, "fm") == 0 && older.size == sizeof older);
  hone_close_model(model);
  hone_close_store(store);
}

static void test_refused_runs(hone_model* model) {
  const hone_tensor good = image_tensor();
  hone_output out = {0};
  hone_tensor bad = good;
  REFUSED(hone_run(model, &good, 0, &out, 1), HONE_USAGE, "0 inputs were given, the model has 1");
  REFUSED(hone_run(model, &good, 2, &out, 1), HONE_USAGE, "2 inputs were given");
  REFUSED(hone_run(model, NULL, 1, &out, 1), HONE_USAGE, "inputs is NULL");
  REFUSED(hone_run(model, &good, 1, &out, 0), HONE_USAGE, "0 outputs were given");
  REFUSED(hone_run(model, &good, 1, NULL, 1), HONE_USAGE, "outputs is NULL");
  bad.dtype = HONE_UINT8;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "input 0, 'input': its dtype is 2");
  bad.dtype = (hone_dtype)99;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "its dtype is 99, the model wants 1 (float)");
  bad = good, bad.data = NULL;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "data is NULL");
  bad = good, --bad.bytes;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "needs 3136 bytes, it has 3135");
  bad = good, bad.rank = HONE_MAX_RANK + 1;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "its rank is 9");
  bad = good, bad.rank = -1;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "its rank is -1");
  bad = good, bad.dims[3] = -28;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "dims[3] is -28");
  bad = good, bad.dims[1] = INT64_MAX / 2, bad.dims[2] = 4;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "dims[");
  bad = good, bad.dims[1] = 28, bad.dims[3] = 1;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "input 'input'");
  bad = good, bad.rank = 3;
  REFUSED(hone_run(model, &bad, 1, &out, 1), HONE_USAGE, "it has 3136");
  float few[classes - 1];
  out.buffer = few, out.capacity = sizeof few;
  REFUSED(hone_run(model, &good, 1, &out, 1), HONE_USAGE, "needs 40 bytes, the buffer has 36");
  CHECK(as_expected(model));
}

static void test_runs(void) {
  hone_store* store = open_store("store");
  hone_model* model = active(store);
  CHECK(as_expected(model) && as_expected(model));
  test_refused_runs(model);
  const hone_tensor in = image_tensor();
  float scores[classes];
  hone_output out = {.buffer = scores, .capacity = sizeof scores};
  CHECK(hone_run(model, &in, 1, &out, 1) == HONE_OK);
  CHECK(out.tensor.data == scores && out.tensor.bytes == sizeof scores && memcmp(scores, expected, sizeof scores) == 0);
  CHECK(out.tensor.dtype == HONE_FLOAT32 && out.tensor.rank == 2 && out.tensor.dims[0] == 1 && out.tensor.dims[1] == classes);
  char* shifted = malloc(in.bytes + 1);  /* not aligned to a float */
  memcpy(shifted + 1, image, in.bytes);
  hone_tensor odd = in;
  odd.data = shifted + 1;
  memset(scores, 0, sizeof scores);
  CHECK(hone_run(model, &odd, 1, &out, 1) == HONE_OK && memcmp(scores, expected, sizeof scores) == 0);
  free(shifted);
  fesetround(FE_UPWARD);  /* the application's modes change nothing, and stay */
  CHECK(as_expected(model));
  hone_model* upward = NULL;
  CHECK(hone_clone_model(model, &upward) == HONE_OK && as_expected(upward));
  CHECK(fegetround() == FE_UPWARD);
  fesetround(FE_TONEAREST);
  hone_close_model(upward);
  float* two = malloc(2 * in.bytes);  /* another batch */
  memcpy(two, image, in.bytes), memcpy(two + pixels, image, in.bytes);
  const hone_tensor both = {HONE_FLOAT32, 4, {2, 1, 28, 28}, two, 2 * in.bytes};
  hone_output more = {0};
  CHECK(hone_run(model, &both, 1, &more, 1) == HONE_OK && more.tensor.dims[0] == 2 && more.tensor.bytes == 2 * sizeof scores);
  CHECK(memcmp(more.tensor.data, expected, sizeof scores) == 0 && memcmp((const float*)more.tensor.data + classes, expected, sizeof scores) == 0);
  free(two);
  const hone_tensor none = {HONE_FLOAT32, 4, {0, 1, 28, 28}, NULL, 0};
  CHECK(hone_run(model, &none, 1, &more, 1) == HONE_OK && more.tensor.dims[0] == 0 && more.tensor.bytes == 0);
  hone_close_model(model);
  hone_close_store(store);
}

/* (float[N,2] a, int64[1] n) => (float[N,2] sum, float[M] grown): several inputs and outputs, a shape that only a run knows, and state. */
static void test_shapes(void) {
  hone_store* store = open_store("shapes");
  hone_model* model = active(store);
  CHECK(info_of(model).input_count == 2 && info_of(model).output_count == 2);
  hone_value_info value = {.size = sizeof value};
  CHECK(hone_get_input(model, 1, &value) == HONE_OK && value.dtype == HONE_INT64 && value.rank == 1 && value.dims[0] == 1 && value.bytes == 8);
  float start[2] = {1, 2};
  int64_t n = 3;
  hone_tensor in[2] = {{HONE_FLOAT32, 2, {1, 2}, start, sizeof start}, {HONE_INT64, 1, {1}, &n, sizeof n}};
  hone_output out[2] = {{0}, {0}};
  CHECK(hone_run(model, in, 2, out, 2) == HONE_OK);
  CHECK(out[1].tensor.rank == 1 && out[1].tensor.dims[0] == 3);
  in[0] = out[0].tensor;  /* the sum of this run goes into the next */
  for (int i = 0; i < 3; ++i) {
    CHECK(hone_run(model, in, 2, out, 2) == HONE_OK);
    in[0] = out[0].tensor;
  }
  CHECK(((const float*)out[0].tensor.data)[0] == 5 && ((const float*)out[0].tensor.data)[1] == 6);
  float small[2];
  out[1].buffer = small, out[1].capacity = sizeof small;
  in[0].data = start;
  REFUSED(hone_run(model, in, 2, out, 2), HONE_USAGE, "output 1, 'grown': needs 12 bytes, the buffer has 8");
  n = 2;
  CHECK(hone_run(model, in, 2, out, 2) == HONE_OK && out[1].tensor.data == small && out[1].tensor.dims[0] == 2);
  n = -1;
  CHECK(hone_run(model, in, 2, out, 2) == HONE_INVALID && strlen(hone_last_error()) > 0);
  n = 1;
  CHECK(hone_run(model, in, 2, out, 2) == HONE_OK);
  hone_close_model(model);
  hone_close_store(store);
}

/* Everything at once, with handles of its own and with others' that are closed meanwhile. */
static hone_model* everyones = NULL;
static void* everything(void* directory) {
  for (int i = 0; i < 3; ++i) {
    hone_store* store = NULL;
    hone_model *model = NULL, *clone = NULL;
    hone_store_info state = {.size = sizeof state};
    hone_model_info about = {.size = sizeof about};
    hone_value_info value = {.size = sizeof value};
    hone_output out = {0};
    const hone_tensor in = image_tensor();
    int needed = 7;
    if (hone_open_store(directory, NULL, &store) != HONE_OK || hone_active_model(store, &model) != HONE_OK) return "open";
    if (hone_get_store_info(store, &state) != HONE_OK || hone_get_model_info(model, &about) != HONE_OK) return "info";
    if (hone_get_input(model, 0, &value) != HONE_OK || hone_get_output(model, 0, &value) != HONE_OK) return "values";
    if (hone_clone_model(model, &clone) != HONE_OK || hone_reload_needed(model, &needed) != HONE_OK || needed) return "clone";
    hone_close_store(store);
    hone_close_model(model);
    if (!as_expected(clone) || hone_report_health(clone, HONE_HEALTHY) != HONE_OK) return "run";
    hone_close_model(clone);
    const hone_status run = hone_run(everyones, &in, 1, &out, 1), copy = hone_clone_model(everyones, &clone);
    if (run != HONE_OK && (run != HONE_USAGE || !strstr(hone_last_error(), "no open handle"))) return "a run of what is closed meanwhile";
    if (copy != HONE_OK && copy != HONE_USAGE) return "a clone of what is closed meanwhile";
    if (copy == HONE_OK) hone_close_model(clone);
    if (i == 1) hone_close_model(everyones);  /* several do */
  }
  return NULL;
}

static void test_everything_at_once(void) {
  hone_store* store = open_store("store");
  everyones = active(store);
  hone_close_store(store);
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) CHECK(pthread_create(&threads[i], NULL, everything, "store") == 0);
  for (int i = 0; i < 4; ++i) {
    void* failed = NULL;
    CHECK(pthread_join(threads[i], &failed) == 0);
    if (failed) fprintf(stderr, "%s\n", (const char*)failed);
    CHECK(!failed);
  }
  hone_output out = {0};
  REFUSED(hone_run(everyones, NULL, 0, &out, 1), HONE_USAGE, "model is no open handle");
}

/* Of two who begin the trial of one candidate, one gets it. Of two who judge it, both may. */
static hone_model* candidate = NULL;
static void* try_it(void* store) {
  hone_model* model = NULL;
  const hone_status status = hone_begin_trial(store, &model);
  if (status == HONE_OK) candidate = model;
  return status == HONE_OK ? "mine" : status == HONE_IO && strstr(hone_last_error(), "another command") ? NULL : "failed";
}
static void* judge_it(void* model) { return hone_report_health(model, HONE_HEALTHY) == HONE_OK ? NULL : "failed"; }

static void test_trials_at_once(hone_store* store) {
  pthread_t threads[2];
  void* said[2] = {NULL, NULL};
  for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, try_it, store) == 0);
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], &said[i]) == 0);
  CHECK(candidate && !said[0] != !said[1] && strcmp(said[0] ? said[0] : said[1], "mine") == 0);
  CHECK(state_of(store).phase == HONE_TRIAL && state_of(store).tries_left == 2);
  for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, judge_it, candidate) == 0);
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], &said[i]) == 0 && !said[i]);
  CHECK(state_of(store).passed);
  hone_close_model(candidate);
}

static void* many_runs(void* model) {
  float scores[classes];
  for (int i = 0; i < 20; ++i) {
    const hone_tensor in = image_tensor();
    hone_output out = {.buffer = scores, .capacity = sizeof scores};
    if (hone_run(model, &in, 1, &out, 1) != HONE_OK || memcmp(scores, expected, sizeof scores) != 0) return "differs";
  }
  return hone_run(NULL, NULL, 0, NULL, 0) == HONE_USAGE ? NULL : "no error";
}

static void test_threads(void) {
  hone_store* store = open_store("store");
  hone_model* shared = active(store);
  hone_model* own = NULL;
  CHECK(hone_clone_model(shared, &own) == HONE_OK);
  CHECK(hone_run(shared, NULL, 7, NULL, 0) == HONE_USAGE);
  const char* mine = hone_last_error();
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) CHECK(pthread_create(&threads[i], NULL, many_runs, i < 3 ? shared : own) == 0);
  for (int i = 0; i < 4; ++i) {
    void* failed = NULL;
    CHECK(pthread_join(threads[i], &failed) == 0 && !failed);
  }
  CHECK(strstr(mine, "7 inputs were given"));  /* another thread's errors are its own */
  pthread_t last;
  CHECK(pthread_create(&last, NULL, many_runs, own) == 0);
  hone_close_model(shared);  /* while a clone runs */
  void* failed = NULL;
  CHECK(pthread_join(last, &failed) == 0 && !failed);
  hone_close_model(own);
  hone_close_store(store);
}

/* 1.0 is active; 1.1 is tried by the application, abandoned, tried again, found well, committed. */
static void test_a_good_release(void) {
  hone_store* store = open_store("store");
  hone_model *old = active(store), *trial = NULL, *other = NULL;
  int needed = 7;
  REFUSED(hone_begin_trial(store, &trial), HONE_NO, "nothing is staged");
  REFUSED(hone_commit(store), HONE_NO, "nothing is staged");
  CHECK(shell("hone-target install b.hone --store store") == 0);
  CHECK(state_of(store).phase == HONE_STAGED && state_of(store).tries_left == 3 && !state_of(store).passed);
  REFUSED(hone_commit(store), HONE_NO, "has not passed a trial");
  CHECK(hone_begin_trial(store, &trial) == HONE_OK);
  CHECK(info_of(trial).role == HONE_ROLE_TRIAL && strcmp(info_of(trial).version, "1.1") == 0);
  CHECK(state_of(store).phase == HONE_TRIAL && state_of(store).tries_left == 2);
  CHECK(serves(store, "1.0"));
  CHECK(!as_expected(trial));  /* it runs, and is another model */
  REFUSED(hone_begin_trial(store, &other), HONE_IO, "another command");  /* the trial holds the lock */
  CHECK(shell("hone-target rollback --store store") == 5);
  hone_close_model(trial);  /* without a word: the try is used up */
  CHECK(hone_begin_trial(store, &trial) == HONE_OK && state_of(store).tries_left == 1);
  CHECK(hone_reload_needed(trial, &needed) == HONE_OK && !needed);
  CHECK(hone_clone_model(trial, &other) == HONE_OK);
  hone_close_model(trial);  /* a clone goes on with the trial */
  CHECK(hone_report_health(other, HONE_HEALTHY) == HONE_OK && state_of(store).passed);
  CHECK(hone_report_health(other, HONE_HEALTHY) == HONE_OK);
  CHECK(hone_report_health(old, HONE_HEALTHY) == HONE_OK);
  REFUSED(hone_report_health(old, HONE_UNHEALTHY), HONE_NO, "a candidate waits");
  CHECK(hone_reload_needed(old, &needed) == HONE_OK && !needed);
  CHECK(serves(store, "1.0"));
  CHECK(hone_commit(store) == HONE_OK && serves(store, "1.1"));
  CHECK(hone_reload_needed(old, &needed) == HONE_OK && needed);
  CHECK(hone_reload_needed(other, &needed) == HONE_OK && !needed);
  CHECK(hone_report_health(other, HONE_HEALTHY) == HONE_OK);
  REFUSED(hone_report_health(old, HONE_UNHEALTHY), HONE_NO, "fm 1.0 is not what serves any more");
  CHECK(as_expected(old));  /* what was loaded runs on */
  hone_close_model(other);
  hone_close_model(old);
  hone_close_store(store);
}

/* 1.2 fails the application's judgement on its last try, 1.3 its own gate; 1.4 passes, and is found bad before its commit; 1.5 is dropped. */
static void test_bad_releases(void) {
  hone_store* store = open_store("store");
  hone_model* trial = NULL;
  CHECK(shell("hone-target install c.hone --store store --tries 1") == 0);
  CHECK(hone_begin_trial(store, &trial) == HONE_OK && state_of(store).tries_left == 0);
  CHECK(hone_report_health(trial, HONE_UNHEALTHY) == HONE_OK);
  CHECK(strstr(state_of(store).reason_text, "application") && serves(store, "1.1"));
  REFUSED(hone_report_health(trial, HONE_HEALTHY), HONE_NO, "is not what serves any more");
  hone_close_model(trial);
  CHECK(shell("hone-target install c.hone --store store") == 1);  /* it is not tried again */

  trial = NULL;
  CHECK(shell("hone-target install slow.hone --store store") == 0);
  REFUSED(hone_begin_trial(store, &trial), HONE_NO, "too slow");
  CHECK(trial == NULL && strcmp(state_of(store).reason_text, "too slow") == 0 && serves(store, "1.1"));

  CHECK(shell("hone-target install d.hone --store store") == 0);
  CHECK(hone_begin_trial(store, &trial) == HONE_OK && hone_report_health(trial, HONE_HEALTHY) == HONE_OK);
  CHECK(hone_report_health(trial, HONE_UNHEALTHY) == HONE_OK && serves(store, "1.1"));
  REFUSED(hone_commit(store), HONE_NO, "");
  hone_close_model(trial);

  CHECK(shell("hone-target install e.hone --store store --tries 1") == 0);
  CHECK(hone_begin_trial(store, &trial) == HONE_OK);
  hone_close_model(trial);  /* the last try, without a verdict */
  REFUSED(hone_begin_trial(store, &trial), HONE_NO, "");
  CHECK(strcmp(state_of(store).reason_text, "no tries left") == 0 && serves(store, "1.1"));
  CHECK(shell("hone-target install f.hone --store store") == 0);
  REFUSED(hone_commit(store), HONE_NO, "has not passed a trial; hone_begin_trial and a healthy hone_report_health come first");
  test_trials_at_once(store);
  CHECK(hone_rollback(store) == HONE_OK && state_of(store).phase != HONE_STAGED && serves(store, "1.1"));
  hone_close_store(store);
}

/* The active 1.1 turns out bad: 1.0, which is the factory model too, serves; from there, there is no way back. */
static void test_a_bad_active_release(void) {
  hone_store* store = open_store("store");
  hone_model* model = active(store);
  int needed = 0;
  CHECK(hone_report_health(model, HONE_UNHEALTHY) == HONE_OK && serves(store, "1.0"));
  CHECK(strstr(state_of(store).reason_text, "application"));
  CHECK(hone_reload_needed(model, &needed) == HONE_OK && needed);
  REFUSED(hone_report_health(model, HONE_UNHEALTHY), HONE_NO, "is not what serves any more");
  hone_close_model(model);
  model = active(store);
  CHECK(as_expected(model));
  REFUSED(hone_report_health(model, HONE_UNHEALTHY), HONE_NO, "there is no release to go back to");
  CHECK(serves(store, "1.0"));
  hone_close_model(model);
  hone_close_store(store);
}

/* In this store the weights of the active 1.1 are damaged; then, those of 1.0 too. */
static void test_damage(void) {
  hone_store* store = open_store("damaged");
  hone_model* model = active(store);
  int needed = 7;
  CHECK(info_of(model).role == HONE_ROLE_FALLBACK && strcmp(info_of(model).version, "1.0") == 0);
  CHECK(strstr(info_of(model).note, "damaged") && as_expected(model));
  CHECK(hone_reload_needed(model, &needed) == HONE_OK && !needed);
  REFUSED(hone_report_health(model, HONE_UNHEALTHY), HONE_NO, "is not what serves");
  CHECK(shell("for f in damaged/objects/*; do printf x | dd of=$f bs=1 seek=100 conv=notrunc; done") == 0);
  CHECK(as_expected(model));  /* it was loaded before */
  hone_model* none = NULL;
  REFUSED(hone_active_model(store, &none), HONE_UNTRUSTED, "damaged");
  hone_close_model(model);
  CHECK(shell("rm damaged/state && mkdir damaged/state") == 0);
  hone_store_info info = {.size = sizeof info};
  CHECK(hone_get_store_info(store, &info) == HONE_IO);
  hone_close_store(store);
}

static int changing = 1;
static pthread_mutex_t changing_lock = PTHREAD_MUTEX_INITIALIZER;
static int is_changing(void) {
  pthread_mutex_lock(&changing_lock);
  const int now = changing;
  pthread_mutex_unlock(&changing_lock);
  return now;
}
static void* load_again_and_again(void* store) {
  static char failed[512];
  for (int loads = 0; is_changing() || loads == 0; ++loads) {
    hone_model* model = NULL;
    if (hone_active_model(store, &model) != HONE_OK) return strncpy(failed, hone_last_error(), sizeof failed - 1);
    if (info_of(model).role != HONE_ROLE_ACTIVE) return strncpy(failed, info_of(model).note, sizeof failed - 1);
    hone_close_model(model);
  }
  return NULL;
}

/* Other processes install, commit and remove what was before: whoever loads meanwhile gets what serves, never a half of it or a fallback. */
static void test_loading_while_it_changes(void) {
  CHECK(shell("hone-target install a.hone --store busy --pub K.pub --factory") == 0);
  hone_store* store = open_store("busy");
  pthread_t loader;
  CHECK(pthread_create(&loader, NULL, load_again_and_again, store) == 0);
  const char* releases[] = {"b", "c", "d", "e"};
  for (int i = 0; i < 4; ++i) CHECK(shell("hone-target install %s.hone --store busy && hone-target trial --store busy --commit", releases[i]) == 0);
  pthread_mutex_lock(&changing_lock);
  changing = 0;
  pthread_mutex_unlock(&changing_lock);
  void* failed = NULL;
  CHECK(pthread_join(loader, &failed) == 0);
  if (failed) fprintf(stderr, "%s\n", (const char*)failed);
  CHECK(!failed && serves(store, "1.5"));
  hone_close_store(store);
}

static void test_encrypted(void) {
  hone_store* store = open_store("sealed");
  hone_model* model = NULL;
  REFUSED(hone_active_model(store, &model), HONE_USAGE, "is encrypted; name this device's identity in hone_store_options.identity");
  hone_close_store(store);
  struct rlimit core = {1, 1}, locked, then;
  CHECK(setrlimit(RLIMIT_CORE, &core) == 0 && getrlimit(RLIMIT_MEMLOCK, &locked) == 0);
  store = open_store("store");
  hone_close_store(store);
  CHECK(prctl(PR_GET_DUMPABLE) == 1 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 1);
  hone_store_options options = {.size = sizeof options, .identity = "nowhere"};
  REFUSED(hone_open_store("sealed", &options, &store), HONE_IO, "nowhere");
  CHECK(prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
  options.identity = "identity";
  CHECK(hone_open_store("sealed", &options, &store) == HONE_OK);
  model = active(store);
  CHECK(as_expected(model));
  CHECK(getrlimit(RLIMIT_MEMLOCK, &then) == 0 && then.rlim_cur == locked.rlim_cur);
  hone_close_model(model);
  hone_close_store(store);
}

int main(void) {
  image = elements("image.npy", pixels * sizeof(float));
  expected = elements("expected.npy", classes * sizeof(float));
  test_versions();
  test_stores();
  test_handles();
  test_what_it_is();
  test_runs();
  test_shapes();
  test_threads();
  test_everything_at_once();
  test_a_good_release();
  test_bad_releases();
  test_a_bad_active_release();
  test_damage();
  test_loading_while_it_changes();
  test_encrypted();
  free(image);
  free(expected);
  puts("all of hone.h");
  return 0;
}
