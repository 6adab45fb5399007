"""Captures of what is above TCP, for build.py: one for each question that a user may have."""
import struct

from segments import Connection


def request(line, *fields, body=b""):
    """An HTTP request with its Host field."""
    return message(line, "Host: www.example.com", *fields, body=body)


def message(line, *fields, body=b""):
    return "\r\n".join((line,) + fields + ("", "")).encode() + body


def ok(*fields, body=b"ready", version="1.1"):
    return message(f"HTTP/{version} 200 OK", f"Content-Length: {len(body)}", *fields, body=body)


def probe(side, answer, after):
    """A keep-alive probe of TCP and its answer."""
    side("A", after=after, seq_below=1)
    answer("A", after=0.010)


# -- HTTP --

def http_timeout(capture):
    """The server closes as it has said, five seconds after its response; the client's probes do not hinder it."""
    both = Connection(capture).open()
    both.c("PA", request("GET / HTTP/1.1"))
    both.s("PA", ok("Keep-Alive: timeout=5, max=100"), 0.030)
    both.c("A", after=0.0001)
    probe(both.c, both.s, 2)
    probe(both.c, both.s, 2)
    both.s("FA", after=0.98)
    both.c("FA", after=0.0001)
    both.s("A", after=0.010)


def http_race(capture):
    """A request crosses the FIN with which the server ends the idle connection, and meets a closed socket."""
    both = Connection(capture).open()
    both.c("PA", request("GET / HTTP/1.1"))
    both.s("PA", ok("Keep-Alive: timeout=5"), 0.010)
    both.c("A", after=0.0001)
    both.s("FA", after=5)
    both.c("PA", request("GET /late HTTP/1.1"), 0.002, ack=both.server.next - 1)
    both.s("R", after=0.008)


def http_persistence(capture):
    """Whether a connection stays open, for every reason there is; lengths that contradict each other; a slow response."""
    exchanges = (
        (request("GET /default HTTP/1.1"), ok(), "client"),
        (request("GET /both HTTP/1.0", "Connection: keep-alive"), ok("Connection: keep-alive", version="1.0"), "client"),
        (request("GET /client HTTP/1.1", "Connection: close"), ok("Connection: close"), "server"),
        (request("GET /server HTTP/1.1"), ok("Connection: close"), "server"),
        (request("GET /old HTTP/1.0"), ok(version="1.0"), "server"),
        (request("GET /until-close HTTP/1.1"), message("HTTP/1.1 200 OK", body=b"until the end"), "server"),
        (request("POST /framing HTTP/1.1", "Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"), ok(),
         "client"),
    )
    for number, (asked, answered, closer) in enumerate(exchanges):
        both = Connection(capture, 40001 + number).open()
        both.c("PA", asked)
        both.s("PA", answered, 1.5 if b"/server" in asked else 0.020)
        both.c("A", after=0.0001)
        first, second = (both.c, both.s) if closer == "client" else (both.s, both.c)
        first("FA", after=0.010)
        second("FA", after=0.010)
        first("A", after=0.010)


# -- keep-alives above TCP --

def frame(kind, flags=0, stream=0, payload=b""):
    """An HTTP/2 frame."""
    return struct.pack("!I", len(payload))[1:] + bytes((kind, flags)) + struct.pack("!I", stream) + payload


def keepalive_layers(capture):
    """Keep-alives of HTTP/2 beside those of TCP, the last one unanswered; of WebSocket."""
    both = Connection(capture).open()
    both.c("PA", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4) + frame(1, 5, 1, b"\x82\x84\x86"))
    both.s("PA", frame(4) + frame(4, 1) + frame(1, 5, 1, b"\x88"), 0.010)
    both.c("PA", frame(4, 1))
    both.s("A", after=0.010)
    for number in range(3):
        probe(both.s, both.c, 4)
        both.c("PA", frame(6, 0, 0, struct.pack("!Q", number)), 6)
        if number < 2:
            both.s("PA", frame(6, 1, 0, struct.pack("!Q", number)), 0.010)
            both.c("A", after=0.0001)
    both.c("R", after=5)
    both = Connection(capture, 40002).open()
    both.c("PA", request("GET /chat HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
    both.s("PA", message("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket",
                         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), 0.010)
    both.s("PA", b"\x81\x05ready", 0.010)
    both.c("A", after=0.0001)
    for _ in range(2):
        both.s("PA", b"\x89\0", 20)
        both.c("PA", b"\x8a\x80\1\2\3\4", 0.0001)
        both.s("A", after=0.010)
    both.c("PA", b"\x88\x82\1\2\3\4" + bytes((0x03 ^ 1, 0xE8 ^ 2)))
    both.close()


def http_unfinished(capture):
    """A response that is cut, a request that a FIN answers, one that an RST does, a request that is cut."""
    both = Connection(capture, 40001).open()
    both.c("PA", request("GET /cut HTTP/1.1"))
    both.s("PA", message("HTTP/1.1 200 OK", "Content-Length: 1000", body=bytes(400)), 0.020)
    both.s("FA", after=0.010)
    both.c("FA", after=0.001)
    both.s("A", after=0.010)
    both = Connection(capture, 40002).open()
    both.c("PA", request("GET /closed HTTP/1.1"))
    both.s("A", after=0.010)
    both.s("FA", after=2)
    both.c("FA", after=0.001)
    both.s("A", after=0.010)
    both = Connection(capture, 40003).open()
    both.c("PA", request("GET /reset HTTP/1.1"))
    both.s("A", after=0.010)
    both.s("RA", after=2)
    both = Connection(capture, 40004).open()
    both.c("PA", request("POST /part HTTP/1.1", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"))
    both.s("A", after=0.010)
    both.close()


# -- TLS --

def record(kind, body, version=0x0303):
    return struct.pack("!BHH", kind, version, len(body)) + body


def handshake(kind, body=b""):
    return bytes((kind,)) + struct.pack("!I", len(body))[1:] + body


def client_hello(session=b""):
    extensions = struct.pack("!HHHBH", 0, 8, 6, 0, 3) + b"www"
    return handshake(1, b"\3\3" + b"C" * 32 + bytes((len(session),)) + session + b"\0\2\xc0\x2f\1\0"
                     + struct.pack("!H", len(extensions)) + extensions)


def server_hello(session=b""):
    return handshake(2, b"\3\3" + b"S" * 32 + bytes((len(session),)) + session + b"\xc0\x2f\0")


CERTIFICATE = handshake(11, struct.pack("!I", 303)[1:] + struct.pack("!I", 300)[1:] + bytes(300))
FLIGHT = record(22, server_hello() + CERTIFICATE + handshake(12, bytes(70)) + handshake(14))
FINISHED = record(20, b"\1") + record(22, bytes(40))


def alert(level, description):
    return record(21, bytes((level, description)))


def tls_open(capture, port, session=b""):
    """Up to and with the handshake; with a session, a resumed one."""
    both = Connection(capture, port).open()
    both.c("PA", record(22, client_hello(session)))
    if session:
        both.s("PA", record(22, server_hello(session)) + FINISHED, 0.010)
        both.c("PA", FINISHED)
        both.s("A", after=0.010)
    else:
        both.s("PA", FLIGHT, 0.010)
        both.c("PA", record(22, handshake(16, bytes(33))) + FINISHED)
        both.s("PA", FINISHED, 0.010)
        both.c("A", after=0.0001)
    return both


def tls_failures(capture):
    """Handshakes that fail: by an alert of the server, of the client, a FIN, an RST, an answer that is not TLS."""
    def begins(number):
        both = Connection(capture, 40000 + number).open()
        both.c("PA", record(22, client_hello()))
        return both
    both = begins(1)
    both.s("PA", alert(2, 40), 0.010)  # handshake_failure
    both.s("FA", after=0.001)
    both.c("FA", after=0.001)
    both.s("A", after=0.010)
    both = begins(2)
    both.s("PA", FLIGHT, 0.010)
    both.c("PA", alert(2, 48))  # unknown_ca
    both.close(0.001)
    both = begins(3)
    both.s("FA", after=0.010)
    both.c("FA", after=0.001)
    both.s("A", after=0.010)
    both = begins(4)
    both.s("RA", after=0.010)
    both = begins(5)
    both.s("PA", message("HTTP/1.1 400 Bad Request", "Connection: close", "Content-Length: 0"), 0.010)
    both.s("FA", after=0.001)
    both.c("FA", after=0.001)
    both.s("A", after=0.010)


def modern_hello():
    """With a server's name, protocols, and a place for an encrypted hello, longer than a segment."""
    parts = ((0, struct.pack("!HBH", 18, 0, 15) + b"www.example.com"), (16, b"\0\x0c\2h2\x08http/1.1"),
             (43, b"\2\3\4"), (0xfe0d, bytes(1500)))
    extensions = b"".join(struct.pack("!HH", kind, len(body)) + body for kind, body in parts)
    return handshake(1, b"\3\3" + b"C" * 32 + b"\0\0\2\x13\1\1\0" + struct.pack("!H", len(extensions)) + extensions)


def tls_outcomes(capture):
    """A Client Hello of two segments that nothing acknowledges; an alert that cannot be read ends a handshake."""
    hello = record(22, modern_hello(), 0x0301)
    both = Connection(capture, 40001).open()
    both.c("A", hello[:1448])
    both.c("PA", hello[1448:])
    for wait in (0.25, 0.5, 1.0):
        both.c("A", hello[:1448], wait, seq=1)
    both = Connection(capture, 40002).open()
    both.c("A", hello[:1448])
    both.c("PA", hello[1448:])
    selected = b"\0\x06\0\x2b\0\2\3\4"
    answer = handshake(2, b"\3\3" + b"S" * 32 + b"\0\x13\1\0" + selected)
    both.s("PA", record(22, answer) + record(20, b"\1") + record(23, bytes(900)), 0.010)
    both.c("PA", record(23, bytes(19)))
    both.close(0.001)


def tls_sessions(capture):
    """A whole handshake that ends without close_notify, a resumed one, one that the server rejects once complete."""
    both = tls_open(capture, 40001)
    both.c("PA", record(23, bytes(60)), 0.010)
    both.s("PA", record(23, bytes(200)), 0.020)
    both.close(0.1)
    both = tls_open(capture, 40002, b"N" * 32)
    both.c("PA", record(23, bytes(60)), 0.010)
    both.s("PA", record(23, bytes(200)), 0.020)
    both.c("PA", record(21, bytes(26)), 0.1)
    both.close(0.001)
    both = tls_open(capture, 40003)
    both.c("PA", record(23, bytes(60)), 0.010)
    both.s("PA", alert(2, 49), 0.020)  # access_denied
    both.s("FA", after=0.001)
    both.c("FA", after=0.001)
    both.s("A", after=0.010)


ALL = (http_timeout, http_race, http_unfinished, http_persistence, keepalive_layers, tls_failures, tls_outcomes, tls_sessions)
