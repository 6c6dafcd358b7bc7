"""Ends of calls, by aiortc: each is offered relays as a box hands them out, and sends a picture that moves and a tone.

Takes one relay, as aiortc does: the first by UDP, and the first by TLS where that brings nothing.
"""

import asyncio
import base64
import json
import ssl
import sys
import urllib.request

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection
from aiortc import RTCSessionDescription
from lines import obey, tell
from media import Picture, Tone, listen, look

API = "/api/rainbow/"
# aiortc gives a relay five seconds; a bad network may take some more.
TRIES = 3


class SmallPicture(Picture):
    """Ten times a second, so that many calls fit into one machine."""

    async def next_timestamp(self):
        pts, base = await super().next_timestamp()
        while pts % 9000:
            pts, base = await super().next_timestamp()
        return pts, base


def ask(origin, ca, path, authorization):
    request = urllib.request.Request(origin + API + path, headers={"authorization": authorization})
    with urllib.request.urlopen(request, timeout=60, context=ssl.create_default_context(cafile=ca)) as answer:
        return json.load(answer)


def sign_in(origin, ca, email, password):
    """The relays that the box gives to this person."""
    basic = base64.b64encode(f"{email}:{password}".encode()).decode()
    token = ask(origin, ca, "authentication/v1.0/login", f"Basic {basic}")["token"]
    return ask(origin, ca, "geolocation/v1.0/settings/iceservers", f"Bearer {token}")["data"]


class End:
    def __init__(self, name, servers, relayed_only):
        self.name, self.servers, self.open, self.pictures = name, servers, set(), 0
        self.policy = RTCIceTransportPolicy.RELAY if relayed_only else RTCIceTransportPolicy.ALL
        self.line = None

    def tell(self, event, **more):
        tell(event=event, of=self.name, **more)

    def connection(self, scheme):
        servers = [RTCIceServer(**one) for one in self.servers if one["urls"].startswith(("stun:", scheme))]
        self.line = RTCPeerConnection(RTCConfiguration(servers, self.policy, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.line.on("track", lambda track: self.begin(self.attend(track)))
        self.line.on("connectionstatechange", self.changed)

    def begin(self, work):
        task = asyncio.ensure_future(work)
        self.open.add(task)
        task.add_done_callback(self.done)

    def done(self, task):
        self.open.discard(task)
        if not task.cancelled() and task.exception() and type(task.exception()).__name__ != "MediaStreamError":
            self.tell("error", text=repr(task.exception()))

    async def attend(self, track):
        if track.kind == "audio":
            self.tell("heard", hertz=await listen(track))
        else:
            colour, moved = await look(track)
            self.tell("seen", colour=colour, moved=moved)
        while True:
            await track.recv()
            self.pictures += track.kind == "video"

    def changed(self):
        ice = self.line.getTransceivers()[0].sender.transport.transport._connection
        pair = ice._nominated.get(1)
        ways = [pair.local_candidate.type, pair.remote_candidate.type] if pair else []
        self.tell("connection", state=self.line.connectionState, ways=ways)

    async def described(self, describe):
        """This end's description, with a relay where there is one to be had."""
        schemes = {one["urls"].partition(":")[0] + ":" for one in self.servers} - {"stun:"}
        ways = [one for one in ("turn:", "turns:") if one in schemes]
        tries = ways if len(ways) > 1 else ways * TRIES
        for scheme in tries or ["none"]:
            if self.line:
                await self.line.close()
            self.connection(scheme)
            await self.line.setLocalDescription(await describe())
            sdp = self.line.localDescription.sdp
            if " typ relay" in sdp:
                break
        self.tell("described", sdp=sdp, by=scheme.rstrip(":"))

    async def offer(self):
        async def describe():
            self.line.addTrack(Tone())
            self.line.addTrack(SmallPicture())
            return await self.line.createOffer()

        await self.described(describe)

    async def answer(self, sdp):
        async def describe():
            await self.line.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            for transceiver in self.line.getTransceivers():
                transceiver.direction = "sendrecv"
                transceiver.sender.replaceTrack(Tone() if transceiver.kind == "audio" else SmallPicture())
            return await self.line.createAnswer()

        await self.described(describe)

    async def take(self, sdp):
        await self.line.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def close(self):
        await self.line.close()
        self.tell("over")


class Ends:
    def __init__(self):
        self.ends, self.servers = {}, []

    async def obey(self, command):
        name = command.get("of")
        match command["do"]:
            case "sign in":
                given = [command[key] for key in ("origin", "ca", "email", "password")]
                self.servers = await asyncio.to_thread(sign_in, *given)
                tell(event="signed in", relays=[one["urls"] for one in self.servers])
            case "offer" | "answer" as act:
                servers = command.get("servers", self.servers)
                if command.get("without relays"):
                    servers = [one for one in servers if one["urls"].startswith("stun:")]
                self.ends[name] = end = End(name, servers, command.get("relayed only", False))
                end.begin(end.offer() if act == "offer" else end.answer(command["sdp"]))
            case "take":
                await self.ends[name].take(command["sdp"])
            case "pictures":
                self.ends[name].tell("pictures", count=self.ends[name].pictures)
            case "close":
                await self.ends[name].close()


asyncio.run(obey(Ends().obey))
