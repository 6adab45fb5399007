//! The enumerations of a verdict: their numbers and display names, each declared once, as users filter by them.

/// Declares an enumeration whose numbers and names are public interface.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $value:literal, $text:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum $name { $($(#[$variant_meta])* $variant = $value),+ }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The name that users filter by.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value with this number.
            pub const fn from_number(number: u8) -> Option<$name> {
                match number { $($value => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

/// What shows a step, and what it says of the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The header shows it, or the time.
    Header,
    /// Octets show it.
    Octets,
    /// Octets show it, and by one of TLS the end is announced.
    Alert,
    /// Octets show it, and announce the end of the protocol that they are of.
    Farewell,
}

/// Declares the steps, each with what it is.
macro_rules! steps {
    ($($variant:ident = $value:literal, $text:literal, $kind:ident;)+) => {
        named! {
            /// What a segment does there.
            Step { $($variant = $value, $text;)+ }
        }

        impl Step {
            /// What shows it.
            pub const fn kind(self) -> StepKind {
                match self { $(Step::$variant => StepKind::$kind),+ }
            }

            /// Whether octets show it, rather than the header.
            pub const fn is_payload(self) -> bool {
                !matches!(self.kind(), StepKind::Header)
            }

            /// Whether it announces an end.
            pub const fn is_farewell(self) -> bool {
                matches!(self.kind(), StepKind::Alert | StepKind::Farewell)
            }
        }
    };
}

named! {
    /// Where the connection is, at a segment.
    Phase {
        Unknown = 0, "Unknown";
        TcpHandshake = 1, "TCP handshake";
        TlsHandshake = 2, "TLS handshake";
        Data = 3, "Data";
        KeepAlive = 4, "Keep-alive";
        Close = 5, "Close";
        Reset = 6, "Reset";
    }
}

steps! {
    Syn = 1, "SYN", Header;
    SynAck = 2, "SYN-ACK", Header;
    HandshakeAck = 3, "Handshake ACK", Header;
    ChallengeAck = 4, "Challenge ACK", Header;
    ClientHello = 10, "Client Hello", Octets;
    HelloRetryRequest = 11, "Hello Retry Request", Octets;
    ServerHello = 12, "Server Hello", Octets;
    EncryptedExtensions = 13, "Encrypted Extensions", Octets;
    Certificate = 14, "Certificate", Octets;
    CertificateStatus = 15, "Certificate Status", Octets;
    ServerKeyExchange = 16, "Server Key Exchange", Octets;
    CertificateRequest = 17, "Certificate Request", Octets;
    ServerHelloDone = 18, "Server Hello Done", Octets;
    ClientKeyExchange = 19, "Client Key Exchange", Octets;
    CertificateVerify = 20, "Certificate Verify", Octets;
    ChangeCipherSpec = 21, "Change Cipher Spec", Octets;
    Finished = 22, "Finished", Octets;
    EncryptedHandshake = 23, "Encrypted Handshake", Octets;
    NewSessionTicket = 24, "New Session Ticket", Octets;
    EndOfEarlyData = 25, "End Of Early Data", Octets;
    KeyUpdate = 26, "Key Update", Octets;
    HelloRequest = 27, "Hello Request", Octets;
    TlsAlert = 28, "TLS Alert", Alert;
    CompressedCertificate = 30, "Compressed Certificate", Octets;
    OtherHandshake = 31, "Other Handshake", Octets;
    HttpRequest = 40, "HTTP Request", Octets;
    HttpRequestBody = 41, "HTTP Request Body", Octets;
    HttpResponse = 42, "HTTP Response", Octets;
    HttpResponseBody = 43, "HTTP Response Body", Octets;
    HttpInterimResponse = 44, "HTTP Interim Response", Octets;
    HttpUpgrade = 45, "HTTP Upgrade", Octets;
    HttpTunnel = 46, "HTTP Tunnel", Octets;
    StartTls = 47, "STARTTLS", Octets;
    TlsApplicationData = 50, "TLS Application Data", Octets;
    TlsEarlyData = 51, "TLS Early Data", Octets;
    Http2Frames = 52, "HTTP/2 Frames", Octets;
    WebSocketData = 53, "WebSocket Data", Octets;
    Data = 54, "Data", Octets;
    Ack = 55, "ACK", Header;
    WindowUpdate = 56, "Window Update", Header;
    ZeroWindowProbe = 57, "Zero-Window Probe", Header;
    ZeroWindowProbeAck = 58, "Zero-Window Probe ACK", Header;
    ZeroWindow = 59, "Zero Window", Header;
    KeepAliveProbe = 60, "Keep-Alive Probe", Header;
    KeepAliveAck = 61, "Keep-Alive ACK", Header;
    Http2Ping = 62, "HTTP/2 PING", Octets;
    Http2PingAck = 63, "HTTP/2 PING ACK", Octets;
    WebSocketPing = 64, "WebSocket Ping", Octets;
    WebSocketPong = 65, "WebSocket Pong", Octets;
    TlsHeartbeatRequest = 66, "TLS Heartbeat Request", Octets;
    TlsHeartbeatResponse = 67, "TLS Heartbeat Response", Octets;
    Fin = 70, "FIN", Header;
    AckOfFin = 71, "ACK of FIN", Header;
    PeerFin = 72, "Peer FIN", Header;
    FinalAck = 73, "Final ACK", Header;
    TlsCloseNotify = 74, "TLS close_notify", Alert;
    Http2GoAway = 75, "HTTP/2 GOAWAY", Farewell;
    HalfCloseData = 76, "Half-Close Data", Octets;
    Stray = 77, "Stray", Header;
    WebSocketClose = 78, "WebSocket Close", Farewell;
    ConnectionRefused = 80, "Connection Refused", Header;
    ResetInHandshake = 81, "Reset In Handshake", Header;
    ConnectionAbort = 82, "Connection Abort", Header;
    ResetAfterClose = 83, "Reset After Close", Header;
    ResetOnKeepAlive = 84, "Reset On Keep-Alive", Header;
    InvalidReset = 85, "Invalid Reset", Header;
    MqttConnect = 90, "MQTT CONNECT", Octets;
    MqttConnAck = 91, "MQTT CONNACK", Octets;
    MqttPackets = 92, "MQTT Packets", Octets;
    MqttPingReq = 93, "MQTT PINGREQ", Octets;
    MqttPingResp = 94, "MQTT PINGRESP", Octets;
    MqttDisconnect = 95, "MQTT DISCONNECT", Farewell;
    PostgreSqlStartup = 100, "PostgreSQL Startup", Octets;
    PostgreSqlAuthentication = 101, "PostgreSQL Authentication", Octets;
    PostgreSqlMessages = 102, "PostgreSQL Messages", Octets;
    PostgreSqlReady = 103, "PostgreSQL Ready", Octets;
    PostgreSqlTerminate = 104, "PostgreSQL Terminate", Farewell;
}

named! {
    /// Which side of the connection sent something.
    Sender {
        Unknown = 0, "Unknown";
        Client = 1, "Client";
        Server = 2, "Server";
    }
}

named! {
    /// How the roles of the two sides are known. Never a port number.
    Basis {
        Unknown = 0, "unknown";
        Syn = 1, "SYN";
        SynAck = 2, "SYN-ACK";
        TlsHello = 3, "TLS hello";
        HttpMessage = 4, "HTTP message";
        MqttPacket = 5, "MQTT packet";
        PostgreSqlMessage = 6, "PostgreSQL message";
    }
}

named! {
    /// What a segment is to a keep-alive.
    KeepAliveStatus {
        Probe = 1, "Probe";
        AnsweredByAck = 2, "Answered by ACK";
        AnsweredByData = 3, "Answered by data";
        AnsweredByReset = 4, "Answered by reset";
    }
}

named! {
    /// The protocol that a keep-alive belongs to.
    Layer {
        Tcp = 1, "TCP";
        Tls = 2, "TLS";
        Http2 = 3, "HTTP/2";
        WebSocket = 4, "WebSocket";
        Mqtt = 5, "MQTT";
    }
}

named! {
    /// What the connection was doing when a probe went out.
    Context {
        Idle = 1, "Idle";
        WaitingForResponse = 2, "Waiting for response";
    }
}

named! {
    /// What became of a connection's keep-alives, seen from its end.
    KeepAliveVerdict {
        Answered = 1, "answered";
        Forgotten = 2, "forgotten by the peer";
        PathDead = 3, "path dead";
        EndedByData = 4, "ended by data";
    }
}

named! {
    /// Who closed, or began to.
    Initiator {
        Unknown = 0, "Unknown";
        Client = 1, "Client";
        Server = 2, "Server";
        Both = 3, "Both";
        Nobody = 4, "Nobody";
    }
}

named! {
    /// How a connection opened, seen from its end.
    Opened {
        Handshake = 1, "Handshake";
        FastOpen = 2, "Fast Open";
        Simultaneous = 3, "Simultaneous";
        Midway = 4, "Midway";
        Incomplete = 5, "Incomplete";
        NoAnswer = 6, "No answer";
        Refused = 7, "Refused";
        Unreachable = 8, "Unreachable";
        Reset = 9, "Reset";
    }
}

named! {
    /// How a connection ended, as far as the capture goes.
    Ended {
        Open = 1, "Open";
        HalfClosed = 2, "Half-closed";
        Graceful = 3, "Graceful";
        Simultaneous = 4, "Simultaneous";
        Reset = 5, "Reset";
        NeverOpened = 6, "Never opened";
        Unanswered = 7, "Unanswered";
    }
}

named! {
    /// Why a segment that looks like a keep-alive is none.
    NotKeepAlive {
        ZeroWindowProbe = 1, "a zero-window probe: the peer's window is closed";
        RetransmittedOctet = 2, "a retransmitted octet: it was not acknowledged yet";
        StaleAck = 3, "a stale ACK";
    }
}

named! {
    /// How it is known whether an HTTP connection persists (RFC 9112 9.3).
    PersistentBasis {
        Http11Default = 1, "HTTP/1.1 default";
        KeepAliveInBoth = 2, "keep-alive in both";
        CloseByClient = 3, "close by client";
        CloseByServer = 4, "close by server";
        Http10Default = 5, "HTTP/1.0 default";
        BodyEndsWithConnection = 6, "body ends with the connection";
    }
}

named! {
    /// Why the length of an HTTP body is in doubt (RFC 9112 6).
    HttpFraming {
        CodingAndLength = 1, "Transfer-Encoding together with Content-Length";
        DifferentLengths = 2, "Content-Length with different values";
        InvalidLength = 3, "Content-Length that is no length";
        ChunkedNotLast = 4, "a request whose last transfer coding is not chunked";
        ChunkedTwice = 5, "chunked more than once";
        CodingInHttp10 = 6, "Transfer-Encoding in HTTP/1.0";
        OddWhiteSpace = 7, "white space where none belongs around the field that tells it";
    }
}

named! {
    /// Things worth reading: expert infos in Wireshark. The name is the last part of the field's name.
    Note {
        SynRetransmitted = 1, "syn_retransmitted";
        SynAckRepeated = 2, "synack_repeated";
        Refused = 3, "refused";
        ResetInHandshake = 4, "reset_in_handshake";
        SimultaneousOpen = 5, "simultaneous_open";
        SimultaneousClose = 6, "simultaneous_close";
        HalfClose = 7, "half_close";
        NotKeepAlive = 8, "not_keepalive";
        KeepAliveUnanswered = 9, "keepalive_unanswered";
        KeepAliveReset = 10, "keepalive_reset";
        KeepAliveWaiting = 11, "keepalive_waiting";
        KeepAliveStorm = 12, "keepalive_storm";
        InvalidReset = 13, "invalid_reset";
        TlsFailed = 14, "tls_failed";
        TlsRejected = 15, "tls_rejected";
        TlsTruncated = 16, "tls_truncated";
        HttpRace = 17, "http_race";
        HttpFraming = 18, "http_framing";
        ResetDisproved = 19, "reset_disproved";
        Unanswered = 20, "unanswered";
        HttpUnfinished = 21, "http_unfinished";
    }
}

named! {
    /// What comes back while octets wait for their acknowledgement.
    Silent {
        Nothing = 1, "nothing has come back since";
        Ignored = 2, "the other side goes on and acknowledges none of it";
        Long = 3, "all that was acknowledged was shorter, so the path may not carry such segments";
    }
}

named! {
    /// Whether an HTTP connection stays open after a message.
    Persistent {
        Yes = 1, "Yes";
        No = 2, "No";
    }
}

named! {
    /// What ended a TLS handshake.
    TlsFailureCause {
        Alert = 1, "an alert";
        EncryptedAlert = 2, "an encrypted alert";
        NotTls = 3, "an answer that is not TLS";
        Fin = 4, "a FIN";
        Reset = 5, "a reset";
    }
}

named! {
    /// What became of a connection's first TLS handshake.
    TlsOutcome {
        Completed = 1, "Completed";
        Alert = 2, "Failed by alert";
        EncryptedAlert = 3, "Failed by encrypted alert";
        NotTls = 4, "Not TLS";
        Closed = 5, "Closed";
        Reset = 6, "Reset";
        NoAnswer = 7, "No answer";
        Unfinished = 8, "Unfinished";
        Rejected = 9, "Rejected";
    }
}

named! {
    /// What of HTTP a FIN or an RST leaves unfinished.
    HttpUnfinished {
        Unanswered = 1, "Unanswered request";
        CutResponse = 2, "Cut response";
        CutRequest = 3, "Cut request";
        AbandonedResponse = 4, "Abandoned response";
    }
}
