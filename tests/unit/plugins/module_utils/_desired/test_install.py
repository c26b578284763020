# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""[Install] → links, as `systemctl enable` makes them: systemd.unit(5), "[Install] Section Options"."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.install import can_be_enabled, links_of
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse

from ..builders import SCOPE, UNITS


@pytest.mark.parametrize(
    ("name", "install", "links"),
    [
        pytest.param("a.service", "WantedBy=m.target", ["m.target.wants/a.service"], id="wanted by"),
        pytest.param(
            "a.service", "WantedBy=m.target n.target", ["m.target.wants/a.service", "n.target.wants/a.service"], id="two"
        ),
        pytest.param(
            "a.service", "WantedBy=m.target\nWantedBy=n.target", ["m.target.wants/a.service", "n.target.wants/a.service"], id="2"
        ),
        pytest.param("a.service", "WantedBy=m.target\nWantedBy=\nWantedBy=n.target", ["n.target.wants/a.service"], id="reset"),
        pytest.param("a.service", "WantedBy=m.target m.target", ["m.target.wants/a.service"], id="named twice"),
        pytest.param("a.service", "RequiredBy=m.target", ["m.target.requires/a.service"], id="required by"),
        pytest.param("a.service", "UpheldBy=m.target", ["m.target.upholds/a.service"], id="upheld by"),
        pytest.param("a.service", "Alias=b.service c.service", ["b.service", "c.service"], id="alias"),
        pytest.param(
            "a.service", "Alias=b.service\nWantedBy=m.target", ["m.target.wants/a.service", "b.service"], id="alias and wanted by"
        ),
        pytest.param("a@.service", "WantedBy=m.target\nDefaultInstance=x", ["m.target.wants/a@x.service"], id="template"),
        pytest.param("a@.service", "WantedBy=m.target", [], id="template without an instance"),
        pytest.param("a@.service", "Alias=b@.service", ["b@.service"], id="alias of a template"),
        pytest.param("a@x.service", "WantedBy=m@%i.target", ["m@x.target.wants/a@x.service"], id="instance specifier"),
        pytest.param(
            "a@.service", "WantedBy=m@%i.target\nDefaultInstance=x", ["m@x.target.wants/a@x.service"], id="of the default"
        ),
        pytest.param("a@.service", "WantedBy=m@%i.target", [], id="specifier without an instance"),
        pytest.param("a.service", "WantedBy=%p.target", ["a.target.wants/a.service"], id="prefix specifier"),
        pytest.param("a.service", "Alias=%N-too.service", ["a-too.service"], id="name specifier"),
        pytest.param("a.service", "Also=b.service", [], id="also"),
    ],
)
def test_links(name: str, install: str, links: list[str]) -> None:
    document = parse(f"[Install]\n{install}\n")
    found = links_of(name, f"{UNITS}/{name}", document, SCOPE)
    assert [link.path for link in found] == [f"{UNITS}/{path}" for path in links]
    assert {link.target for link in found} <= {f"{UNITS}/{name}"}


def test_reason_is_the_directive() -> None:
    found = links_of(
        "a.service", f"{UNITS}/a.service", parse("[Install]\nWantedBy=m.target\nRequiredBy=n.target\nAlias=b.service\n"), SCOPE
    )
    assert [link.reason for link in found] == [
        f"a.service has {directive}" for directive in ("WantedBy=m.target", "RequiredBy=n.target", "Alias=b.service")
    ]


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("[Install]\nWantedBy=m.target\n", True),
        ("[Install]\nAlias=b.service\n", True),
        ("[Install]\nWantedBy=\n", False),
        ("[Install]\nAlso=b.service\n", True),
        ("[Install]\nDefaultInstance=x\n", False),
        ("[Unit]\nWantedBy=m.target\n", False),
        ("", False),
    ],
)
def test_can_be_enabled(text: str, possible: bool) -> None:
    assert can_be_enabled(parse(text)) is possible
