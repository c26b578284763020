# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: target_units
short_description: Create the units of targets that group other units
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Turns targets and their members into the C(units) of M(daemonic.systemd.stack). The target wants its members, so they start
    with it. A drop-in makes each member part of it (C(PartOf=)), so they stop and restart with it.
  - The role P(daemonic.systemd.targets#role) uses it.
positional: _input
options:
  _input:
    description:
      - A mapping of targets to C(description), C(members) (units, a list), C(wanted_by) (what starts the target, a list), and
        C(unit) (further directives of its C([Unit]) section). All of them are optional.
    type: dict
    required: true
seealso:
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: A target with two members
  ansible.builtin.assert:
    that:
      - targets | daemonic.systemd.target_units == units
  vars:
    targets:
      timekeeping.target:
        description: All that keeps time
        members: [clock.service, echo.socket]
        wanted_by: multi-user.target
    units:
      timekeeping.target:
        Unit:
          Description: All that keeps time
          Wants: [clock.service, echo.socket]
        Install:
          WantedBy: [multi-user.target]
      clock.service:
        dropins:
          timekeeping.target:
            Unit:
              PartOf: timekeeping.target
      echo.socket:
        dropins:
          timekeeping.target:
            Unit:
              PartOf: timekeeping.target
"""

RETURN = r"""
_value:
  description: Units, a mapping of names to definitions.
  type: dict
"""

from typing import Any, Callable

from ..module_utils._operation.target_groups import units_of
from ..plugin_utils.filtering import failing_as


def target_units(value: Any) -> dict[str, Any]:
    with failing_as("target_units"):
        return units_of(value)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"target_units": target_units}
