# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code that runs on managed nodes, packed for the module `carrier`: once for a run of Ansible, not for each task."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from typing import Any, Iterator, Mapping

MODULE = "daemonic.systemd.carrier"
# Packages that nothing needs which is carried.
LEFT_OUT = frozenset(("_inquiry", "_operation", "_xinetd", "_host/inquiry", "_host/operation", "_host/xinetd"))
LEVEL = 3  # takes half the time of the usual one, for a tenth more to send
_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "module_utils")


def call_of(module: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the carrier is told. Ansible rewrites a word in the text of a module, the arguments included: it must not meet it."""
    call = {"module": module, "params": dict(params), "code": CODE}
    text = json.dumps(params, default=str)
    if _REWRITTEN not in text:
        return call
    return {**call, "params": {"encoded": base64.b64encode(text.encode()).decode()}}


_REWRITTEN = "syslog.LOG_USER"


def packed() -> dict[str, str]:
    """digest: of the sources. packed: path → text, as JSON, deflated, in base64."""
    sources = {os.path.relpath(path, _FOLDER): _text(path) for path in _files(_FOLDER)}
    data = json.dumps({"__init__.py": "", **sources}, sort_keys=True).encode()
    return {"digest": hashlib.sha256(data).hexdigest()[:32], "packed": base64.b64encode(zlib.compress(data, LEVEL)).decode()}


def _files(folder: str) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        below = {name: os.path.relpath(os.path.join(path, name), _FOLDER) for name in folders}
        folders[:] = [name for name in folders if name != "__pycache__" and below[name] not in LEFT_OUT]
        yield from (os.path.join(path, name) for name in names if name.endswith(".py"))


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()


# Made when an action is first loaded, before Ansible forks for each host.
CODE = packed()
