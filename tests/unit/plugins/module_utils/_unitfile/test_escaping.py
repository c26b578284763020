# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd-escape of 252 and 257 prints is the expectation; the scenario `signals` asks the programs themselves."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.escaping import Escaping, checked, escaped, unescaped
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import BadUnitName, check_unit_name
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import assume, given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(300), deadline=None, database=None)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
MANGLE = Escaping(mangle=True)


@pytest.mark.parametrize(
    ("text", "how", "name"),
    [
        pytest.param("a b", Escaping(), r"a\x20b", id="plain"),
        pytest.param("", Escaping(), "", id="empty"),
        pytest.param("", Escaping(path=True), "-", id="empty-path"),
        pytest.param("/a b/", Escaping(path=True, suffix="mount"), r"a\x20b.mount", id="mount"),
        pytest.param("/./a//b/.", Escaping(path=True), "a-b", id="dots-in-a-path"),
        pytest.param("a b", Escaping(template="foo@.service"), r"foo@a\x20b.service", id="template"),
        pytest.param("/a b", Escaping(path=True, template="foo@.service"), r"foo@a\x20b.service", id="template-of-a-path"),
        pytest.param("-", MANGLE, "-.service", id="dash"),
        pytest.param(".", MANGLE, "..service", id="dot"),
        pytest.param("//", MANGLE, "-.mount", id="root"),
        pytest.param("/.", MANGLE, "-.mount", id="root-with-a-dot"),
        pytest.param("/home/x y/", MANGLE, r"home-x\x20y.mount", id="path"),
        pytest.param("/dev/sda1", MANGLE, "dev-sda1.device", id="device"),
        pytest.param("/sys/x", MANGLE, "sys-x.device", id="sys"),
        pytest.param("/dev", MANGLE, "dev.mount", id="dev-itself"),
        pytest.param("/a/../b", MANGLE, "-a-..-b.service", id="path-that-is-none"),
        pytest.param("foo@.service", MANGLE, "foo@.service", id="name"),
        pytest.param("foo@a b", MANGLE, r"foo@a\x20b.service", id="instance"),
        pytest.param("foo.target ", MANGLE, r"foo.target\x20.service", id="space-behind"),
        pytest.param("*.service", MANGLE, r"\x2a.service", id="pattern"),
        pytest.param("a/b.mount", MANGLE, "a-b.mount", id="with-a-type"),
        pytest.param("foo.unknown", MANGLE, "foo.unknown.service", id="no-type"),
        pytest.param(r"a\x2d", MANGLE, r"a\x2d.service", id="escaped-already"),
        pytest.param("é", MANGLE, r"\xc3\xa9.service", id="unicode"),
    ],
)
def test_escaped(text: str, how: Escaping, name: str) -> None:
    assert escaped(text, how) == name


@pytest.mark.parametrize("text", ["", "@", "@a", "\0"])
def test_cannot_be_mangled(text: str) -> None:
    with pytest.raises(BadUnitName):
        escaped(text, MANGLE)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param({"suffix": "mount", "template": "a@.service"}, "has its type already", id="two-types"),
        pytest.param({"mangle": True, "path": True}, "no other option", id="mangled-path"),
        pytest.param({"suffix": ".mount"}, "did you mean mount", id="suffix-with-a-dot"),
        pytest.param({"suffix": "sevice"}, "did you mean service", id="misspelt"),
        pytest.param({"suffix": "nosuch"}, "choose one of service", id="no-type"),
        pytest.param({"template": "a.service"}, "is no template", id="unit"),
        pytest.param({"template": "a@1.service"}, "is no template", id="instance"),
        pytest.param({"template": "a"}, "write a.service", id="no-unit"),
    ],
)
def test_options(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadUnitName, match=problem):
        checked(**options)


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        pytest.param(r"a\x20b", {}, "a b", id="plain"),
        pytest.param("-", {"path": True}, "/", id="root"),
        pytest.param("foo@a-b.service", {"template": "foo@.service"}, "a/b", id="template"),
        pytest.param("foo@a-b.service", {"instance": True}, "a/b", id="instance"),
        pytest.param("foo@a-b.service", {"instance": True, "path": True}, "/a/b", id="instance-that-is-a-path"),
    ],
)
def test_unescaped(name: str, options: dict[str, Any], text: str) -> None:
    assert unescaped(name, **options) == text


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("bar@a.service", {"template": "foo@.service"}),
        ("foo@a.socket", {"template": "foo@.service"}),
        ("foo.service", {"instance": True}),
        ("foo@.service", {"instance": True}),
        (r"a\xZZ", {}),
        ("a--b", {"path": True}),
    ],
)
def test_stands_for_nothing(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(BadUnitName):
        unescaped(name, **options)


@PROPERTY
@given(TEXT)
def test_there_and_back(text: str) -> None:
    assert unescaped(escaped(text, Escaping())) == text
    assume(text)
    assert unescaped(escaped(text, Escaping(template="a@.service")), template="a@.service") == text


@PROPERTY
@given(TEXT)
def test_a_mangled_text_is_a_name(text: str) -> None:
    try:
        name = escaped(text, MANGLE)
    except BadUnitName:
        assume(False)
    check_unit_name(name)
    assert escaped(name, MANGLE) == name
