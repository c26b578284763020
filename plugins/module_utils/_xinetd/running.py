# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service runs, as whom and with what."""

from __future__ import annotations

from .._declaration.options import InvalidValue
from .._unitfile.quoting import quote_environment, quote_exec_argument
from .._unitfile.syntax import UnsuitableValue
from . import attribute_values
from .attribute_table import DROPPED
from .service_draft import ServiceDraft

_PROXY = "/lib/systemd/systemd-socket-proxyd"
_PROXIED = 65536  # connections, where there is no limit
_LIMITS = {"as": "AS", "files": "NOFILE", "cpu": "CPU", "data": "DATA", "rss": "RSS", "stack": "STACK"}


def run(draft: ServiceDraft) -> None:
    if draft.has("redirect"):
        _redirect(draft)
    elif draft.has("server"):
        draft.process["ExecStart"] = _command(draft)
        draft.process.update(StandardInput="socket", StandardError="journal")
        for name in ("server", "server_args", "flags"):
            draft.became(name, "service", "Service", "ExecStart")
        _banners(draft)
    _credentials(draft)
    for name, directive, reader in (("umask", "UMask", attribute_values.mask), ("nice", "Nice", _nice)):
        if draft.has(name):
            draft.process[directive] = draft.read(name, reader)
            draft.became(name, "service", "Service", directive)
    _resources(draft)
    _environment(draft)


def _nice(value: str) -> int:
    return max(-20, min(19, attribute_values.number(value, -1000)))


def _command(draft: ServiceDraft) -> str:
    given, arguments = draft.service.given["server"], draft.service.values("server_args")
    program = given.values[0]
    try:
        if not program.startswith("/") or set(program) & set("\\\"'$"):
            raise InvalidValue("is no absolute path that systemd takes", "Write the whole path, without quotes, $ and \\.")
        words = [quote_exec_argument(word) for word in (program, *arguments)]
    except (InvalidValue, UnsuitableValue) as error:
        draft.problem(given, error.problem, error.remedy)
        return ""
    return f"{'@' if draft.service.has('flags', 'NAMEINARGS') else ''}{' '.join(words)}"


def _redirect(draft: ServiceDraft) -> None:
    given = draft.service.given["redirect"]
    host, port = given.values
    number = int(port) if port.isdigit() else draft.ports.get(f"{port}/tcp", 0)
    if not 1 <= number <= 65535:
        draft.problem(given, "names no port", "Write a number from 1 to 65535, or a name of /etc/services.")
        return
    target = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
    instances = draft.read("instances", attribute_values.limit) if draft.has("instances") else None
    most = f"--connections-max={_PROXIED if instances is None else max(instances, 1)}"
    draft.process["ExecStart"] = f"{_PROXY} {most} {quote_exec_argument(target)}"
    draft.became("redirect", "service", "Service", "ExecStart")
    draft.became("instances", "service", "Service", "ExecStart")
    for name in ("server", "server_args", "banner", "banner_success", "banner_fail", "per_source"):
        if draft.has(name):
            draft.tell(draft.service.given[name], " ".join(draft.service.values(name)), DROPPED, "One proxy serves all.", "")


def _banners(draft: ServiceDraft) -> None:
    shown = []
    for name in ("banner", "banner_success", "banner_fail"):
        if draft.has(name) and draft.done.waits:
            draft.tell(draft.service.given[name], draft.value(name), DROPPED, "The server takes its clients itself.", "")
        elif draft.has(name):
            draft.note(name)
            if name != "banner_fail":
                shown.append(f"-+/bin/cat {quote_exec_argument(draft.value(name))}")
                draft.became(name, "service", "Service", "ExecStartPre")
    if shown:
        draft.process["ExecStartPre"] = shown


def _credentials(draft: ServiceDraft) -> None:
    user = draft.value("user") if draft.has("user") else ""
    draft.process["User"] = user
    draft.became("user", "service", "Service", "User")
    if draft.has("group"):
        draft.process["Group"] = draft.value("group")
    elif user.isdigit():  # xinetd takes the same number for the group, without a look at /etc/passwd
        draft.process["Group"] = user
    draft.became("group", "service", "Service", "Group")
    draft.tell_words("groups")


def _resources(draft: ServiceDraft) -> None:
    for name, directive in _LIMITS.items():
        attribute = f"rlimit_{name}"
        if draft.has(attribute):
            found = draft.read(attribute, attribute_values.resource)
            if found == "":
                draft.tell(draft.service.given[attribute], "0", DROPPED, "xinetd sets no limit for 0, either.", "")
            else:
                draft.process[f"Limit{directive}"] = found
                draft.became(attribute, "service", "Service", f"Limit{directive}")


def _environment(draft: ServiceDraft) -> None:
    if draft.has("env"):
        given = draft.service.given["env"]
        try:
            pairs = [attribute_values.variable(value) for value in given.values]
            draft.process["Environment"] = [quote_environment(name, content) for name, content in pairs]
        except (InvalidValue, UnsuitableValue) as error:
            draft.problem(given, error.problem, error.remedy)
        draft.became("env", "service", "Service", "Environment")
    if draft.has("passenv"):
        draft.note("passenv")
        if draft.service.values("passenv"):
            draft.process["PassEnvironment"] = " ".join(draft.service.values("passenv"))
            draft.became("passenv", "service", "Service", "PassEnvironment")
