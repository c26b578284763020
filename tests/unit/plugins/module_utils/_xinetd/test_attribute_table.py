# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of attributes is complete."""

from __future__ import annotations

from ansible_collections.daemonic.systemd.plugins.module_utils._xinetd.attribute_table import (
    ATTRIBUTES,
    CHANGED,
    DIRECTIVES,
    DROPPED,
    EXACT,
    SAME,
    STAYS,
    TABLE,
)

# What xinetd.conf(5) describes, in its order.
DESCRIBED = """
    id type flags disable socket_type protocol wait user group instances nice server server_args libwrap only_from
    no_access access_times log_type log_on_success log_on_failure rpc_version rpc_number env passenv port redirect bind
    interface banner banner_success banner_fail per_source cps max_load groups mdns umask enabled include includedir
    rlimit_as rlimit_files rlimit_cpu rlimit_data rlimit_rss rlimit_stack deny_time disabled
    """.split()  # noqa: SIM905
FLAGS = "INTERCEPT NORETRY IDONLY NAMEINARGS NODELAY KEEPALIVE NOLIBWRAP SENSOR IPv4 IPv6 LABELED REUSE"
WORDS = {
    "type": "RPC INTERNAL TCPMUX TCPMUXPLUS UNLISTED",
    "flags": FLAGS,
    "socket_type": "stream dgram raw seqpacket",
    "log_on_success": "PID HOST USERID EXIT DURATION TRAFFIC",
    "log_on_failure": "HOST USERID ATTEMPT",
    "log_type": "SYSLOG FILE",
}


def test_every_attribute_is_in_the_table() -> None:
    rows = {row.attribute for row in TABLE}
    assert set(DESCRIBED) <= rows
    assert rows == {*ATTRIBUTES, *DIRECTIVES}
    assert rows - set(DESCRIBED) == {"v6only"}  # known to xinetd, but not described


def test_every_word_is_in_the_table() -> None:
    for attribute, words in WORDS.items():
        assert {row.value for row in TABLE if row.attribute == attribute} == set(words.split()), attribute


def test_the_rows_say_enough() -> None:
    for row in TABLE:
        assert row.effect in (EXACT, SAME, CHANGED, DROPPED, STAYS)
        assert row.remark or row.effect == EXACT, row
        assert row.remedy or row.effect in (EXACT, SAME), row
        assert bool(row.becomes) or row.effect != EXACT or row.attribute in DIRECTIVES, row
