"""Hands one call of cli.sh over to the warm process at a socket, and ends as the call ends there.

    ask.py <socket> <arguments of cli.sh>

Only built-in modules are imported, for this program has to start at once. Where nobody answers,
the call is made here: slower, and otherwise the same.
"""

import _socket
import os
import sys

SOL_SOCKET, SCM_RIGHTS = _socket.SOL_SOCKET, _socket.SCM_RIGHTS
WORD = 4  # bytes of a number on the socket
NO_ANSWER = 126  # "cannot be run", as of a shell: a crash, never a refusal


def main(address: str, arguments: list[str]) -> int:
    """Return the exit code of the call."""
    call = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        call.connect(address)
    except OSError:
        program = os.path.join(os.path.dirname(__file__), "cli.py")  # noqa: PTH118, PTH120 - fast
        os.execv(sys.executable, [sys.executable, "-I", "-S", program, *arguments])  # noqa: S606
    try:
        status = _asked(call, arguments)
    except OSError:
        status = b""
    if len(status) != WORD:
        sys.stderr.write("The process that keeps otdf-python imported ended during a call.\n")
        return NO_ANSWER
    code = os.waitstatus_to_exitcode(int.from_bytes(status, "big", signed=True))
    if code < 0:
        _by_default(-code)
        os.kill(os.getpid(), -code)
    return code


def _by_default(number: int) -> None:
    """Make a signal do what it does by default, where that can be said."""
    import signal  # noqa: PLC0415 - slow, and rarely needed

    try:
        signal.signal(number, signal.SIG_DFL)
    except OSError:
        return


def _asked(call: _socket.socket, arguments: list[str]) -> bytes:
    environment = [f"{name}={value}" for name, value in os.environ.items()]
    words = [os.getcwd(), *arguments, *environment]  # noqa: PTH109 - fast
    text = b"\0".join(os.fsencode(word) for word in words)
    head = len(text).to_bytes(WORD, "big") + len(arguments).to_bytes(WORD, "big")
    streams = b"".join(number.to_bytes(WORD, sys.byteorder) for number in range(3))
    call.sendmsg([head], [(SOL_SOCKET, SCM_RIGHTS, streams)])
    call.sendall(text)
    return call.recv(WORD)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
