/* SPDX-License-Identifier: Apache-2.0
 * Classifies one image with the model that a store serves, and says whether the model does well: classify STORE IMAGE
 * IMAGE holds float32 values as they are in memory, or is an .npy file of them. */
#include <hone.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The last n values of a file: all of a raw one, and of an .npy file what follows its header. */
static float* read_floats(const char* path, size_t n) {
  FILE* file = fopen(path, "rb");
  float* values = malloc(n * sizeof *values);
  const int good = file && values && fseek(file, -(long)(n * sizeof *values), SEEK_END) == 0 && fread(values, sizeof *values, n, file) == n;
  if (file) fclose(file);
  if (good) return values;
  fprintf(stderr, "%s: cannot read %zu float32 values\n", path, n);
  exit(3);
}

static void check(hone_status status) {
  if (status == HONE_OK) return;
  fprintf(stderr, "error: %s\n", hone_last_error());
  exit((int)status);
}

int main(int argc, char** argv) {
  if (argc != 3) return fprintf(stderr, "usage: %s STORE IMAGE\n", argv[0]), 2;
  hone_store* store;
  hone_model* model;
  check(hone_open_store(argv[1], NULL, &store));
  check(hone_active_model(store, &model));
  hone_model_info about = {.size = sizeof about};
  hone_value_info in = {.size = sizeof in};
  check(hone_get_model_info(model, &about));
  check(hone_get_input(model, 0, &in));
  hone_tensor image = {.dtype = HONE_FLOAT32, .rank = in.rank, .bytes = sizeof(float)};
  for (int i = 0; i < in.rank; ++i) image.bytes *= (size_t)(image.dims[i] = in.dims[i] < 0 ? 1 : in.dims[i]);
  image.data = read_floats(argv[2], image.bytes / sizeof(float));
  hone_output out = {0};
  check(hone_run(model, &image, 1, &out, 1));
  const float* scores = out.tensor.data;
  size_t best = 0;
  int finite = 1;
  for (size_t i = 0; i < out.tensor.bytes / sizeof *scores; ++i) {
    finite = finite && isfinite(scores[i]);
    if (scores[i] > scores[best]) best = i;
  }
  printf("%s %s: class %zu, score %.9g\n", about.name, about.version, best, (double)scores[best]);
  const hone_status told = hone_report_health(model, finite ? HONE_HEALTHY : HONE_UNHEALTHY);
  free((void*)(size_t)image.data);
  hone_close_model(model);
  hone_close_store(store);
  return (int)told;
}
