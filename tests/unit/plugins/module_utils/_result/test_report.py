# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff comes from the plan, and never shows what not all may read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import Plan
from ansible_collections.daemonic.systemd.plugins.module_utils._result.report import (
    diff_of,
    units_as_before,
    units_of,
    warnings_of,
)

from ..builders import SLEEPER, UNITS, daemon, desired, script
from ..simulated_host import Host, deployed


def diff(host: Host, **params: Any) -> dict[str, tuple[str, str]]:
    """Path → before and after."""
    wanted = desired(**params)
    entries = diff_of(host.plan(wanted).actions, wanted, host.observe(wanted))
    return {entry["after_header"]: (entry["before"], entry["after"]) for entry in entries}


def test_new_file() -> None:
    assert diff(Host(), files={"/etc/a.conf": "one\n"})["/etc/a.conf"] == ("", "one\n")


def test_changed_file() -> None:
    host = deployed(files={"/etc/a.conf": "one\n"})
    assert diff(host, files={"/etc/a.conf": "two\n"}) == {"/etc/a.conf": ("one\n", "two\n")}


@pytest.mark.parametrize(
    ("old_mode", "new_mode"),
    [("0600", "0600"), ("0644", "0600"), ("0600", "0644"), ("0640", None), (None, "0440"), ("0644", "0750")],
)
def test_secret_is_never_shown(old_mode: str | None, new_mode: str | None) -> None:
    """Neither the old content nor the new one, if either file is not for all to read."""
    host = deployed(files={"/etc/key": {"content": "hunter2\n", "mode": old_mode}})
    found = diff(host, files={"/etc/key": {"content": "swordfish\n", "mode": new_mode}})["/etc/key"]
    assert "hunter2" not in "".join(found)
    assert "swordfish" not in "".join(found)
    assert found[0] != found[1]
    assert all(text.startswith("(not shown") and "sha256" not in text for text in found)


def test_new_secret_is_not_shown() -> None:
    before, after = diff(Host(), files={"/etc/key": {"content": "hunter2\n", "mode": "0600"}})["/etc/key"]
    assert before == ""
    assert "hunter2" not in after


def test_secret_that_goes_is_not_shown() -> None:
    host = deployed(files={"/etc/key": {"content": "hunter2\n", "mode": "0600"}})
    assert "hunter2" not in str(diff(host))


def test_binary_and_large_files_are_told_by_digest() -> None:
    large = {"name": "b", "sha256": "f" * 64, "size": 10**9}
    found = diff(Host(), files={"/srv/a": {"content": {"name": "a", "base64": "//79"}}, "/srv/b": {"content": large}})
    assert found["/srv/a"][1].startswith("(binary: sha256 ")
    assert found["/srv/b"][1] == f"(large: sha256 {'f' * 64})\n"


def test_attributes() -> None:
    host = deployed(files={"/etc/a": {"content": "a", "mode": "0644"}})
    assert diff(host, files={"/etc/a": {"content": "a", "mode": "0600"}}) == {"/etc/a": ("root root 0644\n", "root root 0600\n")}


def test_links_and_removals() -> None:
    host = deployed(units={"a.service": SLEEPER, "b.service": SLEEPER})
    found = diff(host, units={"a.service": SLEEPER})
    assert found[f"{UNITS}/multi-user.target.wants/b.service"] == (f"link to {UNITS}/b.service\n", "")
    assert found[f"{UNITS}/b.service"][0].startswith("file with sha256 ")


def test_new_release_is_compared_with_the_live_one() -> None:
    host = deployed(daemons={"echo": daemon(script=script("one\n"))})
    wanted = desired(daemons={"echo": daemon(script=script("two\n"))})
    entries = diff_of(host.plan(wanted).actions, wanted, host.observe(wanted))
    (entry,) = [each for each in entries if each["after_header"].endswith("/echo.py")]
    assert (entry["before"], entry["after"]) == ("one\n", "two\n")
    assert entry["before_header"] != entry["after_header"]


def test_nothing_to_do_is_no_diff() -> None:
    params = {"daemons": {"echo": daemon()}, "files": {"/etc/a": {"content": "a", "mode": "0600"}}}
    assert diff(deployed(**params), **params) == {}


def test_units_after_the_run() -> None:
    params = {"daemons": {"echo": daemon(), "each": daemon(socket={"ListenStream": 1}, accept=True)}}
    host, wanted = deployed(**params), desired(**params)
    found = units_of(wanted, host.observe(wanted))
    assert sorted(found) == ["each.socket", "echo.service"]
    echo = found["echo.service"]
    assert (echo["active_state"], echo["sub_state"], echo["enabled"]) == ("active", "running", True)
    assert echo["stamp"] == host.unit("echo.service").stamp
    assert host.links["/opt/echo/current"] == f"releases/{echo['release']}"


def test_units_after_all_was_put_back() -> None:
    host = deployed(daemons={"echo": daemon(script=script("one\n"))})
    wanted = desired(daemons={"echo": daemon(script=script("two\n"), enabled=False), "new": daemon()})
    found = units_as_before(wanted, host.observe(wanted))
    echo, new = found["echo.service"], found["new.service"]
    assert host.links["/opt/echo/current"] == f"releases/{echo['release']}"
    assert (echo["enabled"], echo["stamp"]) == (True, host.unit("echo.service").stamp)
    assert (new["enabled"], new["stamp"], new["release"]) == (False, "", "")


def test_what_was_kept_is_warned_of() -> None:
    wanted = desired(daemons={"echo": daemon()})
    plan = Plan((), restart_pending=(("echo.service", "Nice= changed, but on_change is keep"),))
    assert warnings_of(wanted, Host().observe(wanted), plan) == [
        "echo.service was not restarted, because Nice= changed, but on_change is keep."
    ]


@pytest.mark.parametrize(
    ("options", "is_untried"),
    [
        ({"socket": {"ListenStream": 9000}}, True),
        ({"socket": {"ListenStream": 9000}, "accept": True}, True),
        ({"socket": {"ListenStream": 9000}, "health": {"tcp": 9000}}, False),
        ({"socket": {"ListenStream": 9000}, "activation": "eager"}, False),
        ({}, False),
    ],
)
def test_what_sleeps_and_was_never_tried_is_warned_of_where_it_has_changed(options: dict[str, Any], is_untried: bool) -> None:
    wanted, host = desired(daemons={"echo": daemon(**options)}), Host()
    plan = host.plan(wanted)
    name = "echo@.service" if options.get("accept") else "echo.service"
    expected = f"{name} has changed and sleeps until its first client, so that nothing has tried it. Give it health, which does."
    assert warnings_of(wanted, host.observe(wanted), plan) == ([expected] if is_untried else [])
    host.run(wanted)
    assert warnings_of(wanted, host.observe(wanted), host.plan(wanted)) == []


def test_unit_in_the_result() -> None:
    params = {"units": {"a.service": SLEEPER, "b.service": {"masked": True}, "w@.service": {**SLEEPER, "instances": 1}}}
    host, wanted = deployed(**params), desired(**params)
    found = units_of(wanted, host.observe(wanted))
    assert {name: (unit["active_state"], unit["enabled"]) for name, unit in found.items()} == {
        "a.service": ("active", True),
        "b.service": ("inactive", False),
        "w@1.service": ("active", True),
    }


def test_diff_of_what_comes_back() -> None:
    host = Host()
    host.write("/etc/a.conf", "mine\n")
    host.run(desired(files={"/etc/a.conf": "ours\n"}, adopt=True))
    assert set(diff(host)) == {"/etc/a.conf"}


def test_an_instance_is_as_exposed_as_its_template() -> None:
    wanted = desired(units={"a@.service": {**SLEEPER, "instances": ["x"]}, "b.service": SLEEPER})
    observed = replace(Host().observe(wanted), exposure={"a@.service": 9.6})
    found = units_of(wanted, observed)
    assert (found["a@x.service"]["exposure"], "exposure" in found["b.service"]) == (9.6, False)
