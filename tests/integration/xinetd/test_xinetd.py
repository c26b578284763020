# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of xinetd are reachable before, during and after they have become those of systemd; and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

LOGIN = '"Good morning" 100% $HOME \\ ; {} 1 077\r\nlogin: anna!\r\nlogin: '
WITH_XINETD = {
    "login": LOGIN.format("here"),
    "waiting": "waited for\n",
    "datagram": "ANNA",
    "stays": "anna\n",
    "picky": "welcome, ::ffff:127.0.0.1\n",
}


@pytest.fixture(scope="module")
def results(host: Any) -> dict[str, Any]:
    return json.loads(host.check_output("cat /run/xi.json"))


def served(look: dict[str, Any]) -> dict[str, str]:
    """What clients got."""
    return json.loads(look["stdout_lines"][0])


def on_disk(look: dict[str, Any]) -> list[list[str]]:
    """Directories, and files with their times and modes, but for the last change of what is known about them; not the
    links that enable xinetd, since enabling makes them again.
    """
    lines = [line.split(" ") for line in look["stdout_lines"][1:] if "/etc/rc" not in line and ".wants" not in line]
    return [[*line[:7], *line[8:]] for line in lines]


def verbs(result: dict[str, Any]) -> list[str]:
    return [f"{action['action']} {action['target']}" for action in result["actions"]]


def test_check_mode_and_validation_change_nothing(results: dict[str, Any]) -> None:
    assert served(results["at_first"]) == served(results["untouched"]) == WITH_XINETD
    assert on_disk(results["at_first"]) == on_disk(results["untouched"])
    assert results["predicted"]["changed"] is True
    assert results["validated"]["changed"] is False
    assert any(part["after_header"] == "/etc/xinetd.d/xi" for part in results["predicted"]["diff"])


def test_what_does_not_serve_is_put_back(results: dict[str, Any]) -> None:
    failing = results["failing"]
    assert failing["reverted"] is True
    assert "xi-picky@*.service does not answer as before: it ends each connection at once" in failing["msg"]
    assert "KeyError: 'REMOTE_HOST'" in failing["msg"]
    assert served(results["put_back"]) == WITH_XINETD
    assert on_disk(results["at_first"]) == on_disk(results["put_back"])


def test_what_others_can_write_is_refused(results: dict[str, Any]) -> None:
    (problem,) = results["open_to_all"]["problems"]
    assert problem["place"] == "/etc/xinetd.d/xi"
    assert "can be written by everybody" in problem["problem"]
    assert "chmod o-w /etc/xinetd.d/xi" in problem["remedy"]


def test_permissions_are_reported(results: dict[str, Any]) -> None:
    modes = {each["path"]: (each["mode"], each["problems"]) for each in results["predicted"]["permissions"]}
    assert modes["/etc/xinetd.d/xi"] == ("0640", [])
    assert modes["/etc/xinetd.d/xi-picky"] == ("0644", ["can be read by everybody"])
    assert any("Everybody can read" in warning for warning in results["predicted"]["warnings"])


def test_what_moves_and_what_stays(results: dict[str, Any]) -> None:
    moved = results["xinetd_moved"]
    assert moved["services"] == {
        "xi-login": ["xi-login.socket", "xi-login@.service"],
        "xi-wait.1": ["xi-wait.1.socket", "xi-wait.1.service"],
        "xi-datagram": ["xi-datagram.socket", "xi-datagram.service"],
    }
    assert moved["left"] == ["xi-stays", "xi-picky"]
    assert any("xi-stays: stays with xinetd" in line for line in moved["report"])
    assert any("log_on_failure = USERID" in line for line in moved["report"])
    assert served(results["moved_seen"]) == {**WITH_XINETD, "login": LOGIN.format("there")}
    assert results["again"]["actions"] == []


def test_nobody_notices_but_for_a_moment(host: Any) -> None:
    load = json.loads(host.file("/run/xi.load").content_string)
    assert "still here!" in load["session"]
    assert load["answered"] > 20
    assert load["reset"] <= 8
    assert load["refused"] <= 100  # 25 to 54 were seen, on a machine with much else to do


def test_a_change_by_hand_is_not_guessed_at(results: dict[str, Any]) -> None:
    assert "it was changed since its services were carried over" in results["by_hand"]["msg"]


def test_a_run_that_was_killed_is_completed(results: dict[str, Any]) -> None:
    assert served(results["all_seen"]) == {
        **WITH_XINETD,
        "stays": "ConnectionRefusedError",
        "picky": "ConnectionRefusedError",
    }
    assert results["all_again"]["actions"] == []


def test_xinetd_ends_when_nothing_is_left_to_it(results: dict[str, Any]) -> None:
    assert results["all_of_it"]["left"] == []
    assert results["stopped"]["stdout_lines"] == ["inactive", "disabled"]


def test_going_back(results: dict[str, Any]) -> None:
    assert "enable xinetd.service" in verbs(results["back"])
    *_rest, active, enabled = results["back_seen"]["stdout_lines"]
    assert (active, enabled) == ("active", "enabled")
    assert served(results["back_seen"]) == {**served(results["all_seen"]), "login": LOGIN.format("here")}
    left = ("/var/lib/daemonic.systemd/xinetd", "/etc/systemd/system/xi-")
    assert not [line for line in results["back_seen"]["stdout_lines"] if line.startswith(left)]
    assert results["back_again"]["actions"] == []
