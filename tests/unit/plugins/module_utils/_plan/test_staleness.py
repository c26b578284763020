# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a restart would apply counts, whoever has changed it: each process runs that, or is listed."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import staleness
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Foreign, Given, UnitState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.unit_changes import is_stale
from ansible_collections.daemonic.systemd.plugins.module_utils._result.report import warnings_of
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import UNITS, daemon, desired, script, unit
from ..simulated_host import SECOND, Disc, Host, deployed, reasons, unit_jobs

RESTART = [("reset_failed", "web-a.service"), ("restart", "web-a.service")]
SERVICE = {"User": "www-data", "EnvironmentFile": ["-/etc/default/web", "-/etc/secret.env"], "LimitNOFILE": 65536}
WEB = {"units": {"web-a.service": unit(Service={"ExecStart": "/bin/web", "ExecReload": "/bin/true", **SERVICE})}}
OVERRIDE = "[Service]\nLimitNOFILE=1024\n"
FOLDER = f"{UNITS}/web-a.service.d"


def web(**more: Any) -> Host:
    host = Host()
    host.write("/etc/default/web", "A=1\n")
    host.run(host.declare(**WEB, **more))
    host.clock += SECOND
    return host


# What a restart would apply


CHANGES: list[Any] = [
    pytest.param(lambda host: host.accounts.join("www-data", "media"), "the groups of its user www-data changed", id="groups"),
    pytest.param(lambda host: host.write("/etc/default/web", "A=2\n"), "/etc/default/web changed", id="environment file"),
    pytest.param(lambda host: host.files.pop("/etc/default/web"), "/etc/default/web changed", id="an optional one is gone"),
    pytest.param(lambda host: host.write("/etc/secret.env", "A=2\n", mode=0o600), "/etc/secret.env changed", id="a secret one"),
    *(
        pytest.param(lambda host, path=path: host.write(path, OVERRIDE), f"the drop-in {path} that no stack has made", id=path)
        for path in (
            f"{FOLDER}/x.conf",
            f"{UNITS}/web-.service.d/x.conf",
            f"{UNITS}/service.d/x.conf",
            "/run/systemd/system/web-a.service.d/x.conf",
            "/usr/lib/systemd/system/service.d/x.conf",
        )
    ),
]


@pytest.mark.parametrize(("change", "why"), CHANGES)
@pytest.mark.parametrize("on_record", [True, False])
def test_what_somebody_else_changes_is_applied_with_the_reason(change: Callable[[Host], Any], why: str, on_record: bool) -> None:
    """Whether the start is on record, or systemd has started it again since."""
    host = web()
    if not on_record:
        host.crash("web-a.service")
    change(host)
    wanted = host.declare(**WEB)
    if not on_record and why.startswith("/etc/default/web") and "/etc/default/web" not in host.files:
        return  # what is not there has no time
    plan = host.run(wanted)
    assert unit_jobs(plan) == RESTART
    assert why in reasons(plan, "restart")[0]
    assert host.applied["web-a.service"] == host.would_apply("web-a.service", Disc(host.files, host.links))
    assert host.plan(wanted) == Plan(())


@pytest.mark.parametrize(("change", "why"), CHANGES)
def test_what_is_kept_is_listed_until_it_is_restarted(change: Callable[[Host], Any], why: str) -> None:
    host = web()
    entry = {**WEB["units"]["web-a.service"], "on_change": "keep"}
    host.run(host.declare(units={"web-a.service": entry}))
    change(host)
    for _again in range(2):
        wanted = host.declare(units={"web-a.service": entry})
        plan = host.run(wanted)
        assert unit_jobs(plan) == []
        assert [(name, why in reason) for name, reason in plan.restart_pending] == [("web-a.service", True)]
        assert is_stale(wanted.units[0], wanted, host.observe(wanted))
    host.restart("web-a.service")
    assert host.run(wanted).restart_pending == ()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda host: host.write("/etc/default/web", "A=1\n"), id="the same content again"),
        pytest.param(lambda host: host.write("/etc/default/web", "A=1\n", owner="www-data"), id="another owner"),
        pytest.param(lambda host: host.accounts.join("other", "media"), id="the groups of somebody else"),
        pytest.param(lambda host: host.write(f"{UNITS}/other.service.d/x.conf", OVERRIDE), id="of another unit"),
        pytest.param(lambda host: host.write(f"{FOLDER}/x.txt", OVERRIDE), id="no drop-in"),
    ],
)
def test_what_changes_nothing_for_the_process_restarts_nothing(change: Callable[[Host], Any]) -> None:
    host = web()
    change(host)
    assert host.plan(host.declare(**WEB)) == Plan(())


def test_new_folder_of_drop_ins_is_read_though_systemd_does_not_tell_of_it() -> None:
    """What a daemon-reload alone applies needs no restart."""
    host = web()
    host.write(f"{FOLDER}/x.conf", "[Service]\nRestart=no\n")
    plan = host.run(host.declare(**WEB))
    assert [action.verb for action in plan.actions] == ["daemon_reload"]
    assert f"{FOLDER}/x.conf" in plan.actions[0].reason
    assert host.plan(host.declare(**WEB)) == Plan(())


@pytest.mark.parametrize("is_loaded", [True, False])
@pytest.mark.parametrize("on_record", [True, False])
def test_process_does_not_keep_what_a_removed_drop_in_gave_it(is_loaded: bool, on_record: bool) -> None:
    """Public report: a value of a person's drop-in lived on after the drop-in was removed, and the task said ok."""
    host = web()
    host.write(f"{FOLDER}/x.conf", OVERRIDE)
    host.reload()
    host.restart("web-a.service")
    if on_record:
        host.run(host.declare(**WEB))
    del host.files[f"{FOLDER}/x.conf"]
    if is_loaded:
        host.reload()
    if is_loaded and not on_record:
        return  # only the process itself tells: test_traits
    assert unit_jobs(host.run(host.declare(**WEB))) == RESTART
    assert host.running["web-a.service"].values("Service", "LimitNOFILE") == ("65536",)
    assert host.plan(host.declare(**WEB)) == Plan(())


def test_unit_is_not_restarted_into_a_failure_for_a_file_that_is_gone() -> None:
    host = Host()
    host.write("/etc/default/web", "A=1\n")
    entry = {"units": {"web-a.service": unit(Service={"ExecStart": "/bin/web", "EnvironmentFile": "/etc/default/web"})}}
    host.run(host.declare(**entry))
    del host.files["/etc/default/web"]
    plan = host.run(host.declare(**entry))
    assert unit_jobs(plan) == []
    assert plan.restart_pending == (("web-a.service", "it could not be started again without /etc/default/web"),)


def test_groups_of_a_user_of_the_stack_grow() -> None:
    """Also where the group is about to be made by the same run."""
    host = Host()
    entry = {"gal": daemon(user="gal")}
    host.run(host.declare(daemons=entry, users={"gal": {}}))
    wanted = host.declare(daemons=entry, users={"gal": {"groups": ["pictures"]}})
    assert unit_jobs(host.run(wanted)) == [("reset_failed", "gal.service"), ("restart", "gal.service")]
    assert host.unit("gal.service").given.groups == host.accounts.identity("gal", "", ())[1]  # type: ignore[union-attr]
    assert host.plan(wanted) == Plan(())


def test_environment_file_that_a_start_itself_writes_restarts_nothing() -> None:
    host = Host()
    host.run(host.declare(**WEB))
    wanted = host.declare(**WEB)
    host.crash("web-a.service")
    host.write("/etc/default/web", "STARTED=1\n")  # as an ExecStartPost= does
    host.run(wanted)
    assert host.plan(wanted) == Plan(())


# Several stacks


def test_drop_in_of_another_stack_restarts_its_unit_once() -> None:
    host = web()
    other = desired(name="other", units={"web-a.service": {"dropins": {"more": {"Service": {"Nice": 5}}}, "state": "started"}})
    host.run(other)
    assert host.running["web-a.service"].values("Service", "Nice") == ("5",)
    assert host.plan(host.declare(**WEB)) == Plan(())
    host.run(host.declare(**WEB))
    assert host.plan(host.declare(**WEB)) == Plan(())
    assert host.plan(other) == Plan(())


def test_file_of_another_stack_that_two_units_name_restarts_both() -> None:
    host = Host()
    host.run(desired(name="settings", files={"/etc/web.conf": "1\n"}))
    stacks = [
        desired(name=name, units={f"{name}.service": unit(Service={"ExecStart": "/bin/web --config=/etc/web.conf"})})
        for name in ("one", "two")
    ]
    for each in stacks:
        host.run(each)
        assert host.plan(each) == Plan(())
    host.clock += SECOND
    host.run(desired(name="settings", files={"/etc/web.conf": "2\n"}))
    for each in stacks:
        plan = host.run(each)
        assert reasons(plan, "restart") == ["/etc/web.conf of the stack settings changed"]
        assert host.plan(each) == Plan(())


# on_change: reload


def reloading(text: str = "1\n", **service: Any) -> dict[str, Any]:
    service = {"ExecStart": "/bin/web --config=/etc/a.conf", "ExecReload": "/bin/true", **service}
    return {
        "units": {"web-a.service": unit(on_change="reload", Service=service)},
        "files": {"/etc/a.conf": text, "/etc/a.env": text, "/bin/web": text},
    }


@pytest.mark.parametrize(
    ("before", "after", "does"),
    [
        pytest.param(reloading(), reloading("2\n", ExecStart="/usr/bin/web --config=/etc/a.conf"), "restart", id="ExecStart="),
        pytest.param(
            reloading(ExecStart="/usr/bin/web --config=/etc/a.conf"),
            reloading("2\n", ExecStart="/usr/bin/web --config=/etc/a.conf"),
            "reload",
            id="a file that the daemon reads again",
        ),
        pytest.param(reloading(), reloading("2\n"), "restart", id="the program itself"),
        pytest.param(
            reloading(ExecStart="/usr/bin/web", EnvironmentFile="/etc/a.env"),
            reloading("2\n", ExecStart="/usr/bin/web", EnvironmentFile="/etc/a.env"),
            "restart",
            id="an environment file",
        ),
        pytest.param(reloading(), reloading(User="www-data"), "restart", id="User="),
        pytest.param(
            reloading(ExecStart="/usr/bin/python3 /bin/web"),
            reloading("2\n", ExecStart="/usr/bin/python3 /bin/web"),
            "restart",
            id="a script",
        ),
    ],
)
def test_reload_is_done_where_it_brings_the_change(before: dict[str, Any], after: dict[str, Any], does: str) -> None:
    host = Host()
    host.run(host.declare(**before))
    wanted = host.declare(**after)
    plan = host.run(wanted)
    assert [verb for verb, _target in unit_jobs(plan) if verb != "reset_failed"] == [does]
    if does == "restart":
        assert "which a reload cannot bring" in reasons(plan, "restart")[0]
    assert host.plan(wanted) == Plan(())
    assert host.plan(
        host.declare(**{**after, "units": {"web-a.service": {**after["units"]["web-a.service"], "on_change": "auto"}}})
    ) == Plan(())


def test_what_an_older_release_has_only_reloaded_is_restarted() -> None:
    """Public report: six versions by reload, and the first one served on."""
    host = deployed(daemons={"a": daemon(on_change="reload", service={"ExecReload": "/bin/true"})})
    record = host.disk.records[host.scope.manifest_path("demo")]["units"]["a.service"]
    newer = {"daemons": {"a": daemon(script=script("2\n"), service={"ExecReload": "/bin/true"})}}
    wanted = host.declare(**newer)
    invocation, stamps = host.unit("a.service"), host.unit("a.service").stamps
    host.run(wanted)
    host.change("a.service", invocation=invocation.invocation, stamp=stamps[0])
    host.disk.records[host.scope.manifest_path("demo")]["units"]["a.service"] = {
        **{key: text for key, text in record.items() if key not in ("start", "foreign")},
        "stamp": wanted.units[0].stamps.restart,
    }
    assert [verb for verb, _target in unit_jobs(host.plan(wanted))] == ["reset_failed", "restart"]


# What a process shows of itself


def given_now(**variables: str) -> Given:
    return Given(33, frozenset({33}), {"limits": "65536", "command": "c"}, {"PATH": "/bin", "A": "1", **variables})


@pytest.mark.parametrize(
    ("now", "cause"),
    [
        pytest.param(given_now(), "", id="the same"),
        pytest.param(given_now(INVOCATION_ID="2", LISTEN_PID="7", NOTIFY_SOCKET="x"), "", id="what differs at each start"),
        pytest.param(given_now(A="2"), "variable A", id="another value of what is declared"),
        pytest.param(given_now(DEBUG="1"), "variable DEBUG", id="one more variable"),
        pytest.param(given_now(PATH="/other"), "", id="another value of what is not declared"),
        pytest.param(replace(given_now(), traits={"limits": "1024", "command": "c"}), "limits", id="limits"),
        pytest.param(replace(given_now(), traits={"limits": "65536", "command": ""}), "", id="a program that has renamed itself"),
        pytest.param(replace(given_now(), variables={}), "", id="an environment that was wiped"),
        pytest.param(None, "", id="nothing can be seen"),
    ],
)
def test_traits(now: Given | None, cause: str) -> None:
    """Started again by a person with a drop-in that has gone since: the process alone can tell."""
    state = UnitState("a.service", active="active", invocation="2", stamp="s", given=now)
    last = {"invocation": "1", "stamp": "s", "foreign": {}, "traits": staleness.traits_of(given_now(), {"A": "1"})}
    found = staleness.causes_of(state, None, last, ())
    assert found.restart == ((f"it was started with what is gone by now (its {cause})",) if cause else ())
    on_record = {**last, "invocation": "2"}
    assert staleness.causes_of(state, on_record, on_record, ()) == staleness.Causes()


def test_digest_of_a_secret_that_must_not_be_made_leaves_it_to_the_clock() -> None:
    state = UnitState("a.service", active="active", started=5 * SECOND)
    each = Foreign(staleness.ENVIRONMENT, "/etc/s.env", staleness.BY_ITS_TIME, changed=SECOND, is_secret=True)
    record = {"stamp": "", "foreign": staleness.given_by([each])}
    assert staleness.causes_of(state, record, record, [each]).restart == ()
    later = replace(each, changed=6 * SECOND)
    assert staleness.causes_of(state, record, record, [later]).restart == ("/etc/s.env changed",)
    with_a_key = replace(each, restart="keyed")
    assert staleness.causes_of(state, record, record, [with_a_key]).restart == ()


# What a drop-in of somebody else overrides


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (f"{FOLDER}/x.conf", OVERRIDE, "LimitNOFILE=1024 against LimitNOFILE=65536"),
        (f"{UNITS}/service.d/x.conf", OVERRIDE, "LimitNOFILE=1024 against LimitNOFILE=65536"),
        (f"{FOLDER}/x.conf", "[Service]\nExecStart=\nExecStart=/bin/o\n", "ExecStart=/bin/o against ExecStart=/bin/web"),
        (f"{FOLDER}/x.conf", "[Service]\nEnvironment=B=2\nLimitNOFILE=65536\n", ""),
    ],
)
def test_what_is_overridden_is_warned_about_with_both_values(path: str, text: str, told: str) -> None:
    """Also one that lay there before the first deployment."""
    host = Host()
    host.write(path, text)
    host.reload()
    wanted = host.declare(**WEB)
    warnings = [each for each in warnings_of(wanted, host.observe(wanted), Plan(())) if "overrides" in each]
    assert warnings == ([f"web-a.service: the drop-in {path} overrides what is declared: {told}."] if told else [])


def test_variable_that_is_overridden_and_a_secret_value() -> None:
    host = Host()
    host.write(f"{FOLDER}/x.conf", "[Service]\nEnvironment=A=2\n")
    host.write(f"{FOLDER}/y.conf", "[Service]\nNice=7\n", mode=0o600)
    wanted = host.declare(units={"web-a.service": unit(Service={"ExecStart": "/bin/web", "Environment": "A=1", "Nice": 5})})
    found = "\n".join(warnings_of(wanted, host.observe(wanted), Plan(())))
    assert "Environment=A=2 against Environment=A=1" in found
    assert "Nice=(not shown) against Nice=5" in found


# The whole


def _write(path: str, *texts: str) -> st.SearchStrategy[Callable[[Host], Any]]:
    return st.sampled_from([lambda host, text=text: host.write(path, text) for text in texts])


def _remove(path: str) -> st.SearchStrategy[Callable[[Host], Any]]:
    return st.just(lambda host: host.files.pop(path, None))


DROP_INS = ["", OVERRIDE, "[Service]\nNice=5\n", "[Unit]\nDescription=x\n", "[Service]\nEnvironmentFile=-/etc/more.env\n"]
PLACES = [f"{FOLDER}/x.conf", f"{UNITS}/web-.service.d/x.conf", f"{UNITS}/service.d/y.conf", f"{UNITS}/web-a.service.d/z.conf"]
OTHERS = [{"Service": {"Nice": 1}}, {"Service": {"Nice": 2}}, {"Unit": {"Description": "B"}}]
EDITS = st.one_of(
    *(_write(path, *DROP_INS) for path in PLACES),
    *(_remove(path) for path in PLACES),
    *(_write(path, "A=1\n", "A=2\n") for path in ("/etc/default/web", "/etc/more.env")),
    *(_remove(path) for path in ("/etc/default/web", "/etc/more.env")),
    st.sampled_from([lambda host, group=group: host.accounts.join("www-data", group) for group in ("media", "root")]),
    st.sampled_from(
        [
            lambda host, dropin=dropin: host.run(
                desired(name="other", adopt=True, units={"web-a.service": {"dropins": {"b": dropin}}})
            )
            for dropin in OTHERS
        ]
    ),
    st.just(lambda host: host.run(host.nothing("other"))),
    st.sampled_from(["keep", "auto", "reload"]).map(lambda how: lambda host: host.run(host.declare(**_with(how)))),
)


def _with(on_change: str, nice: int = 0) -> dict[str, Any]:
    entry = WEB["units"]["web-a.service"]
    return {"units": {"web-a.service": {**entry, "on_change": on_change, "Service": {**entry["Service"], "Nice": nice}}}}


@settings(max_examples=examples(60), deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(EDITS, st.sampled_from(["", "reload", "restart"])), max_size=5),
    st.sampled_from(["auto", "keep", "reload"]),
)
def test_after_a_green_run_each_process_runs_what_a_restart_would_run_or_is_listed(
    edits: list[tuple[Callable[[Host], Any], str]], on_change: str
) -> None:
    """For any history of edits by persons, by other stacks and by us, with reloads and restarts by hand in between."""
    host = web()
    for edit, then in edits:
        edit(host)
        host.clock += SECOND
        if then:
            host.reload()
        if then == "restart":
            host.restart("web-a.service")
        host.run(host.declare(**_with("auto")))
        host.clock += SECOND
    for edit, _then in edits:
        edit(host)
    host.clock += SECOND
    wanted = host.declare(**_with(on_change, nice=len(edits)))
    plan = host.run(wanted)
    runs = host.applied["web-a.service"]
    would = host.would_apply("web-a.service", Disc(host.files, host.links))
    assert runs == would or [name for name, _reason in plan.restart_pending] == ["web-a.service"]
    again = host.plan(wanted)
    assert again.actions == ()
    assert [name for name, _reason in again.restart_pending] == [name for name, _reason in plan.restart_pending]
    assert is_stale(wanted.units[0], wanted, host.observe(wanted)) is bool(plan.restart_pending)
