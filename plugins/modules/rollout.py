#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: rollout
short_description: Decide how a roll-out over a fleet continues
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - An internal part of the playbooks C(daemonic.systemd.deploy) and C(daemonic.systemd.rollback), which run it between the
    phases of a batch. It has no other use.
  - It reads the results that the tasks have registered for the hosts, and decides which hosts go into service, which are
    rolled back, and whether the run continues. It does not contact the hosts.
options:
  step:
    description: The phase that has just ended.
    type: str
    required: true
    choices: [check, begin, judge, end, abort, returned, report]
  kind:
    description: The playbook.
    type: str
    default: deploy
    choices: [deploy, rollback]
  back:
    description: The decision that C(returned) belongs to.
    type: dict
attributes:
  check_mode:
    support: full
    description: Decides as in a normal run, but stops nothing and rolls nothing back.
  diff_mode:
    support: none
    description: It changes nothing.
"""

EXAMPLES = r"""
- name: Check the settings of a roll-out over all hosts
  daemonic.systemd.rollout:
    step: check
  run_once: true
  register: plan

- name: There is no hook
  ansible.builtin.assert:
    that: plan.before == ''
"""

RETURN = r"""
msg:
  description: The messages for the user, one per line.
  returned: always
  type: raw
failures:
  description: Hosts that have failed, and why.
  returned: after O(step=end) and O(step=report)
  type: dict
put_back:
  description: Hosts that are rolled back, and the state that does it.
  returned: after O(step=end) and O(step=abort)
  type: dict
"""
