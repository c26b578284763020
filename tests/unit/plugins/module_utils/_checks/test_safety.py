# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else could take over a unit: declarations and hosts in, problems out."""

from __future__ import annotations

import posixpath
from typing import Any, Mapping

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.safety import PathStep, check_safety
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.trusted_build_paths import uses_of_build
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.trusted_paths import Owner, uses_of
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.written_units import units_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, UnitState

from ..builders import HOME, daemon, desired, stack, unit

# What a host has: path → what is unusual about it. All else is root's, and for nobody else to write.
Host = Mapping[str, Mapping[str, Any]]
TMP = {"mode": 0o1777}
ECHO = Owner("echo", HOME)
HIS = {"owner": "echo", "group": "echo"}
HOMES = {HOME: HIS}


def trail(path: str, host: Host) -> list[PathStep]:
    """The names on the way; what lies below a path that is unusual is as usual again."""
    parts = path.strip("/").split("/")
    paths = ["/", *("/" + "/".join(parts[: number + 1]) for number in range(len(parts)))]
    steps = []
    for each in paths:
        kind = "file" if each == path else "directory"
        steps.append(PathStep(**{"path": each, "asked": each, "kind": kind, "mode": 0o755, **host.get(each, {})}))
        if steps[-1].kind == "missing":
            break
    return steps


def problems_of(
    host: Host, dropins: tuple[str, ...] = (), members: Mapping[str, tuple[str, ...]] | None = None, **params: Any
) -> tuple[Problem, ...]:
    wanted = desired(**params)
    declared = stack(**params)
    owner = ECHO if declared.scope == "user" else Owner()
    states = {each.name: UnitState(each.name, dropins=dropins) for each in wanted.units}
    observed = Observed({}, states, {}, None)
    uses = [(each, uses_of(each, observed, wanted.scope, owner)) for each in units_of(declared, wanted)]
    found = {use.path: trail(use.path, host) for _unit, each in uses for use in each if use.path.startswith("/")}
    problems = Problems()
    check_safety(uses, found, members or {}, owner, wanted, problems)
    return problems.found


def running(line: str = "/srv/app/run", **service: Any) -> dict[str, Any]:
    return {"a.service": unit({}, Service={"ExecStart": line, **service})}


@pytest.mark.parametrize(
    ("host", "weak"),
    [
        pytest.param({}, "", id="all is root's"),
        pytest.param({"/srv/app/run": {"mode": 0o777}}, "/srv/app/run", id="file for all"),
        pytest.param({"/srv/app/run": {"mode": 0o775}}, "", id="file for a group of nobody"),
        pytest.param({"/srv/app/run": {"mode": 0o775, "group": "dev", "members": ("anna",)}}, "/srv/app/run", id="for a group"),
        pytest.param({"/srv/app/run": {"mode": 0o755, "group": "dev", "members": ("anna",)}}, "", id="a group reads"),
        pytest.param({"/srv/app/run": {"mode": 0o775, "group": "adm", "members": ("root",)}}, "", id="a group of root"),
        pytest.param({"/srv/app/run": {"owner": "anna"}}, "/srv/app/run", id="file of another"),
        pytest.param({"/srv/app/run": {"owner": "1000", "mode": 0o555}}, "/srv/app/run", id="its owner can chmod"),
        pytest.param({"/srv/app": {"mode": 0o757}}, "/srv/app", id="directory for all"),
        pytest.param({"/srv": {"owner": "anna"}}, "/srv", id="an ancestor of another"),
        pytest.param({"/srv/app": {"mode": 0o1777}}, "", id="sticky, and what lies there is root's"),
        pytest.param({"/srv/app": TMP, "/srv/app/run": {"owner": "anna"}}, "/srv/app/run", id="sticky, and of another"),
        pytest.param({"/srv/app": TMP, "/srv/app/run": {"kind": "missing"}}, "/srv/app/run", id="sticky, and not there yet"),
        pytest.param({"/srv": TMP, "/srv/app": {"mode": 0o777}}, "/srv/app", id="sticky above a directory for all"),
        pytest.param({"/srv/app/run": {"kind": "missing"}}, "", id="not there: none of this check's business"),
        pytest.param({"/srv/app/run": {"kind": "link", "mode": 0o777}}, "", id="a link has no mode"),
        pytest.param({"/srv/app/run": {"kind": "link", "owner": "anna"}}, "", id="a link of another, where he cannot move it"),
        pytest.param({"/srv/app": TMP, "/srv/app/run": {"kind": "link", "owner": "anna"}}, "/srv/app/run", id="and where he can"),
        pytest.param({"/srv/app/run": {"kind": "other", "mode": 0o666}}, "", id="a device"),
    ],
)
def test_the_way_to_a_program(host: Host, weak: str) -> None:
    found = problems_of(host, units=running())
    assert [problem.value for problem in found] == ["/srv/app/run"] * bool(weak)
    for problem in found:
        assert problem.place == "units.a.service.Service.ExecStart"
        assert weak in problem.problem
        assert "root runs it for a.service" in problem.problem


@pytest.mark.parametrize(
    ("line", "weak"),
    [
        pytest.param("d /srv/app 0755 root root", "", id="as it is"),
        pytest.param("d /srv/app/ 0777", "/srv/app (0777", id="directory for all"),
        pytest.param("d /srv/app - anna", "/srv/app (0755) belongs to anna", id="directory of another"),
        pytest.param("z /srv 0757", "/srv (0757", id="above it"),
        pytest.param("D /srv/app 1777 0 0", "", id="sticky"),
        pytest.param("d /etc 0777", "/etc (0777", id="where units lie"),
        pytest.param("d /srv/other 0777", "", id="elsewhere"),
    ],
)
@pytest.mark.parametrize("kind", ["directory", "missing"])
def test_what_tmpfiles_is_to_make_of_the_way(line: str, weak: str, kind: str) -> None:
    host = {"/srv/app": {"kind": kind}}
    files = {"/etc/tmpfiles.d/a.conf": f"{line}\n", "/srv/app/run": {"content": "#!/bin/sh\n", "mode": "0755"}}
    found = problems_of(host, units=running(), files=files)
    assert bool(found) == bool(weak)
    assert all(weak in problem.problem and "in tmpfiles.d" in problem.remedy for problem in found)


@pytest.mark.parametrize(
    ("host", "problem", "remedy"),
    [
        (
            {"/srv/app": {"mode": 0o777}},
            "root runs it for a.service, and /srv/app (0777, root:root) can be written by everybody",
            "Run chmod go-w /srv/app",
        ),
        (
            {"/srv/app": {"mode": 0o775, "group": "dev", "members": ("eva", "anna", "bo", "cleo")}},
            "root runs it for a.service, and /srv/app (0775, root:dev) can be written by the members of group dev"
            " (anna, bo, cleo …)",
            "Run chmod g-w /srv/app",
        ),
        (
            {"/srv/app": {"owner": "anna"}},
            "root runs it for a.service, and /srv/app (0755) belongs to anna, who can change it",
            "Run chown root /srv/app, or run a.service as anna (User=)",
        ),
        (
            {"/srv/app": TMP, "/srv/app/run": {"kind": "missing"}},
            "root runs it for a.service, and /srv/app/run does not exist, and can be made by everybody: /srv/app is theirs to"
            " write (1777)",
            "Put it somewhere else than below /srv/app",
        ),
    ],
)
def test_in_words(host: Host, problem: str, remedy: str) -> None:
    (found,) = problems_of(host, units=running())
    assert (found.problem, found.remedy) == (problem, remedy)


SRV = {"/srv": {"mode": 0o777}}


@pytest.mark.parametrize(
    ("service", "powerful"),
    [
        pytest.param({}, True, id="nobody named"),
        pytest.param({"User": "root"}, True, id="root"),
        pytest.param({"User": "0"}, True, id="its number"),
        pytest.param({"User": "app"}, False, id="another"),
        pytest.param({"DynamicUser": True}, False, id="dynamic"),
        pytest.param({"DynamicUser": True, "User": "root"}, True, id="dynamic, but root"),
        pytest.param({"User": ["app", ""]}, True, id="taken back"),
        pytest.param({"User": "%i"}, False, id="not known"),
        pytest.param({"RootDirectory": "/srv/image"}, False, id="in a root of its own"),
    ],
)
def test_only_what_root_runs(service: dict[str, Any], powerful: bool) -> None:
    assert bool(problems_of(SRV, units=running(**service))) == powerful


@pytest.mark.parametrize(
    ("service", "value"),
    [
        pytest.param({"ExecStart": "/usr/bin/python3 /srv/app.py"}, "/srv/app.py", id="script"),
        pytest.param({"ExecStart": "/bin/sh app.sh", "WorkingDirectory": "/srv"}, "/srv/app.sh", id="script beside"),
        pytest.param({"ExecStart": "/usr/bin/python3 -m app", "WorkingDirectory": "/srv"}, "/srv", id="module"),
        pytest.param({"ExecStart": "/usr/bin/gunicorn app:app", "WorkingDirectory": "-/srv/"}, "/srv", id="application"),
        pytest.param({"ExecStart": "/usr/bin/sleep 1", "WorkingDirectory": "/srv"}, None, id="no code from there"),
        pytest.param({"ExecStart": "/usr/bin/python3 -m app"}, None, id="module, in /"),
        pytest.param({"ExecStart": "/bin/true", "ExecStop": "/srv/stop"}, "/srv/stop", id="stop"),
        pytest.param({"ExecStart": "/bin/true", "ExecStartPre": ["/bin/true", "-/srv/pre"]}, "/srv/pre", id="pre"),
        pytest.param({"ExecStart": "/bin/true", "EnvironmentFile": "-/srv/env"}, "/srv/env", id="environment"),
        pytest.param({"ExecStart": "/bin/true", "EnvironmentFile": "/srv/*.env"}, "/srv", id="environments"),
        pytest.param({"ExecStart": "/bin/cat /srv/data"}, None, id="data"),
        pytest.param({"ExecStart": "/srv/$WHICH"}, None, id="a variable"),
        pytest.param({"ExecStart": "/srv/%u"}, None, id="an unknown specifier"),
        pytest.param({"ExecStart": "/srv/%p/run%%"}, "/srv/a/run%", id="known specifiers"),
        pytest.param({"User": "app", "ExecStart": "/srv/run", "ExecStartPre": "+/srv/pre"}, "/srv/pre", id="with full power"),
        pytest.param({"User": "app", "ExecStart": "/srv/run", "EnvironmentFile": "/srv/env"}, None, id="a user's environment"),
        pytest.param(
            {"User": "app", "ExecStart": "!/bin/true", "EnvironmentFile": "/srv/env"}, "/srv/env", id="environment of full power"
        ),
    ],
)
def test_what_has_power(service: dict[str, Any], value: str | None) -> None:
    found = problems_of(SRV, units={"a.service": {"Service": service}})
    assert [problem.value for problem in found] == ([value] if value else [])


def test_a_socket_runs_commands_too() -> None:
    (found,) = problems_of(SRV, units={"a.socket": {"Socket": {"ListenStream": 1, "ExecStartPre": "/srv/pre"}}})
    assert found.place == "units.a.socket.Socket.ExecStartPre"


@pytest.mark.parametrize(
    ("host", "dropins", "value"),
    [
        ({"/etc/systemd/system": {"mode": 0o777}}, (), "/etc/systemd/system/a.service"),
        ({"/etc/systemd/system/a.service.d": {"kind": "directory", "owner": "anna"}}, (), "/etc/systemd/system/a.service.d"),
        ({"/run/systemd/system/a.service.d": {"mode": 0o777}}, ("/run/systemd/system/a.service.d/x.conf",),
         "/run/systemd/system/a.service.d/x.conf"),
        ({"/etc/systemd/system/a.service": {"mode": 0o666}}, (), None),  # it is about to be 0644
    ],
)  # fmt: skip
def test_what_it_is_defined_by(host: Host, dropins: tuple[str, ...], value: str | None) -> None:
    """Whoever may change that can make himself root, whatever the unit runs as."""
    found = problems_of(host, dropins, units=running("/bin/true", User="app"))
    assert [(problem.place, problem.value) for problem in found] == ([("units.a.service", value)] if value else [])


@pytest.mark.parametrize(
    ("host", "file", "weak"),
    [
        pytest.param({}, {"mode": "0755"}, "", id="safe"),
        pytest.param({}, {}, "", id="as it is"),
        pytest.param({"/srv/app/run": {"mode": 0o777}}, {}, "writable", id="left as it is"),
        pytest.param({"/srv/app/run": {"mode": 0o777}}, {"mode": "0755"}, "", id="about to be mended"),
        pytest.param({}, {"mode": "0777"}, "mode", id="about to be opened"),
        pytest.param({"/srv/app": {"kind": "missing"}}, {"mode": "0777"}, "mode", id="about to be made"),
        pytest.param({"/srv/app": {"kind": "missing"}}, {}, "", id="about to be made safely"),
        pytest.param({"/srv/app/run": {"owner": "anna"}}, {"owner": "root"}, "", id="about to be root's"),
        pytest.param({}, {"owner": "anna"}, "owner", id="about to be given away"),
        pytest.param({}, {"mode": "0775", "group": "dev"}, "mode", id="about to be for a group"),
        pytest.param({}, {"mode": "0775", "group": "none"}, "", id="for a group of nobody"),
        pytest.param({"/srv": TMP, "/srv/app": {"kind": "missing"}}, {"mode": "0755"}, "", id="about to be made where all may"),
    ],
)
def test_what_the_stack_writes_counts_as_it_will_be(host: Host, file: dict[str, Any], weak: str) -> None:
    found = problems_of(
        host, members={"dev": ("anna",)}, units=running(), files={"/srv/app/run": {"content": "#!/bin/sh\n", **file}}
    )
    remedies = {
        "": [],
        "writable": ["Run chmod go-w /srv/app/run"],
        "mode": ['Give files./srv/app/run the mode "0755"'],
        "owner": ["Give files./srv/app/run the owner root, or run a.service as anna (User=)"],
    }
    assert [problem.remedy for problem in found] == remedies[weak]


@pytest.mark.parametrize(
    ("service", "value"),
    [
        ({"ExecStart": "/usr/bin/python3 -m app", "WorkingDirectory": "/tmp"}, "/tmp"),
        ({"ExecStart": "/bin/true", "EnvironmentFile": "/tmp/*.env"}, "/tmp"),
        ({"ExecStart": "/tmp/app"}, None),
    ],
)
def test_a_directory_in_which_something_is_searched(service: dict[str, Any], value: str | None) -> None:
    found = problems_of({"/tmp": {**TMP, "kind": "directory"}}, units={"a.service": {"Service": service}})
    assert [(problem.value, problem.remedy) for problem in found] == (
        [(value, "Use another directory than /tmp")] if value else []
    )


def test_a_daemon_in_its_own_words() -> None:
    (found,) = problems_of({"/opt": {"mode": 0o777}}, daemons={"echo": daemon()})
    assert found.place == "daemons.echo"
    assert found.value.startswith("/opt/echo/releases/")


def test_each_place_is_told_once_a_unit() -> None:
    found = problems_of(SRV, units=running(EnvironmentFile="/srv/env", ExecStop="/srv/stop"))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("host", "weak"),
    [
        pytest.param(HOMES, "", id="his own home"),
        pytest.param({HOME: {**HIS, "mode": 0o775, "members": ("echo",)}}, "", id="his group"),
        pytest.param({HOME: {**HIS, "mode": 0o775, "members": ("echo", "bo")}}, HOME, id="others"),
        pytest.param({**HOMES, f"{HOME}/.local": {"mode": 0o777, "owner": "echo"}}, f"{HOME}/.local", id="for all"),
        pytest.param({HOME: {"owner": "anna"}}, HOME, id="the home of another"),
    ],
)  # fmt: skip
def test_the_manager_of_a_user(host: Host, weak: str) -> None:
    found = problems_of(host, scope="user", daemons={"echo": daemon()})
    assert all(weak and f"{weak} " in problem.problem for problem in found)
    assert bool(found) == bool(weak)


def test_a_script_in_the_home_by_default() -> None:
    found = problems_of(
        {**HOMES, f"{HOME}/a.sh": {"mode": 0o777}}, scope="user", units={"a.service": {"Service": {"ExecStart": "/bin/sh a.sh"}}}
    )
    assert [problem.value for problem in found] == [posixpath.join(HOME, "a.sh")]


@pytest.mark.parametrize(
    ("service", "weak"),
    [
        pytest.param({"Environment": "PYTHONPATH=/usr/lib:/srv/app"}, True, id="modules"),
        pytest.param({"Environment": ["A=b", "LD_PRELOAD='/usr/lib/a.so /srv/app/b.so'"]}, True, id="libraries"),
        pytest.param({"Environment": "PYTHONPATH=lib", "WorkingDirectory": "/srv/app"}, True, id="relative"),
        pytest.param({"Environment": "PATH=/usr/bin:/srv/app"}, True, id="programs"),
        pytest.param({"Environment": "PYTHONPATH=/srv/app", "User": "app"}, False, id="for another user"),
        pytest.param({"Environment": ["PYTHONPATH=/srv/app", ""]}, False, id="taken back"),
        pytest.param({"Environment": "PYTHONPATH=$HOME/%Y"}, False, id="not known"),
        pytest.param({"Environment": "STATE=/srv/app"}, False, id="loads nothing"),
    ],
)
def test_variables_that_load_code(service: dict[str, Any], weak: bool) -> None:
    found = problems_of(SRV, units=running("/usr/bin/run", **service))
    assert [problem.place for problem in found] == ["units.a.service.Service.Environment"] * weak


@pytest.mark.parametrize(("user", "weak"), [("", True), ("root", True), ("app", False)])
def test_a_command_that_asks_runs_as_the_daemon_does(user: str, weak: bool) -> None:
    found = problems_of(SRV, daemons={"a": daemon(user=user, health={"command": ["/srv/app/check"]})})
    assert [problem.place for problem in found] == ["daemons.a.health"] * weak


@pytest.mark.parametrize(("user", "places"), [("", ["a", "a.python", "a.requirements", "a.wheelhouse"]), ("app", ["a"])])
def test_what_a_release_is_built_with(user: str, places: list[str]) -> None:
    options = {"requirements": ["b"], "wheelhouse": {"remote": "/srv/wheels"}, "user": user}
    wanted = desired(daemons={"a": daemon(**options)})
    unit_of_a = next(each for each in wanted.units if each.name == "a.service")
    uses = list(uses_of_build(wanted.builds[0], unit_of_a, "/usr/local/bin/uv", "root"))
    assert [use.place for use in uses] == [f"daemons.{place}" for place in places]


def test_the_place_of_a_release_counts_whoever_the_daemon_is() -> None:
    params = {"daemons": {"a": daemon(requirements=["b"], user="anna")}}
    wanted = desired(**params)
    (written,) = [each for each in units_of(stack(**params), wanted) if each.unit.name == "a.service"]
    uses = tuple(uses_of_build(wanted.builds[0], written.unit, "", "root"))
    problems = Problems()
    trails = {use.path: trail(use.path, {"/opt/a": {"owner": "anna"}}) for use in uses}
    check_safety([(written, uses)], trails, {}, Owner(), wanted, problems)
    (found,) = problems.found
    assert (found.problem, found.remedy) == (
        "root builds the release there, and /opt/a (0755) belongs to anna, who can change it", "Run chown root /opt/a",
    )  # fmt: skip
