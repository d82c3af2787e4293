"""HTTP/2 for the simulator, on python3-h2: streams, flow control, RST_STREAM and GOAWAY."""

from __future__ import annotations

import asyncio
from typing import Awaitable, Callable

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import hyperframe.frame

from .transport import Request, Stream, client_port

Handler = Callable[[Request, Stream], Awaitable[None]]
PENDING_LIMIT = 1 << 20  # bytes an answer may hold back for flow control before `drain` waits


class Http2Stream(Stream):
    """An answer on one stream; bytes the peer's window does not allow yet wait in `pending`."""

    def __init__(self, connection: "Http2Connection", identifier: int) -> None:
        super().__init__()
        self.identifier = identifier
        self.pending = bytearray()
        self.ending = False
        self.room = asyncio.Event()
        self.room.set()
        self._connection = connection

    def start(self, status: int, headers: dict[str, str], length: int | None = None) -> None:
        fields = [(":status", str(status))] + [(name.lower(), value) for name, value in headers.items()]
        if length is not None:
            fields.append(("content-length", str(length)))
        self._connection.send_headers(self, fields)

    def write(self, data: bytes) -> None:
        if not self.ending:
            self.pending += data
            self._connection.flush(self)

    def finish(self) -> None:
        self.ending = True
        self._connection.flush(self)

    def reset(self) -> None:
        self._connection.reset(self)
        self.mark_closed()

    def go_away(self) -> None:
        self._connection.go_away()

    async def drain(self) -> None:
        await self.room.wait()
        await self._connection.writable.wait()


class Http2Connection:
    """One connection: every request runs as its own task."""

    def __init__(self, transport: asyncio.Transport, handler: Handler, has_certificate: bool) -> None:
        self.transport = transport
        self.writable = asyncio.Event()
        self.writable.set()
        self._handler = handler
        self._has_certificate = has_certificate
        self._client = client_port(transport)
        self._streams: dict[int, Http2Stream] = {}
        self._requests: dict[int, tuple[list, bytearray]] = {}
        self._tasks: set[asyncio.Task] = set()
        self._last_stream = 0
        self._leaving = False
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._h2 = h2.connection.H2Connection(config)
        self._h2.local_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = 250
        self._h2.initiate_connection()
        self._send()

    def receive(self, data: bytes) -> None:
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._send()
            self.transport.close()
            return
        for event in events:
            self._react(event)
        self._send()

    def pause(self) -> None:
        self.writable.clear()

    def resume(self) -> None:
        self.writable.set()

    def go_away(self) -> None:
        """Sends GOAWAY; streams seen so far go on, as on the real server, and the last one closes the connection."""
        # Written past python3-h2, whose own GOAWAY would forbid every later frame.
        frame = hyperframe.frame.GoAwayFrame(0, last_stream_id=self._last_stream, error_code=0)
        self.transport.write(frame.serialize())
        self._leaving = True
        self._close_when_idle()

    def lost(self) -> None:
        self.writable.set()
        for stream in self._streams.values():
            stream.room.set()
            stream.mark_closed()

    def send_headers(self, stream: Http2Stream, fields: list[tuple[str, str]]) -> None:
        if not stream.closed.done():
            self._h2.send_headers(stream.identifier, fields)
            self._send()

    def flush(self, stream: Http2Stream) -> None:
        """Sends what the windows allow of a stream's pending bytes, and its end when asked for."""
        if stream.closed.done():
            return
        pending = stream.pending
        sent = 0
        while sent < len(pending):
            allowed = min(self._h2.local_flow_control_window(stream.identifier), self._h2.max_outbound_frame_size)
            if allowed <= 0:
                break
            part = bytes(pending[sent : sent + allowed])
            self._h2.send_data(stream.identifier, part)
            sent += len(part)
        del pending[:sent]
        (stream.room.clear if len(pending) > PENDING_LIMIT else stream.room.set)()
        if stream.ending and not pending:
            self._h2.end_stream(stream.identifier)
            self._close(stream)
        self._send()

    def reset(self, stream: Http2Stream) -> None:
        if not stream.closed.done():
            self._h2.reset_stream(stream.identifier, h2.errors.ErrorCodes.INTERNAL_ERROR)
            self._close(stream)
            self._send()

    def _send(self) -> None:
        data = self._h2.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def _close(self, stream: Http2Stream) -> None:
        self._streams.pop(stream.identifier, None)
        stream.room.set()
        stream.mark_closed()
        self._close_when_idle()

    def _close_when_idle(self) -> None:
        if self._leaving and not self._streams:
            # Deferred: the last stream's end is still to be written.
            asyncio.get_running_loop().call_soon(self.transport.close)

    def _react(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            self._last_stream = event.stream_id
            self._requests[event.stream_id] = (event.headers, bytearray())
        elif isinstance(event, h2.events.DataReceived):
            self._requests[event.stream_id][1].extend(event.data)
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self._begin(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self._requests.pop(event.stream_id, None)
            if stream := self._streams.get(event.stream_id):
                self._close(stream)
        elif isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            for stream in list(self._streams.values()):
                self.flush(stream)

    def _begin(self, identifier: int) -> None:
        fields, body = self._requests.pop(identifier)
        headers = {name: value for name, value in fields if not name.startswith(":")}
        pseudo = {name: value for name, value in fields if name.startswith(":")}
        request = Request(
            pseudo[":method"], pseudo[":path"], headers, bytes(body), "HTTP/2", self._has_certificate, self._client
        )
        stream = self._streams[identifier] = Http2Stream(self, identifier)
        task = asyncio.create_task(self._handler(request, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
