"""Descriptions of media as aiortc writes and reads them, and as contents of Jingle: XEP-0167, 0176, 0320, 0338, 0339."""

import xml.etree.ElementTree as ET

JINGLE = "urn:xmpp:jingle:1"
RTP = "urn:xmpp:jingle:apps:rtp:1"
ICE = "urn:xmpp:jingle:transports:ice-udp:1"
DTLS = "urn:xmpp:jingle:apps:dtls:0"
FEEDBACK = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
EXTENSIONS = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
SOURCES = "urn:xmpp:jingle:apps:rtp:ssma:0"
GROUPING = "urn:xmpp:jingle:apps:grouping:0"


def sections(sdp):
    """Each medium as its first line and its attributes, in their order."""
    found = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            found.append((line[2:].split(), []))
        elif line.startswith("a=") and found:
            name, _, value = line[2:].partition(":")
            found[-1][1].append((name, value))
    return found


def description(head, attributes):
    described = ET.Element(f"{{{RTP}}}description", media=head[0])
    formats = {value.split(" ", 1)[0]: value.split(" ", 1)[1] for name, value in attributes if name == "fmtp"}
    for name, value in attributes:
        if name == "rtpmap":
            number, codec = value.split(" ")
            codec, rate, *channels = codec.split("/")
            payload = ET.SubElement(described, f"{{{RTP}}}payload-type", id=number, name=codec, clockrate=rate)
            if channels:
                payload.set("channels", channels[0])
            for one in formats.get(number, "").split(";"):
                if one:
                    key, _, said = one.partition("=")
                    ET.SubElement(payload, f"{{{RTP}}}parameter", name=key, value=said)
            for feedback in [said.split(" ") for kind, said in attributes if kind == "rtcp-fb"]:
                if feedback[0] == number:
                    told = ET.SubElement(payload, f"{{{FEEDBACK}}}rtcp-fb", type=feedback[1])
                    if feedback[2:]:
                        told.set("subtype", feedback[2])
        elif name == "extmap":
            number, uri = value.split(" ")[:2]
            ET.SubElement(described, f"{{{EXTENSIONS}}}rtp-hdrext", id=number, uri=uri)
    for semantics, *ssrcs in [value.split(" ") for name, value in attributes if name == "ssrc-group"]:
        group = ET.SubElement(described, f"{{{SOURCES}}}ssrc-group", semantics=semantics)
        for ssrc in ssrcs:
            ET.SubElement(group, f"{{{SOURCES}}}source", ssrc=ssrc)
    for ssrc in dict.fromkeys(value.split(" ")[0] for name, value in attributes if name == "ssrc"):
        source = ET.SubElement(described, f"{{{SOURCES}}}source", ssrc=ssrc)
        for said in [value.split(" ", 1)[1] for name, value in attributes if name == "ssrc" and value.startswith(ssrc)]:
            key, _, told = said.partition(":")
            ET.SubElement(source, f"{{{SOURCES}}}parameter", name=key, value=told)
    ET.SubElement(described, f"{{{RTP}}}rtcp-mux")
    return described


def transport(attributes):
    named = dict(attributes)
    made = ET.Element(f"{{{ICE}}}transport", ufrag=named["ice-ufrag"], pwd=named["ice-pwd"])
    certificate = next(value for name, value in attributes if name == "fingerprint" and value.startswith("sha-256"))
    told = ET.SubElement(made, f"{{{DTLS}}}fingerprint", hash="sha-256", setup=named["setup"])
    told.text = certificate.split(" ")[1]
    for words in [value.split(" ") for name, value in attributes if name == "candidate"]:
        if words[2].lower() == "udp":
            keys = ["foundation", "component", "protocol", "priority", "ip", "port"]
            one = ET.SubElement(made, f"{{{ICE}}}candidate", dict(zip(keys, words)))
            one.set("type", words[7])
            one.set("generation", "0")
            one.set("id", words[0] + words[5])
    return made


def to_jingle(sdp, action, sid, initiator):
    """The whole of a description, as a step of a session."""
    jingle = ET.Element(f"{{{JINGLE}}}jingle", action=action, sid=sid, initiator=initiator)
    group = ET.SubElement(jingle, f"{{{GROUPING}}}group", semantics="BUNDLE")
    for head, attributes in sections(sdp):
        name = dict(attributes)["mid"]
        ET.SubElement(group, f"{{{GROUPING}}}content", name=name)
        content = ET.SubElement(jingle, f"{{{JINGLE}}}content", creator="initiator", name=name, senders="both")
        content.append(description(head, attributes))
        content.append(transport(attributes))
    return jingle


def candidate_line(one):
    words = [one.get(key) for key in ("foundation", "component", "protocol", "priority", "ip", "port")]
    return "candidate:" + " ".join(words) + f" typ {one.get('type')}"


def media_lines(content):
    described, made = content.find(f"{{{RTP}}}description"), content.find(f"{{{ICE}}}transport")
    payloads = described.findall(f"{{{RTP}}}payload-type")
    certificate = made.find(f"{{{DTLS}}}fingerprint")
    yield f"m={described.get('media')} 9 UDP/TLS/RTP/SAVPF {' '.join(one.get('id') for one in payloads)}"
    yield from ["c=IN IP4 0.0.0.0", "a=sendrecv", "a=rtcp-mux", f"a=mid:{content.get('name')}"]
    yield from [f"a=ice-ufrag:{made.get('ufrag')}", f"a=ice-pwd:{made.get('pwd')}", f"a=setup:{certificate.get('setup')}"]
    yield f"a=fingerprint:{certificate.get('hash')} {certificate.text.strip()}"
    for one in described.findall(f"{{{EXTENSIONS}}}rtp-hdrext"):
        yield f"a=extmap:{one.get('id')} {one.get('uri')}"
    for one in payloads:
        channels = f"/{one.get('channels')}" if one.get("channels") else ""
        yield f"a=rtpmap:{one.get('id')} {one.get('name')}/{one.get('clockrate')}{channels}"
        told = [(said.get("name"), said.get("value")) for said in one.findall(f"{{{RTP}}}parameter")]
        if told:
            yield f"a=fmtp:{one.get('id')} " + ";".join(f"{key}={value}" if key else value for key, value in told)
        for said in one.findall(f"{{{FEEDBACK}}}rtcp-fb"):
            yield f"a=rtcp-fb:{one.get('id')} {said.get('type')} {said.get('subtype') or ''}".rstrip()
    for group in described.findall(f"{{{SOURCES}}}ssrc-group"):
        ssrcs = [one.get("ssrc") for one in group.findall(f"{{{SOURCES}}}source")]
        yield f"a=ssrc-group:{group.get('semantics')} {' '.join(ssrcs)}"
    for one in described.findall(f"{{{SOURCES}}}source"):
        for said in one.findall(f"{{{SOURCES}}}parameter"):
            yield f"a=ssrc:{one.get('ssrc')} {said.get('name')}:{said.get('value')}"
    for one in made.findall(f"{{{ICE}}}candidate"):
        if one.get("protocol", "").lower() == "udp":
            yield "a=" + candidate_line(one)


def to_sdp(jingle):
    contents = jingle.findall(f"{{{JINGLE}}}content")
    names = " ".join(one.get("name") for one in contents)
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {names}", "a=msid-semantic:WMS *"]
    for content in contents:
        lines.extend(media_lines(content))
    return "\r\n".join(lines) + "\r\n"


def candidates(jingle):
    """Addresses that are told by themselves: name of the content, and the line."""
    for content in jingle.findall(f"{{{JINGLE}}}content"):
        for one in content.iter(f"{{{ICE}}}candidate"):
            if one.get("protocol", "").lower() == "udp":
                yield content.get("name"), candidate_line(one)
