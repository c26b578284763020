# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When accounts and directories are made: before what needs them, again when they are missing, never for nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan

from ..builders import unit
from ..simulated_host import Host, short

CONF = "daemonic-demo.conf"
TMPFILES = "/etc/tmpfiles.d/demo.conf"
LINES = "d /srv/shop/data 0750 shop shop\nf /srv/shop/log/first\n"
SHOP: dict[str, Any] = {
    "users": {"shop": None},
    "units": {"a.service": unit(Service={"User": "shop"})},
    "files": {"/etc/a.conf": {"content": "x", "owner": "shop"}, TMPFILES: LINES},
}


def deployed() -> Host:
    host = Host()
    host.run(host.declare(**SHOP))
    return host


def test_accounts_come_before_all_and_directories_after_files() -> None:
    host = Host()
    done = [each for each in short(host.plan(host.declare(**SHOP))) if each[0] != "create_directory"]
    assert done == [
        ("write", CONF),
        ("create_accounts", CONF),
        ("write", "a.conf"),
        ("write", "demo.conf"),
        ("write", "a.service"),
        ("link", "a.service"),
        ("create_paths", "demo.conf"),
        ("daemon_reload", "systemd"),
        ("start", "a.service"),
    ]


def test_once() -> None:
    host = deployed()
    assert host.plan(host.declare(**SHOP)) == Plan(())
    assert "/srv/shop/data" in host.directories


def test_a_user_with_a_group_of_another_name_is_made_once() -> None:
    host = Host()
    params = {"users": {"shop": {"group": "trade", "groups": ["adm"]}}}
    host.accounts.gid = {"root": 0, "adm": 4, "trade": 7}.__getitem__  # type: ignore[assignment]
    host.run(host.declare(**params))
    assert host.plan(host.declare(**params)) == Plan(())


def test_what_was_removed_is_made_again() -> None:
    host = deployed()
    host.accounts.numbers.pop("shop", None)
    host.directories.discard("/srv/shop/data")
    plan = host.run(host.declare(**SHOP))
    assert [action.reason for action in plan.actions] == ["shop is missing", "/srv/shop/data is missing"]
    assert [action.verb for action in plan.actions] == ["create_accounts", "create_paths"]
    assert host.plan(host.declare(**SHOP)) == Plan(())


def test_another_user() -> None:
    host = deployed()
    done = short(host.run(host.declare(**{**SHOP, "users": {"shop": None, "clerk": None}})))
    assert done == [("write", CONF), ("create_accounts", CONF)]


def test_accounts_and_directories_stay_when_the_stack_goes() -> None:
    host = deployed()
    host.remove()
    assert "shop" in host.accounts.numbers
    assert "/srv/shop/data" in host.directories
    assert not [path for path in host.files if "sysusers.d" in path or "tmpfiles.d" in path]


@pytest.mark.parametrize("killed_after", range(10))
def test_killed_anywhere_the_next_run_makes_them(killed_after: int) -> None:
    host = Host()
    host.run(host.declare(**SHOP), killed_after)
    assert host.was_killed
    host.run(host.declare(**SHOP))
    assert "shop" in host.accounts.numbers
    assert "/srv/shop/data" in host.directories
    assert host.plan(host.declare(**SHOP)) == Plan(())


def test_an_interrupted_run_applies_again_what_looks_right() -> None:
    """What else stands in those files than accounts and directories does not show."""
    host = deployed()
    before = host.declare(**SHOP)
    changed = {**SHOP, "files": {**SHOP["files"], "/etc/b.conf": "x"}}
    host.run(host.declare(**changed), 0)
    assert {each for each in short(host.plan(before)) if each[0].startswith("create_")} == {
        ("create_accounts", CONF),
        ("create_paths", "demo.conf"),
    }


@pytest.mark.parametrize("broken_after", range(10))
def test_broken_anywhere_nothing_stays_but_accounts(broken_after: int) -> None:
    host = Host()
    before = host.tree()
    host.run(host.declare(**SHOP), broken_after=broken_after)
    assert host.manifest is None
    assert host.tree() == before
