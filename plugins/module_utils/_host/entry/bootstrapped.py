# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast way to the host: the module `carrier` has brought the collection's code, and does without AnsibleModule, whose
import alone takes longer than all that a run without changes has to do.
"""

from __future__ import annotations

import syslog
from typing import Any, Mapping

from ..io.spawn import spawn
from ..io.task import Act, Task, invoked, outcome
from ..transaction import run as transactions

ACTS: Mapping[str, Act] = {"stack": transactions.stack, "daemon": transactions.daemon, "unit": transactions.unit}


def run(call: Mapping[str, Any]) -> dict[str, Any]:
    """call: module, params (checked on the controller, with their defaults), and what Ansible tells every module."""
    params = _decoded(call["params"])
    task = Task(params, bool(call.get("_ansible_check_mode")), bool(call.get("_ansible_diff")), spawn)
    _log(call, params)
    return outcome(ACTS[call["module"]], task)


def _decoded(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """They come as they are, or, where Ansible would have rewritten them, as base64 of JSON: plugin_utils/carrier.py."""
    if set(params) != {"encoded"}:
        return params
    import binascii
    import json

    decoded: Mapping[str, Any] = json.loads(binascii.a2b_base64(params["encoded"]))
    return decoded


def _log(call: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    if call.get("_ansible_no_log"):
        return
    facility = getattr(syslog, str(call.get("_ansible_syslog_facility", "LOG_USER")), syslog.LOG_USER)
    syslog.openlog(f"ansible-daemonic.systemd.{call['module']}", 0, facility)
    syslog.syslog(syslog.LOG_INFO, invoked(params))
