/* The ticket of a sign-in under way. */
#include "oidc/flow.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <string.h>

static uint8_t key[FLOW_KEY_SIZE] = { 7 };

static void what_was_begun_comes_back(void **state)
{
	struct flow begun, other, opened;
	char ticket[FLOW_TICKET_SIZE], second[FLOW_TICKET_SIZE];
	(void)state;
	flow_begin(key, 1000, &begun, ticket);
	flow_begin(key, 1000, &other, second);
	assert_int_equal(strlen(ticket), FLOW_TICKET_SIZE - 1);
	assert_int_equal(flow_open(key, ticket, 1000, &opened), OK);
	assert_memory_equal(&begun, &opened, sizeof begun);
	assert_int_equal(strlen(opened.verifier), 43); /* RFC 7636: the shortest allowed, 256 bits */
	assert_string_not_equal(opened.state, opened.nonce);
	assert_string_not_equal(opened.state, opened.verifier);
	assert_string_not_equal(begun.state, other.state);
	assert_string_not_equal(begun.verifier, other.verifier);
}

static void the_challenge_is_that_of_the_verifier(void **state)
{
	struct flow flow;
	char ticket[FLOW_TICKET_SIZE], challenge[FLOW_WORD_SIZE];
	uint8_t hash[crypto_hash_sha256_BYTES];
	(void)state;
	flow_begin(key, 0, &flow, ticket);
	crypto_hash_sha256(hash, (const uint8_t *)flow.verifier, strlen(flow.verifier));
	sodium_bin2base64(challenge, sizeof challenge, hash, sizeof hash,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	assert_string_equal(challenge, flow.challenge);
}

static void it_is_good_for_ten_minutes(void **state)
{
	struct flow flow;
	char ticket[FLOW_TICKET_SIZE];
	(void)state;
	flow_begin(key, 1000, &flow, ticket);
	assert_int_equal(flow_open(key, ticket, 1000 + FLOW_MS - 1, &flow), OK);
	assert_int_equal(flow_open(key, ticket, 1000 + FLOW_MS, &flow), ERR_STALE);
	assert_string_equal(flow.state, "");
}

static void no_other_is_taken(void **state)
{
	uint8_t another[FLOW_KEY_SIZE] = { 8 };
	struct flow flow;
	char ticket[FLOW_TICKET_SIZE];
	(void)state;
	flow_begin(key, 1000, &flow, ticket);
	assert_int_equal(flow_open(another, ticket, 1000, &flow), ERR_INVALID);
	assert_int_equal(flow_open(key, "", 1000, &flow), ERR_INVALID);
	assert_int_equal(flow_open(key, "AAAA", 1000, &flow), ERR_INVALID);
	for (size_t i = 0; i < FLOW_TICKET_SIZE - 1; i++) {
		char was = ticket[i];
		ticket[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(flow_open(key, ticket, 1000, &flow), ERR_INVALID);
		ticket[i] = was;
	}
	assert_int_equal(flow_open(key, ticket, 1000, &flow), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_begun_comes_back),
		cmocka_unit_test(the_challenge_is_that_of_the_verifier),
		cmocka_unit_test(it_is_good_for_ten_minutes),
		cmocka_unit_test(no_other_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
