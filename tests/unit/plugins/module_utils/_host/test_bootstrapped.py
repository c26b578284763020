# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the carrier is told arrives as it was said, though Ansible rewrites a word in the text of such modules."""

from __future__ import annotations

import json

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry import bootstrapped
from hypothesis import given
from hypothesis import strategies as st

call_of = pytest.importorskip("ansible_collections.daemonic.systemd.plugins.plugin_utils.carrier").call_of


def sent(text: str) -> str:
    """ansible.executor.module_common, as of a module of JSONARGS."""
    return text.replace("syslog.LOG_USER", "syslog.LOG_LOCAL7")


@given(st.dictionaries(st.text(), st.text() | st.lists(st.just("import syslog; syslog.openlog('a', 0, syslog.LOG_USER)"))))
def test_what_was_said_arrives(params: dict[str, object]) -> None:
    call = json.loads(sent(json.dumps(call_of("stack", params))))
    assert bootstrapped._decoded(call["params"]) == params


def test_the_word_would_be_another_one() -> None:
    params = {"script": "syslog.LOG_USER"}
    assert json.loads(sent(json.dumps(params))) != params
    assert list(call_of("stack", {"name": "a"})["params"]) == ["name"]
