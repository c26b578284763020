# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""[Install] → links, as `systemctl enable` makes them: systemd.unit(5), "[Install] Section Options"."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.enablement import can_be_enabled, check_names, links_of
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_file_state import UnitFileState
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse

from ..builders import SCOPE, SLEEPER, UNITS, desired, units_of


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
        pytest.param("n-o-p@x.service", "WantedBy=%j.target", ["p.target.wants/n-o-p@x.service"], id="last component"),
        pytest.param("a.service", "Alias=%%n.service", [], id="a percent sign, which no name holds"),
        pytest.param("a.service", "Alias=a.service b.service", ["b.service"], id="its own name"),
        pytest.param("a@x.service", "Alias=b@.service", ["b@x.service"], id="alias of an instance"),
        pytest.param("a@x.service", "Alias=b@x.service", ["b@x.service"], id="the same instance"),
        pytest.param("a@.service", "Alias=b@x.service", ["b@x.service"], id="an instance of a template"),
    ],
)
def test_links(name: str, install: str, links: list[str]) -> None:
    document = parse(f"[Install]\n{install}\n")
    found = links_of(name, f"{UNITS}/{name}", document, SCOPE)
    assert [link.path for link in found] == [f"{UNITS}/{path}" for path in links]
    assert {link.target for link in found} <= {f"{UNITS}/{name}"}


def of_this_host(letter: str) -> str:
    return {"l": "host1", "H": "host1.example.org", "q": "My host"}.get(letter, f"<{letter}>")


def test_specifiers_of_the_host() -> None:
    document = parse("[Install]\nAlias=n-%l.service\nWantedBy=%H.target\n")
    found = links_of("a.service", f"{UNITS}/a.service", document, SCOPE, of_this_host)
    assert [link.path for link in found] == [
        f"{UNITS}/host1.example.org.target.wants/a.service",
        f"{UNITS}/n-host1.service",
    ]


@pytest.mark.parametrize(
    ("name", "install", "systemd", "problem", "remedy"),
    [
        pytest.param("a.service", "Alias=foo.socket", 0, "alias of a .service", "Write foo.service", id="another type"),
        pytest.param("a.service", "Alias=foo@.service", 0, "is no template", "Write foo.service", id="a template of none"),
        pytest.param("a.service", "Alias=foo@x.service", 0, "is no template", "Write foo.service", id="an instance of none"),
        pytest.param("a@.service", "Alias=foo.service", 0, "of a template", "Write foo@.service", id="none of a template"),
        pytest.param("a@x.service", "Alias=foo@y.service", 0, "another instance", "Write foo@.service", id="another instance"),
        pytest.param("a.mount", "Alias=foo.mount", 0, "cannot have an alias", "Take it away", id="a mount"),
        pytest.param("a.slice", "Alias=foo.slice", 0, "cannot have an alias", "Take it away", id="a slice"),
        pytest.param("a.service", "WantedBy=%t.target", 0, "knows no specifier %t", "%H", id="not in [Install]"),
        pytest.param("a.service", "WantedBy=x%", 0, "knows no specifier %", "%%", id="a lone percent sign"),
        pytest.param("a.service", "WantedBy=%q.target", 247, "since systemd 248", "upgrade", id="too new"),
        pytest.param("a.service", "WantedBy=%q.target", 252, "My host.target", "systemd-escape", id="no name on this host"),
        pytest.param("a.service", "WantedBy=%I.target", 0, "knows no specifier %I", "%i", id="of other sections"),
    ],
)
def test_what_systemctl_refuses(name: str, install: str, systemd: int, problem: str, remedy: str) -> None:
    problems = Problems()
    document = parse(f"[Install]\n{install}\n")
    check_names(name, document, "units.x", problems, of_this_host, systemd)
    (found,) = problems.found
    assert found.place == f"units.x.Install.{install.partition('=')[0]}"
    assert problem in found.problem
    assert remedy in found.remedy
    assert links_of(name, f"{UNITS}/{name}", document, SCOPE, of_this_host) == () or systemd == 247


BARE = {"Service": {"ExecStart": "/bin/sleep infinity"}}
BY_DEFAULT = "multi-user.target.wants/a.service"
WANTED = {"Install": {"WantedBy": "multi-user.target"}}


@pytest.mark.parametrize(
    ("units", "state", "links"),
    [
        pytest.param(
            {"a.service": {**BARE, "dropins": {"x": WANTED}}}, "started", ["multi-user.target.wants/a.service"], id="own"
        ),
        pytest.param(
            {"a.service": {**SLEEPER, "dropins": {"x": {"Install": {"WantedBy": ["", "b.target"]}}}}},
            "started",
            ["b.target.wants/a.service"],
            id="reset",
        ),
        pytest.param(
            {"a.service": {**BARE, "enabled": True, "dropins": {"x": {"Install": {"Alias": "b.service"}}}}},
            "started",
            ["b.service"],
            id="an alias",
        ),
        pytest.param({"a.service": {**BARE, "enabled": False, "dropins": {"x": WANTED}}}, "unmanaged", [], id="not enabled"),
    ],
)
def test_install_of_a_drop_in(units: dict[str, Any], state: str, links: list[str]) -> None:
    found = units_of(desired(units=units))["a.service"]
    assert (found.state, [link.path for link in found.links]) == (state, [f"{UNITS}/{path}" for path in links])


VENDOR = "/usr/lib/systemd/system/v.service"


@pytest.mark.parametrize(
    ("entry", "dropins", "links"),
    [
        pytest.param({"enabled": True, "dropins": {"x": WANTED}}, {}, ["multi-user.target.wants/v.service"], id="of ours"),
        pytest.param(
            {"enabled": True}, {"y.conf": "[Install]\nWantedBy=b.target\n"}, ["b.target.wants/v.service"], id="of a person"
        ),
        pytest.param(
            {"enabled": True, "dropins": {"y": WANTED}},
            {"y.conf": "[Install]\nWantedBy=b.target\n"},
            ["multi-user.target.wants/v.service"],
            id="ours in its place",
        ),
        pytest.param({"dropins": {"x": WANTED}}, {}, [], id="not asked for"),
    ],
)
def test_install_of_a_drop_in_for_a_unit_of_others(entry: dict[str, Any], dropins: dict[str, str], links: list[str]) -> None:
    lying = {"v.service": UnitFileState("file", VENDOR, text="[Service]\nExecStart=/bin/true", dropins=dropins)}
    wanted = desired(lying, units={"v.service": entry})
    found = units_of(wanted)["v.service"]
    assert [(link.path, link.target) for link in found.links] == [(f"{UNITS}/{path}", VENDOR) for path in links]
    assert ["enabled: true" in warning for warning in wanted.warnings] == ([] if links else [True])


def test_also_of_a_drop_in() -> None:
    units = {"a.service": {**BARE, "dropins": {"x": {"Install": {"Also": "b.service"}}}}, "b.service": {**SLEEPER}}
    assert len(units_of(desired(units=units))["b.service"].links) == 1


def test_default_instance_of_a_drop_in() -> None:
    dropin = {"Install": {"WantedBy": "multi-user.target", "DefaultInstance": "d"}}
    found = units_of(desired(units={"a@.service": {**BARE, "dropins": {"x": dropin}}}))["a@.service"]
    assert [link.path for link in found.links] == [f"{UNITS}/multi-user.target.wants/a@d.service"]


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
