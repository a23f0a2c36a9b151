/* SPDX-License-Identifier: Apache-2.0
 * An application that finds a model of the store bad and says so: crash_application STORE trial|active. */
#include <stdio.h>
#include <string.h>

#include "hone.h"

static int failed(hone_status status) {
  fprintf(stderr, "error: %s\n", hone_last_error());
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) return HONE_USAGE;
  const hone_store_options options = {.size = sizeof options, .threads = 1};
  hone_store* store;
  hone_model* model;
  hone_status status = hone_open_store(argv[1], &options, &store);
  if (status != HONE_OK) return failed(status);
  status = strcmp(argv[2], "trial") == 0 ? hone_begin_trial(store, &model) : hone_active_model(store, &model);
  if (status != HONE_OK) return failed(status);
  status = hone_report_health(model, HONE_UNHEALTHY);
  if (status != HONE_OK) return failed(status);
  hone_close_model(model);
  hone_close_store(store);
  return 0;
}
