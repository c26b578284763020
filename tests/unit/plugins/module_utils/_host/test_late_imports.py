# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run imports that it does not need, each host compiles in its first one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ansible_collections.daemonic.systemd.plugins.module_utils._outcome import health

PLUGINS = Path(health.__file__).absolute().parents[2]
SHOW = """
import json, sys
sys.path.insert(0, sys.argv[1])
import module_utils._host.evidence, module_utils._outcome.watch
print(json.dumps(list(sys.modules)))
"""


def test_words_about_failures_wait_for_one() -> None:
    shown = subprocess.run([sys.executable, "-c", SHOW, PLUGINS], stdout=subprocess.PIPE, check=True).stdout
    names = json.loads(shown)
    assert "module_utils._outcome.health" in names
    late = {"_outcome.causes", "_outcome.listeners", "_host.processes", "_systemctl.ends"}
    assert late.isdisjoint(name[len("module_utils.") :] for name in names)
