# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `from_xinetd`."""

from __future__ import annotations

DOCUMENTATION = r"""
name: from_xinetd
short_description: Convert the services of an xinetd configuration to systemd units
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Reads the text of an C(xinetd.conf) or of a file for C(/etc/xinetd.d), and creates a socket and a service for each service
    that is enabled in it.
    L(The table of attributes, https://github.com/daemonic-systemd/daemonic.systemd/blob/main/docs/xinetd.md) lists what each
    attribute becomes.
  - Attributes that have no equivalent, or another meaning, are reported in RV(_value.notes). None is dropped silently.
  - It works on text alone. To move a host from xinetd to systemd, use M(daemonic.systemd.xinetd).
positional: _input
options:
  _input:
    description: The text.
    type: str
    required: true
  includes:
    description: The files that the text names in C(include) and C(includedir), a mapping of absolute paths to text.
    type: dict
    default: {}
  ports:
    description:
      - The ports of services that do not set one, a mapping of C(name/protocol) to number, for example C(telnet/tcp) to V(23).
      - By default they are looked up in the controller's C(/etc/services).
    type: dict
  services:
    description: The ids of the services to convert. The default is all enabled services.
    type: list
    elements: str
  systemd:
    description:
      - The major version of the host's systemd. From V(255) on a rate limit (C(cps)) has an equivalent without drawbacks.
      - With V(0) the units work on all versions.
    type: int
    default: 0
  path:
    description: The path of the text in messages and notes.
    type: str
    default: /etc/xinetd.conf
seealso:
  - module: daemonic.systemd.xinetd
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: A service of xinetd, as units
  vars:
    xinetd: |
      service clock
      {
          type        = UNLISTED
          flags       = REUSE
          socket_type = stream
          protocol    = tcp
          port        = 9137
          wait        = no
          user        = nobody
          server      = /bin/date
          server_args = --utc
          max_load    = 3
      }
    converted: "{{ xinetd | daemonic.systemd.from_xinetd }}"
  ansible.builtin.assert:
    that:
      - converted.units['clock.socket'].Socket.ListenStream == '9137'
      - converted.units['clock@.service'].Service.ExecStart == '/bin/date --utc'
      - converted.notes | map(attribute='attribute') | list == ['flags', 'max_load']

- name: Deploy them
  daemonic.systemd.stack:
    name: clock
    units: "{{ (xinetd | daemonic.systemd.from_xinetd(ports={'clock/tcp': 9137})).units }}"
  vars:
    xinetd: |
      service clock
      {
          socket_type = stream
          wait        = no
          user        = nobody
          server      = /bin/date
      }

- name: Clean up
  daemonic.systemd.stack:
    name: clock
    state: absent
"""

RETURN = r"""
_value:
  description: The units of the services, and what they cannot express.
  type: dict
  contains:
    units:
      description: Units for O(daemonic.systemd.stack#module:units), a mapping of names to sections.
      type: dict
    notes:
      description: Every attribute that has no equivalent, or does not mean quite the same.
      type: list
      elements: dict
      contains:
        service:
          description: The id of the service; empty for notes about all services.
          type: str
        attribute:
          description: The attribute, as it was written.
          type: str
        value:
          description: Its value, or the word in it that the note is about.
          type: str
        place:
          description: File and line.
          type: str
        effect:
          description:
            - V(same) - systemd does this in any case. V(changed) - the equivalent in the units differs in part.
              V(dropped) - there is no equivalent. V(stays) - the service must stay with xinetd, because with systemd it would
              let in other clients, or not work.
          type: str
        reason:
          description: The reason.
          type: str
        remedy:
          description: What can be done.
          type: str
    left:
      description: The ids of the enabled services without units.
      type: list
      elements: str
"""

from typing import Any, Callable, Mapping, Sequence

from ansible.errors import AnsibleFilterError

from ..module_utils._declaration.problems import ValidationFailed
from ..module_utils._xinetd.migrate import files_of, migrate, ports_of


def from_xinetd(
    text: str,
    includes: Mapping[str, str] | None = None,
    ports: Mapping[str, int] | None = None,
    services: Sequence[str] | None = None,
    systemd: int = 0,
    path: str = "/etc/xinetd.conf",
) -> dict[str, Any]:
    """{units, notes, left}. Raises AnsibleFilterError with every mistake."""
    if not isinstance(text, str) or not isinstance(includes or {}, Mapping):
        raise AnsibleFilterError("from_xinetd takes the text of a file, and in includes a mapping of paths to texts.")
    known = _ports_of_the_controller() if ports is None else {str(name): int(port) for name, port in ports.items()}
    try:
        found = migrate(path, files_of({**(includes or {}), path: text}), known, int(systemd), services)
    except ValidationFailed as refused:
        problems = "\n".join(f"  {problem}" for problem in refused.problems)
        raise AnsibleFilterError(f"from_xinetd cannot read this:\n{problems}") from refused
    left = [service.id for service in found.left]
    return {"units": found.units, "notes": [note.as_result() for note in found.notes], "left": left}


def _ports_of_the_controller() -> dict[str, int]:
    try:
        with open("/etc/services", encoding="utf-8", errors="replace") as stream:
            return ports_of(stream.read())
    except OSError:
        return {}


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"from_xinetd": from_xinetd}
