# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words and limits that the controller and the managed node have in common. Data, for which nothing is imported."""

from __future__ import annotations

# https://www.freedesktop.org/software/systemd/man/systemd.service.html#Type=
SERVICE_TYPES = ("simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle")
RESTARTS = ("no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always")
HARDENING = ("none", "standard", "strict")
# What is done with what is unsafe.
UNSAFE = ("error", "warn", "ignore")
ON_CHANGE = ("auto", "reload", "restart", "stop-start", "keep")
STATES = (
    "started",
    "stopped",
    "restarted",
    "reloaded",
    "reload-or-restarted",
    "try-restarted",
    "try-reload-or-restarted",
    "unmanaged",
)
# States that speak of what is on the host, so that nothing needs to be declared.
WITHOUT_DECLARATION = ("absent", "rolled_back")

# The ending of an application that is one file.
WHEEL = ".whl"
# An upload with this ending is a tar archive of several, each under its digest.
BUNDLE = ".bundle"
# systemd takes 1 MiB of credentials for all of a unit, their names included; encrypted they are a third longer (base64).
CREDENTIALS_AT_MOST = 768 * 1024
