// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// libbench: micro benchmarks in C, with Google Benchmark's flags, output and JSON, so that its
// compare.py and every other tool that reads those files work on ours.
//
//	BENCH(memcpy_line, .arg_names = {"bytes"})
//	{
//		... set up, not timed ...
//		bench_loop (state) {
//			memcpy(to, from, (size_t)bench_arg(state, 0));
//			bench_clobber_memory();
//		}
//		bench_bytes(state, bench_iterations(state) * (uint64_t)bench_arg(state, 0));
//	}
//	BENCH_RANGE(memcpy_line, 8, 8 << 10);
//	BENCH_MAIN()
//
// The body runs several times: with more and more iterations until the loop takes
// --benchmark_min_time, and again for every repetition. What is expensive to build belongs into a
// static that outlives a run. One thread runs all benchmarks; a benchmark may start threads of its
// own.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BENCH_ARGS_MAX     4u
#define BENCH_COUNTERS_MAX 16u
#define BENCH_TEXT_MAX     160u // a label, an error, a counter's name: longer ones are cut

struct bench_state;

enum bench_unit {
	BENCH_UNIT_DEFAULT, // --benchmark_time_unit, ns if that is not given
	BENCH_NS,
	BENCH_US,
	BENCH_MS,
	BENCH_S,
};

// What may follow the name in BENCH(): designated initialisers.
struct bench_options {
	const char *name; // shown instead of the name given to BENCH
	const char *arg_names[BENCH_ARGS_MAX];
	uint64_t iterations; // exactly so many; 0: as many as min_time takes
	double min_time_s;   // 0: --benchmark_min_time
	double min_warmup_time_s;
	unsigned repetitions;     // 0: --benchmark_repetitions
	int64_t range_multiplier; // of BENCH_RANGE; 0: 8
	enum bench_unit unit;
	bool real_time;   // rates and iteration counts by wall clock instead of this thread's CPU
			  // time
	bool manual_time; // by what bench_set_iteration_time says
	void (*setup)(struct bench_state *state); // around every run of the body, not timed
	void (*teardown)(struct bench_state *state);
};

enum bench_args_kind { BENCH_ARGS_LIST, BENCH_ARGS_RANGE, BENCH_ARGS_DENSE };

struct bench_args { // one BENCH_ARG and so on
	struct bench_args *next;
	int64_t values[BENCH_ARGS_MAX]; // or first, last, step
	unsigned count;
	enum bench_args_kind kind;
	int line;
};

struct bench_family {
	struct bench_family *next;
	const char *name;
	const char *file;
	int line;
	void (*run)(struct bench_state *state);
	struct bench_options options;
	struct bench_args *args; // in the order of the source
};

// Constructors run in no order that C promises: both sort by place in the source.
void bench_register(struct bench_family *family);
void bench_register_args(struct bench_family *family, struct bench_args *args);

// Defines a benchmark; its body follows, with struct bench_state *state in scope.
#define BENCH(name_, ...)                                                             \
	static void bench_body_##name_(struct bench_state *state);                    \
	static struct bench_family bench_family_##name_ = {.name = #name_,            \
							   .file = __FILE__,          \
							   .line = __LINE__,          \
							   .run = bench_body_##name_, \
							   .options = {__VA_ARGS__}}; \
	__attribute__((constructor)) static void bench_register_##name_(void)         \
	{                                                                             \
		bench_register(&bench_family_##name_);                                \
	}                                                                             \
	static void bench_body_##name_(struct bench_state *state)

// Each adds runs: with one argument, with several, with lo, powers of range_multiplier between and
// hi, with every step'th value from lo to hi.
#define BENCH_ARG(name, value)    BENCH_ADD_(name, BENCH_ARGS_LIST, __LINE__, value)
#define BENCH_ARGS(name, ...)     BENCH_ADD_(name, BENCH_ARGS_LIST, __LINE__, __VA_ARGS__)
#define BENCH_RANGE(name, lo, hi) BENCH_ADD_(name, BENCH_ARGS_RANGE, __LINE__, lo, hi)
#define BENCH_DENSE_RANGE(name, lo, hi, step) \
	BENCH_ADD_(name, BENCH_ARGS_DENSE, __LINE__, lo, hi, step)

#define BENCH_ADD_(name, kind, line, ...) BENCH_ADD_LINE_(name, kind, line, __VA_ARGS__)
#define BENCH_ADD_LINE_(name_, kind_, line_, ...)                                            \
	__attribute__((constructor)) static void bench_args_##name_##_##line_(void)          \
	{                                                                                    \
		static struct bench_args args = {.values = {__VA_ARGS__},                    \
						 .count = sizeof((int64_t[]){__VA_ARGS__}) / \
							  sizeof(int64_t),                   \
						 .kind = kind_,                              \
						 .line = line_};                             \
		bench_register_args(&bench_family_##name_, &args);                           \
	}                                                                                    \
	extern int bench_takes_a_semicolon

// The measured loop, once in a body. The counter lives in a register: nothing but the body is
// timed.
#define bench_loop(state)                                                                  \
	for (uint64_t bench_left = bench_begin(state); bench_left > 0 || bench_end(state); \
	     bench_left--)
uint64_t bench_begin(struct bench_state *state); // iterations to do; 0 after bench_skip
bool bench_end(struct bench_state *state);       // false

// The loop for bodies that handle n iterations at once: while (bench_next_batch(state, n)). The
// last batch may exceed what was asked for.
bool bench_next_batch(struct bench_state *state, uint64_t n);

// Time between the two does not count. Each costs some 100 ns: not for bodies shorter than 10 us.
void bench_pause(struct bench_state *state);
void bench_resume(struct bench_state *state);
// manual_time: adds what one iteration took.
void bench_set_iteration_time(struct bench_state *state, double seconds);

// The benchmark cannot run (or went wrong): it is reported with this reason instead of figures.
// Return afterwards, or break out of the loop.
void bench_skip(struct bench_state *state, const char *why);
void bench_label(struct bench_state *state, const char *label);

int64_t bench_arg(const struct bench_state *state, unsigned index);
uint64_t bench_iterations(const struct bench_state *state); // of this run, done or to be done

#define BENCH_IS_RATE             (1u << 0) // divided by the seconds the run took
#define BENCH_AVG_ITERATIONS      (1u << 1) // divided by the iterations
#define BENCH_ITERATION_INVARIANT (1u << 2) // multiplied by the iterations
#define BENCH_INVERT              (1u << 3) // one divided by the result
#define BENCH_1024                (1u << 4) // shown in units of 1024

// Sets a counter of the run; a name given twice is overwritten. flags: BENCH_IS_RATE and so on.
void bench_counter(struct bench_state *state, const char *name, double value, unsigned flags);
void bench_items(struct bench_state *state, uint64_t items); // items_per_second
void bench_bytes(struct bench_state *state, uint64_t bytes); // bytes_per_second

// Makes the compiler believe that the value is used, or that all memory is read and written.
#define bench_do_not_optimize(value) __asm__ volatile("" : : "r,m"(value) : "memory")
static inline void bench_clobber_memory(void)
{
	__asm__ volatile("" : : : "memory");
}

// A line of the context block: before bench_main, key and value must live on.
void bench_context_add(const char *key, const char *value);

// Reads the flags, runs what they select and reports. The process's exit status.
int bench_main(int argc, char **argv);

#define BENCH_MAIN()                           \
	int main(int argc, char **argv)        \
	{                                      \
		return bench_main(argc, argv); \
	}
