# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web application of one page, for examples/wsgi.yml."""

from __future__ import annotations

import os

from flask import Flask

VERSION = 1
application = Flask(__name__)


@application.get("/")
def index() -> str:
    return f"Hello from version {VERSION}, process {os.getpid()}\n"
