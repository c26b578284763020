# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve the socket that systemd passes by two worker processes, as WSGI servers do; each answers with what it is used to."""

import ctypes
import multiprocessing
import os
import signal
import socket
import sqlite3
import tempfile
import threading

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
LISTENER = socket.socket(fileno=3)


def ordinary() -> str:
    """What applications do all the time."""
    libc = ctypes.CDLL(None)
    order = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    numbers = (ctypes.c_int * 3)(3, 1, 2)
    libc.qsort(numbers, 3, 4, order(lambda a, b: a[0] - b[0]))
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("x")
    fork = multiprocessing.get_context("fork")  # from 3.14 on it is not the default
    lock = fork.Lock()  # a semaphore in /dev/shm
    process = fork.Process(target=lock.acquire)
    process.start()
    process.join()
    assert process.exitcode == 0
    thread = threading.Thread(target=sqlite3.connect, args=(os.environ["STATE_DIRECTORY"] + "/db",))
    thread.start()
    thread.join()
    assert os.path.exists(os.environ["STATE_DIRECTORY"] + "/db")
    return f"{list(numbers)} {socket.getaddrinfo('localhost', 80, type=socket.SOCK_STREAM)[0][4][0]} {os.cpu_count()}"


def work() -> None:
    while True:
        client, _address = LISTENER.accept()
        with client:
            client.recv(4096)  # else closing it would reset the connection
            try:
                client.sendall(f"{os.getpid()} {ordinary()}".encode())
            except Exception as error:
                client.sendall(repr(error).encode())


for _number in range(2):
    if os.fork() == 0:
        work()
while True:
    signal.pause()
