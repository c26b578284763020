# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines: what they run, and which code an interpreter among them is given."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.exec_lines import Code, Command, code_of, commands_of
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("/bin/a b 'c d'", [("", "/bin/a", ("b", "c d"))], id="plain"),
        pytest.param("-/bin/a", [("-", "/bin/a", ())], id="may fail"),
        pytest.param("-+/bin/a", [("-+", "/bin/a", ())], id="two prefixes"),
        pytest.param("@/bin/a name b", [("@", "/bin/a", ("b",))], id="another name"),
        pytest.param("/bin/a b ; /bin/c", [("", "/bin/a", ("b",)), ("", "/bin/c", ())], id="two commands"),
        pytest.param('"/bin/a" "b"', [("", "/bin/a", ("b",))], id="quoted"),
        pytest.param("", [], id="nothing"),
        pytest.param("-", [], id="a prefix alone"),
        pytest.param("; ;", [], id="separators alone"),
    ],
)
def test_commands(value: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert [(each.prefixes, each.program, each.arguments) for each in commands_of(value)] == expected


@pytest.mark.parametrize(
    ("prefixes", "full"),
    [("", False), ("-", False), ("+", True), ("!", True), ("-!", True), ("!!", False), ("@", False), (":+", True)],
)
def test_full_privileges(prefixes: str, full: bool) -> None:
    assert Command(prefixes, "/bin/a", ()).has_full_privileges == full


@pytest.mark.parametrize(
    ("line", "programs", "scripts", "from_directory"),
    [
        ("/bin/sleep 5", "/bin/sleep", "", False),
        ("/usr/bin/python3 /opt/a.py /opt/b.py", "/usr/bin/python3", "/opt/a.py", False),
        ("/usr/bin/python3.11 -u -W ignore -X dev a.py", "/usr/bin/python3.11", "a.py", False),
        ("/usr/bin/python3 -m http.server /srv", "/usr/bin/python3", "", True),
        ("/usr/bin/python3 -um app", "/usr/bin/python3", "", True),
        ("/usr/bin/python3 -c 'import a'", "/usr/bin/python3", "", True),
        ("/usr/bin/python3 -I -m app", "/usr/bin/python3", "", False),
        ("/usr/bin/python3", "/usr/bin/python3", "", False),
        ("/usr/bin/python3 -- /opt/a.py", "/usr/bin/python3", "/opt/a.py", False),
        ("/bin/sh /opt/a.sh", "/bin/sh", "/opt/a.sh", False),
        ("/bin/bash -o pipefail /opt/a.sh", "/bin/bash", "/opt/a.sh", False),
        ("/bin/sh -c 'exec /tmp/a'", "/bin/sh", "", False),
        ("/bin/bash -ec 'a b'", "/bin/bash", "", False),
        ("/bin/bash --rcfile /etc/rc /opt/a", "/bin/bash", "/opt/a", False),
        ("/usr/bin/env python3 /opt/a.py", "/usr/bin/env python3", "/opt/a.py", False),
        ("/usr/bin/env -i A=1 bash /opt/a.sh", "/usr/bin/env bash", "/opt/a.sh", False),
        ("/usr/bin/env", "/usr/bin/env", "", False),
        ("/usr/bin/perl -I /opt/lib /opt/a.pl", "/usr/bin/perl", "/opt/a.pl", False),
        ("/usr/bin/perl -e 1 /opt/a.pl", "/usr/bin/perl", "", False),
        ("/usr/bin/node --require /opt/b.js /opt/a.js", "/usr/bin/node", "/opt/a.js", False),
        ("/srv/venv/bin/gunicorn app:app", "/srv/venv/bin/gunicorn", "", True),
        ("/usr/bin/python-config /opt/a.py", "/usr/bin/python-config", "", False),
    ],
)
def test_code(line: str, programs: str, scripts: str, from_directory: bool) -> None:
    (command,) = commands_of(line)
    assert code_of(command) == Code(tuple(programs.split()), tuple(scripts.split()), from_directory)


@settings(max_examples=examples(300), deadline=None, database=None)
@given(st.text(max_size=60))
def test_whatever_stands_there(value: str) -> None:
    for command in commands_of(value):
        assert command.program
        assert code_of(command).programs[0] == command.program
