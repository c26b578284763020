# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose is a file: what others have made or changed is never silently taken, and comes back when the stack goes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._result.report import warnings_of

from ..builders import SLEEPER, TARGET, UNITS, daemon, desired, script, text_of, unit
from ..simulated_host import VENDOR, Host, check_converged, deployed, killed_everywhere, reasons, short

CONF = "/etc/demo.conf"
PATHS = [
    pytest.param({"files": {CONF: "ours\n"}}, CONF, "files./etc/demo.conf", id="file"),
    pytest.param({"units": {"a.service": SLEEPER}}, f"{UNITS}/a.service", "units.a.service", id="unit"),
    pytest.param(
        {"units": {"a.service": unit(dropins={"x": {"Service": {"Nice": 5}}})}},
        f"{UNITS}/a.service.d/x.conf",
        "units.a.service",
        id="drop-in",
    ),
    pytest.param({"daemons": {"a": daemon()}}, f"{UNITS}/a.service", "daemons.a", id="unit of a daemon"),
]


def forgive(host: Host, params: dict[str, Any]) -> Any:
    return host.declare(adopt=True, **params)


@pytest.mark.parametrize(("params", "path", "place"), PATHS)
def test_file_of_somebody_else(params: dict[str, Any], path: str, place: str) -> None:
    host = Host()
    host.write(path, "# mine\n", mode=0o600, owner="me")
    before = host.tree()
    (found,) = host.obstacles(host.declare(**params))
    assert (found.place, found.value, found.problem) == (place, path, "a file that this stack has not made lies there")
    assert "adopt: true" in found.remedy
    wanted = forgive(host, params)
    plan = host.run(wanted)
    assert ("set_aside", path.rpartition("/")[2]) in short(plan)
    check_converged(host, wanted)
    assert host.plan(host.declare(**params)).actions == (), "adopt is needed once"
    assert "restore" in [verb for verb, _target in short(host.remove())]
    assert host.tree() == before


@pytest.mark.parametrize(("params", "path", "place"), PATHS)
def test_file_that_a_person_has_changed(params: dict[str, Any], path: str, place: str) -> None:
    host = Host()
    before = host.tree()
    host.run(host.declare(**params))
    host.write(path, "# mine\n")
    (found,) = host.obstacles(host.declare(**params))
    assert (found.place, found.value, found.problem) == (place, path, "it was changed by hand since this stack wrote it")
    wanted = forgive(host, params)
    plan = host.run(wanted)
    assert "was changed by hand since the last run" in reasons(plan, "write")
    assert "set_aside" not in [verb for verb, _target in short(plan)], "what came of our own file is nobody's original"
    check_converged(host, wanted)
    host.remove()
    assert host.tree() == before


@pytest.mark.parametrize(("params", "path", "_place"), PATHS)
def test_file_that_a_person_has_changed_to_what_is_declared_now(params: dict[str, Any], path: str, _place: str) -> None:
    host = Host()
    host.run(host.declare(**params))
    newer = {"files": {CONF: "newer\n"}} if path == CONF else params
    host.write(path, text_of(host.declare(**newer), path))
    assert host.obstacles(host.declare(**newer)) == []


@pytest.mark.parametrize(("params", "path", "place"), PATHS)
def test_file_of_another_stack(params: dict[str, Any], path: str, place: str) -> None:
    host = Host()
    host.run(host.declare(**params, name="other"))
    for adopt in (False, True):
        found = host.obstacles(host.declare(**params, adopt=adopt))
        assert (place, path, "it belongs to the stack other") in [(each.place, each.value, each.problem) for each in found]


@pytest.mark.parametrize(("params", "path", "_place"), PATHS)
def test_file_that_is_as_declared_already(params: dict[str, Any], path: str, _place: str) -> None:
    """It is taken over without an action, and it was there before the stack: it stays when the stack goes.

    Unless it has a stamp: then a stack has made it, whose record was lost.
    """
    host = Host()
    text = text_of(host.declare(**params), path)
    host.write(path, text)
    found = host.copy()
    host.run(host.declare(**params))
    assert path not in [action.target for action in host.plan(host.declare(**params)).actions]
    host.remove()
    if "DAEMONIC_STAMP=" in text:
        assert path not in host.files
        return
    assert host.files[path].sha256 == found.files[path].sha256
    assert host.directories == found.directories


def test_file_that_was_found_and_is_changed_by_the_stack_comes_back() -> None:
    host = Host()
    host.write(CONF, "one\n")
    before = host.tree()
    host.run(host.declare(files={CONF: "one\n"}))
    plan = host.run(host.declare(files={CONF: "two\n"}))
    assert short(plan) == [("set_aside", "demo.conf"), ("write", "demo.conf")]
    host.remove()
    assert host.tree() == before


def test_file_that_is_adopted_and_then_not_declared_comes_back() -> None:
    host = Host()
    host.write(CONF, "mine\n", mode=0o640)
    host.run(host.declare(files={CONF: "ours\n", "/etc/other": "x"}, adopt=True))
    plan = host.run(host.declare(files={"/etc/other": "x"}))
    assert short(plan) == [("restore", "demo.conf")]
    assert (host.files[CONF].content, host.files[CONF].mode) == (b"mine\n", 0o640)
    assert host.manifest is not None
    assert host.manifest.originals == {}


def test_original_is_that_of_the_first_time() -> None:
    host = Host()
    host.write(CONF, "mine\n")
    before = host.tree()
    for content in ("one\n", "two\n"):
        host.run(host.declare(files={CONF: content}, adopt=True))
    host.write(CONF, "by hand\n")
    host.run(host.declare(files={CONF: "three\n"}, adopt=True))
    host.remove()
    assert host.tree() == before


@pytest.mark.parametrize("kind", ["prune", "absent"])
def test_what_a_person_has_changed_is_not_silently_removed(kind: str) -> None:
    host = deployed(files={CONF: "ours\n", "/etc/other": "x"})
    host.write(CONF, "mine\n")
    wanted = host.declare(files={"/etc/other": "x"}) if kind == "prune" else host.nothing()
    (found,) = host.obstacles(wanted)
    assert (found.place, found.problem) == (CONF, "this stack is about to remove it, but it was changed by hand")
    if kind == "prune":
        host.run(host.declare(files={"/etc/other": "x"}, adopt=True))
    else:
        host.remove(adopt=True)
    assert CONF not in host.files


def test_hand_written_unit_survives_prune() -> None:
    host = deployed(units={"a.service": SLEEPER, "b.service": SLEEPER})
    host.write(f"{UNITS}/mine.service", "[Service]\nExecStart=/bin/mine\n")
    host.link(f"{UNITS}/multi-user.target.wants/mine.service", f"{UNITS}/mine.service")
    host.run(host.declare(units={"a.service": SLEEPER}))
    host.remove()
    assert f"{UNITS}/mine.service" in host.files
    assert list(host.links) == [f"{UNITS}/multi-user.target.wants/mine.service"]


def test_two_stacks_know_nothing_of_each_other() -> None:
    host = Host()
    one = host.declare(units={"a.service": SLEEPER}, files={"/etc/demo/a": "a"})
    other = host.declare(name="other", units={"b.service": SLEEPER}, files={"/etc/demo/b": "b"})
    empty = host.tree()
    host.run(one)
    with_one = host.tree()
    host.run(other)
    assert host.plan(one) == host.plan(other) == Plan(())
    host.remove(name="other")
    assert host.tree() == with_one
    assert host.up() == {"a.service"}
    host.remove()
    assert host.tree() == empty


@pytest.mark.xfail(strict=True, reason="a directory goes on the record of the stack that made it, and stays when that goes first")
def test_directory_that_two_stacks_use_goes_with_the_last_of_them() -> None:
    host = Host()
    empty = host.tree()
    host.run(host.declare(files={"/etc/demo/a": "a"}))
    host.run(host.declare(name="other", files={"/etc/demo/b": "b"}))
    host.remove()
    host.remove(name="other")
    assert host.tree() == empty


def test_unit_moves_from_one_stack_to_another() -> None:
    host = Host()
    host.run(host.declare(name="other", units={"a.service": SLEEPER, "b.service": SLEEPER}))
    host.run(host.declare(name="other", units={"b.service": SLEEPER}))
    wanted = host.declare(units={"a.service": SLEEPER})
    host.run(wanted)
    check_converged(host, wanted)


STARTS = {"nothing": None, "foreign": "mine\n", "equal": "ours\n"}


@pytest.mark.parametrize("before", STARTS)
@pytest.mark.parametrize("direction", ["there", "changed", "gone", "absent"])
def test_interrupted_anywhere(before: str, direction: str) -> None:
    start = Host()
    if STARTS[before]:
        start.write(CONF, STARTS[before] or "", mode=0o640)
    original = start.tree()
    wanted = start.declare(files={CONF: "ours\n", "/etc/other": "x"}, adopt=True)
    if direction != "there":
        start.run(wanted)
    if direction == "changed":
        wanted = start.declare(files={CONF: "newer\n", "/etc/other": "x"})
    if direction == "gone":
        wanted = start.declare(files={"/etc/other": "x"})
    if direction == "absent":
        wanted = start.nothing()
    for killed_after, host in killed_everywhere(start, wanted):
        host.run(wanted)
        assert host.plan(wanted) == Plan(()), killed_after
        host.remove()
        assert host.tree() == original, killed_after


@pytest.mark.parametrize("before", STARTS)
def test_interrupted_run_can_be_taken_back(before: str) -> None:
    start = Host()
    if STARTS[before]:
        start.write(CONF, STARTS[before] or "", mode=0o640)
    original = start.tree()
    wanted = start.declare(files={CONF: "ours\n", "/etc/demo/other": "x"}, adopt=True)
    for killed_after, host in killed_everywhere(start, wanted):
        host.remove()
        assert host.tree() == original, killed_after


def test_release_of_a_daemon_that_a_person_has_changed() -> None:
    host = deployed(daemons={"a": daemon()})
    (path,) = [path for path in host.files if path.endswith("/echo.py")]
    host.write(path, "hacked\n")
    (found,) = host.obstacles(desired(daemons={"a": daemon()}))
    assert (found.place, found.problem) == ("daemons.a.script", "it was changed by hand since this stack wrote it")


def test_live_release_that_was_changed_by_hand_is_no_obstacle_to_the_next() -> None:
    host = deployed(daemons={"a": daemon()})
    (path,) = [path for path in host.files if path.endswith("/echo.py")]
    host.write(path, "hacked\n")
    wanted = desired(daemons={"a": daemon(script=script("2\n"))})
    host.run(wanted)
    check_converged(host, wanted)


# Links


LINKS = [
    pytest.param({"daemons": {"a": daemon()}}, "/opt/a/current", "releases/mine", id="current"),
    pytest.param(
        {"units": {"a.service": unit(Install={"Alias": "b.service"})}},
        f"{UNITS}/b.service",
        "/lib/systemd/system/c.service",
        id="alias",
    ),
]


@pytest.mark.parametrize(("params", "path", "target"), LINKS)
def test_link_of_somebody_else_is_taken_only_when_told_and_comes_back(params: dict[str, Any], path: str, target: str) -> None:
    host = Host()
    host.link(path, target)
    before = host.tree()
    (found,) = host.obstacles(host.declare(**params))
    assert (found.place, found.value) == (path, target)
    assert "adopt: true" in found.remedy
    wanted = forgive(host, params)
    plan = host.run(wanted)
    assert ("set_aside", path.rpartition("/")[2]) in short(plan)
    check_converged(host, wanted)
    assert host.plan(host.declare(**params)).actions == (), "adopt is needed once"
    host.remove()
    assert host.tree() == before


@pytest.mark.parametrize(("params", "path", "target"), LINKS)
def test_link_of_somebody_else_comes_back_wherever_the_run_is_killed(params: dict[str, Any], path: str, target: str) -> None:
    host = Host()
    host.link(path, target)
    before = host.tree()
    for _after, killed in killed_everywhere(host, forgive(host, params)):
        killed.remove(adopt=True)
        assert killed.links[path] == target
        assert killed.tree() == before


# A record that is lost

LOST = [
    pytest.param({"daemons": {"a": daemon()}}, {"daemons": {"a": daemon(script=script("print(2)\n"))}}, id="script"),
    pytest.param(
        {"daemons": {"a": daemon(imports=["json"])}},
        {"daemons": {"a": daemon(script=script("print(2)\n"), imports=["json"])}},
        id="built",
    ),
]


@pytest.mark.parametrize(("first", "second"), LOST)
def test_without_its_record_a_stack_is_refused_and_told_why(first: dict[str, Any], second: dict[str, Any]) -> None:
    host = Host()
    host.run(host.declare(**first))
    host.forget()
    problems = host.obstacles(host.declare(**second))
    assert any("the record of demo" in found.problem and "adopt: true" in found.remedy for found in problems)


@pytest.mark.parametrize("is_new", [False, True], ids=["the same", "a new version"])
@pytest.mark.parametrize(("first", "second"), LOST)
def test_a_lost_record_and_adopt_keep_the_release_that_runs(first: dict[str, Any], second: dict[str, Any], is_new: bool) -> None:
    host = Host()
    before = host.tree()
    host.run(host.declare(**first))
    running = host.links["/opt/a/current"]
    host.forget()
    wanted = forgive(host, second if is_new else first)
    plan = host.run(wanted)
    assert "remove_release" not in [verb for verb, _target in short(plan)]
    assert "build_release" not in [verb for verb, _target in short(plan)] or is_new
    assert host.disk.state_of_release(f"/opt/a/{running}", False).kind in ("script", "complete")
    assert running in host.manifest.releases["/opt/a"]
    check_converged(host, wanted)
    host.remove()
    host.directories.discard(f"{UNITS}/multi-user.target.wants")  # systemd's own, as after a first deployment
    assert host.tree() == before, "and absent leaves nothing of it"


def test_the_release_before_a_lost_record_goes_when_its_time_has_come() -> None:
    host = Host()
    versions = [{"daemons": {"a": daemon(script=script(f"print({number})\n"))}} for number in range(5)]
    host.run(host.declare(**versions[0]))
    first = host.links["/opt/a/current"]
    host.forget()
    host.run(forgive(host, versions[1]))
    for version in versions[2:]:
        host.run(host.declare(**version))
    assert f"/opt/a/{first}" not in host.directories
    assert host.plan(host.declare(**versions[-1])).actions == ()


# Links that were changed since, and names

DEFAULT = f"{UNITS}/default.target"
MINE = {"units": {"mine.target": {"Unit": {"Description": "x"}, "Install": {"Alias": "default.target"}}}}


def with_targets() -> Host:
    host = Host()
    for name in ("graphical.target", "multi-user.target", "rescue.target"):
        host.install(name, f"[Unit]\nDescription={name}\n")
    return host


def test_my_stack_must_not_take_the_default_target_without_a_word_and_gives_it_back() -> None:
    host = with_targets()
    host.link(DEFAULT, f"{VENDOR}/graphical.target")
    before = host.tree()
    (found,) = host.obstacles(host.declare(**MINE))
    assert (found.place, found.value) == (DEFAULT, f"{VENDOR}/graphical.target")
    assert "that this stack has not made" in found.problem
    wanted = host.declare(adopt=True, **MINE)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(host.declare(**MINE)) == Plan(())
    host.remove()
    assert host.tree() == before


@pytest.mark.parametrize("had_one", [False, True])
def test_default_target_that_was_set_since_is_not_taken_away_with_the_stack(had_one: bool) -> None:
    host = with_targets()
    if had_one:
        host.link(DEFAULT, f"{VENDOR}/graphical.target")
    host.run(host.declare(adopt=True, **MINE))
    host.link(DEFAULT, f"{VENDOR}/multi-user.target")
    (found,) = host.obstacles(host.declare(**MINE))
    assert "changed since this stack made it" in found.problem
    wanted = host.nothing()
    assert f"{DEFAULT} was changed since the stack made it" in warnings_of(wanted, host.observe(wanted), Plan(()))[0]
    host.remove()
    assert host.links == {DEFAULT: f"{VENDOR}/multi-user.target"}


def test_default_target_comes_back_when_the_alias_alone_goes() -> None:
    host = with_targets()
    host.link(DEFAULT, f"{VENDOR}/graphical.target")
    host.run(host.declare(adopt=True, **MINE))
    host.run(host.declare(units={"mine.target": {"Unit": {"Description": "x"}}}))
    assert host.links[DEFAULT] == f"{VENDOR}/graphical.target"
    host.remove()
    assert host.links[DEFAULT] == f"{VENDOR}/graphical.target"


@pytest.mark.parametrize("target", [f"{VENDOR}/a.service", "/dev/null"])
def test_link_that_a_person_has_pointed_elsewhere_stays(target: str) -> None:
    host = Host()
    host.install("a.service", "[Service]\nExecStart=/bin/a\n")
    host.run(host.declare(adopt=True, units={"a.service": SLEEPER}))
    link = f"{UNITS}/multi-user.target.wants/a.service"
    host.link(link, target)
    host.remove()
    assert host.links == {link: target}


def test_stale_link_that_a_person_has_made_of_a_unit_of_the_stack_does_not_come_back() -> None:
    """It is removed while the unit is there, and would lead nowhere after that."""
    host = Host()
    before = host.tree()
    host.run(host.declare(units={"a.service": SLEEPER}))
    host.link(f"{UNITS}/sysinit.target.wants/a.service", f"{UNITS}/a.service")
    host.link(f"{UNITS}/nick.service", f"{UNITS}/a.service")
    host.run(host.declare(units={"a.service": SLEEPER}))
    host.remove()
    assert host.links == {}
    host.directories.discard(f"{UNITS}/sysinit.target.wants")
    assert host.tree() == before


@pytest.mark.parametrize("killed_after", range(14))
def test_link_of_an_interrupted_run_is_ours_all_the_same(killed_after: int) -> None:
    host = Host()
    before = host.tree()
    host.run(host.declare(daemons={"a": daemon()}, units={"t.target": TARGET, "u.target": TARGET}))
    other = {"Unit": {"Description": "y"}, "Install": {"Alias": "t2.target"}}
    host.run(
        host.declare(daemons={"a": daemon(script=script("2\n"))}, units={"t.target": other, "u.target": TARGET}), killed_after
    )
    host.remove()
    assert host.tree() == before


def test_alias_of_another_stack_is_not_taken() -> None:
    host = with_targets()
    host.run(host.declare(name="other", **MINE))
    theirs = {"units": {"yours.target": {"Unit": {"Description": "x"}, "Install": {"Alias": "default.target"}}}}
    for adopt in (False, True):
        (found,) = host.obstacles(host.declare(adopt=adopt, **theirs))
        assert (found.place, found.value, found.problem) == ("units.yours.target", DEFAULT, "it belongs to the stack other")


# Two stacks


READER = {"Service": {"ExecStart": "/bin/sleep infinity", "EnvironmentFile": "-/etc/shared.env"}}


@pytest.mark.parametrize(
    "reader",
    [
        {"b.service": READER},
        {"b.service": unit(dropins={"x": {"Service": {"EnvironmentFile": "/etc/shared.env"}}})},
        {"b.service": {"Service": {"ExecStart": "/bin/b --config=/etc/shared.env"}}},
        {"b.service": {"Service": {"ExecStart": "/bin/b", "LoadCredential": "k:/etc/shared.env"}}},
    ],
    ids=["environment file", "drop-in", "argument", "credential"],
)
@pytest.mark.parametrize("way", ["absent", "prune"])
def test_a_stack_that_goes_does_not_take_a_file_from_another_that_names_it(reader: dict[str, Any], way: str) -> None:
    host = Host()
    host.run(host.declare(files={"/etc/shared.env": "A=1\n", "/etc/own": "x"}))
    host.run(host.declare(name="other", units=reader))
    wanted = host.declare(files={"/etc/own": "x"}) if way == "prune" else host.nothing()
    assert warnings_of(wanted, host.observe(wanted), Plan(())) == [
        "/etc/shared.env stays, because b.service of the stack other names it."
    ]
    if way == "prune":
        host.run(wanted)
        assert host.plan(wanted) == Plan(())
    host.remove()
    assert "/etc/shared.env" in host.files
    assert "/etc/own" not in host.files
    host.run(host.declare(name="other", units=reader, files={"/etc/shared.env": "A=1\n"}))


def test_file_that_no_other_stack_names_goes() -> None:
    host = Host()
    before = host.tree()
    host.run(host.declare(files={"/etc/shared.env": "A=1\n"}))
    host.run(host.declare(name="other", units={"b.service": SLEEPER}))
    host.remove()
    host.remove(name="other")
    assert host.tree() == before


@pytest.mark.parametrize("kinds", [("system", "global"), ("global", "system")])
def test_daemon_for_all_users_and_one_of_the_system_do_not_share_a_home(kinds: tuple[str, str]) -> None:
    """Both lie in /opt: the one that comes second would switch the release of the first."""
    first, second = (Host(scope_of(kind)) for kind in kinds)
    first.run(first.declare(scope=kinds[0], name="a", daemons={"shop": daemon()}))
    second.disk = first.disk
    second.disk.belongs_to(second)
    found = second.obstacles(second.declare(scope=kinds[1], name="b", daemons={"shop": daemon()}, adopt=True))
    assert ("daemons.shop", "/opt/shop/current", f"it belongs to the stack a (scope: {kinds[0]})") in {
        (each.place, each.value, each.problem) for each in found
    }
