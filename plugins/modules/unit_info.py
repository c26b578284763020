#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: unit_info
short_description: Ask about units
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Tells what systemd knows of units, of hundreds of them in one call - states, processes, listeners of sockets, elapses of
    timers, and with O(include) their dependencies, files and exposure. Of those that this collection has deployed it tells
    the stack, the release, and whether the process still runs an old one.
  - Numbers are numbers, times are ISO 8601 in UTC, and what is not set is null. All keys of a unit's type are always there.
options:
  name:
    description:
      - Units, by name or by pattern (V(worker@*), V(*.timer)). Without a type a service is meant. A path stands for the unit
        that mounts it.
      - A pattern stands for units that systemd has loaded, with C(unit_files) in O(include) for installed ones, too. A name that
        does not exist is in the answer, with RV(units.load_state=not-found).
      - The default is every loaded unit. An empty list is no unit at all.
    type: list
    elements: str
  type:
    description: Only units of these types, such as V(service), V(socket) or V(timer).
    type: list
    elements: str
  state:
    description:
      - Only units in one of these states, as C(systemctl --state) takes them - load, active and sub-states, and states of
        unit files, such as V(failed), V(running) or V(enabled).
    type: list
    elements: str
  include:
    description:
      - What else is wanted. Each makes the answer longer; C(exposure) and C(unit_files) need another call of systemd.
      - C(dependencies) are RV(units.relations), RV(units.dependencies) and RV(units.dependents).
      - C(content) is RV(units.files), the text of unit files and drop-ins.
      - C(exposure) judges services as they are now (C(systemd-analyze security)). Without it RV(units.exposure) is what was
        recorded at a service's last deployment.
      - C(unit_files) adds units that are installed but not loaded, and templates.
    type: list
    elements: str
    choices: [content, dependencies, exposure, unit_files]
    default: []
  depth:
    description: How deep trees of dependencies go, from V(1) to V(10).
    type: int
    default: 2
extends_documentation_fragment:
  - daemonic.systemd.inquiry
notes:
  - Any user may ask. Stacks, recorded exposure, and stamps that only the environment of a process tells are known to root, or
    to the user of O(scope=user), and null to others.
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
    - The units by name. One that was asked for by an alias goes by that name, and RV(units.id) is its own.
  returned: success
  type: dict
  contains:
    id:
      description: The name that systemd knows it by.
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
      description: The state that belongs to its type, such as V(running), V(listening) or V(auto-restart).
      type: str
    result:
      description: V(success), or how it failed.
      type: str
    since:
      description: When it has entered RV(units.active_state). Null for a unit that was never started.
      type: str
      sample: "2026-11-21T06:18:01Z"
    unit_file_state:
      description: As C(systemctl is-enabled) tells it, such as V(enabled), V(disabled), V(static) or V(masked).
      type: str
    preset:
      description: V(enabled) or V(disabled), what the distribution or the administrator has preset.
      type: str
    fragment_path:
      description: The unit file.
      type: str
    drop_in_paths:
      description: The drop-ins, in the order in which they apply.
      type: list
      elements: str
    needs_daemon_reload:
      description: Whether a file has changed since systemd has read it.
      type: bool
    invocation_id:
      description: The ID of this start of the unit, which its journal lines have.
      type: str
    condition_met:
      description: Whether its conditions held when it was last started; null if it never was.
      type: bool
    triggers:
      description: What a socket, timer or path starts.
      type: list
      elements: str
    triggered_by:
      description: The sockets, timers and paths that start it.
      type: list
      elements: str
    stack:
      description: The stack that owns it, or where none does, that has given it a drop-in.
      type: str
    drop_in_stacks:
      description: The stacks that have given it drop-ins, without owning it.
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
      description: When the main process was started last.
      type: str
      returned: for services
    restarts:
      description: Automatic restarts since it was last started.
      type: int
      returned: for services
    exit_code:
      description: How the main process has ended, V(exited), V(killed) or V(dumped).
      type: str
      returned: for services
    exit_status:
      description: Its exit status, or the signal that has ended it.
      type: int
      returned: for services
    status_text:
      description: What the service says of itself (C(STATUS=) of sd_notify).
      type: str
      returned: for services
    memory:
      description: Bytes in use. Null where memory is not accounted for.
      type: int
      returned: for services, sockets, mounts, swaps, slices and scopes
    memory_peak:
      description: The most bytes that were in use. Null before systemd 254.
      type: int
      returned: as memory
    tasks:
      description: Processes and threads.
      type: int
      returned: as memory
    cpu_seconds:
      description: Processor time used.
      type: float
      returned: as memory
    release:
      description: The digest of the release that the process runs, or when there is none, of the one that a start would run.
      type: str
      returned: for services
    stamp:
      description: The digest of the configuration that the process was started with.
      type: str
      returned: for services
    stale:
      description:
        - Whether a restart would run something else than what runs now, by the same judgement as that of
          M(daemonic.systemd.stack) - another configuration or release of its stack, drop-ins and environment files of
          whomever, other groups of its user. Null where nothing runs, or no stamp is known. Who may not read the records of
          the stacks is told of the stamp alone.
      type: bool
      returned: for services
    stale_because:
      description: Why it is stale, as clauses. Empty where it is not.
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
      description: Whether each connection has a process of its own.
      type: bool
      returned: for sockets
    connections:
      description: Connections that are open now, with C(Accept=yes).
      type: int
      returned: for sockets
    accepted:
      description: Connections so far, with C(Accept=yes).
      type: int
      returned: for sockets
    schedule:
      description: The directives that say when it elapses.
      type: list
      elements: str
      returned: for timers
      sample: ["OnCalendar=*-*-* 04:00:00"]
    next_elapse:
      description: When it elapses next.
      type: str
      returned: for timers
    last_trigger:
      description: When it has last elapsed.
      type: str
      returned: for timers
    persistent:
      description: Whether it makes up for an elapse that was missed.
      type: bool
      returned: for timers
    relations:
      description:
        - Its direct relations, kind to units, those that there are. C(requires), C(requisite), C(binds_to), C(wants),
          C(upholds) and C(consists_of) pull units in, C(required_by), C(requisite_of), C(bound_by), C(wanted_by),
          C(upheld_by) and C(part_of) are the same from the other end. C(after), C(before), C(conflicts), C(conflicted_by),
          C(on_failure) and C(on_success) are the others.
      type: dict
      returned: with C(dependencies) in O(include)
    dependencies:
      description: The tree of what it pulls in.
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
          description: Whether its own stand below it. They do not below O(depth), or if they stand elsewhere in the tree.
          type: bool
        units:
          description: What it pulls in itself, in the same form.
          type: list
          elements: dict
    dependents:
      description: The tree of what pulls it in, in the same form.
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
          description: Where it lies.
          type: str
        content:
          description: Its text. Null for a mask, and for a file that not all may read.
          type: str
failed_units:
  description: Those of RV(units) that have failed.
  returned: success
  type: list
  elements: str
problems:
  description: What is wrong with the question.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: name
    value:
      description: What stands there.
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
