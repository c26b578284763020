# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that change a host have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  settle:
    description:
      - How long every unit that was started must stay up before it counts as healthy - seconds, or a number with V(ms), V(s) or
        V(min). All units are watched at the same time, so the task waits for one window, not for one per unit. V(0) looks once.
        Probes (C(health)) are waited for in any case.
      - A daemon that dies within the window fails the task, however long its C(RestartSec=) is.
      - A run that starts nothing does not wait.
    type: str
    default: 3s
  rollback_on_failure:
    description:
      - On failure, revert everything that this run has changed - files with owner, mode and times, symlinks, what is enabled and
        masked, and the units that ran, which must stay up for O(settle) again. A failed first deployment leaves nothing behind.
        The task fails in any case, and reports whether the host is as it was before.
      - With V(false) the host stays as the failure left it, and the next run continues from there.
    type: bool
    default: true
    aliases: [rollback]
  adopt:
    description:
      - Take over foreign files in places that the stack needs, and files of the stack that somebody has changed by hand.
        Without it both are errors. A foreign file is kept, and restored when the stack no longer needs its place.
      - The same holds for a foreign symlink in the place of a daemon's C(current) or of a unit's alias.
      - The same holds for units. A unit file in F(/etc) hides the one that a package, a generator or a person has installed under
        the same name (systemd.unit(5)). This is an error that names the hidden unit. With V(true) its process gives way to the
        declared one. When the stack is removed, the foreign unit is enabled and runs again if it did before. Transient units
        (systemd-run(1)) are ended and scripts in F(/etc/init.d) are replaced even without this option; a warning names them.
      - A stack and a daemon of the same name share one manifest. A task that would remove what the other module has declared
        under that name is an error, unless this is V(true).
    type: bool
    default: false
  unsafe:
    description:
      - What to do with a declaration that gives away power or secrets. V(error) refuses it before anything is changed,
        V(warn) accepts it with a warning, V(ignore) skips the check.
      - Power - what root runs (programs, scripts, directories that modules are loaded from), reads as its environment or
        obeys (unit files and drop-ins) must belong to root, and nobody else may be able to write to it or to a directory on
        the path to it. In the scope of a user that user is trusted like root.
      - Folders - a declared path must not lie where several users can write, nor where a folder of one user leads to a folder
        of another. In a folder that belongs to one user alone, the task works as this user.
      - Secrets - a password, token or key in C(Environment=), which every user of the host can read.
    type: str
    choices: [error, warn, ignore]
    default: error
  max_exposure:
    description:
      - The highest exposure that C(systemd-analyze security) may report for a service, from V(0) to V(10). A service above it is
        refused before anything is changed.
      - systemd 247 to 249 can only rate units that are loaded. There the task warns, and checks after the start. A service
        above the limit then fails the task, as one that does not stay up does.
    type: float
  scope:
    description:
      - Which service manager to use. V(system) is that of the system. V(user) is that of one user, which is made to run without
        a login. V(global) writes units for the managers of all users, and starts nothing.
      - A user who runs the task with V(user) must already linger, or be allowed to by polkit. Otherwise the task fails before
        anything is changed, and asks for C(loginctl enable-linger NAME), which root must run once. When the last stack of a
        user is removed, lingering is disabled only where a stack has enabled it, and only by root.
    type: str
    choices: [system, user, global]
    default: system
  scope_user:
    description:
      - The user of O(scope=user). The default is the user who runs the task. If that is root, this option is required; V(root)
        is root's own manager.
    type: str
  root:
    description: The root directory of an image that is not running. Files and symlinks are written there, nothing is started.
    type: path
attributes:
  async:
    description: Cannot be run with C(async).
    support: none
  check_mode:
    description: All units are checked, and every action of a run is predicted, on an empty host too.
    support: full
  diff_mode:
    description: Shows files and symlinks. The content of a file that is not world-readable is left out.
    support: full
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
  - root (use C(become)), or with O(scope=user) that user
notes:
  - Before anything is changed, the units that are about to be written are checked against the host - directives and values
    against its own version of systemd (including C(systemd-analyze verify)), and dependencies, accounts, directories, files and
    programs against what the host has or the stack brings. Check mode checks all units. In an image nothing is run, and
    anything missing is only a warning.
  - Each service carries a stamp, the digest of everything that a restart would apply, in its environment (C(DAEMONIC_STAMP)) and
    in its journal lines. A restart is due when the stamp of the running process differs from that of its unit file. Changes to
    C(Description=), dependencies, C(Restart=), timeouts and other directives that C(daemon-reload) alone applies therefore
    restart nothing. The journal lines of a daemon also carry its release (C(DAEMONIC_RELEASE)).
  - What a stack owns is recorded in its manifest, C(/var/lib/daemonic.systemd/<name>.json), before anything is changed. So the
    next run can complete what an interrupted one has left. Only one run at a time changes a host. Another one waits up to 20
    seconds for it, and then fails.
  - With O(scope=user) releases and manifests are in C(~/.local/lib/daemonic.systemd) and C(~/.local/state/daemonic.systemd).
"""

    RELEASES = r"""
options:
  keep_releases:
    description:
      - How many releases of each daemon stay on the host, at least 2. The live one and the one before it are never removed.
      - Surplus releases are removed once the units have proven healthy, unless a process still runs from them. Files in a
        release that were not built, such as data of a daemon, are kept in C(/opt/<name>/kept).
    type: int
    default: 3
notes:
  - A daemon's script is in C(/opt/<name>/releases/<digest>/), where the digest is that of its content. The service names that
    release, so code and configuration change at the same moment. C(/opt/<name>/current) points to it for people.
    O(keep_releases) of them are kept.
  - A release with C(source) or C(requirements) is built on the host before anything else is changed, with uv if it is in the
    system's path (C(/usr/local/bin), C(/usr/bin)), otherwise with C(venv) and pip. It is tested before anything is switched to
    it - its requirements are compatible, what is to be run exists, C(imports) can be imported. A failure leaves nothing behind,
    and the running version goes on. The same content with the same interpreter is the same release, and is not built again
    unless its code was changed by hand. Data that a daemon writes there is reported; it belongs in C(StateDirectory=).
"""
