/* SPDX-License-Identifier: Apache-2.0
 * Classifies an image with the model that a store serves, and reports the model's health: classify STORE IMAGE, where IMAGE is raw float32 or .npy. */
#include <hone.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void check(hone_status status) {
  if (status != HONE_OK) fprintf(stderr, "error: %s\n", hone_last_error()), exit((int)status);
}

static void read_end(const char* path, void* bytes, size_t n) { /* an .npy file's elements are its last bytes */
  FILE* file = fopen(path, "rb");
  if (!file || !bytes || fseek(file, -(long)n, SEEK_END) != 0 || fread(bytes, 1, n, file) != n) fprintf(stderr, "error: %s: not %zu bytes\n", path, n), exit(3);
  fclose(file);
}

int main(int argc, char** argv) {
  if (argc != 3) return fprintf(stderr, "usage: %s STORE IMAGE\n", argv[0]), 2;
  hone_store* store;
  hone_model* model;
  check(hone_open_store(argv[1], NULL, &store));
  check(hone_active_model(store, &model));
  hone_value_info in = {.size = sizeof in};
  check(hone_get_input(model, 0, &in));
  hone_tensor image = {.dtype = HONE_FLOAT32, .rank = in.rank, .bytes = sizeof(float)};
  for (int i = 0; i < in.rank; ++i) image.bytes *= (size_t)(image.dims[i] = in.dims[i] < 0 ? 1 : in.dims[i]); /* a free batch: one image */
  float* pixels = malloc(image.bytes);
  read_end(argv[2], pixels, image.bytes);
  image.data = pixels;
  hone_output out = {0}; /* into the model's own memory */
  check(hone_run(model, &image, 1, &out, 1));
  const float* scores = out.tensor.data;
  size_t best = 0, finite = 0, count = out.tensor.bytes / sizeof *scores;
  for (size_t i = 0; i < count; finite += isfinite(scores[i++]) != 0) best = scores[i] > scores[best] ? i : best;
  printf("class %zu, score %.9g\n", best, (double)scores[best]);
  check(hone_report_health(model, finite == count ? HONE_HEALTHY : HONE_UNHEALTHY));
  free(pixels), hone_close_model(model), hone_close_store(store);
  return 0;
}
