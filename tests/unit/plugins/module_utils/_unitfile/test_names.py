# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of escapes are output of systemd-escape 252."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import (
    BadUnitName,
    UnitName,
    check_unit_name,
    escape,
    escape_path,
    instance_of,
    split_unit_name,
    template_of,
    unescape,
    unescape_path,
)
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=examples(300), deadline=None, database=None)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("echo.service", UnitName("echo", None, "service")),
        ("echo@.service", UnitName("echo", "", "service")),
        ("echo@1.service", UnitName("echo", "1", "service")),
        ("echo@a@b.c.service", UnitName("echo", "a@b.c", "service")),
        ("a..socket", UnitName("a.", None, "socket")),
        ("-.mount", UnitName("-", None, "mount")),
        ("dev-disk-by\\x2did.device", UnitName("dev-disk-by\\x2did", None, "device")),
        ("org.example:1_2.path", UnitName("org.example:1_2", None, "path")),
        ("x" * 247 + ".service", UnitName("x" * 247, None, "service")),
    ],
)
def test_good_name(name: str, parts: UnitName) -> None:
    check_unit_name(name)
    assert split_unit_name(name) == parts
    assert str(parts) == name


def test_kinds_of_name() -> None:
    plain, template, instance = (split_unit_name(name) for name in ("a.service", "a@.service", "a@1.service"))
    assert (plain.is_template, plain.is_instance) == (False, False)
    assert (template.is_template, template.is_instance) == (True, False)
    assert (instance.is_template, instance.is_instance) == (False, True)


@pytest.mark.parametrize(
    ("name", "problem", "remedy"),
    [
        pytest.param("", "empty", "echo.service", id="empty"),
        pytest.param("echo", "type", "echo.service", id="no-suffix"),
        pytest.param("echo.servcie", "'.servcie'", "did you mean echo.service?", id="misspelt-suffix"),
        pytest.param("echo.Service", "'.Service'", "did you mean echo.service?", id="capital-suffix"),
        pytest.param("echo.py", "'.py'", "echo.py.service", id="another-suffix"),
        pytest.param("echo.", "'.'", "write echo.service", id="no-type"),
        pytest.param(".service", "nothing stands before", "echo.service", id="only-a-suffix"),
        pytest.param("@1.service", "nothing stands before", "echo@1.service", id="no-prefix"),
        pytest.param("/etc/systemd/system/a.service", "'/'", "write a.service", id="path"),
        pytest.param("/dev/sda", "'/'", "systemd-escape(1)", id="device"),
        pytest.param("a b!.service", "' !'", "systemd-escape(1)", id="characters"),
        pytest.param("é.service", "'é'", "systemd-escape(1)", id="not-ascii"),
        pytest.param("a\n.service", "'\\n'", "systemd-escape(1)", id="newline"),
        pytest.param("a.service\n", "'.service\n'", "a.service", id="newline-after"),
        pytest.param("x" * 248 + ".service", "256 characters", "255", id="too-long"),
    ],
)
def test_bad_name(name: str, problem: str, remedy: str) -> None:
    with pytest.raises(BadUnitName) as caught:
        check_unit_name(name)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy
    assert len(str(caught.value)) < 250


def test_template_and_instance() -> None:
    assert template_of("a@1.service") == template_of("a@.service") == "a@.service"
    assert instance_of("a@.service", "1") == "a@1.service"
    assert instance_of("a@.service", escape("x/y z")) == "a@x-y\\x20z.service"


@pytest.mark.parametrize("instance", ["", "a b", "a/b", "é"])
def test_bad_instance(instance: str) -> None:
    with pytest.raises(BadUnitName):
        instance_of("a@.service", instance)


def test_plain_unit_has_no_template() -> None:
    with pytest.raises(BadUnitName, match=r"write a@\.service"):
        template_of("a.service")
    with pytest.raises(BadUnitName):
        instance_of("a.service", "1")
    with pytest.raises(BadUnitName):
        instance_of("a@.service", "x" * 250)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("", ""),
        ("a b", "a\\x20b"),
        (".hidden", "\\x2ehidden"),
        ("a.b", "a.b"),
        ("a/b", "a-b"),
        ("/a", "-a"),
        ("ünï", "\\xc3\\xbcn\\xc3\\xaf"),
        ("a-b_c:d.e", "a\\x2db_c:d.e"),
        ("a\\x20", "a\\x5cx20"),
        ("@", "\\x40"),
        ("\n", "\\x0a"),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert escape(text) == escaped
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("", "-"),
        ("/", "-"),
        ("//", "-"),
        ("/.", "-"),
        ("/a", "a"),
        ("/a/b/", "a-b"),
        ("a//b", "a-b"),
        ("./a", "a"),
        ("/a/./b", "a-b"),
        ("/.a", "\\x2ea"),
        ("/a b-c", "a\\x20b\\x2dc"),
        ("/dev/sda1", "dev-sda1"),
    ],
)
def test_escape_path(path: str, escaped: str) -> None:
    assert escape_path(path) == escaped


@pytest.mark.parametrize("path", [".", "..", "/..", "/a/../b", "./", "/a\0"])
def test_path_refused(path: str) -> None:
    with pytest.raises(BadUnitName):
        escape_path(path)


@pytest.mark.parametrize(
    ("escaped", "path"),
    [("-", "/"), ("a-b", "/a/b"), ("a\\x20b", "/a b"), (".a", "/.a"), ("a\\x2fb", "/a/b")],
)
def test_unescape_path(escaped: str, path: str) -> None:
    assert unescape_path(escaped) == path


@pytest.mark.parametrize("escaped", ["", "a--b", "-a", "a-", ".", "..", "a-..-b", "a\\", "a\\x2", "a\\xZZ", "a\\n", "\\x00"])
def test_unescape_path_refused(escaped: str) -> None:
    with pytest.raises(BadUnitName):
        unescape_path(escaped)


@PROPERTY
@given(st.one_of(st.text(), st.text(alphabet="ab-/.\\x2@: é")))
def test_escape_round_trip(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return
    escaped = escape(text)
    assert unescape(escaped) == text
    if 0 < len(escaped) < 200:
        check_unit_name(escaped + ".service")


@PROPERTY
@given(st.lists(st.text(alphabet="ab-.\\x2@: é", min_size=1, max_size=5).filter(lambda part: part not in (".", ".."))))
def test_escape_path_round_trip(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    assert unescape_path(escape_path(path)) == path
