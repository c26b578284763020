# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the module `stack_info`."""

from __future__ import annotations

from ..plugin_utils.answering_action import PlainAction


class ActionModule(PlainAction):
    module = "stack_info"
