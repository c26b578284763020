# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every stack on every host: one run leads there, a second does nothing, an interruption does no harm."""

from __future__ import annotations

from typing import Any

from ansible_collections.daemonic.systemd.plugins.module_utils._stack import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.plan import Plan
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .builders import desired, script, unit
from .simulated_host import Host, check_converged, deployed

PROPERTY = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def some_daemon() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.fixed_dictionaries(
        {"script": st.sampled_from([script("1\n"), script("2\n")])},
        optional={
            "description": st.sampled_from(["one", "two"]),
            "environment": st.sampled_from([{"A": "1"}, {"A": "2"}]),
            "wanted_by": st.sampled_from(["multi-user.target", "t.target", []]),
            "state": st.sampled_from(["started", "stopped"]),
        },
    )
    socket = st.fixed_dictionaries(
        {"socket": st.sampled_from([{"ListenStream": 9000}, {"ListenStream": 9001}])},
        optional={"activation": st.sampled_from(["lazy", "eager"])},
    )
    return st.builds(lambda one, other: {**one, **other}, plain, st.one_of(st.just({}), socket))


STACKS = st.fixed_dictionaries(
    {},
    optional={
        "daemons": st.dictionaries(st.sampled_from(["a", "b"]), some_daemon()),
        "units": st.fixed_dictionaries(
            {},
            optional={
                "reader.service": st.sampled_from(
                    [
                        unit(Service={"EnvironmentFile": "/etc/demo/a.env"}),
                        unit(Unit={"Description": "Reader"}),
                        unit(state="stopped"),
                    ]
                ),
                "t.target": st.sampled_from([{"Unit": {"Description": "T"}, "Install": {"WantedBy": "multi-user.target"}}]),
                "job.timer": st.sampled_from(
                    [{"Timer": {"OnCalendar": when}, "Install": {"WantedBy": "timers.target"}} for when in ("daily", "hourly")]
                ),
            },
        ),
        "files": st.fixed_dictionaries({}, optional={"/etc/demo/a.env": st.sampled_from(["A=1\n", "A=2\n"])}),
    },
)


@PROPERTY
@given(STACKS)
def test_any_stack_is_complete_after_one_run(params: dict[str, Any]) -> None:
    host, wanted = Host(), desired(**params)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


def connect(host: Host) -> None:
    """A client for each socket that listens."""
    for name in sorted(host.states):
        service = name.replace(".socket", ".service")
        if name.endswith(".socket") and host.is_up(name) and host.definition(service):
            host.start(service)


@PROPERTY
@given(STACKS, STACKS)
def test_any_stack_becomes_any_other_in_one_run(one: dict[str, Any], other: dict[str, Any]) -> None:
    host, wanted = deployed(**one), desired(**other)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@PROPERTY
@given(some_daemon(), some_daemon())
def test_any_daemon_becomes_any_other_in_one_run(one: dict[str, Any], other: dict[str, Any]) -> None:
    host, wanted = deployed(daemons={"a": one}), desired(daemons={"a": other})
    connect(host)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@PROPERTY
@given(STACKS, STACKS, STACKS, st.integers(0, 30))
def test_interrupted_anywhere_any_stack_becomes_any_other(
    one: dict[str, Any], other: dict[str, Any], last: dict[str, Any], killed_after: int
) -> None:
    host, wanted = deployed(**one), desired(**last)
    host.run(desired(**other), killed_after)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@PROPERTY
@given(some_daemon(), some_daemon(), some_daemon(), st.integers(0, 12))
def test_interrupted_anywhere_any_daemon_becomes_any_other(
    one: dict[str, Any], other: dict[str, Any], last: dict[str, Any], killed_after: int
) -> None:
    host, wanted = deployed(daemons={"a": one}), desired(daemons={"a": last})
    connect(host)
    host.run(desired(daemons={"a": other}), killed_after)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


@PROPERTY
@given(STACKS, st.integers(0, 30))
def test_interrupted_anywhere_the_first_run_can_be_taken_back(params: dict[str, Any], killed_after: int) -> None:
    host = Host()
    empty = host.tree()
    host.run(desired(**params), killed_after)
    host.remove()
    assert host.tree() == empty


@PROPERTY
@given(STACKS, STACKS)
def test_order_of_actions(one: dict[str, Any], other: dict[str, Any]) -> None:
    """At most one daemon-reload, after the files and before the first start; what goes is stopped before all."""
    plan = deployed(**one).plan(desired(**other))
    kinds = [type(action) for action in plan.actions]
    assert kinds.count(act.DaemonReload) <= 1
    files = [index for index, kind in enumerate(kinds) if kind not in (*act.UNIT_ACTIONS, act.DaemonReload)]
    starts = [index for index, kind in enumerate(kinds) if kind in (act.Start, act.Restart)]
    if act.DaemonReload in kinds:
        reload = kinds.index(act.DaemonReload)
        assert max(files, default=-1) < reload < min(starts, default=len(kinds))
    before_files = kinds[: min(files)] if files else []
    assert set(before_files) <= {act.Stop}
    declared = {each.name for each in desired(**other).units}
    for index, action in enumerate(plan.actions):
        if isinstance(action, act.Stop) and action.target not in declared:
            assert index < min(files)


@PROPERTY
@given(STACKS, STACKS, st.randoms(use_true_random=False))
def test_order_of_entries_does_not_matter(one: dict[str, Any], other: dict[str, Any], random: Any) -> None:
    def shuffled(entries: dict[str, Any]) -> dict[str, Any]:
        return dict(random.sample(sorted(entries.items()), len(entries)))

    host = deployed(**one)
    again = desired(**shuffled({option: shuffled(entries) for option, entries in other.items()}))
    assert again == desired(**other)
    assert host.plan(again) == host.plan(desired(**other))
