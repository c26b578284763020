# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is declared to what lies on the host: units, releases, files."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_file_state import UnitFileState
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import (
    SLEEPER,
    UNITS,
    daemon,
    desired,
    document_of,
    problem_of,
    problems_of,
    refusal,
    script,
    text_of,
    unit,
    units_of,
)

PROPERTY = settings(max_examples=examples(200), deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
PORT = {"ListenStream": 9000}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, {"echo.service": ("started", "multi-user.target")}, id="plain"),
        pytest.param({"wanted_by": "a.target b.target"}, {"echo.service": ("started", "a.target b.target")}, id="wanted by two"),
        pytest.param({"wanted_by": []}, {"echo.service": ("started", "")}, id="wanted by none"),
        pytest.param({"state": "stopped"}, {"echo.service": ("stopped", "multi-user.target")}, id="stopped"),
        pytest.param({"enabled": False}, {"echo.service": ("started", "")}, id="not enabled"),
        pytest.param(
            {"socket": PORT}, {"echo.service": ("unmanaged", ""), "echo.socket": ("started", "sockets.target")}, id="lazy socket"
        ),
        pytest.param(
            {"socket": PORT, "wanted_by": "a.target"},
            {"echo.service": ("unmanaged", ""), "echo.socket": ("started", "a.target")},
            id="lazy socket of a target",
        ),
        pytest.param(
            {"socket": PORT, "activation": "eager"},
            {"echo.service": ("started", "multi-user.target"), "echo.socket": ("started", "sockets.target")},
            id="eager socket",
        ),
        pytest.param(
            {"socket": PORT, "accept": True},
            {"echo@.service": ("unmanaged", ""), "echo.socket": ("started", "sockets.target")},
            id="accept",
        ),
        pytest.param(
            {"socket": PORT, "state": "stopped"},
            {"echo.service": ("stopped", ""), "echo.socket": ("stopped", "sockets.target")},
            id="stopped with its socket",
        ),
        pytest.param(
            {"socket": PORT, "enabled": True},
            {"echo.service": ("unmanaged", ""), "echo.socket": ("started", "sockets.target")},
            id="enabled with a lazy socket",
        ),
    ],
)
def test_units_of_a_daemon(options: dict[str, Any], expected: dict[str, tuple[str, str]]) -> None:
    """Name → its state, and the targets that want it."""
    units = units_of(desired(daemons={"echo": daemon(**options)}))
    found = {
        name: (each.state, " ".join(link.path.split("/")[4].replace(".wants", "") for link in each.links))
        for name, each in units.items()
    }
    assert found == expected


TIMER = {"Timer": {"OnCalendar": "daily"}, "Install": {"WantedBy": "timers.target"}}


@pytest.mark.parametrize(
    ("options", "units", "expected"),
    [
        pytest.param({}, {"echo.timer": TIMER}, ("unmanaged", 0), id="its timer"),
        pytest.param({}, {"t.timer": unit(TIMER, Timer={"Unit": "echo.service"})}, ("unmanaged", 0), id="a timer that names it"),
        pytest.param({}, {"echo.path": {"Path": {"PathExists": "/run/x"}}}, ("unmanaged", 0), id="its path"),
        pytest.param({}, {"echo.socket": {"Socket": {"ListenStream": 9000}}}, ("unmanaged", 0), id="its socket"),
        pytest.param(
            {}, {"s.socket": {"Socket": {"ListenStream": 1, "Service": "echo.service"}}}, ("unmanaged", 0), id="a socket"
        ),
        pytest.param(
            {}, {"apt.timer": {"dropins": {"x": {"Timer": {"Unit": "echo.service"}}}}}, ("unmanaged", 0), id="one of others"
        ),
        pytest.param({}, {"other.timer": TIMER}, ("started", 1), id="a timer of something else"),
        pytest.param({}, {}, ("started", 1), id="no timer"),
        pytest.param({"type": "exec"}, {"echo.timer": TIMER}, ("started", 1), id="a daemon that stays"),
        pytest.param({"type": None, "service": {"Type": "oneshot"}}, {"echo.timer": TIMER}, ("unmanaged", 0), id="by directive"),
        pytest.param({"service": {"Type": "exec"}}, {"echo.timer": TIMER}, ("started", 1), id="not a oneshot after all"),
        pytest.param({"state": "started"}, {"echo.timer": TIMER}, ("started", 0), id="a state that is said"),
        pytest.param({"state": "stopped"}, {"echo.timer": TIMER}, ("stopped", 0), id="stopped"),
        pytest.param({"wanted_by": "a.target"}, {"echo.timer": TIMER}, ("started", 1), id="wanted by a target"),
        pytest.param({"enabled": True}, {"echo.timer": TIMER}, ("started", 1), id="enabled"),
        pytest.param({"install": {"WantedBy": "a.target"}}, {"echo.timer": TIMER}, ("started", 1), id="with an [Install]"),
        pytest.param({"install": {"Alias": "e.service"}}, {"echo.timer": TIMER}, ("unmanaged", 1), id="with an alias"),
    ],
)
def test_a_job_is_left_to_what_starts_it(options: dict[str, Any], units: dict[str, Any], expected: tuple[str, int]) -> None:
    """Its state, and how many links enable it: it neither runs at each deployment nor at boot."""
    given = {key: value for key, value in {"type": "oneshot", **options}.items() if value is not None}
    installed = {"apt.timer": UnitFileState("file", "/usr/lib/systemd/system/apt.timer")}
    found = units_of(desired(installed, daemons={"echo": daemon(**given)}, units=units))["echo.service"]
    assert (found.state, len(found.links)) == expected


def test_a_job_among_units_is_left_to_its_timer() -> None:
    job = {"Service": {"Type": "oneshot", "ExecStart": "/bin/true"}}
    found = units_of(desired(units={"j.service": job, "j.timer": TIMER}))["j.service"]
    assert (found.state, found.links) == ("unmanaged", ())


def directives(options: dict[str, Any], name: str = "echo.service") -> dict[str, tuple[str, ...]]:
    document = document_of(desired(daemons={"echo": daemon(**options)}), name)
    return {f"{section}.{key}": values for (section, key), values in document.directives.items()}


def test_service_of_a_plain_daemon() -> None:
    found = directives({"args": ["-v", "50 %"], "environment": {"A": "b c"}, "user": "echo", "working_directory": "/srv"})
    assert found["Service.ExecStart"][0].startswith("/usr/bin/python3 /opt/echo/releases/")
    assert found["Service.ExecStart"][0].endswith('/echo.py -v "50 %%"')
    assert found["Service.Environment"][:2] == ('"PYTHONUNBUFFERED=1"', '"A=b c"')
    assert found["Service.Type"] == ("exec",)
    assert found["Service.SyslogIdentifier"] == ("echo",)
    assert (found["Service.User"], found["Service.WorkingDirectory"]) == (("echo",), ("/srv",))
    assert found["Service.Restart"] == ("on-failure",)
    assert "Unit.Requires" not in found


def test_service_of_a_socket() -> None:
    found = directives({"socket": PORT, "after": "network.target"})
    assert found["Unit.Requires"] == ("echo.socket",)
    assert found["Unit.After"] == ("echo.socket network.target",)
    assert "Install.WantedBy" not in found


def test_service_for_one_connection() -> None:
    found = directives({"socket": PORT, "accept": True}, "echo@.service")
    assert (found["Service.StandardInput"], found["Service.StandardError"]) == (("socket",), ("journal",))
    assert found["Unit.CollectMode"] == ("inactive-or-failed",)
    assert "Service.Restart" not in found
    assert "Unit.Requires" not in found
    assert directives({"socket": PORT, "accept": True}, "echo.socket")["Socket.Accept"] == ("yes",)


@pytest.mark.parametrize(
    ("options", "directive", "values"),
    [
        pytest.param({"service": {"Restart": "always"}}, "Service.Restart", ("always",), id="replaces ours"),
        pytest.param({"service": {"Restart": None}}, "Service.Restart", ("",), id="resets ours"),
        pytest.param({"service": {"Nice": 5, "PrivateTmp": True}}, "Service.PrivateTmp", ("yes",), id="adds"),
        pytest.param(
            {"service": {"ExecStartPre": ["/bin/a", "/bin/b"]}}, "Service.ExecStartPre", ("/bin/a", "/bin/b"), id="a list"
        ),
        pytest.param({"unit": {"Description": "Mine"}, "description": "Not"}, "Unit.Description", ("Mine",), id="unit"),
        pytest.param({"install": {"Alias": "e.service"}}, "Install.WantedBy", ("multi-user.target",), id="install adds"),
        pytest.param({"install": {"WantedBy": "a.target"}}, "Install.WantedBy", ("a.target",), id="install replaces a default"),
        pytest.param(
            {"install": {"WantedBy": "b.target"}, "wanted_by": "a.target"},
            "Install.WantedBy",
            ("a.target", "b.target"),
            id="install adds to what is said",
        ),
        pytest.param({"service": {"Type": "simple"}, "type": "exec"}, "Service.Type", ("simple",), id="one value of a type"),
        pytest.param({"service": {"User": "b"}, "user": "a"}, "Service.User", ("b",), id="one user"),
    ],
)
def test_raw_directives_override(options: dict[str, Any], directive: str, values: tuple[str, ...]) -> None:
    assert directives(options)[directive] == values


VARIABLES = ('"PYTHONUNBUFFERED=1"', '"A=1"')
OWN = {"socket": PORT}


@pytest.mark.parametrize(
    ("options", "directive", "values"),
    [
        pytest.param({"service": {"Environment": {"B": "2"}}}, "Service.Environment", (*VARIABLES, '"B=2"'), id="variables"),
        pytest.param({"service": {"Environment": "B=2"}}, "Service.Environment", (*VARIABLES, "B=2"), id="variables as text"),
        pytest.param(
            {"service": {"Environment": ["B=2", {"C": "3"}]}}, "Service.Environment", (*VARIABLES, "B=2", '"C=3"'), id="a list"
        ),
        pytest.param({"service": {"Environment": {"A": "2"}}}, "Service.Environment", (*VARIABLES, '"A=2"'), id="the last wins"),
        pytest.param({"service": {"Environment": ""}}, "Service.Environment", ("",), id="an empty value resets"),
        pytest.param({"service": {"Environment": None}}, "Service.Environment", ("",), id="nothing resets"),
        pytest.param({"service": {"Environment": ["", "B=2"]}}, "Service.Environment", ("", "B=2"), id="reset and set"),
        pytest.param({"service": {"Environment": {}}}, "Service.Environment", VARIABLES, id="no variables"),
        pytest.param(
            {**OWN, "unit": {"Requires": "dep.service"}}, "Unit.Requires", ("echo.socket", "dep.service"), id="its socket stays"
        ),
        pytest.param(
            {**OWN, "after": ["a.service"], "unit": {"After": ["b.service", "c.service"]}},
            "Unit.After",
            ("echo.socket a.service", "b.service", "c.service"),
            id="order",
        ),
        pytest.param(
            {"after": ["a.service"], "unit": {"After": ["", "b.service"]}}, "Unit.After", ("b.service",), id="another order"
        ),
        pytest.param({"unit": {"Wants": ["a.service"]}}, "Unit.Wants", ("a.service",), id="nothing of ours"),
        pytest.param(
            {"hardening": "strict", "service": {"RestrictAddressFamilies": "AF_NETLINK"}},
            "Service.RestrictAddressFamilies",
            ("AF_INET AF_INET6 AF_UNIX", "AF_NETLINK"),
            id="of a preset",
        ),
        pytest.param(
            {"hardening": "strict", "service": {"CapabilityBoundingSet": "CAP_CHOWN"}},
            "Service.CapabilityBoundingSet",
            ("", "CAP_CHOWN"),
            id="empty, but for this one",
        ),
    ],
)
def test_raw_lists_add_to_ours(options: dict[str, Any], directive: str, values: tuple[str, ...]) -> None:
    found = directives({"environment": {"A": "1"}, **options})[directive]
    assert tuple(value for value in found if "DAEMONIC" not in value) == values


@pytest.mark.parametrize("key", ["Environment", "LogExtraFields"])
def test_no_reset_takes_the_stamp_away(key: str) -> None:
    """Neither in a daemon's own directives nor in a drop-in."""
    assert "DAEMONIC_STAMP=" in "".join(directives({"service": {key: ""}})[f"Service.{key}"])
    dropins = {"10-a": {"Service": {key: ["", "B=2"]}}, "20-b": {"Service": {"Nice": 1}}}
    wanted = desired(units={"echo.service": {**SLEEPER, "dropins": dropins}})
    bearer = text_of(wanted, "/etc/systemd/system/echo.service.d/10-a.conf")
    assert bearer.count("DAEMONIC_STAMP=") == 2
    assert bearer.index("B=2") < bearer.index("DAEMONIC_STAMP=")


@pytest.mark.parametrize(
    ("options", "place", "remedy"),
    [
        pytest.param({**OWN, "unit": {"Requires": ""}}, "unit.Requires", "that is added", id="its socket"),
        pytest.param({**OWN, "unit": {"Requires": ["", "a.service"]}}, "unit.Requires", "that is added", id="and another"),
        pytest.param({"args": ["-v"], "service": {"ExecStart": "/bin/a"}}, "args", "service.ExecStart", id="lost arguments"),
    ],
)
def test_what_would_take_away_what_an_option_says(options: dict[str, Any], place: str, remedy: str) -> None:
    problem = problem_of(daemons={"echo": daemon(**options)})
    assert (problem.place, remedy in problem.remedy) == (f"daemons.echo.{place}", True)


def test_raw_directives_of_a_socket() -> None:
    found = directives({"socket": {"ListenStream": ["9000", "/run/echo.sock"], "Backlog": 5}}, "echo.socket")
    assert found["Socket.ListenStream"] == ("9000", "/run/echo.sock")
    assert found["Socket.Backlog"] == ("5",)


# Releases


def test_release_is_addressed_by_content() -> None:
    def release(**options: Any) -> str:
        link = units_of(desired(daemons={"echo": daemon(**options)}))["echo.service"].release
        assert link is not None
        return link.target

    assert release() == release(args="-v", description="other")
    assert release() != release(script=script("print('other')\n"))
    assert release() != release(script=script(name="other.py"))


def test_release_on_the_disk() -> None:
    wanted = desired(daemons={"echo": daemon()})
    (interpreter, file), *none = wanted.scripts
    link = units_of(wanted)["echo.service"].release
    assert not none
    assert link is not None
    assert interpreter == "/usr/bin/python3"
    assert link.path == "/opt/echo/current"
    assert file.path == f"/opt/echo/{link.target}/echo.py"
    assert (file.owner, file.group, file.mode) == ("root", "root", 0o644)
    assert file in wanted.files
    assert link in wanted.links


# Units that are given as such


@pytest.mark.parametrize(
    ("entry", "state", "enabled"),
    [
        pytest.param({"Install": {"WantedBy": "a.target"}}, "started", True, id="what boot starts is started"),
        pytest.param({"Unit": {"Description": "x"}}, "unmanaged", False, id="without [Install]"),
        pytest.param({"Install": {"WantedBy": "a.target"}, "state": "stopped"}, "stopped", True, id="stopped"),
        pytest.param({"Install": {"WantedBy": "a.target"}, "state": "unmanaged"}, "unmanaged", True, id="unmanaged"),
        pytest.param({"Unit": {"Description": "x"}, "state": "started"}, "started", False, id="started, not enabled"),
        pytest.param("[Install]\nWantedBy=a.target\n", "started", True, id="content"),
    ],
)
def test_state_of_a_unit(entry: Any, state: str, enabled: bool) -> None:
    found = units_of(desired(units={"a.target": {"Unit": {}}, "b.target": entry}))["b.target"]
    assert (found.state, found.enabled) == (state, enabled)


def test_template_unit_is_not_started() -> None:
    assert units_of(desired(units={"a@.service": SLEEPER}))["a@.service"].state == "unmanaged"


def test_content_is_kept_as_it_was_written() -> None:
    text = "# why\n[Unit]\nDescription=\\\n  two\n\n[Install]\nWantedBy = a.target\n"
    assert text_of(desired(units={"a.target": text}), "a.target") == text


def test_content_is_written_with_plain_line_ends() -> None:
    assert text_of(desired(units={"a.target": "\ufeff[Unit]\r\nDescription=x"}), "a.target") == "[Unit]\nDescription=x\n"


def test_unit_files_are_readable_and_owned_by_root() -> None:
    (file,) = desired(units={"a.target": {"Unit": {}}}).files
    assert (file.path, file.owner, file.group, file.mode) == (f"{UNITS}/a.target", "root", "root", 0o644)


@pytest.mark.parametrize(
    ("unit_type", "once"),
    [({"Type": "oneshot"}, True), ({"Type": "oneshot", "RemainAfterExit": True}, False), ({"Type": "exec"}, False), ({}, False)],
)
def test_runs_once(unit_type: dict[str, Any], once: bool) -> None:
    found = units_of(desired(units={"a.service": unit(Service=unit_type)}))["a.service"]
    assert found.runs_once is once


def test_service_knows_its_sockets() -> None:
    units = {
        "a.service": SLEEPER,
        "a.socket": {"Socket": PORT},
        "b.service": SLEEPER,
        "other.socket": {"Socket": {"ListenStream": 1, "Service": "b.service"}},
        "more.socket": {"Socket": {"ListenStream": 2, "Service": "b.service"}},
        "c.service": SLEEPER,
    }
    found = units_of(desired(units=units))
    assert [found[f"{name}.service"].sockets for name in "abc"] == [("a.socket",), ("more.socket", "other.socket"), ()]


# Mistakes that show only when units are put together


@pytest.mark.parametrize(
    ("params", "place", "problem", "remedy"),
    [
        pytest.param(
            {"units": {"a.service": {"Sercice": {"ExecStart": "/bin/a"}}}}, "units.a.service.Sercice",
            "a .service unit has no section [Sercice]", "Did you mean [Service]?", id="misspelt section",
        ),
        pytest.param(
            {"units": {"a.service": {"Timer": {"OnCalendar": "daily"}}}}, "units.a.service.Timer", "has no section [Timer]",
            "Its sections are: Unit, Service, Install", id="section of another type",
        ),
        pytest.param(
            {"units": {"a.service": "[service]\nExecStart=/bin/a\n"}}, "units.a.service.service", "no section [service]",
            "Did you mean [Service]?", id="section in small letters",
        ),
        pytest.param(
            {"units": {"a.target": {"Target": {"A": "b"}}}}, "units.a.target.Target", "no section [Target]", "Unit, Install",
            id="target",
        ),
        pytest.param(
            {"units": {"a.service": "[Unit]\nDescription\n"}}, "units.a.service, line 2", "no '=' in this line", "",
            id="syntax",
        ),
        pytest.param(
            {"units": {"a.service": {"Service": {"ExecStart": "a\nb"}}}}, "units.a.service.Service.ExecStart", "line break",
            "write it on one line", id="line break in a directive",
        ),
        pytest.param(
            {"units": {"a.service": {"Service": {"Nice": {"a": 1}}}}}, "units.a.service.Service.Nice",
            "a mapping has no meaning", "", id="mapping in a directive",
        ),
        pytest.param(
            {"units": {"a.service": unit({"Service": {"ExecStart": "/bin/a"}}, enabled=True)}}, "units.a.service.enabled",
            "no [Install] section", "Add Install", id="enabled without [Install]",
        ),
        pytest.param(
            {"units": {"a@.service": unit(state="started")}}, "units.a@.service.state", "a template does not run itself",
            "take state away", id="started template",
        ),
        pytest.param(
            {"daemons": {"a": daemon()}, "units": {"a.service": SLEEPER}}, "units.a.service",
            "daemons.a declares this unit already", "Rename one", id="unit of a daemon",
        ),
        pytest.param(
            {"files": {f"{UNITS}/a.service": "x"}}, f"files.{UNITS}/a.service", "is a file of systemd's own configuration",
            "Declare the unit in units, a drop-in in its dropins", id="file that is a unit",
        ),
        pytest.param(
            {"files": {f"{UNITS}/a.service.d/b.conf": "x"}}, f"files.{UNITS}/a.service.d/b.conf", "systemd's own configuration",
            "dropins", id="file that is a drop-in",
        ),
        pytest.param(
            {"files": {"/etc/a": "x", "/etc/a/b": "y"}}, "files./etc/a/b", "puts a file where a directory is needed", "Move",
            id="file below a file",
        ),
        pytest.param(
            {"units": {"a.service": unit(Install={"Alias": "b.service"}), "b.service": SLEEPER}}, "units.a.service",
            "units.b.service owns this path already", "another name", id="alias of a unit",
        ),
        pytest.param(
            {"daemons": {"echo": daemon()}, "files": {"/opt/echo/current": "x"}}, "daemons.echo",
            "files./opt/echo/current owns this path already", "another name or path", id="file over a release link",
        ),
        pytest.param(
            {"units": {"a.socket": {"Socket": {"Backlog": 5}}, "a.service": SLEEPER}}, "units.a.socket.Socket",
            "listens nowhere", "ListenStream: 9000", id="socket without an address",
        ),
        pytest.param(
            {"units": {"a.socket": {"Socket": {"ListenStream": 70000}}}}, "units.a.socket.Socket.ListenStream",
            "port 70000 is out of range", "from 1 to 65535", id="port too large",
        ),
        pytest.param(
            {"daemons": {"a": daemon(socket={"ListenStream": 0})}}, "daemons.a.socket.ListenStream", "port 0 is out of range",
            "from 1 to 65535", id="port of a daemon",
        ),
        pytest.param(
            {"daemons": {"a": daemon(socket={"Backlog": 5})}}, "daemons.a.socket", "listens nowhere", "ListenStream: 9000",
            id="socket of a daemon without an address",
        ),
        pytest.param(
            {"daemons": {"a": daemon(environment={"A B": "x"})}}, "daemons.a.environment",
            "not the name of an environment variable", "", id="variable of a daemon",
        ),
        pytest.param(
            {"daemons": {"a": daemon(service={"Nice": {"x": 1}})}}, "daemons.a.service.Nice", "a mapping has no meaning", "",
            id="directive of a daemon",
        ),
        pytest.param({"daemons": {"a": daemon(args=["a\0b"])}}, "daemons.a.args", "", "", id="NUL in an argument"),
        pytest.param(
            {"units": {"a.socket": {"Socket": {**PORT, "Accept": True}}, "a.service": SLEEPER}}, "units.a.socket.Socket.Accept",
            "would start a@.service, but the stack has only a.service", "Name the service a@.service, or set Accept: no",
            id="accept",
        ),
        pytest.param(
            {"units": {"a.socket": {"Socket": PORT}, "a@.service": SLEEPER}}, "units.a.socket.Socket.Accept",
            "would start a.service, but the stack has only a@.service", "set Accept: yes", id="template without accept",
        ),
        pytest.param(
            {"units": {"a.socket": {"Socket": {**PORT, "Accept": True, "Service": "b.service"}}, "b.service": SLEEPER}},
            "units.a.socket.Socket.Service", "a socket with Accept=yes cannot name its service", "a@.service",
            id="accept with Service=",
        ),
        pytest.param(
            {"daemons": {"a": daemon(wanted_by="multi-user")}}, "daemons.a.wanted_by", "type", ".target", id="no suffix",
        ),
        pytest.param(
            {"daemons": {"a": daemon(wanted_by="../../a.target")}}, "daemons.a.wanted_by", "holds no '/'", "", id="way out",
        ),
        pytest.param(
            {"units": {"a.service": unit(Install={"Alias": "b"})}}, "units.a.service.Install.Alias", "type", "", id="alias",
        ),
        pytest.param(
            {"units": {"a@.service": unit(Install={"DefaultInstance": "a b"})}}, "units.a@.service.Install.DefaultInstance",
            "instance", "", id="default instance",
        ),
    ],
)  # fmt: skip
def test_mistake(params: dict[str, Any], place: str, problem: str, remedy: str) -> None:
    found = problem_of(**params)
    assert found.place == place
    assert problem in found.problem
    assert remedy in found.remedy


def test_all_mistakes_of_all_units_at_once() -> None:
    found = problems_of(
        units={"a.service": {"Sercice": {}}, "b.socket": {"Socket": {"ListenStream": 99999}}, "c.service": "[Unit\n"},
        daemons={"d": daemon(environment={"1": "x"})},
    )
    assert len(found) == 4


@pytest.mark.parametrize(
    "value",
    ["9000", "127.0.0.1:9000", "[::1]:9000", "/run/a.sock", "@abstract", "vsock:2:9000000", "localhost:%i", "1", "65535"],
)
def test_address_that_is_fine(value: str) -> None:
    desired(units={"a.socket": {"Socket": {"ListenStream": value}}})


@pytest.mark.parametrize("value", ["0", "65536", "127.0.0.1:0", "[::]:70000", "*:99999", "-1"])
@pytest.mark.parametrize("key", ["ListenStream", "ListenDatagram"])
def test_port_out_of_range(key: str, value: str) -> None:
    assert "out of range" in problem_of(units={"a.socket": {"Socket": {key: value}}}).problem


@pytest.mark.parametrize("value", ["--1", "²", "127.0.0.1:①"])
def test_odd_number_is_no_crash(value: str) -> None:
    places = {problem.place for problem in refusal(units={"a.socket": {"Socket": {"ListenStream": value}}})}
    assert places <= {"units.a.socket.Socket.ListenStream"}


def test_own_sections_are_fine() -> None:
    desired(units={"a.service": unit(**{"X-Mine": {"Any": "thing"}}), "b.path": {"Path": {"PathExists": "/a"}}})


@PROPERTY
@given(st.text(max_size=60))
def test_any_unit_text_is_taken_or_refused(text: str) -> None:
    assert all(problem.place.startswith("units.a.target") for problem in refusal(units={"a.target": text}))


UNSENT = {"name": "big.conf", "sha256": "0" * 64, "size": 200_000}


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"content": UNSENT}, "units.big.service"),
        ({"sections": {"Service": {"ExecStart": "/bin/true"}}, "dropins": {"a": UNSENT}}, "units.big.service.dropins.a"),
    ],
    ids=["unit file", "drop-in"],
)
def test_a_unit_that_was_not_sent_is_no_empty_unit(entry: dict[str, object], place: str) -> None:
    problem = problem_of(units={"big.service": entry})
    assert (problem.place, problem.problem) == (place, "was not sent with the task, and must be read")
