//! Alerts (RFC 8446 6, RFC 5246 7.2): level, description and their names.

/// A closure or error alert as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// 1 warning, 2 fatal.
    pub level: u8,
    /// What happened.
    pub description: u8,
}

const FATAL: u8 = 2;
const CLOSE_NOTIFY: u8 = 0;
const USER_CANCELED: u8 = 90;
const NO_RENEGOTIATION: u8 = 100;

impl Alert {
    /// The end of this side's data (RFC 8446 6.1).
    pub const fn is_close_notify(self) -> bool {
        self.description == CLOSE_NOTIFY
    }

    /// A renegotiation is refused, the connection goes on (RFC 5246 7.2.2).
    pub const fn is_no_renegotiation(self) -> bool {
        self.description == NO_RENEGOTIATION
    }

    /// Nothing but a closure follows it. In TLS 1.3 the level means nothing (RFC 8446 6).
    pub const fn is_fatal(self, tls13: bool) -> bool {
        let closure = matches!(self.description, CLOSE_NOTIFY | USER_CANCELED);
        !closure && (tls13 || self.level == FATAL)
    }

    /// The description's name in the RFCs, none for a number without one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.description {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            52 => "too_many_cids_requested",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }
}
