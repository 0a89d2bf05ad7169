# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""A profile for TRex in stateless mode: sends the packets of a file that "sluice-swarm run --write-pcap"
wrote, one after the other, again and again.

    trex> start -f bench/generators/trex.py -m 1mpps -t --file updates.pcap
"""
import argparse

from trex_stl_lib.api import STLProfile


class Replay:
    def get_streams(self, tunables=(), **_):
        parser = argparse.ArgumentParser()
        parser.add_argument("--file", required=True)
        parser.add_argument("--gap", type=float, default=1.0, help="microseconds between packets")
        args = parser.parse_args(tunables)
        # count 0: for ever. The file's Ethernet addresses stay: --gateway-mac put the gateway's in.
        profile = STLProfile.load_pcap(args.file, ipg_usec=args.gap, loop_count=0,
                                       packet_hook=None, vm=None)
        return profile.get_streams()


def register():
    return Replay()
