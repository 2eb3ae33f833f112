/* A message as mod_httapi hands it over: <record> writes it to a file of its temporary folder, and the next
 * request brings it, once, as a part of a multipart form; then the file is deleted there, whatever we answered.
 * So it is taken as it comes, never gathered; only from who is believed, only for a call that is being asked
 * for a message in that very turn. What is cut off has come so far, and is kept. */
#ifndef IVR_ADAPTERS_HTTAPI_UPLOAD_H
#define IVR_ADAPTERS_HTTAPI_UPLOAD_H

#include "ivr/adapters/httapi.h"

#define HTTAPI_FILE "message" /* the part's name */

enum { HTTAPI_UPLOAD_SECONDS = 120,
	/* 240 s of 16 bits at 48 kHz, and the form */
	HTTAPI_UPLOAD_MAX = 24 * 1024 * 1024 };

extern const struct server_stream httapi_upload;

#endif
