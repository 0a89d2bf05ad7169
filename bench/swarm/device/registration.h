// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Register, Update and De-register of a simulated device: what they carry, when they are due, and
// what their answers mean. Part of struct device.
#pragma once

#include "bench/swarm/device/device.h"

// The object list: "</>;rt=..;ct=..,</1/0>,.." NUL-terminated; 0 when it does not fit.
size_t registration_links(const struct device *dev, const struct device_config *config, char *buf,
			  size_t cap);
// Starts what is due. False when nothing is.
bool registration_start(struct device *dev, struct device_env *env);
void registration_write_query(struct coap_writer *w, const struct device *dev,
			      const struct device_env *env, bool update_lt);
// Only of the kinds REGISTER, UPDATE and DEREGISTER.
void registration_on_answer(struct device *dev, struct device_env *env, uint8_t kind,
			    const struct coap_msg *msg);
void registration_on_failure(struct device *dev, struct device_env *env, uint8_t kind);
// The object list has changed: the next Update says so.
void registration_links_changed(struct device *dev, struct device_env *env);
