#include "webchat/gate.h"
#include "base/clock.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CROWDS = 4096, MAC = 18, QUIET = 50 };

struct gate {
	int64_t crowds[CROWDS], all; /* buckets in time, monotonic */
	int64_t crowd_lines[CROWDS], all_line; /* when the last ticket is good */
	uint8_t key[crypto_generichash_KEYBYTES];
};

struct gate *gate_create(void)
{
	struct gate *gate = mem_alloc(sizeof *gate);
	randombytes_buf(gate->key, sizeof gate->key);
	return gate;
}

void gate_destroy(struct gate **gate)
{
	if (!*gate)
		return;
	sodium_memzero(*gate, sizeof **gate);
	free(*gate);
	*gate = NULL;
}

/* A leaky bucket in time: each costs its share of ms, `most` of them may be owed. */
static bool take(int64_t *until, int64_t share, int64_t most)
{
	int64_t mono = clock_mono(), owed = *until > mono ? *until : mono;

	if (owed + share - mono > share * most)
		return false;
	*until = owed + share;
	return true;
}

/* "BITS.SECOND.MAC": nothing is kept of it. */
static void make(const struct gate *gate, const char *start_id, int bits, int64_t second,
	char text_r[GATE_TEXT])
{
	uint8_t mac[MAC];
	char text[GATE_TEXT], end[40];
	crypto_generichash_state state;

	snprintf(text, sizeof text, "%d.%lld.", bits, (long long)second);
	crypto_generichash_init(&state, gate->key, sizeof gate->key, MAC);
	crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
	crypto_generichash_update(&state, (const uint8_t *)start_id, strlen(start_id));
	crypto_generichash_final(&state, mac, MAC);
	sodium_bin2base64(end, sizeof end, mac, MAC, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(text_r, GATE_TEXT, "%.30s%.30s", text, end);
}

static bool zeros(const uint8_t *hash, int bits)
{
	for (int i = 0; i < bits; i++)
		if (hash[i / 8] & 0x80 >> i % 8)
			return false;
	return true;
}

static bool done(const struct gate *gate, const char *start_id, const char *work, const char *number)
{
	char expected[GATE_TEXT];
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	long long second;
	int bits;

	if (!work || !number || strlen(work) >= GATE_TEXT || strlen(number) > GATE_NUMBER
		|| !*number || strspn(number, "0123456789") != strlen(number)
		|| sscanf(work, "%2d.%lld.", &bits, &second) != 2 || bits < 1 || bits > GATE_BITS_MOST
		|| second > clock_mono() / 1000 || clock_mono() / 1000 - second > GATE_WORK_SECONDS)
		return false;
	make(gate, start_id, bits, second, expected);
	if (strlen(expected) != strlen(work) || sodium_memcmp(expected, work, strlen(work)))
		return false;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)work, strlen(work));
	crypto_hash_sha256_update(&state, (const uint8_t *)":", 1);
	crypto_hash_sha256_update(&state, (const uint8_t *)number, strlen(number));
	crypto_hash_sha256_final(&state, hash);
	return zeros(hash, bits);
}

bool gate_pass(struct gate *gate, uint64_t crowd, const char *start_id, int load,
	const char *work, const char *number, char text_r[GATE_TEXT], int *bits_r)
{
	int64_t *own = &gate->crowds[crowd % CROWDS];
	bool few, quiet = load < QUIET;

	if (!crowd || done(gate, start_id, work, number))
		return true;
	few = take(own, GATE_CROWD_SECONDS * 1000, GATE_CROWD_STARTS);
	if (few && quiet && take(&gate->all, 1000 / GATE_ALL_SECOND, GATE_ALL_STARTS))
		return true;
	*bits_r = GATE_BITS + (!few) + (load >= 75) + (load >= 90);
	make(gate, start_id, *bits_r, clock_mono() / 1000, text_r);
	return false;
}

/* "w.SECOND.MAC": good from that second on. */
static void make_ticket(
	const struct gate *gate, const char *start_id, int64_t second, char text_r[GATE_TEXT])
{
	char bound[GATE_TEXT];

	make(gate, start_id, 0, second, bound); /* no work has 0 bits */
	snprintf(text_r, GATE_TEXT, "w%.60s", strchr(bound, '.'));
}

/* Seconds from now until it is good; negative: for so long; INT64_MIN: it is none. */
static int64_t ticket_due(const struct gate *gate, const char *start_id, const char *ticket)
{
	char expected[GATE_TEXT];
	long long second;

	if (!ticket || strlen(ticket) >= GATE_TEXT || sscanf(ticket, "w.%lld.", &second) != 1
		|| second < 0 || second > INT32_MAX)
		return INT64_MIN;
	make_ticket(gate, start_id, second, expected);
	if (strlen(expected) != strlen(ticket) || sodium_memcmp(expected, ticket, strlen(ticket))
		|| clock_mono() / 1000 - second > GATE_WORK_SECONDS)
		return INT64_MIN;
	return second - clock_mono() / 1000;
}

/* The end of a line, and one more share behind it. */
static int64_t line_up(int64_t *line, int64_t share)
{
	int64_t mono = clock_mono();

	*line = (*line > mono ? *line : mono) + share;
	return *line;
}

bool gate_wait(struct gate *gate, uint64_t crowd, const char *start_id, int load,
	const char *ticket, char ticket_r[GATE_TEXT], int *seconds_r)
{
	int64_t *own = &gate->crowds[crowd % CROWDS], *line = &gate->crowd_lines[crowd % CROWDS];
	int64_t due = ticket_due(gate, start_id, ticket), mono = clock_mono();
	bool few;

	if (!crowd || (due <= 0 && due != INT64_MIN))
		return true;
	if (due > 0) {
		snprintf(ticket_r, GATE_TEXT, "%s", ticket);
		*seconds_r = (int)due;
		return false;
	}
	few = take(own, GATE_CROWD_SECONDS * 1000, GATE_CROWD_STARTS);
	if (few && load < QUIET && take(&gate->all, 1000 / GATE_ALL_SECOND, GATE_ALL_STARTS))
		return true;
	*ticket_r = '\0';
	*seconds_r = 0;
	if ((few ? gate->all_line : *line) - mono > (GATE_WAIT_MOST - GATE_CROWD_SECONDS) * INT64_C(1000))
		return false;
	due = few ? line_up(&gate->all_line, 1000 / GATE_ALL_SECOND)
		  : line_up(line, GATE_CROWD_SECONDS * 1000);
	make_ticket(gate, start_id, due / 1000 + 1, ticket_r);
	*seconds_r = (int)(due / 1000 + 1 - mono / 1000);
	return false;
}
