# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs from an old release keeps it; what a release holds that was not built is told of before it is out of use."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.tree import is_code
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Desired
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Observed, ReleaseState
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.plan import plan
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.release_contents import told_of_contents, told_of_use
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.releases import kept, retained_files, superfluous, too_old

from ..builders import daemon, desired, script
from ..simulated_host import Host

KINDS = [pytest.param({}, id="script"), pytest.param({"imports": ["json"]}, id="built")]


def version(number: int, **options: object) -> Desired:
    return desired(daemons={"a": daemon(script=script(f"print({number})\n"), **options)}, keep_releases=2)


def deployed(count: int, **options: object) -> tuple[Host, list[str]]:
    """Host with so many versions, one after the other, and their releases."""
    host, releases = Host(), []
    for number in range(count):
        host.run(version(number, **options))
        releases.append(f"/opt/a/{host.links['/opt/a/current']}")
    return host, releases


def told(of: Desired, observed: Observed) -> tuple[str, ...]:
    return told_of_contents(of, observed, plan(of, observed).actions)


@pytest.mark.parametrize("options", KINDS)
def test_a_release_from_which_a_process_runs_is_never_deleted(options: dict[str, object]) -> None:
    host, releases = deployed(2, **options)
    wanted = version(2, **options)
    seen = host.observe(wanted)
    assert too_old(wanted, seen) == [releases[0]]
    used = replace(seen, in_use={releases[0]: "python3 (7)"})
    assert [f"/opt/a/{name}" for name in kept(wanted, used)["/opt/a"]][1:] == [releases[1], releases[0]]
    assert superfluous(wanted, used) == []
    assert not any(action.verb.startswith("remove") for action in plan(wanted, used).actions)
    assert (f"{releases[0]}/echo.py" in retained_files(wanted, used)) == (options == {})


def test_what_is_in_use_at_the_last_moment_stays_with_all_above_it() -> None:
    host, releases = deployed(1, imports=["json"])
    planned = plan(host.nothing(), host.observe(host.nothing()))
    assert ("remove_release", releases[0]) in [(action.verb, action.target) for action in planned.actions]
    left = planned.without_removal_of({releases[0]: "sleep (7)"})
    gone = {action.target for action in planned.actions} - {action.target for action in left.actions}
    assert gone == {releases[0], "/opt/a/releases", "/opt/a"}
    assert told_of_use({releases[0]: "sleep (7)"}) == (
        f"{releases[0]} stays for now: sleep (7) runs from it. A later run removes it.",
    )


def test_data_in_a_release_is_told_of_and_changes_nothing() -> None:
    host, releases = deployed(1, imports=["json"])
    host.disk.releases[releases[0]] = replace(host.disk.releases[releases[0]], data=("source/app.db", "source/up/"))
    wanted = version(0, imports=["json"])
    assert host.plan(wanted).actions == ()
    (warning,) = told(wanted, host.observe(wanted))
    assert [part for part in (releases[0], "source/app.db, source/up/", "StateDirectory: a") if part not in warning] == []


def test_data_is_told_of_before_a_new_release_takes_its_place() -> None:
    host, releases = deployed(1, imports=["json"])
    host.disk.releases[releases[0]] = replace(host.disk.releases[releases[0]], data=("source/app.db",))
    wanted = version(1, imports=["json"])
    (warning,) = told(wanted, host.observe(wanted))
    assert warning.startswith(f"{releases[0]} holds data, source/app.db, which the new release does not see.")


def test_what_is_kept_is_told_of_where_a_release_goes() -> None:
    host, releases = deployed(2, imports=["json"])
    host.disk.releases[releases[0]] = ReleaseState("changed", (), ("source/echo.py",), ("source/app.db",))
    wanted = version(2, imports=["json"])
    warnings = told(wanted, host.observe(wanted))
    name = releases[0].rpartition("/")[2]
    assert f"{releases[0]} goes; what was not built is kept in /opt/a/kept/{name}: source/app.db, source/echo.py." in warnings


@pytest.mark.parametrize(("names", "shown"), [(["echo.py"], False), (["echo.py", "app.db"], True)])
def test_a_script_is_no_data_and_what_lies_beside_it_is(names: list[str], shown: bool) -> None:
    host, releases = deployed(1)
    wanted = version(0)
    seen = host.observe(wanted)
    seen = replace(seen, releases={releases[0]: ReleaseState("script", data=tuple(names))})
    assert bool(told(wanted, seen)) == shown


@pytest.mark.parametrize(
    ("path", "executable", "code"),
    [
        ("source/shop.py", False, True),
        ("source/templates/a.html", False, True),
        ("source/run", True, True),
        ("venv/lib/x/data.json", False, True),
        ("requirements.txt", False, True),
        ("source/app.db", False, False),
        ("source/state.json", False, False),
        ("source/app.log", False, False),
        ("source/counter", False, False),
    ],
)
def test_what_a_change_by_hand_is(path: str, executable: bool, code: bool) -> None:
    assert is_code(path, executable) == code
