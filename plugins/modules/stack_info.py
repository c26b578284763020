#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: stack_info
short_description: Query the stacks of a host
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Lists the stacks that this collection has deployed on a host, and for each of their units whether it is healthy - its states,
    release, restarts, listeners and timer elapses, how the units depend on each other, and the last journal lines of those that
    have failed. This takes one call to systemd, and one to the journal for each unit that has failed.
  - The playbook C(daemonic.systemd.report) runs it on each host.
options:
  name:
    description: Only these stacks. Stacks that a host does not have are not in its answer. The default is all stacks.
    type: list
    elements: str
  journal_lines:
    description:
      - How many of the last journal lines to return for each unit that has failed, from V(0) to V(100). Only the first 20
        such units are read, and each line is cut after 500 characters.
    type: int
    default: 10
extends_documentation_fragment:
  - daemonic.systemd.inquiry
notes:
  - Only root, or the user of O(scope=user), can read the manifests of stacks. For others the answer contains no stack.
seealso:
  - module: daemonic.systemd.fleet_report
  - module: daemonic.systemd.unit_info
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: Something to ask about
  daemonic.systemd.daemon:
    name: date_logger
    script: date_logger.py

- name: Ask about all stacks
  daemonic.systemd.stack_info:
  register: info

- name: Nothing of it was changed by hand, and it runs
  ansible.builtin.assert:
    that:
      - stack.modified == []
      - stack.units['date_logger.service'].active_state == 'active'
  vars:
    stack: "{{ info.stacks['date_logger'] }}"

- name: Clean up
  daemonic.systemd.daemon:
    name: date_logger
    state: absent
"""

RETURN = r"""
stacks:
  description: The stacks by name, including those of M(daemonic.systemd.daemon) and M(daemonic.systemd.unit).
  returned: success
  type: dict
  contains:
    complete:
      description: Whether its last deployment was completed. Also false while one is in progress.
      type: bool
    modified:
      description: Paths of files and symlinks that have changed since the last deployment.
      type: list
      elements: str
    units:
      description:
        - Its units by name, including foreign units for which it has a drop-in. For a template, the instances that systemd has
          loaded.
      type: dict
      contains:
        type:
          description: The type, such as V(service).
          type: str
        description:
          description: C(Description=).
          type: str
        load_state:
          description: V(loaded), V(not-found), V(masked), V(bad-setting) or V(error).
          type: str
        load_error:
          description: Why it could not be loaded.
          type: str
        active_state:
          description: V(active), V(inactive), V(failed), V(activating), V(deactivating), V(reloading).
          type: str
        sub_state:
          description: The state specific to its type, such as V(running), V(listening) or V(auto-restart).
          type: str
        result:
          description: V(success), or how it failed.
          type: str
        since:
          description: When it entered RV(stacks.units.active_state), ISO 8601 in UTC. Null for a unit that was never started.
          type: str
          sample: "2026-11-21T06:18:01Z"
        unit_file_state:
          description: The state that C(systemctl is-enabled) prints, such as V(enabled), V(disabled) or V(static).
          type: str
        needs_daemon_reload:
          description: Whether a file has changed since systemd read it.
          type: bool
        condition_met:
          description: Whether its conditions were met when it was last started; null if it never was.
          type: bool
        triggered_by:
          description: The sockets, timers and paths that start it.
          type: list
          elements: str
        service_type:
          description: C(Type=).
          type: str
          returned: for services
        restarts:
          description: The number of automatic restarts since it was last started.
          type: int
          returned: for services
        exit_code:
          description: How the main process ended, V(exited), V(killed) or V(dumped).
          type: str
          returned: for services
        exit_status:
          description: Its exit status, or the signal that ended it.
          type: int
          returned: for services
        status_text:
          description: The status text that the service reports (C(STATUS=) of sd_notify).
          type: str
          returned: for services
        release:
          description: The release that its process runs, or if it has no process, the one that a start would run.
          type: str
          returned: for services
        stale:
          description: Whether a restart would run something other than what runs now. Null if nothing runs.
          type: bool
          returned: for services
        stale_because:
          description: The reasons why it is stale, as clauses. Empty if it is not.
          type: list
          elements: str
          returned: for services
        exposure:
          description: From V(0) to V(10), as recorded at its last deployment.
          type: float
          returned: for services
        listen:
          description: Its listeners.
          type: list
          elements: dict
          returned: for sockets
          contains:
            address:
              description: An address and port, or a path.
              type: str
              sample: "[::]:9000"
            type:
              description: V(Stream), V(Datagram), V(FIFO) and so on.
              type: str
        schedule:
          description: The directives that define when it elapses.
          type: list
          elements: str
          returned: for timers
        next_elapse:
          description: When it elapses next.
          type: str
          returned: for timers
        last_trigger:
          description: When it last elapsed.
          type: str
          returned: for timers
        digest:
          description:
            - A digest of its unit file and drop-ins, without the entries that the collection itself adds there. It is the same
              on all hosts with the same texts.
          type: str
        relations:
          description:
            - Its existing relations to other units of the stack, a mapping of kinds to units. The kinds are C(requires),
              C(requisite), C(binds_to), C(wants), C(upholds), C(part_of), C(after), C(conflicts), C(on_failure), C(on_success)
              and C(triggers).
          type: dict
        journal:
          description: Its last journal lines, oldest first, if it has failed or waits for its automatic restart.
          type: list
          elements: dict
          contains:
            time:
              description: When journald received it, ISO 8601 in UTC.
              type: str
            priority:
              description: From V(0), most urgent, to V(7).
              type: int
            message:
              description: The text. Bytes that are not UTF-8, and control characters, are written as C(\\xff).
              type: str
            cut:
              description: Whether it was longer.
              type: bool
other_failed_units:
  description: Units of the host that have failed and belong to none of RV(stacks).
  returned: success
  type: list
  elements: str
systemd:
  description: The major version of systemd; V(0) if it is unknown.
  returned: success
  type: int
  sample: 252
problems:
  description: What is wrong with the query.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: journal_lines
    value:
      description: Its value.
      type: str
    problem:
      description: What is wrong with it.
      type: str
    remedy:
      description: What to write instead.
      type: str
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.simple_module import answering
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry.stack_info import stack_info
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.arguments import STACK_INFO


def main() -> None:
    serve(STACK_INFO, answering(stack_info))


if __name__ == "__main__":
    main()
