import os
import sys
import time

WORDS = (
    b"<script>alert(1)</script>",
    b"</script><script>window.broken = 2</script><!--",
    b"\x1b[31mred\x1b[0m and a bell \x07",
    b"\xff\xfe no text",
    "\u202eturned round \u2028 caf\u00e9".encode(),
    b"y" * 3000,
)
while not os.path.exists("/run/report_words"):
    time.sleep(0.1)
sys.stdout.buffer.write(b"\n".join(WORDS) + b"\n")
sys.stdout.flush()
time.sleep(0.5)
sys.exit(3)
