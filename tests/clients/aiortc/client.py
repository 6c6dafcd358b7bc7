"""slixmpp with the media of aiortc: it calls, and takes every call, with a picture that moves and a tone of its own."""

import asyncio
import math
import sys
import uuid
import xml.etree.ElementTree as ET
from fractions import Fraction

from aiortc import AudioStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc import VideoStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame, VideoFrame
from jingle import JINGLE, RTP, candidates, to_jingle, to_sdp
from lines import obey, tell
from slixmpp import ClientXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXMLMask

RING = "urn:xmpp:jingle-message:0"
TONE_HERTZ, RATE, STEP = 440, 48000, 960
# Red, with a bar that moves.
SIZE, GROUND, BAR = (320, 240), (190, 30, 30), (30, 30, 190)
FRAMES = 20


class Tone(AudioStreamTrack):
    at = 0

    async def recv(self):
        if self.at:
            await asyncio.sleep(STEP / RATE)
        frame = AudioFrame(format="s16", layout="mono", samples=STEP)
        wave = (int(9000 * math.sin(2 * math.pi * TONE_HERTZ * (self.at + one) / RATE)) for one in range(STEP))
        frame.planes[0].update(b"".join(one.to_bytes(2, "little", signed=True) for one in wave))
        frame.pts, frame.sample_rate, frame.time_base = self.at, RATE, Fraction(1, RATE)
        self.at += STEP
        return frame


class Picture(VideoStreamTrack):
    at = 0

    async def recv(self):
        pts, base = await self.next_timestamp()
        (wide, high), bar = SIZE, self.at * 8 % (SIZE[0] - 40)
        row = bytes(GROUND) * bar + bytes(BAR) * 40 + bytes(GROUND) * (wide - bar - 40)
        frame = VideoFrame(wide, high, "rgb24")
        frame.planes[0].update(row.ljust(frame.planes[0].line_size, b"\0") * high)
        frame.pts, frame.time_base = pts, base
        self.at += 1
        return frame


def colours(frame):
    """Red, green and blue in the middle of the picture and over all of it, from 0 to 255."""
    plane = frame.reformat(64, 48, "rgb24").planes[0]
    data, line = bytes(plane), plane.line_size
    rows = [data[line * row : line * row + 64 * 3] for row in range(48)]
    return [sum(sum(row[channel::3]) for row in rows) / (64 * 48) for channel in range(3)], b"".join(rows)


async def look(track):
    first = None
    for _ in range(FRAMES):
        mean, shot = colours(await track.recv())
        first = first or shot
    moved = sum(abs(one - other) > 40 for one, other in zip(first, shot))
    tell(event="seen", colour=[round(one) for one in mean], moved=moved)
    while True:
        await track.recv()


def power(wave, hertz, rate):
    """How much of this frequency there is in a piece of sound (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for one in wave:
        before, last = last, one + turn * last - before
    return before * before + last * last - turn * before * last


async def listen(track):
    """The strongest tone of some seconds, after the first, in which the other side may still have been silent."""
    powers = dict.fromkeys(range(100, 1000, 50), 0.0)
    loud = 0
    for number in range(250):
        frame = await track.recv()
        channels = len(frame.layout.channels)
        wave = memoryview(bytes(frame.planes[0])[: frame.samples * 2 * channels]).cast("h")[::channels]
        if number >= 50 and loud < 40 and max(wave) > 1000:
            loud += 1
            for hertz in powers:
                powers[hertz] += power(wave, hertz, frame.sample_rate)
    tell(event="heard", hertz=max(powers, key=powers.get) if loud else 0)
    while True:
        await track.recv()


class Client(ClientXMPP):
    def __init__(self, host, port, jid, password, ca):
        super().__init__(jid, password)
        self.where, self.ca_certs = (host, int(port)), ca
        self.enable_starttls = self.enable_plaintext = False
        self.register_plugin("xep_0030")
        self.plugin["xep_0030"].add_feature(RING)
        self.line, self.other, self.sid, self.media = None, None, None, ["audio", "video"]
        self.told, self.open = [], set()
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_auth", lambda _: tell(event="refused"))
        self.add_event_handler("presence_available", lambda p: tell(event="presence", jid=p["from"].bare))
        self.on(f"<message xmlns='jabber:client'><propose xmlns='{RING}'/></message>", self.rings)
        self.on(f"<message xmlns='jabber:client'><proceed xmlns='{RING}'/></message>", self.taken)
        self.on(f"<iq xmlns='jabber:client' type='set'><jingle xmlns='{JINGLE}'/></iq>", self.step)

    def on(self, mask, act):
        self.register_handler(Callback(mask, MatchXMLMask(mask), lambda stanza: self.begin(act(stanza))))

    def begin(self, task):
        task = asyncio.ensure_future(task)
        self.open.add(task)
        task.add_done_callback(self.done)

    def done(self, task):
        self.open.discard(task)
        if not task.cancelled() and task.exception() and type(task.exception()).__name__ != "MediaStreamError":
            tell(event="error", text=repr(task.exception()))

    async def started(self, _):
        roster = await self.get_roster()
        self.send_presence()
        tell(event="started", jid=self.boundjid.full, roster=[item["jid"].bare for item in roster["roster"]])

    def say(self, to, said):
        message = self.make_message(mto=to, mtype="chat")
        message.append(said)
        message.append(ET.Element("{urn:xmpp:hints}store"))
        message.send()

    async def request(self, jingle):
        iq = self.make_iq_set(ito=self.other)
        iq.append(jingle)
        await iq.send(timeout=20)

    async def call(self, to):
        self.sid = str(uuid.uuid4())
        propose = ET.Element(f"{{{RING}}}propose", id=self.sid)
        for media in self.media:
            ET.SubElement(propose, f"{{{RTP}}}description", media=media)
        self.say(to, propose)

    async def rings(self, message):
        propose = message.xml.find(f"{{{RING}}}propose")
        self.sid, self.other = propose.get("id"), message["from"].full
        tell(event="rings", sender=message["from"].bare)
        self.say(self.other, ET.Element(f"{{{RING}}}proceed", id=self.sid))

    async def taken(self, message):
        self.other = message["from"].full
        self.connection()
        for media in self.media:
            self.line.addTrack(Tone() if media == "audio" else Picture())
        await self.line.setLocalDescription(await self.line.createOffer())
        offer = to_jingle(self.line.localDescription.sdp, "session-initiate", self.sid, self.boundjid.full)
        await self.request(offer)

    def connection(self):
        self.line = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.line.on("track", lambda track: self.begin((listen if track.kind == "audio" else look)(track)))
        self.line.on("connectionstatechange", lambda: tell(event="connection", state=self.line.connectionState))

    async def step(self, iq):
        jingle = iq.xml.find(f"{{{JINGLE}}}jingle")
        action = jingle.get("action")
        iq.reply().send()
        if action == "session-initiate":
            await self.answer(iq, jingle)
        elif action == "session-accept":
            await self.line.setRemoteDescription(RTCSessionDescription(to_sdp(jingle), "answer"))
            await self.early()
        elif action == "transport-info":
            self.told.extend(candidates(jingle))
            await self.early()
        elif action == "session-terminate":
            await self.over()

    async def early(self):
        """Addresses, once what they belong to is known."""
        if self.line is None or self.line.remoteDescription is None:
            return
        told, self.told = self.told, []
        for name, text in told:
            candidate = candidate_from_sdp(text.removeprefix("candidate:"))
            candidate.sdpMid = name
            await self.line.addIceCandidate(candidate)

    async def answer(self, iq, jingle):
        self.connection()
        await self.line.setRemoteDescription(RTCSessionDescription(to_sdp(jingle), "offer"))
        for transceiver in self.line.getTransceivers():
            transceiver.direction = "sendrecv"
            transceiver.sender.replaceTrack(Tone() if transceiver.kind == "audio" else Picture())
        await self.line.setLocalDescription(await self.line.createAnswer())
        accept = to_jingle(self.line.localDescription.sdp, "session-accept", self.sid, iq["from"].full)
        await self.request(accept)
        await self.early()

    async def over(self):
        if self.line:
            await self.line.close()
        self.line, self.told = None, []
        tell(event="over")

    async def obey(self, command):
        match command["do"]:
            case "call":
                self.media = command["media"]
                await self.call(command["to"])
            case "hang up":
                end = ET.Element(f"{{{JINGLE}}}jingle", action="session-terminate", sid=self.sid)
                ET.SubElement(ET.SubElement(end, f"{{{JINGLE}}}reason"), f"{{{JINGLE}}}success")
                await self.request(end)
                await self.over()
            case "leave":
                await self.disconnect()


async def main():
    client = Client(*sys.argv[1:])
    client.connect(*client.where)
    await obey(client.obey)


asyncio.run(main())
