#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report
short_description: Write a report of what a fleet runs
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Combines the answers of M(daemonic.systemd.stack_info) from many hosts into one report - what has failed, with its last
    journal lines, differences between hosts that should be equal, all units with their states, sockets and timers, and a
    diagram of each stack.
  - It writes the report on the controller, as one self-contained HTML page and as JSON, and prints a table.
  - The playbook C(daemonic.systemd.report) queries the hosts and runs this module. Run it once in a play.
options:
  hosts:
    description: The hosts to report on. Hosts without an answer are listed as such.
    type: list
    elements: str
    required: true
  answer:
    description: The variable in which the answers of M(daemonic.systemd.stack_info) were registered.
    type: str
    required: true
  html:
    description:
      - Where to write the page. A relative path is below the directory in which C(ansible-playbook) was started.
      - Only its owner can read a new file, because it contains journal lines. An existing file keeps its mode.
    type: path
  json:
    description: Where to write the report as JSON, with the same rules as O(html).
    type: path
  strict:
    description: Whether to fail, after everything is written, if any host is not healthy.
    type: bool
    default: false
attributes:
  action:
    description: It runs on the controller.
    support: full
  async:
    description: It does not run in the background.
    support: none
  check_mode:
    description: Nothing is written. The table is printed.
    support: full
  diff_mode:
    description: It shows no difference.
    support: none
  platform:
    description: It runs on the controller.
    support: full
    platforms: posix
seealso:
  - module: daemonic.systemd.stack_info
"""

EXAMPLES = r"""
- name: Ask each host
  daemonic.systemd.stack_info:
  register: answer

- name: Write what they have told
  daemonic.systemd.fleet_report:
    hosts: "{{ ansible_play_hosts_all }}"
    answer: answer
    html: /tmp/fleet.html
    json: /tmp/fleet.json
  run_once: true
  register: report

- name: Clean up
  ansible.builtin.file:
    path: "{{ item }}"
    state: absent
  loop: "{{ report.written }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
headline:
  description: The whole report in one line.
  returned: success
  type: str
  sample: 1 unit failed, 2 units have drifted
summary:
  description: The counts of the report.
  returned: success
  type: dict
table:
  description: The lines of the table.
  returned: success
  type: list
  elements: str
written:
  description: The absolute paths of the files that were written, or in check mode would be.
  returned: success
  type: list
  elements: str
"""
