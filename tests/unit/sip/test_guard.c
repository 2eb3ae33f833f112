/* Who may talk to us: prefixes, the bucket of a source, and what a request must look like. */
#include "ivr/sip/guard.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static struct sa at(const char *text)
{
	struct sa address;
	assert_int_equal(sa_set_str(&address, text, 5060), 0);
	return address;
}

static bool has(const char *net, const char *address)
{
	struct guard_net parsed;
	struct sa source = at(address);
	assert_int_equal(guard_net_parse(net, &parsed), OK);
	return guard_net_has(&parsed, 1, &source);
}

static void prefixes(void **state)
{
	static const char *const bad[]
		= { "", "/8", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "host", "2001:db8::/129" };
	struct guard_net net;
	(void)state;
	assert_true(has("192.0.2.0/24", "192.0.2.255"));
	assert_false(has("192.0.2.0/24", "192.0.3.0"));
	assert_true(has("192.0.2.128/25", "192.0.2.128"));
	assert_false(has("192.0.2.128/25", "192.0.2.127"));
	assert_true(has("192.0.2.7", "192.0.2.7"));
	assert_false(has("192.0.2.7", "192.0.2.6"));
	assert_true(has("0.0.0.0/0", "203.0.113.9"));
	assert_false(has("0.0.0.0/0", "2001:db8::1"));
	assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(guard_net_parse(bad[i], &net), ERR_INVALID);
}

static void loopback_is_told_from_others(void **state)
{
	static const char *const yes[] = { "127.0.0.1", "::1" };
	static const char *const no[] = { "192.0.2.1", "128.0.0.1", "::2", "", "localhost" };
	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		assert_true(guard_loopback(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_false(guard_loopback(no[i]));
	assert_false(guard_loopback(NULL));
	assert_true(has("::/0", "192.0.2.1"));
	assert_true(has("::/0", "2001:db8::1"));
}

static void a_source_has_its_bucket(void **state)
{
	struct guard_rate *rate = guard_rate_create(20);
	struct sa one = at("198.51.100.1"), two = at("198.51.100.2");
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(guard_rate_take(rate, &one, 1000));
	assert_false(guard_rate_take(rate, &one, 1000));
	assert_true(guard_rate_take(rate, &two, 1000)); /* another is not touched */
	assert_false(guard_rate_take(rate, &one, 3999));
	assert_true(guard_rate_take(rate, &one, 4000)); /* one every 3 s */
	assert_false(guard_rate_take(rate, &one, 4001));
	for (int i = 0; i < 20; i++)
		assert_true(guard_rate_take(rate, &one, 200000));
	assert_false(guard_rate_take(rate, &one, 200000)); /* never more than a minute's */
	guard_rate_destroy(&rate);
}

static void a_household_of_ipv6_is_one_source(void **state)
{
	struct guard_rate *rate = guard_rate_create(1);
	struct sa one = at("2001:db8:1:2::1"), two = at("2001:db8:1:2:ffff::9"),
		  three = at("2001:db8:1:3::1");
	(void)state;
	assert_true(guard_rate_take(rate, &one, 0));
	assert_false(guard_rate_take(rate, &two, 0));
	assert_true(guard_rate_take(rate, &three, 0));
	guard_rate_destroy(&rate);
}

static void a_million_sources_do_not_fill_memory(void **state)
{
	struct guard_rate *rate = guard_rate_create(5);
	(void)state;
	for (uint32_t i = 0; i < 1000000; i++) {
		struct sa source;
		sa_set_in(&source, i * 2654435761u, 5060);
		assert_true(guard_rate_take(rate, &source, i));
	}
	guard_rate_destroy(&rate);
}

static int judge(const char *method, const char *headers, const char *body, char reason_r[60])
{
	struct sip_msg *msg = NULL;
	struct mbuf *mb = mbuf_alloc(2048);
	const char *reason = "";
	int status;

	mbuf_printf(mb, "%s sip:intake@127.0.0.1 SIP/2.0\r\n%s\r\n%s", method, headers, body);
	mb->pos = 0;
	assert_int_equal(sip_msg_decode(&msg, mb), 0);
	msg->src = at("192.0.2.1");
	status = guard_request(msg, &reason);
	snprintf(reason_r, 60, "%s", reason ? reason : "");
	mem_deref(msg);
	mem_deref(mb);
	return status;
}

#define VIA "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
#define FROM "From: <sip:a@example.org>;tag=1\r\n"
#define TO "To: <sip:intake@example.org>\r\n"
#define CALL "Call-ID: 1\r\n"
#define CSEQ "CSeq: 1 INVITE\r\n"

static void headers(void **state)
{
	char reason[60];
	(void)state;
	assert_int_equal(judge("INVITE", VIA FROM TO CALL CSEQ, "", reason), 0);
	assert_int_equal(judge("INVITE", VIA TO CALL CSEQ, "", reason), 400);
	assert_string_equal(reason, "Missing From or To");
	assert_int_equal(judge("INVITE", VIA "From: <sip:a@b>\r\n" TO CALL CSEQ, "", reason), 400);
	assert_string_equal(reason, "Missing From Tag");
	assert_int_equal(judge("INVITE", VIA FROM TO CSEQ, "", reason), 400);
	assert_int_equal(judge("INVITE", VIA FROM TO CALL, "", reason), 400);
	assert_int_equal(judge("INVITE", VIA FROM TO CALL "CSeq: 1 BYE\r\n", "", reason), 400);
	assert_string_equal(reason, "CSeq Method Mismatch");
	assert_int_equal(judge("INVITE", VIA FROM FROM TO CALL CSEQ, "", reason), 400);
	assert_int_equal(
		judge("INVITE", VIA FROM TO CALL CSEQ "Content-Length: 9\r\n", "abc", reason), 400);
	assert_int_equal(
		judge("INVITE", VIA FROM TO CALL CSEQ "Content-Length: -1\r\n", "", reason), 400);
	assert_int_equal(
		judge("INVITE", VIA FROM TO CALL CSEQ "Require: 100rel\r\n", "", reason), 420);
	assert_int_equal(judge("UPDATE", VIA FROM TO CALL "CSeq: 1 UPDATE\r\n", "", reason), 405);
	assert_int_equal(
		judge("INVITE", VIA FROM TO CALL CSEQ "Content-Encoding: gzip\r\n", "", reason), 415);
}

static void an_answer_is_not_aimed_at_others(void **state)
{
	char reason[60];
	(void)state;
	assert_int_equal(judge("INVITE",
				 "Via: SIP/2.0/UDP 192.0.2.1;maddr=203.0.113.5;branch=z9hG4bK1\r\n"
				 FROM TO CALL CSEQ,
				 "", reason),
		-1);
	assert_int_equal(judge("INVITE",
				 "Via: SIP/2.0/UDP 192.0.2.1;maddr=192.0.2.1;branch=z9hG4bK1\r\n"
				 FROM TO CALL CSEQ,
				 "", reason),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes),
		cmocka_unit_test(loopback_is_told_from_others),
		cmocka_unit_test(a_source_has_its_bucket),
		cmocka_unit_test(a_household_of_ipv6_is_one_source),
		cmocka_unit_test(a_million_sources_do_not_fill_memory),
		cmocka_unit_test(headers),
		cmocka_unit_test(an_answer_is_not_aimed_at_others),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
