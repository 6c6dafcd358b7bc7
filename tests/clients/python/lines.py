"""What a test says comes as lines of JSON, what happens goes out likewise."""

import asyncio
import json
import sys


def tell(**event):
    print(json.dumps(event), flush=True)


async def obey(act):
    """`act` is given one command after the other, until there are no more."""
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        try:
            await act(json.loads(line))
        except Exception as error:
            tell(event="error", text=repr(error))
