# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shell would understand, and systemd does not."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.shell_syntax import check_commands
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse


def problems_of(command: str) -> tuple[Problem, ...]:
    problems = Problems()
    check_commands(parse(f"[Service]\nExecStart={command}\n"), "units.a.service", problems)
    return problems.found


@pytest.mark.parametrize(
    ("command", "value", "remedy"),
    [
        pytest.param("./daemon.py", "./daemon.py", "/usr/local/bin/daemon.py", id="relative"),
        pytest.param("-bin/daemon", "bin/daemon", "/usr/local/bin/daemon", id="relative after a prefix"),
        pytest.param("/bin/true ; bin/a", "bin/a", "/usr/local/bin/a", id="relative second command"),
        pytest.param("cd /srv", "cd", "WorkingDirectory=", id="cd"),
        pytest.param("source /srv/venv/bin/activate", "source", "EnvironmentFile=", id="source"),
        pytest.param(". /srv/env", ".", "EnvironmentFile=", id="dot"),
        pytest.param("/bin/a && /bin/b", "&&", "ExecStartPre=", id="and"),
        pytest.param("/bin/a | /bin/b", "|", "/bin/sh -c", id="pipe"),
        pytest.param("/bin/a &", "&", "in the background in any case", id="background"),
        pytest.param("/bin/a > /var/log/a", ">", "StandardOutput=", id="output"),
        pytest.param("/bin/a >/var/log/a", ">/var/log/a", "StandardOutput=", id="output in one word"),
        pytest.param("/bin/a 2>&1", "2>&1", "StandardError=", id="both outputs"),
        pytest.param("/bin/a 2>/dev/null", "2>/dev/null", "StandardError=", id="errors"),
        pytest.param("/bin/a < /etc/a", "<", "StandardInput=", id="input"),
        pytest.param("/bin/a --date=$(date)", "--date=$(date)", "/bin/sh -c", id="substitution"),
        pytest.param("/bin/a `date`", "`date`", "/bin/sh -c", id="old substitution"),
        pytest.param("/bin/sh -c echo && true", "&&", "/bin/sh -c '…'", id="of a shell, without quotes"),
    ],
)
def test_habits(command: str, value: str, remedy: str) -> None:
    (found,) = problems_of(command)
    assert (found.place, found.value) == ("units.a.service.Service.ExecStart", value)
    assert remedy in found.remedy


@pytest.mark.parametrize(
    "command",
    [
        "/bin/sh -c 'cd /srv && ./a > /dev/null 2>&1 &'",
        '/bin/sh -c "a | b; echo $(date) `date`"',
        '/usr/bin/expr 2 ">" 1',
        "/bin/a ; /bin/b",
        "/bin/find / -exec true {} \\;",
        "/bin/kill -HUP $MAINPID",
        "/bin/a $$(literal)",
        "%h/bin/a",
        "sleep 5",
        "@/bin/a ./name",
        "/bin/a https://example.org/?a=1&b=2",
        "/bin/a <html>",
        "|cd /srv && ./a",
        "",
    ],
)
def test_what_is_no_habit(command: str) -> None:
    assert problems_of(command) == ()
