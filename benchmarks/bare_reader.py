"""GETs over kept connections with nothing parsed but the length; prints answers a second. Its work comes on stdin.

Runs in a process of its own, so that what it costs is not taken for the server's.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
WARM = 50  # requests before the measured ones


async def read(port: int, requests: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200") or length is None:
            raise SystemExit(head.decode("latin-1"))
        await reader.readexactly(int(length[1]))
    writer.close()


async def measure(port: int, connections: int, work: dict[str, object]) -> float:
    paths, headers, count = work["paths"], work["headers"], work["count"]
    assert isinstance(paths, list)
    assert isinstance(headers, dict)
    assert isinstance(count, int)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    known = [f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode() for path in paths]
    shares = [[known[n % len(known)] for n in range(start, count, connections)] for start in range(connections)]
    await read(port, [known[n % len(known)] for n in range(WARM)])
    started = time.perf_counter()
    await asyncio.gather(*(read(port, share) for share in shares))
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    rate = asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2]), json.load(sys.stdin)))
    sys.stdout.write(f"{rate}\n")
