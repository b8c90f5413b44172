"""Adds a line to an entry and appends another, with nothing but the standard library.

Usage: journal.py SOCKET ENTRY. Prints the conversation as it goes.
"""

import json
import secrets
import socket
import sys


class Daemon:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\n")
        self.number = 0

    def ask(self, op, wanted, **fields):
        """Sends a request and returns the event that was wanted; others only pass by."""
        self.number += 1
        line = json.dumps({"id": self.number, "op": op, **fields})
        print(">", line)
        self.socket.sendall(line.encode() + b"\n")
        for line in self.lines:
            print("<", line, end="")
            message = json.loads(line)
            if message["event"] == "error":
                sys.exit(message["message"])
            if message["event"] == wanted:
                return message
        sys.exit("the daemon hung up")


def main(path, entry):
    daemon = Daemon(path)
    daemon.ask("hello", "welcome", protocol={"oldest": 1, "newest": 1}, client="journal.py 1")

    session = secrets.token_hex(16)
    holder = {"program": "journal.py", "purpose": "an example"}
    granted = daemon.ask("acquire", "granted", session=session, entries=[entry], holder=holder)
    with open(granted["drafts"][0]["path"], "a", encoding="utf-8") as draft:
        draft.write("from the draft\n")
    daemon.ask("commit", "committed", session=session, token=granted["token"])

    # An append needs no lease, and does not wait for ours.
    daemon.ask("append", "appended", entry=entry, text="from an append", operation=secrets.token_hex(16))
    daemon.ask("status", "status")
    daemon.ask("release", "released", session=session, succeeded=True)


main(*sys.argv[1:])
