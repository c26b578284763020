# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy: what becomes of each attribute of xinetd.conf(5). docs/xinetd.md shows this table.

One principle decides what has no equal: a service that would then let somebody in whom xinetd turns away, or that could
not work, stays with xinetd; the rest is told and left out.
"""

from __future__ import annotations

from .._dataclasses import dataclass

# What an attribute becomes.
EXACT = "exact"  # directives with the same meaning
SAME = "same"  # nothing, for systemd does so in any case
CHANGED = "changed"  # directives that mean something else in part
DROPPED = "dropped"  # nothing: there is no equal
STAYS = "stays"  # the service stays with xinetd

ANY = -1  # any number of values


@dataclass(frozen=True)
class Attribute:
    """What xinetd makes of an attribute. values: how many it takes. is_set: +=, -= and repetition are allowed.

    in_defaults: it may stand in `defaults`; in_service: in a service.
    """

    name: str
    values: int = 1
    is_set: bool = False
    in_defaults: bool = False
    in_service: bool = True


@dataclass(frozen=True)
class Row:
    """value: of the attribute, "" for any. becomes: directives, as Section.Directive. remark, remedy: sentences."""

    attribute: str
    value: str = ""
    becomes: tuple[str, ...] = ()
    effect: str = EXACT
    remark: str = ""
    remedy: str = ""


ATTRIBUTES = {
    attribute.name: attribute
    for attribute in (
        *(Attribute(name) for name in ("id", "disable", "socket_type", "protocol", "wait", "user", "group", "nice", "server")),
        *(Attribute(name) for name in ("port", "rpc_version", "rpc_number", "libwrap", "deny_time")),
        *(Attribute(f"rlimit_{name}") for name in ("as", "files", "cpu", "data", "rss", "stack")),
        *(Attribute(name, ANY) for name in ("type", "flags", "server_args", "access_times")),
        *(Attribute(name, in_defaults=True) for name in ("instances", "per_source", "umask", "groups", "max_load", "mdns")),
        *(Attribute(name, in_defaults=True) for name in ("bind", "interface", "v6only")),
        *(Attribute(name, in_defaults=True) for name in ("banner", "banner_success", "banner_fail")),
        Attribute("cps", 2, in_defaults=True),
        Attribute("redirect", 2),
        Attribute("env", ANY, is_set=True),
        *(Attribute(name, ANY, True, True) for name in ("only_from", "no_access", "passenv")),
        *(Attribute(name, ANY, True, True) for name in ("log_on_success", "log_on_failure")),
        Attribute("log_type", ANY, in_defaults=True),
        *(Attribute(name, ANY, True, True, in_service=False) for name in ("disabled", "enabled")),
    )
}
# Not attributes, but described as such.
DIRECTIVES = ("include", "includedir")

_LISTEN = ("Socket.ListenStream", "Socket.ListenDatagram")
_ADDRESS_FILTER = ("Socket.IPAddressAllow", "Socket.IPAddressDeny")
_JOURNAL = "journalctl -u 'NAME@*' shows it, and each start with the addresses of both ends."

TABLE = (
    # What it is
    Row("id", becomes=("Unit.Description",), remark="It names the units, too."),
    Row("type", "UNLISTED", _LISTEN),
    Row("type", "INTERNAL", effect=STAYS, remark="It is a part of xinetd itself.", remedy="Give it a program as server."),
    Row("type", "RPC", effect=STAYS, remark="systemd does not register with rpcbind.", remedy="Start the server by a service."),
    Row("type", "TCPMUX", effect=STAYS, remark="systemd does not speak TCPMUX.", remedy="Give it a port of its own."),
    Row("type", "TCPMUXPLUS", effect=STAYS, remark="systemd does not speak TCPMUX.", remedy="Give it a port of its own."),
    Row("disable", becomes=("Install.WantedBy",), remark="Of a service that is disabled nothing is made."),
    Row("enabled", becomes=("Install.WantedBy",), remark="Of a service that is disabled nothing is made."),
    Row("disabled", becomes=("Install.WantedBy",), remark="Of a service that is disabled nothing is made."),
    Row("include", remark="What is included is read."),
    Row("includedir", remark="What is included is read."),
    # Where it listens
    Row("socket_type", "stream", ("Socket.ListenStream",)),
    Row("socket_type", "dgram", ("Socket.ListenDatagram",)),
    Row("socket_type", "raw", effect=STAYS, remark="systemd opens no raw sockets.", remedy="Start the server by a service."),
    Row("socket_type", "seqpacket", effect=STAYS, remark="systemd opens them as Unix sockets alone.", remedy="Use a stream."),
    Row("protocol", becomes=(*_LISTEN, "Socket.SocketProtocol"), remark="tcp, udp, sctp and udplite; others stay."),
    Row("port", becomes=_LISTEN),
    Row("bind", becomes=(*_LISTEN, "Socket.FreeBind"), remark="An address; a service with a name here stays."),
    Row("interface", becomes=(*_LISTEN, "Socket.FreeBind"), remark="A synonym of bind."),
    Row("v6only", becomes=("Socket.BindIPv6Only",)),
    Row("flags", "IPv4", _LISTEN),
    Row("flags", "IPv6", (*_LISTEN, "Socket.BindIPv6Only")),
    Row("flags", "KEEPALIVE", ("Socket.KeepAlive",)),
    Row("flags", "NODELAY", ("Socket.NoDelay",)),
    Row("flags", "REUSE", effect=SAME, remark="systemd reuses addresses, too."),
    Row("mdns", effect=DROPPED, remark="It does something on macOS alone.", remedy="See systemd.dnssd(5)."),
    # What it runs
    Row("wait", "no", ("Socket.Accept",)),
    Row("wait", "yes", ("Socket.Accept",)),
    Row("server", becomes=("Service.ExecStart",)),
    Row("server_args", becomes=("Service.ExecStart",)),
    Row("flags", "NAMEINARGS", ("Service.ExecStart",)),
    Row("flags", "NORETRY", effect=SAME, remark="systemd does not try again, either."),
    Row("redirect", becomes=("Service.ExecStart",), remark="systemd-socket-proxyd(8)."),
    Row("user", becomes=("Service.User",)),
    Row("group", becomes=("Service.Group",)),
    Row("groups", "yes", effect=SAME, remark="A service with a user has the groups of that user."),
    Row("groups", "no", effect=CHANGED, remark="The service has the groups of its user, too.", remedy="Use a user without."),
    Row("umask", becomes=("Service.UMask",)),
    Row("nice", becomes=("Service.Nice",)),
    Row("env", becomes=("Service.Environment",)),
    Row(
        "passenv", "", ("Service.PassEnvironment",), CHANGED,
        "The variables come from systemd's own environment, which is smaller than xinetd's.", "Set what is missing by env.",
    ),
    Row("rlimit_as", becomes=("Service.LimitAS",)),
    Row("rlimit_files", becomes=("Service.LimitNOFILE",)),
    Row("rlimit_cpu", becomes=("Service.LimitCPU",)),
    Row("rlimit_data", becomes=("Service.LimitDATA",)),
    Row("rlimit_rss", becomes=("Service.LimitRSS",)),
    Row("rlimit_stack", becomes=("Service.LimitSTACK",)),
    Row("flags", "LABELED", ("Socket.SELinuxContextFromNet",)),
    Row("banner", becomes=("Service.ExecStartPre",), effect=CHANGED,
        remark="Who is not let in does not see it.", remedy="There is nothing to be done."),
    Row("banner_success", becomes=("Service.ExecStartPre",)),
    Row("banner_fail", effect=DROPPED, remark="Who is not let in is told nothing.", remedy="There is nothing to be done."),
    # How many
    Row("instances", becomes=("Socket.MaxConnections",)),
    Row("per_source", becomes=("Socket.MaxConnectionsPerSource",)),
    Row(
        "cps", "", ("Socket.PollLimitIntervalSec", "Socket.PollLimitBurst", "Socket.TriggerLimitBurst"), CHANGED,
        "From systemd 255 on a socket pauses for the rest of the second; before, it has no limit, for one that meets"
        " systemd's own would stay closed. One with wait = yes does stay closed.",
        "Limit the rate in the firewall.",
    ),
    Row("max_load", effect=DROPPED, remark="systemd does not look at the load.", remedy="Limit instances, or use CPUQuota=."),
    # Who may use it
    Row(
        "only_from", "", _ADDRESS_FILTER, CHANGED,
        "The kernel drops the packets of others, who wait instead of being turned away, and nothing is logged. A service"
        " with names instead of addresses stays.",
        "Look at the journal: on a kernel without BPF for control groups systemd warns that it cannot filter.",
    ),
    Row(
        "no_access", "", _ADDRESS_FILTER, CHANGED,
        "The kernel drops their packets, so they wait instead of being turned away, and nothing is logged. A service with"
        " names instead of addresses stays.",
        "Look at the journal: on a kernel without BPF for control groups systemd warns that it cannot filter.",
    ),
    Row("access_times", effect=STAYS, remark="systemd has no times of access.", remedy="Start and stop its socket by timers."),
    Row("flags", "INTERCEPT", effect=SAME, remark="systemd filters every packet."),
    Row("flags", "IDONLY", effect=STAYS, remark="systemd does not ask who a client is.", remedy="Use addresses."),
    Row("flags", "SENSOR", effect=STAYS, remark="It is a part of xinetd itself.", remedy="Use the firewall."),
    Row("deny_time", effect=DROPPED, remark="It belongs to the flag SENSOR.", remedy="There is nothing to be done."),
    Row("flags", "NOLIBWRAP", effect=SAME, remark="systemd does not ask TCP wrappers."),
    Row("libwrap", effect=STAYS, remark="systemd does not ask TCP wrappers.", remedy="Use only_from, or run it by tcpd(8)."),
    # RPC
    Row("rpc_version", effect=DROPPED, remark="It belongs to the type RPC.", remedy="There is nothing to be done."),
    Row("rpc_number", effect=DROPPED, remark="It belongs to the type RPC.", remedy="There is nothing to be done."),
    # What is logged
    Row(
        "log_type", "SYSLOG", ("Service.SyslogFacility", "Service.SyslogLevel"), CHANGED,
        "It holds for what the server writes to its standard error; systemd's own messages stay what they are.", _JOURNAL,
    ),
    Row("log_type", "FILE", effect=DROPPED, remark="The journal has it.", remedy=_JOURNAL),
    *(Row(name, "HOST", effect=SAME, remark="The name of each instance has the addresses of both ends.", remedy=_JOURNAL)
      for name in ("log_on_success",)),
    Row("log_on_success", "PID", effect=SAME, remark="Every line of the journal has it.", remedy=_JOURNAL),
    Row("log_on_success", "EXIT", effect=SAME, remark="The journal has each start, and each end that is a failure.",
        remedy=_JOURNAL),
    Row("log_on_success", "DURATION", effect=CHANGED, remark="It is the time between two lines of the journal.",
        remedy=_JOURNAL),
    Row("log_on_success", "TRAFFIC", ("Service.IPAccounting",)),
    Row("log_on_success", "USERID", effect=DROPPED, remark="systemd does not ask who a client is.",
        remedy="Let the server ask, if it must be known."),
    Row("log_on_failure", "HOST", effect=DROPPED, remark="Whom the kernel does not let in is not logged.",
        remedy="Log it in the firewall."),
    Row("log_on_failure", "ATTEMPT", effect=DROPPED, remark="Whom the kernel does not let in is not logged.",
        remedy="Log it in the firewall."),
    Row("log_on_failure", "USERID", effect=DROPPED, remark="systemd does not ask who a client is.",
        remedy="Log it in the firewall."),
)  # fmt: skip


def row_of(attribute: str, value: str = "") -> Row:
    """The row of this value, or that of the attribute."""
    return _ROWS.get((attribute, value)) or _ROWS[attribute, ""]


_ROWS = {(row.attribute, row.value): row for row in TABLE}
# The words that an attribute may have, for those whose rows have one.
WORDS = {
    name: tuple(row.value for row in TABLE if row.attribute == name)
    for name in ("type", "flags", "socket_type", "wait", "groups", "log_on_success", "log_on_failure")
}
