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

named! {
    /// What a segment does there.
    Step {
        Syn = 1, "SYN";
        SynAck = 2, "SYN-ACK";
        HandshakeAck = 3, "Handshake ACK";
        ChallengeAck = 4, "Challenge ACK";
        ClientHello = 10, "Client Hello";
        HelloRetryRequest = 11, "Hello Retry Request";
        ServerHello = 12, "Server Hello";
        EncryptedExtensions = 13, "Encrypted Extensions";
        Certificate = 14, "Certificate";
        CertificateStatus = 15, "Certificate Status";
        ServerKeyExchange = 16, "Server Key Exchange";
        CertificateRequest = 17, "Certificate Request";
        ServerHelloDone = 18, "Server Hello Done";
        ClientKeyExchange = 19, "Client Key Exchange";
        CertificateVerify = 20, "Certificate Verify";
        ChangeCipherSpec = 21, "Change Cipher Spec";
        Finished = 22, "Finished";
        EncryptedHandshake = 23, "Encrypted Handshake";
        NewSessionTicket = 24, "New Session Ticket";
        EndOfEarlyData = 25, "End Of Early Data";
        KeyUpdate = 26, "Key Update";
        HelloRequest = 27, "Hello Request";
        TlsAlert = 28, "TLS Alert";
        CompressedCertificate = 30, "Compressed Certificate";
        OtherHandshake = 31, "Other Handshake";
        HttpRequest = 40, "HTTP Request";
        HttpRequestBody = 41, "HTTP Request Body";
        HttpResponse = 42, "HTTP Response";
        HttpResponseBody = 43, "HTTP Response Body";
        HttpInterimResponse = 44, "HTTP Interim Response";
        HttpUpgrade = 45, "HTTP Upgrade";
        HttpTunnel = 46, "HTTP Tunnel";
        StartTls = 47, "STARTTLS";
        TlsApplicationData = 50, "TLS Application Data";
        TlsEarlyData = 51, "TLS Early Data";
        Http2Frames = 52, "HTTP/2 Frames";
        WebSocketData = 53, "WebSocket Data";
        Data = 54, "Data";
        Ack = 55, "ACK";
        WindowUpdate = 56, "Window Update";
        ZeroWindowProbe = 57, "Zero-Window Probe";
        ZeroWindowProbeAck = 58, "Zero-Window Probe ACK";
        ZeroWindow = 59, "Zero Window";
        KeepAliveProbe = 60, "Keep-Alive Probe";
        KeepAliveAck = 61, "Keep-Alive ACK";
        Http2Ping = 62, "HTTP/2 PING";
        Http2PingAck = 63, "HTTP/2 PING ACK";
        WebSocketPing = 64, "WebSocket Ping";
        WebSocketPong = 65, "WebSocket Pong";
        TlsHeartbeatRequest = 66, "TLS Heartbeat Request";
        TlsHeartbeatResponse = 67, "TLS Heartbeat Response";
        Fin = 70, "FIN";
        AckOfFin = 71, "ACK of FIN";
        PeerFin = 72, "Peer FIN";
        FinalAck = 73, "Final ACK";
        TlsCloseNotify = 74, "TLS close_notify";
        Http2GoAway = 75, "HTTP/2 GOAWAY";
        HalfCloseData = 76, "Half-Close Data";
        Stray = 77, "Stray";
        WebSocketClose = 78, "WebSocket Close";
        ConnectionRefused = 80, "Connection Refused";
        ResetInHandshake = 81, "Reset In Handshake";
        ConnectionAbort = 82, "Connection Abort";
        ResetAfterClose = 83, "Reset After Close";
        ResetOnKeepAlive = 84, "Reset On Keep-Alive";
        InvalidReset = 85, "Invalid Reset";
    }
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
    }
}

impl Step {
    /// Whether octets show it, rather than the header.
    pub const fn is_payload(self) -> bool {
        let code = self as u8;
        matches!(code, 10..=54 | 62..=67)
            || matches!(self, Step::TlsCloseNotify | Step::Http2GoAway)
            || matches!(self, Step::HalfCloseData | Step::WebSocketClose)
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
