#include "ivr/speak.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static enum err run(const char *const argv[], char *error, size_t error_size)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = 0, code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	code = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code) {
		snprintf(error, error_size, "%s cannot be run: apt-get install espeak-ng sox",
			argv[0]);
		return ERR_NOT_FOUND;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return OK;
	snprintf(error, error_size, "%s failed", argv[0]);
	return ERR_IO;
}

static const char *voice(const char *lang)
{
	static const char *const voices[][2] = { { "fr", "fr-be" }, { "en", "en-gb" } };

	for (size_t i = 0; i < sizeof voices / sizeof *voices; i++)
		if (!strcmp(voices[i][0], lang))
			return voices[i][1];
	return lang;
}

static bool write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	bool good = file && fputs(text, file) >= 0;
	return file && !fclose(file) && good;
}

/* Nothing is written elsewhere: not even what sox puts aside. */
static void folder_of(const char *path, char *folder_r, size_t size)
{
	const char *slash = strrchr(path, '/');
	snprintf(folder_r, size, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
}

static enum err words(const struct ivr_prompt *prompt, const char *text, const char *raw, const char *out,
	char *error, size_t error_size)
{
	char script[4200], folder[4200];
	const char *const say[] = { "espeak-ng", "-v", voice(prompt->lang), "-s", "150", "-g", "2", "-w",
		raw, "-f", script, NULL };
	const char *const shape[] = { "sox", "--temp", folder, raw, "-r", "8000", "-c", "1", "-b", "16", "-e",
		"signed-integer", out, "highpass", "200", "silence", "1", "0.02",
		"0.5%", "reverse", "silence", "1", "0.02", "0.5%", "reverse", "norm", "-3", "pad",
		"0.05", "0.2", NULL };
	enum err err;

	snprintf(script, sizeof script, "%s.txt", raw);
	folder_of(raw, folder, sizeof folder);
	if (!write_text(script, text)) {
		snprintf(error, error_size, "%s cannot be written", script);
		return ERR_IO;
	}
	err = run(say, error, error_size);
	if (!err)
		err = run(shape, error, error_size);
	unlink(script);
	return err;
}

/* A slow chord, far from speech and from a ringing telephone. */
static enum err music(const char *out, char *error, size_t error_size)
{
	char folder[4200];
	const char *const make[] = { "sox", "--temp", folder, "-n", "-r", "8000", "-c", "1", "-b", "16", "-e",
		"signed-integer", out, "synth", "20", "sine", "261.6", "synth", "20", "sine", "mix",
		"329.6", "synth", "20", "sine", "mix", "392.0", "tremolo", "0.2", "60", "lowpass",
		"1200", "fade", "t", "2", "20", "2", "norm", "-18", NULL };

	folder_of(out, folder, sizeof folder);
	return run(make, error, error_size);
}

static bool in_path(const char *program)
{
	const char *at = getenv("PATH");
	char path[4200];

	for (size_t length; at && *at; at += length + (at[length] == ':')) {
		length = strcspn(at, ":");
		snprintf(path, sizeof path, "%.*s/%s", (int)length, at, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

bool speak_possible(void)
{
	return in_path("espeak-ng") && in_path("sox");
}

enum err speak(const struct ivr_prompt *prompt, const char *text, const char *path, char *error,
	size_t error_size)
{
	char raw[4100], out[4100];
	enum err err;

	snprintf(raw, sizeof raw, "%s.raw.wav", path);
	snprintf(out, sizeof out, "%s.part.wav", path);
	if (text) {
		err = words(prompt, text, raw, out, error, error_size);
	} else if (!strcmp(prompt->id, "hold")) {
		err = music(out, error, error_size);
	} else {
		snprintf(error, error_size, "the sound %s must be recorded", prompt->id);
		return ERR_NOT_FOUND;
	}
	unlink(raw);
	if (!err && rename(out, path)) {
		snprintf(error, error_size, "%s cannot be written", path);
		err = ERR_IO;
	}
	unlink(out);
	return err;
}
