# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from what has become of the hosts of a batch."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout import steps
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.report import report
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.settings import Settings
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.steps import Run

HOOKED = Settings(batches=("1", "2"), before="b.yml", after="a.yml", gate="g.yml", pause=1.5)
BARE = Settings(batches=("1", "2"))
UNIT = {"active_state": "active", "invocation_id": "a", "restarts": 0, "release": "f00d"}

NEW = {
    "changed": True,
    "proven": True,
    "actions": [{"action": "link", "target": "/opt/x/current"}],
    "rollback_state": "rolled_back",
    "units": {"x.service": UNIT},
}
FIRST = {**NEW, "rollback_state": "absent"}
MENDED = {**NEW, "rollback_state": None}
SAME = {"changed": False, "proven": True, "rollback_state": None, "units": {"x.service": UNIT}}
PUT_BACK = {
    "failed": True,
    "changed": False,
    "proven": True,
    "reverted": True,
    "msg": "x.service failed. Its last lines:\n boom",
}
BROKEN = {**PUT_BACK, "reverted": False, "proven": False}
AWAY = {"skipped": True}
BOTH = {"a": "rolled_back", "b": "rolled_back"}
WELL = {"load_state": "loaded", "active_state": "active", "sub_state": "running", "restarts": 0}


def host(result: dict[str, Any], **more: Any) -> dict[str, Any]:
    away = {"__daemons_python": {"unreachable": True, "msg": "no route"}} if result is AWAY else {}
    return {"__daemons_result": result, **away, **more}


def ended(run: Run, fleet: dict[str, dict[str, Any]], number: int = 2) -> dict[str, dict[str, Any]]:
    """The fleet after the step `end`."""
    judged = steps.after_transactions(run, fleet)
    asked = {name: {**known, "deploy_units": {"units": {"x.service": WELL}}, **known} for name, known in fleet.items()}
    end = steps.end(run, asked, judged, {"number": number})
    return {
        name: {**known, "deploy_judged": judged, "deploy_end": end, "deploy_batch": {"number": number}}
        for name, known in asked.items()
    }


def end_of(run: Run, **fleet: dict[str, Any]) -> dict[str, Any]:
    return next(iter(ended(run, fleet).values()))["deploy_end"]


def deploy(settings: Settings = BARE, **more: Any) -> Run:
    return Run("deploy", settings, **more)


def test_where_it_stands() -> None:
    begun = steps.begin(deploy(), ["a", "b", "c", "d"], ["b", "c"])
    assert begun["msg"] == "Batch 2 of 3: b, c. 1 of 4 hosts are done."
    assert begun["expected"] == 2


class TestAfterTheLook:
    def test_who_will_change_is_drained(self) -> None:
        looked = steps.after_look(deploy(HOOKED), {"a": host(NEW), "b": host(SAME)})
        assert (looked["stop"], looked["drain"], looked["skip"]) == (False, ["a"], [])

    @pytest.mark.parametrize(
        "bad",
        [
            pytest.param(host({"unreachable": True, "msg": "no"}), id="it cannot be reached"),
            pytest.param(host({"failed": True, "problems": [{}], "msg": "x"}), id="what is declared is refused"),
        ],
    )
    def test_of_a_batch_that_must_fail_no_host_is_drained_or_deployed(self, bad: dict[str, Any]) -> None:
        fleet = {"a": host(NEW), "b": bad}
        looked = steps.after_look(deploy(HOOKED), fleet)
        assert (looked["stop"], looked["drain"], looked["skip"]) == (True, [], ["a", "b"])
        judged = steps.after_transactions(
            deploy(HOOKED), {name: {**known, "deploy_looked": looked} for name, known in fleet.items()}
        )
        assert judged["outcomes"]["a"]["fate"] == "waiting"
        assert judged["in_service"] == ["a"]
        assert judged["outcomes"]["b"]["fate"] in ("away", "refused")

    def test_a_return_goes_on_with_the_others(self) -> None:
        looked = steps.after_look(Run("rollback", HOOKED), {"a": host(NEW), "b": host({"unreachable": True, "msg": "no"})})
        assert (looked["stop"], looked["drain"], looked["skip"]) == (False, ["a"], ["b"])


class TestAfterTheTransactions:
    def test_all_well(self) -> None:
        judged = steps.after_transactions(deploy(HOOKED), {"a": host(NEW), "b": host(SAME)})
        assert judged["in_service"] == ["a", "b"]
        assert judged["look_at"] == {"a": ["x.service"]}
        assert (judged["pause"], judged["gate"]) == (2, ["a", "b"])

    def test_nothing_changed(self) -> None:
        judged = steps.after_transactions(deploy(HOOKED), {"a": host(SAME)})
        assert (judged["in_service"], judged["look_at"], judged["pause"], judged["gate"]) == (["a"], {}, 0, ["a"])

    def test_of_a_failed_batch_what_goes_back_is_left_out_of_service(self) -> None:
        fleet = {"a": host(NEW), "b": host(PUT_BACK), "c": host(SAME), "d": host(BROKEN), "e": host(AWAY)}
        judged = steps.after_transactions(deploy(HOOKED), fleet)
        assert judged["in_service"] == ["b", "c"]
        assert (judged["look_at"], judged["pause"], judged["gate"]) == ({}, 0, [])

    def test_no_hooks(self) -> None:
        assert steps.after_transactions(deploy(), {"a": host(NEW)})["in_service"] == []

    def test_check_mode_has_no_hooks(self) -> None:
        judged = steps.after_transactions(deploy(HOOKED, only_looks=True), {"a": host(NEW)})
        assert (judged["in_service"], judged["look_at"], judged["gate"], judged["pause"]) == ([], {}, [], 0)

    def test_a_return_goes_on_beside_a_failure(self) -> None:
        judged = steps.after_transactions(Run("rollback", HOOKED), {"a": host(NEW), "b": host(PUT_BACK)})
        assert judged["in_service"] == ["a", "b"]
        assert judged["gate"] == ["a", "b"]


@pytest.mark.parametrize(
    ("fleet", "failures", "put_back"),
    [
        pytest.param({"a": host(NEW), "b": host(SAME)}, {}, {}, id="well"),
        pytest.param({"a": host(NEW), "b": host(PUT_BACK)}, ["b"], {"a": "rolled_back"}, id="one has put itself back"),
        pytest.param({"a": host(FIRST), "b": host(AWAY)}, ["b"], {"a": "absent"}, id="a first deployment, one is away"),
        pytest.param({"a": host(SAME), "b": host(BROKEN)}, ["b"], {}, id="what was so before stays"),
        pytest.param({"a": host(MENDED), "b": host(BROKEN)}, ["b"], {}, id="what was declared so before stays"),
        pytest.param({"a": host(NEW), "b": host(NEW, deploy_stuck="lb")}, ["b"], BOTH, id="after"),
        pytest.param(
            {"a": host(NEW, deploy_stuck=""), "b": host(NEW, deploy_stuck="lb")},
            ["b"],
            BOTH,
            id="after has failed for one, the other was taken along",
        ),
        pytest.param(
            {"a": host(SAME, deploy_stuck=""), "b": host(NEW, deploy_stuck="")},
            ["a", "b"],
            {"b": "rolled_back"},
            id="after could not reach a host",
        ),
        pytest.param({"a": host(NEW, deploy_gate_failure="5xx")}, ["a"], {"a": "rolled_back"}, id="gate"),
        pytest.param({"a": host(NEW, deploy_units={"units": {}})}, ["a"], {"a": "rolled_back"}, id="the look did not answer"),
        pytest.param(
            {"a": host(NEW, deploy_units={"units": {"x.service": {**WELL, "restarts": 1}}})},
            ["a"],
            {"a": "rolled_back"},
            id="restarted since",
        ),
        pytest.param({"a": host(NEW, deploy_held="lb"), "b": host(NEW, deploy_held="")}, ["a"], {}, id="before"),
    ],
)
def test_end(fleet: dict[str, Any], failures: list[str], put_back: dict[str, str]) -> None:
    end = end_of(deploy(), **fleet)
    assert list(end["failures"]) == list(failures)
    assert end["put_back"] == put_back
    assert end["stop"] == bool(failures)
    assert end["repairs"] == bool(put_back or any("deploy_stuck" in known for known in fleet.values()))


def test_only_what_is_in_service_is_drained_again() -> None:
    assert end_of(deploy(HOOKED), a=host(NEW), b=host(PUT_BACK))["drain"] == []
    assert end_of(deploy(HOOKED), a=host(NEW, deploy_gate_failure="5xx"))["drain"] == ["a"]


@pytest.mark.parametrize("run", [Run("rollback", BARE), deploy(only_looks=True)], ids=["rollback", "check mode"])
def test_what_does_not_stop(run: Run) -> None:
    end = end_of(run, a=host(NEW), b=host(PUT_BACK))
    assert (list(end["failures"]), end["put_back"], end["stop"]) == (["b"], {}, False)


class TestAbort:
    def fleet(self, run: Run) -> dict[str, dict[str, Any]]:
        return {
            **ended(run, {"a": host(NEW), "b": host(SAME), "c": host(MENDED)}, 1),
            **ended(run, {"d": host(NEW), "e": host(PUT_BACK)}),
            "f": {},
        }

    def test_hosts_of_earlier_batches_stay(self) -> None:
        run = deploy()
        assert steps.abort(run, self.fleet(run), ["a", "b"])["put_back"] == {}

    def test_or_go_back(self) -> None:
        run = deploy(Settings(batches=("1",), abort="rollback", before="b.yml", after="a.yml"))
        decision = steps.abort(run, self.fleet(run), ["a", "b", "c", "d", "e", "f"])
        assert decision["put_back"] == {"a": "rolled_back"}
        assert decision["drain"] == ["a"]
        assert decision["stopped"]

    def test_not_when_all_is_well(self) -> None:
        run = deploy(Settings(batches=("1",), abort="rollback"))
        decision = steps.abort(run, ended(run, {"a": host(NEW)}), ["a"])
        assert (decision["put_back"], decision["stopped"]) == ({}, False)


class TestAfterTheReturn:
    def test_what_is_well_is_put_into_service(self) -> None:
        run = deploy(HOOKED)
        fleet = ended(run, {"a": host(NEW), "b": host(PUT_BACK), "c": host(NEW), "d": host(NEW)})
        fleet["a"]["__daemons_result"] = NEW  # of the return
        fleet["c"]["__daemons_result"] = PUT_BACK  # it runs the new version still
        fleet["d"]["__daemons_result"] = BROKEN
        result = steps.after_return(run, fleet, {"a": "rolled_back", "c": "rolled_back", "d": "rolled_back"})
        assert result["in_service"] == ["a", "c"]
        assert {name: outcome["fate"] for name, outcome in result["returned"].items()} == {
            "a": "new",
            "c": "put_back",
            "d": "broken",
        }

    def test_what_was_stuck_is_tried_again(self) -> None:
        run = deploy(HOOKED)
        fleet = ended(run, {"a": host(SAME, deploy_stuck=""), "b": host(PUT_BACK, deploy_stuck="lb"), "c": host(AWAY)})
        assert steps.after_return(run, fleet, {})["in_service"] == ["a", "b"]

    def test_an_earlier_return_is_not_forgotten(self) -> None:
        run = deploy(HOOKED)
        fleet = ended(run, {"a": host(NEW), "b": host(PUT_BACK)})
        first = steps.after_return(run, fleet, {"a": "rolled_back"})
        later = {name: {**known, "deploy_returned": first} for name, known in fleet.items()}
        second = steps.after_return(run, {**later, "c": {**ended(run, {"c": host(NEW)})["c"]}, "d": {}}, {"c": "rolled_back"})
        assert set(second["returned"]) == {"a", "c"}
        assert second["in_service"] == ["c"]
        assert second["were_in_service"] == ["a"]


class TestReport:
    def told(self, run: Run, fleet: dict[str, dict[str, Any]]) -> str:
        return "\n".join(report(run, fleet)["msg"])

    def test_all_well(self) -> None:
        run = deploy()
        assert self.told(run, ended(run, {"a": host(NEW), "b": host(SAME), "c": host(MENDED)})).splitlines() == [
            "3 of 3 hosts run what is declared.",
            "Run the new version now: a.",
            "Were repaired; an earlier run had deployed them: c.",
            "Were deployed already, and were left alone: b.",
            "New releases: x.service f00d.",
        ]

    def test_what_was_mended_has_no_way_back(self) -> None:
        run = deploy()
        told = self.told(run, ended(run, {"a": host(MENDED, deploy_gate_failure="5xx")}))
        assert "Were repaired; an earlier run had deployed them: a." in told
        assert "rollback" not in told

    def test_a_failed_batch(self) -> None:
        run = deploy()
        second = ended(run, {"b": host(NEW), "c": host(PUT_BACK), "d": host(NEW), "e": host(AWAY)})
        for name in ("b", "d"):
            second[name]["__daemons_result"] = NEW if name == "b" else BROKEN
        returned = steps.after_return(run, second, {"b": "rolled_back", "d": "rolled_back"})
        second = {name: {**known, "deploy_returned": returned} for name, known in second.items()}
        found = report(run, {**ended(run, {"a": host(NEW)}, 1), **second, "f": {}})
        assert list(found["failures"]) == ["c", "e"]
        assert found["msg"] == [
            "The run has stopped at batch 2: 2 of 6 hosts failed.",
            "c failed: x.service failed. On the host: it has put itself back and runs what it ran before.",
            "e failed: no route. On the host: it could not be reached, and nothing was done to it.",
            "Rolled back, as they were before this run: b.",
            "Changed by this run, and NOT put back: d.",
            "Run the new version now: a.",
            "Not touched: f.",
            "New releases: x.service f00d.",
            "d is not back: x.service failed.",
            "Fix the cause and run it again; finished hosts are only checked.",
            "Or take them back: ansible-playbook daemonic.systemd.rollback --limit a",
        ]

    def test_what_is_left_out_of_service(self) -> None:
        run = deploy(HOOKED)
        fleet = ended(run, {"a": host(BROKEN, deploy_drained=True), "b": host(PUT_BACK, deploy_drained=True), "c": host(AWAY)})
        told = self.told(run, fleet)
        assert "LEFT OUT OF SERVICE, as it is not known to be well: a." in told
        assert "PERHAPS" not in told
        fleet["b"]["deploy_unsure"] = ""
        assert "PERHAPS OUT OF SERVICE, as deploy_after did not run to its end: b." in self.told(run, fleet)

    def test_what_was_in_service_and_did_not_come_back(self) -> None:
        run = deploy(HOOKED)
        fleet = ended(run, {"a": host(NEW, deploy_drained=True, deploy_gate_failure="5xx")})
        assert "OUT OF SERVICE" not in self.told(run, fleet)
        fleet["a"]["__daemons_result"] = BROKEN
        fleet["a"]["deploy_returned"] = steps.after_return(run, fleet, {"a": "rolled_back"})
        assert "LEFT OUT OF SERVICE, as it is not known to be well: a." in self.told(run, fleet)

    def test_check_mode(self) -> None:
        run = deploy(only_looks=True)
        assert self.told(run, ended(run, {"a": host(NEW), "b": host(SAME), "c": host(MENDED)})).splitlines()[:3] == [
            "3 of 3 hosts have been looked at.",
            "Would change: a, c.",
            "Nothing to do: b.",
        ]

    def test_a_return(self) -> None:
        run = Run("rollback", BARE)
        told = self.told(run, ended(run, {"a": host(MENDED), "b": host(SAME), "c": host(PUT_BACK)})).splitlines()
        assert told[0] == "The run went through all batches: 1 of 3 hosts failed."
        assert told[2:4] == ["Went back to the deployment before: a.", "Were back already: b."]

    def test_many_hosts_are_not_all_named(self) -> None:
        assert steps.listed([str(number) for number in range(30)]).endswith("18, 19 and 10 more")


class TestVersions:
    """What runs where, when that is not the same everywhere."""

    def release(self, release: str, stamp: str = "s") -> dict[str, Any]:
        return {**NEW, "units": {"x.service": {**UNIT, "release": release, "stamp": stamp}}}

    def lines(self, run: Run, **fleet: dict[str, Any]) -> list[str]:
        return list(report(run, ended(run, fleet))["msg"])

    def test_after_a_return_of_all(self) -> None:
        """Those that had not got the last deployment are one further back than the others."""
        run = Run("rollback", BARE)
        lines = self.lines(run, a=host(self.release("v1")), b=host(self.release("v0")), c=host(self.release("v1")))
        assert "NOT THE SAME EVERYWHERE: x.service is release v0 on b; release v1 on a, c." in lines

    def test_settings_alone_may_differ_by_host(self) -> None:
        fleet = {"a": host(self.release("v1", "1")), "b": host(self.release("v1", "2")), "c": host(self.release("v1", "1"))}
        told = "The same release of x.service runs with different settings: stamp 1 on a, c; stamp 2 on b."
        assert told in self.lines(Run("rollback", BARE), **fleet)
        assert told not in self.lines(deploy(), **fleet)

    def test_all_the_same(self) -> None:
        lines = self.lines(Run("rollback", BARE), a=host(self.release("v1")), b=host(self.release("v1")))
        assert not any("EVERYWHERE" in line or "different" in line for line in lines)

    def test_no_release_is_new_where_only_the_environment_has_changed(self) -> None:
        lines = self.lines(deploy(), a=host({**self.release("v1"), "actions": [{"action": "write", "target": "/etc/x"}]}))
        assert not any(line.startswith("New releases") for line in lines)


def test_a_refusal_is_told_with_its_problems() -> None:
    refused = {
        "failed": True,
        "problems": [{}, {}],
        "msg": "2 problems, nothing was changed:\n  a: one\n  b: other",
        "proven": True,
    }
    run = deploy()
    assert any("nothing was changed: a: one; b: other" in line for line in report(run, ended(run, {"a": host(refused)}))["msg"])


def test_a_new_host_whose_first_deployment_fails_does_not_go_into_service() -> None:
    fleet = {"a": host({**PUT_BACK, "proven": False}, deploy_drained=True)}
    run = deploy(HOOKED)
    judged = steps.after_transactions(run, fleet)
    assert judged["in_service"] == []
    lines = report(run, ended(run, fleet))["msg"]
    assert "LEFT OUT OF SERVICE, as it is not known to be well: a." in lines
    assert any(line.endswith("On the host: it has put itself back, and runs nothing: it had none.") for line in lines)
