#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: rollout
short_description: Decide how a roll-out over a fleet goes on
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - A part of the playbooks C(daemonic.systemd.deploy) and C(daemonic.systemd.rollback), which run it between the phases of a
    batch. It is of no use elsewhere.
  - It reads what the tasks have registered for the hosts, and decides who is put into service, who goes back, and whether the
    run goes on. It touches no host.
options:
  step:
    description: The phase that is over.
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
    description: Decides as if it were not check mode, but stops nothing and puts nothing back.
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
  description: What a person should know, in lines.
  returned: always
  type: raw
failures:
  description: Hosts that have failed, and why.
  returned: after O(step=end) and O(step=report)
  type: dict
put_back:
  description: Hosts that go back, and the state that takes them there.
  returned: after O(step=end) and O(step=abort)
  type: dict
"""
