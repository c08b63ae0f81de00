"""The platforms' message APIs on loopback, as documented, misbehaving on demand."""

import contextlib
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel

TOKEN = "EAAB-made-up-token"
ACCOUNT = "9001000200030004"


class Script(Enum):
    """What the server does with a request."""

    ACCEPT = "accepts"
    BUSY = "429, wait two minutes"
    BROKEN = "500 of the platform's own"
    GATEWAY = "504, by a machine between"
    LATE = "accepts, and says so too late"
    CUT = "accepts, and closes without a word"
    CUT_IN_ANSWER = "accepts, and closes in the middle of its answer"
    NONSENSE = "accepts, and answers something that is no HTTP"
    NAMELESS = "200, and no name of the message"
    ENDLESS = "accepts with an answer without end"
    CLOSED = "the window has closed"
    UNREACHABLE = "the recipient takes no messages from us"
    REFUSED = "400 for what was sent"
    NO_RIGHTS = "the app may not send"
    REDIRECT = "302 to another place"


@dataclass(frozen=True)
class Taken:
    """A message the platform took responsibility for."""

    channel: Channel
    recipient: str
    text: str
    content: dict


@dataclass
class Platform:
    """A running server; `scripts` are used up one a request, then it accepts."""

    channel: Channel
    port: int = 0
    tls: bool = False
    scripts: list[Script] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # request lines
    wrong: list[str] = field(default_factory=list)  # what broke the contract
    late_s: float = 1.0
    log: Path | None = None  # texts that were taken, a line each

    def settings(self, **changed) -> Direct:
        scheme = "https" if self.tls else "http"
        fields = {
            "send": "api",
            "api_url": f"{scheme}://127.0.0.1:{self.port}",
            "api_token": TOKEN,
            "account_id": ACCOUNT,
            "timeout_s": 0.5,
            "max_chars": 300,
        }
        return Direct(**(fields | changed))

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.taken]


@contextlib.contextmanager
def running(
    channel: Channel, *scripts: Script, tls: ssl.SSLContext | None = None, log: Path | None = None
) -> Iterator[Platform]:
    """Serve the API of a channel's platform until the block ends."""
    platform = Platform(channel, scripts=list(scripts), tls=tls is not None, log=log)
    handler = type("Handler", (_Handler,), {"platform": platform})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    platform.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address) -> None:
        """Clients that hang up are what some scripts are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: Platform

    def log_message(self, *words) -> None:
        """Nobody reads it."""

    def do_POST(self) -> None:
        platform = self.platform
        platform.asked.append(self.requestline)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            self._answer(401, _ERRORS[platform.channel]["token"])
            return
        script = platform.scripts.pop(0) if platform.scripts else Script.ACCEPT
        told = _REFUSALS.get(script)
        if told is not None:
            status, headers, name = told
            self._answer(*_refusal(platform.channel, status, name), headers=headers)
            return
        if script is Script.REDIRECT:
            self._answer(302, {}, headers={"location": f"http://127.0.0.1:{platform.port}/else"})
            return
        try:
            self._take(json.loads(body), script)
        except (KeyError, ValueError, AssertionError) as error:
            platform.wrong.append(f"{self.requestline}: {error!r}")
            self._answer(*_refusal(platform.channel, 400, "refused"))

    def _take(self, content: dict, script: Script) -> None:
        platform = self.platform
        taken = _READ[platform.channel](self.path, content)
        number = len(platform.taken)
        platform.taken.append(taken)
        if platform.log is not None:
            with platform.log.open("a") as out:
                out.write(json.dumps(taken.text) + "\n")
        match script:
            case Script.LATE:
                time.sleep(platform.late_s)
            case Script.CUT:
                self.close_connection = True
                return
            case Script.CUT_IN_ANSWER:
                self.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"message')
                self.close_connection = True
                return
            case Script.NONSENSE:
                self.wfile.write(b"welcome\r\n")
                self.close_connection = True
                return
            case Script.NAMELESS:
                self._answer(200, {"success": True})
                return
            case Script.ENDLESS:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                for _ in range(20_000):
                    self.wfile.write(b" " * 1_000)
                self.close_connection = True
                return
        self._answer(*_ACCEPTED[platform.channel](taken, number))

    def _answer(self, status: int, content: dict, headers: dict | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _x(path: str, content: dict) -> Taken:
    found = re.fullmatch(r"/2/dm_conversations/with/([0-9]{1,19})/messages", path)
    assert found, path
    assert set(content) == {"text"}
    assert 1 <= len(content["text"]) <= 10_000
    return Taken(Channel.X, found[1], content["text"], content)


def _meta(channel: Channel, longest: int):
    def read(path: str, content: dict) -> Taken:
        assert path == f"/{ACCOUNT}/messages", path
        tagged = content["messaging_type"] == "MESSAGE_TAG"
        assert content["messaging_type"] in {"RESPONSE", "MESSAGE_TAG"}
        assert content.get("tag") == ("HUMAN_AGENT" if tagged else None)
        assert set(content) <= {"messaging_type", "tag", "recipient", "message"}
        recipient, text = content["recipient"]["id"], content["message"]["text"]
        assert recipient.isdecimal()
        assert 1 <= len(text.encode()) <= longest
        return Taken(channel, recipient, text, content)

    return read


def _whatsapp(path: str, content: dict) -> Taken:
    assert path == f"/{ACCOUNT}/messages", path
    assert content["messaging_product"] == "whatsapp"
    assert content["recipient_type"] == "individual"
    assert content["type"] == "text"
    assert content["text"]["preview_url"] is False
    assert len(content["biz_opaque_callback_data"]) <= 512
    assert re.fullmatch(r"[1-9][0-9]{6,14}", content["to"])
    assert 1 <= len(content["text"]["body"]) <= 4_096
    return Taken(Channel.WHATSAPP, content["to"], content["text"]["body"], content)


_READ = {
    Channel.X: _x,
    Channel.FACEBOOK: _meta(Channel.FACEBOOK, 2_000),
    Channel.INSTAGRAM: _meta(Channel.INSTAGRAM, 1_000),
    Channel.WHATSAPP: _whatsapp,
}


def _of_x(taken: Taken, number: int) -> tuple[int, dict]:
    data = {"dm_conversation_id": f"{taken.recipient}-9001", "dm_event_id": f"70{number}"}
    return 201, {"data": data}


def _of_meta(taken: Taken, number: int) -> tuple[int, dict]:
    return 200, {"recipient_id": taken.recipient, "message_id": f"m_{number}"}


def _of_whatsapp(taken: Taken, number: int) -> tuple[int, dict]:
    contacts = [{"input": taken.recipient, "wa_id": taken.recipient}]
    messages = [{"id": f"wamid.{number}"}]
    return 200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": messages}


_ACCEPTED = {
    Channel.X: _of_x,
    Channel.FACEBOOK: _of_meta,
    Channel.INSTAGRAM: _of_meta,
    Channel.WHATSAPP: _of_whatsapp,
}

_REFUSALS = {
    Script.BUSY: (429, {"retry-after": "120"}, "busy"),
    Script.BROKEN: (500, {}, "broken"),
    Script.GATEWAY: (504, {}, "broken"),
    Script.CLOSED: (403, {}, "closed"),
    Script.UNREACHABLE: (403, {}, "unreachable"),
    Script.REFUSED: (400, {}, "refused"),
    Script.NO_RIGHTS: (403, {}, "rights"),
}


def _problem(title: str, detail: str, kind: str = "about:blank", status: int = 403) -> dict:
    return {"title": title, "detail": detail, "type": kind, "status": status}


def _error(code: int, sub: int | None, message: str) -> dict:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b2"}
    return {"error": error | ({"error_subcode": sub} if sub else {})}


_META = {
    "token": _error(190, 463, "Error validating access token: Session has expired"),
    "busy": _error(613, None, "Calls to this API have exceeded the rate limit"),
    "broken": _error(2, None, "An unexpected error has occurred. Please retry later."),
    "closed": _error(10, 2018278, "This message is sent outside of allowed window."),
    "unreachable": _error(551, 1545041, "This person isn't available right now."),
    "refused": _error(100, 2018320, "Invalid parameter"),
    "rights": _error(200, 2018028, "Cannot message users before review"),
}
_ERRORS = {
    Channel.X: {
        "token": _problem("Unauthorized", "Unauthorized", status=401),
        "busy": _problem("Too Many Requests", "Too Many Requests", status=429),
        "broken": _problem("Internal Server Error", "Internal Error", status=500),
        "unreachable": _problem(
            "Forbidden", "You do not have permission to DM one or more participants."
        ),
        "refused": {"errors": [_problem("Invalid Request", "text is too long", status=400)]},
        "rights": _problem(
            "Client Forbidden",
            "When authenticating requests to the API v2 endpoints, you must use keys.",
            "https://api.twitter.com/2/problems/client-forbidden",
        ),
    },
    Channel.FACEBOOK: _META,
    Channel.INSTAGRAM: _META
    | {"closed": _error(10, 2534022, "This message is sent outside of allowed window.")},
    Channel.WHATSAPP: _META
    | {
        "busy": _error(130429, None, "(#130429) Rate limit hit"),
        "broken": _error(131000, None, "(#131000) Something went wrong"),
        "closed": _error(131047, None, "(#131047) Re-engagement message"),
        "unreachable": _error(131026, None, "(#131026) Message undeliverable"),
        "refused": _error(131009, None, "(#131009) Parameter value is not valid"),
        "rights": _error(131005, None, "(#131005) Access denied"),
    },
}


def _refusal(channel: Channel, status: int, name: str) -> tuple[int, dict]:
    return status, _ERRORS[channel][name]
