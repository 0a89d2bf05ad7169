// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device means by its objects: the definition of each, as far as it is not the one that the
// enabler's version alone leads to. Devices that mean the same share one; most have the same few.
// Loop thread only.
#pragma once

#include "control/models/definition.h"
#include "control/store/record.h"
#include "lwm2m/core/model.h"

struct ctl_models;
struct ctl_profile;

// Each get is to be answered by a put, before the models are freed. NULL when memory is out.
struct ctl_profile *ctl_profile_get(struct ctl_models *models, const struct ctl_record *record);
void ctl_profile_put(struct ctl_profile *profile); // NULL is nothing

// NULL: not known.
const struct ctl_definition *ctl_profile_find(const struct ctl_profile *profile, uint16_t object);

const struct lwm2m_model *ctl_profile_model(const struct ctl_profile *profile);
