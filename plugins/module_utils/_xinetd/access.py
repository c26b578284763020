# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many clients a service takes, which ones, and what is logged of them."""

from __future__ import annotations

from typing import Sequence

from . import attribute_values, networks
from .attribute_table import CHANGED, DROPPED, STAYS, row_of
from .service_draft import ServiceDraft

_MANY = 4294967295  # systemd's own limit, 64, is much lower than xinetd's, none
_RATE = 50  # connections a second, xinetd's own default for cps
_POLL_LIMIT = 255  # the systemd that knows PollLimitBurst=


def limit(draft: ServiceDraft) -> None:
    if not draft.is_shared:
        _numbers(draft)
    elif not draft.has("redirect"):
        for name in ("instances", "per_source"):
            if draft.has(name):
                draft.tell(
                    draft.service.given[name], draft.value(name), DROPPED, "There is one server at a time, and no more.", ""
                )
    if draft.service.has("socket_type", "dgram") and not draft.done.waits:
        draft.tell(
            draft.service.given["wait"], "no", CHANGED, "One server takes all that comes until it ends, as with yes.",
            "Have the server end when it has done its work.",
        )  # fmt: skip
    _rate(draft)
    for name in ("max_load", "mdns", "deny_time", "rpc_version", "rpc_number"):
        if draft.has(name):
            draft.note(name)


def _numbers(draft: ServiceDraft) -> None:
    instances = draft.read("instances", attribute_values.limit) if draft.has("instances") else None
    draft.socket["MaxConnections"] = _MANY if instances is None else instances
    draft.became("instances", "socket", "Socket", "MaxConnections")
    if draft.has("per_source"):
        each = draft.read("per_source", attribute_values.limit)
        draft.socket["MaxConnectionsPerSource"] = _MANY if each is None else each
        draft.became("per_source", "socket", "Socket", "MaxConnectionsPerSource")


def _rate(draft: ServiceDraft) -> None:
    """A socket that meets TriggerLimitBurst= stays closed; from 255 on there is a limit that only makes it pause."""
    most = draft.read("cps", attribute_values.number) if draft.has("cps") else _RATE
    if draft.has("cps"):
        draft.note("cps")
    if draft.systemd >= _POLL_LIMIT and most:
        draft.socket.update(PollLimitIntervalSec="1s", PollLimitBurst=most)
        draft.became("cps", "socket", "Socket", "PollLimitIntervalSec", "PollLimitBurst")
    if not draft.is_shared or not most:
        draft.socket["TriggerLimitIntervalSec"] = 0
    else:  # a server that ends without taking what has come would be started for ever
        draft.socket.update(TriggerLimitIntervalSec="1s", TriggerLimitBurst=max(most, 1))
        draft.became("cps", "socket", "Socket", "TriggerLimitBurst")


# Who may use it


def filter_clients(draft: ServiceDraft) -> None:
    lists = {name: _networks(draft, name) for name in ("only_from", "no_access") if draft.has(name)}
    if not lists or any(found is None for found in lists.values()):
        return
    allowed, denied = lists.get("only_from"), lists.get("no_access") or []
    for name in lists:
        draft.note(name)
    if allowed is None:
        draft.socket["IPAddressDeny"] = [str(network) for network in denied]
        if denied:
            draft.became("no_access", "socket", "Socket", "IPAddressDeny")
        return
    draft.socket["IPAddressAllow"] = [str(network) for network in networks.without(allowed, denied)]
    draft.socket["IPAddressDeny"] = "any"
    for name in lists:
        draft.became(name, "socket", "Socket", "IPAddressAllow", "IPAddressDeny")
    if not draft.socket["IPAddressAllow"]:
        del draft.socket["IPAddressAllow"]


def _networks(draft: ServiceDraft, name: str) -> Sequence[networks.Network] | None:
    given = draft.service.given[name]
    found = networks.networks(given.values)
    if found is None:
        names = [word for word in given.values if networks.networks([word]) is None]
        reason = f"systemd takes no names of hosts and networks: {', '.join(names)}."
        draft.tell(given, " ".join(given.values), STAYS, reason, "Write addresses.")
    return found


# What is logged


def log(draft: ServiceDraft) -> None:
    for name in ("log_on_success", "log_on_failure"):
        draft.tell_words(name)
    if draft.service.has("log_on_success", "TRAFFIC"):
        draft.process["IPAccounting"] = True
        draft.became("log_on_success", "service", "Service", "IPAccounting")
    if draft.has("log_type"):
        _log_type(draft)


def _log_type(draft: ServiceDraft) -> None:
    given = draft.service.given["log_type"]
    kind, *rest = given.values or ("",)
    if kind not in ("SYSLOG", "FILE") or not rest:
        draft.problem(given, "is neither SYSLOG FACILITY nor FILE PATH", "Write for example SYSLOG daemon info.")
        return
    row = row_of("log_type", kind)
    draft.tell(given, " ".join(given.values), row.effect, row.remark, row.remedy)
    if kind == "SYSLOG":
        draft.process["SyslogFacility"] = rest[0]
        draft.process["SyslogLevel"] = rest[1] if rest[1:] else "info"
        draft.became("log_type", "service", "Service", "SyslogFacility", "SyslogLevel")
