# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drop-ins: of the stack's own units, and of those that something else has installed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._result.report import warnings_of

from ..builders import UNITS, desired, problem_of, unit
from ..simulated_host import Host, Short, check_converged, killed_everywhere, reasons, short, unit_jobs, with_strangers

RESTART = [("reset_failed", "a.service"), ("restart", "a.service")]
LIMITS = {"Service": {"LimitNOFILE": 9}}
FOLDER = f"{UNITS}/a.service.d"


def host_with(whose: str, **entry: Any) -> tuple[Host, dict[str, Any]]:
    """A host on which a.service runs, and the entry that is needed for it beside its drop-ins."""
    host = with_strangers("a.service") if whose == "foreign" else Host()
    base = {} if whose == "foreign" else unit()
    host.run(host.declare(units={"a.service": {**base, "enabled": None, "state": "started", **entry}}))
    assert host.is_up("a.service")
    return host, {**base, "state": "started"}


BOTH = pytest.mark.parametrize("whose", ["own", "foreign"])


@BOTH
@pytest.mark.parametrize(
    ("before", "after", "jobs", "why"),
    [
        pytest.param({}, {"limits": LIMITS}, RESTART, "LimitNOFILE= changed", id="added"),
        pytest.param(
            {"limits": LIMITS}, {"limits": {"Service": {"LimitNOFILE": 8}}}, RESTART, "LimitNOFILE= changed", id="changed"
        ),
        pytest.param({"a": LIMITS}, {"b": LIMITS}, [], "", id="renamed"),
        pytest.param({}, {"a": {"Unit": {"Description": "New"}}}, [], "", id="Description"),
        pytest.param({"a": {"Unit": {"Description": "Old"}}}, {"a": {"Unit": {"Description": "New"}}}, [], "", id="another"),
        pytest.param({"a": LIMITS}, {"a": "# why\n[Service]\nLimitNOFILE=9\n"}, [], "", id="comment"),
        pytest.param({"a": LIMITS}, {"a": LIMITS, "b": {"Service": {"Nice": 5}}}, RESTART, "Nice= changed", id="one more"),
        pytest.param(
            {}, {"a": {"Service": {"ExecStart": ["", "/bin/other"]}}}, RESTART, "ExecStart= changed", id="reset of a list"
        ),
        pytest.param(
            {"a": LIMITS, "b": {"Service": {"LimitNOFILE": 7}}},
            {"b": LIMITS, "a": {"Service": {"LimitNOFILE": 7}}},
            RESTART,
            "LimitNOFILE= changed",
            id="exchanged",
        ),
    ],
)
def test_change(whose: str, before: dict[str, Any], after: dict[str, Any], jobs: Short, why: str) -> None:
    host, base = host_with(whose, dropins=before)
    wanted = host.declare(units={"a.service": {**base, "dropins": after}})
    plan = host.run(wanted)
    assert unit_jobs(plan) == jobs
    assert all(why in reason for reason in reasons(plan, "restart"))
    assert short(plan).count(("daemon_reload", "systemd")) == 1
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@BOTH
def test_drop_in_takes_effect(whose: str) -> None:
    host, base = host_with(whose)
    host.run(host.declare(units={"a.service": {**base, "dropins": {"x": {"Service": {"ExecStart": ["", "/bin/other"]}}}}}))
    assert host.running["a.service"].values("Service", "ExecStart") == ("/bin/other",)
    assert host.unit("a.service").stamp


@BOTH
@pytest.mark.parametrize("dropins", [{"x": LIMITS}, {"x": {"Unit": {"After": "b.service"}}, "y": LIMITS}])
def test_interrupted_anywhere(whose: str, dropins: dict[str, Any]) -> None:
    start, base = host_with(whose)
    wanted = start.declare(units={"a.service": {**base, "dropins": dropins}})
    for killed_after, host in killed_everywhere(start, wanted):
        host.run(wanted)
        check_converged(host, wanted)
        assert host.plan(wanted) == Plan(()), killed_after


def test_drop_in_of_a_unit_of_others_goes_with_the_stack() -> None:
    host, base = host_with("foreign")
    host.remove()
    before = host.tree()
    host.run(host.declare(units={"a.service": {**base, "dropins": {"x": LIMITS}}}))
    host.remove()
    assert host.tree() == before
    assert host.definition("a.service").values("Service", "LimitNOFILE") == ()  # type: ignore[union-attr]


@BOTH
def test_last_drop_in_is_removed(whose: str) -> None:
    host, base = host_with(whose, dropins={"limits": LIMITS})
    wanted = host.declare(units={"a.service": {**base, "dropins": {}}})
    plan = host.run(wanted)
    assert unit_jobs(plan) == RESTART
    assert reasons(plan, "restart") == ["LimitNOFILE= changed"]
    check_converged(host, wanted)


@pytest.mark.parametrize("way", ["absent", "not declared"])
def test_unit_of_others_does_not_keep_running_with_a_drop_in_that_is_gone(way: str) -> None:
    host, base = host_with("foreign")
    host.run(host.declare(units={"a.service": {**base, "dropins": {"x": LIMITS}}}))
    host.remove() if way == "absent" else host.run(host.declare())
    assert host.running["a.service"].values("Service", "LimitNOFILE") == ()


def test_unit_of_others_is_stopped_by_nothing_but_its_state() -> None:
    host, _base = host_with("foreign", dropins={"x": LIMITS})
    host.remove()
    assert host.is_up("a.service")


def test_folder_of_drop_ins_is_made_and_goes() -> None:
    host, base = host_with("own")
    host.run(host.declare(units={"a.service": {**base, "dropins": {"x": LIMITS}}}))
    assert f"{FOLDER}/x.conf" in host.files
    host.run(host.declare(units={"a.service": base}))
    assert FOLDER not in host.directories


def test_name_may_have_its_suffix() -> None:
    one, other = (desired(units={"a.service": unit(dropins={name: LIMITS})}) for name in ("x", "x.conf"))
    assert one == other


def test_drop_in_of_a_person_is_left_alone_and_told() -> None:
    host, base = host_with("own")
    host.write(f"{FOLDER}/override.conf", "[Service]\nNice=5\n")
    host.write("/usr/lib/systemd/system/service.d/x.conf", "[Service]\nNice=6\n")
    wanted = host.declare(units={"a.service": base})
    host.run(wanted)
    assert host.running["a.service"].values("Service", "Nice") == ("5", "6"), "systemd reads it, and the process has it"
    assert f"{FOLDER}/override.conf" in host.files
    assert warnings_of(wanted, host.observe(wanted), Plan(())) == [
        f"a.service has drop-ins that no stack has made: {FOLDER}/override.conf."
    ]
    seen = host.observe(wanted)
    of_another_stack = {name: tuple(replace(each, stack="groups") for each in found) for name, found in seen.foreign.items()}
    assert warnings_of(wanted, replace(seen, foreign=of_another_stack), Plan(())) == []


@pytest.mark.parametrize(
    ("path", "is_told"),
    [
        ("/etc/systemd/system/a-b.service.d/x.conf", True),
        ("/run/systemd/system/a-b.service.d/x.conf", True),
        ("/usr/lib/systemd/system/a-b.service.d/x.conf", True),  # of a package, whose unit the stack has hidden
        ("/usr/lib/systemd/system/a-.service.d/x.conf", True),
        ("/etc/systemd/system/service.d/x.conf", False),  # a policy of the host
    ],
)
def test_drop_ins_of_the_unit_are_told_wherever_they_lie(path: str, is_told: bool) -> None:
    host = Host()
    host.write(path, "[Service]\nNice=5\n")
    wanted = host.declare(units={"a-b.service": unit()})
    host.run(wanted)
    told = [f"a-b.service has drop-ins that no stack has made: {path}."] if is_told else []
    assert warnings_of(wanted, host.observe(wanted), Plan(())) == told


def test_drop_in_of_the_last_name_bears_the_stamp_that_the_process_carries() -> None:
    host, base = host_with("foreign")
    dropins = {"b": {"Service": {"Nice": 5}}, "a": LIMITS}
    wanted = host.declare(units={"a.service": {**base, "dropins": dropins}})
    host.run(wanted)
    (own,) = wanted.units
    assert host.unit("a.service").stamp == own.stamps.restart
    bearers = [path for path, state in host.files.items() if stamp.NAME.encode() in (state.content or b"")]
    assert bearers == [f"{FOLDER}/b.conf"]


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", ".conf"])
def test_name_of_a_drop_in_that_cannot_be(name: str) -> None:
    found = problem_of(units={"a.service": unit(dropins={name: LIMITS})})
    assert found.place == "units.a.service.dropins"
    assert repr(name) in found.problem


@pytest.mark.parametrize(
    ("dropin", "place", "problem"),
    [
        pytest.param({"Sercice": {}}, "units.a.service.dropins.x.Sercice", "no section [Sercice]", id="section"),
        pytest.param("[Service\n", "units.a.service.dropins.x, line 1", "malformed section header", id="syntax"),
        pytest.param({"Service": {"Nice": {"a": 1}}}, "units.a.service.dropins.x.Service.Nice", "no meaning", id="value"),
        pytest.param({"content": {"a": 1}}, "units.a.service.dropins", "", id="no text"),
    ],
)
def test_mistake_in_a_drop_in(dropin: Any, place: str, problem: str) -> None:
    found = problem_of(units={"a.service": unit(dropins={"x": dropin})})
    assert found.place == place
    assert problem in found.problem
