# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every stack on every host: one run leads there, a second does nothing, an interruption does no harm."""

from __future__ import annotations

from typing import Any

from ansible_collections.daemonic.systemd.plugins.module_utils._desired import stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import UNITS, script, unit
from ..simulated_host import Host, check_converged, short

PROPERTY = settings(
    max_examples=examples(60),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def some_daemon() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.fixed_dictionaries(
        {"script": st.sampled_from([script("1\n"), script("2\n")])},
        optional={
            "description": st.sampled_from(["one", "two"]),
            "environment": st.sampled_from([{"A": "1"}, {"A": "2"}]),
            "credentials": st.sampled_from([{"token": "1"}, {"token": "2"}, {"token": "2", "key": "1"}]),
            "wanted_by": st.sampled_from(["multi-user.target", "graphical.target", []]),
            "state": st.sampled_from(["started", "stopped", "unmanaged"]),
            "on_change": st.sampled_from(["auto", "restart", "stop-start"]),
        },
    )
    socket = st.fixed_dictionaries(
        {"socket": st.sampled_from([{"ListenStream": 9000}, {"ListenStream": 9001}])},
        optional={"activation": st.sampled_from(["lazy", "eager"])},
    )
    return st.builds(lambda one, other: {**one, **other}, plain, st.one_of(st.just({}), socket))


DROP_INS = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.sampled_from(
        [{"Service": {"Nice": 5}}, {"Service": {"ExecStart": ["", "/bin/other"]}}, {"Unit": {"Description": "dropped in"}}]
    ),
)
READER = st.builds(
    lambda base, dropins: {"masked": False, **base, **({"dropins": dropins} if dropins else {})},
    st.sampled_from(
        [
            unit(Service={"EnvironmentFile": "-/etc/demo/a.env"}),
            unit(Unit={"Description": "Reader"}),
            unit(state="stopped"),
            unit(masked=True),
            unit(Unit={"Wants": "helper.service"}),
        ]
    ),
    DROP_INS,
)
KINDS: dict[str, list[dict[str, Any]]] = {
    "t.target": [
        {"Unit": {"Wants": wants}, "Install": {"WantedBy": "multi-user.target"}} for wants in ("helper.service", "a.service")
    ],
    "job.timer": [{"Timer": {"OnCalendar": when}, "Install": {"WantedBy": "timers.target"}} for when in ("daily", "hourly")],
    "srv.mount": [
        {"Mount": {"What": "tmpfs", "Where": "/srv", "Options": options}, "state": "started"} for options in ("ro", "rw")
    ],
    "w@.service": [unit(instances=count, Service={"Nice": nice}) for count in (0, 1, 3) for nice in (1, 2)],
    "once.service": [
        {"Service": {"Type": "oneshot", "ExecStart": f"/bin/{name}"}, "state": "started"} for name in ("one", "other")
    ],
    "stranger.service": [
        {"masked": False, "dropins": {"x": {"Service": {"Nice": 1}}}, "state": "started"},
        {"masked": False, "enabled": True},
        {"masked": False, "enabled": False, "state": "stopped"},
        {"masked": True},
    ],
    "helper.service": [unit(), unit(Service={"Nice": 1})],
}
NOTIFYING = [{"content": text, "notify": {"unit": "noticing.service", "action": "reload"}} for text in ("1\n", "2\n")]
STACKS = st.fixed_dictionaries(
    {},
    optional={
        "daemons": st.dictionaries(st.sampled_from(["a", "b"]), some_daemon(), max_size=2),
        "units": st.fixed_dictionaries(
            {}, optional={"reader.service": READER, **{name: st.sampled_from(entries) for name, entries in KINDS.items()}}
        ),
        "files": st.fixed_dictionaries(
            {}, optional={"/etc/demo/a.env": st.sampled_from(["A=1\n", "A=2\n"]), "/etc/n.conf": st.sampled_from(NOTIFYING)}
        ),
        "users": st.dictionaries(st.sampled_from(["one", "other"]), st.sampled_from([None, {"description": "x"}])),
    },
)


def a_host() -> Host:
    """A host with units of others."""
    host = Host()
    host.install("stranger.service", "[Service]\nExecStart=/bin/s\n[Install]\nWantedBy=multi-user.target\n")
    host.install("noticing.service", "[Service]\nExecStart=/bin/n\nExecReload=/bin/true\n")
    host.start("noticing.service")
    return host


def run(host: Host, params: dict[str, Any]) -> None:
    """It leads there, and a second run does nothing."""
    wanted = host.declare(**params)
    host.run(wanted)
    check_converged(host, wanted)
    assert host.plan(wanted) == Plan(())


def connect(host: Host) -> None:
    """A client for each socket that listens."""
    for name in sorted(host.up()):
        service = name.replace(".socket", ".service")
        if name.endswith(".socket") and host.definition(service):
            host.start(service)


@PROPERTY
@given(STACKS)
def test_any_stack_is_complete_after_one_run(params: dict[str, Any]) -> None:
    run(a_host(), params)


@PROPERTY
@given(STACKS, STACKS)
def test_any_stack_becomes_any_other_in_one_run(one: dict[str, Any], other: dict[str, Any]) -> None:
    host = a_host()
    run(host, one)
    connect(host)
    run(host, other)


@PROPERTY
@given(some_daemon(), some_daemon())
def test_any_daemon_becomes_any_other_in_one_run(one: dict[str, Any], other: dict[str, Any]) -> None:
    host = Host()
    run(host, {"daemons": {"a": one}})
    connect(host)
    run(host, {"daemons": {"a": other}})


@PROPERTY
@given(STACKS, STACKS, STACKS, st.integers(0, 30))
def test_interrupted_anywhere_any_stack_becomes_any_other(
    one: dict[str, Any], other: dict[str, Any], last: dict[str, Any], killed_after: int
) -> None:
    host = a_host()
    run(host, one)
    connect(host)
    host.run(host.declare(**other), killed_after)
    run(host, last)


@PROPERTY
@given(STACKS, STACKS, st.lists(st.integers(0, 30), min_size=2, max_size=3))
def test_interrupted_again_and_again(one: dict[str, Any], other: dict[str, Any], kills: list[int]) -> None:
    host = a_host()
    run(host, one)
    for killed_after in kills:
        host.run(host.declare(**other), killed_after)
    run(host, other)


@PROPERTY
@given(some_daemon(), some_daemon(), some_daemon(), st.integers(0, 12))
def test_interrupted_anywhere_any_daemon_becomes_any_other(
    one: dict[str, Any], other: dict[str, Any], last: dict[str, Any], killed_after: int
) -> None:
    host = Host()
    run(host, {"daemons": {"a": one}})
    connect(host)
    host.run(host.declare(daemons={"a": other}), killed_after)
    run(host, {"daemons": {"a": last}})


@PROPERTY
@given(STACKS, STACKS)
def test_interrupted_after_each_step_it_ends_as_if_it_had_not_been(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same files, the same record but for times, the same units up, with the same definitions."""
    start = a_host()
    run(start, one)
    connect(start)
    wanted, whole = start.declare(**other), start.copy()
    whole.run(wanted)
    for killed_after in range(0, len(start.plan(wanted).actions), 3):
        host = start.copy()
        host.run(wanted, killed_after)
        host.run(wanted)
        assert host.tree() == whole.tree(), killed_after
        assert host.up() == whole.up(), killed_after
        assert host.running == whole.running, killed_after
        assert host.manifest is not None
        assert whole.manifest is not None
        for field in ("files", "links", "originals", "owned"):
            assert getattr(host.manifest, field) == getattr(whole.manifest, field), killed_after
        assert sorted(host.manifest.directories) == sorted(whole.manifest.directories)


@PROPERTY
@given(STACKS, st.integers(0, 30))
def test_interrupted_anywhere_the_first_run_can_be_taken_back(params: dict[str, Any], killed_after: int) -> None:
    host = a_host()
    before = host.tree()
    host.run(host.declare(**params), killed_after)
    host.remove()
    assert host.tree() == before


@PROPERTY
@given(STACKS, STACKS, st.integers(0, 30))
def test_interrupted_anywhere_a_removal_can_be_completed(one: dict[str, Any], other: dict[str, Any], killed_after: int) -> None:
    host = a_host()
    before = host.tree()
    run(host, one)
    run(host, other)
    host.remove(killed_after)
    host.remove()
    assert host.tree() == before
    assert host.up() <= {"stranger.service", "noticing.service"}


def as_it_is(host: Host) -> Any:
    """All that must be put back: what lies on the disk, what runs, and with what."""
    running = {name: stamp.meaning(host.running[name]) for name in sorted(host.up())}
    return host.tree(), running, {name: host.unit(name).stamp for name in running}


@PROPERTY
@given(STACKS, STACKS, st.integers(0, 40))
def test_broken_anywhere_all_is_put_back(one: dict[str, Any], other: dict[str, Any], broken_after: int) -> None:
    """And the stack that was there before has nothing to do."""
    host = a_host()
    run(host, one)
    connect(host)
    before = as_it_is(host)
    intended = host.run(host.declare(**other), broken_after=broken_after)
    if intended.actions and as_it_is(host) != before:
        check_converged(host, host.declare(**other))  # it has come to its end
        return
    assert as_it_is(host) == before
    assert host.plan(host.declare(**one)) == Plan(())


@PROPERTY
@given(STACKS, STACKS, STACKS, st.lists(st.integers(0, 30), min_size=1, max_size=3), st.integers(0, 40))
def test_interrupted_and_then_broken_the_last_proven_state_comes_back(
    one: dict[str, Any], other: dict[str, Any], last: dict[str, Any], kills: list[int], broken_after: int
) -> None:
    """What the runs that were cut off have left is not "before": no run has seen it healthy."""
    host = a_host()
    run(host, one)
    before = as_it_is(host)
    for killed_after in kills:
        host.run(host.declare(**other), killed_after)
        if host.was_proven or not host.was_killed:
            return
    host.run(host.declare(**last), broken_after=broken_after)
    assert host.lost == []
    if host.was_broken:
        assert as_it_is(host) == before
        assert host.plan(host.declare(**one)) == Plan(())


@PROPERTY
@given(STACKS, st.integers(0, 40))
def test_first_deployment_that_breaks_leaves_nothing(one: dict[str, Any], broken_after: int) -> None:
    host = a_host()
    before = as_it_is(host)
    host.run(host.declare(**one), broken_after=broken_after)
    if host.manifest is None:
        assert as_it_is(host) == before
    else:
        check_converged(host, host.declare(**one))


@PROPERTY
@given(STACKS, st.integers(0, 40))
def test_removal_that_breaks_leaves_all(one: dict[str, Any], broken_after: int) -> None:
    host = a_host()
    run(host, one)
    connect(host)
    before = as_it_is(host)
    host.remove(broken_after=broken_after)
    assert host.manifest is None or as_it_is(host) == before


@PROPERTY
@given(STACKS, STACKS)
def test_order_of_actions(one: dict[str, Any], other: dict[str, Any]) -> None:
    """At most one daemon-reload, after the files and before the first start; what goes is stopped before all."""
    host = a_host()
    host.run(host.declare(**one))
    wanted = host.declare(**other)
    plan = host.plan(wanted)
    assert plan.actions == (*plan.ahead, *plan.first, *plan.last)
    assert {type(action) for action in plan.ahead} <= {act.MakeDirectory, act.WriteFile, act.CreateAccounts}
    kinds = [type(action) for action in plan.first]
    assert kinds.count(act.DaemonReload) <= 1
    files = [i for i, kind in enumerate(kinds) if kind not in (*act.UNIT_ACTIONS, *act.LAST_ACTIONS, act.DaemonReload)]
    starts = [index for index, kind in enumerate(kinds) if kind in (act.Start, act.Restart, act.Reload)]
    if act.DaemonReload in kinds:
        reload = kinds.index(act.DaemonReload)
        assert max(files, default=-1) < reload < min(starts, default=len(kinds))
    assert set(kinds[: min(files)] if files else []) <= {act.Stop}
    declared = {each.name for each in wanted.units}
    for index, action in enumerate(plan.actions):
        if isinstance(action, act.Stop) and action.target not in declared:
            assert index < len(plan.ahead) + min(files)
    assert all(action.reason for action in plan.actions)


@PROPERTY
@given(STACKS, STACKS)
def test_no_path_and_no_unit_is_touched_twice(one: dict[str, Any], other: dict[str, Any]) -> None:
    host = a_host()
    host.run(host.declare(**one))
    done = [(action.verb, action.target) for action in host.plan(host.declare(**other)).actions]
    done = [each for each in done if each[0] != "stop"]  # what was stopped may be pulled in again, and is stopped again
    assert len(done) == len(set(done))
    changed = [target for verb, target in done if verb in ("write", "link", "remove", "restore", "set_attributes")]
    assert len(changed) == len(set(changed))


@PROPERTY
@given(STACKS, STACKS)
def test_only_what_was_declared_is_touched(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Files of others stay as they are, and so do their units."""
    host = a_host()
    host.write("/etc/demo/mine", "mine")
    host.write(f"{UNITS}/mine.service", "[Service]\nExecStart=/bin/mine\n")
    host.link(f"{UNITS}/multi-user.target.wants/mine.service", f"{UNITS}/mine.service")
    host.reload()
    host.start("mine.service")
    mine = {path: state for path, state in host.files.items() if path.startswith("/usr/lib") or "mine" in path}
    started = host.unit("mine.service").invocation
    for params in (one, other):
        host.run(host.declare(**params))
    host.remove()
    assert {path: host.files.get(path) for path in mine} == mine
    assert host.links == {f"{UNITS}/multi-user.target.wants/mine.service": f"{UNITS}/mine.service"}
    assert host.unit("mine.service").invocation == started
    assert host.is_up("noticing.service")


@PROPERTY
@given(STACKS, STACKS)
def test_plan_is_deterministic(one: dict[str, Any], other: dict[str, Any]) -> None:
    host = a_host()
    host.run(host.declare(**one))
    again = host.copy()
    assert host.plan(host.declare(**other)) == again.plan(again.declare(**other))
    assert host.tree() == again.tree(), "to plan is to touch nothing"


@PROPERTY
@given(STACKS, STACKS, st.randoms(use_true_random=False))
def test_order_of_entries_does_not_matter(one: dict[str, Any], other: dict[str, Any], random: Any) -> None:
    def shuffled(entries: dict[str, Any]) -> dict[str, Any]:
        return dict(random.sample(sorted(entries.items()), len(entries)))

    host = a_host()
    host.run(host.declare(**one))
    again = host.declare(**shuffled({option: shuffled(entries) for option, entries in other.items()}))
    assert again == host.declare(**other)
    assert host.plan(again) == host.plan(host.declare(**other))


@PROPERTY
@given(STACKS)
def test_lost_record_is_no_reason_to_touch_anything_but_links_and_oneshots(params: dict[str, Any]) -> None:
    """The same host without a record: all files are as declared, all processes carry their stamps."""
    host = a_host()
    run(host, params)
    host.forget()
    plan = host.run(host.declare(**params))
    assert [target for _verb, target in short(plan) if target not in ("once.service", "noticing.service")] == []
