# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the examples do under each preset, and how exposed they are."""

from __future__ import annotations

import json
import re

import pytest

PRESETS = {"none": 971, "standard": 972, "strict": 973}
each_preset = pytest.mark.parametrize("preset", PRESETS)


@each_preset
@pytest.mark.parametrize("way", ["own", "socket", "inetd"])
def test_the_echo_answers(systemd, preset, way):
    port = PRESETS[preset] * 10 + ["own", "socket", "inetd"].index(way) + 1
    assert systemd.talk(port, f"hello {preset}") == f"hello {preset}"


@each_preset
def test_the_workers_do_what_applications_do(systemd, preset):
    """ctypes, temporary files, processes, threads, SQLite, names: none of it is forbidden."""
    answer = systemd.talk(PRESETS[preset] * 10 + 4, "hello")
    assert re.fullmatch(r"\d+ \[1, 2, 3\] (127\.0\.0\.1|::1) \d+", answer), answer


@each_preset
def test_the_logger_writes_into_its_logs_directory(host, preset):
    log = host.file(f"/var/log/hd_{preset}/date_logger.log")
    assert log.content_string.startswith("Timestamp: ")
    assert log.mode == (0o600 if preset == "strict" else 0o644)
    age = host.check_output("stat --format=%%Y %s; date +%%s", log.path).split()
    assert int(age[1]) - int(age[0]) <= 2


@each_preset
@pytest.mark.parametrize("unit", ["logger", "own", "prefork"])
def test_they_run_and_have_never_crashed(systemd, preset, unit):
    name = f"hd_{preset}_{unit}.service"
    assert (systemd.show(name, "ActiveState"), systemd.show(name, "NRestarts")) == ("active", "0")


@pytest.mark.parametrize(("directive", "value"), [("ProtectSystem", "strict"), ("NoNewPrivileges", "yes"), ("UMask", "0077")])
def test_strict_is_in_effect(systemd, directive, value):
    assert systemd.show("hd_strict_own.service", directive) == value


def test_the_exposures_are_those_of_systemd(host):
    """With the unit loaded, systemd-analyze says the same as was said before it was, but for its view of PrivateMounts=."""
    none, standard, strict, _again = json.loads(host.file("/run/hardening.json").content_string)
    for units in (none, standard, strict):
        for name, unit in units.items():
            assert ("exposure" in unit) == name.endswith(".service"), name
            if "exposure" in unit:
                said = host.check_output("LC_ALL=C systemd-analyze security --no-pager %s | tail -1", name)
                assert abs(float(re.search(r": ([0-9.]+) ", said).group(1)) - unit["exposure"]) < 0.21, name


def test_what_was_over_the_limit_was_put_back(host):
    assert host.run("systemctl is-active --quiet hd_over.service").rc != 0
    assert not host.file("/etc/systemd/system/hd_over.service").exists
