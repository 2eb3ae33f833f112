#include "config/document.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { PATH_BYTES = 256 };

struct document {
	yaml_document_t yaml;
};

static enum err parse(yaml_parser_t *parser, const char *name, struct document **document_r,
	struct config_errors *errors)
{
	struct document *document = mem_alloc(sizeof *document);
	bool good = yaml_parser_load(parser, &document->yaml);

	if (!good) {
		config_errors_add(errors, "%s:%zu: this is not YAML: %s", name,
			parser->problem_mark.line + 1,
			parser->problem ? parser->problem : "unreadable");
		free(document);
		document = NULL;
	}
	yaml_parser_delete(parser);
	*document_r = document;
	return good ? OK : ERR_INVALID;
}

enum err document_read(
	const char *path, char **bytes_r, size_t *length_r, struct config_errors *errors)
{
	FILE *file = fopen(path, "re");
	char *bytes = mem_alloc(DOCUMENT_FILE_MAX + 1);
	size_t length = file ? fread(bytes, 1, DOCUMENT_FILE_MAX + 1, file) : 0;
	bool good = file && !ferror(file);

	if (!good)
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
	else if (length > DOCUMENT_FILE_MAX)
		config_errors_add(errors, "%s:1: is larger than %d bytes", path, DOCUMENT_FILE_MAX);
	if (file)
		fclose(file);
	if (!good || length > DOCUMENT_FILE_MAX) {
		free(bytes);
		return good ? ERR_TOO_LONG : ERR_IO;
	}
	bytes[length] = '\0';
	*bytes_r = bytes;
	*length_r = length;
	return OK;
}

enum err document_open(
	const char *path, struct document **document_r, struct config_errors *errors)
{
	size_t length;
	char *bytes;
	enum err err = document_read(path, &bytes, &length, errors);

	if (err)
		return err;
	err = document_parse(path, bytes, length, document_r, errors);
	free(bytes);
	return err;
}

enum err document_parse(const char *name, const char *bytes, size_t length,
	struct document **document_r, struct config_errors *errors)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
	return parse(&parser, name, document_r, errors);
}

void document_close(struct document **document)
{
	if (!*document)
		return;
	yaml_document_delete(&(*document)->yaml);
	free(*document);
	*document = NULL;
}

static yaml_document_t *yaml_of(const struct document *document)
{
	return (yaml_document_t *)&document->yaml; /* libyaml's readers take no const */
}

static yaml_node_t *child(yaml_document_t *yaml, yaml_node_t *node, const char *key, size_t length)
{
	if (node->type == YAML_SEQUENCE_NODE) {
		size_t index = strtoul(key, NULL, 10);
		yaml_node_item_t *item = node->data.sequence.items.start + index;
		return item < node->data.sequence.items.top ? yaml_document_get_node(yaml, *item)
							     : NULL;
	}
	if (node->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *name = yaml_document_get_node(yaml, pair->key);
		if (name->type == YAML_SCALAR_NODE && name->data.scalar.length == length
			&& !memcmp(name->data.scalar.value, key, length))
			return yaml_document_get_node(yaml, pair->value);
	}
	return NULL;
}

static yaml_node_t *find(const struct document *document, const char *path)
{
	yaml_document_t *yaml = yaml_of(document);
	yaml_node_t *node = yaml_document_get_root_node(yaml);

	while (node && *path) {
		size_t length = strcspn(path, ".");
		node = child(yaml, node, path, length);
		path += length + (path[length] == '.');
	}
	return node;
}

int document_line(const struct document *document, const char *path)
{
	const yaml_node_t *node = find(document, path);
	return node ? (int)node->start_mark.line + 1 : 0;
}

int document_line_near(const struct document *document, const char *path)
{
	int line = document_line(document, path);
	char above[PATH_BYTES];

	snprintf(above, sizeof above, "%s", path);
	for (char *dot; !line && (dot = strrchr(above, '.')); line = document_line(document, above))
		*dot = '\0';
	return line ? line : 1;
}

static const char *scalar(const yaml_node_t *node)
{
	return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

const char *document_text(const struct document *document, const char *path)
{
	return scalar(find(document, path));
}

bool document_keys(const struct document *document, const char *path,
	void (*on_key)(void *arg, const char *key, int line), void *arg)
{
	const yaml_node_t *node = find(document, path);
	char number[24];

	if (node && node->type == YAML_SEQUENCE_NODE) {
		long count = node->data.sequence.items.top - node->data.sequence.items.start;
		for (long i = 0; i < count; i++) {
			snprintf(number, sizeof number, "%ld", i);
			on_key(arg, number, (int)node->start_mark.line + 1);
		}
		return true;
	}
	if (!node || node->type != YAML_MAPPING_NODE)
		return false;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key
			= yaml_document_get_node(yaml_of(document), pair->key);
		on_key(arg, scalar(key) ? scalar(key) : "", (int)key->start_mark.line + 1);
	}
	return true;
}

struct walk {
	yaml_document_t *yaml;
	void (*on_text)(void *arg, const char *path, const char *text, int line);
	void *arg;
	int depth, nodes;
};

static bool walk_node(struct walk *walk, const yaml_node_t *node, const char *path)
{
	bool good = true;

	if (++walk->nodes > DOCUMENT_NODES)
		return false;
	if (scalar(node)) {
		walk->on_text(walk->arg, path, scalar(node), (int)node->start_mark.line + 1);
		return true;
	}
	if (node->type != YAML_MAPPING_NODE || walk->depth == DOCUMENT_DEPTH)
		return false;
	walk->depth++;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top && walk->nodes <= DOCUMENT_NODES; pair++) {
		const char *key = scalar(yaml_document_get_node(walk->yaml, pair->key));
		char longer[PATH_BYTES];
		good = key
			&& snprintf(longer, sizeof longer, "%s%s%s", path, *path ? "." : "", key)
				< PATH_BYTES
			&& walk_node(walk, yaml_document_get_node(walk->yaml, pair->value), longer)
			&& good;
	}
	walk->depth--;
	return good;
}

bool document_each(const struct document *document,
	void (*on_text)(void *arg, const char *path, const char *text, int line), void *arg)
{
	struct walk walk = { .yaml = yaml_of(document), .on_text = on_text, .arg = arg };
	const yaml_node_t *root = yaml_document_get_root_node(walk.yaml);
	return root && walk_node(&walk, root, "");
}
