# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases that were built on the host, as somebody finds them there."""

from __future__ import annotations

import pytest

PAGE = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:%d', timeout=60).read().decode(), end='')"


@pytest.mark.parametrize(("port", "text"), [(9740, "Hello from version 1,"), (9741, "Hello from a wheel")])
def test_it_answers(host, port: int, text: str) -> None:
    assert host.check_output("python3 -c %s", PAGE % port).startswith(text)


def test_it_runs_in_its_own_environment(systemd, host) -> None:
    live = host.check_output("readlink -f /opt/releases_shop/current")
    assert f"{live}/venv/bin/python" in systemd.command_line("releases_shop.service")
    assert systemd.show("releases_shop.service", "WorkingDirectory") == f"{live}/source"


def test_others_may_read_and_only_root_may_write(host) -> None:
    for question in ("-not -user root", "-not -type l -perm /022", "-not -type l -not -perm -004"):
        assert host.check_output(f"find /opt/releases_* {question}") == "", question


def test_all_is_compiled(host) -> None:
    sources = host.check_output("find /opt/releases_many/current/source -name '*.py' | wc -l")
    assert sources == "2001"
    assert host.check_output("find /opt/releases_many/current/source -name '*.pyc' | wc -l") == sources


def test_nothing_of_the_building_is_left(host) -> None:
    names = host.check_output("ls -A /opt/releases_shop/releases/*").split()
    assert {name for name in names if not name.startswith("/")} == {".complete", "requirements.txt", "source", "venv"}
    assert host.check_output("find /opt/releases_* -maxdepth 2 -name '.*'") == ""
