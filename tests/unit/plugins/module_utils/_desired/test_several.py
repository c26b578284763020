# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drop-ins for one instance, for a prefix of names and for a whole type: systemd.unit(5), measured on 247, 252 and 262."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._unitfile.names import reaches

from ..builders import SLEEPER, UNITS, daemon, desired, document_of, files_of, problem_of, unit, units_of

NICE = {"Service": {"Nice": 5}}
WORKER = {"Service": {"ExecStart": "/bin/sleep infinity"}, "Install": {"WantedBy": "multi-user.target"}}


@pytest.mark.parametrize(
    ("several", "name", "is_read"),
    [
        ("service", "a.service", True),
        ("service", "a@b.service", True),
        ("service", "a.socket", False),
        ("web-.service", "web-a.service", True),
        ("web-.service", "web-a-b.service", True),
        ("web-a-.service", "web-a-b.service", True),
        ("web-a-.service", "web-a@b.service", False),
        ("web-.service", "web-a@b.service", True),
        ("web-.service", "web.service", False),
        ("web-.service", "webber.service", False),
        ("web-.service", "web-.service", False),
        ("web-.service", "web-a.timer", False),
    ],
)
def test_whom_drop_ins_for_several_reach(several: str, name: str, is_read: bool) -> None:
    assert reaches(several, name) is is_read


def test_one_instance_of_a_template_has_its_own() -> None:
    units = {"w@.service": {**WORKER, "instances": ["a", "b"]}, "w@a.service": {"dropins": {"10-nice": NICE}}}
    wanted = desired({}, units=units)
    found = units_of(wanted)
    assert set(found) == {"w@.service", "w@a.service", "w@b.service"}
    one, other = found["w@a.service"], found["w@b.service"]
    assert one.document.values("Service", "Nice") == ("5",)
    assert other.document.values("Service", "Nice") == ()
    assert one.stamps.restart != other.stamps.restart == found["w@.service"].stamps.restart
    assert (one.state, one.has_file, one.path, one.is_instance) == ("started", False, f"{UNITS}/w@.service", True)
    assert [link.path for link in one.links] == [f"{UNITS}/multi-user.target.wants/w@a.service"]
    files = files_of(wanted)
    path = f"{UNITS}/w@a.service.d/10-nice.conf"
    assert path in files
    assert f"DAEMONIC_STAMP={one.stamps.restart}" in files[path].source.data.decode()


def test_an_instance_that_is_not_listed_is_left_to_others() -> None:
    found = units_of(desired({}, units={"w@.service": WORKER, "w@a.service": {"dropins": {"n": NICE}}}))["w@a.service"]
    assert (found.state, found.enabled, found.links) == ("unmanaged", None, ())


def test_an_instance_that_says_for_what_it_is_enabled() -> None:
    dropin = {"Install": {"WantedBy": "a.target"}}
    plain = {"Service": {"ExecStart": "/bin/sleep infinity"}}
    found = units_of(desired({}, units={"w@.service": plain, "w@a.service": {"dropins": {"n": dropin}}}))["w@a.service"]
    assert (found.state, [link.path for link in found.links]) == ("started", [f"{UNITS}/a.target.wants/w@a.service"])


def test_an_instance_with_a_state_of_its_own() -> None:
    units = {"w@.service": {**WORKER, "instances": ["a", "b"]}, "w@a.service": {"state": "stopped"}}
    found = units_of(desired({}, units=units))
    assert (found["w@a.service"].state, found["w@b.service"].state) == ("stopped", "started")
    assert found["w@a.service"].stamps == found["w@b.service"].stamps


def test_of_one_name_the_narrowest_is_read() -> None:
    units = {
        "service": {"dropins": {"n": {"Service": {"Nice": 1}}}},
        "w-.service": {"dropins": {"n": {"Service": {"Nice": 2}}}},
        "w-x@.service": {**WORKER, "dropins": {"n": {"Service": {"Nice": 3}}}, "instances": ["a", "b"]},
        "w-x@a.service": {"dropins": {"n": {"Service": {"Nice": 4}}}},
        "w-y.service": WORKER,
        "z.service": WORKER,
    }
    found = units_of(desired({}, units=units))
    nice = {name: each.document.values("Service", "Nice") for name, each in found.items()}
    assert nice == {
        "w-x@.service": ("3",),
        "w-x@a.service": ("4",),
        "w-x@b.service": ("3",),
        "w-y.service": ("2",),
        "z.service": ("1",),
    }


@pytest.mark.parametrize("several", ["service", "web-.service"])
def test_drop_ins_for_several_reach_the_stacks_own(several: str) -> None:
    def stamps(units: dict[str, Any]) -> str:
        return units_of(desired({}, units=units, daemons={"web-a": daemon()}))["web-a.service"].stamps.restart

    wanted = desired({}, units={several: {"dropins": {"n": NICE}}}, daemons={"web-a": daemon()})
    text = files_of(wanted)[f"{UNITS}/{several}.d/n.conf"].source.data.decode()
    assert text == "[Service]\nNice=5\n"  # no stamp: it is not for one unit
    assert document_of(wanted, "web-a.service").values("Service", "Nice") == ()  # its own file stays as it is
    assert stamps({several: {"dropins": {"n": NICE}}}) != stamps({})
    assert [each.name for each in wanted.shared] == [several]
    assert several not in units_of(wanted)
    assert several not in wanted.unit_names


def test_sockets_have_them_too() -> None:
    units = {"socket": {"dropins": {"n": {"Socket": {"Backlog": 5}}}}, "s.socket": {"Socket": {"ListenStream": 9000}}}
    assert units_of(desired({}, units=units))["s.socket"].document.values("Socket", "Backlog") == ("5",)


@pytest.mark.parametrize(
    ("units", "place", "problem"),
    [
        pytest.param({"service": SLEEPER}, "units.service", "dropins alone", id="a definition of all"),
        pytest.param({"service": {"dropins": {"x": NICE}, "enabled": True}}, "units.service", "dropins alone", id="all enabled"),
        pytest.param(
            {"service": {"dropins": {"x": SLEEPER}}}, "units.service.dropins.x.Install", "no effect", id="install of all"
        ),
        pytest.param(
            {"socket": {"dropins": {"x": NICE}}}, "units.socket.dropins.x.Service", "no section [Service]", id="of another type"
        ),
        pytest.param({"w-.service": {"dropins": {"x": SLEEPER}}}, "units.w-.service.dropins.x.Install", "no effect", id="prefix"),
        pytest.param({"servise": {"dropins": {"x": NICE}}}, "units.servise", "ends in its type", id="no type"),
    ],
)
def test_what_is_not_for_several(units: dict[str, Any], place: str, problem: str) -> None:
    found = problem_of(units=units)
    assert (found.place, problem in found.problem) == (place, True)


def test_a_unit_may_end_in_a_dash() -> None:
    """A definition makes it a unit of its own."""
    assert "w-.service" in units_of(desired({}, units={"w-.service": unit()}))
