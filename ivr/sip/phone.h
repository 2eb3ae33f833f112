/* The SIP endpoint in the daemon: started where sip.address is configured, with the sounds of the call
 * script, which it takes anew when they change. Loop thread; a NULL phone does nothing. */
#ifndef SIP_PHONE_H
#define SIP_PHONE_H

#include "config/config.h"
#include "ivr/telephone.h"

#include <stddef.h>

/* Beyond sip.drain_seconds, until a stop is forced: the last word may be heard. */
enum { PHONE_SPARE_MS = 22000 };

struct phone;

/* *phone_r is NULL, with OK, where it is off. wake: any thread: call phone_pump soon. */
must_check enum err phone_create(const struct config *config, struct telephone *telephone,
	void (*wake)(void *arg), void *arg, struct phone **phone_r, char *error, size_t size);
void phone_destroy(struct phone **phone); /* after the server, before the telephone */
void phone_pump(struct phone *phone);
void phone_second(struct phone *phone);
void phone_configure(struct phone *phone, const struct config *config);
void phone_drain(struct phone *phone);
size_t phone_calls(const struct phone *phone);
void phone_announce(const struct phone *phone, const struct config *config); /* on stdout */
size_t phone_figures(void *phone, char *text, size_t size); /* Prometheus text */

#endif
