/* SPDX-License-Identifier: Apache-2.0
 * Classifies a 28 x 28 image by the model that a store serves, and reports its health: classify STORE IMAGE, raw float32 or .npy. */
#include <hone.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void check(hone_status status) {
  if (status != HONE_OK) fprintf(stderr, "error: %s\n", hone_last_error()), exit((int)status);
}

int main(int argc, char** argv) {
  if (argc != 3) return fprintf(stderr, "usage: classify STORE IMAGE\n"), HONE_USAGE;
  float pixels[28 * 28], scores[10];
  FILE* file = fopen(argv[2], "rb"); /* an .npy file's elements are its last bytes */
  if (!file || fseek(file, -(long)sizeof pixels, SEEK_END) != 0 || fread(pixels, sizeof pixels, 1, file) != 1)
    return fprintf(stderr, "error: %s: not %zu bytes\n", argv[2], sizeof pixels), HONE_IO;
  fclose(file);

  hone_store* store;
  hone_model* model;
  check(hone_open_store(argv[1], NULL, &store));
  check(hone_active_model(store, &model));
  const hone_tensor image = {HONE_FLOAT32, 4, {1, 1, 28, 28}, pixels, sizeof pixels};
  hone_output out = {.buffer = scores, .capacity = sizeof scores};
  check(hone_run(model, &image, 1, &out, 1));

  size_t best = 0, finite = 0, count = out.tensor.bytes / sizeof *scores;
  for (size_t i = 0; i < count; ++i) {
    if (scores[i] > scores[best]) best = i;
    if (isfinite(scores[i])) ++finite;
  }
  printf("class %zu, score %.9g\n", best, scores[best]);
  check(hone_report_health(model, finite == count ? HONE_HEALTHY : HONE_UNHEALTHY));
  hone_close_model(model);
  hone_close_store(store);
  return 0;
}
