// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The object definitions that control knows: those of the directory lwm2m.models and the built-in
// ones, several versions of an object side by side, and which of them hold for a registration.
//
// Which version a device means is worked out once for each registration and kept in it, shared with
// all registrations that mean the same: a notification costs two searches by halving. Loop thread
// only, but for what takes const struct ctl_models and no registration.
#pragma once

#include "control/models/definition.h"
#include "control/registry.h"
#include "lwm2m/core/model.h"

struct ctl_models;

// One thing that is wrong: "FILE:LINE: what". The definition or file is left out.
typedef void (*ctl_models_problem_t)(const char *text, void *arg);

// Reads every *.xml of the directory, in order of name; NULL: the built-in definitions alone. What
// a file defines goes before what is built in. NULL when memory is out. Free after the registry.
struct ctl_models *ctl_models_new(const char *dir, ctl_models_problem_t problem, void *arg);
void ctl_models_free(struct ctl_models *models);

// The definition for that version of the object: the very one if there is, otherwise the nearest of
// the same major version, older before newer, as minor versions only add. NULL: not known.
const struct ctl_definition *ctl_models_find(const struct ctl_models *models, uint16_t object,
					     uint16_t version);

// All definitions, by object and version.
const struct ctl_definition *const *ctl_models_all(const struct ctl_models *models, size_t *count);

// What the codecs are to know of a device's objects. Valid until the registration changes or ends.
// models or registration NULL: the built-in table.
const struct lwm2m_model *ctl_model_of(struct ctl_models *models, struct ctl_reg *reg);

// The definitions of the objects that the device registered, by object; those not known are left
// out. A malloc'ed array; NULL when memory is out.
const struct ctl_definition **ctl_models_registered(const struct ctl_models *models,
						    const struct ctl_record *record, size_t *count);
