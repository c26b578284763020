# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services as units."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.quoting import split_words
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.render import render
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.attribute_table import ATTRIBUTES, WORDS
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.migrate import Migration, files_of, migrate, ports_of
from hypothesis import given
from hypothesis import strategies as st

PORTS = {"telnet/tcp": 23, "tftp/udp": 69, "www/tcp": 80}
BASE = {"type": "UNLISTED", "socket_type": "stream", "protocol": "tcp", "port": "7", "wait": "no", "user": "nobody"}


def converted(systemd: int = 0, name: str = "a", only: list[str] | None = None, **attributes: str | None) -> Migration:
    """One service with these attributes besides the necessary ones; None takes one away."""
    wanted = {**BASE, "server": "/bin/cat", **attributes}
    lines = [f"{key} = {value}" for key, value in wanted.items() if value is not None]
    text = "\n".join((f"service {name}", "{", *lines, "}", ""))
    return migrate("/x", files_of({"/x": text}), PORTS, systemd, only)


def units(**attributes: Any) -> dict[str, Any]:
    return converted(**attributes).units


def socket(**attributes: Any) -> dict[str, Any]:
    return units(**attributes)["a.socket"]["Socket"]


def process(**attributes: Any) -> dict[str, Any]:
    return next(unit for name, unit in units(**attributes).items() if name.endswith(".service"))["Service"]


def test_a_server_for_each_connection() -> None:
    assert units() == {
        "a.socket": {
            "Unit": {"Description": "a, as xinetd served it"},
            "Socket": {"ListenStream": "7", "MaxConnections": 4294967295, "TriggerLimitIntervalSec": 0, "Accept": True},
            "Install": {"WantedBy": "sockets.target"},
        },
        "a@.service": {
            "Unit": {"Description": "a, as xinetd served it", "CollectMode": "inactive-or-failed"},
            "Service": {"ExecStart": "/bin/cat", "StandardInput": "socket", "StandardError": "journal", "User": "nobody"},
        },
    }


@pytest.mark.parametrize(
    "attributes", [{"wait": "yes"}, {"socket_type": "dgram", "protocol": "udp", "wait": "yes"}, {"redirect": "192.0.2.1 80"}]
)
def test_one_server_for_all(attributes: dict[str, str]) -> None:
    found = units(**attributes)
    assert list(found) == ["a.socket", "a.service"]
    assert found["a.socket"]["Socket"]["Accept"] is False
    assert found["a.service"]["Unit"]["StartLimitIntervalSec"] == 0


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, {"ListenStream": "7"}),
        ({"flags": "IPv4"}, {"ListenStream": "0.0.0.0:7"}),
        ({"flags": "IPv6"}, {"ListenStream": "[::]:7", "BindIPv6Only": "both"}),
        ({"v6only": "yes"}, {"ListenStream": "7", "BindIPv6Only": "ipv6-only"}),
        ({"bind": "192.0.2.1"}, {"ListenStream": "192.0.2.1:7", "FreeBind": True}),
        ({"interface": "127.0.0.1", "flags": "IPv4"}, {"ListenStream": "127.0.0.1:7"}),
        ({"bind": "2001:db8::1"}, {"ListenStream": "[2001:db8::1]:7", "FreeBind": True}),
        ({"socket_type": "dgram", "protocol": "udp", "wait": "yes"}, {"ListenDatagram": "7"}),
        ({"socket_type": None}, {"ListenStream": "7"}),
        ({"protocol": "sctp"}, {"ListenStream": "7", "SocketProtocol": "sctp"}),
        ({"name": "telnet", "type": None, "port": None, "protocol": None, "id": "a"}, {"ListenStream": "23"}),
        ({"flags": "KEEPALIVE NODELAY"}, {"KeepAlive": True, "NoDelay": True}),
        ({"instances": "60", "per_source": "3"}, {"MaxConnections": 60, "MaxConnectionsPerSource": 3}),
        ({"cps": "25 30"}, {"TriggerLimitIntervalSec": 0}),
        ({"cps": "25 30", "systemd": 257}, {"PollLimitBurst": 25, "PollLimitIntervalSec": "1s", "TriggerLimitIntervalSec": 0}),
        ({"cps": "25 30", "wait": "yes"}, {"TriggerLimitIntervalSec": "1s", "TriggerLimitBurst": 25}),
        ({"only_from": "10.0.0.0"}, {"IPAddressAllow": ["10.0.0.0/8"], "IPAddressDeny": "any"}),
        ({"only_from": ""}, {"IPAddressDeny": "any"}),
        ({"no_access": "10.0.0.1"}, {"IPAddressDeny": ["10.0.0.1/32"]}),
        ({"only_from": "10.0.0.0/31", "no_access": "10.0.0.1"}, {"IPAddressAllow": ["10.0.0.0/32"], "IPAddressDeny": "any"}),
    ],
)
def test_socket(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = socket(**attributes)
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"flags": "NAMEINARGS", "server_args": "cat -u"}, {"ExecStart": "@/bin/cat cat -u"}),
        ({"server_args": "50% $x \\ \"a b\" 'c' ; #"}, {"ExecStart": '/bin/cat 50%% $$x "\\\\" "\\"a" "b\\"" "\'c\'" ";" "#"'}),
        ({"user": "65534"}, {"User": "65534", "Group": "65534"}),
        ({"group": "tty"}, {"Group": "tty"}),
        ({"umask": "27", "nice": "-5"}, {"UMask": "0027", "Nice": -5}),
        ({"rlimit_as": "8m", "rlimit_cpu": "20", "rlimit_files": "UNLIMITED"}, {"LimitAS": "8M", "LimitCPU": "20"}),
        ({"rlimit_as": "0"}, {"LimitAS": None}),
        ({"env": "A=1 B=x%y"}, {"Environment": ['"A=1"', '"B=x%%y"']}),
        ({"passenv": "TZ LANG"}, {"PassEnvironment": "TZ LANG"}),
        ({"banner": "/etc/b", "banner_success": "/etc/s"}, {"ExecStartPre": ["-+/bin/cat /etc/b", "-+/bin/cat /etc/s"]}),
        ({"log_type": "SYSLOG local1"}, {"SyslogFacility": "local1", "SyslogLevel": "info"}),
        ({"log_on_success": "TRAFFIC"}, {"IPAccounting": True}),
        (
            {"redirect": "2001:db8::1 www", "server": None, "instances": "3"},
            {"ExecStart": '/lib/systemd/systemd-socket-proxyd --connections-max=3 "[2001:db8::1]:80"', "StandardInput": None},
        ),
    ],
)
def test_service(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = process(**attributes)
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("identifier", "unit"), [("in.ftp-2", "in.ftp-2"), ("a/b c@d", "a-b\\x20c\\x40d"), (".x", "\\x2ex"), ("ü", "\\xc3\\xbc")]
)
def test_names_of_units(identifier: str, unit: str) -> None:
    escaped = identifier.replace(" ", "_")
    assert list(units(id=escaped)) == [f"{unit}.socket".replace("\\x20", "_"), f"{unit}@.service".replace("\\x20", "_")]


@pytest.mark.parametrize(
    ("attributes", "attribute"),
    [
        ({"type": "INTERNAL"}, "type"),
        ({"type": "RPC UNLISTED", "rpc_version": "1"}, "type"),
        ({"type": "TCPMUX UNLISTED"}, "type"),
        ({"socket_type": "raw"}, "socket_type"),
        ({"flags": "IDONLY"}, "flags"),
        ({"flags": "SENSOR"}, "flags"),
        ({"access_times": "2:00-9:00"}, "access_times"),
        ({"libwrap": "x"}, "libwrap"),
        ({"bind": "host.example.org"}, "bind"),
        ({"only_from": "10.0.0.1 .example.org"}, "only_from"),
        ({"no_access": "host"}, "no_access"),
        ({"protocol": "icmp"}, "protocol"),
    ],
)
def test_what_would_let_others_in_or_not_work_stays_with_xinetd(attributes: dict[str, str], attribute: str) -> None:
    found = converted(**attributes)
    assert found.units == {}
    assert [service.id for service in found.left] == ["a"]
    assert attribute in [note.attribute for note in found.notes if note.effect == "stays"]


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({"server": None}, "there is no server"),
        ({"wait": None}, "there is no wait"),
        ({"user": None}, "there is no user"),
        ({"port": None}, "there is no port"),
        ({"socket_type": None, "protocol": None}, "there is no socket_type"),
        ({"flags": "NAMEINARGS"}, "there is no server_args"),
        ({"type": None}, "a/tcp is not in /etc/services"),
        ({"name": "telnet", "type": None}, "is not that of telnet in /etc/services, 23"),
        ({"wait": "YES"}, "wait is neither yes nor no"),
        ({"flags": "Reuse"}, "Did you mean REUSE?"),
        ({"type": "unlisted"}, "Did you mean UNLISTED?"),
        ({"port": "70000"}, "is no port"),
        ({"server": "cat"}, "is no absolute path"),
        ({"server": "/a'b"}, "is no absolute path"),
        ({"umask": "9"}, "is no umask"),
        ({"instances": "many"}, "is no number"),
        ({"rlimit_as": "8G"}, "is no limit"),
        ({"env": "A"}, "is no NAME=VALUE"),
        ({"env": "1A=2"}, "not the name of an environment variable"),
        ({"redirect": "192.0.2.1 nothing"}, "names no port"),
        ({"log_type": "JOURNAL"}, "is neither SYSLOG"),
        ({"id": "x" * 300}, "it can be no name of units"),
        ({"only": ["b"]}, "xinetd has no service with this id"),
        ({"disable": "yes", "only": ["a"]}, "xinetd has it disabled"),
    ],
)
def test_what_xinetd_does_not_serve_is_refused(attributes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        converted(**attributes)
    assert says in refused.value.message
    assert all(problem.place.startswith(("/x:", "services")) for problem in refused.value.problems)


def test_a_service_that_is_disabled_may_be_wrong() -> None:
    assert converted(disable="yes", server=None).units == {}


def test_two_services_at_one_port() -> None:
    one = "\n".join(f"{key} = {value}" for key, value in {**BASE, "server": "/bin/cat"}.items())
    text = f"service a\n{{\n{one}\n}}\nservice b\n{{\n{one}\n}}\n"
    with pytest.raises(ValidationFailed, match=r"a \(/x:1\) listens there already"):
        migrate("/x", files_of({"/x": text}), PORTS)


VALUES = {
    **{name: st.sampled_from(["no", "yes"]) for name in ("wait", "disable", "groups", "mdns", "v6only")},
    **{name: st.lists(st.sampled_from(words), min_size=1, max_size=3).map(" ".join) for name, words in WORDS.items() if words[0]},
    "socket_type": st.sampled_from(WORDS["socket_type"]),
    "protocol": st.sampled_from(["tcp", "udp"]),
    "wait": st.sampled_from(["yes", "no"]),
    "groups": st.sampled_from(["yes", "no"]),
    "cps": st.just("25 30"),
    "redirect": st.just("192.0.2.1 80"),
    "env": st.just("A=1"),
    "log_type": st.sampled_from(["SYSLOG daemon", "FILE /var/log/x 1000"]),
    "umask": st.just("022"),
    **{name: st.sampled_from(["10.0.0.1", "10.0.0.0", "host", ""]) for name in ("only_from", "no_access")},
    **{name: st.sampled_from(["192.0.2.1", "::1"]) for name in ("bind", "interface")},
    **{name: st.just("/etc/motd") for name in ("banner", "banner_success", "banner_fail", "server")},
    **{name: st.just("UNLIMITED") | st.just("7") for name in ("instances", "per_source", "rlimit_as", "rlimit_cpu")},
}
IN_SERVICES = [name for name, attribute in ATTRIBUTES.items() if attribute.in_service]


@given(st.fixed_dictionaries({}, optional={name: VALUES.get(name, st.just("1")) for name in IN_SERVICES}))
def test_each_attribute_is_in_a_unit_or_in_a_note(attributes: dict[str, str]) -> None:
    try:
        found = converted(257, **attributes)
    except ValidationFailed:
        return
    texts = {name: parse(render(sections)) for name, sections in found.units.items()}
    told = {note.attribute for note in found.notes}
    for each in found.carried:
        for name, value in each.service.given.items():
            places = each.became.get(name, ())
            assert places or {value.name, name} & told, name
            assert any(texts[unit].values(section, key) for unit, section, key in places) or value.name in told, name


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=" \t"), min_size=1), max_size=5))
def test_every_argument_arrives(arguments: list[str]) -> None:
    line = process(server_args=" ".join(arguments) or None)["ExecStart"]
    assert [word.replace("%%", "%").replace("$$", "$") for word in split_words(line)] == ["/bin/cat", *arguments]


def test_services_of_the_host() -> None:
    text = "# x\ntelnet\t23/tcp\nhttp 80/tcp www # web\nhttp 80/udp\nodd\nworse x/tcp\n"
    assert ports_of(text) == {"telnet/tcp": 23, "http/tcp": 80, "www/tcp": 80, "http/udp": 80}
