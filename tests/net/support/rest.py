# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Calls of the REST API."""

import http.client
import json
from dataclasses import dataclass

TIMEOUT_S = 60  # longer than any request may take


@dataclass
class Answer:
    status: int
    content_type: str
    text: str

    @property
    def json(self):
        return json.loads(self.text)

    def __str__(self):
        return f"{self.status} {self.content_type} {self.text}"


def call(api, method, path, body=None):
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    connection = http.client.HTTPConnection(api, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body or None)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Content-Type"), response.read().decode())
    finally:
        connection.close()
