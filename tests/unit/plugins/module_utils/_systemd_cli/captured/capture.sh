# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Makes the captures beside it, on a host of the bed that may be thrown away afterwards:
#     ./dev shell debian12 bash -s < capture.sh | tar --extract --directory 252
# The properties and options are those of argv.py; the units are those of test_parse.py, in its order.
set -euo pipefail
exec 3>&1 >&2
cd /etc/systemd/system

service() { # NAME LINE…: a unit file with these lines in [Service]
    local name=$1
    shift
    { echo '[Service]'; printf '%s\n' "$@"; } >"$name.service"
}

service running Type=exec 'ExecStart=sleep infinity' '[Install]' Alias=nickname.service
service remains Type=oneshot RemainAfterExit=yes ExecStart=true
service finished Type=oneshot ExecStart=true
service ended Type=exec ExecStart=true
service failed Type=exec "ExecStart=sh -c 'exit 3'"
service killed Type=exec "ExecStart=sh -c 'kill -KILL \$\$\$\$'"
service nowhere Type=exec ExecStart=/nowhere/to/be/found
service looping Type=exec "ExecStart=sh -c 'exit 4'" Restart=always RestartSec=1h
service waiting Type=exec ExecStart=true Restart=always RestartSec=1h
service restarted Type=exec "ExecStart=sh -c 'test -e /run/restarted || { touch /run/restarted; exit 5; }; exec sleep infinity'" \
    Restart=on-failure RestartSec=100ms
service stopped 'ExecStart=sleep infinity'
service conditional 'ExecStart=sleep infinity' '[Unit]' ConditionPathExists=/nowhere
service changed Type=exec 'ExecStart=sleep infinity'
service extended Type=exec 'ExecStart=sleep infinity'
mkdir -p extended.service.d
printf '[Service]\nNice=1\n' | tee extended.service.d/10-one.conf >extended.service.d/20-two.conf
service starting Type=notify TimeoutStartSec=infinity 'ExecStart=sleep infinity'
service stopping Type=exec TimeoutStopSec=infinity KillMode=none 'ExecStop=sleep infinity' 'ExecStart=sleep infinity'
service instance@ Type=exec 'ExecStart=sleep infinity'
service listening 'ExecStart=sleep infinity'
printf '[Socket]\nListenStream=127.0.0.1:9753\n[Install]\nWantedBy=sockets.target\n' >listening.socket
printf '[Socket]\nListenStream=127.0.0.1:9753\nService=listening.service\n' >busy.socket
printf '[Timer]\nOnCalendar=2099-01-01\n' >finished.timer
printf '[Unit]\nDescription=All of them\nWants=conditional.service\n' >group.target # what is wanted is not unloaded
service speaker Type=oneshot SyslogIdentifier=speaker ExecStart=/run/speaker.py

cat >/run/speaker.py <<'PYTHON'
#!/usr/bin/env python3
import os, socket
os.write(1, b"plain words\n")
os.write(1, "caf\u00e9 \U0001f600\n".encode())
os.write(1, b"\xff\xfe no text\n")
os.write(1, b"\x1b[31mred\x1b[0m\n")
os.write(1, b"  indented, \"quoted\" \\ tab\there\n")
os.write(1, b"x" * 5000 + b"\n")
os.write(2, b"<3>an error\n")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.connect("/run/systemd/journal/socket")
for entry in (b"MESSAGE=two\nMESSAGE=messages\n", b"PRIORITY=6\nODD=no message\n",
              b"MESSAGE\n" + (9).to_bytes(8, "little") + b"two\nlines\n", b"MESSAGE=last\n"):
    journal.send(b"SYSLOG_IDENTIFIER=speaker\n" + entry)
raise SystemExit(7)
PYTHON
chmod 755 /run/speaker.py

ln -sfn /dev/null masked.service
systemctl daemon-reload
systemctl --quiet enable running.service listening.socket
for unit in running remains finished ended failed killed nowhere looping waiting restarted conditional changed extended \
    instance@a instance@b stopping speaker; do
    systemctl start "$unit.service" || true
done
systemctl start listening.socket finished.timer group.target
systemctl start busy.socket || true
systemctl start --no-block starting.service
systemctl stop --no-block stopping.service
touch --date='1 minute' changed.service
sleep 2

out=$(mktemp -d)
# Those of argv.py, and some that are not asked for yet.
properties=Id,LoadState,ActiveState,SubState,Result,UnitFileState,NeedDaemonReload,MainPID,NRestarts,InvocationID
properties+=,ExecMainCode,ExecMainStatus,ExecMainStartTimestampMonotonic,InactiveExitTimestampMonotonic
properties+=,ActiveEnterTimestampMonotonic,ConditionResult,ConditionTimestampMonotonic,FragmentPath,DropInPaths,CanReload
properties+=,Job,FreezerState,TimeoutStartUSec,TriggeredBy,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo
properties+=,Triggers,AssertResult,AssertTimestampMonotonic,CanStart,CanStop,ControlPID,ControlGroup,Type,RemainAfterExit
properties+=,RefuseManualStart,RefuseManualStop,User,Group,SupplementaryGroups,DynamicUser,EnvironmentFiles,Transient
properties+=,SourcePath,TimeoutStopUSec,InactiveEnterTimestampMonotonic,StateChangeTimestampMonotonic
properties+=,ExecMainExitTimestampMonotonic,NextElapseUSecRealtime,NextElapseUSecMonotonic,RuntimeDirectory,LogExtraFields
systemctl show --no-pager --property=$properties -- running.service nickname.service remains.service finished.service \
    ended.service failed.service killed.service nowhere.service looping.service waiting.service restarted.service stopped.service \
    conditional.service changed.service extended.service starting.service stopping.service instance@a.service listening.service \
    listening.socket busy.socket finished.timer group.target masked.service missing.service >"$out/show.txt"
systemctl show --no-pager --property=$properties -- missing.service >"$out/show-missing.txt"
systemctl show --no-pager --property=$properties -- 'instance@a.service' 'instance@*.service' 'nosuch@*.service' >"$out/show-pattern.txt"

invocation=$(systemctl show --property=InvocationID --value speaker.service)
journalctl --sync
journalctl --no-pager --quiet --all --output=json --output-fields=MESSAGE --lines=20 \
    "_SYSTEMD_INVOCATION_ID=$invocation" + "INVOCATION_ID=$invocation" |
    grep -v pids.max | # said by 262 in containers, which have no controllers
    sed -E "s/$(tr -d - </proc/sys/kernel/random/boot_id)/00000000000000000000000000000000/g" >"$out/journal.txt"

service plain 'ExecStart=/bin/sleep 1'
service many@ 'ExecStart=/bin/sleep 1' DynamicUser=yes ProtectSystem=strict
systemctl daemon-reload
security=(plain.service many@.service)
systemd-analyze security --offline=true plain.service &>/dev/null && security=(--offline=true "$PWD/plain.service" "$PWD/many@.service")
LC_ALL=C SYSTEMD_COLORS=0 systemd-analyze security --no-pager "${security[@]}" >"$out/security.txt"
tar --create --directory "$out" journal.txt security.txt show.txt show-missing.txt show-pattern.txt >&3
