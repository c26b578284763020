# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services with their defaults."""

from __future__ import annotations

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problems
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.config_syntax import read_configuration
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.migrate import files_of
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.notes import Note
from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.resolve import Service, resolve


def entry(header: str, *lines: str) -> str:
    return "\n".join((header, "{", *lines, "}", ""))


def resolved(*entries: str) -> tuple[dict[str, Service], list[Note], list[str]]:
    problems = Problems()
    configuration = read_configuration("/x", files_of({"/x": "".join(entries)}), problems)
    services, notes = resolve(configuration, problems)
    return {service.id: service for service in services}, notes, [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("defaults", "own", "attribute", "expected"),
    [
        (["only_from = 10.0.0.1", "only_from = 10.0.0.2"], [], "only_from", ("10.0.0.1", "10.0.0.2")),
        (["only_from = 10.0.0.1"], ["only_from += 10.0.0.3"], "only_from", ("10.0.0.1", "10.0.0.3")),
        (["only_from = 10.0.0.1"], ["only_from = 10.0.0.3"], "only_from", ("10.0.0.3",)),
        (["only_from = 10.0.0.1 10.0.0.2"], ["only_from -= 10.0.0.1"], "only_from", ("10.0.0.2",)),
        (["log_on_success = PID HOST"], ["log_on_success += HOST EXIT"], "log_on_success", ("PID", "HOST", "EXIT")),
        (["instances = 60"], [], "instances", ("60",)),
        (["instances = 60"], ["instances = UNLIMITED"], "instances", ("UNLIMITED",)),
        (["interface = 10.0.0.1"], [], "bind", ("10.0.0.1",)),
        (["cps = 25 30"], [], "cps", ("25", "30")),
        ([], ["env = A=1", "env += B=2"], "env", ("A=1", "B=2")),
        ([], ["env = A=1", "env = B=2"], "env", ("B=2",)),
        ([], ["server_args = -v -v"], "server_args", ("-v", "-v")),
    ],
)
def test_defaults_are_merged(defaults: list[str], own: list[str], attribute: str, expected: tuple[str, ...]) -> None:
    services, _notes, problems = resolved(entry("defaults", *defaults), entry("service a", *own))
    assert problems == []
    assert services["a"].values(attribute) == expected


def test_sets_begin_with_the_defaults_so_far_and_the_rest_is_taken_at_the_end() -> None:
    services, _notes, _problems = resolved(
        entry("service a", "only_from += 10.0.0.3"), entry("defaults", "only_from = 10.0.0.1", "umask = 027")
    )
    assert services["a"].values("only_from") == ("10.0.0.3",)
    assert services["a"].values("umask") == ("027",)


@pytest.mark.parametrize(
    ("defaults", "own", "enabled"),
    [
        ([], [], True),
        ([], ["disable = no"], True),
        ([], ["disable = yes"], False),
        ([], ["disable = YES"], False),  # xinetd does not serve what it cannot read, either
        (["disabled = a"], [], False),
        (["disabled = b"], [], True),
        (["enabled = a"], [], True),
        (["enabled = b"], [], False),
        (["enabled = a"], ["disable = yes"], False),
        (["enabled = a", "disabled = a"], [], False),
        (["enabled = long"], ["id = long"], True),
    ],
)
def test_what_is_enabled(defaults: list[str], own: list[str], enabled: bool) -> None:
    services, _notes, _problems = resolved(entry("defaults", *defaults), entry("service a", *own))
    assert [service.is_enabled for service in services.values()] == [enabled]


@pytest.mark.parametrize(
    ("own", "says", "remedy"),
    [
        ("PORT = 7", "there is no such attribute", "Did you mean port?"),
        ("bundle = x", "there is no such attribute", "Take it away."),
        ("wait = yes # no", "takes one value, and has 3", "lines of their own"),
        ("cps = 25", "takes 2 values, and has 1", "lines of their own"),
        ("wait += no", "knows no +=", "Write =."),
        ("env -= A", "knows no -=", "Take the variable away"),
        ("enabled = a", "belongs into defaults", "Move it into defaults"),
    ],
)
def test_what_xinetd_ignores_is_told(own: str, says: str, remedy: str) -> None:
    services, _notes, problems = resolved(entry("service a", own))
    assert problems == []
    (note,) = services["a"].notes
    assert (note.place, note.effect) == ("/x:3", "dropped")
    assert says in note.reason
    assert remedy in note.remedy


def test_the_first_counts() -> None:
    services, _notes, _problems = resolved(entry("service a", "port = 7", "port = 8"))
    assert services["a"].values("port") == ("7",)
    assert "set already (/x:3)" in services["a"].notes[0].reason


def test_defaults_hold_no_servers() -> None:
    _services, notes, _problems = resolved(entry("defaults", "server = /bin/cat"))
    assert [note.attribute for note in notes] == ["server"]


def test_two_services_of_a_name_need_ids() -> None:
    _services, _notes, problems = resolved(entry("service a"), entry("service a"))
    assert len(problems) == 1
    assert "/x:1 has a service with this id already" in problems[0]
    for own in ("id = b", "disable = yes"):
        _services, _notes, problems = resolved(entry("service a"), entry("service a", own))
        assert problems == []


def test_defaults_twice() -> None:
    _services, _notes, problems = resolved(entry("defaults"), entry("defaults"))
    assert len(problems) == 1
    assert problems[0].startswith("/x:4")
