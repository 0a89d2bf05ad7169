// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/device/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATHS_MAX 16

static bool parse(const char *text, struct lwm2m_path *path)
{
	return text != NULL && lwm2m_path_parse(path, text, strlen(text));
}

static bool set(const struct command_target *t, char *rest)
{
	struct lwm2m_path path;
	char *text = strsep(&rest, " ");
	return parse(text, &path) && device_set(t->dev, t->env, &path, rest != NULL ? rest : "");
}

static bool send(const struct command_target *t, char *rest)
{
	struct lwm2m_path paths[PATHS_MAX];
	uint32_t count = 0;
	char *text;
	while ((text = strsep(&rest, " ")) != NULL) {
		if (count == PATHS_MAX || !parse(text, &paths[count++]))
			return false;
	}
	return count > 0 && device_send(t->dev, t->env, paths, count);
}

static bool create(const struct command_target *t, char *rest)
{
	struct lwm2m_path path;
	return parse(rest, &path) && path.depth == 2 &&
	       device_create(t->dev, t->env, path.ids[0], path.ids[1]);
}

static bool delete (const struct command_target *t, char *rest)
{
	struct lwm2m_path path;
	return parse(rest, &path) && path.depth == 2 &&
	       device_delete(t->dev, t->env, path.ids[0], path.ids[1]);
}

static bool get(const struct command_target *t, char *rest)
{
	return rest != NULL && device_get(t->dev, rest);
}

static bool move(const struct command_target *t, char *rest)
{
	t->move(t->arg);
	return true;
}

static bool update(const struct command_target *t, char *rest)
{
	device_update(t->dev, t->env);
	return true;
}

static bool deregister(const struct command_target *t, char *rest)
{
	device_leave(t->dev, t->env);
	return true;
}

static bool do_register(const struct command_target *t, char *rest)
{
	device_register(t->dev, t->env);
	return true;
}

static bool stop_updates(const struct command_target *t, char *rest)
{
	t->dev->silent = true;
	if (t->dev->state == DEVICE_REGISTERED)
		t->dev->due_us = DEVICE_NEVER;
	return true;
}

static bool counters(const struct command_target *t, char *rest)
{
	const struct swarm_counters *n = t->env->counters;
#define X(name, help) device_note(t->env, "counter %s %" PRIu64, #name, n->name);
	SWARM_COUNTERS(X)
#undef X
	return true;
}

static bool handshake(const struct command_target *t, char *rest)
{
	return t->secure(t->arg, "handshake");
}

static bool rekey(const struct command_target *t, char *rest)
{
	return t->secure(t->arg, "rekey");
}

static bool do_close(const struct command_target *t, char *rest)
{
	return t->secure(t->arg, "close");
}

static const struct {
	const char *name;
	bool (*run)(const struct command_target *t, char *rest);
} commands[] = {
	{"set", set},
	{"send", send},
	{"create", create},
	{"delete", delete},
	{"get", get},
	{"move", move},
	{"update", update},
	{"deregister", deregister},
	{"counters", counters},
	{"register", do_register},
	{"stop-updates", stop_updates},
	{"handshake", handshake},
	{"rekey", rekey},
	{"close", do_close},
};

bool command_run(const struct command_target *target, char *line)
{
	char *rest = line;
	const char *name = strsep(&rest, " ");
	if (*name == 0)
		return true;
	if (strcmp(name, "quit") == 0)
		return false;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		if (!commands[i].run(target, rest))
			device_note(target->env, "error %s", name);
		device_on_time(target->dev, target->env);
		return true;
	}
	device_note(target->env, "error %s is not a command", name);
	return true;
}
