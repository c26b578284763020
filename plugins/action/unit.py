# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the module `unit`."""

from __future__ import annotations

from typing import Any, Mapping

from ..module_utils._declaration.arguments import UNIT, UNIT_SPELLINGS
from ..plugin_utils.sources import Sources
from ..plugin_utils.transaction_action import TransactionAction


class ActionModule(TransactionAction):
    module = "unit"
    argument_spec = UNIT
    spellings = UNIT_SPELLINGS

    def resolve(self, args: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
        return dict(sources.of_unit(f"units.{args.get('name', '')}", args))
