# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the module `default_target`."""

from __future__ import annotations

from ..plugin_utils.answering_action import PlainAction


class ActionModule(PlainAction):
    module = "default_target"
