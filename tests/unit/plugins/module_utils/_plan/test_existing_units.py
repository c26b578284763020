# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of units that something else has defined: that, once, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import Scope, scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.existing_units import check_asked
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from hypothesis import given
from hypothesis import strategies as st

from ..builders import SCOPE, SLEEPER, UNITS, unit
from ..simulated_host import VENDOR, Host, deployed, killed_everywhere, reasons, short
from .test_plan_properties import PROPERTY

SERVICE = "[Service]\nExecStart=/bin/a\n"
RELOADS = f"{SERVICE}ExecReload=/bin/true\n"
WANTED = "[Install]\nWantedBy=multi-user.target\n"
WANTS = f"{UNITS}/multi-user.target.wants"
RUNTIME = "/run/systemd/system"


def host_with(*up: str, **texts: str) -> Host:
    """A package has installed a.service and others; these are running. texts: name with _ for . → text."""
    host = Host()
    host.install("a.service", RELOADS + WANTED)
    host.install("b.service", SERVICE + WANTED)
    host.install("static.service", SERVICE)
    host.install("t@.service", SERVICE + WANTED)
    host.install("d@.service", f"{SERVICE}[Install]\nWantedBy=multi-user.target\nDefaultInstance=main\n")
    host.install("indirect.service", f"{SERVICE}[Install]\nAlso=indirect.socket\n")
    host.install("indirect.socket", "[Socket]\nListenStream=/run/i\n[Install]\nWantedBy=sockets.target\n")
    host.install("once.service", "[Service]\nType=oneshot\nExecStart=/bin/once\n")
    for name, text in texts.items():
        host.install(name.replace("_", "."), text)
    for name in up:
        host.start(name)
    return host


def checked(host: Host, only_looks: bool = False, **params: Any) -> tuple[tuple[Problem, ...], list[str]]:
    """Problems and warnings."""
    problems = Problems()
    try:
        wanted = host.ask(**params)
    except ValidationFailed as refused:
        return refused.problems, []
    known = {name for directory in host.scope.unit_path for name in host.disk.names_in(directory)}
    warnings = check_asked(wanted, host.observe(wanted), only_looks, lambda: known, problems)
    problems_in_the_way = host.obstacles(wanted)
    return (*problems.found, *problems_in_the_way), [*wanted.warnings, *warnings]


def run(host: Host, **params: Any) -> Plan:
    problems, _warnings = checked(host, **params)
    assert not problems, problems
    return host.run(host.ask(**params))


# What is done


@pytest.mark.parametrize(
    ("up", "state", "done"),
    [
        ("", "started", [("start", "a.service")]),
        ("a.service", "started", []),
        ("a.service", "stopped", [("stop", "a.service")]),
        ("", "stopped", []),
        ("", "restarted", [("start", "a.service")]),
        ("a.service", "restarted", [("reset_failed", "a.service"), ("restart", "a.service")]),
        ("", "reloaded", [("start", "a.service")]),
        ("a.service", "reloaded", [("reload", "a.service")]),
        ("", "try-restarted", []),
        ("a.service", "try-restarted", [("reset_failed", "a.service"), ("restart", "a.service")]),
        ("", "reload-or-restarted", [("start", "a.service")]),
        ("a.service", "reload-or-restarted", [("reload", "a.service")]),
        ("", "try-reload-or-restarted", []),
        ("a.service", "try-reload-or-restarted", [("reload", "a.service")]),
    ],
)
def test_states(up: str, state: str, done: list[tuple[str, str]]) -> None:
    assert short(run(host_with(*filter(None, [up])), name="a", state=state)) == done


@pytest.mark.parametrize("state", ["reload-or-restarted", "try-reload-or-restarted"])
def test_what_cannot_be_reloaded_is_restarted(state: str) -> None:
    assert ("restart", "b.service") in short(run(host_with("b.service"), name="b", state=state))


def test_many_units_are_one_transaction() -> None:
    host = host_with("b.service")
    plan = run(host, name=["a", "b", "t@1"], state="started", enabled=True)
    assert short(plan) == [
        ("create_directory", "multi-user.target.wants"),
        ("link", "a.service"),
        ("link", "b.service"),
        ("link", "t@1.service"),
        ("daemon_reload", "systemd"),
        ("start", "a.service"),
        ("start", "t@1.service"),
    ]
    assert host.links[f"{WANTS}/t@1.service"] == f"{VENDOR}/t@.service"


def test_two_hundred_units() -> None:
    host = host_with(**{f"n{number}_service": SERVICE + WANTED for number in range(200)})
    plan = run(host, name="n*.service", state="started", enabled=True)
    counted = [verb for verb, _target in short(plan)]
    assert (counted.count("start"), counted.count("link"), counted.count("daemon_reload")) == (200, 200, 1)
    assert run(host, name="n*.service", state="started", enabled=True).actions == ()


def test_what_is_not_given_is_left_alone() -> None:
    """Neither the links of others nor what runs, be it in a crash loop, nor a mask."""
    host = host_with("a.service")
    host.link(f"{WANTS}/stale.service", "/nosuch")
    host.link(f"{UNITS}/graphical.target.wants/a.service", f"{VENDOR}/a.service")
    host.change("a.service", active="activating", sub="auto-restart", result="exit-code", exit_code=1, exit_status=1)
    host.reload()
    assert short(run(host, name="a", enabled=True)) == [
        ("link", "a.service"),
        ("daemon_reload", "systemd"),
    ]
    assert f"{UNITS}/graphical.target.wants/a.service" in host.links


def test_disabled_is_disabled_whoever_has_enabled_it() -> None:
    host = host_with()
    for folder in (WANTS, f"{UNITS}/x.target.requires", f"{RUNTIME}/multi-user.target.wants"):
        host.link(f"{folder}/a.service", f"{VENDOR}/a.service")
    host.link(f"{UNITS}/other-name.service", f"{VENDOR}/a.service")
    host.link(f"{WANTS}/b.service", f"{VENDOR}/b.service")
    host.reload()
    plan = run(host, name="a", enabled=False)
    assert host.links == {f"{WANTS}/b.service": f"{VENDOR}/b.service"}
    emptied = [action.target for action in plan.actions if isinstance(action, act.RemoveDirectory)]
    assert emptied == [f"{UNITS}/x.target.requires", f"{RUNTIME}/multi-user.target.wants"]
    assert run(host, name="a", enabled=False).actions == ()


def test_a_template_is_disabled_with_all_its_instances() -> None:
    host = host_with()
    run(host, name=["t@1", "t@2"], enabled=True)
    run(host, name="t@.service", enabled=False)
    assert not host.links


def test_a_template_with_a_default_instance() -> None:
    host = host_with()
    run(host, name="d@.service", enabled=True)
    assert host.links == {f"{WANTS}/d@main.service": f"{VENDOR}/d@.service"}
    run(host, name="d@.service", enabled=False)
    assert not host.links


def test_also() -> None:
    host = host_with()
    assert run(host, name="indirect", enabled=False).actions == ()
    run(host, name="indirect", enabled=True)
    assert host.links == {f"{UNITS}/sockets.target.wants/indirect.socket": f"{VENDOR}/indirect.socket"}
    run(host, name="indirect", enabled=False)
    assert not host.links


def test_an_alias_stands_for_its_unit() -> None:
    host = host_with()
    host.link(f"{VENDOR}/nick.service", "a.service")
    host.link(f"{VENDOR}/nick@.service", "t@.service")
    host.reload()
    plan = run(host, name=["nick", "a", "nick@x"], state="started", enabled=True)
    assert [pair for pair in short(plan) if pair[0] == "start"] == [("start", "a.service"), ("start", "t@x.service")]
    assert set(host.links) >= {f"{WANTS}/a.service", f"{WANTS}/t@x.service"}


def test_a_mask_is_for_the_name_that_is_masked() -> None:
    """ctrl-alt-del.target is an alias of reboot.target, which must not be masked with it."""
    host = host_with()
    host.link(f"{VENDOR}/nick.service", "a.service")
    host.reload()
    run(host, name="nick", masked=True, enabled=False, state="stopped")
    assert {path: to for path, to in host.links.items() if path.startswith(UNITS)} == {f"{UNITS}/nick.service": "/dev/null"}


# Masks


def test_masking_leaves_a_unit_running() -> None:
    host = host_with("a.service")
    assert short(run(host, name="a", masked=True)) == [("link", "a.service"), ("daemon_reload", "systemd")]
    assert host.is_up("a.service")


def test_stopped_disabled_and_masked_in_one_pass_and_back() -> None:
    host = host_with("a.service")
    run(host, name="a", enabled=True)
    run(host, name="a", masked=True, enabled=False, state="stopped")
    assert host.links == {f"{UNITS}/a.service": "/dev/null"}
    assert not host.is_up("a.service")
    run(host, name="a", masked=False, enabled=True, state="started")
    assert host.links == {f"{WANTS}/a.service": f"{VENDOR}/a.service"}
    assert host.is_up("a.service")


def test_a_unit_file_under_a_mask_comes_back() -> None:
    host = host_with()
    host.write(f"{UNITS}/own.service", SERVICE + WANTED, mode=0o640)
    host.reload()
    before = host.tree()
    plan = run(host, name="own", masked=True)
    assert short(plan)[0] == ("set_aside", "own.service")
    assert run(host, name="own", masked=True).actions == ()
    assert ("restore", "own.service") in short(run(host, name="own", masked=False))
    assert host.tree() == before


def test_it_comes_back_though_a_person_has_removed_the_mask() -> None:
    host = host_with()
    host.write(f"{UNITS}/own.service", SERVICE)
    host.reload()
    run(host, name="own", masked=True)
    del host.links[f"{UNITS}/own.service"]
    run(host, name="own", masked=False)
    assert host.files[f"{UNITS}/own.service"].content == SERVICE.encode()


def test_another_file_is_kept_by_the_next_mask() -> None:
    host = host_with()
    for text in (SERVICE, RELOADS):
        host.links.pop(f"{UNITS}/own.service", None)
        host.write(f"{UNITS}/own.service", text)
        host.reload()
        run(host, name="own", masked=True)
    run(host, name="own", masked=False)
    assert host.files[f"{UNITS}/own.service"].content == RELOADS.encode()


def test_unmasked_and_enabled_a_unit_file_that_lies_aside() -> None:
    host = host_with()
    host.write(f"{UNITS}/own.service", SERVICE + WANTED)
    host.reload()
    run(host, name="own", masked=True)
    run(host, name="own", masked=False, enabled=True, state="started")
    assert host.links == {f"{WANTS}/own.service": f"{UNITS}/own.service"}
    assert host.is_up("own.service")


def test_a_mask_until_the_next_boot_goes_too() -> None:
    host = host_with()
    host.link(f"{RUNTIME}/a.service", "/dev/null")
    host.reload()
    run(host, name="a", masked=False)
    assert not host.links


def test_what_is_not_there_can_be_masked() -> None:
    host = Host()
    assert short(run(host, name="nosuch", masked=True)) == [("link", "nosuch.service"), ("daemon_reload", "systemd")]
    run(host, name="nosuch", masked=False)
    assert not host.links


def test_nothing_is_remembered_but_what_a_mask_has_set_aside() -> None:
    host = host_with()
    run(host, name="a", enabled=True, state="started")
    run(host, name="b", masked=True)
    assert not host.disk.records
    assert host.scope.state_directory not in host.directories


# Sockets, SysV init, the manager


@pytest.mark.parametrize("state", ["restarted", "try-restarted", "reload-or-restarted"])
def test_a_socket_is_restarted_with_its_service(state: str) -> None:
    """While the service runs, systemd refuses to start the socket again."""
    host = host_with("indirect.socket", "indirect.service")
    plan = run(host, name="indirect.socket", state=state)
    assert [pair for pair in short(plan) if pair[0] != "reset_failed"] == [
        ("stop", "indirect.service"),
        ("stop", "indirect.socket"),
        ("start", "indirect.socket"),
        ("start", "indirect.service"),
    ] or set(short(plan)) >= {("stop", "indirect.service"), ("start", "indirect.service"), ("start", "indirect.socket")}
    assert host.up() >= {"indirect.socket", "indirect.service"}


def test_a_socket_whose_service_runs_without_it() -> None:
    host = host_with("indirect.service")
    run(host, name="indirect.socket", state="started")
    assert host.up() >= {"indirect.socket", "indirect.service"}


def with_script(enabled: bool = False) -> Host:
    host = Host()
    host.write("/etc/init.d/old", "#!/bin/sh\n", mode=0o755)
    host.write("/usr/lib/systemd/system-generators/systemd-sysv-generator", "", mode=0o755)
    host.install("old.service", "[Service]\nType=forking\nExecStart=/etc/init.d/old start\n", "/run/systemd/generator.late")
    host.directories.add("/etc/rc3.d")
    if enabled:
        host.link("/etc/rc3.d/S01old", "../init.d/old")
    return host


@pytest.mark.parametrize("enabled", [False, True])
def test_scripts_of_sysv_init(enabled: bool) -> None:
    host = with_script(not enabled)
    verb = "enable" if enabled else "disable"
    assert short(run(host, name="old", enabled=enabled)) == [(verb, "old.service"), ("daemon_reload", "systemd")]
    assert ("/etc/rc3.d/S01old" in host.links) == enabled
    assert run(host, name="old", enabled=enabled).actions == ()
    assert short(run(host, name="old", state="started")) == [("start", "old.service")]


def test_a_script_is_no_unit_for_a_systemd_that_takes_none() -> None:
    host = Host()
    host.write("/etc/init.d/old", "#!/bin/sh\n", mode=0o755)
    problem = checked(host, name="old", enabled=True, state="started")[0][0]
    assert problem.problem.endswith("only a script in /etc/init.d, and systemd takes none since version 260")
    assert problem.remedy.startswith("Install what brings it")


def test_a_script_that_is_enabled_in_vain_is_disabled_again() -> None:
    host = with_script()
    before = host.tree()
    host.run(host.ask(name="old", enabled=True, state="started"), broken_after=2)
    assert host.tree() == before


@pytest.mark.parametrize("name", [None, "a"])
def test_reload_that_is_asked_for(name: str | None) -> None:
    (action,) = run(host_with(), name=name, daemon_reload=True).actions
    assert (action.verb, action.reason) == ("daemon_reload", "is asked for")
    assert isinstance(action, act.DaemonReload)
    assert not action.is_needed


def test_one_reload_though_it_is_asked_for_and_needed() -> None:
    plan = run(host_with(), name="a", enabled=True, daemon_reload=True)
    (action,) = [action for action in plan.actions if isinstance(action, act.DaemonReload)]
    assert action.is_needed


def test_a_needed_reload_is_done_unasked() -> None:
    host = host_with("a.service")
    host.write(f"{VENDOR}/a.service", RELOADS + "# changed\n")
    assert short(run(host, name="a", state="started")) == [("daemon_reload", "systemd")]


def test_reexecution_reads_everything_too() -> None:
    plan = run(host_with(), name="a", enabled=True, daemon_reexec=True, daemon_reload=True)
    assert [verb for verb, _target in short(plan)] == ["create_directory", "link", "daemon_reexec"]


def test_nothing_is_watched_that_is_only_queued() -> None:
    host = host_with()
    assert host.plan(host.ask(name="a", state="started", no_block=True)).watch == ()
    assert host.plan(host.ask(name="a", state="started")).watch == ("a.service",)


# What cannot be


@pytest.mark.parametrize("params", [{"state": "started"}, {"state": "restarted"}, {"enabled": True}, {"state": "reloaded"}])
def test_what_is_missing_and_is_to_be_there(params: dict[str, Any]) -> None:
    problems, _warnings = checked(host_with(), name="statik", **params)
    (problem,) = problems
    assert (problem.place, problem.problem) == ("units.statik.service", "there is no such unit on the host")
    assert problem.remedy == "Did you mean static.service?"


@pytest.mark.parametrize(
    "params", [{"state": "stopped"}, {"enabled": False}, {"state": "try-restarted"}, {"state": "stopped", "enabled": False}]
)
def test_what_is_missing_and_need_not_be_there(params: dict[str, Any]) -> None:
    problems, warnings = checked(host_with(), name="statik", **params)
    assert not problems
    (warning,) = warnings
    assert (
        "statik.service: there is no such unit on the host, so there was nothing to do. Did you mean static.service?" in warning
    )
    assert run(host_with(), name="statik", **params).actions == ()


def test_an_earlier_task_may_bring_it_in_check_mode() -> None:
    problems, (warning,) = checked(host_with(), True, name="later", state="started", enabled=True)
    assert not problems
    assert "Without check mode this fails, unless an earlier task of the play brings it" in warning
    host = host_with()
    assert short(host.plan(host.ask(name="later", state="started", enabled=True))) == [
        ("enable", "later.service"),
        ("daemon_reload", "systemd"),
        ("start", "later.service"),
    ]


def test_what_runs_without_a_unit_file_can_be_stopped() -> None:
    host = host_with("a.service")
    del host.files[f"{VENDOR}/a.service"]
    host.reload()
    assert short(run(host, name="a", state="stopped")) == [("stop", "a.service")]


@pytest.mark.parametrize(
    ("prepare", "params", "place", "problem"),
    [
        (None, {"name": "t@", "state": "started"}, "units.t@.service.state", "a template does not run itself"),
        (None, {"name": "t@", "enabled": True}, "units.t@.service.enabled", "without DefaultInstance="),
        ("mask", {"name": "a", "state": "started"}, "units.a.service", "it is masked and cannot be started"),
        ("mask", {"name": "a", "enabled": True}, "units.a.service.enabled", "a.service is masked"),
        ("up", {"name": "b", "state": "reloaded"}, "units.b.service.state", "b.service cannot be reloaded"),
        ("generated", {"name": "g.mount", "enabled": False}, "units.g.mount.enabled", "is made by a generator at each boot"),
        ("linked", {"name": "linked", "masked": True}, "units.linked.service.masked", "lies where the mask is to be"),
        ("alias", {"name": "named", "enabled": True}, "units.named.service.enabled", "is a link to"),
    ],
)
def test_what_is_refused(prepare: str | None, params: dict[str, Any], place: str, problem: str) -> None:
    host = host_with(named_service=f"{SERVICE}[Install]\nAlias=nick.service\n")
    if prepare == "mask":
        host.link(f"{UNITS}/a.service", "/dev/null")
    elif prepare == "generated":
        host.install("g.mount", "[Mount]\nWhat=x\nWhere=/g\n", "/run/systemd/generator")
    elif prepare == "linked":
        host.write("/opt/linked.service", SERVICE)
        host.link(f"{UNITS}/linked.service", "/opt/linked.service")
    elif prepare == "alias":
        host.link(f"{UNITS}/nick.service", f"{VENDOR}/a.service")
    host.reload()
    if prepare == "up":
        host.start("b.service")
    problems, _warnings = checked(host, **params)
    (found,) = problems
    assert found.place == place
    assert problem in found.problem
    assert found.remedy


@pytest.mark.parametrize(("needs_reload", "is_refused"), [(False, True), (True, False)])
def test_what_systemd_cannot_load(needs_reload: bool, is_refused: bool) -> None:
    """Unless it has not read what lies there now."""
    host = host_with()
    wanted = host.ask(name="a", state="started")
    bad = replace(host.unit("a.service"), load="bad-setting", needs_reload=needs_reload)
    problems = Problems()
    check_asked(wanted, replace(host.observe(wanted), units={"a.service": bad}), False, tuple, problems)
    assert [problem.problem for problem in problems.found] == ["systemd cannot load it (bad-setting)"] * is_refused


@pytest.mark.parametrize(
    ("scope", "state", "warned", "refused"),
    [
        (replace(SCOPE, has_manager=False), "started", True, False),
        (replace(SCOPE, has_manager=False), "stopped", False, False),
        (scope_of("global"), "started", False, True),
    ],
    ids=["offline", "offline, stopped", "global"],
)
def test_without_a_manager(scope: Scope, state: str, warned: bool, refused: bool) -> None:
    host = Host(scope)
    host.write(f"{scope.unit_path[-2]}/a.service", SERVICE + WANTED)
    problems, warnings = checked(host, name="a", state=state, enabled=True, scope=scope.kind)
    assert (bool(warnings), bool(problems)) == (warned, refused)
    if not refused:
        assert [verb for verb, _target in short(host.run(host.ask(name="a", state=state, enabled=True)))] == [
            "create_directory",
            "link",
        ]


def test_force_replaces_the_link_of_another_unit() -> None:
    host = host_with(named_service=f"{SERVICE}[Install]\nAlias=nick.service\n")
    host.link(f"{UNITS}/nick.service", f"{VENDOR}/a.service")
    host.reload()
    run(host, name="named", enabled=True, force=True)
    assert host.links[f"{UNITS}/nick.service"] == f"{VENDOR}/named.service"


@pytest.mark.parametrize("name", ["static.service", "g.mount"])
def test_what_cannot_be_enabled_but_is_started_by_others(name: str) -> None:
    host = host_with()
    host.install("g.mount", "[Mount]\nWhat=x\nWhere=/g\n", "/run/systemd/generator")
    problems, warnings = checked(host, name=name, enabled=True)
    assert (problems, len(warnings)) == ((), 1)
    assert run(host, name=name, enabled=True).actions == ()


# Together with stacks


def test_a_unit_of_a_stack_that_was_disabled_is_enabled_by_the_next_run_of_the_stack() -> None:
    host = host_with()
    wanted = host.declare(units={"own.service": unit()})
    host.run(wanted)
    run(host, name="own", enabled=False, state="stopped")
    assert (host.links, host.is_up("own.service")) == ({}, False)
    assert short(host.run(host.declare(units={"own.service": unit()}))) == [
        ("create_directory", "multi-user.target.wants"),
        ("link", "own.service"),
        ("daemon_reload", "systemd"),
        ("start", "own.service"),
    ]


def test_a_unit_of_a_stack_that_was_masked_is_no_surprise_to_the_stack() -> None:
    host = host_with()
    host.run(host.declare(units={"own.service": unit()}))
    run(host, name="own", masked=True, state="stopped")
    (problem,) = host.obstacles(host.declare(units={"own.service": unit()}))
    assert (problem.problem, problem.remedy) == ("own.service is masked", "Say masked: false to unmask it.")
    run(host, name="own", masked=False)
    assert short(host.run(host.declare(units={"own.service": unit()}))) == [("start", "own.service")]


# Properties


NAMES = ["a", "b", "static.service", "t@1", "t@.service", "d@.service", "indirect", "indirect.socket", "nick", "own", "*.socket"]
ASKED = st.fixed_dictionaries(
    {"name": st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)},
    optional={
        "state": st.sampled_from(["started", "stopped", "unmanaged", "try-restarted"]),
        "enabled": st.booleans(),
        "masked": st.booleans(),
    },
)


def some_host() -> Host:
    host = host_with("b.service")
    host.link(f"{VENDOR}/nick.service", "a.service")
    host.write(f"{UNITS}/own.service", SERVICE + WANTED)
    host.reload()
    return host


def is_possible(host: Host, params: dict[str, Any]) -> bool:
    return len(params) > 1 and not checked(host, **params)[0]


@PROPERTY
@given(st.lists(ASKED, min_size=1, max_size=4))
def test_said_again_it_changes_nothing(tasks: list[dict[str, Any]]) -> None:
    host = some_host()
    for params in tasks:
        if is_possible(host, params):
            host.run(host.ask(**params))
            again = host.plan(host.ask(**params)).actions
            assert params.get("state") == "try-restarted" or again == (), again
            _check_asked_for(host, params)


def _check_asked_for(host: Host, params: dict[str, Any]) -> None:
    wanted = host.ask(**params)
    for each in wanted.units:
        if each.is_template or each.is_companion:
            continue
        if each.state in ("started", "stopped") and each.installed != "missing":
            assert host.is_up(each.name) == (each.state == "started"), each.name
        if each.masked is not None:
            assert (host.links.get(f"{UNITS}/{each.name}") == "/dev/null") == each.masked
        for link in each.links:
            assert host.links[link.path] == link.target


@PROPERTY
@given(ASKED, st.integers(0, 12))
def test_what_fails_is_put_back(params: dict[str, Any], step: int) -> None:
    host = some_host()
    if is_possible(host, params):
        before, ran = host.tree(), host.up()
        wanted = host.ask(**params)
        enough = len(host.plan(wanted).actions)
        if step < enough:
            host.run(wanted, broken_after=step)
            assert host.tree() == before
            assert host.up() == ran


@PROPERTY
@given(ASKED)
def test_an_interrupted_run_is_completed_by_the_next(params: dict[str, Any]) -> None:
    start = some_host()
    if is_possible(start, params):
        wanted = start.ask(**params)
        for _step, host in killed_everywhere(start, wanted):
            host.run(host.ask(**params))
            assert params.get("state") == "try-restarted" or host.plan(host.ask(**params)).actions == ()
            _check_asked_for(host, params)


def test_unit_file_that_a_mask_lies_over_hides_that_of_a_package() -> None:
    """Its [Install] counts when it comes back, in the same run."""
    host = host_with()
    host.write(f"{UNITS}/a.service", f"{SERVICE}[Install]\nWantedBy=graphical.target\n")
    run(host, name="a", masked=True)
    run(host, name="a", masked=False, enabled=True)
    assert host.links == {f"{UNITS}/graphical.target.wants/a.service": f"{UNITS}/a.service"}
    assert host.plan(host.ask(name="a", masked=False, enabled=True)).actions == ()


@pytest.mark.parametrize("masked", [True, False])
def test_killed_anywhere_nothing_is_lost_and_nothing_stays(masked: bool) -> None:
    start = host_with()
    start.write(f"{UNITS}/a.service", SERVICE + WANTED)
    start.reload()
    before = start.tree()
    start.run(start.ask(name="a", masked=not masked))
    for step, host in killed_everywhere(start, start.ask(name="a", masked=masked)):
        host.run(host.ask(name="a", masked=masked))
        host.run(host.ask(name="a", masked=False))
        assert host.plan(host.ask(name="a", masked=False)).actions == ()
        assert (host.tree(), host.disk.records) == (before, {}), step


def test_unit_of_a_stack_that_goes_while_it_is_masked() -> None:
    """No later unmasking brings back what the stack took with it."""
    host = deployed(units={"a.service": SLEEPER})
    host.run(host.ask(name="a", masked=True))
    host.remove()
    assert host.links[f"{UNITS}/a.service"] == "/dev/null", "it was asked for by another task"
    host.run(host.ask(name="a", masked=False))
    assert host.tree() == Host().tree()


def test_reasons_are_told() -> None:
    plan = run(host_with("a.service"), name="a", state="restarted")
    assert reasons(plan, "restart") == ["is declared restarted"]
