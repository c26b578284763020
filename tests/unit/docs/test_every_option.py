# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of a daemon and every kind of probe is known to arguments, model and documentation, and has an effect."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import MISSING, fields
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import COMMON, DAEMON, RELEASES
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Daemon
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.probe import KINDS
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host
from ansible_collections.daemonic.systemd.plugins.modules import daemon as module
from ansible_collections.daemonic.systemd.plugins.modules import stack as stack_module

from ..plugins.module_utils.builders import SCOPE, script, stack

OPTIONS = {each.name: each for each in fields(Daemon) if "reader" in each.metadata}
PAGE = (Path(__file__).parents[3] / "docs" / "health.md").read_text(encoding="utf-8")
WHEEL = {"name": "shop-1.0-py3-none-any.whl", "sha256": "0" * 64, "size": 1}
SOCKET = {"socket": {"ListenStream": "9000"}}
RUNS: dict[str, Any] = {"script": script()}

# Option → what else the daemon says, and a value that makes a difference beside it.
DIFFERENCES: dict[str, tuple[dict[str, Any], Any]] = {
    "script": ({}, script()),
    "source": ({"module": "shop"}, {"wheel": WHEEL}),
    "module": ({"source": {"wheel": WHEEL}}, "shop"),
    "command": ({"source": {"wheel": WHEEL}}, "shop"),
    "requirements": (RUNS, {"name": "requirements.txt", "content": "flask==3.0.0\n"}),
    "wheelhouse": ({**RUNS, "requirements": ["flask"]}, {"wheels": [WHEEL]}),
    "build_from_source": ({**RUNS, "requirements": ["flask"]}, True),
    "imports": ({**RUNS, "requirements": ["flask"]}, ["flask"]),
    "description": (RUNS, "Tells the time"),
    "python": (RUNS, "python3.12"),
    "args": (RUNS, ["--fast"]),
    "environment": (RUNS, {"A": "1"}),
    "credentials": (RUNS, {"key": "value"}),
    "user": (RUNS, "www-data"),
    "group": (RUNS, "www-data"),
    "dynamic_user": (RUNS, True),
    "working_directory": (RUNS, "/srv"),
    "type": (RUNS, "notify"),
    "restart": (RUNS, "always"),
    "socket": (RUNS, SOCKET["socket"]),
    "accept": ({**RUNS, **SOCKET}, True),
    "activation": ({**RUNS, **SOCKET}, "eager"),
    "hardening": (RUNS, "strict"),
    "wanted_by": (RUNS, ["graphical.target"]),
    "after": (RUNS, ["network-online.target"]),
    "unit": (RUNS, {"PartOf": "a.target"}),
    "service": (RUNS, {"Nice": 5}),
    "install": (RUNS, {"Alias": "b.service"}),
    "enabled": (RUNS, False),
    "on_change": (RUNS, "keep"),
    "health": (RUNS, {"tcp": 9000}),
    "state": (RUNS, "stopped"),
}


def expanded(**options: Any) -> Any:
    declared = stack(daemons={"shop": options})
    return expand(declared, SCOPE, Host({entry.python: f"/usr/bin/{entry.python}" for entry in declared.daemons}))


@pytest.mark.parametrize("name", OPTIONS)
def test_option_makes_a_difference(name: str) -> None:
    """An option that the model knows, and that nothing heeds, would be green without an effect."""
    others, value = DIFFERENCES[name]
    without = others if "script" in others else {"script": script("pass\n")}
    assert expanded(**{**others, name: value}) != expanded(**without)


def test_arguments_model_and_documentation_know_the_same_options() -> None:
    documented = set(yaml.safe_load(module.DOCUMENTATION)["options"])
    assert set(DAEMON) == {"name", *OPTIONS, *COMMON, *RELEASES}
    assert documented == set(DAEMON) - set(COMMON) - set(RELEASES)
    assert set(DIFFERENCES) == set(OPTIONS)


@pytest.mark.parametrize("name", OPTIONS)
def test_defaults_and_types_are_the_same(name: str) -> None:
    spec, option = DAEMON[name], OPTIONS[name]
    assert option.default is not MISSING
    assert spec.get("default") in ((option.default,) if "default" in spec else (None,))
    if not option.default and spec["type"] == "bool" and "default" not in spec:
        assert option.default is None, "left open is not the same as false"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_probe_is_documented(kind: str) -> None:
    assert re.search(rf"^\| `{kind}` \|", PAGE, re.MULTILINE)
    assert re.search(rf"health: \{{.*{kind}:|health: \{{{kind}:", PAGE)
    for page in (module.DOCUMENTATION, stack_module.DOCUMENTATION):
        assert "health" in yaml.safe_load(page)["options"] or "C(health)" in page
    assert f"C({kind})" in str(yaml.safe_load(module.DOCUMENTATION)["options"]["health"]["description"])
