"""Keeps otdf-python imported, and forks a process of its own for every call that ask.py hands over.

    serve.sh <socket>

To import the library takes ten times as long as what a short call then does. Here it is imported
once; nothing of it is used before the fork, so that calls share code and no state. A call's child
has the caller's arguments, environment, folder and streams. It is ended if its caller goes away,
and all of it ends when standard input does.
"""

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

# What calls need, and what that imports only when it is used.
MODULES = (
    "cryptography.hazmat.backends.openssl",
    "encodings.cp437",
    "encodings.idna",
    "httpcore2",
    "httpx2",
    "opentelemetry.metrics",
    "opentelemetry.propagate",
    "opentelemetry.trace",
    "otdf_python.config",
    "otdf_python.kas_client",
    "otdf_python.sdk",
    "otdf_python.sdk_builder",
    "otdf_python.tdf",
    "pyqwest._glue",
)
REQUEST_SECONDS = 10.0
CRASHED = 1
STREAMS = 3  # input, output, errors
HIGHEST_STREAM = 4096
HEADER = struct.Struct("!II")  # bytes that follow, and how many of the words in them are arguments
STATUS = struct.Struct("!i")

Answer = Callable[[list[str], Any], int]


def main(address: str) -> None:
    """Serve until standard input ends."""
    here = Path(__file__).parent
    sys.path.extend((here / "library").read_text().splitlines())
    sys.path.append(str(here))
    cli = importlib.import_module("cli")
    cli.leave_out_the_command_line()
    for name in MODULES:
        with contextlib.suppress(ImportError):  # then each call says so, or does without it
            importlib.import_module(name)
    gc.freeze()  # what is never collected is never copied either
    Server(address, cli.main).serve()


class Server:
    """Accepts calls at a socket; `answer` is what each child does with its words."""

    def __init__(self, address: str, answer: Answer) -> None:
        self._answer = answer
        self._calls: dict[int, socket.socket] = {}  # by the id of the child
        self._selector = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen(64)
        self._ended, self._wake = os.pipe()

    def serve(self) -> None:
        """Serve until standard input ends, then end every child."""
        for end in (self._ended, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for watched in (0, self._ended, self._listener):
            self._selector.register(watched, selectors.EVENT_READ)
        while self._turn():
            pass
        for process in self._calls:
            os.kill(process, signal.SIGKILL)

    def _turn(self) -> bool:
        for key, _ in self._selector.select():
            if key.fileobj == 0:
                if not os.read(0, 1024):
                    return False
            elif key.fileobj is self._listener:
                self._begin(self._listener.accept()[0])
            elif key.fileobj == self._ended:
                os.read(self._ended, 1024)
                self._reap()
            elif key.data in self._calls:  # it says nothing more, so it has gone away
                self._selector.unregister(key.fileobj)
                os.kill(key.data, signal.SIGKILL)
        return True

    def _begin(self, call: socket.socket) -> None:
        call.settimeout(REQUEST_SECONDS)
        try:
            words, count, streams = receive(call)
        except (OSError, ValueError):
            call.close()
            return
        process = os.fork()
        if process == 0:
            self._child(words, count, streams)
        for stream in streams:
            os.close(stream)
        self._calls[process] = call
        self._selector.register(call, selectors.EVENT_READ, process)

    def _reap(self) -> None:
        while self._calls:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            call = self._calls.pop(process)
            if call in self._selector.get_map():
                self._selector.unregister(call)
            with contextlib.suppress(OSError):
                call.sendall(STATUS.pack(status))
            call.close()

    def _child(self, words: list[str], count: int, streams: list[int]) -> NoReturn:
        code = CRASHED
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            os.closerange(len(streams), HIGHEST_STREAM)
            os.chdir(words[0])
            os.environ.clear()
            for word in words[1 + count :]:
                name, _, value = word.partition("=")
                os.environ[name] = value
            code = self._answer(words[1 : 1 + count], os.environ)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001 - told as the interpreter tells it
            traceback.print_exc()
        finally:
            os._exit(code)


def receive(call: socket.socket) -> tuple[list[str], int, list[int]]:
    """Return a call: folder, arguments, environment; how many are arguments; its streams."""
    head, streams, _flags, _address = socket.recv_fds(call, HEADER.size, STREAMS)
    if len(head) != HEADER.size or len(streams) != STREAMS:
        raise ValueError("no call")
    size, count = HEADER.unpack(head)
    text = bytearray()
    while len(text) < size:
        part = call.recv(size - len(text))
        if not part:
            raise ValueError("cut off")
        text += part
    return [os.fsdecode(word) for word in bytes(text).split(b"\0")], count, streams


if __name__ == "__main__":
    main(sys.argv[1])
