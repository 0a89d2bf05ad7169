// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/eal.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define ARGS_MAX    24
#define BASE_MB     64u
#define WORKER_MB   72u // a worker's packet buffers and its share of rings, see main.c
#define LCORES_TEXT 4096

// 2 MiB pages that are free now; 0 also when we could not map them.
static unsigned long free_hugepages(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long pages = 0;
	char line[128];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "HugePages_Free: %lu", &pages) == 1)
			break;
	fclose(f);
	return geteuid() == 0 ? pages : 0;
}

// "domain:bus:device.function"
static bool is_pci(const char *device)
{
	unsigned domain, bus, dev, func;

	return device && sscanf(device, "%x:%x:%x.%x", &domain, &bus, &dev, &func) == 4;
}

static bool wants_pci(const struct config *cfg)
{
	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++)
		if (is_pci(cfg->dataplane.ports[i].ethdev))
			return true;
	return false;
}

// lcore 0 is the main thread, anywhere. Busy workers each get a processor of their own as long as
// there are some; adaptive ones share, the kernel places them.
static void lcores(const struct config *cfg, char *text, size_t cap)
{
	uint32_t workers = cfg->dataplane.workers;
	unsigned cpus[CPU_SETSIZE], count = 0;
	cpu_set_t set;
	size_t len;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpus[count++] = i;
	if (cfg->dataplane.poll == CONFIG_POLL_ADAPTIVE || count == 0) {
		len = (size_t)snprintf(text, cap, "(0-%u)@(", workers);
		for (unsigned i = 0; i < count && len < cap; i++)
			len += (size_t)snprintf(text + len, cap - len, "%s%u", i ? "," : "",
						cpus[i]);
		if (len < cap)
			snprintf(text + len, cap - len, ")");
		return;
	}
	// The first processor is left to the kernel and to control while there are enough.
	len = (size_t)snprintf(text, cap, "0@%u", cpus[0]);
	for (uint32_t i = 0; i < workers && len < cap; i++)
		len += (size_t)snprintf(text + len, cap - len, ",%u@%u", i + 1,
					cpus[(i + 1) % count]);
}

int dp_eal_start(const struct config *cfg, char why[static 160])
{
	uint32_t megabytes = BASE_MB + WORKER_MB * cfg->dataplane.workers;
	char memory[16], cores[LCORES_TEXT], prefix[64];
	char *args[ARGS_MAX];
	int n = 0;

	snprintf(memory, sizeof(memory), "%u", megabytes);
	snprintf(prefix, sizeof(prefix), "--file-prefix=sluice-%d", (int)getpid());
	lcores(cfg, cores, sizeof(cores));
	args[n++] = "sluice-dataplane";
	args[n++] = "--lcores";
	args[n++] = cores;
	args[n++] = "--main-lcore=0";
	args[n++] = "--no-telemetry";
	args[n++] = "--log-level=lib.eal:4";
	args[n++] = prefix;
	// Taken now: what is left of the huge pages, tables may take.
	args[n++] = "-m";
	args[n++] = memory;
	if (free_hugepages() * 2 >= megabytes) {
		args[n++] = "--in-memory";
	} else {
		args[n++] = "--no-huge";
		args[n++] = "--no-shconf";
	}
	if (!wants_pci(cfg))
		args[n++] = "--no-pci";
	if (rte_eal_init(n, args) < 0) {
		snprintf(why, 160, "DPDK environment, cannot start (%s)", rte_strerror(rte_errno));
		return -rte_errno;
	}
	return 0;
}
