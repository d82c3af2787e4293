"""Pods of one Service: quick little servers on addresses of their own, rolled as a Deployment rolls them."""

from __future__ import annotations

import asyncio
import threading
from typing import Coroutine

from simulator import objects
from simulator.client import ApiServer

from .sluice import free_port

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class _PodProtocol(asyncio.Protocol):
    def __init__(self, pod: "Pod") -> None:
        self._pod = pod
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._pod.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:  # requests here have no body
            self._buffer = self._buffer[end + 4 :]
            self._pod.served += 1
            self.transport.write(ANSWER)

    def connection_lost(self, error: Exception | None) -> None:
        self._pod.connections.discard(self)


class Pod:
    """One server. Leaving closes its listener at once; open connections are served until the end."""

    def __init__(self, address: str, name: str) -> None:
        self.address = address
        self.name = name
        self.connections: set[_PodProtocol] = set()
        self.served = 0
        self.listener: asyncio.Server | None = None


class Pods:
    """The pods of a Service, on 127.0.1.x with one port, as one EndpointSlice tells of them."""

    def __init__(self, api: ApiServer, service: str, count: int) -> None:
        self._api = api
        self._service = service
        self._port = free_port()
        self._number = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.pods = [self._start() for _ in range(count)]
        self.tell()

    def roll(self) -> Pod:
        """Replaces the oldest pod and answers it. Its listener closes before any slice says so."""
        self.pods.append(self._start())
        self.tell()
        leaving = self.pods.pop(0)
        self._do(self._refuse(leaving))
        self.tell(ending=leaving)
        self.tell()
        return leaving

    def stop(self, pod: Pod) -> None:
        """A pod that is gone before the API server knows."""
        self._do(self._refuse(pod))
        self._do(self._drop(pod))

    def replace(self, gone: Pod) -> None:
        """Tells of a new pod instead of one that is gone."""
        self.pods.remove(gone)
        self.pods.append(self._start())
        self.tell()

    def finish(self, pod: Pod) -> None:
        """The end of a pod: what is still open is closed."""
        self._do(self._drop(pod))

    def tell(self, ending: Pod | None = None) -> int:
        """Writes the slice; answers when, in CLOCK_MONOTONIC nanoseconds."""
        endpoints = [objects.endpoint(pod.address, pod=pod.name) for pod in self.pods]
        if ending:
            endpoints.append(objects.endpoint(ending.address, pod=ending.name, ready=False, ending=True))
        return self._api.apply(objects.slice_of(self._service, endpoints, self._port))[0]["writtenAt"]

    def close(self) -> None:
        for pod in self.pods:
            self._do(self._refuse(pod))
            self._do(self._drop(pod))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _start(self) -> Pod:
        self._number += 1
        pod = Pod(f"127.0.1.{self._number}", f"{self._service}-{self._number}")
        self._do(self._listen(pod))
        return pod

    def _do(self, work: Coroutine) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, pod: Pod) -> None:
        pod.listener = await self._loop.create_server(lambda: _PodProtocol(pod), pod.address, self._port)

    async def _refuse(self, pod: Pod) -> None:
        pod.listener.close()

    async def _drop(self, pod: Pod) -> None:
        for connection in list(pod.connections):
            connection.transport.close()
