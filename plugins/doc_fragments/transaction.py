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
        V(ms), V(s) or V(min). All units are watched at once, so the cost is one window. V(0) looks once; probes
        (C(health)) are waited for all the same.
      - A daemon that dies before the window is over fails the task, however long its C(RestartSec=) is.
      - A run that starts nothing does not wait.
    type: str
    default: 3s
  rollback_on_failure:
    description:
      - When something fails, put everything back that this run has changed - files with owner, mode and times, links, what
        is enabled and masked, and the units that ran, which are watched for O(settle) in their turn. Of a first
        deployment nothing remains. The task fails in any case, and says whether the host is as it was.
      - With V(false) the host stays as the failure has left it, and the next run goes on from there.
    type: bool
    default: true
    aliases: [rollback]
  adopt:
    description:
      - Take over files that lie where the stack wants its own, and files of the stack that somebody has changed by hand.
        Without it both are errors. A file of somebody else is kept, and put back when the stack no longer has its place.
      - The same holds for a symbolic link where C(current) of a daemon or an alias of a unit is to lie.
      - So it does for units. A unit file in
        F(/etc) hides the one of a package, of a generator or of a person that has the same name (systemd.unit(5)), which is
        an error that names it. With V(true) its process gives way to the declared one. When the stack goes, that unit is
        enabled and runs again if it did before. Transient units (systemd-run(1)) end, and scripts in F(/etc/init.d) give way,
        without being asked for; a warning names them.
      - A stack and a daemon of one name share one record. A task that would remove what the other module has declared under
        that name is an error, unless this is V(true).
    type: bool
    default: false
  unsafe:
    description:
      - What is done with a declaration that gives power or secrets away. V(error) refuses it before anything is touched,
        V(warn) lets it pass with a warning, V(ignore) does not look.
      - Power - what root runs (programs, scripts, directories that modules are loaded from), reads as its environment or
        obeys (unit files and drop-ins) must be root's, and nobody else may write it or a directory on the way to it. In the
        scope of a user that user counts like root.
      - Folders - a declared path must not lie where several users can write, nor where a folder of a user leads to one of
        others. In a folder that belongs to one user alone, the task works as this user.
      - Secrets - a password, token or key in C(Environment=), which every user of the host can read.
    type: str
    choices: [error, warn, ignore]
    default: error
  max_exposure:
    description:
      - The exposure that C(systemd-analyze security) may find of a service, from V(0) to V(10). A service above it is
        refused before anything is touched.
      - systemd 247 to 249 can only judge a unit that is loaded. There the task warns and looks after the start. A service
        above the limit then fails the task as one that does not stay up does.
    type: float
  scope:
    description:
      - V(system) is the system's manager. V(user) is that of one user, which is made to run without a login. V(global) is
        what the managers of all users read; there nothing is started.
      - A user who runs the task with V(user) must linger already, or be allowed to by polkit. Else the task asks, before anything
        is touched, for C(loginctl enable-linger NAME) as root, once. That a user lingers is ended with the last stack only
        where a stack has begun it, and by root.
    type: str
    choices: [system, user, global]
    default: system
  scope_user:
    description:
      - Whose manager O(scope=user) means. The default is the user who runs the task. Where that is root, it must be said,
        V(root) for root's own manager.
    type: str
  root:
    description: The folder of an image that is not running. Files and links are made in it, nothing is started.
    type: path
attributes:
  async:
    description: Cannot be run with C(async).
    support: none
  check_mode:
    description: All units are checked, and the actions of a run predicted one by one, on an empty host too.
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
  - root (use C(become)), or with O(scope=user) that user
notes:
  - Before anything is touched, the units that are about to be written are held against the host - directives and values
    against what its own systemd knows (C(systemd-analyze verify) included), dependencies, accounts, directories, files and
    programs against what is there or what the stack brings. Check mode does this for all units. In an image nothing is
    run, and what is not there is only warned about.
  - Each service carries a stamp, the digest of all that a restart would apply, in its environment (C(DAEMONIC_STAMP)) and in
    its journal lines. A restart is due when the stamp of the running process is not that of its unit file. So
    C(Description=), dependencies, C(Restart=), timeouts and other directives that C(daemon-reload) alone applies restart nothing.
    The journal lines of a daemon have its release, too (C(DAEMONIC_RELEASE)).
  - What a stack owns is recorded in C(/var/lib/daemonic.systemd/<name>.json) before it is acted on, so that the next run
    completes what an interrupted one has left, forwards. One run at a time changes a host; another one fails at once.
  - With O(scope=user) these lie in C(~/.local/lib/daemonic.systemd) and C(~/.local/state/daemonic.systemd).
"""

    RELEASES = r"""
options:
  keep_releases:
    description:
      - How many releases of each daemon stay on the host, 2 at least. The live one and the one before are never removed.
      - What is superfluous is removed when the units have proven to be healthy, unless a process still runs from it. What
        was not built, such as data of a daemon, is kept in C(/opt/<name>/kept).
    type: int
    default: 3
notes:
  - A daemon's script lies in C(/opt/<name>/releases/<digest>/), the digest being that of its content. The service names
    that release, so code and configuration change at the same moment, and C(/opt/<name>/current) points to it for people.
    O(keep_releases) of them are kept.
  - A release with C(source) or C(requirements) is built on the host before anything else is touched, with uv where that is
    in the system's path (C(/usr/local/bin), C(/usr/bin)), else with C(venv) and pip. It is tried before anything is
    switched - its requirements fit together, what is run is there, C(imports) can be imported. What fails leaves nothing
    behind, and what ran goes on. The same content with the same interpreter is the same release, and is not built again,
    unless its code was changed by hand. Data that a daemon writes there is reported; it belongs into C(StateDirectory=).
"""
