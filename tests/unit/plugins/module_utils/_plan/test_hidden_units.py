# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose unit is it: a foreign unit gives way with consent alone, its process does too, and it is given back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._result.report import warnings_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import SLEEPER, UNITS, daemon, unit
from ..simulated_host import VENDOR, Host, check_converged, reasons, short, unit_jobs

THEIRS = "[Service]\nExecStart=/usr/bin/theirs\n[Install]\nWantedBy=multi-user.target\n"
WITH_AN_END = "[Service]\nExecStart=/usr/bin/theirs\nExecStop=/usr/bin/theirs --stop\n"
WANTS = f"{UNITS}/multi-user.target.wants/shop.service"
DAEMON = {"daemons": {"shop": daemon()}}
UNIT = {"units": {"shop.service": SLEEPER}}
PLACES = {
    "package": (VENDOR, "which a package has installed"),
    "without a merged /usr": ("/lib/systemd/system", "which a package has installed"),
    "local": ("/usr/local/lib/systemd/system", "which this stack has not made"),
    "until the next boot": ("/run/systemd/system", "which was made until the next boot"),
    "generator": ("/run/systemd/generator", "which a generator has made"),
}
declarations = pytest.mark.parametrize("params", [DAEMON, UNIT], ids=["daemon", "unit"])


def with_theirs(directory: str = VENDOR, text: str = THEIRS, name: str = "shop.service", enabled: bool = True) -> Host:
    """A host on which a foreign unit of this name runs."""
    host = Host()
    if enabled:
        host.link(f"{UNITS}/multi-user.target.wants/{name}", f"{directory}/{name}")
    if directory.endswith("/transient"):
        host.run_by_hand(name, text)
    else:
        host.install(name, text, directory)
        host.start(name)
    return host


def init_script(host: Host) -> None:
    host.write("/etc/init.d/shop", "#!/bin/sh\n", mode=0o755)
    host.write("/usr/lib/systemd/system-generators/systemd-sysv-generator", "", mode=0o755)


def is_as_it_was(host: Host, before: Host) -> bool:
    running = {name: parse(host.running[name].text) for name in host.up()}
    return host.tree() == before.tree() and running == {name: parse(before.running[name].text) for name in before.up()}


# Consent


@declarations
@pytest.mark.parametrize("place", PLACES)
def test_my_daemon_must_not_hide_a_unit_of_somebody_else_without_a_word(params: dict[str, Any], place: str) -> None:
    directory, origin = PLACES[place]
    host = with_theirs(directory)
    (found,) = host.obstacles(host.declare(**params))
    assert (found.place, found.value) == ("daemons.shop" if "daemons" in params else "units.shop.service", "shop.service")
    assert f"it would hide {directory}/shop.service, {origin}" in found.problem
    assert "adopt: true" in found.remedy
    assert host.obstacles(host.declare(adopt=True, **params)) == []


def test_a_unit_that_is_not_running_is_hidden_without_a_word_no_more_than_one_that_runs() -> None:
    host = Host()
    host.install("dbus.service", THEIRS)
    (found,) = host.obstacles(host.declare(daemons={"dbus": daemon()}))
    assert f"it would hide {VENDOR}/dbus.service" in found.problem


@pytest.mark.parametrize(
    ("name", "theirs", "params"),
    [
        ("shop.socket", "[Socket]\nListenStream=1\n", {"daemons": {"shop": daemon(socket={"ListenStream": 9000})}}),
        ("job.timer", "[Timer]\nOnCalendar=daily\n", {"units": {"job.timer": {"Timer": {"OnCalendar": "hourly"}}}}),
        ("all.target", "[Unit]\nDescription=x\n", {"units": {"all.target": {"Unit": {"Description": "y"}}}}),
        ("srv.mount", "[Mount]\nWhat=a\n", {"units": {"srv.mount": {"Mount": {"What": "tmpfs", "Where": "/srv"}}}}),
        ("w@.service", THEIRS, {"units": {"w@.service": unit(instances=2)}}),
        ("w@.service", THEIRS, {"units": {"w@a.service": SLEEPER}}),
    ],
    ids=["socket", "timer", "target", "mount", "template", "instance of a template"],
)
def test_every_type_of_unit_is_asked_for(name: str, theirs: str, params: dict[str, Any]) -> None:
    host = Host()
    host.install(name, theirs)
    (found,) = host.obstacles(host.declare(**params))
    assert f"it would hide {VENDOR}/{name}" in found.problem


def test_an_alias_must_not_hide_a_unit_either() -> None:
    host = Host()
    host.install("ssh.service", THEIRS)
    (found,) = host.obstacles(host.declare(units={"a.service": unit(Install={"Alias": "ssh.service"})}))
    assert (found.place, found.value) == ("units.a.service", "ssh.service")
    assert f"it would hide {VENDOR}/ssh.service" in found.problem


def test_an_alias_of_a_package_may_be_set_as_systemctl_does() -> None:
    """/usr/lib/systemd/system/default.target is a link, made to be overridden."""
    host = Host()
    host.link(f"{VENDOR}/default.target", f"{VENDOR}/graphical.target")
    host.install("graphical.target", "[Unit]\nDescription=x\n")
    assert host.obstacles(host.declare(units={"a.target": unit({}, Install={"Alias": "default.target"})})) == []


@pytest.mark.parametrize(
    ("target", "problem"),
    [("/srv/shop.service", "a symbolic link to /srv/shop.service lies"), (f"{VENDOR}/other.service", "a symbolic link to")],
    ids=["linked", "alias"],
)
@declarations
def test_linked_unit_and_alias_give_way_when_asked_and_come_back(params: dict[str, Any], target: str, problem: str) -> None:
    host = Host()
    host.write(target, THEIRS)
    host.link(f"{UNITS}/shop.service", target)
    host.reload()
    before = host.copy()
    (found,) = host.obstacles(host.declare(**params))
    assert problem in found.problem
    wanted = host.declare(adopt=True, **params)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(host.declare(**params)) == Plan(())
    host.remove()
    assert host.tree() == before.tree()


def test_mask_of_an_administrator_comes_back() -> None:
    host = Host()
    host.link(f"{UNITS}/shop.service", "/dev/null")
    before = host.tree()
    host.run(host.declare(units={"shop.service": unit(masked=False)}))
    host.remove()
    assert host.tree() == before


def test_mask_until_the_next_boot_is_a_mask() -> None:
    host = Host()
    host.link("/run/systemd/system/shop.service", "/dev/null")
    (found,) = host.obstacles(host.declare(**DAEMON))
    assert found.problem == "it is masked by /run/systemd/system/shop.service"


def test_transient_unit_and_script_of_sysv_init_give_way_and_are_named() -> None:
    """The one ends with its process, the other is what a native unit file is there to replace: systemd-sysv-generator(8)."""
    for directory, said in (
        ("/run/systemd/transient", "was a transient unit"),
        ("/run/systemd/generator.late", "/etc/init.d/shop"),
    ):
        host = with_theirs(directory, enabled=False)
        if "late" in directory:
            init_script(host)
        wanted = host.declare(**DAEMON)
        assert host.obstacles(wanted) == []
        (warning,) = warnings_of(wanted, host.observe(wanted), Plan(()))
        assert said in warning
        host.run(wanted)
        assert warnings_of(wanted, host.observe(wanted), Plan(())) == []


# The process


@declarations
@pytest.mark.parametrize("directory", [*(place for place, _origin in PLACES.values()), "/run/systemd/generator.late", UNITS])
@pytest.mark.parametrize("text", [THEIRS, WITH_AN_END], ids=["killed", "with a stop of its own"])
@pytest.mark.parametrize("state", ["started", "unmanaged", "stopped"])
@pytest.mark.parametrize("on_change", ["auto", "restart", "reload", "stop-start"])
def test_what_runs_is_what_is_declared(params: dict[str, Any], directory: str, text: str, state: str, on_change: str) -> None:
    (entries,) = params.values()
    ((name, entry),) = entries.items()
    can_reload = (
        {"service": {"ExecReload": "/bin/true"}}
        if "daemons" in params
        else {"Service": {**SLEEPER["Service"], "ExecReload": "/bin/true"}}
    )
    given = {next(iter(params)): {name: {**entry, **can_reload, "state": state, "on_change": on_change}}}
    host = with_theirs(directory, text)
    before = host.copy()
    wanted = host.declare(adopt=True, **given)
    plan = host.run(wanted)
    check_converged(host, wanted)
    assert host.is_up("shop.service") == (state != "stopped")
    stops = [index for index, action in enumerate(plan.actions) if isinstance(action, act.Stop)]
    writes = [index for index, action in enumerate(plan.actions) if isinstance(action, act.WriteFile)]
    if text == WITH_AN_END and directory != UNITS:
        assert stops[0] < writes[0], "its own ExecStop= ends it"
    assert host.plan(host.declare(**given)) == Plan(())
    host.remove()
    assert is_as_it_was(host, before)


def test_process_that_is_kept_is_told() -> None:
    host = with_theirs()
    plan = host.run(host.declare(adopt=True, daemons={"shop": daemon(on_change="keep")}))
    ((unit_name, reason),) = plan.restart_pending
    assert unit_name == "shop.service"
    assert f"runs {VENDOR}/shop.service, not what the stack declares" in reason


def test_transient_unit_ends_and_leaves_nothing() -> None:
    host = with_theirs("/run/systemd/transient", enabled=False)
    wanted = host.declare(**DAEMON)
    plan = host.run(wanted)
    assert short(plan)[:2] == [("remove", "shop.service"), ("stop", "shop.service")]
    check_converged(host, wanted)
    host.remove()
    assert host.up() == set()


def test_transient_unit_that_has_failed_hides_nothing() -> None:
    host = with_theirs("/run/systemd/transient", enabled=False)
    host.fail("shop.service")
    wanted = host.declare(**DAEMON)
    host.run(wanted)
    check_converged(host, wanted)


def test_transient_unit_over_a_unit_file_of_ours_that_is_there_already() -> None:
    """As an older release of the collection has left it."""
    host = Host()
    wanted = host.declare(**DAEMON)
    host.run(wanted)
    host.stop("shop.service")
    host.run_by_hand("shop.service", THEIRS)
    host.run(wanted)
    check_converged(host, wanted)


def test_unit_file_that_was_deleted_while_it_ran() -> None:
    """systemd still has it in memory, and what runs is not ours."""
    host = Host()
    host.install("shop.service", THEIRS, UNITS)
    host.start("shop.service")
    del host.files[f"{UNITS}/shop.service"]
    wanted = host.declare(**DAEMON)
    plan = host.run(wanted)
    check_converged(host, wanted)
    assert "runs /etc/systemd/system/shop.service, not what the stack declares" in reasons(plan, "restart")[0]


def test_instances_of_a_template_of_a_package_are_restarted_into_ours_and_come_back() -> None:
    host = Host()
    host.install("w@.service", THEIRS)
    host.start("w@a.service")
    before = host.copy()
    wanted = host.declare(adopt=True, units={"w@.service": unit(instances=["b"])})
    plan = host.run(wanted)
    assert ("restart", "w@a.service") in unit_jobs(plan)
    check_converged(host, wanted)
    host.remove()
    assert is_as_it_was(host, before)


TMPFS = {"What": "tmpfs", "Where": "/srv"}


@pytest.mark.parametrize(
    ("name", "theirs", "ours", "jobs"),
    [
        ("job.timer", "[Timer]\nOnCalendar=daily\n", {"Timer": {"OnCalendar": "hourly"}}, []),
        ("srv.mount", "[Mount]\nWhat=tmpfs\nWhere=/srv\nOptions=ro\n", {"Mount": {**TMPFS, "Options": "rw"}}, ["reload"]),
        ("srv.mount", "[Mount]\nWhat=/dev/x\nWhere=/srv\n", {"Mount": TMPFS}, ["reset_failed", "restart"]),
        ("all.target", "[Unit]\nDescription=x\n", {"Unit": {"Description": "y"}}, []),
    ],
    ids=["timer", "mount with other options", "mount of something else", "target"],
)  # fmt: skip
def test_what_is_no_process_gets_the_least_that_applies_ours(
    name: str, theirs: str, ours: dict[str, Any], jobs: list[str]
) -> None:
    host = with_theirs(text=theirs, name=name, enabled=False)
    wanted = host.declare(adopt=True, units={name: {**ours, "state": "started"}})
    assert [verb for verb, _name in unit_jobs(host.run(wanted))] == jobs
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


# Given back


@pytest.mark.parametrize("wanted_by", ["multi-user.target", "graphical.target", []])
@pytest.mark.parametrize("directory", [VENDOR, UNITS], ids=["package", "by hand"])
@pytest.mark.parametrize("way", ["absent", "prune", "interrupted"])
def test_it_is_enabled_and_runs_again_when_the_stack_goes(wanted_by: Any, directory: str, way: str) -> None:
    host = with_theirs(directory)
    before = host.copy()
    params = {"daemons": {"shop": daemon(wanted_by=wanted_by)}}
    if way == "interrupted":
        host.run(host.declare(adopt=True, **params), killed_after=9)
    host.run(host.declare(adopt=True, **params))
    host.run(host.declare(daemons={"shop": daemon(wanted_by="a.target")}))
    if way == "prune":
        host.run(host.declare(files={"/etc/x": "x"}))
    host.remove()
    assert is_as_it_was(host, before)


def test_it_stays_down_and_disabled_if_it_was() -> None:
    host = Host()
    host.install("shop.service", THEIRS)
    before = host.copy()
    host.run(host.declare(adopt=True, **DAEMON))
    host.remove()
    assert is_as_it_was(host, before)


def test_package_that_has_gone_meanwhile_is_not_missed() -> None:
    host = with_theirs()
    host.run(host.declare(adopt=True, **DAEMON))
    del host.files[f"{VENDOR}/shop.service"]
    plan = host.remove()
    assert (host.up(), host.links) == (set(), {})
    assert "start" not in [verb for verb, _name in short(plan)]


PLACE = st.sampled_from([VENDOR, "/run/systemd/system", "/run/systemd/generator", "/run/systemd/transient", UNITS])
PROPERTY = settings(
    max_examples=examples(60), deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@PROPERTY
@given(PLACE, st.sampled_from([THEIRS, WITH_AN_END]), st.booleans(), st.booleans(), st.integers(0, 25))
def test_broken_anywhere_the_foreign_unit_is_as_before(place: str, text: str, enabled: bool, as_unit: bool, after: int) -> None:
    host = with_theirs(place, text, enabled=enabled)
    before = host.copy()
    wanted = host.declare(adopt=True, **(UNIT if as_unit else DAEMON))
    host.run(wanted, broken_after=after)
    if host.manifest is None:
        assert is_as_it_was(host, before)
    else:
        check_converged(host, wanted)


@PROPERTY
@given(PLACE, st.sampled_from([THEIRS, WITH_AN_END]), st.booleans(), st.integers(0, 25), st.integers(0, 25))
def test_interrupted_anywhere_ours_runs_in_the_end_and_the_foreign_one_comes_back(
    place: str, text: str, enabled: bool, after: int, and_after: int
) -> None:
    host = with_theirs(place, text, enabled=enabled)
    before = host.copy()
    wanted = host.declare(adopt=True, **DAEMON)
    host.run(wanted, killed_after=after)
    host.run(wanted)
    check_converged(host, wanted)
    host.remove(killed_after=and_after)
    host.remove()
    if place.endswith("/transient"):
        assert host.up() == set()
    else:
        assert is_as_it_was(host, before)
