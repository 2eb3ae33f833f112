/* One line of logfmt on stderr for each thing worth telling. Never message text, telephone
 * numbers, addresses, names of visitors or anything a peer sent as it is. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum { LOG_MOST = 60 }; /* lines a minute of one warning or error; those left out are counted in the next */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* fields: logfmt made by printf, e.g. "contact=%s err=%s"; may be "". `event` is a constant text. */
#define log_error(event, ...) log_line(LOG_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_line(LOG_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_line(LOG_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_line(LOG_DEBUG, event, __VA_ARGS__)

void log_line(enum log_level level, const char *event, const char *fields, ...)
	__attribute__((format(printf, 3, 4)));
void log_threshold(enum log_level level); /* default LOG_INFO */

/* For tests: every line (without the newline) goes to `sink` as well; NULL takes it off. */
void log_capture(void (*sink)(const char *line, void *arg), void *arg);

#endif
