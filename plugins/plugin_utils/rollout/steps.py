# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from the outcomes of a batch: who is put into service, who goes back, whether the run goes on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from .batches import place_of
from .gate import troubles
from .outcome import PYTHON, RESULT, Outcome, judge
from .settings import Settings

# host → the variables that the tasks have registered for it
Fleet = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Run:
    """kind: deploy, or rollback: then what fails has stayed as it was, and holds up nothing else. only_looks: check mode."""

    kind: str
    settings: Settings
    only_looks: bool = False

    @property
    def stops(self) -> bool:
        return self.kind == "deploy" and not self.only_looks

    @property
    def has_hooks(self) -> bool:
        return not self.only_looks


def begin(run: Run, hosts: Sequence[str], batch: Sequence[str]) -> dict[str, Any]:
    """hosts: all of the play."""
    place = place_of(hosts.index(batch[0]), len(hosts), run.settings.batches)
    done = f"{place.before} of {len(hosts)} hosts are done"
    return {
        "hosts": list(batch),
        "number": place.number,
        "expected": place.size,
        "msg": f"Batch {place.number} of {place.of}: {listed(batch)}. {done}.",
    }


def after_look(run: Run, fleet: Fleet) -> dict[str, Any]:
    """fleet: the hosts of the batch, after each was asked in check mode what would change.

    stop: one of them cannot be reached, or what is declared is refused there: of a deployment, the batch would have to be put
    back, so none of it is touched. drain: the hosts that will change.
    """
    looks = {host: known.get(RESULT) or {} for host, known in fleet.items()}
    away = [host for host, look in looks.items() if look.get("unreachable") or (fleet[host].get(PYTHON) or {}).get("unreachable")]
    refused = [host for host, look in looks.items() if look.get("problems")]
    stop = bool(away or refused) and run.stops
    spared = {*away, *refused} if not stop else set(fleet)
    drain = [host for host, look in looks.items() if host not in spared and (look.get("changed") or look.get("failed"))]
    lines = [f"{listed(away)}: cannot be reached."] if away else []
    lines += [f"{listed(refused)}: what is declared is refused."] if refused else []
    return {
        "stop": stop,
        "drain": drain,
        "skip": sorted(spared),
        "msg": [*lines, *(["Nothing of the batch is touched."] if stop else [])],
    }


def after_transactions(run: Run, fleet: Fleet) -> dict[str, Any]:
    """fleet: the hosts of the batch.

    in_service: hosts for deploy_after; look_at: host → units to look at again; gate: hosts for deploy_gate; pause: whole
    seconds to wait before. Of a batch that has failed, what will go back is left out of service until then.
    """
    was_looked_at = bool(run.settings.before) and run.has_hooks
    held = blamed(fleet, "deploy_held")
    outcomes = {host: judge({**known, "deploy_held": held.get(host)}, was_looked_at) for host, known in fleet.items()}
    has_failed = any(outcome.meaning.has_failed for outcome in outcomes.values())
    goes_back = _going_back(outcomes) if has_failed and run.stops else {}
    changed = [host for host, outcome in outcomes.items() if outcome.fate == "new"]
    looks = bool(changed) and run.has_hooks and not (has_failed and run.stops)
    well = [host for host, outcome in outcomes.items() if outcome.is_well]
    return {
        "outcomes": {host: outcome.as_result() for host, outcome in outcomes.items()},
        "in_service": [host for host in well if host not in goes_back] if run.settings.after and run.has_hooks else [],
        "look_at": {host: list(outcomes[host].units) for host in changed if outcomes[host].units} if looks else {},
        "pause": math.ceil(run.settings.pause) if looks else 0,
        "gate": list(well) if run.settings.gate and run.has_hooks and not (has_failed and run.stops) else [],
        "msg": _transactions(outcomes),
    }


def end(run: Run, fleet: Fleet, judged: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """failures: host → why. put_back: host → the state that takes it back. drain: those of them that are in service.

    repairs: whether hosts must be rolled back or put into service again. stop: no further batch.
    """
    outcomes = outcomes_of(judged)
    hooks = {name: blamed(fleet, f"deploy_{name}") for name in ("stuck", "gate_failure")}
    failed = {host: why for host, known in fleet.items() for why in [_why(host, known, outcomes[host], judged, hooks)] if why}
    put_back = _going_back(outcomes) if failed and run.stops else {}
    stuck = [host for host, known in fleet.items() if known.get("deploy_stuck") is not None]
    return {
        "hosts": list(fleet),
        "failures": failed,
        "put_back": put_back,
        "drain": [host for host in put_back if host in judged["in_service"]] if run.settings.before else [],
        "repairs": bool(put_back or stuck),
        "stop": bool(failed) and run.stops,
        "msg": _ended(run, place["number"], failed, put_back),
    }


def abort(run: Run, fleet: Fleet, batch: Sequence[str]) -> dict[str, Any]:
    """After all batches: which hosts of this one go back, too, because the run has stopped. fleet: all hosts of the run."""
    ended = [known["deploy_end"] for known in fleet.values() if known.get("deploy_end")]
    stopped = any(each["stop"] for each in ended)
    put_back: dict[str, str] = {}
    if stopped and run.settings.abort == "rollback":
        for host in batch:
            known = fleet[host]
            if known.get("deploy_end") and host not in known["deploy_end"]["put_back"]:
                put_back.update(_going_back({host: outcomes_of(known["deploy_judged"])[host]}))
    return {
        "hosts": list(batch),
        "stopped": stopped,
        "put_back": put_back,
        "drain": list(put_back) if run.settings.before else [],
        "msg": f"Back as before this run go also: {listed(list(put_back))}." if put_back else "No other host goes back.",
    }


def after_return(run: Run, fleet: Fleet, put_back: Mapping[str, str]) -> dict[str, Any]:
    """fleet: the hosts of the batch. What an earlier return of some of them has come to stays in the result.

    in_service: those that are well, whether they went back or not, and those for which deploy_after has failed before.
    """
    earlier = {host: known["deploy_returned"] for host, known in fleet.items() if known.get("deploy_returned")}
    returned = {host: judge({**fleet[host], "deploy_held": None}) for host in put_back if host in fleet}
    well = [host for host, outcome in returned.items() if outcome.is_well]
    for host, known in fleet.items():
        if known.get("deploy_stuck") is not None and host not in returned and host not in earlier:
            well += [host] if outcomes_of(known["deploy_judged"])[host].is_well else []
    kept = {host: then["returned"][host] for host, then in earlier.items() if host in then["returned"]}
    return {
        "returned": {**kept, **{host: outcome.as_result() for host, outcome in returned.items()}},
        "in_service": well if run.settings.after else [],
        "were_in_service": [host for host, then in earlier.items() if host in then["in_service"]],
        "msg": _returned(returned),
    }


def outcomes_of(judged: Mapping[str, Any]) -> dict[str, Outcome]:
    return {host: Outcome(**outcome) for host, outcome in judged["outcomes"].items()}


def listed(hosts: Sequence[str], most: int = 20) -> str:
    names = ", ".join(hosts[:most])
    return f"{names} and {len(hosts) - most} more" if len(hosts) > most else names


def _going_back(outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """Hosts that this run has changed, and that have not put themselves back."""
    return {
        host: outcome.rollback_state for host, outcome in outcomes.items() if outcome.fate == "new" and outcome.rollback_state
    }


def blamed(fleet: Fleet, register: str) -> dict[str, str]:
    """Why a hook has failed at the hosts of a batch, which all leave it then: empty at those that were only taken along.

    Where no host has a reason, one of them could not reach a host that the hook needs; Ansible does not tell which.
    """
    found = {host: str(known[register]).strip() for host, known in fleet.items() if known.get(register) is not None}
    return found if any(found.values()) else dict.fromkeys(found, _NOT_REACHED)


_NOT_REACHED = "a task could not reach its host, for this host or another one of the batch."


def _why(
    host: str, known: Mapping[str, Any], outcome: Outcome, judged: Mapping[str, Any], hooks: Mapping[str, Mapping[str, str]]
) -> str:
    """Why the host has failed; empty if it has not. hooks: what failed → host → why."""
    if outcome.meaning.has_failed:
        return f"deploy_before: {outcome.why}" if outcome.fate == "held" and known.get("deploy_held") is not None else outcome.why
    if hooks["stuck"].get(host):
        return f"deploy_after: {hooks['stuck'][host]}"
    if host in judged["look_at"]:
        info = known.get("deploy_units") or {}
        has_answered = not info.get("unreachable") and info.get("units")
        found = troubles(outcome.units, info["units"]) if has_answered else [str(info.get("msg") or "no answer")]
        if found:
            return f"when it was looked at again: {'; '.join(found)}."
    return f"deploy_gate: {hooks['gate_failure'][host]}" if hooks["gate_failure"].get(host) else ""


def _transactions(outcomes: Mapping[str, Outcome]) -> list[str]:
    hosts: dict[str, list[str]] = {}
    for host, outcome in outcomes.items():
        hosts.setdefault(outcome.told, []).append(host)
    return [f"{listed(names)}: {told}." for told, names in hosts.items()]


def _returned(returned: Mapping[str, Outcome]) -> list[str]:
    back = [host for host, outcome in returned.items() if not outcome.meaning.has_failed]
    lines = [f"{listed(back)}: back as before this run."] if back else []
    return lines + [f"{host}: NOT back: {outcome.why}" for host, outcome in returned.items() if outcome.meaning.has_failed]


def _ended(run: Run, number: int, failed: Mapping[str, str], put_back: Mapping[str, str]) -> list[str]:
    if not failed:
        return [f"Batch {number} is well."]
    lines = [f"Batch {number} has failed: {listed(list(failed))}."]
    if put_back:
        lines.append(f"What this run has changed in it is put back: {listed(list(put_back))}.")
    return [*lines, "No further batch is touched."] if run.stops else lines
