# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong after the host was changed: it is rolled back. What happens on a host is tested in molecule/."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._health.failure import Failure
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import carry_out as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction.carry_out import TransactionFailed, carry_out
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction.decision import Decision
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.actions import DaemonReload
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._result.failure_report import FailureReport

from ..builders import SLEEPER, desired, stack

FAILED = [Failure("a.service", "failed", "")]


def failing(error: Exception) -> Any:
    def fail(*_args: Any) -> Any:
        raise error

    return fail


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[FailureReport]:
    """Of what was rolled back. The host is changed, and nothing of it is here."""
    found: list[FailureReport] = []

    def applied(transaction: Any) -> list[str]:
        transaction._intent = object()
        return []

    def put_back(_transaction: Any, story: FailureReport) -> TransactionFailed:
        found.append(story)
        return TransactionFailed(story, Observed({}, {}, {}, None))

    monkeypatch.setattr(module, "seal", lambda decision, _context: decision)
    monkeypatch.setattr(module, "judge_after", lambda *_args: ({}, []))
    monkeypatch.setattr(module._Transaction, "look_again", lambda _transaction: Observed({}, {}, {}, None))
    monkeypatch.setattr(module._Transaction, "_apply_plan", applied)
    monkeypatch.setattr(module._Transaction, "put_back", put_back)
    return found


def carried_out() -> None:
    wanted: dict[str, Any] = {"units": {"a.service": SLEEPER}}
    decision = Decision(stack(**wanted), desired(**wanted), Observed({}, {}, {}, None), Plan((DaemonReload("", "why"),)))
    host: Any = SimpleNamespace(disk=SimpleNamespace(tell=lambda _what: None), commands=None)
    with pytest.raises(TransactionFailed):
        carry_out(decision, host)


@pytest.mark.parametrize(
    "error", [ValueError("odd"), RecursionError("deep"), MemoryError()], ids=lambda error: type(error).__name__
)
def test_a_fault_of_ours(reports: list[FailureReport], error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "settle", failing(error))
    carried_out()
    assert f"A fault of the collection, {type(error).__name__}" in reports[0].text


def test_lines_that_cannot_be_read(reports: list[FailureReport], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "settle", lambda *_args: FAILED)
    monkeypatch.setattr(module, "last_lines", failing(ValueError("odd")))
    carried_out()
    assert reports[0].failures == tuple(FAILED)
    assert reports[0].lines == {"a.service": ["(its last lines cannot be read: ValueError)"]}
