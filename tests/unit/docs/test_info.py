# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the modules that ask tells every key of their answers."""

from __future__ import annotations

import yaml
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry import journal_entries
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.properties import RELATIONS
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.stacks import TOLD, unit_answer
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.unit_properties import Clock, Known, answer_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import UNIT_TYPES
from ansible_collections.daemonic.systemd.plugins.modules import journal_info, stack_info, unit_info


def test_units() -> None:
    told = yaml.safe_load(unit_info.RETURN)["units"]["contains"]
    keys = {key for kind in UNIT_TYPES for key in answer_of(f"a.{kind}", {}, Known(files=[]), Clock(0, 0))}
    assert set(told) == {*keys, "relations", "dependencies", "dependents"}
    assert all(f"C({kind})" in " ".join(told["relations"]["description"]) for kind in RELATIONS)


def test_keys_of_one_type_say_so() -> None:
    told = yaml.safe_load(unit_info.RETURN)["units"]["contains"]
    common = set.intersection(*({*answer_of(f"a.{kind}", {}, Known(), Clock(0, 0))} for kind in UNIT_TYPES))
    assert {key for key, entry in told.items() if "returned" not in entry} == common


def test_stacks() -> None:
    told = yaml.safe_load(stack_info.RETURN)["stacks"]["contains"]["units"]["contains"]
    every = [
        unit_answer(f"a.{kind}", {}, Known(), Clock(0, 0), frozenset(), None, [journal_entries.answer_of({}, "")])
        for kind in UNIT_TYPES
    ]
    assert set(told) == {key for unit in every for key in unit}
    assert {key for key, entry in told.items() if "returned" not in entry} == set.intersection(*map(set, every))
    assert set(told["journal"]["contains"]) == set(every[0]["journal"][0])
    assert all(f"C({kind})" in " ".join(told["relations"]["description"]) for kind in (*TOLD, "triggers"))


def test_entries() -> None:
    assert set(yaml.safe_load(journal_info.RETURN)["entries"]["contains"]) == set(journal_entries.answer_of({}, ""))
