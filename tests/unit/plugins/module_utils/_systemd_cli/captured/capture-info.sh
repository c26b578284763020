# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Makes info-*.txt and info-*.json beside it, on a host of the bed that may be thrown away afterwards:
#     ./dev shell debian12 bash -s PROPERTIES < capture-info.sh | tar --extract --directory 252
# PROPERTIES are those of _inquiry/properties.py, asked(True), joined by commas. The units are those of test_asking.py.
set -euo pipefail
properties=$1
exec 3>&1 >&2
cd /etc/systemd/system
out=$(mktemp -d)

service() { # NAME LINE…: a unit file with these lines in [Service]
    local name=$1
    shift
    { echo '[Service]'; printf '%s\n' "$@"; } >"$name.service"
}

service ask-running Type=exec 'ExecStart=sleep infinity' User=nobody LogExtraFields=DAEMONIC_STAMP=0123456789abcdef \
    LogExtraFields=DAEMONIC_RELEASE=fedcba9876543210 '[Unit]' 'Description=café = <script>' '[Install]' Alias=ask-alias.service
printf '[Service]\nNice=1\n' | (mkdir -p ask-running.service.d && tee ask-running.service.d/10-one.conf >ask-running.service.d/20-two.conf)
service ask-failed Type=exec "ExecStart=sh -c 'exit 3'"
service 'ask\x2dodd-name' Type=oneshot RemainAfterExit=yes ExecStart=true
service ask-template@ ExecStart=true
service ask-timed Type=oneshot ExecStart=true
printf '[Timer]\nOnCalendar=*-*-* 04:00\nOnBootSec=1000w\nOnUnitActiveSec=1h 30min\nPersistent=true\nUnit=ask-timed.service\n' >ask-both.timer
printf '[Timer]\nOnActiveSec=900w\nUnit=ask-timed.service\n' >ask-counted.timer
printf '[Socket]\nListenStream=127.0.0.1:9755\nListenDatagram=[::1]:9755\nListenFIFO=/run/ask fifo\nListenStream=@ask (1)\n' >ask-listening.socket
service ask-listening ExecStart=true
printf '[Unit]\nRequires=ask-circle-b.target\nWants=ask-running.service\n' >ask-circle-a.target
printf '[Unit]\nBindsTo=ask-circle-a.target\nAfter=ask-circle-a.target\nConflicts=ask-failed.service\n' >ask-circle-b.target
ln -sfn /dev/null ask-masked.service
systemctl daemon-reload
systemctl --quiet enable ask-running.service
for unit in ask-running.service ask-failed.service 'ask\x2dodd-name.service' ask-both.timer ask-counted.timer ask-listening.socket \
    ask-circle-a.target; do
    systemctl start "$unit" || true
done
systemd-run --quiet --unit=ask-hostile --description=$'two\n\nId=evil.service\nLoadState=no' --remain-after-exit \
    -p 'LogExtraFields=ODD=1' true
sleep 1

TZ=UTC LC_ALL=C SYSTEMD_COLORS=0 systemctl show --no-pager --property="$properties" -- ask-alias.service ask-failed.service \
    ask-masked.service ask-nosuch.service 'ask*' >"$out/info-show.txt"
LC_ALL=C systemctl list-unit-files --no-pager --output=json -- 'ask*' >"$out/info-files.json"
LC_ALL=C systemctl list-units --all --no-pager --output=json -- ask-hostile.service >"$out/info-units.json"
TZ=UTC systemd-analyze timestamp -- '2026-11-21 06:00:00.5 UTC' >"$out/info-timestamp.txt"

cat >/run/ask.py <<'PYTHON'
#!/usr/bin/env python3
import os, socket
os.write(1, b"plain words\n")
os.write(1, "caf\u00e9 <script>\n".encode())
os.write(1, b"\xff\xfe no text\n")
os.write(2, b"<3>an error\n")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.connect("/run/systemd/journal/socket")
for entry in (b"MESSAGE=two\nMESSAGE=messages\nPRIORITY=5\nPRIORITY=4\n", b"PRIORITY=6\nODD=no message\n", b"MESSAGE=no priority\n",
              b"MESSAGE=odd\nPRIORITY=high\n", b"MESSAGE\n" + (5000).to_bytes(8, "little") + b"x" * 5000 + b"\n", b"MESSAGE=last\n"):
    journal.send(entry)
PYTHON
chmod 755 /run/ask.py
service ask-speaker Type=oneshot ExecStart=/run/ask.py LogExtraFields=DAEMONIC_RELEASE=fedcba9876543210
systemctl daemon-reload
start=$(date +%s.%6N)
systemctl start ask-speaker.service
journalctl --sync
fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID,SYSLOG_PID,_SYSTEMD_UNIT,UNIT,_SYSTEMD_USER_UNIT,USER_UNIT
fields+=,_SYSTEMD_INVOCATION_ID,INVOCATION_ID,USER_INVOCATION_ID,DAEMONIC_RELEASE,_CMDLINE
journalctl --no-pager --output=json --reverse --since="@$start" --output-fields=$fields --unit=ask-speaker.service |
    grep -v pids.max | # said by 262 in containers, which have no controllers
    sed -E "s/$(tr -d - </proc/sys/kernel/random/boot_id)/00000000000000000000000000000000/g" >"$out/info-journal.txt"
tar --create --directory "$out" info-show.txt info-files.json info-units.json info-timestamp.txt info-journal.txt >&3
