"""What is sent in a call and what is recognised of it at the far end: a tone, and a red picture with a bar that moves."""

import asyncio
import math
from fractions import Fraction

from aiortc import AudioStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

TONE_HERTZ, RATE, STEP = 440, 48000, 960
# Red, with a bar that moves.
SIZE, GROUND, BAR = (320, 240), (190, 30, 30), (30, 30, 190)
FRAMES = 20


def sounds():
    """A second of the tone, in pieces: whole waves fit into it."""
    wave = (int(9000 * math.sin(2 * math.pi * TONE_HERTZ * one / RATE)) for one in range(RATE))
    whole = b"".join(one.to_bytes(2, "little", signed=True) for one in wave)
    return [whole[at : at + 2 * STEP] for at in range(0, len(whole), 2 * STEP)]


SECOND = sounds()


class Tone(AudioStreamTrack):
    at = 0

    async def recv(self):
        if self.at:
            await asyncio.sleep(STEP / RATE)
        frame = AudioFrame(format="s16", layout="mono", samples=STEP)
        frame.planes[0].update(SECOND[self.at // STEP % len(SECOND)])
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
    """The colour of some pictures, and how much of the first has changed in the last."""
    first = None
    for _ in range(FRAMES):
        mean, shot = colours(await track.recv())
        first = first or shot
    moved = sum(abs(one - other) > 40 for one, other in zip(first, shot))
    return [round(one) for one in mean], moved


def power(wave, hertz, rate):
    """How much of this frequency there is in a piece of sound (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for one in wave:
        before, last = last, one + turn * last - before
    return before * before + last * last - turn * before * last


async def listen(track):
    """The strongest tone of some sounds, after the first second, in which the other side may still have been silent."""
    powers = dict.fromkeys(range(100, 1000, 50), 0.0)
    loud = 0
    for number in range(250):
        frame = await track.recv()
        channels = len(frame.layout.channels)
        wave = memoryview(bytes(frame.planes[0])[: frame.samples * 2 * channels]).cast("h")[::channels]
        if number >= 50 and max(wave) > 1000:
            loud += 1
            for hertz in powers:
                powers[hertz] += power(wave, hertz, frame.sample_rate)
        if loud == 20:
            break
    return max(powers, key=powers.get) if loud else 0
