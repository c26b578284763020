# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""prepare.py EXAMPLE WHEELS FOLDER: make what the scenario deploys.

shop1, shop2: EXAMPLE in two versions. many: a tree of 2,000 files. wheel: a wheel of our own; uv: the program, from its wheel.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

SERVER = """
import http.server, sys

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello from a wheel\\n")

    def log_message(self, *_words):
        pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""
METADATA = "Metadata-Version: 2.1\nName: releases-page\nVersion: 1.0\nRequires-Dist: blinker\n"
TAGS = "Wheel-Version: 1.0\nGenerator: prepare\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
INFO = "releases_page-1.0.dist-info"


def main() -> None:
    example, wheels, folder = map(Path, sys.argv[1:])
    for version in (1, 2):
        tree = folder / f"shop{version}"
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(example, tree)
        script = tree / "hello.py"
        script.write_text(script.read_text().replace("VERSION = 1", f"VERSION = {version}"))
        (tree / "link.py").symlink_to("hello.py")
    many = folder / "many"
    for number in range(2000):
        path = many / f"package{number % 20}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"NUMBER = {number}\n")
    (many / "serve.py").write_text("import time\ntime.sleep(9999)\n")
    make_wheel(folder / "releases_page-1.0-py3-none-any.whl")
    with zipfile.ZipFile(next((wheels / "uv").glob("uv-*.whl"))) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        (folder / "uv").write_bytes(archive.read(name))


def make_wheel(path: Path) -> None:
    files = {"releases_page.py": SERVER, f"{INFO}/METADATA": METADATA, f"{INFO}/WHEEL": TAGS}
    record = "".join(f"{name},sha256={digest_of(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{INFO}/RECORD": f"{record}{INFO}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(name), text)


def digest_of(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
