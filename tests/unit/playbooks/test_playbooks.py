# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plays say themselves, since Ansible reads it before it knows a host, is what their settings say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.template import Templar
from ansible_collections.daemonic.systemd.plugins.plugin_utils.rollout.settings import DEFAULT_BATCHES, NAMES, PREFIX

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "rolling.md").read_text(encoding="utf-8")


def plays(kind: str) -> list[dict[str, Any]]:
    return yaml.safe_load((ROOT / "playbooks" / f"{kind}.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", list(DEFAULT_BATCHES))
def test_default_batches(kind: str) -> None:
    (serial,) = [play["serial"] for play in plays(kind) if play.get("vars", {}).get("deploy_state")]
    assert tuple(str(entry) for entry in templated(serial)) == DEFAULT_BATCHES[kind]


def templated(text: str) -> Any:
    try:
        from ansible.template import trust_as_template
    except ImportError:  # before ansible-core 2.19
        return Templar(loader=None).template(text)
    return Templar(loader=None).template(trust_as_template(text))


@pytest.mark.parametrize("kind", list(DEFAULT_BATCHES))
def test_all_plays_but_the_first_have_the_same_hosts(kind: str) -> None:
    first, *others = plays(kind)
    assert first["hosts"] == "all"
    assert {play["hosts"] for play in others} == {"{{ deploy_target | default('all') }}"}


def test_every_setting_is_told() -> None:
    for name in NAMES:
        assert f"| `{PREFIX}{name}` |" in PAGE
