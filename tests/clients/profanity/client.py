"""Profanity in a terminal: what a person would type is typed, what a person would see is told."""

import asyncio
import os
import pty
import re
import signal
import struct
import sys
import tempfile
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pyte
from lines import obey, tell

# Nothing scrolls out of sight.
LINES, COLUMNS = 200, 180
ACCOUNT = """[box]
enabled=true
jid={jid}
password={password}
server={host}
port={port}
tls.policy=legacy
resource=profanity
"""
PREFERENCES = """[ui]
splash=false
roster=false
enc.warn=false
"""
PATIENCE_S = 3
ROSTER_LOOKS = 20
ROSTER_LOOK_EVERY_S = 0.25
STAMP = r"^\d\d:\d\d:\d\d - "
CONTACT = re.compile(STAMP + r" +(?P<jid>\S+@\S+) \((?P<name>.+)\) - both")
PRESENCE = re.compile(STAMP + r"(?:\+\+? )?(?P<name>.+?)(?: \(.*\))? is online")
SAID = re.compile(STAMP + r"(?P<name>[^:/]+)(?:/[^:]*)?: (?P<body>.+)$")


class Profanity:
    def __init__(self, host, port, jid, password, ca):
        self.home = tempfile.TemporaryDirectory(prefix="profanity-")
        self.jid = jid
        self.jids = {}
        self.online = set()
        self.seen = set()
        self.waits = {}
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.write("data/profanity/accounts", ACCOUNT.format(jid=jid, password=password, host=host, port=port))
        self.write("config/profanity/profrc", PREFERENCES)
        child, self.terminal = pty.fork()
        if child == 0:
            home = self.home.name
            folders = {"XDG_CONFIG_HOME": f"{home}/config", "XDG_DATA_HOME": f"{home}/data"}
            looks = {"TERM": "xterm", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
            os.execvpe("profanity", ["profanity", "-a", "box"], {"HOME": home, "SSL_CERT_FILE": ca, **folders, **looks})
        self.child = child
        ioctl(self.terminal, TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def write(self, path, text):
        path = Path(self.home.name, path)
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def type(self, line):
        os.write(self.terminal, f"{line}\r".encode())

    def look(self):
        """Reads what came, and tells each line that was not there before."""
        try:
            self.stream.feed(os.read(self.terminal, 65536))
        except OSError:
            asyncio.get_running_loop().remove_reader(self.terminal)
            return tell(event="gone")
        for line in map(str.rstrip, self.screen.display):
            if line and line not in self.seen:
                self.seen.add(line)
                self.notice(line)

    def notice(self, line):
        for text, waiting in self.waits.items():
            if text in line and not waiting.done():
                waiting.set_result(None)
        if "Login failed" in line:
            tell(event="refused", text=line)
        elif found := CONTACT.match(line):
            self.jids[found["name"]] = found["jid"]
            if found["name"] in self.online:
                tell(event="presence", jid=found["jid"])
        elif found := PRESENCE.match(line):
            self.online.add(found["name"])
            if found["name"] in self.jids:
                tell(event="presence", jid=self.jids[found["name"]])
        elif (found := SAID.match(line)) and found["name"] in self.jids:
            tell(event="message", sender=self.jids[found["name"]], body=found["body"])

    async def see(self, text, typed=None):
        waiting = self.waits[text] = asyncio.get_running_loop().create_future()
        if typed:
            self.type(typed)
        await waiting

    async def sees(self, text, typed):
        """Whether that was seen soon after something was typed."""
        try:
            await asyncio.wait_for(self.see(text, typed), PATIENCE_S)
        except asyncio.TimeoutError:
            return False
        return True

    async def start(self):
        asyncio.get_running_loop().add_reader(self.terminal, self.look)
        await self.see("logged in successfully")
        self.type("/roster")
        # What was typed before has been answered by then.
        while not await self.sees("Ping response from server", "/ping"):
            # Before it has heard what the server can do it refuses to ask.
            pass
        for _ in range(ROSTER_LOOKS):
            if self.jids:
                break
            # It lists what it has; its contacts may have come after the first look.
            self.type("/roster")
            await asyncio.sleep(ROSTER_LOOK_EVERY_S)
        self.type("/who online")
        tell(event="started", jid=f"{self.jid}/profanity", roster=list(self.jids.values()))

    async def obey(self, command):
        match command["do"]:
            case "send":
                self.type(f"/msg {command['to']} {command['body']}")
            case "leave":
                self.type("/quit")


async def main():
    profanity = Profanity(*sys.argv[1:])
    await profanity.start()
    await obey(profanity.obey)
    os.kill(profanity.child, signal.SIGKILL)


asyncio.run(main())
