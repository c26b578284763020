#!/usr/bin/env bash
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Units of all sorts that no stack owns, a user, and programs that count their calls. They are gone with the next boot.
set -eu
rm -rf /run/info_* && mkdir /run/info_bin
cd /run/systemd/system

{ echo '[Unit]'; seq --format='Wants=info_fill-%g.target' 300; } >info_fill.target
for number in $(seq 300); do echo '[Unit]' >"info_fill-$number.target"; done

printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\n' | tee 'info_a\x2db.service' >-info.service
printf '[Unit]\nDescription=café = <script>\n[Service]\nExecStart=sh -c "exit 7"\n' >info_failing.service
ln -sfn /dev/null info_masked.service
printf '[Service]\nType=oneshot\nExecStart=/run/info_speak.py\n' >info_speak.service
printf '[Timer]\nOnActiveSec=1h\nUnit=info_speak.service\n' >info_counted.timer
printf '[Socket]\nListenStream=127.0.0.1:9761\nListenDatagram=[::1]:9761\nListenFIFO=/run/info_fifo\nService=info_speak.service\n' >info_three.socket
printf '[Unit]\nRequires=info_circle_b.target\n' >info_circle_a.target
printf '[Unit]\nRequires=info_circle_a.target\nWants=info_failing.service\n' >info_circle_b.target
printf '[Service]\nExecStart=true\nEnvironment=PASSWORD=hidden\n' >info_private.service
chmod 600 info_private.service
systemctl daemon-reload
systemctl start info_fill.target info_circle_a.target 'info_a\x2db.service' info_counted.timer info_three.socket
systemctl start -- -info.service

cat >/run/info_speak.py <<'PYTHON'
#!/usr/bin/env python3
import atexit, os, socket, sys, time
atexit.register(time.sleep, 0.5)
atexit.register(sys.stdout.flush)
if not os.path.exists("/run/info_noise"):
    open("/run/info_noise", "w").close()
    print("<6>the needle in the hay")
    for number in range(2500):
        print("<7>hay", number)
    sys.exit()
if not os.path.exists("/run/info_words"):
    open("/run/info_words", "w").close()
    for level in range(8):
        print("<%d>level %d" % (level, level))
    sys.exit()
sys.stdout.buffer.write(b"\xff\xfe no text\n\x1b[31m<script>alert(1)</script>\x1b[0m\ncaf\xc3\xa9\n" + b"y" * 1000000 + b"\n")
sys.stdout.flush()
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.connect("/run/systemd/journal/socket")
journal.send(b"MESSAGE\n" + (100000).to_bytes(8, "little") + b"x" * 100000 + b"\n")
journal.send(b"MESSAGE=two\nMESSAGE=messages\n")
journal.send(b"ODD=none\n")
print("last words")
PYTHON
chmod 755 /run/info_speak.py
# journald knows the invocation of a line only if it reads it before its process has ended.
for _ in 1 2 3; do systemctl start info_speak.service && journalctl --sync; done

getent passwd info_user >/dev/null || useradd --create-home --shell /bin/sh info_user
loginctl enable-linger info_user
systemctl start "user@$(id -u info_user).service"
units=/home/info_user/.config/systemd/user
mkdir -p "$units"
printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=sh -c "echo words of a user; sleep 0.3"\n' >"$units/info_own.service"
chown -R info_user: /home/info_user/.config
runuser -u info_user -- env "XDG_RUNTIME_DIR=/run/user/$(id -u info_user)" sh -c \
    'systemctl --user daemon-reload; systemctl --user restart info_own.service; systemctl --user restart info_own.service'

touch /run/info_calls && chmod 666 /run/info_calls
for program in systemctl systemd-analyze journalctl; do
    # shellcheck disable=SC2016 # that is for the program
    printf '#!/bin/sh\necho "$QUESTION %s $*" >>/run/info_calls\nexec %s "$@"\n' "$program" "$(PATH=/usr/bin:/bin command -v "$program")" >"/run/info_bin/$program"
    chmod 755 "/run/info_bin/$program"
done
