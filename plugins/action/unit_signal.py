# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the module `unit_signal`."""

from __future__ import annotations

from ..plugin_utils.answering_action import PlainAction


class ActionModule(PlainAction):
    module = "unit_signal"
