# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sockets leave behind in the file system goes with them. On real systemd: the scenario dead_ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.exec_directories import paths_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.socket_nodes import nodes_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse

from ..builders import HOME, SCOPE, daemon, desired, unit
from ..simulated_host import Host, deployed, short

USER = replace(scope_of("user", HOME), runtime_directory="/run/user/1000/systemd/user")


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        ("ListenStream=/run/a.sock\nListenDatagram=/run/b.sock", ["/run/a.sock", "/run/b.sock"]),
        ("ListenFIFO=/run/a\nListenMessageQueue=/q\nSymlinks=/run/l /run/m", ["/run/a", "/dev/mqueue/q", "/run/l", "/run/m"]),
        ("ListenStream=%t/%p.sock\nListenStream=/run/%N-%n", ["/run/a.sock", "/run/a-a.socket"]),
        ("ListenStream=9000\nListenStream=@abstract\nListenStream=vsock:2:3\nListenNetlink=audit 1", []),
        ("ListenStream=/run/%m.sock", []),
        ("ListenSpecial=/dev/kmsg", []),
    ],
)
def test_paths_of_a_socket(lines: str, paths: list[str]) -> None:
    assert list(nodes_of("a.socket", parse(f"[Socket]\n{lines}\n"), SCOPE)) == paths


def test_paths_of_a_socket_of_a_user() -> None:
    assert list(nodes_of("a@b.socket", parse("[Socket]\nListenStream=%t/%p-%i\n"), USER)) == ["/run/user/1000/a-b"]


def test_only_sockets_have_such_paths() -> None:
    document = parse("[Socket]\nListenStream=/run/a.sock\n[Service]\nExecStart=/bin/a\n")
    assert nodes_of("a.service", document, SCOPE) == nodes_of("a@.socket", document, SCOPE) == {}


def declared(*paths: str, **units: Any) -> Desired:
    socket = {"Socket": {"ListenStream": list(paths)}, "Install": {"WantedBy": "sockets.target"}}
    return desired(units={"a.socket": socket, "a.service": {"Service": {"ExecStart": "/bin/a"}}, **units})


@pytest.mark.parametrize("runs", [True, False], ids=["its service runs", "it sleeps"])
def test_nothing_of_a_socket_remains_when_it_goes(runs: bool) -> None:
    host = Host()
    before = host.tree()
    host.run(declared("/run/a.sock"))
    if runs:
        host.start("a.service")
    assert host.disk.nodes == {"/run/a.sock"}
    host.remove()
    assert host.tree() == before


def test_address_that_changes_leaves_nothing() -> None:
    host = Host()
    host.run(declared("/run/a.sock", "/run/b.sock"))
    host.run(declared("/run/b.sock", "/run/c.sock"))
    assert host.disk.nodes == {"/run/b.sock", "/run/c.sock"}
    assert host.plan(declared("/run/b.sock", "/run/c.sock")).actions == ()


def test_address_is_free_before_the_daemon_binds_it_by_itself() -> None:
    host = deployed(daemons={"a": daemon(socket={"ListenStream": "/run/a.sock"}, activation="eager")})
    actions = [each for each in short(host.run(desired(daemons={"a": daemon()}))) if each[1] in ("a.sock", "a.service")]
    assert actions.index(("remove_node", "a.sock")) < actions.index(("start", "a.service"))
    assert host.disk.nodes == set()


def test_address_that_another_socket_of_the_stack_takes_over_stays() -> None:
    host = Host()
    host.run(declared("/run/a.sock"))
    other = {"Socket": {"ListenStream": "/run/a.sock", "Service": "a.service"}, "Install": {"WantedBy": "sockets.target"}}
    plan = host.run(desired(units={"b.socket": other, "a.service": {"Service": {"ExecStart": "/bin/a"}}}))
    assert "remove_node" not in [verb for verb, _target in short(plan)]
    assert host.disk.nodes == {"/run/a.sock"}


def test_what_lies_there_and_is_no_socket_stays() -> None:
    host = Host()
    host.run(declared("/run/a.sock"))
    host.disk.nodes.clear()
    host.write("/run/a.sock", "of somebody")
    host.remove()
    assert "/run/a.sock" in host.files


def test_address_that_somebody_else_listens_at_stays() -> None:
    host = Host()
    host.run(declared("/run/a.sock"))
    host.install("other.socket", "[Socket]\nListenStream=/run/a.sock\n")
    host.start("other.socket")
    host.remove()
    assert host.disk.nodes == {"/run/a.sock"}


@pytest.mark.parametrize("first", [True, False], ids=["first deployment", "another address"])
def test_nothing_remains_of_a_deployment_that_fails(first: bool) -> None:
    for broken_after in range(40):
        host = Host()
        if not first:
            host.run(declared("/run/old.sock"))
        before = host.tree()
        plan = host.run(declared("/run/a.sock"), broken_after=broken_after)
        if "/run/a.sock" in host.disk.nodes:
            assert plan.actions, "it came to its end"
            return
        assert host.tree()[3] == before[3]
    raise AssertionError("it never comes to its end")


# Directories with specifiers


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("w@.service", "w/%i", "/var/lib/w/a"),
        ("w@.service", "%p-%i/data", "/var/lib/w-a/data"),
        ("w@.service", "%N", "/var/lib/w@a"),
        ("w.service", "%n/%%", "/var/lib/w.service/%"),
    ],
)
def test_directory_that_is_named_by_its_unit(name: str, value: str, path: str) -> None:
    wanted = desired(units={name: unit(Service={"StateDirectory": value}, **({"instances": ["a"]} if "@" in name else {}))})
    assert path in paths_of(wanted.units, wanted)


def test_directory_with_a_specifier_that_is_not_known_is_nobodys() -> None:
    wanted = desired(units={"w.service": unit(Service={"StateDirectory": "w/%m"})})
    assert paths_of(wanted.units, wanted) == []
