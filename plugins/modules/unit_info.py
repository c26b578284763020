#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: unit_info
short_description: Query units
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Returns what systemd knows about units, about hundreds of them in one call - states, processes, listeners of sockets, elapses
    of timers, and with O(include) their dependencies, files and exposure. For units that this collection has deployed it also
    returns the stack, the release, and whether the process still runs an old one.
  - Numbers are numbers, times are ISO 8601 in UTC, and unset values are null. All keys of a unit's type are always present.
options:
  name:
    description:
      - Units, by name or by pattern (V(worker@*), V(*.timer)). A name without a type means a service. A path stands for the unit
        that mounts it.
      - A pattern matches units that systemd has loaded, and with C(unit_files) in O(include) also installed ones. A name that
        does not exist is in the answer, with RV(units.load_state=not-found).
      - The default is every loaded unit. An empty list matches no unit.
    type: list
    elements: str
  type:
    description: Only units of these types, such as V(service), V(socket) or V(timer).
    type: list
    elements: str
  state:
    description:
      - Only units in one of these states, as for C(systemctl --state) - load, active and sub-states, and states of
        unit files, such as V(failed), V(running) or V(enabled).
    type: list
    elements: str
  include:
    description:
      - What else to return. Each makes the answer longer; C(exposure) and C(unit_files) need another call to systemd.
      - C(dependencies) are RV(units.relations), RV(units.dependencies) and RV(units.dependents).
      - C(content) is RV(units.files), the text of unit files and drop-ins.
      - C(exposure) rates services as they are now (C(systemd-analyze security)). Without it RV(units.exposure) is the value
        recorded at a service's last deployment.
      - C(unit_files) adds units that are installed but not loaded, and templates.
    type: list
    elements: str
    choices: [content, dependencies, exposure, unit_files]
    default: []
  depth:
    description: The depth of dependency trees, from V(1) to V(10).
    type: int
    default: 2
extends_documentation_fragment:
  - daemonic.systemd.inquiry
notes:
  - Any user can run it. Stacks, recorded exposure, and stamps that can only be read from the environment of a process are known
    to root, or to the user of O(scope=user), and null for others.
seealso:
  - module: daemonic.systemd.journal_info
  - module: daemonic.systemd.unit
"""

EXAMPLES = r"""
- name: Something to ask about
  daemonic.systemd.daemon:
    name: date_logger
    script: date_logger.py

- name: Ask about one service
  daemonic.systemd.unit_info:
    name: date_logger
  register: info

- name: It runs what was deployed last
  ansible.builtin.assert:
    that:
      - unit.active_state == 'active'
      - unit.restarts == 0
      - not unit.stale
  vars:
    unit: "{{ info.units['date_logger.service'] }}"

- name: All that has failed
  daemonic.systemd.unit_info:
    state: failed
  register: info

- name: Tell why
  ansible.builtin.debug:
    msg: "{{ item }}: {{ info.units[item].result }} since {{ info.units[item].since }}"
  loop: "{{ info.failed_units }}"

- name: When do timers elapse, and what listens where?
  daemonic.systemd.unit_info:
    type: [timer, socket]
  register: info

- name: Show both
  ansible.builtin.debug:
    msg: "{{ item.value.next_elapse | default(item.value.listen | default([]) | map(attribute='address') | join(', ')) }}"
  loop: "{{ info.units | dict2items }}"
  loop_control:
    label: "{{ item.key }}"

- name: What pulls a service in, what it needs, and its files with their drop-ins
  daemonic.systemd.unit_info:
    name: date_logger
    include: [dependencies, content, exposure]
  register: info

- name: It is wanted at boot
  ansible.builtin.assert:
    that: "'multi-user.target' in info.units['date_logger.service'].relations.wanted_by"

- name: Clean up
  daemonic.systemd.daemon:
    name: date_logger
    state: absent
"""

RETURN = r"""
units:
  description:
    - The units by name. A unit that was queried by an alias is listed under the alias, and RV(units.id) is its own name.
  returned: success
  type: dict
  contains:
    id:
      description: Its primary name in systemd.
      type: str
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
      description: V(active), V(inactive), V(failed), V(activating), V(deactivating), V(reloading); null for a template.
      type: str
    sub_state:
      description: The state specific to its type, such as V(running), V(listening) or V(auto-restart).
      type: str
    result:
      description: V(success), or how it failed.
      type: str
    since:
      description: When it entered RV(units.active_state). Null for a unit that was never started.
      type: str
      sample: "2026-11-21T06:18:01Z"
    unit_file_state:
      description: The state that C(systemctl is-enabled) prints, such as V(enabled), V(disabled), V(static) or V(masked).
      type: str
    preset:
      description: V(enabled) or V(disabled), the preset of the distribution or the administrator.
      type: str
    fragment_path:
      description: The unit file.
      type: str
    drop_in_paths:
      description: The drop-ins, in the order in which they apply.
      type: list
      elements: str
    needs_daemon_reload:
      description: Whether a file has changed since systemd read it.
      type: bool
    invocation_id:
      description: The ID of this start of the unit, as in its journal lines.
      type: str
    condition_met:
      description: Whether its conditions were met when it was last started; null if it never was.
      type: bool
    triggers:
      description: The units that a socket, timer or path starts.
      type: list
      elements: str
    triggered_by:
      description: The sockets, timers and paths that start it.
      type: list
      elements: str
    stack:
      description: The stack that owns it, or if none does, the one that has a drop-in for it.
      type: str
    drop_in_stacks:
      description: The stacks that have drop-ins for it without owning it.
      type: list
      elements: str
    service_type:
      description: C(Type=).
      type: str
      returned: for services
    user:
      description: C(User=).
      type: str
      returned: for services
    main_pid:
      description: The main process.
      type: int
      returned: for services
    started:
      description: When the main process was last started.
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
    memory:
      description: Bytes in use. Null if memory accounting is off.
      type: int
      returned: for services, sockets, mounts, swaps, slices and scopes
    memory_peak:
      description: The peak number of bytes in use. Null before systemd 254.
      type: int
      returned: as memory
    tasks:
      description: The number of processes and threads.
      type: int
      returned: as memory
    cpu_seconds:
      description: Processor time used.
      type: float
      returned: as memory
    release:
      description: The digest of the release that the process runs, or if there is no process, that a start would run.
      type: str
      returned: for services
    stamp:
      description: The digest of the configuration that the process was started with.
      type: str
      returned: for services
    stale:
      description:
        - Whether a restart would run something other than what runs now, decided in the same way as by
          M(daemonic.systemd.stack) - another configuration or release of its stack, drop-ins and environment files of any
          origin, other groups of its user. Null if nothing runs, or if no stamp is known. For users who cannot read the
          manifests of the stacks only the stamp is compared.
      type: bool
      returned: for services
    stale_because:
      description: The reasons why it is stale, as clauses. Empty if it is not.
      type: list
      elements: str
      returned: for services
    exposure:
      description: From V(0), nothing to attack, to V(10).
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
    accept:
      description: Whether each connection has its own process.
      type: bool
      returned: for sockets
    connections:
      description: The number of open connections, with C(Accept=yes).
      type: int
      returned: for sockets
    accepted:
      description: The number of connections so far, with C(Accept=yes).
      type: int
      returned: for sockets
    schedule:
      description: The directives that define when it elapses.
      type: list
      elements: str
      returned: for timers
      sample: ["OnCalendar=*-*-* 04:00:00"]
    next_elapse:
      description: When it elapses next.
      type: str
      returned: for timers
    last_trigger:
      description: When it last elapsed.
      type: str
      returned: for timers
    persistent:
      description: Whether it makes up for a missed elapse.
      type: bool
      returned: for timers
    relations:
      description:
        - Its existing direct relations, a mapping of kinds to units. C(requires), C(requisite), C(binds_to), C(wants),
          C(upholds) and C(consists_of) pull units in, C(required_by), C(requisite_of), C(bound_by), C(wanted_by),
          C(upheld_by) and C(part_of) are their inverses. The others are C(after), C(before), C(conflicts), C(conflicted_by),
          C(on_failure) and C(on_success).
      type: dict
      returned: with C(dependencies) in O(include)
    dependencies:
      description: The tree of units that it pulls in.
      type: list
      elements: dict
      returned: with C(dependencies) in O(include)
      contains:
        unit:
          description: Its name.
          type: str
        relations:
          description: How it is pulled in.
          type: list
          elements: str
        active_state:
          description: Its state.
          type: str
        expanded:
          description: Whether its own dependencies are listed. They are not below O(depth), or if they are elsewhere in the tree.
          type: bool
        units:
          description: The units that it pulls in itself, in the same form.
          type: list
          elements: dict
    dependents:
      description: The tree of units that pull it in, in the same form.
      type: list
      elements: dict
      returned: with C(dependencies) in O(include)
    files:
      description: The unit file and its drop-ins.
      type: list
      elements: dict
      returned: with C(content) in O(include)
      contains:
        path:
          description: Its path.
          type: str
        content:
          description: Its text. Null for a mask, and for a file that is not world-readable.
          type: str
failed_units:
  description: The units in RV(units) that have failed.
  returned: success
  type: list
  elements: str
problems:
  description: What is wrong with the query.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: name
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
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry.unit_info import unit_info
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.arguments import UNIT_INFO


def main() -> None:
    serve(UNIT_INFO, answering(unit_info))


if __name__ == "__main__":
    main()
