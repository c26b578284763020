# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is told when the run is over: what failed and why, what runs where, and what to do."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .outcome import Outcome
from .steps import Fleet, Run, listed, outcomes_of


def report(run: Run, fleet: Fleet) -> dict[str, Any]:
    """failures: host → why, in full. fleet: all hosts of the run."""
    failed: dict[str, str] = {}
    for known in fleet.values():
        failed.update((known.get("deploy_end") or {}).get("failures", {}))
    rows = {host: _row(run, host, known, failed) for host, known in fleet.items()}
    parts = [(title, [host for host, row in rows.items() if row == key]) for key, title in _parts(run)]
    lines = [_headline(run, failed, fleet)]
    lines += [f"{host} failed: {_first_line(why)}{_on_the_host(_outcome(host, fleet[host]))}" for host, why in failed.items()]
    lines += [f"{title}: {listed(hosts)}." for title, hosts in parts if hosts]
    lines += _releases(rows, fleet) + _differing(run, fleet) + _not_back(fleet) + _out_of_service(run, fleet)
    if failed:
        lines += _advice(run, rows)
    return {"failures": failed, "msg": lines}


def _parts(run: Run) -> list[tuple[str, str]]:
    if run.only_looks:
        return [("new", "Would change"), ("same", "Nothing to do")]
    if run.kind == "rollback":
        return [("new", "Went back to the deployment before"), ("same", "Were back already")]
    return [
        ("back", "Rolled back, as they were before this run"),
        ("not_back", "Changed by this run, and NOT put back"),
        ("new", "Run the new version now"),
        ("repaired", "Were repaired; an earlier run had deployed them"),
        ("same", "Were deployed already, and were left alone"),
        ("untouched", "Not touched"),
    ]


def _row(run: Run, host: str, known: Mapping[str, Any], failed: Mapping[str, str]) -> str:
    """Which part of the report the host is in; "failed" for none of them."""
    if not known.get("deploy_judged"):
        return "untouched"
    outcome = _outcome(host, known)
    returned = _returned(known).get(host)
    if returned is not None:
        return "not_back" if returned["fate"] not in ("new", "same") else "back"
    if outcome.fate == "new":
        is_repaired = run.stops and outcome.rollback_state is None
        return "repaired" if is_repaired else "new"
    return "failed" if host in failed else "untouched" if outcome.fate == "waiting" else outcome.fate


def _outcome(host: str, known: Mapping[str, Any]) -> Outcome:
    return outcomes_of(known["deploy_judged"])[host]


def _returned(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """A host goes back once: with its batch, or with the earlier ones."""
    return (known.get("deploy_returned") or {}).get("returned", {})


def _headline(run: Run, failed: Mapping[str, str], fleet: Fleet) -> str:
    if not failed:
        what = {"deploy": "run what is declared", "rollback": "are back at the deployment before"}[run.kind]
        return f"{len(fleet)} of {len(fleet)} hosts {'have been looked at' if run.only_looks else what}."
    number = next(known["deploy_batch"]["number"] for host, known in fleet.items() if host in failed)
    where = f"The run has stopped at batch {number}" if run.stops else "The run went through all batches"
    return f"{where}: {len(failed)} of {len(fleet)} hosts failed."


def _releases(rows: Mapping[str, str], fleet: Fleet) -> list[str]:
    """What "the new version" is, where all hosts that run it agree."""
    found: dict[str, set[str]] = {}
    for host, row in rows.items():
        outcome = _outcome(host, fleet[host]) if row == "new" else Outcome("same")
        for unit, release in outcome.releases.items():
            if unit not in outcome.renewed:
                continue
            found.setdefault(unit, set()).add(release)
    told = [f"{unit} {' or '.join(sorted(releases))}" for unit, releases in found.items()]
    return [f"New releases: {listed(told)}."] if told else []


def _differing(run: Run, fleet: Fleet) -> list[str]:
    """Hosts that run different versions of a unit now: a person who has taken all of them back does not expect it."""
    running = {host: _runs(host, known) for host, known in fleet.items() if known.get("deploy_judged")}
    lines = []
    for unit in dict.fromkeys(unit for outcome in running.values() for unit in outcome.releases):
        groups = _groups({host: outcome.releases[unit] for host, outcome in running.items() if unit in outcome.releases})
        if len(groups) > 1:
            lines.append(f"NOT THE SAME EVERYWHERE: {unit} is {_grouped('release', groups)}.")
        elif run.kind == "rollback":  # where settings differ from host to host in any case, that says nothing
            groups = _groups({host: outcome.stamps[unit] for host, outcome in running.items() if unit in outcome.stamps})
            if 1 < len(groups) < len(running) or (len(groups) == len(running) == 2):
                lines.append(f"The same release of {unit} runs with different settings: {_grouped('stamp', groups)}.")
    return lines


def _runs(host: str, known: Mapping[str, Any]) -> Outcome:
    """The last thing that was done to it counts."""
    returned = _returned(known).get(host)
    return Outcome(**returned) if returned else _outcome(host, known)


def _groups(values: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for host, value in values.items():
        found.setdefault(value, []).append(host)
    return found


def _grouped(word: str, groups: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{word} {value} on {listed(hosts)}" for value, hosts in sorted(groups.items()))


def _not_back(fleet: Fleet) -> list[str]:
    return [
        f"{host} is not back: {_first_line(outcome['why'])}"
        for host, known in fleet.items()
        for outcome in [_returned(known).get(host)]
        if outcome and outcome["fate"] not in ("new", "same")
    ]


def _out_of_service(run: Run, fleet: Fleet) -> list[str]:
    """Hosts that deploy_before has taken out of service, and for which deploy_after has not run to its end."""
    if not (run.settings.after and run.has_hooks):
        return []
    unsure = [host for host, known in fleet.items() if known.get("deploy_unsure") is not None]
    left = [
        host
        for host, known in fleet.items()
        if known.get("deploy_drained") and host not in unsure and not _is_back_in_service(host, known)
    ]
    lines = [f"LEFT OUT OF SERVICE, as it is not known to be well: {listed(left)}."] if left else []
    if unsure:
        lines.append(f"PERHAPS OUT OF SERVICE, as deploy_after did not run to its end: {listed(unsure)}.")
    return lines


def _is_back_in_service(host: str, known: Mapping[str, Any]) -> bool:
    """The last thing that was done to it counts."""
    then = known.get("deploy_returned") or {}
    if host in then.get("in_service", ()) or host in then.get("were_in_service", ()):
        return True
    return host not in then.get("returned", ()) and host in known["deploy_judged"]["in_service"]


def _advice(run: Run, rows: Mapping[str, str]) -> list[str]:
    lines = ["Fix the cause and run it again; finished hosts are only checked."]
    changed = [host for host, row in rows.items() if row == "new"]
    if run.kind == "deploy" and changed and not run.only_looks:
        lines.append(f"Or take them back: ansible-playbook daemonic.systemd.rollback --limit {_limit(changed)}")
    return lines


def _limit(hosts: Sequence[str]) -> str:
    return ",".join(hosts)


def _on_the_host(outcome: Outcome) -> str:
    """What a failed transaction has left; where it went well the host is in another line, too."""
    return f" On the host: {outcome.told}." if outcome.meaning.has_failed else ""


def _first_line(text: str) -> str:
    """In a line of its own; a refusal names its problems below its first line."""
    lines = [line.strip() for line in text.strip().splitlines()] or ["no reason given"]
    if lines[0].endswith(":") and " Its last lines:" not in lines[0]:
        more = len(lines) - 1 - _MOST
        return " ".join([lines[0], "; ".join(lines[1 : _MOST + 1]), *([f"and {more} more"] if more > 0 else [])])
    return lines[0].partition(" Its last lines:")[0]


_MOST = 5
