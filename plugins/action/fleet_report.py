# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects the answers of the hosts, and writes the report of them on the controller."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._declaration.problems import ValidationFailed
from ..plugin_utils.arguments import checked, refusal, show_no_arguments
from ..plugin_utils.report import page as pages
from ..plugin_utils.report.fleet import Answer, headline, is_well, report_of
from ..plugin_utils.report.table import table

_SPEC: dict[str, dict[str, Any]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "answer": {"type": "str", "required": True},
    "html": {"type": "path"},
    "json": {"type": "path"},
    "strict": {"type": "bool", "default": False},
}
_SOURCES = Path(pages.__file__).parent / "assets"
_MODE = 0o600  # it holds journal lines


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        show_no_arguments(self._task)
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            args = checked(self._task.args, _SPEC)
        except ValidationFailed as refused:
            return refusal(refused)
        report = report_of(_answers(args["hosts"], args["answer"], task_vars or {}), _now())
        texts = {os.path.abspath(args[name]): text for name, text in (("html", _html), ("json", _json)) if args[name]}
        if not self._task.check_mode:
            for path, text in texts.items():
                _write(path, text(report))
        lines = table(report)
        Display().display("\n".join(["", *lines, *(f"written: {path}" for path in texts if not self._task.check_mode), ""]))
        said = headline(report["summary"])
        result.update(changed=bool(texts), headline=said, summary=report["summary"], table=lines, written=list(texts))
        if args["strict"] and not is_well(report["summary"]):
            result.update(failed=True, msg=f"Not all is well: {said}.")
        return result


def _answers(hosts: list[str], name: str, task_vars: Mapping[str, Any]) -> dict[str, Answer]:
    """What each host has registered, and the groups that it is in. Raises AnsibleActionFail."""
    unknown = [host for host in hosts if host not in task_vars["hostvars"]]
    if unknown:
        remedy = 'Take "{{ ansible_play_hosts_all }}".'
        raise AnsibleActionFail(f"hosts: {', '.join(unknown)} is no host of the inventory. {remedy}")
    variables = {host: task_vars["hostvars"].raw_get(host) for host in hosts}
    return {host: Answer(found.get("group_names", ()), found.get(name)) for host, found in variables.items()}


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _html(report: Mapping[str, Any]) -> str:
    return pages.page(report, {name: (_SOURCES / name).read_text(encoding="utf-8") for name in pages.FILES})


def _json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=1) + "\n"


def _write(path: str, text: str) -> None:
    """Beside, and renamed: who opens it meanwhile has the old one. Raises AnsibleActionFail."""
    folder, name = os.path.split(path)
    beside = ""
    try:
        mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else _MODE
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=f".{name}.", delete=False) as stream:
            beside = stream.name
            stream.write(text)
            os.fchmod(stream.fileno(), mode)
        os.replace(beside, path)
    except OSError as error:
        if beside and os.path.exists(beside):
            os.unlink(beside)
        raise AnsibleActionFail(f"The report cannot be written to {path}: {error.strerror}. Name another path.") from error
