# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of the modules that only ask."""

from __future__ import annotations

from typing import Any

INCLUDES = ("content", "dependencies", "exposure", "unit_files")

_SCOPE: dict[str, dict[str, Any]] = {
    "scope": {"type": "str", "choices": ["system", "user"], "default": "system"},
    "scope_user": {"type": "str"},
}

UNIT_INFO: dict[str, dict[str, Any]] = {
    "name": {"type": "list", "elements": "str"},
    "type": {"type": "list", "elements": "str"},
    "state": {"type": "list", "elements": "str"},
    "include": {"type": "list", "elements": "str", "choices": list(INCLUDES), "default": []},
    "depth": {"type": "int", "default": 2},
    **_SCOPE,
}

JOURNAL_INFO: dict[str, dict[str, Any]] = {
    "unit": {"type": "list", "elements": "str"},
    "invocation": {"type": "str"},
    "release": {"type": "str"},
    "priority": {"type": "str"},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "boot": {"type": "str"},
    "pattern": {"type": "str"},
    "count": {"type": "int", "default": 100},
    **_SCOPE,
}

STACK_INFO: dict[str, dict[str, Any]] = {
    "name": {"type": "list", "elements": "str"},
    "journal_lines": {"type": "int", "default": 10},
    **_SCOPE,
}
