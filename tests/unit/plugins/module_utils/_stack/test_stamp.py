# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stamp changes exactly when a restart would apply something that the running process does not have."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._stack import stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._stack.policy import RELOAD_IS_ENOUGH, needs_restart
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .builders import daemon, desired, document_of, script, unit, units_of

PROPERTY = settings(max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
SERVICE = "[Unit]\nDescription=A\n[Service]\nExecStart=/bin/a --config=/etc/a.conf\nEnvironment=A=1\nEnvironment=B=2\nNice=5\n"


def stamp_of(text: str, **inputs: str) -> str:
    return stamp.compute(parse(text), inputs)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param("Description=A", "Description=B", False, id="Description"),
        pytest.param("Description=A", "Description=A\nAfter=b.service", False, id="After"),
        pytest.param("Nice=5\n", "Nice=5\nRestart=always\nRestartSec=5\n", False, id="Restart"),
        pytest.param("Nice=5\n", "Nice=5\nTimeoutStopSec=5\n", False, id="TimeoutStopSec"),
        pytest.param("Nice=5\n", "Nice=5\nExecStop=/bin/b\n", False, id="ExecStop"),
        pytest.param("Nice=5\n", "Nice=5\nKillSignal=SIGINT\n", False, id="KillSignal"),
        pytest.param("Nice=5\n", "Nice=5\n[Install]\nWantedBy=m.target\n", False, id="Install"),
        pytest.param("Nice=5\n", "Nice=5\nX-Mine=1\n[X-Mine]\nA=1\n", False, id="keys of others"),
        pytest.param("[Service]\n", "# why\n[Service]\n; how\n", False, id="comments"),
        pytest.param("Nice=5\n", "Nice =  5  \n", False, id="white space"),
        pytest.param("Nice=5\n", "\n\n[Service]\nNice=5\n", False, id="a second header"),
        pytest.param(
            "Environment=A=1\nEnvironment=B=2\nNice=5\n", "Nice=5\nEnvironment=A=1\nEnvironment=B=2\n", False, id="order of keys"
        ),
        pytest.param("Nice=5\n", "Nice=1\nNice=\nNice=5\n", True, id="a reset stays visible"),
        pytest.param("Environment=A=1\nEnvironment=B=2\n", "Environment=B=2\nEnvironment=A=1\n", True, id="order of one key"),
        pytest.param("Environment=A=1", "Environment=A=2", True, id="Environment"),
        pytest.param("Nice=5", "Nice=6", True, id="Nice"),
        pytest.param("Nice=5\n", "Nice=5\nLimitNOFILE=9\n", True, id="LimitNOFILE"),
        pytest.param("/bin/a ", "/bin/b ", True, id="ExecStart"),
        pytest.param("Nice=5\n", "Nice=5\nInventedIn=2031\n", True, id="an unknown key"),
    ],
)
def test_what_changes_the_stamp(old: str, new: str, changes: bool) -> None:
    assert old in SERVICE
    assert (stamp_of(SERVICE) != stamp_of(SERVICE.replace(old, new))) is changes


def test_stamp_is_short_and_hexadecimal() -> None:
    assert len(stamp_of(SERVICE)) == stamp.LENGTH
    int(stamp_of(SERVICE), 16)


def test_files_that_the_process_reads_count() -> None:
    assert len({stamp_of(SERVICE), stamp_of(SERVICE, **{"/etc/a.conf": "1"}), stamp_of(SERVICE, **{"/etc/a.conf": "2"})}) == 3


@pytest.mark.parametrize(
    ("directive", "found"),
    [
        pytest.param("EnvironmentFile=/etc/a.env", True, id="EnvironmentFile"),
        pytest.param("EnvironmentFile=-/etc/a.env", True, id="which may be missing"),
        pytest.param("ExecStart=/bin/a /etc/a.env", True, id="argument"),
        pytest.param("ExecStart=/bin/a --config=/etc/a.env", True, id="option"),
        pytest.param('ExecStart=/bin/a "/etc/a.env"', True, id="in quotes"),
        pytest.param("ExecStart=@/etc/a.env a", True, id="executable with a prefix"),
        pytest.param("LoadCredential=key:/etc/a.env", True, id="credential"),
        pytest.param("Environment=CONFIG=/etc/a.env", True, id="variable"),
        pytest.param("ExecStart=/bin/a /etc/a.env.old", False, id="a longer path"),
        pytest.param("ExecStart=/bin/a /srv/etc/a.env", False, id="a deeper path"),
        pytest.param("ExecStop=/bin/a /etc/a.env", False, id="read at stop"),
    ],
)
def test_inputs(directive: str, found: bool) -> None:
    inputs = stamp.inputs_of(parse(f"[Service]\n{directive}\n"), {"/etc/a.env": "1", "/etc/other": "2"})
    assert inputs == ({"/etc/a.env": "1"} if found else {})


def test_unit_is_stamped_in_environment_and_journal() -> None:
    wanted = desired(daemons={"echo": daemon(environment={"A": "1"})})
    document, value = document_of(wanted, "echo.service"), f"{stamp.NAME}={units_of(wanted)['echo.service'].stamp}"
    assert document.values("Service", "Environment") == ('"PYTHONUNBUFFERED=1"', '"A=1"', value)
    assert document.values("Service", "LogExtraFields") == (value,)


def test_content_that_ends_in_a_continuation_is_stamped() -> None:
    wanted = desired(units={"a.service": "[Service]\nExecStart=/bin/a \\\n  b \\"})
    document = document_of(wanted, "a.service")
    assert document.values("Service", "ExecStart") == ("/bin/a   b",) or document.values("Service", "ExecStart")[0].split() == [
        "/bin/a",
        "b",
    ]
    assert document.values("Service", "LogExtraFields") != ()


def test_only_services_are_stamped() -> None:
    wanted = desired(
        units={"a.target": {"Unit": {}}, "a.socket": {"Socket": {"ListenStream": 1}}, "a.timer": {"Timer": {"OnBootSec": 1}}}
    )
    assert not [unit.name for unit in wanted.units if stamp.NAME in unit.text]


def stamp_in(params: dict[str, Any], name: str = "echo.service") -> str:
    return units_of(desired(**params))[name].stamp


def test_stamp_of_a_daemon() -> None:
    base = {"daemons": {"echo": daemon()}}
    assert stamp_in(base) == stamp_in({"daemons": {"echo": daemon(description="B", wanted_by="a.target", after="b.target")}})
    assert stamp_in(base) != stamp_in({"daemons": {"echo": daemon(script=script("2\n"))}})
    assert stamp_in(base) == stamp_in({**base, "files": {"/etc/unrelated": "x"}})


def test_stamp_follows_a_file_of_the_stack() -> None:
    def declared(content: str) -> dict[str, Any]:
        return {"units": {"a.service": unit(Service={"EnvironmentFile": "/etc/a.env"})}, "files": {"/etc/a.env": content}}

    assert stamp_in(declared("A=1"), "a.service") != stamp_in(declared("A=2"), "a.service")
    assert units_of(desired(**declared("A=1")))["a.service"].inputs == ("/etc/a.env",)


# FAILS UNTIL MENDED: all of Environment= and LogExtraFields= is left out as soon as the stamp is among the values.
def test_stamp_of_a_stamped_unit_is_the_same() -> None:
    document = parse(SERVICE)
    computed = stamp.compute(document, {})
    assert stamp.compute(stamp.stamped(document, computed), {}) == computed


LINES = st.lists(
    st.sampled_from(["Nice=1", "Nice=2", "User=a", "Environment=A=1", "Environment=B=2", "LimitNOFILE=5", "Type=exec"]),
    unique=True,
)


@PROPERTY
@given(LINES, st.integers())
def test_order_of_different_keys_does_not_matter(lines: list[str], seed: int) -> None:
    by_key: dict[str, list[str]] = {}
    for line in lines:
        by_key.setdefault(line.partition("=")[0], []).append(line)
    keys = list(by_key)
    random.Random(seed).shuffle(keys)
    shuffled = [line for key in keys for line in by_key[key]]
    assert stamp_of("\n".join(["[Service]", *lines])) == stamp_of("\n".join(["[Service]", *shuffled]))


# The policy table


@pytest.mark.parametrize("row", RELOAD_IS_ENOUGH, ids=lambda row: f"{row.section}: {row.because}")
def test_each_row_has_its_reason_and_source(row: Any) -> None:
    assert row.because
    assert row.source.startswith("https://www.freedesktop.org/software/systemd/man/systemd.")
    assert all(not needs_restart(row.section, key) for key in row.keys or ("Anything",))


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("Service", "ExecStart"),
        ("Service", "Environment"),
        ("Service", "NewInTheNextRelease"),
        ("Socket", "ListenStream"),
        ("Mount", "What"),
    ],
)
def test_what_no_row_names_needs_a_restart(section: str, key: str) -> None:
    assert needs_restart(section, key)
