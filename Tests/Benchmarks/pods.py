"""Pods that die as real ones do: told to close, a pod shuts its listener at once, finishes what it is answering
with `Connection: close`, and closes its idle connections.

    pods.py PORT        then, on stdin: `open 127.0.1.1` or `close 127.0.1.1`, one a line, each answered `ok`
"""

import asyncio
import sys

THINK = 0.002  # seconds per answer, so that requests are in flight when a pod closes


class Pod:
    def __init__(self, address, port):
        self.address, self.port = address, port
        self.server, self.closing, self.idle = None, False, set()

    async def open(self):
        self.server = await asyncio.start_server(self.serve, self.address, self.port, backlog=512)

    def close(self):
        self.closing = True
        self.server.close()
        for writer in self.idle:
            writer.close()

    async def serve(self, reader, writer):
        try:
            while not self.closing:
                self.idle.add(writer)
                await reader.readuntil(b"\r\n\r\n")
                self.idle.discard(writer)
                await asyncio.sleep(THINK)
                await self.answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.idle.discard(writer)
            writer.close()

    async def answer(self, writer):
        body = (self.address + "\n").encode()
        ending = "Connection: close\r\n" if self.closing else ""
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{ending}\r\n".encode() + body)
        await writer.drain()


async def main():
    port, pods = int(sys.argv[1]), {}
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        verb, address = line.decode().split()
        if verb == "open":
            pods[address] = Pod(address, port)
            await pods[address].open()
        else:
            pods.pop(address).close()
        print("ok", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
