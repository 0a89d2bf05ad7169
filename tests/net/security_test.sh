#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
#
# Credentials, through sluicectl and REST: put, listed, imported, kept through a restart, encrypted under a key
# without which control does not start; the gateway's own certificate, changed without a restart.
# shellcheck source=tests/net/_init.sh
source "$(dirname "$0")/_init.sh"

write_config <<'END'
- udp: 127.0.0.1:5683
END
make_certificate one
make_certificate two
cp "$work/one.pem" "$work/own.pem"
cp "$work/one.key" "$work/own.key"
printf 'security:\n  certificate: %s\n  key: %s\n' "$work/own.pem" "$work/own.key" >>"$config"

ctl()
{
	"$build/control/cli/sluicectl" security "$@"
}

# status N COMMAND...: true when it ends with that
status()
{
	local expected=$1
	shift
	"$@" >"$work/said" 2>&1
	[ $? = "$expected" ]
}

says()
{
	local text=$1
	shift
	"$@" 2>&1 | grep -F -- "$text"
}

shows()
{
	curl -s "http://$api_address/api/server/security" | jq -e --arg der "$(openssl x509 -in "$1" -outform DER | base64 -w 0)" \
		'.certificate.b64Der == $der'
}

count()
{
	curl -s "http://$api_address/metrics" | sed -n 's/^sluice_credentials //p'
}

check "the configuration is good" "$build/control/sluice-control" --check --config "$config"
start_gateway
check "the key file is its owner's alone" test "$(stat -c %a "$state/credentials.key")" = 600

check "a pre-shared key is put" ctl set-psk meter-1 id-1 0011223344
check "and shown without its secret" says "meter-1   psk   id-1      ******" ctl list
check "an identity of another is refused" status 1 ctl set-psk meter-2 id-1 00
check "in Leshan's words" grep -q "PSK Identity id-1 is already used" "$work/said"
openssl ec -in "$work/one.key" -pubout -outform DER -out "$work/public.der" 2>/dev/null
check "a raw public key is put" ctl set-rpk meter-2 "@$work/public.der"
check "a certificate is expected" ctl set-x509 meter-3
check "one is shown" says "meter-3" ctl show meter-3
check "one is removed" ctl remove meter-3
check "and gone" status 1 ctl show meter-3

{
	echo "endpoint,mode,identity,key"
	awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "dev-%d,psk,id-dev-%d,%032x\n", i, i, i }'
	echo "broken,psk,id-1,00"
} >"$work/fleet.csv"
check "a fleet is imported, one line of it is wrong" status 1 ctl import "$work/fleet.csv"
check "it is told which" grep -q "line 10002: the identity is already used by another endpoint" "$work/said"
check "the others are there" grep -q "10000 added, 0 replaced, 0 unchanged, 1 failed" "$work/said"
check "the same again, through a pipe" status 1 ctl import - < <(cat "$work/fleet.csv")
check "changes nothing" grep -q "0 added, 0 replaced, 10000 unchanged, 1 failed" "$work/said"
check "the dataplane was not disturbed by any of it" test "$(grep -c "control attached" "$work/dataplane.log")" = 1
check "they are counted" test "$(count)" = 10002
check "no secret lies on disk in the clear" sh -c "! grep -qF id-dev-77 '$state/store/data.mdb'"

check "the gateway shows its certificate" shows "$work/one.pem"
cp "$work/two.pem" "$work/own.pem" # not yet the key of it
kill -HUP "${pids[control]}"
wait_until 5 grep -q "not of the private key that goes with it" "$work/control.log" || fail "a wrong pair is told"
check "with a wrong pair the old one stays" shows "$work/one.pem"
cp "$work/two.key" "$work/own.key"
kill -HUP "${pids[control]}"
check "with the right one it is the new one" wait_until 5 shows "$work/two.pem"

stop_gateway
mv "$state/credentials.key" "$work/aside"
check "without the key it does not start" status 1 timeout 60 "$build/control/sluice-control" --config "$config"
check "and says so" grep -q "credentials.key, cannot be read" "$work/said"
printf '%064d\n' 0 >"$state/credentials.key"
chmod 600 "$state/credentials.key"
check "nor with another" status 1 timeout 60 "$build/control/sluice-control" --config "$config"
check "and says so, too" grep -q "not the key that the credentials" "$work/said"
mv "$work/aside" "$state/credentials.key"
start_gateway
check "with the right one everything is there" test "$(count)" = 10002
stop_gateway
