//! Where a handshake is, as an observer tells (RFC 8446 A, RFC 5246 7.3).

/// Where the handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing of a handshake has been seen.
    Start,
    /// A Client Hello, not answered by a Server Hello.
    WaitServerHello,
    /// From the Server Hello on. A renegotiation that cannot be read is here from its first record on.
    WaitFinished,
    /// Complete.
    Connected,
    /// The server has asked for a renegotiation (RFC 5246 7.4.1.1).
    HelloRequested,
    /// An alert, or an answer that is not TLS, ended it.
    Failed,
    /// It is over, but its end was not seen, or could not be told.
    Unclear,
    /// It was not over when FIN or RST came.
    Ended,
}

/// What can move it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A Client Hello begins.
    ClientHello,
    /// A Server Hello, no Hello Retry Request.
    ServerHello,
    /// A Hello Request, or the server's protected handshake record that probably is one.
    HelloRequest,
    /// A part of a handshake whose hellos were not read: a renegotiation, or a capture that begins midway.
    Midst,
    /// The Finished messages that it takes have been seen.
    Finished,
    /// An alert or an answer that ends it.
    Fatal,
    /// Application data, or a refusal, shows that there is no handshake any longer.
    WentOn,
    /// FIN or RST.
    End,
}

impl Stage {
    /// Whether a handshake is unfinished; a failed one is until FIN or RST.
    pub const fn is_handshaking(self) -> bool {
        matches!(self, Stage::WaitServerHello | Stage::WaitFinished | Stage::HelloRequested | Stage::Failed)
    }

    /// Whether a hello has been seen, but no completion and no failure.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Stage::WaitServerHello | Stage::WaitFinished)
    }

    /// The stage after an input.
    pub const fn after(self, input: Input) -> Stage {
        match (self, input) {
            // RFC 8446 4.1.2 and 4.1.3: the hellos. After a Hello Retry Request there is a second Client Hello.
            (Stage::Failed | Stage::Ended, Input::ClientHello) => self,
            (_, Input::ClientHello) => Stage::WaitServerHello,
            (Stage::Start | Stage::WaitServerHello, Input::ServerHello) => Stage::WaitFinished,
            (Stage::WaitFinished | Stage::Unclear, Input::ServerHello) => Stage::WaitFinished,
            // RFC 5246 7.4.1.1: a Hello Request during a handshake means nothing.
            (Stage::Connected | Stage::Unclear | Stage::Start, Input::HelloRequest) => Stage::HelloRequested,
            (Stage::Connected | Stage::Unclear | Stage::Start, Input::Midst) => Stage::WaitFinished,
            (Stage::HelloRequested | Stage::WaitServerHello, Input::Midst) => Stage::WaitFinished,
            // RFC 8446 4.4.4, RFC 5246 7.4.9: Finished.
            (Stage::WaitServerHello | Stage::WaitFinished, Input::Finished) => Stage::Connected,
            // RFC 8446 6.2: error alerts.
            (Stage::WaitServerHello | Stage::WaitFinished, Input::Fatal) => Stage::Failed,
            (Stage::HelloRequested, Input::Fatal) => Stage::Failed,
            // RFC 5246 7.4.1.1: the client may ignore a request.
            (Stage::HelloRequested, Input::WentOn) => Stage::Connected,
            (Stage::WaitServerHello | Stage::WaitFinished | Stage::Start, Input::WentOn) => Stage::Unclear,
            (Stage::WaitServerHello | Stage::WaitFinished, Input::End) => Stage::Ended,
            (Stage::HelloRequested | Stage::Failed, Input::End) => Stage::Ended,
            (stage, _) => stage,
        }
    }
}
