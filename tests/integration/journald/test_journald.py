# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role journald on a host that has kept its journal in memory."""

from __future__ import annotations

import re

DROP_IN = "/etc/systemd/journald.conf.d/50-daemonic.conf"


def journal(host, *options: str) -> str:
    return host.check_output(f"journalctl --quiet --no-pager --output=cat {' '.join(options)}")


def test_the_drop_in(host):
    file = host.file(DROP_IN)
    assert file.mode == 0o644
    assert file.content_string == (
        "[Journal]\nStorage=persistent\nSystemMaxUse=64M\nRateLimitBurst=20000\nRateLimitIntervalSec=30s\n"
    )


def test_lines_are_kept_on_the_disk(host):
    host.check_output("logger --tag journald-check after && journalctl --sync")
    assert journal(host, "--directory=/var/log/journal", "--identifier=journald-check").splitlines()[-1] == "after"
    assert {"before", "after"} <= set(
        journal(host, "--identifier=journald-check").splitlines()
    )  # 252 moves none that it kept in memory before


def test_journald_obeys(host):
    """It tells the limit that it keeps, in the line that it writes when it opens its files."""
    told = journal(host, "--unit=systemd-journald.service", "--grep='System Journal'", "--lines=1")
    assert re.search(r"max 64(\.0)?M", told)
    assert "is unknown" not in journal(host, "--unit=systemd-journald.service")


def test_who_may_read_it(host):
    """As systemd-tmpfiles makes it at each boot."""
    folder = host.file("/var/log/journal")
    assert (folder.user, folder.group, folder.mode) == ("root", "systemd-journal", 0o2755)


def test_journald_was_restarted_once(host):
    """By the first run, when the file was written; the second run and the refused one have left it alone."""
    show = "systemctl show --property=ExecMainStartTimestamp --value systemd-journald"
    started = host.check_output(f'date +%s --date "$({show})"')
    assert 0 <= int(started) - host.file(DROP_IN).mtime.timestamp() < 5
    assert host.check_output("systemctl is-active systemd-journald.service") == "active"
