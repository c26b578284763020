#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: unit_signal
short_description: Send a signal to the processes of a unit
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Sends a signal to the main process, the control process, or all processes of a unit, as C(systemctl kill) does. On request it
    waits for the effect.
  - It is an error if the unit has no process to send the signal to.
options:
  name:
    description: The unit - a service, socket, mount, swap, scope or slice. A name without a type means a service.
    type: str
    required: true
  signal:
    description:
      - The signal, by its name (V(HUP), V(SIGHUP), V(hup), V(RTMIN+1)) or its number.
    type: str
    required: true
  whom:
    description:
      - V(main) is the main process of a service, V(control) the process that currently runs C(ExecReload=), C(ExecStop=) or
        similar, V(all) every process of the unit.
    type: str
    choices: [main, control, all]
    default: all
  wait:
    description:
      - What to wait for. V(exited) waits until the processes that got the signal have ended, V(restarted) until the service
        is active with another main process, V(stopped) until the unit is inactive or failed.
      - The task fails if this does not happen within O(timeout), or can no longer happen.
      - By default the task does not wait, and systemd does not report what the signal has done.
    type: str
    choices: [exited, restarted, stopped]
  timeout:
    description: How long to wait - seconds, or a number with V(ms), V(s) or V(min).
    type: str
    default: 30s
  force:
    description:
      - Send the signal even if it may end the connection of this task - to a unit to which this process or one of its ancestors
        belongs, the SSH server, systemd itself (C(init.scope)), or everything (C(-.slice)). Without it, only C(CHLD), C(CONT),
        C(URG) and C(WINCH), and C(HUP) for the main process of a service, are sent to such units, and nothing to C(init.scope).
    type: bool
    default: false
  scope:
    description: V(system) is the system's manager, V(user) that of one user.
    type: str
    choices: [system, user]
    default: system
  scope_user:
    description: The user of O(scope=user). The default is the user who runs the task.
    type: str
attributes:
  check_mode:
    description: Everything is checked, and nothing is sent.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
  - root (use C(become)), or with O(scope=user) that user
notes:
  - Sending a signal is always reported as a change.
  - To reload or restart a daemon because its configuration has changed, declare that in M(daemonic.systemd.stack).
seealso:
  - module: daemonic.systemd.stack
  - module: daemonic.systemd.unit_info
"""

EXAMPLES = r"""
- name: Have a daemon
  daemonic.systemd.daemon:
    name: signalled
    script: date_logger.py # from the playbook's files/
    restart: always

- name: Send its main process a signal
  daemonic.systemd.unit_signal:
    name: signalled.service
    signal: CONT
    whom: main

- name: Kill it, and see that systemd starts it again
  daemonic.systemd.unit_signal:
    name: signalled.service
    signal: KILL
    wait: restarted
    timeout: 10s
  register: killed

- name: It is another process
  ansible.builtin.assert:
    that:
      - killed.unit.active_state == "active"
      - killed.unit.main_pid not in killed.processes
      - killed.unit.restarts == 1

- name: Remove it
  daemonic.systemd.daemon:
    name: signalled
    state: absent
"""

RETURN = r"""
signal:
  description: The signal, as passed to systemd.
  returned: unless it was refused
  type: str
  sample: SIGHUP
whom:
  description: To whom it was sent.
  returned: unless it was refused
  type: str
processes:
  description: The processes that got it, or in check mode would.
  returned: unless it was refused
  type: list
  elements: int
unit:
  description: The unit afterwards, in check mode as it is. Without O(wait) the signal may not have had its effect by then.
  returned: unless it was refused
  type: dict
  contains:
    active_state:
      description: C(ActiveState) of systemd.
      type: str
    sub_state:
      description: C(SubState) of systemd.
      type: str
    result:
      description: C(Result) of systemd, V(success) or how it failed; empty for a unit type without one.
      type: str
    main_pid:
      description: Its main process; 0 without one.
      type: int
    restarts:
      description: The number of automatic restarts since it was last started.
      type: int
    invocation_id:
      description: The ID of this run of the unit, as in its journal lines.
      type: str
problems:
  description: Why the task was refused. Nothing was sent.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: whom
    value:
      description: Its value.
      type: str
    problem:
      description: What is wrong with it.
      type: str
    remedy:
      description: What to do.
      type: str
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import UNIT_SIGNAL
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.simple_module import answering
from ansible_collections.daemonic.systemd.plugins.module_utils._host.operation.unit_signal import unit_signal


def main() -> None:
    serve(UNIT_SIGNAL, answering(unit_signal, changes=True))


if __name__ == "__main__":
    main()
