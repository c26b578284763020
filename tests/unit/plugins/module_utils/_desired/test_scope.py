# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the things of each scope lie, and what is done there: with the system's manager, a user's, or none."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import HOME, SLEEPER, daemon, desired, document_of, problem_of, script, unit, units_of
from ..simulated_host import Host, check_converged, killed_everywhere, short, unit_jobs

USER_UNITS = f"{HOME}/.config/systemd/user"
STACK: dict[str, Any] = {
    "daemons": {"echo": daemon(), "lazy": daemon(socket={"ListenStream": 9000})},
    "units": {"a.target": {"Install": {"WantedBy": "default.target"}}, "w@.service": unit(instances=2)},
    "files": {f"{HOME}/a.conf": {"content": "a", "notify": "echo.service"}},
}


@pytest.mark.parametrize(
    ("kind", "root", "units", "releases", "target", "has_manager"),
    [
        ("system", "", "/etc/systemd/system", "/opt", "multi-user.target", True),
        ("system", "/srv/image", "/etc/systemd/system", "/opt", "multi-user.target", False),
        ("global", "", "/etc/systemd/user", "/opt", "default.target", False),
        ("global", "/srv/image", "/etc/systemd/user", "/opt", "default.target", False),
        ("user", "", USER_UNITS, f"{HOME}/.local/lib/daemonic.systemd", "default.target", True),
    ],
)
def test_scope(kind: str, root: str, units: str, releases: str, target: str, has_manager: bool) -> None:
    scope = scope_of(kind, HOME, root)
    assert (scope.kind, scope.root, scope.has_manager) == (kind, root, has_manager)
    assert (scope.unit_directory, scope.release_directory, scope.default_target) == (units, releases, target)
    assert scope.path_of("a.service") == f"{units}/a.service"


def test_records_of_scopes_lie_apart() -> None:
    paths = [scope_of(kind, HOME).manifest_path("demo") for kind in ("system", "global", "user")]
    assert paths == [
        "/var/lib/daemonic.systemd/demo.json",
        "/var/lib/daemonic.systemd/global/demo.json",
        f"{HOME}/.local/state/daemonic.systemd/demo.json",
    ]


def test_originals_of_two_paths_are_two_files() -> None:
    scope = scope_of("system")
    paths = ["/etc/a_b", "/etc/a/b", "/etc_a/b", "/etc/a.b"]
    assert len({scope.original_path("demo", path) for path in paths}) == len(paths)


@pytest.mark.parametrize(
    ("params", "place", "problem"),
    [
        pytest.param({"scope_user": "echo"}, "scope_user", "has no meaning in the system scope", id="user of the system"),
        pytest.param({"scope": "global", "scope_user": "echo"}, "scope_user", "in the global scope", id="user of all"),
        pytest.param({"scope": "user", "root": "/srv/image"}, "root", "an image has no user's manager", id="user in an image"),
        pytest.param({"root": "image"}, "root", "is not the absolute path", id="relative"),
        pytest.param({"root": "/"}, "root", "is not the absolute path of an image", id="the host itself"),
    ],
)
def test_contradiction(params: dict[str, Any], place: str, problem: str) -> None:
    found = problem_of(**params)
    assert found.place == place
    assert problem in found.problem


@pytest.mark.parametrize(
    ("params", "wants", "owner"),
    [
        pytest.param({}, "/etc/systemd/system/multi-user.target.wants/echo.service", "root", id="system"),
        pytest.param({"root": "/srv/i"}, "/etc/systemd/system/multi-user.target.wants/echo.service", "root", id="image"),
        pytest.param({"scope": "global"}, "/etc/systemd/user/default.target.wants/echo.service", "root", id="global"),
        pytest.param({"scope": "user"}, f"{USER_UNITS}/default.target.wants/echo.service", None, id="user"),
    ],
)
def test_daemon_in_its_scope(params: dict[str, Any], wants: str, owner: str | None) -> None:
    wanted = desired(daemons={"echo": daemon()}, **params)
    assert [link.path for link in units_of(wanted)["echo.service"].links] == [wants]
    assert {(file.owner, file.group) for file in wanted.files} == {(owner, owner)}
    assert (
        document_of(wanted, "echo.service")
        .values("Service", "ExecStart")[0]
        .split()[1]
        .startswith(f"{wanted.scope.release_directory}/echo/releases/")
    )


# No manager: files and links alone


@pytest.mark.parametrize("params", [{"scope": "global"}, {"root": "/srv/image"}, {"scope": "global", "root": "/srv/image"}])
def test_nothing_is_started_where_nothing_runs(params: dict[str, Any]) -> None:
    host = Host(scope_of(params.get("scope", "system"), HOME, params.get("root", "")))
    empty = host.tree()
    for changes in ({}, {"script": script("2\n")}, {"state": "stopped"}):
        stack = {**STACK, "daemons": {**STACK["daemons"], "echo": daemon(**changes)}, "files": {}}
        wanted = host.declare(**stack, **params)
        plan = host.run(wanted)
        assert not [action for action in plan.actions if isinstance(action, (*act.UNIT_ACTIONS, act.DaemonReload))]
        assert plan.watch == ()
        check_converged(host, wanted)
        assert host.plan(wanted) == Plan(())
    host.remove()
    assert host.tree() == empty


def test_image_is_complete_for_its_first_boot() -> None:
    """What lies in the image is what lies on a host with the same stack."""
    image, live = Host(scope_of("system", root="/srv/image")), Host()
    image.run(image.declare(**STACK, root="/srv/image"))
    live.run(live.declare(**STACK))
    assert image.tree()[1:] == live.tree()[1:]


def test_image_needs_no_reload_and_no_stop_of_what_goes() -> None:
    host = Host(scope_of("system", root="/srv/image"))
    host.run(host.declare(units={"a.service": SLEEPER, "b.service": SLEEPER}, root="/srv/image"))
    plan = host.run(host.declare(units={"a.service": SLEEPER}, root="/srv/image"))
    assert short(plan) == [("remove", "b.service"), ("remove", "b.service")]


# The manager of a user


def a_user(**facts: bool) -> Host:
    host = Host(scope_of("user", HOME), user="echo")
    for name, value in facts.items():
        setattr(host, name, value)
    return host


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        pytest.param({}, [("enable_linger", "echo")], id="never logged in"),
        pytest.param({"manager_runs": True}, [("enable_linger", "echo")], id="logged in"),
        pytest.param({"lingers": True}, [("start_manager", "echo")], id="lingers, not running"),
        pytest.param({"lingers": True, "manager_runs": True}, [], id="lingers"),
    ],
)
def test_manager_of_the_user_runs_without_a_login(facts: dict[str, bool], first: list[tuple[str, str]]) -> None:
    host = a_user(**facts)
    lingered = host.lingers
    wanted = host.declare(scope="user", scope_user="echo", **STACK)
    plan = host.run(wanted)
    kinds = ("enable_linger", "start_manager", "disable_linger")
    assert [(verb, target) for verb, target in short(plan) if verb in kinds] == first
    assert short(plan)[: len(first)] == first
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())
    assert host.up() >= {"echo.service", "lazy.socket", "a.target", "w@1.service"}
    removal = host.remove()
    assert (("disable_linger", "echo") in short(removal)) is not lingered
    assert host.lingers is lingered
    assert host.up() == set()


def test_lingering_is_disabled_after_all_is_stopped() -> None:
    host = a_user()
    host.run(host.declare(scope="user", scope_user="echo", **STACK))
    jobs = [job for job in short(host.remove()) if job[0] not in ("remove", "remove_directory")]
    assert jobs[-1] == ("disable_linger", "echo")


def test_stack_goes_though_the_manager_does_not_run() -> None:
    """Nothing runs then, and it reads all when it starts."""
    host = a_user()
    before = host.tree()
    host.run(host.declare(scope="user", scope_user="echo", **STACK))
    host.manager_runs, host.states = False, {}
    host.remove()
    assert host.tree() == before
    assert not host.lingers


def test_linger_of_a_stack_whose_record_is_lost_is_ended_by_its_removal() -> None:
    host = a_user()
    host.run(host.declare(scope="user", scope_user="echo", **STACK))
    host.forget()
    assert ("disable_linger", "echo") in short(host.remove())


def test_files_alone_need_no_manager_of_the_user() -> None:
    host = a_user()
    plan = host.run(host.declare(scope="user", scope_user="echo", files={f"{HOME}/a.conf": "a"}))
    assert short(plan) == [("write", "a.conf")]


def test_everything_of_a_user_lies_in_the_home() -> None:
    host = a_user()
    before = host.tree()
    wanted = host.declare(scope="user", scope_user="echo", **STACK)
    host.run(wanted)
    assert all(path.startswith(f"{HOME}/") for path in (*host.files, *host.links))
    host.remove()
    assert host.tree() == before


def test_interrupted_anywhere() -> None:
    start = a_user()
    params = {"scope": "user", "scope_user": "echo", "daemons": {"echo": daemon()}}
    wanted = start.declare(**params)
    for killed_after, host in killed_everywhere(start, wanted):
        host.run(wanted)
        check_converged(host, wanted)
        assert host.plan(wanted) == Plan(()), killed_after
        host.remove()
        assert not host.lingers, killed_after
        assert host.tree() == start.tree(), killed_after


def test_stacks_of_the_system_do_not_ask_for_lingering() -> None:
    host = Host()
    assert not [verb for verb, _target in short(host.run(host.declare(**STACK))) if "linger" in verb]
    assert unit_jobs(host.plan(host.declare(**STACK))) == []
