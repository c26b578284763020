# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: to_unit
short_description: Write the text of a unit file
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Turns a structure into the text of a unit file, a drop-in, or a file of systemd's own configuration.
  - A value that systemd would read differently is an error. No value can start another line or swallow the next one.
  - It is the inverse of P(daemonic.systemd.from_unit#filter).
positional: _input
options:
  _input:
    description:
      - A mapping of sections to mappings of directives to values. A list repeats its directive, a boolean becomes V(yes) or
        V(no), null or an empty string resets, and a mapping under C(Environment) is quoted. A C(%) begins a specifier there,
        as in all values, and C(%%) is a percent sign. Where the order of repeated directives matters, a section can also be a
        list of such mappings.
      - Or the list that P(daemonic.systemd.from_unit#filter) returns with C(comments=true). The C(text) of a line is written
        unchanged as long as it agrees with C(section), C(key) and C(value). If they were changed, or if there is no C(text),
        the line is generated.
    type: raw
    required: true
  known:
    description:
      - The known directives, a mapping of sections to directives to the type of their values. Any other directive is an error
        that suggests the most similar one.
      - The type is V(text), which is not checked, V(boolean), V(size), V(span) (of time), V(number), or a list of
        the allowed words.
      - Without this option any directive is allowed.
    type: dict
seealso:
  - plugin: daemonic.systemd.from_unit
    plugin_type: filter
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: The text of a unit
  ansible.builtin.assert:
    that:
      - unit | daemonic.systemd.to_unit == text
  vars:
    unit:
      Unit:
        Description: A clock
        After: [network.target, time-sync.target]
      Service:
        ExecStart: ["", /usr/bin/clock]
        Environment:
          GREETING: say "hi"
        DynamicUser: true
    text: |
      [Unit]
      Description=A clock
      After=network.target
      After=time-sync.target

      [Service]
      ExecStart=
      ExecStart=/usr/bin/clock
      Environment="GREETING=say \"hi\""
      DynamicUser=yes

- name: A file of systemd's own configuration, in which only some settings may stand
  ansible.builtin.debug:
    msg: "{{ {'Login': {'KillUserProcesses': false}} | daemonic.systemd.to_unit(known=settings) }}"
  vars:
    settings:
      Login:
        KillUserProcesses: boolean
        HandleLidSwitch: [ignore, poweroff, suspend]
        InhibitDelayMaxSec: span
"""

RETURN = r"""
_value:
  description: The text.
  type: str
  sample: |
    [Service]
    ExecStart=/usr/bin/clock
"""

from typing import Any, Callable, Mapping

from ..module_utils._unitfile.structure import text_of
from ..module_utils._unitfile.syntax import parse
from ..plugin_utils.filtering import failing_as


def to_unit(value: Any, known: Mapping[str, Any] | None = None) -> str:
    with failing_as("to_unit"):
        text = text_of(value)
        if known is not None:
            from ..module_utils._declaration.allowed_settings import check_known

            check_known(parse(text), known)
        return text


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_unit": to_unit}
