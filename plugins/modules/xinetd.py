#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: xinetd
short_description: Move the services of a host from xinetd to systemd, and back
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Reads xinetd's configuration on the host, and makes a socket and a service of each service that is enabled in it.
    C(docs/xinetd.md) of the collection says what becomes of which attribute. What has no equal, or another meaning, is told
    in RV(notes).
  - Everything is checked before anything is touched. Then all files are written, xinetd gives up its ports, and the sockets
    are opened at once. Sessions that are open go on.
  - What does not answer as it did with xinetd fails the task. Everything is then put back, and xinetd serves again.
  - A service that can only stay with xinetd stays, and xinetd goes on with it. Where nothing is left to it, xinetd is stopped
    and disabled.
options:
  state:
    description:
      - V(migrated) moves the services to systemd.
      - V(validated) checks all of it, and does nothing else.
      - V(absent) goes back - the sockets are closed, xinetd's configuration is what it was, and xinetd is enabled and started
        if it was so before.
    type: str
    choices: [migrated, validated, absent]
    default: migrated
  services:
    description:
      - The ids of the services that are meant. The others stay with xinetd, those that were moved by an earlier run go back.
      - All that are enabled, by default.
    type: list
    elements: str
  dropins:
    description:
      - What is to be different in the units, unit to drop-ins as in O(daemonic.systemd.stack#module:units), name to sections.
    type: dict
    default: {}
  config:
    description: xinetd's configuration.
    type: path
    default: /etc/xinetd.conf
  settle:
    description:
      - How long all that was started must stay up before the task believes in it - seconds, or a number with V(ms), V(s) or
        V(min).
    type: str
    default: 3s
  unsafe:
    description:
      - What is done where power is given away. V(error) refuses it before anything is touched, V(warn) lets it pass with a
        warning, V(ignore) does not look.
      - This is so for configuration that others than root can write, for programs that root runs and others can write, and
        for rules in C(/etc/hosts.deny), which xinetd asks and systemd does not.
      - Configuration that everybody can read is told with a warning.
    type: str
    choices: [error, warn, ignore]
    default: error
attributes:
  check_mode:
    description: Everything is checked, and the actions of a run predicted one by one.
    support: full
  diff_mode:
    description: Shows files and links. The content of a file that not all may read is left out.
    support: full
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
  - root (use C(become))
seealso:
  - plugin: daemonic.systemd.from_xinetd
    plugin_type: filter
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: What would become of xinetd's services on this host
  daemonic.systemd.xinetd:
    unsafe: warn
  check_mode: true
  diff: true
  register: forecast

- name: What moves, what cannot be carried over, and what means another thing
  ansible.builtin.debug:
    var: forecast.report

- name: Move them to systemd
  daemonic.systemd.xinetd:
    settle: 1s

- name: Go back
  daemonic.systemd.xinetd:
    state: absent
"""

RETURN = r"""
services:
  description: The services that systemd serves, id to the names of their units.
  returned: always, unless nothing was begun because of a problem
  type: dict
  sample:
    telnet: [telnet.socket, telnet@.service]
left:
  description: The ids of the services that stay with xinetd.
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: str
report:
  description: The same for a person, a line for each service and each attribute that does not mean the same.
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: str
  sample:
    - "telnet: served by telnet.socket and telnet@.service"
    - "time: stays with xinetd"
notes:
  description: Every attribute that does not mean quite the same, or has no equal.
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: dict
  contains:
    service:
      description: The id of the service; empty for what is told of all.
      type: str
    attribute:
      description: The attribute, as it was written.
      type: str
    value:
      description: Its value, or the word of it that is meant.
      type: str
    place:
      description: File and line.
      type: str
    effect:
      description:
        - V(same) - systemd does so in any case. V(changed) - the units have something that means another thing in part.
          V(dropped) - there is no equal. V(stays) - the service can only stay with xinetd, for this would let others in, or
          not work.
      type: str
    reason:
      description: Why.
      type: str
    remedy:
      description: What can be done.
      type: str
permissions:
  description: Each file and directory of xinetd's configuration, as it was found.
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: dict
  contains:
    path:
      description: The file or directory.
      type: str
    owner:
      description: Its owner.
      type: str
    group:
      description: Its group.
      type: str
    mode:
      description: Its mode, an octal string.
      type: str
    problems:
      description: What others can do with it.
      type: list
      elements: str
actions:
  description:
    - What was done, or in check mode would be done, in order. After a failure it is the plan of the run, of which the rest
      was not done.
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: dict
  contains:
    action:
      description:
        - As in RV(daemonic.systemd.stack#module:actions), and V(hand_over) (xinetd gives up its ports), V(enable) and V(disable).
      type: str
    target:
      description: The path or the unit.
      type: str
    reason:
      description: Why, for a person.
      type: str
units:
  description: The units that listen or serve, after the run, as in RV(daemonic.systemd.stack#module:units).
  returned: always, unless nothing was begun because of a problem
  type: dict
failures:
  description: What is not well, as in RV(daemonic.systemd.stack#module:failures).
  returned: when it failed after it had begun
  type: list
  elements: dict
reverted:
  description: Whether everything was put back that this run had changed. Then xinetd serves as before.
  returned: when it failed after it had begun
  type: bool
revert_actions:
  description: What was done to put it back, in order.
  returned: when it failed after it had begun
  type: list
  elements: dict
problems:
  description: What is wrong, as in RV(daemonic.systemd.stack#module:problems). Nothing was touched.
  returned: when it was refused
  type: list
  elements: dict
diff:
  description: Each file before and after.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.xinetd.migrate import xinetd

ARGUMENTS = {
    "state": {"type": "str", "choices": ["migrated", "validated", "absent"], "default": "migrated"},
    "services": {"type": "list", "elements": "str"},
    "dropins": {"type": "dict", "default": {}},
    "config": {"type": "path", "default": "/etc/xinetd.conf"},
    "settle": {"type": "str", "default": "3s"},
    "unsafe": {"type": "str", "choices": ["error", "warn", "ignore"], "default": "error"},
}


def main() -> None:
    serve(ARGUMENTS, xinetd)


if __name__ == "__main__":
    main()
