# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of every kind as they lie on the host, and what they did to the units that read them."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("path", "owner", "group", "mode"),
    [
        pytest.param("/etc/content/large.bin", "daemon", "adm", 0o640, id="as declared"),
        pytest.param("/srv/content/the same/large.bin", "root", "root", 0o644, id="nothing declared"),
        pytest.param("/etc/content/small.bin", "root", "root", 0o755, id="executable"),
        pytest.param("/etc/content/secret.env", "root", "root", 0o600, id="secret"),
        pytest.param("/etc/systemd/system/content-check.timer", "root", "root", 0o644, id="unit"),
    ],
)
def test_attributes(host, path, owner, group, mode):
    file = host.file(path)
    assert (file.user, file.group, file.mode) == (owner, group, mode)


def test_binary_content(host):
    assert host.file("/etc/content/small.bin").content == b"\0\1\2\xff\xfe\r\n\0"
    assert host.file("/etc/content/empty").size == 0


def test_large_content(host):
    copies = [host.file("/etc/content/large.bin"), host.file("/srv/content/the same/large.bin")]
    assert [copy.size for copy in copies] == [307200, 307200]
    assert copies[0].sha256sum == copies[1].sha256sum


def test_text(host):
    assert host.file("/etc/content/plain").content.decode() == "ünïcode, Goodbye\n"


def test_template(host):
    greeting = host.file("/etc/content/greeting.conf").content_string.splitlines()[-1]
    assert greeting.startswith("Goodbye, debian")


def test_the_daemon_was_restarted_with_its_files(systemd):
    """Its environment file and its argument changed, and nothing else told it."""
    assert systemd.environment("content.service")["SECRET"].endswith("-2")
    assert systemd.show("content.service", "NRestarts") == "0"


def test_the_timer_runs(host):
    assert host.service("content-check.timer").is_running
    assert host.service("content-check.timer").is_enabled


def test_nothing_is_left_of_the_transport(host):
    assert host.check_output("find /root/.ansible/tmp /tmp -mindepth 1 -name 'ansible*' -o -name '*.new'") == ""
