# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of the modules, for the controller, which checks first, and the managed node alike.

Entries of daemons, units and files are read by declaration.py: their names are the user's. The options of the module `daemon`
are those of an entry of `daemons`, the fields of Daemon.
"""

from __future__ import annotations

from typing import Any

from .._dataclasses import Field, fields
from . import application
from . import options as opt
from .constants import ON_CHANGE, STATES, UNSAFE
from .credentials import credentials
from .model import Daemon
from .probe import probe

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

# Reader of an option → the type that Ansible gives its value. All others take values as they stand in the playbook.
_TYPES: dict[Any, str] = {
    **dict.fromkeys((opt.text, application.module, application.command), "str"),
    **dict.fromkeys((opt.mapping, credentials, probe), "dict"),
    **dict.fromkeys((opt.words, application.modules), "list"),
    opt.flag: "bool",
}


def _options_of(kind: type[Any]) -> dict[str, dict[str, Any]]:
    """The options of an entry as those of a module of its own."""
    return {each.name: _spec_of(each) for each in fields(kind) if "reader" in each.metadata}


def _spec_of(option: Field[Any]) -> dict[str, Any]:
    reader = option.metadata["reader"]
    choices = getattr(reader, "choices", None)
    spec: dict[str, Any] = {"type": "str" if choices else _TYPES.get(reader, "raw")}
    spec.update({"choices": list(choices)} if choices else {"elements": "str"} if spec["type"] == "list" else {})
    return spec if option.default in (None, "", ()) else {**spec, "default": option.default}


DAEMON: dict[str, dict[str, Any]] = {
    **_options_of(Daemon),
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": [*STATES, "rolled_back", "validated", "absent"], "default": "started"},
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
