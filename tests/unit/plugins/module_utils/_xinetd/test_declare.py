# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stack declares that takes over, and what a person is told."""

from __future__ import annotations

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd import declare
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.migrate import Migration, files_of, migrate
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.migration_report import report

TEXT = """service a
{{
 type = UNLISTED
 socket_type = {kind}
 port = 7
 wait = {wait}
 user = nobody
 server = /bin/cat
 {more}
}}
service b
{{
 type = INTERNAL
 socket_type = stream
 wait = no
 user = nobody
}}
service c
{{
 type = UNLISTED
 socket_type = stream
 port = 8
 wait = no
 user = nobody
 server = /bin/cat
 flags = REUSE
 max_load = 2
}}
"""


def migration(kind: str = "stream", wait: str = "no", more: str = "", only: list[str] | None = None) -> Migration:
    text = TEXT.format(kind=kind, wait=wait, more=more)
    return migrate("/x", files_of({"/x": text}), {}, 0, only)


def test_a_stack_takes_it() -> None:
    problems = Problems()
    found = migration()
    units = declare.units_of(found, {"a@.service": {"10-more": {"Service": {"Nice": 5}}}}, problems)
    files = declare.files_of(found, {"/x": TEXT.format(kind="stream", wait="no", more="")}.get)
    assert not problems
    stack = stack_of({"name": "x", "state": "present", "settle": "3s", "units": units, "files": files})
    assert [unit.name for unit in stack.units] == ["a.socket", "a@.service", "c.socket", "c@.service"]
    assert files["/x"]["content"].count("disable\t\t= yes") == 2
    assert declare.ports_of(found) == (("tcp", 7), ("tcp", 8))


def test_dropins_are_for_units_that_there_are() -> None:
    problems = Problems()
    declare.units_of(migration(), {"b.service": {}}, problems)
    assert [problem.place for problem in problems.found] == ["dropins.b.service"]


def test_whom_a_client_can_ask() -> None:
    assert declare.addresses_of(migration()) == {"a@*.service": ("127.0.0.1", 7), "c@*.service": ("127.0.0.1", 8)}
    assert declare.addresses_of(migration(wait="yes", only=["a"])) == {"a.service": ("127.0.0.1", 7)}
    assert declare.addresses_of(migration("dgram", "yes", only=["a"])) == {}
    for more, address in (("bind = 192.0.2.1", "192.0.2.1"), ("v6only = yes", "::1"), ("flags = IPv4", "127.0.0.1")):
        assert declare.addresses_of(migration(more=more, only=["a"])) == {"a@*.service": (address, 7)}


def test_a_problem_of_a_unit_is_told_where_xinetd_has_it() -> None:
    def place(of: str) -> str:
        return declare.in_words_of_xinetd(Problem(of, "x", "is wrong", "Fix it."), migration()).place

    assert place("units.a@.service.Service.User") == "/x:7, user"
    assert place("units.c.socket.Socket.ListenStream") == "/x:21, socket_type"
    assert place("units.a@.service.Service.StandardInput") == "units.a@.service.Service.StandardInput"


def test_report() -> None:
    assert report(migration(only=["b", "c"])) == [
        "c: served by c.socket and c@.service",
        "a: stays with xinetd, as it is not named",
        "b: stays with xinetd",
        "b: type = INTERNAL (/x:13, stays): It is a part of xinetd itself. Give it a program as server.",
        "c: max_load = 2 (/x:27, dropped): systemd does not look at the load. Limit instances, or use CPUQuota=.",
    ]
