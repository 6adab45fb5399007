//! Request methods: RFC 9110 9 and those registered with IANA or in common use.

/// A method; one that is not known here has no name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Method(u8);

/// The known methods. The position counts from 1 and is stored in verdicts: add at the end.
#[rustfmt::skip]
const NAMES: [&str; 54] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
    // RFC 5789
    "PATCH",
    // WebDAV: RFC 4918, RFC 3253, RFC 3648, RFC 3744, RFC 5323, RFC 5842, RFC 4437, RFC 4791
    "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "VERSION-CONTROL", "REPORT", "CHECKOUT",
    "CHECKIN", "UNCHECKOUT", "MKWORKSPACE", "UPDATE", "LABEL", "MERGE", "BASELINE-CONTROL", "MKACTIVITY",
    "ORDERPATCH", "ACL", "SEARCH", "BIND", "UNBIND", "REBIND", "MKREDIRECTREF", "UPDATEREDIRECTREF", "MKCALENDAR",
    // RFC 2068, UPnP, Microsoft, caches, drafts
    "LINK", "UNLINK", "SUBSCRIBE", "UNSUBSCRIBE", "NOTIFY", "M-SEARCH", "POLL", "BCOPY", "BDELETE", "BMOVE",
    "BPROPFIND", "BPROPPATCH", "BITS_POST", "CCM_POST", "RPC_IN_DATA", "RPC_OUT_DATA", "PURGE", "QUERY",
];

impl Method {
    /// A response to it has no content (RFC 9110 9.3.2).
    pub const HEAD: Method = Method(2);
    /// A successful response to it opens a tunnel (RFC 9110 9.3.6).
    pub const CONNECT: Method = Method(6);

    /// The method with this name. Names are case-sensitive.
    pub fn from_token(token: &[u8]) -> Method {
        let position = NAMES.iter().position(|name| name.as_bytes() == token);
        Method(position.and_then(|position| u8::try_from(position + 1).ok()).unwrap_or(0))
    }

    /// The method with this number.
    pub const fn from_code(code: u8) -> Method {
        Method(if code as usize <= NAMES.len() { code } else { 0 })
    }

    /// Its number; 0 where it is not known.
    pub const fn code(self) -> u8 {
        self.0
    }

    /// Its name; empty where it is not known.
    pub fn name(self) -> &'static str {
        usize::from(self.0).checked_sub(1).and_then(|index| NAMES.get(index)).copied().unwrap_or("")
    }

    /// Whether it is known here.
    pub const fn is_known(self) -> bool {
        self.0 != 0
    }

    /// Whether octets can still become the name of a known method.
    pub fn may_begin_with(octets: &[u8]) -> bool {
        NAMES.iter().any(|name| name.as_bytes().starts_with(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_belong_together() {
        for name in NAMES {
            let method = Method::from_token(name.as_bytes());
            assert!(method.is_known() && method.name() == name);
            assert_eq!(Method::from_code(method.code()), method);
        }
        assert_eq!((Method::HEAD.name(), Method::CONNECT.name()), ("HEAD", "CONNECT"));
    }

    #[test]
    fn names_are_case_sensitive_and_others_have_none() {
        assert_eq!(Method::from_token(b"get").name(), "");
        assert!(!Method::from_code(200).is_known());
    }
}
