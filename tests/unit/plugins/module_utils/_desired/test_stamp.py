# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stamps change exactly when a restart, or a reload, would apply something that the running unit does not have."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import stamp
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.restart_policy import (
    DAEMON_RELOAD,
    RELOAD,
    RESTART,
    START,
)
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.syntax import parse
from ansible_collections.daemonic.systemd.tests.unit.properties import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..builders import daemon, desired, document_of, script, text_of, unit, units_of

PROPERTY = settings(max_examples=examples(100), deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
SERVICE = "[Unit]\nDescription=A\n[Service]\nExecStart=/bin/a --config=/etc/a.conf\nEnvironment=A=1\nEnvironment=B=2\nNice=5\n"


def stamps_of(text: str, **inputs: str) -> stamp.Stamps:
    return stamp.stamps_of(parse(text), inputs)


def stamp_of(text: str, **inputs: str) -> str:
    return stamps_of(text, **inputs).restart


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param("Description=A", "Description=B", False, id="Description"),
        pytest.param("Description=A", "Description=A\nAfter=b.service", False, id="After"),
        pytest.param("Description=A", "Description=A\nWants=b.service", False, id="Wants"),
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


MOUNT = "[Unit]\nRequires=b.service\n[Mount]\nWhat=tmpfs\nWhere=/srv\nOptions=size=1m\n"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        pytest.param("Options=size=1m", "Options=size=2m", {"reload"}, id="Options"),
        pytest.param("Options=size=1m\n", "", {"reload"}, id="no Options"),
        pytest.param("What=tmpfs", "What=/dev/sda1", {"restart"}, id="What"),
        pytest.param("Requires=b.service", "Requires=c.service", {"wants"}, id="Requires"),
        pytest.param("Requires=b.service", "Requires=c.service b.service", {"wants"}, id="one more"),
        pytest.param("Requires=b.service", "Wants=b.service", set(), id="wanted in another way"),
        pytest.param("[Mount]\n", "[Mount]\nTimeoutSec=5\n", set(), id="TimeoutSec"),
        pytest.param("What=tmpfs\n", "What=/dev/sda1\nType=ext4\n", {"restart"}, id="Type"),
    ],
)
def test_each_stamp_has_its_directives(old: str, new: str, changed: set[str]) -> None:
    assert old in MOUNT
    before, after = stamps_of(MOUNT), stamps_of(MOUNT.replace(old, new))
    assert {name for name in ("restart", "reload", "wants") if getattr(before, name) != getattr(after, name)} == changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[Unit]\nDescription=x\n[Timer]\nOnCalendar=daily\n", stamp.Stamps(), id="timer"),
        pytest.param("[Unit]\nDescription=x\n", stamp.Stamps(), id="target"),
        pytest.param("[Slice]\nCPUQuota=5%\n", stamp.Stamps(), id="slice"),
        pytest.param("", stamp.Stamps(), id="nothing"),
        pytest.param(
            "[Unit]\nWants=c.service a.service\nRequires=b.service\nUpholds=a.service\n",
            stamp.Stamps(wants=("a.service", "b.service", "c.service")),
            id="what it pulls in, sorted and once",
        ),
    ],
)
def test_unit_that_nothing_can_be_out_of_date_of(text: str, expected: stamp.Stamps) -> None:
    assert stamps_of(text) == expected


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
    document, value = document_of(wanted, "echo.service"), f"{stamp.NAME}={units_of(wanted)['echo.service'].stamps.restart}"
    assert document.values("Service", "Environment") == ('"PYTHONUNBUFFERED=1"', '"A=1"', value)
    release = units_of(wanted)["echo.service"].release_path.rpartition("/")[2]
    assert document.values("Service", "LogExtraFields") == (value, f"{stamp.RELEASE}={release}")


def test_the_release_in_the_journal_is_no_part_of_the_stamp() -> None:
    """A host that was deployed before it stood there restarts nothing when it comes."""
    document = parse("[Service]\nExecStart=/bin/a\n")
    assert stamp.stamps_of(stamp.stamped(document, "1", "2"), {}) == stamp.stamps_of(document, {})


def test_content_that_ends_in_a_continuation_is_stamped() -> None:
    wanted = desired(units={"a.service": "[Service]\nExecStart=/bin/a \\\n  b \\"})
    document = document_of(wanted, "a.service")
    assert document.values("Service", "ExecStart")[0].split() == ["/bin/a", "b"]
    assert document.values("Service", "LogExtraFields") != ()


def test_only_services_are_stamped() -> None:
    wanted = desired(
        units={
            "a.target": {"Unit": {}},
            "a.socket": {"Socket": {"ListenStream": 1}},
            "a.timer": {"Timer": {"OnBootSec": 1}},
            "srv.mount": {"Mount": {"What": "tmpfs", "Where": "/srv"}},
        }
    )
    assert not [path for path in wanted.paths if stamp.NAME in text_of(wanted, path)]


# Drop-ins


LIMITS = {"10-limits": {"Service": {"Nice": 5}}}
EXEC = {"20-exec": "[Service]\nExecStart=\nExecStart=/bin/other\n"}


@pytest.mark.parametrize(
    ("entry", "bearer"),
    [
        pytest.param({**unit(), "dropins": {**LIMITS, **EXEC}}, "a.service", id="its own unit file"),
        pytest.param({"dropins": {**LIMITS, **EXEC}}, "a.service.d/20-exec.conf", id="of a unit of others the last drop-in"),
        pytest.param({"dropins": LIMITS}, "a.service.d/10-limits.conf", id="the only drop-in"),
        pytest.param({"dropins": {"10-after": {"Unit": {"After": "b.service"}}}}, "", id="nothing that a restart applies"),
    ],
)
def test_who_bears_the_stamp(entry: dict[str, Any], bearer: str) -> None:
    wanted = desired(units={"a.service": entry})
    stamped = [file.path for file in wanted.files if stamp.NAME in text_of(wanted, file.path)]
    assert stamped == ([wanted.scope.path_of(bearer)] if bearer else [])
    if bearer:
        assert units_of(wanted)["a.service"].stamps.restart in text_of(wanted, stamped[0])


def test_order_of_drop_ins_is_that_of_their_names() -> None:
    one, other = {"Service": {"Nice": 1}}, {"Service": {"Nice": 2}}
    document = units_of(desired(units={"a.service": unit(dropins={"b": one, "a": other})}))["a.service"].document
    assert document.values("Service", "Nice") == ("2", "1")


def test_reset_in_a_drop_in_takes_effect() -> None:
    document = units_of(desired(units={"a.service": unit(dropins=EXEC)}))["a.service"].document
    assert document.values("Service", "ExecStart") == ("/bin/other",)


@pytest.mark.parametrize(
    ("dropin", "changes"),
    [
        pytest.param({"Service": {"Nice": 5}}, True, id="Nice"),
        pytest.param({"Service": {"ExecStart": ["", "/bin/other"]}}, True, id="reset of a list"),
        pytest.param({"Service": {"Restart": "always"}}, False, id="Restart"),
        pytest.param({"Unit": {"Description": "New"}}, False, id="Description"),
        pytest.param("# nothing\n", False, id="comment"),
    ],
)
def test_drop_ins_count_as_the_unit_file_does(dropin: Any, changes: bool) -> None:
    plain, extended = (
        units_of(desired(units={"a.service": unit(**options)}))["a.service"].stamps
        for options in ({}, {"dropins": {"a": dropin}})
    )
    assert (plain.restart != extended.restart) is changes


def test_stamp_is_that_of_the_merged_directives() -> None:
    """Where a directive stands does not matter, only what it comes to."""
    in_the_file = desired(units={"a.service": unit(Service={"Nice": 5})})
    in_a_drop_in = desired(units={"a.service": unit(dropins=LIMITS)})
    assert units_of(in_the_file)["a.service"].stamps == units_of(in_a_drop_in)["a.service"].stamps


# Daemons


def stamp_in(params: dict[str, Any], name: str = "echo.service") -> str:
    return units_of(desired(**params))[name].stamps.restart


def test_stamp_of_a_daemon() -> None:
    base = {"daemons": {"echo": daemon()}}
    assert stamp_in(base) == stamp_in({"daemons": {"echo": daemon(description="B", wanted_by="a.target", after="b.target")}})
    assert stamp_in(base) != stamp_in({"daemons": {"echo": daemon(script=script("2\n"))}})
    assert stamp_in(base) == stamp_in({**base, "files": {"/etc/unrelated": "x"}})


def test_order_of_variables_of_a_daemon_does_not_matter() -> None:
    stamps = {
        stamp_in({"daemons": {"echo": daemon(environment=dict(order))}}) for order in ((("A", 1), ("B", 2)), (("B", 2), ("A", 1)))
    }
    assert len(stamps) == 1


def test_stamp_follows_a_file_of_the_stack() -> None:
    def declared(content: str) -> dict[str, Any]:
        return {"units": {"a.service": unit(Service={"EnvironmentFile": "/etc/a.env"})}, "files": {"/etc/a.env": content}}

    assert stamp_in(declared("A=1"), "a.service") != stamp_in(declared("A=2"), "a.service")
    assert units_of(desired(**declared("A=1")))["a.service"].inputs.keys() == {"/etc/a.env"}


def test_stamp_follows_a_file_that_a_drop_in_names() -> None:
    dropins = {"env": {"Service": {"EnvironmentFile": "/etc/a.env"}}}
    declared = [{"units": {"a.service": unit(dropins=dropins)}, "files": {"/etc/a.env": text}} for text in ("1", "2")]
    assert stamp_in(declared[0], "a.service") != stamp_in(declared[1], "a.service")


def test_instances_have_the_stamp_of_their_template() -> None:
    found = units_of(desired(units={"a@.service": unit(instances=["x", "y"])}))
    assert len({found[name].stamps for name in ("a@.service", "a@x.service", "a@y.service")}) == 1


def test_stamp_of_a_stamped_unit_is_the_same() -> None:
    document = parse(SERVICE)
    computed = stamp.stamps_of(document, {})
    assert stamp.stamps_of(stamp.stamped(document, computed.restart), {}) == computed


def test_meaning_is_without_the_stamp() -> None:
    document = parse(SERVICE)
    assert stamp.meaning(stamp.stamped(document, "0" * stamp.LENGTH)) == stamp.meaning(document)


@pytest.mark.parametrize("need", [DAEMON_RELOAD, START, RELOAD, RESTART])
def test_directives_of_a_need(need: str) -> None:
    text = "[Unit]\nDescription=A\nWants=b.service\n[Mount]\nWhat=tmpfs\nOptions=ro\n"
    expected = {DAEMON_RELOAD: "Description", START: "Wants", RELOAD: "Options", RESTART: "What"}
    assert [key for _section, key in stamp.directives(parse(text), need)] == [expected[need]]


def test_record_of_stamps_comes_back() -> None:
    stamps = stamp.Stamps("a", "b", ("c.service", "d.service"))
    assert stamp.Stamps.from_record(stamps.as_record("f00")) == stamps
    assert stamp.Stamps.from_record(stamp.Stamps().as_record("")) == stamp.Stamps()
    assert stamps.as_record("f00")["invocation"] == "f00"


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
