#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, PLACE_BYTES = 20 };

void *seal_alloc(size_t size)
{
	void *p = sodium_init() < 0 ? NULL : sodium_malloc(size);

	if (!p)
		abort();
	return memset(p, 0, size);
}

void seal_free(void *p)
{
	sodium_free(p);
}

static void put_number(uint8_t *to, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(number >> (8 * i));
}

static void place_bytes(const struct seal_place *place, uint8_t bytes_r[PLACE_BYTES])
{
	put_number(bytes_r, place->contact, 8);
	put_number(bytes_r + 8, place->seq, 4);
	put_number(bytes_r + 12, place->kind, 4);
	put_number(bytes_r + 16, place->field, 4);
}

void seal_close(const uint8_t key[SEAL_KEY_SIZE], const struct seal_place *place,
	const void *plain, size_t length, uint8_t *sealed_r)
{
	uint8_t nonce[SEAL_NONCE_SIZE];

	randombytes_buf(nonce, sizeof nonce);
	seal_close_with(nonce, key, place, plain, length, sealed_r);
}

void seal_close_with(const uint8_t nonce[SEAL_NONCE_SIZE], const uint8_t key[SEAL_KEY_SIZE],
	const struct seal_place *place, const void *plain, size_t length, uint8_t *sealed_r)
{
	uint8_t bound[PLACE_BYTES];

	place_bytes(place, bound);
	memcpy(sealed_r, nonce, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed_r + NONCE, NULL, plain, length, bound,
		sizeof bound, NULL, sealed_r, key);
}

enum err seal_open(const uint8_t key[SEAL_KEY_SIZE], const struct seal_place *place,
	const uint8_t *sealed, size_t length, uint8_t *plain_r)
{
	uint8_t bound[PLACE_BYTES];

	if (length < SEAL_OVERHEAD)
		return ERR_CORRUPT;
	place_bytes(place, bound);
	return crypto_aead_xchacha20poly1305_ietf_decrypt(plain_r, NULL, NULL, sealed + NONCE,
		       length - NONCE, bound, sizeof bound, sealed, key)
		? ERR_CORRUPT
		: OK;
}

void seal_wrap(const uint8_t server[SEAL_KEY_SIZE], uint64_t contact,
	const uint8_t key[SEAL_KEY_SIZE], uint8_t wrapped_r[SEAL_WRAP_SIZE])
{
	struct seal_place place = { .contact = contact };
	seal_close(server, &place, key, SEAL_KEY_SIZE, wrapped_r);
}

enum err seal_unwrap(const uint8_t server[SEAL_KEY_SIZE], uint64_t contact,
	const uint8_t *wrapped, size_t length, uint8_t key_r[SEAL_KEY_SIZE])
{
	struct seal_place place = { .contact = contact };
	if (!wrapped || length != SEAL_WRAP_SIZE)
		return ERR_CORRUPT;
	return seal_open(server, &place, wrapped, length, key_r);
}

void seal_derive(const uint8_t server[SEAL_KEY_SIZE], const char *label, uint8_t key_r[SEAL_KEY_SIZE])
{
	crypto_generichash(key_r, SEAL_KEY_SIZE, (const unsigned char *)label, strlen(label), server,
		SEAL_KEY_SIZE);
}

static enum err make_key(int fd, uint8_t key_r[SEAL_KEY_SIZE])
{
	randombytes_buf(key_r, SEAL_KEY_SIZE);
	return write(fd, key_r, SEAL_KEY_SIZE) == SEAL_KEY_SIZE && !fsync(fd) ? OK : ERR_IO;
}

/* others: the bits of the mode that may not be set. */
static enum err read_key(const char *path, int fd, mode_t others, uint8_t key_r[SEAL_KEY_SIZE],
	char *error, size_t error_size)
{
	struct stat about;
	uint8_t beyond;

	if (fstat(fd, &about) || about.st_mode & others) {
		snprintf(error, error_size, "%s can be read by others: chmod 600 it", path);
		return ERR_DENIED;
	}
	if (read(fd, key_r, SEAL_KEY_SIZE) != SEAL_KEY_SIZE || read(fd, &beyond, 1) != 0) {
		snprintf(error, error_size, "%s is not a key of %d bytes: restore it from its copy",
			path, SEAL_KEY_SIZE);
		return ERR_CORRUPT;
	}
	return OK;
}

static bool database_without_key(const char *folder)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/onthaal.db", folder);
	bool there = access(path, F_OK) == 0;
	errno = ENOENT;
	return there;
}

bool seal_credential(char *path_r, size_t size)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (!folder || *folder != '/')
		return false;
	snprintf(path_r, size, "%s/server.key", folder);
	return access(path_r, F_OK) == 0;
}

enum err seal_server_key(
	const char *folder, uint8_t key_r[SEAL_KEY_SIZE], char *error, size_t error_size)
{
	char path[4096], credential[4096];
	bool given = seal_credential(credential, sizeof credential);
	enum err err;
	int fd;

	snprintf(path, sizeof path, "%s/server.key", folder);
	if (given && access(path, F_OK) == 0) {
		snprintf(error, error_size,
			"there are two server keys, %s and the credential %s: keep a copy elsewhere, and remove the first",
			path, credential);
		return ERR_DENIED;
	}
	if (given)
		snprintf(path, sizeof path, "%s", credential);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (given && fd < 0) {
		snprintf(error, error_size, "%s cannot be read: %s", path, strerror(errno));
		return ERR_IO;
	}
	if (fd >= 0) {
		/* systemd lets the unit's user in by an ACL, whose mask stands in the group's bits */
		err = read_key(path, fd, given ? 037 : 077, key_r, error, error_size);
		close(fd);
		return err;
	}
	if (errno == ENOENT && database_without_key(folder)) {
		snprintf(error, error_size,
			"%s is missing, and the database beside it opens with no other: put its copy "
			"back",
			path);
		return ERR_NOT_FOUND;
	}
	fd = errno == ENOENT ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	err = fd < 0 ? ERR_IO : make_key(fd, key_r);
	if (err) {
		snprintf(error, error_size, "%s cannot be made: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(path);
	}
	if (fd >= 0)
		close(fd);
	return err;
}
