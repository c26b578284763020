# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""kept_vars: for the scenarios, read the `vars_files` of a play once. Ansible parses them again for each task of each host.

A callback, since the process that forks for all hosts loads it before it reads a play. Files of group_vars and host_vars, which
Ansible keeps itself, go the same way.
"""

from __future__ import annotations

from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.callback import CallbackBase

_load = DataLoader.load_from_file


def _load_once(self: DataLoader, file_name: str, cache: str = "all", **options: Any) -> Any:
    return _load(self, file_name, cache="all" if cache == "vaulted" else cache, **options)


DataLoader.load_from_file = _load_once


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kept_vars"
