# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server that may be slow, silent or wrong: ADDRESS (a port or a path), LATE, STATUS from the environment."""

import http.server
import os
import socketserver
import time

address = os.environ["ADDRESS"]
status = os.environ.get("STATUS", "200")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if status == "silent":
            time.sleep(99)
        self.send_response(int(status))
        self.end_headers()
        self.wfile.write(b"pong")

    def log_message(self, *arguments):
        pass


class UnixServer(socketserver.ThreadingUnixStreamServer):
    pass


time.sleep(float(os.environ.get("LATE", "0")))
if address.startswith("/"):
    if os.path.exists(address):
        os.unlink(address)
    server = UnixServer(address, Handler)
else:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(address)), Handler)
server.serve_forever()
