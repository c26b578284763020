# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What installers say, and what it means; lines as pip and uv print them."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._result import build_errors

SAID = {
    "pip, no such package": (
        "ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)\n"
        "ERROR: No matching distribution found for nosuch\n",
        "a requirement cannot be had",
    ),
    "uv, no such package": (
        "  × No solution found when resolving dependencies:\n  ╰─▶ Because nosuch was not found in the provided package\n",
        "a requirement cannot be had",
    ),
    "pip, hash": (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated …\n",
        "whose hash is required",
    ),
    "pip, hashes are missing": (
        "ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==.\n",
        "whose hash is required",
    ),
    "uv, hash": ("  × Failed to read `blinker==1.9.0`\n  ╰─▶ Hash mismatch for `blinker==1.9.0`\n", "whose hash is required"),
    "pip, full disk": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
        "the disk is full",
    ),
    "pip, no network": (
        "WARNING: Retrying … NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name"
        " resolution\nERROR: Could not find a version that satisfies the requirement flask\n",
        "index cannot be reached",
    ),
    "pip check": ("flask 3.1.3 requires click, which is not installed.\n", "do not fit together"),
    "uv pip check": ("The package `flask` requires `click>=8.1.3`, but it's not installed\n", "do not fit together"),
    "import": ("Traceback (most recent call last):\nModuleNotFoundError: No module named 'flask'\n", "is not there"),
    "nothing known": ("boom\n", "it ended with 1"),
}


@pytest.mark.parametrize("said", SAID.values(), ids=list(SAID))
def test_meaning(said: tuple[str, str]) -> None:
    output, means = said
    story = build_errors.story("daemons.shop", "install its requirements", 1, output)
    assert story.startswith("daemons.shop: could not install its requirements: ")
    assert means in story
    assert "Nothing was changed" in story
    assert story.endswith(f"\n    | {output.splitlines()[-1]}")


def test_only_the_last_lines_are_shown() -> None:
    story = build_errors.story("daemons.shop", "find and import what it runs", 1, "".join(f"line {n}\n\n" for n in range(100)))
    assert "line 91" not in story
    assert "line 92" in story


def test_signal_is_named() -> None:
    assert "ended by signal 14" in build_errors.story("daemons.shop", "find and import what it runs", -14, "")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ERROR: No matching distribution found for shop-core==2\n", "shop-core==2"),
        ("hint: Wheels are required for `shop-core` because building from source is disabled for all packages\n", "shop-core"),
        ("Because shop-core has no usable wheels and you require shop-core, …\n", "shop-core"),
    ],
)
def test_what_comes_as_source_alone_is_named_with_the_option(said: str, name: str) -> None:
    told = build_errors.story("daemons.shop", "install its requirements", 1, said, from_source=False)
    assert f"if {name} comes as source alone, say build_from_source: true" in told
    assert "build_from_source" not in build_errors.story("daemons.shop", "install its requirements", 1, said)


def test_a_host_that_can_make_no_sandbox() -> None:
    assert "systemd cannot make a sandbox" in build_errors.story("daemons.shop", "make it", 226, "")
