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

static bool parse(FILE *file, const char *path, yaml_document_t *yaml, struct config_errors *errors)
{
	yaml_parser_t parser;
	bool good;

	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_file(&parser, file);
	good = yaml_parser_load(&parser, yaml);
	if (!good)
		config_errors_add(errors, "%s:%zu: this is not YAML: %s", path,
			parser.problem_mark.line + 1,
			parser.problem ? parser.problem : "unreadable");
	yaml_parser_delete(&parser);
	return good;
}

enum err document_open(
	const char *path, struct document **document_r, struct config_errors *errors)
{
	struct document *document;
	FILE *file = fopen(path, "re");

	if (!file) {
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		return ERR_IO;
	}
	document = mem_alloc(sizeof *document);
	if (!parse(file, path, &document->yaml, errors)) {
		fclose(file);
		free(document);
		return ERR_INVALID;
	}
	fclose(file);
	*document_r = document;
	return OK;
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

static const char *scalar(const yaml_node_t *node)
{
	return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

const char *document_text(const struct document *document, const char *path)
{
	return scalar(find(document, path));
}

struct walk {
	yaml_document_t *yaml;
	void (*on_text)(void *arg, const char *path, const char *text, int line);
	void *arg;
};

static bool walk_node(const struct walk *walk, const yaml_node_t *node, const char *path)
{
	bool good = true;

	if (scalar(node)) {
		walk->on_text(walk->arg, path, scalar(node), (int)node->start_mark.line + 1);
		return true;
	}
	if (node->type != YAML_MAPPING_NODE)
		return false;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		const char *key = scalar(yaml_document_get_node(walk->yaml, pair->key));
		char longer[PATH_BYTES];
		if (!key
			|| snprintf(longer, sizeof longer, "%s%s%s", path, *path ? "." : "", key)
				>= PATH_BYTES)
			return false;
		good = walk_node(walk, yaml_document_get_node(walk->yaml, pair->value), longer)
			&& good;
	}
	return good;
}

bool document_each(const struct document *document,
	void (*on_text)(void *arg, const char *path, const char *text, int line), void *arg)
{
	struct walk walk = { .yaml = yaml_of(document), .on_text = on_text, .arg = arg };
	const yaml_node_t *root = yaml_document_get_root_node(walk.yaml);
	return root && walk_node(&walk, root, "");
}
