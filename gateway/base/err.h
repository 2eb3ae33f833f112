/* Results of the house. 0 is success; a function that can fail says so by `must_check`. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define must_check __attribute__((warn_unused_result))

enum err {
	OK = 0,
	ERR_INVALID, /* the input is not of the form asked for */
	ERR_TOO_LONG, /* a stated limit was passed */
	ERR_NOT_FOUND,
	ERR_EXISTS,
	ERR_DENIED, /* not allowed for this person */
	ERR_STALE, /* somebody else holds the contact, or its state has moved on */
	ERR_FENCED, /* this node was declared dead; it must not write */
	ERR_FULL, /* nothing can be stored at the moment (disk full, read-only, failing fsync) */
	ERR_BUSY, /* a bounded queue is full: try again */
	ERR_LIMIT, /* a rate or capacity limit */
	ERR_IO, /* the operating system refused; the log has errno */
	ERR_CORRUPT, /* what is stored is damaged or was tampered with */
	ERR_BLOCKED, /* by a counsellor, for a while */
	ERR_COUNT
};

/* A short stable word for logs and protocols: "ok", "invalid", "too_long" … */
const char *err_word(enum err err);

#endif
