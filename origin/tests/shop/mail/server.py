"""A mail server for tests. Each mail becomes a file of the folder; `unknown@` is nobody here, and
while the folder has a file `busy`, nothing is taken.

server.py FOLDER PORT"""

import pathlib
import signal
import sys

from aiosmtpd.controller import Controller

FOLDER = pathlib.Path(sys.argv[1])


class Keeper:
    """Keeps what it gets."""

    kept = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if (FOLDER / "busy").exists():
            return "451 4.3.2 not now"
        if address.startswith("unknown@"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        self.kept += 1
        part = FOLDER / f"{self.kept}.part"
        part.write_bytes(envelope.content)
        part.rename(FOLDER / f"{self.kept}.eml")
        return "250 2.0.0 kept"


if __name__ == "__main__":
    controller = Controller(Keeper(), hostname="127.0.0.1", port=int(sys.argv[2]))
    controller.start()
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    controller.stop()
