# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a unit is well, and why not: a table of rules, each with the words for a person."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple

WELL, ATTENTION, FAILED = "well", "attention", "failed"

# A unit as stack_info tells of it.
Unit = Mapping[str, Any]


class Rule(NamedTuple):
    health: str
    applies: Callable[[Unit], bool]
    words: Callable[[Unit], str]


def _ended(unit: Unit) -> str:
    code, status = unit.get("exit_code"), unit.get("exit_status")
    how = {"exited": f"exit status {status}", "killed": f"killed by signal {status}", "dumped": f"dumped core, signal {status}"}
    return ", ".join(filter(None, [unit.get("result"), how.get(code or "")]))


def _is_looping(unit: Unit) -> bool:
    return (unit["sub_state"] or "").startswith("auto-restart") and unit["result"] != "success"


def _is_idle(unit: Unit) -> bool:
    """Nothing runs of what is to run from boot on. What another unit triggers, what runs once, and what a condition keeps
    from running may be inactive.
    """
    is_meant = (unit["unit_file_state"] or "").startswith("enabled") and unit["load_state"] == "loaded"
    may_rest = unit["triggered_by"] or unit.get("service_type") == "oneshot" or unit["condition_met"] is False
    return is_meant and unit["active_state"] == "inactive" and not may_rest


def _is_stale_since(unit: Unit) -> str:
    causes = [cause for cause in unit.get("stale_because") or () if cause != _ALONE]
    return f"runs what was there before: {', '.join(causes)}" if causes else "runs what was deployed before"


_ALONE = "it was started with an earlier configuration"

RULES = (
    Rule(FAILED, lambda unit: unit["active_state"] == "failed", lambda unit: f"failed ({_ended(unit)})"),
    Rule(FAILED, _is_looping, lambda unit: f"ends again and again ({_ended(unit)})"),
    Rule(
        FAILED,
        lambda unit: unit["load_state"] not in ("loaded", "masked"),
        lambda unit: unit["load_error"] or f"cannot be loaded ({unit['load_state']})",
    ),
    Rule(ATTENTION, _is_idle, lambda _unit: "does not run, though it is enabled"),
    Rule(ATTENTION, lambda unit: unit.get("stale") is True, _is_stale_since),
    Rule(
        ATTENTION,
        lambda unit: unit["needs_daemon_reload"] is True,
        lambda _unit: "its files have changed since systemd has read them",
    ),
)


def judged(unit: Unit) -> tuple[str, list[str]]:
    """Health, and the reasons, the worst first."""
    found = [rule for rule in RULES if rule.applies(unit)]
    return (found[0].health if found else WELL), [rule.words(unit) for rule in found]
