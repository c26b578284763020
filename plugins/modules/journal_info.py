#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: journal_info
short_description: Read the journal
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Returns the newest matching entries of the journal, oldest first, as values - the time, the priority, the unit, the
    message. An entry must match all options that are given.
  - The journal is read page by page, so neither its size nor the length of a message fills the memory.
options:
  unit:
    description:
      - Units, by name or by pattern (V(worker@*)). A name without a type means a service. A path stands for the unit that mounts
        it. Messages of the manager about a unit are included.
      - The default is all entries; an empty list matches none.
    type: list
    elements: str
  invocation:
    description:
      - Only this start of a unit - its ID, as in RV(ignore:units.invocation_id) of M(daemonic.systemd.unit_info), or counted back
        from the last one in the journal, which is V(last) or V(0); V(-1) is the one before. Counting needs one name in O(unit).
    type: str
  release:
    description:
      - Only entries from this release of a daemon - its digest, as the deployment and M(daemonic.systemd.unit_info) return it.
    type: str
  priority:
    description:
      - A syslog name or number, from V(emerg) (V(0)) to V(debug) (V(7)). It includes everything that is more urgent.
      - Two of them with V(..) between them are exactly that range, so V(err..err) is V(err) alone. V(critical), V(error) and
        V(warn) are accepted too.
    type: str
  since:
    description:
      - Only entries from this time on - ISO 8601, with C(Z), an offset or in the host's time zone, or a time that
        C(systemd.time(7)) describes, such as V(-1h), V(today) or V(2026-11-21 06:00:00).
    type: str
  until:
    description: Only entries up to this time, in the same formats as O(since).
    type: str
  boot:
    description: Only this boot - V(0) for the running one, V(-1) for the one before, or an ID.
    type: str
  pattern:
    description:
      - A Python regular expression that must be found in the message; V((?i\)) at its beginning ignores case.
      - It is applied on the host by Python, because not every C(journalctl) supports C(--grep). The newest 200000 entries that
        match all other options are searched. If there are more, RV(truncated) is true.
    type: str
  count:
    description: The maximum number of entries, from V(1) to V(10000).
    type: int
    default: 100
extends_documentation_fragment:
  - daemonic.systemd.inquiry
notes:
  - Root and the members of the groups C(systemd-journal) and C(adm) see all entries. Others see at most their own, and get a
    warning that says so.
  - With O(scope=user) journald does not record releases, so O(release) is matched by the command lines of processes. Messages of
    a process that had already ended when journald read them are attributed to no unit.
  - For a system unit such messages lack the invocation. With O(invocation) and one name in O(unit) they are attributed to the
    start that the line before them belongs to.
seealso:
  - module: daemonic.systemd.unit_info
"""

EXAMPLES = r"""
- name: Something that speaks
  daemonic.systemd.daemon:
    name: date_logger
    script: date_logger.py
  register: deployed

- name: What the last start of a service has said
  daemonic.systemd.journal_info:
    unit: date_logger
    invocation: last
  register: journal

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.time }} {{ item.priority_name }} {{ item.message }}"
  loop: "{{ journal.entries }}"
  loop_control:
    label: "{{ item.pid }}"

- name: What has this release complained about within the last hour?
  daemonic.systemd.journal_info:
    release: "{{ deployed.units['date_logger.service'].release }}"
    priority: err
    since: -1h
  register: journal

- name: Nothing
  ansible.builtin.assert:
    that: journal.entries == []

- name: The last ten errors of any unit that tell of a path
  daemonic.systemd.journal_info:
    priority: err
    pattern: /(etc|opt|var)/
    count: 10

- name: Clean up
  daemonic.systemd.daemon:
    name: date_logger
    state: absent
"""

RETURN = r"""
entries:
  description: The newest matching entries, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    time:
      description: When journald received it, ISO 8601 in UTC.
      type: str
      sample: "2026-11-21T06:18:01.123456Z"
    priority:
      description: From V(0), most urgent, to V(7).
      type: int
    priority_name:
      description: V(emerg), V(alert), V(crit), V(err), V(warning), V(notice), V(info) or V(debug).
      type: str
    unit:
      description:
        - The unit whose process wrote it, or that the manager writes about. Messages of a user's units belong to the manager of
          that user, unless O(scope=user). Fields that anybody can write into an entry are ignored.
      type: str
    message:
      description:
        - The text, cut after 65536 characters. Bytes that are not UTF-8 are written as C(\\xff), and so are control characters
          except tabs and line breaks, and characters that hide or reorder text.
      type: str
    cut:
      description: Whether the message was longer.
      type: bool
    pid:
      description: The process.
      type: int
    identifier:
      description: The name under which the process logs (C(SyslogIdentifier=)).
      type: str
    invocation_id:
      description: The start of the unit that it belongs to.
      type: str
    release:
      description: The release of the daemon.
      type: str
truncated:
  description: Whether there are older entries that match, or that were not searched.
  returned: success
  type: bool
searched:
  description: The number of entries that were read.
  returned: success
  type: int
problems:
  description: What is wrong with the query.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: since
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
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry.journal_info import journal_info
from ansible_collections.daemonic.systemd.plugins.module_utils._inquiry.arguments import JOURNAL_INFO


def main() -> None:
    serve(JOURNAL_INFO, answering(journal_info))


if __name__ == "__main__":
    main()
