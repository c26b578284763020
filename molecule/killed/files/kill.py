# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills transactions of the collection at every point, and looks whether the next one completes them.

kill.py PLUGINS PLAN REPORT NUMBER HOSTS: PLUGINS is the folder that holds module_utils; PLAN and REPORT are JSON files, see
main(). Of the points at which only files change, this host, the one of that number, tries its share, since systemd knows
nothing of them; of the points at which systemd has a part, each host tries all.

It runs on the managed node, with the real systemd and the code of the collection as it is. A transaction is run in a
child, in which every method that writes to the disk and every command that changes the state of systemd is followed by
the question whether this is the point at which to die, by SIGKILL. The next run is not disturbed; the host must then be
as after a run that was never interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import traceback

WRITERS = (
    "make_directory",
    "commit",
    "set_attributes",
    "make_link",
    "remove",
    "copy",
    "put_back",
    "remove_for_good",
    "remove_directory_if_empty",
    "write_json",
)
SYSTEM_CALLS = ("mkdir", "rmdir", "replace", "symlink", "unlink")
JOBS = ("stop", "start", "restart", "reload")
LOOSE = ("daemon-reload", "reset-failed")
STATE = "/var/lib/daemonic.systemd"
ENOUGH = 5  # problems, since one that stays on the host is found again and again
PROPERTIES = "Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,MainPID,Result,FragmentPath,DropInPaths"


class Fault:
    """In the child: counts the points, tells them to the parent, and dies at the one that is wanted."""

    def __init__(self, pipe: int, wanted: int) -> None:
        self._pipe = pipe
        self._left = wanted

    def point(self, name: str) -> None:
        os.write(self._pipe, f"{name}\n".encode())
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @property
    def is_next(self) -> bool:
        return self._left == 1

    def after_each_action(self, disk: type) -> None:
        """And once when all files are staged and none is in its place."""
        for name in WRITERS:
            setattr(disk, name, self._then_point(name, getattr(disk, name)))
        stage, commit, staged = disk.stage, disk.commit, []

        def staging(this, file):  # type: ignore[no-untyped-def]
            staged.append(file.path)
            stage(this, file)
            if len(staged) == 1:
                self.point(f"stage {file.path}")

        def committing(this, path):  # type: ignore[no-untyped-def]
            if staged:
                staged.clear()
                self.point("all staged")
            commit(this, path)

        disk.stage, disk.commit = staging, committing

    def before_each_system_call(self) -> None:
        for name in SYSTEM_CALLS:
            setattr(os, name, self._point_then(name, getattr(os, name)))

    def _then_point(self, name, function):  # type: ignore[no-untyped-def]
        def wrapped(this, path, *args, **kwargs):  # type: ignore[no-untyped-def]
            result = function(this, path, *args, **kwargs)
            self.point(f"{name} {path}")
            return result

        return wrapped

    def _point_then(self, name, function):  # type: ignore[no-untyped-def]
        def wrapped(path, *args, **kwargs):  # type: ignore[no-untyped-def]
            self.point(f"{name} {path}")
            return function(path, *args, **kwargs)

        return wrapped

    def runner(self, argv, stdin, environment):  # type: ignore[no-untyped-def]
        """A command; one that changes something can be interrupted when its job is queued, and when it is done."""
        argv = list(argv)
        verb = next((word for word in argv[1:] if not word.startswith("-")), "")
        changes = argv[0] == "systemctl" and verb in JOBS + LOOSE
        if changes and verb in JOBS:
            if self.is_next:  # a client that is killed leaves its job to systemd
                subprocess.run([*argv[:1], "--no-block", *argv[1:]], check=False, capture_output=True)
            self.point(f"{verb} queued")
        done = subprocess.run(argv, input=stdin, capture_output=True, check=False, env={**os.environ, **environment})
        if changes:
            self.point(f"{verb} done")
        return done.returncode, done.stdout.decode(), done.stderr.decode()


def transact(declared: dict, fault: Fault) -> None:
    """The module without Ansible, and without the checks that touch nothing: they would take half of the time."""
    from module_utils._declaration.declaration import stack_of
    from module_utils._host.io import context
    from module_utils._host.preflight.exposure import Judged
    from module_utils._host.transaction import carry_out, decide

    decide._checked = lambda *_: ()
    decide.judge_before = lambda *_: Judged({})
    stack = stack_of({"settle": "0", **declared})
    doors = context.prepare(stack, fault.runner)
    context.lock(stack, doors)
    decision = decide.decide(stack, doors, only_looks=False)
    carry_out.carry_out(decision, doors)


def run(declared: dict, wanted: int = 0, fine: bool = False) -> tuple[bool, list[str], str]:
    """One run in a child, killed at the point of that number. → was it killed; its points; what went wrong."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        from module_utils._host.io.disk import Disk

        os.close(reader)
        fault = Fault(writer, wanted)
        try:
            if fine:
                fault.before_each_system_call()
            else:
                fault.after_each_action(Disk)
            transact(declared, fault)
        except BaseException:
            os.write(writer, f"error {traceback.format_exc()}".encode())
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as stream:
        text = stream.read()
    _pid, status = os.waitpid(child, 0)
    points, _error, trouble = text.partition("error ")
    return os.WIFSIGNALED(status), points.splitlines(), trouble


# What the host is


def look(plan: dict) -> dict:
    """All that must be the same: path → what lies there; unit → what it does; record → what it says; port → open."""
    paths = [path for root in plan["roots"] for path in walk(root)]
    seen = {path: describe(path) for path in paths}
    for path in paths:
        if path.startswith(f"{STATE}/") and path.endswith(".json"):
            seen.update(record(path))
    seen.update(units(plan["watched"]))
    seen.update({f"port {port}": "open" for port in listeners()})
    return seen


def walk(root: str) -> list[str]:
    if not os.path.isdir(root) or os.path.islink(root):
        return [root] if os.path.lexists(root) else []
    return [root, *(path for name in sorted(os.listdir(root)) for path in walk(f"{root}/{name}"))]


def describe(path: str) -> str:
    info = os.lstat(path)
    kind = f"{stat.filemode(info.st_mode)} {info.st_uid}:{info.st_gid}"
    if stat.S_ISLNK(info.st_mode):
        return f"{kind} → {os.readlink(path)}"
    if not stat.S_ISREG(info.st_mode) or path == f"{STATE}/digest-key":
        return kind
    if path.startswith(f"{STATE}/") and path.endswith(".json"):
        return kind
    with open(path, "rb") as stream:
        data = stream.read()
    when = f" {info.st_mtime}" if b"foreign" in data else ""
    return f"{kind} {hashlib.sha256(data).hexdigest()[:12]}{when}"


def record(path: str) -> dict[str, str]:
    """What a stack's record says, entry by entry. Which start of a unit it has seen, and with what of others, differs from
    run to run."""
    with open(path, encoding="utf-8") as stream:
        stored = json.load(stream)
    said = {}
    for field, value in stored.items():
        entries = value if isinstance(value, dict) else dict.fromkeys(value, True) if isinstance(value, list) else {"": value}
        for key, entry in entries.items():
            of_a_start = ("invocation", "foreign", "traits")
            known = {k: v for k, v in entry.items() if k not in of_a_start} if isinstance(entry, dict) else entry
            said[f"{os.path.basename(path)}, {field} {key}"] = str(known)
    return said


def units(names: list[str]) -> dict[str, str]:
    shown = subprocess.run(
        ["systemctl", "show", "--no-pager", f"--property={PROPERTIES}", "--", *names], capture_output=True, text=True, check=True
    ).stdout
    found = {}
    for block in shown.split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if line)
        name, pid = values.pop("Id"), values.pop("MainPID", "0")
        found[name] = " ".join(f"{key}={values[key]}" for key in sorted(values))
        if pid != "0":
            found[f"process of {name}"] = process(pid)
    return found


def process(pid: str) -> str:
    """The command line and what the stack has put into the environment: the configuration that really runs."""
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as stream:
        words = stream.read().split("\0")
    with open(f"/proc/{pid}/environ", encoding="utf-8") as stream:
        mine = [line for line in stream.read().split("\0") if line.startswith(("KILLED_", "DAEMONIC_STAMP="))]
    return f"{' '.join(words)}{' '.join(sorted(mine))}"


def listeners() -> list[int]:
    ports = set()
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(path, encoding="utf-8") as stream:
            rows = [line.split() for line in stream][1:]
        ports |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}
    return sorted(port for port in ports if 9500 <= port < 9600)


def answers(seen: dict) -> dict:
    """What the server behind each port says, which also starts those that were stopped with their sockets."""
    said = {}
    for port in listeners():
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            said[f"answer on {port}"] = connection.makefile().read()
    return {**seen, **said}


def differences(expected: dict, seen: dict) -> list[str]:
    keys = [key for key in sorted({*expected, *seen}) if expected.get(key) != seen.get(key)]
    return [f"{key}: {expected.get(key)} ⇒ {seen.get(key)}" for key in keys]


# The loop


class Loop:
    """Goes around a ring of declarations; each step is one transaction, each declaration has one right state.

    A step that `fails` puts back what it has done; after a kill the run that completes it is that of `then`.
    """

    def __init__(self, plan: dict, ring: list[dict], fine: bool, share: tuple[int, int]) -> None:
        self.plan, self.ring, self.fine, self.share = plan, ring, fine, share
        self.right: dict[int, dict] = {}
        self.points: dict[str, list[str]] = {}
        self.problems: list[str] = []
        self.kills: dict[str, list[str]] = {}

    def state(self) -> dict:
        seen = answers(look(self.plan))
        shell(self.plan["after_each_look"])
        return seen

    def prepare(self) -> None:
        """Twice around without a kill: once to come to what repeats, once to learn what is right."""
        for turn in range(2):
            for index, step in enumerate(self.ring):
                _killed, points, trouble = run(step["declaration"], fine=bool(turn) and self.fine)
                state = self.state()
                if bool(trouble) != step["fails"] or (trouble and "Rolled back:" not in trouble):
                    raise SystemExit(f"{step['leg']}: {trouble}")
                if turn:
                    self.right[index] = state
                    if step["kill"]:
                        self.points[step["leg"]] = points
                    if step["fails"] and differences(self.right[index - 1], state):
                        raise SystemExit(f"{step['leg']}: {differences(self.right[index - 1], state)}")

    def go(self) -> None:
        """Each leg is run again and again, killed at a later point each time."""
        self.prepare()
        wanted = {leg: [n for n, name in enumerate(names, 1) if self.is_ours(n, name)] for leg, names in self.points.items()}
        index = 0
        while any(wanted.values()) and len(self.problems) < ENOUGH:
            step = self.ring[index]
            leg = step["leg"]
            number = wanted[leg].pop(0) if wanted.get(leg) else 0
            killed, points, trouble = run(step["declaration"], number, self.fine)
            trouble = "" if step["fails"] else trouble
            if killed:
                self.kills.setdefault(leg, []).append(points[-1])
                _killed, _points, trouble = run(step["then"])
            elif number:
                trouble = f"it came to its end before point {number}"
            self.judge(index, f"{leg}, killed at {number} ({points[-1]})" if killed else leg, trouble)
            index = (index + 1) % len(self.ring)
        for step in self.ring[index:]:  # always end with the last one
            run(step["declaration"])

    def is_ours(self, number: int, name: str) -> bool:
        mine, hosts = self.share
        return name.endswith((" queued", " done")) or number % hosts == mine

    def judge(self, index: int, what: str, trouble: str) -> None:
        found = differences(self.right[index], self.state())
        if trouble or found:
            self.problems.append(f"{what}: {trouble or found}")


def main() -> None:
    """The plan is described in plan.yml. The report: ring → {points, kills: leg → their names; problems, seconds}."""
    plugins, plan_path, report_path, *share = sys.argv[1:]
    mine, hosts = map(int, share)
    sys.path.insert(0, plugins)
    with open(plan_path, encoding="utf-8") as stream:
        plan = json.load(stream)
    import module_utils._host.transaction.carry_out  # noqa: F401  (once, before all children)

    for name in {declared["name"] for declared in plan["declarations"].values()}:
        run({"name": name, "state": "absent"})
    shell(plan["setup"])
    try:
        report = {name: go_around(plan, ring, (mine, hosts)) for name, ring in plan["rings"].items()}
    finally:
        shell(plan["teardown"])
    with open(report_path, "w", encoding="utf-8") as stream:
        json.dump(report, stream, indent=1, ensure_ascii=False)


def shell(script: str) -> None:
    subprocess.run(["sh", "-ec", script], check=True)


def go_around(plan: dict, ring: dict, share: tuple[int, int]) -> dict:
    begin = time.monotonic()
    steps = [prepared(plan, step) for step in ring["steps"]]
    loop = Loop(plan, steps, ring.get("fine", False), share)
    loop.go()
    seconds = round(time.monotonic() - begin, 1)
    return {"points": loop.points, "kills": loop.kills, "problems": loop.problems, "seconds": seconds}


def prepared(plan: dict, step: dict) -> dict:
    return {
        "leg": step["leg"],
        "declaration": declaration(plan, step, step["declaration"]),
        "then": declaration(plan, step, step.get("then", step["declaration"])),
        "fails": step.get("fails", False),
        "kill": step.get("kill", True),
    }


def declaration(plan: dict, step: dict, name: str) -> dict:
    text = json.dumps(plan["declarations"][name])
    return json.loads(text.replace("RELEASE", str(step.get("release", ""))))


if __name__ == "__main__":
    main()
