#include "server/server.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A key behind a password cannot be opened by a daemon; nobody is asked. */
// NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's
static int no_password(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static const char *problem(SSL_CTX *tls, const char *certificate, const char *key)
{
	if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1)
		return "is no certificate in PEM";
	if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
		return "has a key that is no PEM without a password, or another certificate's";
	return SSL_CTX_check_private_key(tls) == 1 ? NULL : "is not the one of its key";
}

enum err server_certificate(
	const char *name, const char *certificate, const char *key, struct config_errors *errors)
{
	const char *files[] = { certificate, key }, *why;
	uint32_t before = errors->count;
	SSL_CTX *tls;

	if (!certificate || !key)
		return OK;
	for (int i = 0; i < 2; i++)
		if (access(files[i], R_OK))
			config_errors_add(errors, "%s: cannot be read: see %s.%s in the configuration",
				files[i], name, i ? "key" : "certificate");
	if (errors->count > before)
		return ERR_INVALID;
	tls = SSL_CTX_new(TLS_server_method());
	if (!tls)
		return ERR_IO;
	SSL_CTX_set_default_passwd_cb(tls, no_password);
	why = problem(tls, certificate, key);
	SSL_CTX_free(tls);
	if (!why)
		return OK;
	config_errors_add(errors, "%s: %s: see %s.certificate and %s.key in the configuration",
		certificate, why, name, name);
	return ERR_INVALID;
}
