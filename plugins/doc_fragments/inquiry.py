# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that only ask have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  scope:
    description: Which units to query - V(system) for those of the system, V(user) for those of one user.
    type: str
    choices: [system, user]
    default: system
  scope_user:
    description: The user of O(scope=user). The default is the user who runs the task.
    type: str
attributes:
  check_mode:
    description: The module only reads, and does the same in check mode.
    support: full
  diff_mode:
    description: The module changes nothing.
    support: none
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
"""
