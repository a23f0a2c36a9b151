/* SPDX-License-Identifier: Apache-2.0
 *
 * hone.h: for the application on the device. Runs the model that a Hone store serves, and tells the store how it does.
 *
 *   hone_store* store;  hone_model* model;
 *   if (hone_open_store("/var/lib/model", NULL, &store) != HONE_OK) die(hone_last_error());
 *   if (hone_active_model(store, &model) != HONE_OK) die(hone_last_error());
 *   hone_tensor image = {HONE_FLOAT32, 4, {1, 1, 28, 28}, pixels, sizeof pixels};
 *   hone_output scores = {0};
 *   if (hone_run(model, &image, 1, &scores, 1) != HONE_OK) die(hone_last_error());
 *   const float* s = scores.tensor.data;
 *
 * Installing releases is the business of hone-target (install, trial, commit, rollback); this library changes a store only where a function
 * says so. Build: cc app.c $(pkg-config --cflags --libs hone), or find_package(Hone) and target_link_libraries(app Hone::hone).
 *
 * Errors      Every function that can fail returns a hone_status, the number being the exit status of hone-target for the same thing.
 *             hone_last_error() then says what, where and what to do. A function that failed has changed nothing, neither in the store nor
 *             in what its pointers refer to, unless it says otherwise. No C++ exception leaves the library. It never prints, changes no
 *             signal handler, no environment and, but for an identity (below), no limit; it never ends the process, except that running out
 *             of memory does, as by abort().
 * Handles     Opaque; the caller closes what a function opened. NULL, a closed handle, and one of another kind are HONE_USAGE, always: the
 *             library looks a handle up before it uses it, and uses none twice.
 * Pointers    What a function gives out belongs to the library and lives as the function says. What it is given it only reads, and keeps
 *             none of it after the call, except a caller's buffers while hone_run writes them.
 * Threads     Any function may be called from any thread at any time, with one handle or with many. Runs of one model wait for each other, as
 *             judging a trial does, and nothing else waits; hone_clone_model gives another thread a model of its own, which shares the
 *             weights. A model or store may be closed while others use it: a call that has begun ends as it would have, later ones are
 *             HONE_USAGE; what the closed model gave out is gone, though, so let its readers finish. A model's worker threads block all
 *             signals. After fork() the child must not use the parent's handles, and one that lives on without exec keeps a trial's lock.
 * Processes   Several processes may use one store. Loading takes no lock. What changes the store takes its lock for as long as it works,
 *             and answers HONE_IO at once when someone else holds it, another thread too: try again a little later.
 * Secrets     Naming an identity, and that alone, changes the process, for good and even when the call fails: PR_SET_DUMPABLE and RLIMIT_CORE
 *             become 0, so that it leaves no core dump and no debugger can read it. Keys and the decrypted plan and weights lie in locked
 *             memory: RLIMIT_MEMLOCK must have room for them, else HONE_IO names it. Activations and repacked weights are not locked; on a
 *             device that swaps, call mlockall(MCL_CURRENT | MCL_FUTURE) first.
 * Versions    HONE_API_VERSION grows when something is added; the soname when something is taken away or changed. A struct with a member
 *             `size` must have it set to its sizeof; then members that later versions add are taken as 0.
 */
#ifndef HONE_H
#define HONE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HONE_API_VERSION 1

typedef enum hone_status {
  HONE_OK = 0,
  HONE_NO = 1,        /* the answer is no: the trial failed, nothing is staged, there is nothing to go back to */
  HONE_USAGE = 2,     /* an argument is wrong: NULL, a closed handle, an index past the end, another type or shape than the model takes */
  HONE_INVALID = 3,   /* the model cannot do this */
  HONE_UNTRUSTED = 4, /* nothing that can be trusted: no key, a wrong signature, damaged files */
  HONE_IO = 5,        /* the system said no: no such store, no permission, disk full, locked by another process */
  HONE_BUG = 70       /* a bug in Hone */
} hone_status;

/* Element types; the numbers are ONNX's. */
typedef enum hone_dtype {
  HONE_FLOAT32 = 1, HONE_UINT8 = 2, HONE_INT8 = 3, HONE_UINT16 = 4, HONE_INT16 = 5, HONE_INT32 = 6, HONE_INT64 = 7,
  HONE_BOOL = 9,      /* a byte, 0 or 1 */
  HONE_FLOAT16 = 10, HONE_FLOAT64 = 11, HONE_UINT32 = 12, HONE_UINT64 = 13, HONE_BFLOAT16 = 16,
  HONE_UINT4 = 21, HONE_INT4 = 22  /* two to a byte, the first in the low bits */
} hone_dtype;                      /* other numbers: ONNX's too */

typedef struct hone_store hone_store;
typedef struct hone_model hone_model;

/* "0.1.0": of the library that runs. Lives for ever. */
const char* hone_version(void);
/* HONE_API_VERSION of the library that runs, which may be newer than the header that the application was compiled with. */
int hone_api_version(void);
/* What the last failed call of this thread said: one line, in English, UTF-8. "" when none failed. Lives until this thread's next failing call. */
const char* hone_last_error(void);

/* ---- A store ---- */

typedef struct hone_store_options {
  size_t size;                     /* sizeof(hone_store_options) */
  const char* const* public_keys;  /* files of keys to trust, as hone keygen and minisign write them; NULL: those that the store follows */
  size_t public_key_count;         /* at least 1 with public_keys */
  unsigned threshold;              /* how many different keys of public_keys must have signed a release; 0 counts as 1 */
  int threads;                     /* for each model, that of the caller included; 0: one for each CPU that the process may use */
  const char* identity;            /* this device's age identity file, mode 0600, for encrypted releases; see Secrets. NULL: none */
} hone_store_options;

/* Opens the store in `directory`. `options` may be NULL: the keys or keyring that the store follows since its first install, all CPUs. Reads keys
 * and state; loads no model, takes no lock. HONE_IO: there is no store; HONE_UNTRUSTED: no key to trust can be read, or public_keys names some
 * where the store follows a keyring, or others than it has trusted. */
hone_status hone_open_store(const char* directory, const hone_store_options* options, hone_store** store);
/* Models of it stay open. NULL is allowed. */
void hone_close_store(hone_store* store);

typedef enum hone_phase {
  HONE_IDLE = 0,
  HONE_STAGED = 1,      /* a candidate waits for its trial */
  HONE_TRIAL = 2,       /* it is on trial, or has been */
  HONE_COMMITTED = 3,   /* it became the active release */
  HONE_ROLLED_BACK = 4  /* the last candidate or active release was left, for `reason` */
} hone_phase;

typedef struct hone_store_info {
  size_t size;          /* in: sizeof(hone_store_info) */
  uint64_t generation;  /* grows with every change of the store */
  hone_phase phase;
  int passed;           /* the candidate has passed and may be committed */
  int tries_left;       /* trials that the candidate may still begin */
  int reason;           /* of the last rollback: a reason code of docs/store.md */
  char reason_text[64]; /* the same in words, "none" when there was none */
} hone_store_info;

/* The store's state as it is on disk now. */
hone_status hone_get_store_info(hone_store* store, hone_store_info* info);

/* ---- The model that serves ---- */

/* Loads what the store serves: the active release; if its files are damaged the one before it, when that may still serve, else the factory
 * model. Signatures and the hash of every byte are checked now, in this process's memory; the files are not needed afterwards, so the store
 * may change while the model runs. HONE_UNTRUSTED: nothing in the store can be trusted and loaded. HONE_USAGE: it is encrypted and the store was
 * opened without an identity. */
hone_status hone_active_model(hone_store* store, hone_model** model);
/* Another model of the same release that shares the weights but runs by itself: one for each thread that runs at the same time. It costs the
 * memory of activations, and of weights in the form that this CPU wants. It reports health as the first one does. */
hone_status hone_clone_model(hone_model* model, hone_model** clone);
/* NULL is allowed. Ends what the library gave out for this model: names, texts, outputs. A model on trial that is closed without a report of
 * its health has used its try up. */
void hone_close_model(hone_model* model);

typedef enum hone_role {
  HONE_ROLE_ACTIVE = 0,
  HONE_ROLE_FALLBACK = 1, /* a better release is damaged: `note` says what is wrong; install it again */
  HONE_ROLE_TRIAL = 2     /* from hone_begin_trial */
} hone_role;

typedef struct hone_model_info {
  size_t size;              /* in: sizeof(hone_model_info) */
  const char* name;         /* texts live until the model is closed */
  const char* version;
  uint64_t counter;         /* of the release */
  const char* digest;       /* SHA-256 of its manifest, 64 hexadecimal digits: its identity */
  hone_role role;           /* when it was loaded */
  const char* note;         /* why it is only the fallback; else "" */
  size_t input_count, output_count;
} hone_model_info;

hone_status hone_get_model_info(hone_model* model, hone_model_info* info);

/* ---- Inputs, outputs, runs ---- */

#define HONE_MAX_RANK 8

typedef struct hone_value_info {
  size_t size;                  /* in: sizeof(hone_value_info) */
  const char* name;             /* lives until the model is closed */
  hone_dtype dtype;
  int rank;                     /* -1: not known before a run */
  int64_t dims[HONE_MAX_RANK];  /* -1: any, or not known before a run */
  size_t bytes;                 /* of a tensor of these dims; 0 when one is -1 */
} hone_value_info;

/* Input or output `index`, from 0. HONE_USAGE: there is none. HONE_INVALID: it has more than HONE_MAX_RANK dimensions, or is no tensor of numbers. */
hone_status hone_get_input(hone_model* model, size_t index, hone_value_info* info);
hone_status hone_get_output(hone_model* model, size_t index, hone_value_info* info);

/* Elements in row-major order, in the byte order of the machine. */
typedef struct hone_tensor {
  hone_dtype dtype;
  int rank;
  int64_t dims[HONE_MAX_RANK];
  const void* data;
  size_t bytes;  /* at data: as many as dtype and dims need, to the byte */
} hone_tensor;

/* Where an output goes. With `buffer` NULL, into memory of the model's own, which lives until its next run or until it is closed. */
typedef struct hone_output {
  void* buffer;        /* in: the caller's memory, or NULL */
  size_t capacity;     /* in: its size in bytes; an output that does not fit is HONE_USAGE */
  hone_tensor tensor;  /* out: type, shape, and where the elements are: tensor.data == buffer when there is one */
} hone_output;

/* Runs the model. `inputs` are all of its inputs in their order, `outputs` all of its outputs; sizes, types and shapes are checked before
 * anything runs. Nothing is copied: inputs are read where they are (copied only when they are not aligned to their element), an output is
 * computed in the model's own memory and copied only into a buffer of the caller's. The outputs of a run may be inputs of the next.
 * The same model and inputs give the same bytes, whatever the number of threads and the thread's floating-point modes.
 * HONE_USAGE: inputs or outputs are not as the model has them. HONE_INVALID: the model cannot run on these shapes. On failure buffers hold
 * nothing of use, and outputs of the run before are gone. Buffers may not overlap inputs or each other. */
hone_status hone_run(hone_model* model, const hone_tensor* inputs, size_t input_count, hone_output* outputs, size_t output_count);

/* ---- From one release to the next (docs/store.md has the states) ---- */

/* Begins a trial of the staged candidate and loads it for the application to judge: uses up a try, durably, before it touches the candidate;
 * then runs its golden vectors and holds it to its health gate, as hone-target trial does (its memory limit excepted: this process has memory
 * of its own): seconds, where the gate measures latency. The trial lasts until hone_report_health or hone_close_model, and holds the store's
 * lock meanwhile; the active release goes on serving. A crash, a hang or a power cut before the report uses the try up, and without tries left the candidate is rolled back: let a
 * watchdog restart an application that hangs.
 * HONE_NO: nothing is staged; the device is too hot for a fair trial, and no try was used; no try was left, or the candidate failed, and then it was
 * rolled back and is not tried again. */
hone_status hone_begin_trial(hone_store* store, hone_model** model);

typedef enum hone_health { HONE_HEALTHY = 0, HONE_UNHEALTHY = 1 } hone_health;

/* The application's own judgement of a model.
 *   on trial, healthy     its trial is passed: hone_commit makes it the active one. Ends the trial.
 *   on trial, unhealthy   rolled back, and not tried again. Ends the trial.
 *   active, healthy       changes nothing: report it as often as you like.
 *   active, unhealthy     rolled back to the release before, else to the factory model, and not installed again.
 * Anything else is HONE_NO and changes nothing: a model that is not the active one any more, or only the fallback; an active one that has
 * nothing to go back to, or while a candidate waits, which may be what mends it: try that first, or drop it with hone_rollback.
 * After an unhealthy report load what serves now with hone_active_model. */
hone_status hone_report_health(hone_model* model, hone_health health);

/* The candidate that passed its trial becomes the active release; its files are hashed once more. HONE_NO: there is none. Asked again, there is
 * nothing to do. Models go on running; load the new one when it suits. */
hone_status hone_commit(hone_store* store);
/* Drops the candidate; without one, returns to the release before, else to the factory model. HONE_NO: there is nothing to go back to. Asked
 * again, there is nothing to do. */
hone_status hone_rollback(hone_store* store);
/* Sets *needed to 1 when the store serves another release than `model` now, else to 0. Reads 8 KiB: cheap enough for every second. */
hone_status hone_reload_needed(hone_model* model, int* needed);

#ifdef __cplusplus
}
#endif

#endif
