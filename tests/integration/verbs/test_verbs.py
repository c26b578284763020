# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/verbs.md: each verb has an example, and the examples have left nothing behind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "verbs.md").read_text(encoding="utf-8")
# Those of daily work.
VERBS = """
    status start stop restart reload kill enable disable is-enabled is-active list-dependencies list-units list-unit-files
    list-sockets isolate set-default daemon-reload edit mask cat
""".split()  # noqa: SIM905


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_leads_to_an_example(verb: str) -> None:
    (row,) = [row for row in PAGE.splitlines() if re.match(rf"\| .*`(?:systemctl )?{verb}\b.*\| \[example\]", row)][:1]
    (anchor,) = re.findall(r"\(#(.*?)\)", row)
    titles = re.findall(r"^### (.*)$", PAGE, re.MULTILINE)
    assert anchor in [title.replace(" ", "-") for title in titles]


def test_nothing_is_left(host: Any) -> None:
    assert host.run("ls /var/lib/daemonic.systemd").stdout.split() in ([], ["uploads"])
    assert host.check_output("systemctl list-units --failed --no-legend --plain") == ""
