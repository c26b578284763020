# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states that units have, and the priorities of the journal. Data: `systemctl --state=help` of systemd 247 to 258."""

from __future__ import annotations

LOAD_STATES = ("stub", "loaded", "not-found", "bad-setting", "error", "merged", "masked")
ACTIVE_STATES = ("active", "reloading", "inactive", "failed", "activating", "deactivating", "maintenance", "refreshing")
FILE_STATES = (
    *("enabled", "enabled-runtime", "linked", "linked-runtime", "alias", "masked", "masked-runtime", "static", "disabled"),
    *("indirect", "generated", "transient", "bad"),
)
_STOPPING = ("stop-watchdog", "stop-sigterm", "stop-sigkill", "final-watchdog", "final-sigterm", "final-sigkill", "cleaning")
SUB_STATES = (
    *("dead", "running", "exited", "failed", "waiting", "listening", "start", "stop", "stop-post"),
    *("condition", "start-pre", "start-post", "reload", "reload-signal", "reload-notify", "mounting"),
    *("auto-restart", "auto-restart-queued", "dead-before-auto-restart", "failed-before-auto-restart", "dead-resources-pinned"),
    *("refresh-extensions", "refresh-credentials", "reload-signal", "reload-post", *_STOPPING),
    *("start-chown", "stop-pre", "stop-pre-sigterm", "stop-pre-sigkill", "deferred"),  # sockets
    *("plugged", "tentative", "mounted", "mounting-done", "remounting", "unmounting", "remounting-sigterm"),
    *("remounting-sigkill", "unmounting-sigterm", "unmounting-sigkill", "activating", "activating-done", "active"),
    *("deactivating", "deactivating-sigterm", "deactivating-sigkill", "elapsed", "abandoned"),
)
STATES = frozenset((*LOAD_STATES, *ACTIVE_STATES, *FILE_STATES, *SUB_STATES))

# By their number, as syslog(3) has them.
PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
