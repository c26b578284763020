# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Makes directives.txt and verify.txt, on any host of the bed:
#     ./dev shell debian12 bash -s < capture-verify.sh | tar --extract --directory 252
set -euo pipefail
staging=/run/daemonic.systemd.x
out=$(mktemp -d)
mkdir --mode=700 "$staging" "$staging/a.service.d"
cd "$staging"
printf '[Unit]\nAfter=foo\nRequires=nosuch.service\n[Service]\nExecStart=/usr/bin/nosuch\nRestart=\\\n  allways\nRemainAfterExit=maybe\nStandardOutput=syslog\nSystemCallFilter=nosuchcall\nBanana=5\n' >a.service
printf '[Service]\nMemoryMax=512Q\nUser=nobody\n' >a.service.d/10-x.conf
printf '[Service]\nType=oneshot\n' >b.service
printf '[Service]\nExecStart=bin/a\n' >c.service
printf '[Service]\nExecStart=/bin/true\nDynamicUser=maybe\n' >t@.service
printf '[Socket]\nListenStream=9999\n' >d.socket
printf '[Timer]\nOnCalendar=*-*-* 25:00:00\n' >e.timer
printf '[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\nAfter=g.service\n[Service]\nType=oneshot\nExecStart=/bin/true\n' >f.service
printf '[Unit]\nRequires=f.service\nAfter=sysinit.target\n[Service]\nExecStart=/bin/true\n' >g.service
printf '[Service]\nExecStart=sleep 5\n' >h.service
systemd=/usr/lib/systemd/systemd
[ -x $systemd ] || systemd=/lib/systemd/systemd
$systemd --dump-configuration-items >"$out/directives.txt"
SYSTEMD_LOG_COLOR=0 systemd-analyze verify --man=no -- "$staging"/*.service "$staging"/*.socket "$staging"/*.timer \
    >"$out/verify.txt" 2>&1 || true
rm -r "$staging"
tar --create --directory "$out" directives.txt verify.txt
