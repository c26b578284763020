# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_xinetd."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.daemonic.systemd.plugins.filter.from_xinetd import from_xinetd

SERVICE = "service a\n{\n socket_type = stream\n wait = no\n user = nobody\n server = /bin/cat\n}\n"
INTERNAL = "service b\n{\n type = INTERNAL\n socket_type = stream\n wait = no\n user = nobody\n}\n"


def test_units_notes_and_what_is_left() -> None:
    found = from_xinetd("includedir /d\n", includes={"/d/a": SERVICE, "/d/b": INTERNAL}, ports={"a/tcp": 9})
    assert list(found["units"]) == ["a.socket", "a@.service"]
    assert [(note["service"], note["place"], note["effect"]) for note in found["notes"]] == [("b", "/d/b:3", "stays")]
    assert found["left"] == ["b"]


def test_the_ports_of_the_controller() -> None:
    assert from_xinetd(SERVICE.replace("service a", "service telnet"))["units"]["telnet.socket"]["Socket"]["ListenStream"] == "23"


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        (SERVICE, {"ports": {}}, "/etc/xinetd.d/a:1: a/tcp is not in /etc/services"),
        (None, {}, "takes the text of a file"),
        (SERVICE, {"ports": {"a/tcp": 9}, "services": ["c"]}, "xinetd has no service with this id"),
    ],
)
def test_mistakes(text: str, options: dict, says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says):
        from_xinetd(text, path="/etc/xinetd.d/a", **options)
