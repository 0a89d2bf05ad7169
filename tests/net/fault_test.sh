#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# The short form of tests/fault/run: every kind of fault once.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exec "$root/tests/fault/run" --seed "${1:-1}" --faults 17 --pace 0.5 --devices 100 --rate 200
