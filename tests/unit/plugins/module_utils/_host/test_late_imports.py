# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run imports that it does not need, each host compiles in its first one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.module_utils._health import unit_health

PLUGINS = Path(unit_health.__file__).absolute().parents[2]
SHOW = """
import json, sys
sys.path.insert(0, sys.argv[1])
import module_utils._host.health.diagnostics, module_utils._health.watch
print(json.dumps(list(sys.modules)))
"""


def test_words_about_failures_wait_for_one() -> None:
    shown = subprocess.run([sys.executable, "-c", SHOW, PLUGINS], stdout=subprocess.PIPE, check=True).stdout
    names = json.loads(shown)
    assert "module_utils._health.unit_health" in names
    late = {"_health.causes", "_health.listeners", "_host.io.processes", "_systemd_cli.process_ends"}
    assert late.isdisjoint(name[len("module_utils.") :] for name in names)
