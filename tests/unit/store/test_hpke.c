/* Judged by RFC 9180, appendix A.1.1 (the RFC prints X25519 with AES-128-GCM alone), and for
 * AES-256-GCM by values that the npm package hpke-js made (tests/scenario judges it the other way). */
#include "store/hpke.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <string.h>

static const char rfc_info[] = "Ode on a Grecian Urn";
static const char rfc_plain[] = "Beauty is truth, truth beauty";
static const char rfc_private[] = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
static const char rfc_public[] = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
static const char rfc_ephemeral[] = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
static const char rfc_sealed[]
	= "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
	  "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a";

static size_t bytes(const char *hex, uint8_t *out, size_t size)
{
	size_t length;
	assert_int_equal(sodium_hex2bin(out, size, hex, strlen(hex), NULL, &length, NULL), 0);
	return length;
}

static const struct hpke_use rfc_use
	= { .info = rfc_info, .aad = (const uint8_t *)"Count-0", .aad_length = 7 };

static void seals_and_opens_as_the_rfc(void **state)
{
	uint8_t ephemeral[32], public[32], private[32], expected[200], sealed[200], plain[64];
	size_t length = bytes(rfc_sealed, expected, sizeof expected);

	(void)state;
	bytes(rfc_ephemeral, ephemeral, 32);
	bytes(rfc_public, public, 32);
	bytes(rfc_private, private, 32);
	assert_int_equal(hpke_seal_with(HPKE_AES_128_GCM, ephemeral, public, &rfc_use,
				 (const uint8_t *)rfc_plain, strlen(rfc_plain), sealed),
		OK);
	assert_int_equal(length, strlen(rfc_plain) + HPKE_OVERHEAD);
	assert_memory_equal(sealed, expected, length);
	assert_int_equal(
		hpke_open_with(HPKE_AES_128_GCM, private, &rfc_use, expected, length, plain), OK);
	assert_memory_equal(plain, rfc_plain, strlen(rfc_plain));
	assert_int_equal(hpke_public(private, plain), OK);
	assert_memory_equal(plain, public, 32);
}

static void opens_what_hpke_js_sealed(void **state)
{
	/* @hpke/core 1.9.0, Aes256Gcm, to the RFC's recipient */
	static const char sealed_hex[] 
		= "7db21e566884bf6ac5764102a956b3b4b72c6bffa78a1e5b8d845ef367251100"
		  "ace5e359e5bf7779109ce95d39af7a350b8abb92627cf4ae226cca9b76fd2ee4c6a178b09372136c44d94f20d1";
	uint8_t private[32], sealed[200], plain[64];
	size_t length = bytes(sealed_hex, sealed, sizeof sealed);

	(void)state;
	bytes(rfc_private, private, 32);
	assert_int_equal(hpke_open(private, &rfc_use, sealed, length, plain), OK);
	assert_memory_equal(plain, rfc_plain, strlen(rfc_plain));
}

static void a_change_anywhere_does_not_open(void **state)
{
	uint8_t private[32], public[32], sealed[5 + HPKE_OVERHEAD], plain[5];
	struct hpke_use use = { .info = "a", .aad = (const uint8_t *)"b", .aad_length = 1 };
	struct hpke_use other_info = use, other_aad = use;

	(void)state;
	other_info.info = "c";
	other_aad.aad = (const uint8_t *)"c";
	hpke_pair(private, public);
	assert_int_equal(hpke_seal(public, &use, (const uint8_t *)"hallo", 5, sealed), OK);
	assert_int_equal(hpke_open(private, &use, sealed, sizeof sealed, plain), OK);
	assert_memory_equal(plain, "hallo", 5);
	assert_int_equal(hpke_open(private, &other_info, sealed, sizeof sealed, plain), ERR_CORRUPT);
	assert_int_equal(hpke_open(private, &other_aad, sealed, sizeof sealed, plain), ERR_CORRUPT);
	for (size_t i = 0; i < sizeof sealed; i++) {
		sealed[i] ^= 1;
		assert_int_equal(hpke_open(private, &use, sealed, sizeof sealed, plain), ERR_CORRUPT);
		sealed[i] ^= 1;
	}
	for (size_t i = 0; i < sizeof sealed; i++)
		assert_int_equal(hpke_open(private, &use, sealed, i, plain), ERR_CORRUPT);
	hpke_pair(private, public);
	assert_int_equal(hpke_open(private, &use, sealed, sizeof sealed, plain), ERR_CORRUPT);
}

static void a_key_of_small_order_is_refused(void **state)
{
	static const uint8_t zero[32], one[32] = { 1 };
	uint8_t sealed[1 + HPKE_OVERHEAD];
	struct hpke_use use = { .info = "" };

	(void)state;
	assert_int_equal(hpke_seal(zero, &use, (const uint8_t *)"x", 1, sealed), ERR_INVALID);
	assert_int_equal(hpke_seal(one, &use, (const uint8_t *)"x", 1, sealed), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(seals_and_opens_as_the_rfc),
		cmocka_unit_test(opens_what_hpke_js_sealed),
		cmocka_unit_test(a_change_anywhere_does_not_open),
		cmocka_unit_test(a_key_of_small_order_is_refused) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
