/* What a platform says when it cannot reach us: its fallback document, without any address of ours. */
#ifndef IVR_ADAPTERS_FALLBACK_H
#define IVR_ADAPTERS_FALLBACK_H

#include "ivr/script.h"

/* kind: twilio, jambonz. By malloc; NULL: no such kind. */
char *fallback_document(const struct script *script, const char *kind);

#endif
