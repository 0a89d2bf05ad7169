// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// CCM (RFC 3610) is a chain: each block of its MAC waits for the one before, for the whole latency
// of AES, and one record alone leaves the processor idle three quarters of the time. So four
// records go side by side, each with a key of its own, and each of their steps does one block of
// the MAC and one of the key stream. Keys are expanded side by side as well, which is why they need
// not be kept expanded. All of it runs in the same time whatever the keys and the data are.
#include <immintrin.h>

#include "dataplane/dtls/wolf.h"

#define LANES  4
#define ROUNDS 10
#define TARGET __attribute__((target("aes,ssse3,sse4.1")))
#define INLINE static inline __attribute__((always_inline)) TARGET

// Additional data in front of which its length stands, in whole blocks.
#define AAD_BLOCKS ((2 + DTLS_AAD_MAX + 15) / 16)

struct schedule {
	__m128i key[ROUNDS + 1][LANES];
};

struct lane {
	struct dtls_aead_job *job;
	__m128i head[1 + AAD_BLOCKS]; // what the MAC begins with: B0, additional data
	__m128i tail;                 // the last, incomplete block of data, zeros behind it
	__m128i counter, mac, stream0;
	unsigned head_blocks, whole, blocks; // whole: complete blocks of data; blocks: all of them
};

// AES-128 key expansion (FIPS 197 section 5.2): aesenclast with the round constant as key does
// SubWord and adds the constant at once; the shuffle is RotWord into all four columns, where
// ShiftRows moves nothing.
INLINE __m128i expand_step(__m128i key, __m128i rcon)
{
	const __m128i rotate = _mm_set1_epi32(0x0c0f0e0d);
	__m128i word = _mm_aesenclast_si128(_mm_shuffle_epi8(key, rotate), rcon);

	key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
	key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
	return _mm_xor_si128(key, word);
}

TARGET static void expand(struct schedule *schedule, const uint8_t *const keys[LANES])
{
	static const uint8_t rcon[ROUNDS] = {1, 2, 4, 8, 16, 32, 64, 128, 27, 54};
	__m128i k[LANES];

	for (int l = 0; l < LANES; l++) {
		k[l] = _mm_loadu_si128((const __m128i *)keys[l]);
		schedule->key[0][l] = k[l];
	}
	for (int r = 0; r < ROUNDS; r++) {
		__m128i constant = _mm_set1_epi32(rcon[r]);

		for (int l = 0; l < LANES; l++) {
			k[l] = expand_step(k[l], constant);
			schedule->key[r + 1][l] = k[l];
		}
	}
}

// One block of each lane's a and one of its b.
INLINE void encrypt_pairs(const struct schedule *schedule, __m128i a[LANES], __m128i b[LANES])
{
	for (int l = 0; l < LANES; l++) {
		a[l] = _mm_xor_si128(a[l], schedule->key[0][l]);
		b[l] = _mm_xor_si128(b[l], schedule->key[0][l]);
	}
	for (int r = 1; r < ROUNDS; r++)
		for (int l = 0; l < LANES; l++) {
			a[l] = _mm_aesenc_si128(a[l], schedule->key[r][l]);
			b[l] = _mm_aesenc_si128(b[l], schedule->key[r][l]);
		}
	for (int l = 0; l < LANES; l++) {
		a[l] = _mm_aesenclast_si128(a[l], schedule->key[ROUNDS][l]);
		b[l] = _mm_aesenclast_si128(b[l], schedule->key[ROUNDS][l]);
	}
}

// Sliding windows: a load that starts n bytes from the middle gives a mask or a shuffle for n
// bytes.
static const uint8_t ones_zeros[32] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};
#define X 0x80
static const uint8_t shifts[48] = {
	X, X, X,  X,  X,  X,  X,  X,  X, X, X, X, X, X, X, X, 0, 1, 2, 3, 4, 5, 6, 7,
	8, 9, 10, 11, 12, 13, 14, 15, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef X

INLINE __m128i load(const uint8_t *at)
{
	return _mm_loadu_si128((const __m128i *)at);
}

INLINE __m128i first_bytes(__m128i block, unsigned n)
{
	return _mm_and_si128(block, load(ones_zeros + 16 - n));
}

// The last rest < 16 bytes of a job's data, zeros behind them. Where there are 16 bytes they are
// read as a whole.
INLINE __m128i load_tail(const struct dtls_aead_job *job, unsigned rest)
{
	uint8_t block[16] = {0};

	if (job->len >= 16)
		return _mm_shuffle_epi8(load(job->data + job->len - 16), load(shifts + 32 - rest));
	__builtin_memcpy(block, job->data, rest);
	return load(block);
}

INLINE void store_tail(const struct dtls_aead_job *job, unsigned rest, __m128i tail)
{
	uint8_t *at = job->data + job->len - 16;
	uint8_t block[16];

	if (job->len >= 16) {
		__m128i before = first_bytes(load(at), 16 - rest);
		__m128i moved = _mm_shuffle_epi8(tail, load(shifts + rest));

		_mm_storeu_si128((__m128i *)at, _mm_or_si128(before, moved));
		return;
	}
	_mm_storeu_si128((__m128i *)block, tail);
	__builtin_memcpy(job->data, block, rest);
}

static unsigned tag_len(const struct dtls_aead_job *job)
{
	return job->cipher == DTLS_AES128_CCM_8 ? 8 : 16;
}

// RFC 3610 section 2.2 and 2.3, 3 bytes for the length: flags, nonce, a number.
INLINE __m128i numbered(__m128i block, uint16_t number)
{
	return _mm_insert_epi16(block, __builtin_bswap16(number), 7);
}

TARGET static void lane_begin(struct lane *lane, struct dtls_aead_job *job)
{
	unsigned aad_len = job->aad_len, rest = job->len % 16;
	__m128i nonce = _mm_slli_si128(first_bytes(load(job->nonce), DTLS_NONCE_LEN), 1);
	__m128i flags = _mm_cvtsi32_si128((int)(0x40 | (tag_len(job) - 2) / 2 << 3 | 2));

	lane->job = job;
	lane->counter = _mm_or_si128(nonce, _mm_cvtsi32_si128(2));
	lane->head[0] = numbered(_mm_or_si128(nonce, flags), job->len);
	lane->head[1] = _mm_or_si128(
		_mm_slli_si128(first_bytes(load(job->aad), aad_len < 14 ? aad_len : 14), 2),
		_mm_cvtsi32_si128((int)(aad_len << 8)));
	lane->head_blocks = 2;
	for (unsigned at = 14; at < aad_len; at += 16)
		lane->head[lane->head_blocks++] =
			first_bytes(load(job->aad + at), aad_len - at < 16 ? aad_len - at : 16);
	lane->whole = job->len / 16;
	lane->blocks = lane->whole + (rest ? 1 : 0);
	lane->tail = rest ? load_tail(job, rest) : _mm_setzero_si128();
	lane->mac = _mm_setzero_si128();
}

INLINE __m128i mac_input(const struct lane *lane, unsigned step)
{
	unsigned i = step - lane->head_blocks;

	if (step < lane->head_blocks)
		return lane->head[step];
	return i < lane->whole ? load(lane->job->data + 16 * i) : lane->tail;
}

// Block i of the data meets its key stream. Opening, the plaintext of the last one is kept for the
// MAC, without what lies behind it.
INLINE void apply_stream(struct lane *lane, unsigned i, __m128i stream, bool opening)
{
	uint8_t *at = lane->job->data + 16 * i;
	unsigned rest = lane->job->len % 16;
	__m128i tail;

	if (i < lane->whole) {
		_mm_storeu_si128((__m128i *)at, _mm_xor_si128(load(at), stream));
		return;
	}
	tail = first_bytes(_mm_xor_si128(lane->tail, stream), rest);
	store_tail(lane->job, rest, tail);
	if (opening)
		lane->tail = tail;
}

static unsigned steps_of(const struct lane *lanes)
{
	unsigned most = 0;

	for (int l = 0; l < LANES; l++) {
		unsigned steps = lanes[l].head_blocks + lanes[l].blocks;

		most = steps > most ? steps : most;
	}
	return most;
}

// Step 0 makes the key stream of the tag. Opening, block i is decrypted in step i + 1 and goes into
// the MAC later: at least two blocks come before it there. Sealing, block i is encrypted in the
// step whose MAC has just read it.
INLINE void run(struct lane lanes[LANES], const struct schedule *schedule, bool opening)
{
	unsigned steps = steps_of(lanes);

	for (unsigned step = 0; step < steps; step++) {
		__m128i mac[LANES], stream[LANES];
		unsigned block[LANES];

		for (int l = 0; l < LANES; l++) {
			block[l] = step - (opening ? 1 : lanes[l].head_blocks);
			mac[l] = _mm_xor_si128(lanes[l].mac, mac_input(&lanes[l], step));
			stream[l] = numbered(lanes[l].counter,
					     step == 0 ? 0 : (uint16_t)(block[l] + 1));
		}
		encrypt_pairs(schedule, mac, stream);
		for (int l = 0; l < LANES; l++) {
			if (step < lanes[l].head_blocks + lanes[l].blocks)
				lanes[l].mac = mac[l];
			if (step == 0)
				lanes[l].stream0 = stream[l];
			else if (block[l] < lanes[l].blocks)
				apply_stream(&lanes[l], block[l], stream[l], opening);
		}
	}
}

// Without a branch on how much of it is right.
TARGET static bool same_tag(__m128i tag, const struct dtls_aead_job *job)
{
	uint64_t ours[2], theirs[2] = {0, 0}, differ;

	_mm_storeu_si128((__m128i *)ours, tag);
	if (tag_len(job) == 8) {
		__builtin_memcpy(theirs, job->tag, 8);
		return ours[0] == theirs[0];
	}
	__builtin_memcpy(theirs, job->tag, 16);
	differ = (ours[0] ^ theirs[0]) | (ours[1] ^ theirs[1]);
	return differ == 0;
}

TARGET static void finish(const struct lane *lane, bool opening)
{
	struct dtls_aead_job *job = lane->job;
	__m128i tag = _mm_xor_si128(lane->mac, lane->stream0);

	if (opening) {
		job->ok = same_tag(tag, job);
		return;
	}
	if (tag_len(job) == 8)
		_mm_storel_epi64((__m128i *)job->tag, tag);
	else
		_mm_storeu_si128((__m128i *)job->tag, tag);
	job->ok = true;
}

// n <= LANES; what is missing is filled up with nothing.
INLINE void group(struct dtls_aead_job *const jobs[LANES], unsigned n, bool opening)
{
	static const uint8_t no_key[16];
	struct dtls_aead_job nothing = {.key = no_key};
	const uint8_t *keys[LANES];
	struct lane lanes[LANES];
	struct schedule schedule;

	for (unsigned l = 0; l < LANES; l++) {
		lane_begin(&lanes[l], l < n ? jobs[l] : &nothing);
		keys[l] = lanes[l].job->key;
	}
	expand(&schedule, keys);
	run(lanes, &schedule, opening);
	for (unsigned l = 0; l < n; l++)
		finish(&lanes[l], opening);
}

TARGET static void group_open(struct dtls_aead_job *const jobs[LANES], unsigned n)
{
	group(jobs, n, true);
}

TARGET static void group_seal(struct dtls_aead_job *const jobs[LANES], unsigned n)
{
	group(jobs, n, false);
}

static bool is_ccm(const struct dtls_aead_job *job)
{
	return job->cipher == DTLS_AES128_CCM_8 || job->cipher == DTLS_AES128_CCM;
}

static void each(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n,
		 void (*ccm)(struct dtls_aead_job *const jobs[LANES], unsigned n),
		 void (*other)(struct dtls_aead *aead, struct dtls_aead_job *job))
{
	struct dtls_aead_job *waiting[LANES];
	unsigned waiting_n = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (!is_ccm(&jobs[i])) {
			other(aead, &jobs[i]);
			continue;
		}
		waiting[waiting_n++] = &jobs[i];
		if (waiting_n == LANES) {
			ccm(waiting, LANES);
			waiting_n = 0;
		}
	}
	if (waiting_n > 0)
		ccm(waiting, waiting_n);
}

static void open_all(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n)
{
	each(aead, jobs, n, group_open, dtls_wolf_open);
}

static void seal_all(struct dtls_aead *aead, struct dtls_aead_job *jobs, uint16_t n)
{
	each(aead, jobs, n, group_seal, dtls_wolf_seal);
}

TARGET static void mask_all(struct dtls_aead *aead, struct dtls_mask_job *jobs, uint16_t n)
{
	for (uint16_t at = 0; at < n; at += LANES) {
		const uint8_t *keys[LANES];
		struct schedule schedule;
		__m128i block[LANES], same[LANES];

		for (unsigned l = 0; l < LANES; l++) {
			struct dtls_mask_job *job = &jobs[at + l < n ? at + l : n - 1u];

			keys[l] = job->key;
			block[l] = same[l] = load(job->sample);
		}
		expand(&schedule, keys);
		encrypt_pairs(&schedule, block, same);
		for (unsigned l = 0; l < LANES && at + l < n; l++)
			_mm_storeu_si128((__m128i *)jobs[at + l].mask, block[l]);
	}
}

static bool usable(void)
{
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
}

const struct dtls_aead_ops dtls_aead_aesni = {
	.name = "aesni",
	.usable = usable,
	.open = open_all,
	.seal = seal_all,
	.mask = mask_all,
};
