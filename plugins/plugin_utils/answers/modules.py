# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module returns, as its documentation says it: a table that a test holds to RETURN."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from ...module_utils._text import MARK, line
from .shapes import ANYTHING, COUNT, FLAG, LINE, NUMBER, TEXT, Each, Misfit, Record, Shape, Table, read

LINES = Each(LINE)
PROBLEMS = Each(Record(dict.fromkeys(("place", "value", "problem", "remedy"), LINE)))
ACTIONS = Each(Record(dict.fromkeys(("action", "target", "reason"), LINE), frozenset(("action", "target", "reason"))))
DIFF = Record(dict.fromkeys(("before", "after", "before_header", "after_header"), TEXT))
FAILURES = Each(Record({"unit": LINE, "problem": LINE, "journal": LINES}))

_STATE: dict[str, Shape] = {
    **dict.fromkeys(("active_state", "sub_state", "result", "invocation_id"), LINE),
    **dict.fromkeys(("main_pid", "restarts"), NUMBER),
}
_TRANSACTION: dict[str, Shape] = {
    "actions": ACTIONS,
    "condition_not_met": LINES,
    "restart_pending": Each(Record({"unit": LINE, "reason": LINE})),
    "units": Table(
        Record({**_STATE, "condition_met": FLAG, "enabled": FLAG, "exposure": NUMBER, "stamp": LINE, "release": LINE})
    ),
    "rollback_state": LINE,
    "failures": FAILURES,
    "reverted": FLAG,
    "proven": FLAG,
    "revert_actions": ACTIONS,
    "problems": PROBLEMS,
    "diff": Each(DIFF),
}
_LISTENERS = Each(Record({"address": LINE, "type": LINE}))

# What stack_info and unit_info both tell of a unit.
_TOLD: dict[str, Shape] = {
    **dict.fromkeys(("description", "load_error", "status_text"), TEXT),
    **dict.fromkeys(("type", "load_state", "active_state", "sub_state", "result", "since"), LINE),
    **dict.fromkeys(("unit_file_state", "service_type", "exit_code", "release"), LINE),
    **dict.fromkeys(("next_elapse", "last_trigger"), LINE),
    **dict.fromkeys(("restarts", "exit_status", "exposure"), NUMBER),
    **dict.fromkeys(("needs_daemon_reload", "condition_met", "stale"), FLAG),
    **dict.fromkeys(("triggered_by", "stale_because", "schedule"), LINES),
    "listen": _LISTENERS,
    "relations": Table(LINES),
}
_NEEDED = (
    *("load_state", "load_error", "active_state", "sub_state", "result", "unit_file_state", "needs_daemon_reload"),
    *("condition_met", "triggered_by", "digest"),
)
STACK_INFO = Record(
    {
        "stacks": Table(
            Record(
                {
                    "complete": FLAG,
                    "modified": LINES,
                    "units": Table(
                        Record(
                            {
                                **_TOLD,
                                "digest": LINE,
                                "journal": Each(Record({"time": LINE, "priority": NUMBER, "message": TEXT, "cut": FLAG})),
                            },
                            frozenset(_NEEDED),
                        )
                    ),
                },
                frozenset(("complete", "modified", "units")),
            )
        ),
        "other_failed_units": LINES,
        "systemd": COUNT,
        "problems": PROBLEMS,
    }
)

MODULES: Mapping[str, Record] = {
    "stack": Record(_TRANSACTION),
    "daemon": Record(_TRANSACTION),
    "unit": Record({**_TRANSACTION, "name": ANYTHING, "state": LINE, "enabled": FLAG, "status": Table(TEXT)}),
    "stack_info": STACK_INFO,
    "unit_info": Record(
        {
            "units": Table(
                Record(
                    {
                        **_TOLD,
                        **dict.fromkeys(("id", "preset", "fragment_path", "invocation_id", "stack", "user"), LINE),
                        **dict.fromkeys(("started", "stamp"), LINE),
                        **dict.fromkeys(("main_pid", "memory", "memory_peak", "tasks", "cpu_seconds"), NUMBER),
                        **dict.fromkeys(("connections", "accepted"), NUMBER),
                        **dict.fromkeys(("accept", "persistent"), FLAG),
                        **dict.fromkeys(("drop_in_paths", "triggers", "drop_in_stacks"), LINES),
                        **dict.fromkeys(("dependencies", "dependents"), ANYTHING),
                        "files": Each(Record({"path": LINE, "content": TEXT})),
                    }
                )
            ),
            "failed_units": LINES,
            "problems": PROBLEMS,
        }
    ),
    "journal_info": Record(
        {
            "entries": Each(
                Record(
                    {
                        **dict.fromkeys(("time", "priority_name", "unit", "identifier", "invocation_id", "release"), LINE),
                        **dict.fromkeys(("priority", "pid"), NUMBER),
                        "message": TEXT,
                        "cut": FLAG,
                    }
                )
            ),
            "truncated": FLAG,
            "searched": NUMBER,
            "problems": PROBLEMS,
        }
    ),
    "unit_signal": Record(
        {"signal": LINE, "whom": LINE, "processes": Each(NUMBER), "unit": Record(_STATE), "problems": PROBLEMS}
    ),
    "default_target": Record(
        {
            "previous": LINE,
            "default_target": LINE,
            "isolated": FLAG,
            "stopped": LINES,
            "started": LINES,
            "reverted": FLAG,
            "problems": PROBLEMS,
            "diff": DIFF,
        }
    ),
    "xinetd": Record(
        {
            **{
                key: _TRANSACTION[key]
                for key in ("actions", "units", "failures", "reverted", "revert_actions", "problems", "diff")
            },
            "services": Table(LINES),
            "left": LINES,
            "report": LINES,
            "notes": Each(Record(dict.fromkeys(("service", "attribute", "value", "place", "effect", "reason", "remedy"), LINE))),
            "permissions": Each(Record({**dict.fromkeys(("path", "owner", "group", "mode"), LINE), "problems": LINES})),
        }
    ),
}

# What Ansible itself adds to a result, or reads of it. It heeds more (ansible_facts, add_host …), of which a host has no say.
_OF_ANSIBLE = Record(
    {
        "changed": FLAG,
        "failed": FLAG,
        "msg": TEXT,
        "rc": NUMBER,
        **dict.fromkeys(("module_stdout", "module_stderr"), TEXT),
    }
)
# A job in the background is Ansible's answer alone; `started` is a number there, and a list of default_target.
_JOB = Record(
    {
        **dict.fromkeys(("ansible_job_id", "results_file"), LINE),
        **dict.fromkeys(("started", "finished"), NUMBER),
    }
)


def accepted(module: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """What is documented of an answer, made visible; of one that does not fit, that."""
    try:
        own = _JOB if "ansible_job_id" in result else MODULES[module]
        of_ansible = {key: value for key, value in result.items() if key not in own.keys}
        return {**read(of_ansible, _OF_ANSIBLE), **read(result, own), **_told(result)}
    except Misfit as error:
        return misfit(str(error))
    except RecursionError:
        return misfit("it is nested too deeply")


def misfit(problem: str) -> dict[str, Any]:
    """The result of a host that does not answer as the collection does."""
    remedy = "Something else answers there: look at the host before anything more is done with it."
    return {"failed": True, "changed": False, "msg": f"The answer of this host cannot be read: {problem}. {remedy}"}


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    """Ansible has made values of its own of some of them already: their words are taken."""
    found: dict[str, Any] = {}
    given = result.get("warnings")
    warnings = [line(words) for words in map(_words, given if isinstance(given, (list, tuple)) else ()) if words]
    if warnings:
        found["warnings"] = warnings
    traceback = _traceback(result.get("exception"))
    if traceback:
        found["exception"] = read(traceback, TEXT)
    return found


def _words(warning: Any) -> str:
    event = getattr(warning, "event", None)
    return warning if isinstance(warning, str) else str(getattr(event, "msg", "") or "")


def _traceback(exception: Any) -> str:
    event = getattr(exception, "event", None)
    text = exception if isinstance(exception, str) else str(getattr(event, "formatted_traceback", "") or "")
    return text if "Traceback" in text else ""


def discreet(result: Mapping[str, Any]) -> dict[str, Any]:
    """The same under no_log, where Ansible prints the message all the same: without values, and without lines of others."""
    if not isinstance(result.get("msg"), str):
        return dict(result)
    text = "\n".join(each for each in result["msg"].split("\n") if not each.startswith(MARK))
    for value in _values(result.get("problems") or ()):
        text = text.replace(f" (got {value})", "")
    return {**result, "msg": text}


def _values(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(problem["value"]) for problem in problems if "value" in problem]
