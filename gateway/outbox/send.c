/* The outbox's thread: everything that is due, a few at a time, until it succeeds or is dead. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/net.h"
#include "outbox/private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PAUSE_FIRST_MS = 5000, PAUSE_MOST_MS = 3600000, LOOK_MS = 60000, POLL_MS = 1000 };

bool send_private(const struct curl_sockaddr *address)
{
	struct sockaddr_in six4;
	struct sockaddr_in6 six;

	if (address->family == AF_INET) {
		memcpy(&six4, &address->addr, sizeof six4);
		return net_private_ipv4(ntohl(six4.sin_addr.s_addr));
	}
	if (address->family == AF_INET6) {
		memcpy(&six, &address->addr, sizeof six);
		return net_private_ipv6(six.sin6_addr.s6_addr);
	}
	return true;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct task *task = arg;

	(void)purpose;
	if (task->guarded && send_private(address)) {
		task->private_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct task *task = arg;
	size_t length = size * count, room = OUTBOX_ANSWER_MAX - task->answer_length;

	if (length > room)
		length = room;
	if (length) {
		task->answer = mem_grow(task->answer, task->answer_length + length + 1, 1);
		memcpy(task->answer + task->answer_length, bytes, length);
		task->answer_length += length;
		task->answer[task->answer_length] = '\0';
	}
	return size * count; /* the rest is let pass */
}

/* In memory from the start, so that no copy of it is left behind by growing. */
static size_t on_file(char *bytes, size_t size, size_t count, void *arg)
{
	struct task *task = arg;
	size_t length = size * count;

	if (!task->answer)
		task->answer = mem_alloc(task->file + 1);
	if (length > task->file - task->answer_length) {
		task->too_long = true;
		return 0;
	}
	memcpy(task->answer + task->answer_length, bytes, length);
	task->answer_length += length;
	return length;
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
	struct task *task = arg;
	size_t length = task->length - task->read_at;

	if (length > size * count)
		length = size * count;
	memcpy(to, task->body + task->read_at, length);
	task->read_at += length;
	return length;
}

struct curl_slist *send_sign(struct curl_slist *list, const struct task *task, int64_t seconds)
{
	const char *secret = task->webhook_secret;
	unsigned char key[128], mac[crypto_auth_hmacsha256_BYTES];
	char line[OUTBOX_ID_MAX + 120], encoded[64];
	crypto_auth_hmacsha256_state state;
	size_t key_length = 0;

	if (!strncmp(secret, "whsec_", 6))
		secret += 6;
	if (sodium_base642bin(key, sizeof key, secret, strlen(secret), NULL, &key_length, NULL,
		    sodium_base64_VARIANT_ORIGINAL))
		key_length = 0;
	crypto_auth_hmacsha256_init(&state, key, key_length);
	snprintf(line, sizeof line, "%s.%lld.", task->id, (long long)seconds);
	crypto_auth_hmacsha256_update(&state, (unsigned char *)line, strlen(line));
	crypto_auth_hmacsha256_update(&state, (unsigned char *)task->body, task->length);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(key, sizeof key);
	sodium_bin2base64(encoded, sizeof encoded, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
	snprintf(line, sizeof line, "webhook-id: %s", task->id);
	list = curl_slist_append(list, line);
	snprintf(line, sizeof line, "webhook-timestamp: %lld", (long long)seconds);
	list = curl_slist_append(list, line);
	snprintf(line, sizeof line, "webhook-signature: v1,%s", encoded);
	return curl_slist_append(list, line);
}

static void set_http(struct task *task)
{
	CURL *easy = task->easy;
	char header[OUTBOX_ID_MAX + 40], type[200];

	for (int i = 0; i < OUTBOX_HEADERS_MAX && task->headers[i]; i++)
		task->list = curl_slist_append(task->list, task->headers[i]);
	if (*task->id) {
		snprintf(header, sizeof header, "Idempotency-Key: %s", task->id);
		task->list = curl_slist_append(task->list, header);
	}
	if (task->webhook_secret)
		task->list = send_sign(task->list, task, clock_wall() / 1000);
	snprintf(type, sizeof type, "Content-Type: %s", task->type ? task->type : "");
	if (task->type)
		task->list = curl_slist_append(task->list, type);
	task->list = curl_slist_append(task->list, "Expect:");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, task->list);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, task->method);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "onthaal/" ONTHAAL_VERSION);
	if (task->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)task->length);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, task->body);
	}
	if (task->user) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, task->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, task->password ? task->password : "");
	}
}

static void set_mail(const struct outbox *outbox, struct task *task)
{
	CURL *easy = task->easy;

	task->read_at = 0;
	task->recipients = curl_slist_append(task->recipients, task->to);
	curl_easy_setopt(easy, CURLOPT_USE_SSL,
		outbox->allow_private ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, task->from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, task->recipients);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, task);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	if (task->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, task->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, task->password ? task->password : "");
	}
}

static void start(struct outbox *outbox, struct task *task)
{
	bool mail = !strncmp(task->url, "smtp", 4);
	CURL *easy = curl_easy_init();

	if (!easy)
		abort();
	task->easy = easy;
	task->guarded = !outbox->allow_private;
	task->private_address = task->too_long = false;
	task->answer_length = 0;
	*task->error = '\0';
	task->attempts++;
	curl_easy_setopt(easy, CURLOPT_URL, task->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, mail ? "smtp,smtps" : "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)outbox->timeout_seconds);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)outbox->timeout_seconds);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, task->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, task->file ? on_file : on_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, task);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, task);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, task);
	if (!*task->id) /* its deadline is the job's */
		curl_easy_setopt(easy, CURLOPT_TIMEOUT, 0L);
	if (mail)
		set_mail(outbox, task);
	else
		set_http(task);
	curl_multi_add_handle(outbox->multi, easy);
	outbox->under_way++;
}

static void stop_one(struct outbox *outbox, struct task *task)
{
	if (!task->easy)
		return;
	curl_multi_remove_handle(outbox->multi, task->easy);
	curl_easy_cleanup(task->easy);
	curl_slist_free_all(task->list);
	curl_slist_free_all(task->recipients);
	task->easy = NULL;
	task->list = task->recipients = NULL;
	outbox->under_way--;
}

static void unlink_task(struct outbox *outbox, struct task *task)
{
	struct task **at = &outbox->tasks;
	while (*at && *at != task)
		at = &(*at)->next;
	if (*at)
		*at = task->next;
	task->next = NULL;
	outbox->waiting--;
}

static void write_down(struct outbox *outbox, const struct task *task, bool dead)
{
	struct letter letter = { .kind = LETTER_REQUEST,
		.attempts = task->attempts,
		.due = clock_wall() + (task->due - clock_mono()),
		.since = task->since,
		.dead = dead };
	char *bytes = task_write(task, &letter.length);
	enum err err;

	memcpy(letter.id, task->id, sizeof letter.id);
	snprintf(letter.error, sizeof letter.error, "%.*s", LETTER_ERROR_MAX, task->error);
	letter.bytes = bytes;
	err = letters_put(outbox->letters, &letter);
	if (err)
		log_error("outgoing request not kept", "err=%s", err_word(err));
	sodium_memzero(bytes, letter.length);
	free(bytes);
}

static void finish(struct outbox *outbox, struct task *task)
{
	unlink_task(outbox, task);
	if (*task->id && !task->err && letters_drop(outbox->letters, task->id))
		log_error("sent, but still on the list", "err=io");
	if (mailbox_post(outbox->out, &task))
		task_destroy(&task);
}

static int64_t pause_of(const struct task *task)
{
	int64_t pause = PAUSE_FIRST_MS;

	for (uint32_t i = 1; i < task->attempts && pause < PAUSE_MOST_MS; i++)
		pause *= 2;
	if (pause > PAUSE_MOST_MS)
		pause = PAUSE_MOST_MS;
	return pause / 2 + randombytes_uniform((uint32_t)pause / 2 + 1);
}

static void failed(struct outbox *outbox, struct task *task, bool for_good)
{
	outbox->failed++;
	if (!*task->id) {
		finish(outbox, task);
		return;
	}
	for_good = for_good || task->attempts >= outbox->max_attempts;
	task->due = clock_mono() + pause_of(task);
	write_down(outbox, task, for_good);
	if (!for_good)
		return;
	outbox->dead++;
	log_error("dead letter", "attempts=%u status=%ld", task->attempts, task->status);
	finish(outbox, task);
}

static void refuse_private(struct outbox *outbox, struct task *task)
{
	outbox->refused_private++;
	snprintf(task->error, sizeof task->error, "a private address: see outbox.allow_private");
	log_error("a private address was not asked",
		"advice=\"if it is meant so: outbox.allow_private: true\"");
}

static void done(struct outbox *outbox, struct task *task, CURLcode code)
{
	bool refused, absent;

	curl_easy_getinfo(task->easy, CURLINFO_RESPONSE_CODE, &task->status);
	stop_one(outbox, task);
	absent = task->method && !strcmp(task->method, "DELETE")
		&& (task->status == 404 || task->status == 410);
	if (!code && (task->status / 100 == 2 || absent || !strncmp(task->url, "smtp", 4))) {
		task->err = OK;
		outbox->sent++;
		finish(outbox, task);
		return;
	}
	task->private_address = task->private_address && code == CURLE_COULDNT_CONNECT;
	if (task->private_address) {
		refuse_private(outbox, task);
	} else if (!code) {
		snprintf(task->error, sizeof task->error, "answered %ld", task->status);
	}
	refused = !code && task->status / 100 == 4 && task->status != 408 && task->status != 425
		&& task->status != 429;
	refused = refused || (!code && task->status / 100 == 3);
	task->err = refused || task->private_address ? ERR_DENIED : ERR_IO;
	if (task->too_long)
		task->err = ERR_TOO_LONG;
	failed(outbox, task, task->err != ERR_IO);
}

static bool known(const struct outbox *outbox, const char *id)
{
	for (const struct task *task = outbox->tasks; task; task = task->next)
		if (!strcmp(task->id, id))
			return true;
	return false;
}

static void add(struct outbox *outbox, struct task *task)
{
	struct task **at = &outbox->tasks;
	while (*at)
		at = &(*at)->next;
	*at = task;
}

static void keep_letter(struct outbox *outbox, const struct task *task)
{
	struct letter letter = { .kind = LETTER_CALLBACK,
		.bytes = task->body,
		.length = task->length,
		.since = task->since };
	enum err err;

	memcpy(letter.id, task->id, sizeof letter.id);
	err = task->kind == TASK_DROP ? letters_drop(outbox->letters, task->id)
				      : letters_put(outbox->letters, &letter);
	if (err)
		log_error("callback not kept", "err=%s", err_word(err));
}

static void take_in(struct outbox *outbox)
{
	struct task *task;

	while (mailbox_take(outbox->in, &task, 1)) {
		if (task->kind != TASK_SEND) {
			keep_letter(outbox, task);
			outbox->waiting--;
			task_destroy(&task);
		} else if (*task->id && known(outbox, task->id)) {
			outbox->waiting--;
			task_destroy(&task);
		} else {
			if (*task->id)
				write_down(outbox, task, false);
			add(outbox, task);
		}
	}
}

static void adopt(void *arg, const struct letter *letter)
{
	struct outbox *outbox = arg;
	struct task *task;

	if (letter->dead || known(outbox, letter->id))
		return;
	task = task_read(letter);
	if (!task) {
		log_error("an outgoing request cannot be read", "since=%lld",
			(long long)letter->since);
		return;
	}
	outbox->waiting++;
	add(outbox, task);
}

static void begin_due(struct outbox *outbox)
{
	int64_t mono = clock_mono();
	struct task *task, *next;

	for (task = outbox->tasks; task; task = next) {
		next = task->next;
		if (task->deadline && mono > task->deadline) {
			stop_one(outbox, task);
			task->err = ERR_IO;
			failed(outbox, task, true);
		} else if (!task->easy && task->due <= mono && outbox->under_way < OUTBOX_AT_ONCE) {
			start(outbox, task);
		}
	}
}

static void collect(struct outbox *outbox)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(outbox->multi, &left))) {
		struct task *task;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&task);
		done(outbox, task, code);
	}
}

void *send_run(void *arg)
{
	struct outbox *outbox = arg;
	int running;

	while (!outbox->stop) {
		take_in(outbox);
		if (clock_mono() - outbox->looked_mono >= LOOK_MS) {
			outbox->looked_mono = clock_mono();
			(void)!letters_each(outbox->letters, LETTER_REQUEST, adopt, outbox);
		}
		begin_due(outbox);
		curl_multi_perform(outbox->multi, &running);
		collect(outbox);
		begin_due(outbox);
		curl_multi_poll(outbox->multi, NULL, 0, POLL_MS, NULL);
	}
	take_in(outbox); /* what was asked to be kept is kept */
	for (struct task *task = outbox->tasks; task; task = task->next)
		stop_one(outbox, task);
	return NULL;
}
