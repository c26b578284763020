# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that change a host have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  settle:
    description:
      - How long every unit that was started must stay up before the task believes in it - seconds, or a number with
        V(ms), V(s) or V(min). All units are watched at once. V(0) looks once.
      - A run that starts nothing does not wait.
    type: str
    default: 3s
attributes:
  check_mode:
    description: The actions of a run are predicted one by one, on an empty host too.
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
notes:
  - A daemon's script lies in C(/opt/<name>/releases/<digest>/), the digest being that of its content. The service names
    that release, so code and configuration change at the same moment, and C(/opt/<name>/current) points to it for people.
    The release before the live one is kept.
  - Each service carries a stamp, the digest of all that a restart would apply, in its environment (C(DAEMONIC_STAMP)) and in
    its journal lines. A restart is due when the stamp of the running process is not that of its unit file. So
    C(Description=), dependencies, C(Restart=), timeouts and other directives that C(daemon-reload) alone applies restart nothing.
  - What a stack owns is recorded in C(/var/lib/daemonic.systemd/<name>.json), before it is acted on.
"""
