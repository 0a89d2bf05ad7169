# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Follows GET /api/event in a thread of its own."""

import http.client
import json
import threading


class EventStream:
    def __init__(self, api, query=""):
        self.events = []  # of (name, data)
        self.changed = threading.Condition()
        self.connection = http.client.HTTPConnection(api)
        self.connection.request("GET", "/api/event" + query)
        self.response = self.connection.getresponse()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        name = None
        for line in self.response:
            text = line.decode().rstrip("\r\n")
            if text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: "):
                with self.changed:
                    self.events.append((name, json.loads(text[6:])))
                    self.changed.notify_all()

    def wait(self, predicate, seconds):
        """True once predicate(events) is."""
        with self.changed:
            return self.changed.wait_for(lambda: predicate(self.events), seconds)
