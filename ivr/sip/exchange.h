/* The SIP thread's world: stacks, legs, lines, and the clock. */
#ifndef SIP_EXCHANGE_H
#define SIP_EXCHANGE_H

#include "base/mailbox.h"
#include "ivr/sip/digest.h"
#include "ivr/sip/guard.h"
#include "ivr/sip/leg.h"
#include "ivr/sip/wire.h"

#include <pthread.h>

enum { EXCHANGE_TRUNKS_MAX = 8, EXCHANGE_TLS_HOSTS = 16, EXCHANGE_USER_AGENT_MAX = 40 };

struct access {
	struct guard_net nets[GUARD_NETS_MAX];
	size_t net_count;
	struct digest_user *callers, *staff;
	size_t caller_count, staff_count;
};

struct exchange_trunk { /* copied from the configuration */
	char *name, *domain, *user, *password, *ca;
	char **servers; /* "host", "host:port" */
	size_t server_count;
	enum sip_transp transport;
	uint32_t expires;
};

struct exchange_settings { /* strings owned */
	char *address, *public_address, *certificate, *key, *user, *cli;
	uint16_t port, tls_port, rtp_low, rtp_high;
	uint32_t calls, messages, invites_per_minute, silence_seconds, call_minutes, drain_seconds,
		ring_seconds;
	bool srtp_only;
	struct exchange_trunk trunks[EXCHANGE_TRUNKS_MAX];
	size_t trunk_count;
};

struct stack { /* one of libre's SIP stacks: ours, a trunk's, or of a host reached by TLS */
	struct exchange *exchange;
	struct sip *sip;
	struct sipsess_sock *sessions;
	struct sip_lsnr *listener;
	struct tls *tls;
	struct trunk *trunk; /* NULL: not of a trunk */
	char host[128]; /* of a TLS host */
	char *client_host; /* what the server's certificate must say, or NULL */
};

struct exchange {
	struct exchange_settings settings;
	pthread_t thread;
	struct mqueue *orders;
	struct mailbox *reports;
	struct tally *tally;

	struct dnsc *dns;
	struct stack main;
	struct stack *hosts[EXCHANGE_TLS_HOSTS];
	size_t host_count;
	struct trunk *trunks[EXCHANGE_TRUNKS_MAX];
	struct registrar *registrar;
	struct access *access;
	struct digest *digest;
	struct guard_rate *rate;
	struct clips *clips;
	struct list old_clips; /* until no line plays them */
	struct ivr_caller_key key;

	struct list legs, lines, unsent;
	struct tmr sweep, retry, stop;
	struct hash *lines_by_name;
	int clock; /* timerfd */
	bool ticking;
	uint64_t ticks, began; /* ns, monotonic */
	uint16_t next_port;
	bool draining;
	struct tmr drain;
	uint16_t udp_port, tls_port; /* as bound */

	pthread_mutex_t lock; /* of the start alone */
	pthread_cond_t started;
	enum { EXCHANGE_STARTING, EXCHANGE_RUNNING, EXCHANGE_FAILED } state;
	char error[400];
};

/* exchange.c */
/* Everything in it is set by the caller; starts its thread and waits until it listens. */
must_check enum err exchange_start(struct exchange *exchange);
void exchange_stop(struct exchange *exchange); /* hangs up, and waits for the thread */
must_check enum err exchange_order(struct exchange *exchange, const struct order *order); /* any thread */
void exchange_report(struct exchange *exchange, const struct report *report);
void exchange_sweep_soon(struct exchange *exchange); /* frees what is in the trash */
int64_t exchange_now(void); /* monotonic ms */

/* stack.c */
must_check enum err stack_start(struct exchange *exchange);
must_check enum err stack_client(struct exchange *exchange, enum sip_transp transport,
	const char *host, const char *ca, struct stack *stack_r);
void stack_stop(struct stack *stack);
struct stack *stack_for_host(struct exchange *exchange, const char *host); /* TLS; NULL: too many */
bool stack_trusts(const struct stack *stack, const struct sip_msg *msg);
void stack_local(const struct exchange *exchange, const struct sa *peer, struct sa *local_r);

/* pulse.c */
must_check enum err pulse_start(struct exchange *exchange);
void pulse_wake(struct exchange *exchange); /* there is a call */
void pulse_stop(struct exchange *exchange);

#endif
