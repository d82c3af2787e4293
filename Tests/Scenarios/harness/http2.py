"""An HTTP/2 client on python-h2: one connection, streams by number, frames sent when the scenario says so."""

from __future__ import annotations

from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings
from hyperframe.frame import GoAwayFrame

from .client import Client

FLOW = 65535


@dataclass
class Answer:
    """What came on one stream so far."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    interim: list[list[tuple[str, str]]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    trailers: list[tuple[str, str]] = field(default_factory=list)
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        return int(self.get(":status") or 0)

    @property
    def is_over(self) -> bool:
        return self.ended or self.reset is not None

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class Http2:
    """A connection that has said its preface. `acknowledges` opens windows again as bytes come."""

    def __init__(
        self, port: int, *, tls=None, server_name: str | None = None, acknowledges: bool = True,
        window: int = FLOW, validates: bool = True, receive_buffer: int = 0,
    ) -> None:  # fmt: skip
        if tls is not None:
            tls.set_alpn_protocols(["h2"])
        self.client = Client(port, tls=tls, server_name=server_name, receive_buffer=receive_buffer)
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=True, header_encoding="utf-8", validate_outbound_headers=validates,
                normalize_outbound_headers=validates,
            )
        )  # fmt: skip
        # The library takes GOAWAY for the end; ours is followed by answers.
        self.h2._frame_dispatch_table[GoAwayFrame] = self._note_goaway
        self.acknowledges = acknowledges
        self.answers: dict[int, Answer] = {}
        self.goaway: int | None = None
        self.is_closed = False
        self.h2.initiate_connection()
        if window != FLOW:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.flush()

    def __enter__(self) -> "Http2":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def flush(self) -> None:
        self.client.send(self.h2.data_to_send())

    def begin(
        self, path: str = "/", *, method: str = "GET", host: str = "a.test", headers=(), ends: bool = True,
        extra=(),
    ) -> int:  # fmt: skip
        """Sends a head; the number of its stream."""
        stream = self.h2.get_next_available_stream_id()
        head = [(":method", method), (":scheme", "http"), (":path", path), (":authority", host), *extra, *headers]
        self.h2.send_headers(stream, head, end_stream=ends)
        self.answers[stream] = Answer()
        self.flush()
        return stream

    def send(self, stream: int, data: bytes, *, ends: bool = False) -> None:
        """Sends content as the windows allow, reading meanwhile; stops when the answer is whole or cut."""
        at = 0
        while at < len(data):
            if self.answers[stream].is_over:
                return
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(data) - at)
            if room <= 0:
                self.receive()
                continue
            self.h2.send_data(stream, data[at : at + room])
            self.flush()
            at += room
        if ends:
            self.h2.end_stream(stream)
            self.flush()

    def trailers(self, stream: int, fields: list[tuple[str, str]]) -> None:
        self.h2.send_headers(stream, fields, end_stream=True)
        self.flush()

    def reset(self, stream: int, code: int = 8) -> None:
        self.h2.reset_stream(stream, code)
        self.flush()

    def receive(self) -> None:
        """Reads once and notes what came."""
        data = self.client.socket.recv(65536)
        if not data:
            self.is_closed = True
            raise ConnectionError("the connection was closed")
        for event in self.h2.receive_data(data):
            self._note(event)
        self.flush()

    def _note(self, event: h2.events.Event) -> None:
        answer = self.answers.get(getattr(event, "stream_id", 0) or 0)
        match event:
            case h2.events.InformationalResponseReceived():
                answer.interim.append(event.headers)
            case h2.events.ResponseReceived():
                answer.headers = event.headers
            case h2.events.DataReceived():
                answer.body += event.data
                if self.acknowledges:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.TrailersReceived():
                answer.trailers = event.headers
            case h2.events.StreamEnded():
                answer.ended = True
            case h2.events.StreamReset():
                if answer and answer.reset is None:
                    answer.reset = event.error_code

    def _note_goaway(self, frame: GoAwayFrame) -> tuple[list, list]:
        self.goaway = frame.error_code
        return [], []

    def until(self, condition) -> None:
        while not condition():
            self.receive()

    def answer(self, stream: int) -> Answer:
        """Reads until the stream's answer is whole, or cut."""
        answer = self.answers[stream]
        self.until(lambda: answer.is_over)
        return answer

    def request(self, path: str = "/", *, body: bytes | None = None, **settings) -> Answer:
        stream = self.begin(path, ends=body is None, **settings)
        if body is not None:
            self.send(stream, body, ends=True)
        return self.answer(stream)

    def wait_closed(self) -> None:
        """Reads until the proxy closes."""
        try:
            while True:
                self.receive()
        except (ConnectionError, h2.exceptions.ProtocolError):
            self.is_closed = True
