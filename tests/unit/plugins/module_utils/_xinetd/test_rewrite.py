# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services are disabled in the text of a configuration, and nothing else changes."""

from __future__ import annotations

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.config_syntax import read_configuration
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.migrate import files_of
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.resolve import Service, resolve
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.rewrite import with_disabled

TEXT = """# all
service one
{
\tdisable = no
\tport = 1
}
service two
{
\tid = zwei
}

service three
{
\tdisable = no
\tdisable = yes
}
"""


def services_in(text: str) -> list[Service]:
    problems = Problems()
    found, _notes = resolve(read_configuration("/x", files_of({"/x": text}), problems), problems)
    assert not problems
    return found


def test_only_what_is_meant_is_disabled() -> None:
    meant = [service.entry for service in services_in(TEXT) if service.id in ("one", "three")]
    text = with_disabled(TEXT, meant, "systemd serves it")
    assert {service.id: service.is_enabled for service in services_in(text)} == {"one": False, "zwei": True, "three": False}
    assert [line for line in text.split("\n") if "disable" in line] == [
        "\tdisable\t\t= yes",
        "#\tdisable = no",
        "\tdisable\t\t= yes",
        "#\tdisable = no",
        "#\tdisable = yes",
    ]
    kept = [line for line in text.split("\n") if "disable" not in line and "systemd" not in line]
    assert kept == [line for line in TEXT.split("\n") if "disable" not in line]


def test_nothing_to_disable() -> None:
    assert with_disabled(TEXT, [], "") == TEXT
