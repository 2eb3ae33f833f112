#include "oidc/discovery.h"
#include "base/json.h"
#include "base/net.h"
#include "oidc/idtoken.h"

#include <string.h>

static bool of_this_machine(const char *url)
{
	char host[NET_HOST_MAX + 1];
	return net_host(url, host) && net_this_machine(host);
}

bool discovery_url(const char *url, bool plain)
{
	size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
	size_t host = scheme ? strcspn(url + scheme, "/?") : 0;

	if (!host || strlen(url) > DISCOVERY_URL_MAX)
		return false;
	if (scheme == 7 && (!plain || !of_this_machine(url)))
		return false;
	for (const char *at = url; *at; at++)
		if (*at <= ' ' || *at >= 0x7f || strchr("\"<>\\^`{|}#", *at))
			return false;
	return !memchr(url + scheme, '@', host);
}

/* Missing: fallback. */
static bool lists(const json_t *object, const char *key, const char *word, bool fallback)
{
	const json_t *list = json_object_get(object, key);
	size_t i;
	json_t *each;

	if (!json_is_array(list))
		return fallback;
	json_array_foreach(list, i, each)
		if (json_is_string(each) && !strcmp(json_string_value(each), word))
			return true;
	return false;
}

static bool copy_url(const json_t *object, const char *key, bool plain, char *to)
{
	const char *url = json_get_text(object, key);

	if (!url || !discovery_url(url, plain))
		return false;
	memcpy(to, url, strlen(url) + 1);
	return true;
}

static bool signs_as_we_can(const json_t *object)
{
	static const char key[] = "id_token_signing_alg_values_supported";

	for (int alg = 0; alg < IDTOKEN_ALGS; alg++)
		if (lists(object, key, idtoken_alg_word((enum idtoken_alg)alg), false))
			return true;
	return !json_is_array(json_object_get(object, key)); /* it must be told, and often is not */
}

static const char *read_all(
	const json_t *object, const char *issuer, bool plain, struct discovery *discovery)
{
	const char *named = json_get_text(object, "issuer");

	if (!json_is_object(object))
		return "not JSON";
	if (!named || strcmp(named, issuer) != 0)
		return "another issuer";
	if (!copy_url(object, "authorization_endpoint", plain, discovery->authorization))
		return "authorization_endpoint";
	if (!copy_url(object, "token_endpoint", plain, discovery->token))
		return "token_endpoint";
	if (!copy_url(object, "jwks_uri", plain, discovery->keys))
		return "jwks_uri";
	if (!lists(object, "response_types_supported", "code", true))
		return "no code flow";
	if (!lists(object, "code_challenge_methods_supported", "S256", true))
		return "no PKCE by S256";
	if (!signs_as_we_can(object))
		return "no signature that we take";
	discovery->fragment = lists(object, "response_modes_supported", "fragment", true);
	discovery->names_itself
		= json_get_flag(object, "authorization_response_iss_parameter_supported");
	discovery->method = lists(object, "token_endpoint_auth_methods_supported",
				    "client_secret_basic", true)
		? DISCOVERY_BASIC
		: DISCOVERY_POST;
	return NULL;
}

enum err discovery_parse(const char *bytes, size_t length, const char *issuer, bool plain,
	struct discovery *discovery_r, const char **why_r)
{
	json_t *object = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);

	memset(discovery_r, 0, sizeof *discovery_r);
	*why_r = read_all(object, issuer, plain, discovery_r);
	json_decref(object);
	return *why_r ? ERR_INVALID : OK;
}
