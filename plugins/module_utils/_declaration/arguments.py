# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of the modules, for the controller, which checks first, and the managed node alike.

Entries of daemons, units and files are read by declaration.py: their names are the user's.
"""

from __future__ import annotations

from typing import Any

from .constants import HARDENING, ON_CHANGE, RESTARTS, SERVICE_TYPES, STATES, UNSAFE

COMMON: dict[str, dict[str, Any]] = {
    "settle": {"type": "str", "default": "3s"},
    "rollback_on_failure": {
        "type": "bool",
        "default": True,
        "aliases": ["rollback"],
        "deprecated_aliases": [{"name": "rollback", "version": "2.0.0", "collection_name": "daemonic.systemd"}],
    },
    "adopt": {"type": "bool", "default": False},
    "unsafe": {"type": "str", "choices": list(UNSAFE), "default": "error"},
    "max_exposure": {"type": "float"},
    "scope": {"type": "str", "choices": ["system", "user", "global"], "default": "system"},
    "scope_user": {"type": "str"},
    "root": {"type": "path"},
}

RELEASES: dict[str, dict[str, Any]] = {"keep_releases": {"type": "int", "default": 3}}

STACK: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "rolled_back", "validated", "absent"], "default": "present"},
    "daemons": {"type": "dict", "default": {}},
    "units": {"type": "dict", "default": {}},
    "files": {"type": "dict", "default": {}},
    "users": {"type": "dict", "default": {}},
    **COMMON,
    **RELEASES,
}

DAEMON: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": [*STATES, "rolled_back", "validated", "absent"], "default": "started"},
    "script": {"type": "raw"},
    "source": {"type": "raw"},
    "module": {"type": "str"},
    "command": {"type": "str"},
    "requirements": {"type": "raw"},
    "wheelhouse": {"type": "raw"},
    "build_from_source": {"type": "bool", "default": False},
    "imports": {"type": "list", "elements": "str"},
    "description": {"type": "str"},
    "python": {"type": "str", "default": "python3"},
    "args": {"type": "raw"},
    "environment": {"type": "dict"},
    "credentials": {"type": "dict"},
    "user": {"type": "str"},
    "group": {"type": "str"},
    "dynamic_user": {"type": "bool", "default": False},
    "working_directory": {"type": "str"},
    "type": {"type": "str", "choices": list(SERVICE_TYPES)},
    "restart": {"type": "str", "choices": list(RESTARTS)},
    "socket": {"type": "dict"},
    "accept": {"type": "bool", "default": False},
    "activation": {"type": "str", "choices": ["lazy", "eager"], "default": "lazy"},
    "hardening": {"type": "str", "choices": list(HARDENING), "default": "none"},
    "wanted_by": {"type": "list", "elements": "str"},
    "after": {"type": "list", "elements": "str"},
    "unit": {"type": "dict"},
    "service": {"type": "dict"},
    "install": {"type": "dict"},
    "enabled": {"type": "bool"},
    "on_change": {"type": "str", "choices": list(ON_CHANGE), "default": "auto"},
    "health": {"type": "dict"},
    **COMMON,
    **RELEASES,
}

# Spellings of ansible.builtin.systemd_service, which the controller takes: those of a module must be names of Python.
UNIT_SPELLINGS = {"daemon-reload": "daemon_reload", "daemon-reexec": "daemon_reexec"}
UNIT: dict[str, dict[str, Any]] = {
    "name": {"type": "raw", "aliases": ["service", "unit"]},
    "state": {"type": "str", "choices": [*STATES, "rolled_back", "validated", "absent"]},
    "enabled": {"type": "bool"},
    "masked": {"type": "bool"},
    "force": {"type": "bool", "default": False},
    "daemon_reload": {"type": "bool", "default": False},
    "daemon_reexec": {"type": "bool", "default": False},
    "no_block": {"type": "bool", "default": False},
    "content": {"type": "raw"},
    "src": {"type": "str"},
    "template": {"type": "str"},
    "sections": {"type": "dict"},
    "dropins": {"type": "dict"},
    "instances": {"type": "raw"},
    "on_change": {"type": "str", "choices": list(ON_CHANGE), "default": "auto"},
    "health": {"type": "dict"},
    **COMMON,
}

DEFAULT_TARGET: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "isolate": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "root": {"type": "path"},
}

UNIT_SIGNAL: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "signal": {"type": "str", "required": True},
    "whom": {"type": "str", "choices": ["main", "control", "all"], "default": "all"},
    "wait": {"type": "str", "choices": ["exited", "restarted", "stopped"]},
    "timeout": {"type": "str", "default": "30s"},
    "force": {"type": "bool", "default": False},
    "scope": {"type": "str", "choices": ["system", "user"], "default": "system"},
    "scope_user": {"type": "str"},
}
