"""slixmpp with the media of aiortc: it calls, and takes every call, with a picture that moves and a tone of its own."""

import asyncio
import sys
import uuid
import xml.etree.ElementTree as ET

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp
from jingle import JINGLE, RTP, candidates, to_jingle, to_sdp
from lines import obey, tell
from media import Picture, Tone, listen, look
from slixmpp import ClientXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXMLMask

RING = "urn:xmpp:jingle-message:0"


async def attend(track):
    """Tells what comes, and takes all that follows."""
    if track.kind == "audio":
        tell(event="heard", hertz=await listen(track))
    else:
        colour, moved = await look(track)
        tell(event="seen", colour=colour, moved=moved)
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
        self.line.on("track", lambda track: self.begin(attend(track)))
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
