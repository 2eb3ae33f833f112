/* The form of onthaal.yaml: what libcyaml reads, and the defaults and bounds of each number. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/config.h"

#include <cyaml/cyaml.h>
#include <stddef.h>

struct schema_number {
	const char *path, *unit;
	size_t offset; /* of a uint32_t, or a uint16_t where port is true */
	uint32_t low, high, fallback;
	bool port;
};

struct schema_text {
	const char *path, *fallback; /* NULL: none */
	size_t offset; /* of a char * */
};

extern const cyaml_schema_value_t schema_top;
extern const cyaml_config_t schema_reading; /* without a log */
extern const struct schema_number schema_numbers[];
extern const size_t schema_numbers_count;
extern const struct schema_text schema_texts[];
extern const size_t schema_texts_count;

#endif
