# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as a template calls them: options, lists, and errors. What they compute is tested with the pure core."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.daemonic.systemd.plugins.filter.from_unit import from_unit
from ansible_collections.daemonic.systemd.plugins.filter.to_unit import to_unit
from ansible_collections.daemonic.systemd.plugins.filter.unit_escape import unit_escape
from ansible_collections.daemonic.systemd.plugins.filter.unit_unescape import unit_unescape

KNOWN = {
    "Journal": {
        "Storage": ["auto", "none"],
        "MaxUse": "size",
        "Keep": "span",
        "Burst": "number",
        "Seal": "boolean",
        "Path": "text",
    }
}


def test_a_unit_and_back() -> None:
    text = "# note\n[Unit]\nAfter=a\nAfter=b\n"
    assert from_unit(text) == {"Unit": {"After": ["a", "b"]}}
    assert to_unit(from_unit(text)) == "[Unit]\nAfter=a\nAfter=b\n"
    assert to_unit(from_unit(text, comments=True)) == text


def test_one_or_many() -> None:
    assert unit_escape("a b") == r"a\x20b"
    assert unit_escape(["a b", 8080], template="w@.service") == [r"w@a\x20b.service", "w@8080.service"]
    assert unit_unescape([r"a\x20b"]) == ["a b"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(lambda: from_unit("[Unit]\nx"), "from_unit: line 2: no '=' in this line", id="from_unit"),
        pytest.param(lambda: from_unit({"Unit": {}}), "must be a text, not a mapping", id="from_unit-of-a-mapping"),
        pytest.param(lambda: to_unit({"Unit": {"A": "x\ny"}}), "to_unit: .* line break", id="to_unit"),
        pytest.param(lambda: unit_escape(True), "must be a text, not a truth value", id="unit_escape-of-a-truth-value"),
        pytest.param(lambda: unit_escape([["a"]]), "each item of .* not a list", id="unit_escape-of-lists"),
        pytest.param(lambda: unit_escape("/a/../b", path=True), "unit_escape: .* not a normalized path", id="unit_escape"),
        pytest.param(lambda: unit_unescape(r"\xq"), "unit_unescape: .* starts no escape", id="unit_unescape"),
    ],
)
def test_errors(call: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        call()


def test_known_settings() -> None:
    settings = {
        "Storage": "none",
        "MaxUse": "1G",
        "Keep": "1month",
        "Burst": 5,
        "Seal": True,
        "Path": "/x",
    }
    assert to_unit({"Journal": settings}, KNOWN).startswith("[Journal]\nStorage=none\n")
    assert to_unit({"Journal": {"MaxUse": ""}}, known=KNOWN) == "[Journal]\nMaxUse=\n"


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        pytest.param({"Jurnal": {}}, "unknown section .* Did you mean Journal", id="section"),
        pytest.param({"Journal": {"Sealed": True}}, "unknown setting .* Did you mean Seal", id="setting"),
        pytest.param({"Journal": {"Xyz": True}}, "There are: Burst, Keep", id="setting-like-none"),
        pytest.param({"Journal": {"Storage": "persistent"}}, "not one of its words .* There are: auto, none", id="word"),
        pytest.param({"Journal": {"MaxUse": "1 GB"}}, "no size .* Write 1G", id="size"),
        pytest.param({"Journal": {"Keep": "1 moon"}}, "unit of time", id="span"),
        pytest.param({"Journal": {"Burst": "many"}}, "no whole number", id="number"),
        pytest.param({"Journal": {"Seal": "maybe"}}, "no truth value", id="truth"),
        pytest.param({"Journal": {"Seal": "maybe", "Burst": "x"}}, "no truth value.* no whole number", id="all-at-once"),
    ],
)
def test_unknown_settings(sections: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        to_unit(sections, known=KNOWN)
