"""slixmpp as its users run it: commands come as lines of JSON, what happens goes out likewise."""

import asyncio
import sys

from lines import obey, tell
from slixmpp import JID, ClientXMPP

PAGE = 3


class Client(ClientXMPP):
    def __init__(self, host, port, jid, password, ca):
        super().__init__(jid, password)
        self.where = (host, int(port))
        self.ca_certs = ca
        self.enable_starttls = False
        self.enable_plaintext = False
        for plugin in ("xep_0030", "xep_0198", "xep_0199", "xep_0313", "xep_0352"):
            self.register_plugin(plugin)
        self.leaving = False
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("session_resumed", lambda _: tell(event="resumed"))
        self.add_event_handler("sm_failed", lambda _: tell(event="failed"))
        self.add_event_handler("failed_auth", lambda _: tell(event="refused"))
        self.add_event_handler("message", self.got_message)
        self.add_event_handler("presence_available", lambda p: tell(event="presence", jid=p["from"].bare))
        self.add_event_handler("disconnected", self.gone)

    async def started(self, _):
        roster = await self.get_roster()
        self.send_presence()
        mechanism = self.plugin["feature_mechanisms"].mech.name
        resumable = self.plugin["xep_0198"].sm_id is not None
        jids = [item["jid"].bare for item in roster["roster"]]
        tell(event="started", jid=self.boundjid.full, roster=jids, mechanism=mechanism, resumable=resumable)

    def got_message(self, message):
        if message["body"]:
            tell(event="message", sender=message["from"].bare, id=message["id"], body=message["body"])

    async def archive(self, peer):
        """The whole archive with somebody, page by page."""
        pages = self.plugin["xep_0313"].iterate(with_jid=JID(peer), rsm={"max": PAGE})
        return [kept["mam_result"]["forwarded"]["stanza"]["body"] async for kept in pages]

    def gone(self, _):
        tell(event="gone")
        if not self.leaving:
            self.connect(*self.where)

    async def obey(self, command):
        match command["do"]:
            case "send":
                self.send_message(mto=command["to"], mbody=command["body"], mtype="chat")
            case "ping":
                await self.plugin["xep_0199"].ping(timeout=30)
                tell(event="pong")
            case "archive":
                tell(event="archive", bodies=await self.archive(command["with"]))
            case "leave":
                self.leaving = True
                await self.disconnect()


async def main():
    client = Client(*sys.argv[1:])
    client.connect(*client.where)
    await obey(client.obey)


asyncio.run(main())
