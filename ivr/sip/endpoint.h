/* The telephone without a platform: a SIP endpoint of our own, one more adapter of the call script
 * (its name: "sip"). A thread of its own owns every SIP object and all audio, so that neither a
 * browser nor the database makes a voice stutter; this half runs on the loop thread.
 *
 * Speech is G.711 (both laws), keys are RFC 4733 or INFO, transports UDP, TCP and TLS, SRTP by SDES.
 * What it does not speak is refused: PRACK (420), UPDATE (405), other codecs (488).
 * Messages are recorded in memory (tape.h) and fetched by the core as WAV files; sip.messages of them at
 * once, then the script hears that there is no voicemail.
 * Targets of CONNECT: "sip:…", the name of a staff softphone that registered here, or a number by a
 * trunk. Limits: `sip` in onthaal.yaml. */
#ifndef SIP_ENDPOINT_H
#define SIP_ENDPOINT_H

#include "config/config.h"
#include "ivr/ivr.h"

#include <stddef.h>

struct clips;
struct endpoint;

enum { ENDPOINT_LEAVING_SECONDS = 21 };

struct endpoint_hooks { /* on the loop thread, but for wake */
	void (*wake)(void *arg); /* any thread: call endpoint_pump soon */
	void *arg;
};

/* ivr: borrowed; the adapter is added to it. clips: taken over, in any case. */
must_check enum err endpoint_create(const struct config *config, struct ivr *ivr,
	struct clips *clips, const struct endpoint_hooks *hooks, struct endpoint **endpoint_r,
	char *error, size_t error_size);
void endpoint_destroy(struct endpoint **endpoint); /* before the ivr; lines are hung up */

void endpoint_pump(struct endpoint *endpoint);
void endpoint_second(struct endpoint *endpoint);
/* Who may call and register; the rest of `sip` needs a restart. */
must_check enum err endpoint_configure(
	struct endpoint *endpoint, const struct config *config, char *error, size_t error_size);
void endpoint_clips(struct endpoint *endpoint, struct clips *clips); /* taken over */
/* No new calls; who waits hears IVR_PROMPT_RESTART and is hung up, who talks may go on for
 * sip.drain_seconds, then hears it too. All of it within drain_seconds and ENDPOINT_LEAVING_SECONDS. */
void endpoint_drain(struct endpoint *endpoint);
/* Calls, and messages that the core has not stored yet: a stop waits for both. */
size_t endpoint_calls(const struct endpoint *endpoint);

int endpoint_port(const struct endpoint *endpoint);
int endpoint_tls_port(const struct endpoint *endpoint); /* 0: none */

/* Prometheus text, without anything of a person. Gives its length (as snprintf). */
size_t endpoint_figures(const struct endpoint *endpoint, char *text, size_t size);

#endif
