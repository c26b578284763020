# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the module `stack`."""

from __future__ import annotations

from typing import Any, Mapping

from ..module_utils._declaration.arguments import STACK
from ..plugin_utils.sources import Sources
from ..plugin_utils.transaction_action import TransactionAction


class ActionModule(TransactionAction):
    module = "stack"
    argument_spec = STACK

    def resolve(self, args: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
        return sources.of_stack(args)
