/* Connections of strangers: few at once, however they are kept open. Whoever shows who it is (a trusted
 * address, a password, a call of ours) is a stranger no longer. SIP thread only. */
#ifndef SIP_DOOR_H
#define SIP_DOOR_H

#include "ivr/sip/re.h"

enum { DOOR_STRANGERS = 100 }; /* at once; one more, and the oldest is cut */

void door_enter(int fd); /* one was let in */
void door_known(const struct sip_msg *msg); /* by what it sent */

#endif
