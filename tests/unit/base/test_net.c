/* Which addresses are private, by both sides of each net; and the host of an address. */
#include "base/net.h"
#include "tests/unit/unit.h"

#include <string.h>

static void hosts_are_read(void **state)
{
	static const struct {
		const char *url, *host;
	} known[] = { { "https://a.example.org/x", "a.example.org" }, { "http://A.B:80", "a.b" },
		{ "http://u:p@c.example", "c.example" }, { "ws://[::1]:8088/y", "::1" },
		{ "smtp://10.0.0.1?x", "10.0.0.1" }, { "http://d.example#@e.example", "d.example" } };
	static const char *const none[] = { "", "a.example.org", "http://", "http:///x", "http://[]/", "http://:80" };
	char host[NET_HOST_MAX + 1], longest[NET_HOST_MAX + 20] = "http://";

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		assert_true(net_host(known[i].url, host));
		assert_string_equal(host, known[i].host);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(net_host(none[i], host));
	memset(longest + 7, 'a', NET_HOST_MAX);
	assert_true(net_host(longest, host));
	longest[7 + NET_HOST_MAX] = 'a';
	assert_false(net_host(longest, host));
}

static void both_sides_of_each_net(void **state)
{
	static const char *const inside[] = { "0.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.1", "169.254.1.1", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.168.0.1",
		"198.18.0.1", "198.19.255.255", "224.0.0.1", "255.255.255.255", "::", "::1", "fc00::1",
		"fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
		"localhost", "a.localhost", "asterisk", "pbx.local", "pbx.lan", "pbx.internal", "pbx.home.arpa" };
	static const char *const outside[] = { "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:db8::1", "fb00::1",
		"::ffff:9.9.9.9", "a.example.org", "local.example", "lan.example" };

	(void)state;
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		if (!net_private_host(inside[i]))
			fail_msg("%s", inside[i]);
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		if (net_private_host(outside[i]))
			fail_msg("%s", outside[i]);
}

static void this_machine(void **state)
{
	(void)state;
	assert_true(net_this_machine("127.0.0.1") && net_this_machine("127.255.0.9"));
	assert_true(net_this_machine("::1") && net_this_machine("localhost"));
	assert_false(net_this_machine("126.0.0.1") || net_this_machine("128.0.0.1"));
	assert_false(net_this_machine("10.0.0.1") || net_this_machine("::2") || net_this_machine("asterisk"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hosts_are_read),
		cmocka_unit_test(both_sides_of_each_net), cmocka_unit_test(this_machine) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
