//! What a protected record is, as far as its outside tells: type, length and the records before it.
//!
//! TLS 1.3 gives every protected record the type of application data (RFC 8446 5.2), so the end of its handshake can
//! only be concluded. The conclusions are marked as such, and where they are known to mislead the answer is the weaker
//! one: the handshake is over, its end unknown.

use super::event::Protected;
use super::outcome::Heartbeat;
use super::parser::ContentType;
use super::progress::{EarlyData, Finished, Flight, Progress, Side};
use super::size::Size;
use super::state::Stage;
use crate::connection::Direction;
use crate::verdict::Step;

/// What a protected record is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub step: Step,
    /// It rests on a guess.
    pub inferred: bool,
    /// With it the handshake is over, its end unknown.
    pub over: bool,
}

impl Reading {
    pub const fn certain(step: Step) -> Reading {
        Reading { step, inferred: false, over: false }
    }

    const fn inferred(step: Step) -> Reading {
        Reading { step, inferred: true, over: false }
    }

    const fn over(step: Step) -> Reading {
        Reading { step, inferred: true, over: true }
    }
}

/// Judges a protected record by its header.
pub fn reading(progress: &Progress, direction: Direction, record: &Protected) -> Reading {
    match record.content {
        ContentType::ALERT => alert(progress),
        ContentType::HANDSHAKE => handshake(progress, direction),
        ContentType::HEARTBEAT => heartbeat(progress, direction),
        _ if progress.stage == Stage::WaitServerHello => before_server_hello(progress, direction),
        _ if progress.is_tls13() => tls13(progress, direction, record),
        _ => other(progress, direction),
    }
}

/// Whether a record goes on that is certainly application data, and every one behind it is too, but for one of an
/// alert's size.
pub fn is_certainly_data(progress: &Progress, direction: Direction) -> bool {
    let next = Protected {
        content: ContentType::APPLICATION_DATA,
        length: 0,
        size: Size::Long,
        begins: true,
        ends: false,
        before_fin: false,
    };
    progress.side(direction).reading == DATA && reading(progress, direction, &next) == DATA
}

/// The messages of a server's flight in TLS 1.3 after the Server Hello: Encrypted Extensions, Certificate Request,
/// Certificate, Certificate Verify, Finished (RFC 8446 4.3 and 4.4).
pub const FLIGHT: u8 = 5;

const DATA: Reading = Reading::certain(Step::TlsApplicationData);

/// Up to TLS 1.2. After completion hardly anything but a closure comes (RFC 5246 7.2.1).
fn alert(progress: &Progress) -> Reading {
    let lost = progress.lossy || (progress.unseen && progress.stage == Stage::WaitFinished);
    if progress.stage.is_handshaking() && !lost {
        Reading::certain(Step::TlsAlert)
    } else if progress.stage.is_handshaking() {
        // What was lost may have completed it: nobody is blamed.
        Reading::over(Step::TlsCloseNotify)
    } else {
        Reading::inferred(Step::TlsCloseNotify)
    }
}

/// Up to TLS 1.2. RFC 5246 7.4.9: a Finished follows the Change Cipher Spec at once.
fn handshake(progress: &Progress, direction: Direction) -> Reading {
    let side = progress.side(direction);
    if side.changed_cipher_spec && side.finished == Finished::No {
        Reading::inferred(Step::Finished)
    } else {
        Reading::certain(Step::EncryptedHandshake)
    }
}

/// RFC 6520 4: a request has one response. A message that fills its record goes on in the next, against RFC 6520 4.
fn heartbeat(progress: &Progress, direction: Direction) -> Reading {
    let side = progress.side(direction);
    let response = match side.last_heartbeat {
        Some(heartbeat) if side.heartbeat_goes_on => heartbeat == Heartbeat::Response,
        _ => progress.side(direction.reverse()).heartbeats_requested > 0,
    };
    Reading::inferred(if response { Step::TlsHeartbeatResponse } else { Step::TlsHeartbeatRequest })
}

/// Up to TLS 1.2: application data show that the handshake is over. In what may be TLS 1.3 they may be of the handshake,
/// unless a Finished has shown its content type.
fn other(progress: &Progress, direction: Direction) -> Reading {
    let over = progress.stage.is_under_way() && progress.lossy;
    let may_be_tls13 = progress.version.is_none() && progress.side(direction).finished == Finished::No;
    Reading { over, inferred: over && may_be_tls13, ..DATA }
}

/// RFC 8446 2.3: early data follows its Client Hello. Anything else has lost its Server Hello.
fn before_server_hello(progress: &Progress, direction: Direction) -> Reading {
    let client = progress.client == Some(direction);
    if client && progress.early_data != EarlyData::No {
        Reading::certain(Step::TlsEarlyData)
    } else {
        Reading::over(Step::TlsApplicationData)
    }
}

fn tls13(progress: &Progress, direction: Direction, record: &Protected) -> Reading {
    let size = record.size;
    let client = progress.client == Some(direction);
    match (progress.stage, client) {
        (Stage::WaitFinished, true) => client_flight(progress, direction, record),
        (Stage::WaitFinished, false) => server_flight(progress, direction, size),
        (Stage::Failed, _) if is_first_alert_sized(progress, direction, size) => Reading::inferred(Step::TlsAlert),
        (Stage::Failed, _) => Reading::certain(Step::EncryptedHandshake),
        (Stage::Ended, _) if size != Size::Alert && is_cut_short(progress, direction) => {
            Reading::certain(Step::EncryptedHandshake)
        }
        _ => after_handshake(progress, direction, size),
    }
}

/// The second record of an alert's size shows that they are none: nothing follows an alert (T3).
fn is_first_alert_sized(progress: &Progress, direction: Direction, size: Size) -> bool {
    size == Size::Alert && !progress.side(direction).alert_sized
}

/// FIN or RST came in the midst of the handshake: what the server still sends belongs to it, and so does the client's
/// answer to a server that has closed.
fn is_cut_short(progress: &Progress, direction: Direction) -> bool {
    let concluded = progress.lossy || progress.flight != Flight::None;
    let client = progress.client == Some(direction);
    !concluded && !(client && (progress.early_data != EarlyData::No || progress.side(direction).protected > 0))
}

fn server_flight(progress: &Progress, direction: Direction, size: Size) -> Reading {
    let side = progress.side(direction);
    let early_data = progress.early_data != EarlyData::No;
    match size {
        _ if is_first_alert_sized(progress, direction, size) => Reading::inferred(Step::TlsAlert),
        // RFC 8446 4.3.1: Encrypted Extensions come first.
        _ if side.protected == 0 => Reading::certain(Step::EncryptedHandshake),
        // Decrypted: what follows it before the client's Finished is data (RFC 8446 4.4.4).
        _ if side.finished == Finished::Seen => DATA,
        _ if is_read(side) => Reading::certain(Step::EncryptedHandshake),
        _ if progress.lossy && goes_on_alone(progress, side, size) => Reading::inferred(Step::EncryptedHandshake),
        _ if progress.lossy => Reading::over(Step::TlsApplicationData),
        // An answer to early data cannot be told from the handshake, nor the client's flight from early data.
        _ if early_data => Reading::certain(Step::EncryptedHandshake),
        // The client answers the server's whole flight, with a Finished that could not be told, and goes on.
        _ if progress.flight != Flight::None => Reading::inferred(Step::TlsApplicationData),
        _ => Reading::certain(Step::EncryptedHandshake),
    }
}

/// Whether all of a server's flight so far was decrypted, and it is not over.
fn is_read(side: &Side) -> bool {
    !side.unopened && (1..FLIGHT).contains(&side.protected)
}

/// Whether a record belongs to a server's flight whose end nothing of the client shows: up to Finished (RFC 8446 4.4.4),
/// which a server that resumes sends right after the Encrypted Extensions, if not in one record with them.
fn goes_on_alone(progress: &Progress, side: &Side, size: Size) -> bool {
    let full = progress.resumed == Some(false) && side.protected < FLIGHT;
    side.finished == Finished::No && (size == Size::Finished || full)
}

fn client_flight(progress: &Progress, direction: Direction, record: &Protected) -> Reading {
    // Where the server's Finished was decrypted, the client's comes next, whatever was lost before.
    let comes_next = progress.side(direction.reverse()).finished == Finished::Seen;
    if progress.lossy && (!comes_next || progress.side(direction).protected >= FLIGHT) {
        return Reading::over(Step::TlsApplicationData);
    }
    // Decrypted: only its last octets are still to come.
    if progress.side(direction).finished == Finished::Seen {
        return DATA;
    }
    match (progress.early_data, record.size) {
        (EarlyData::No | EarlyData::Offered, size) if is_first_alert_sized(progress, direction, size) => {
            Reading::inferred(Step::TlsAlert)
        }
        // No End Of Early Data before it: the server has rejected the data, if there were any.
        _ if holds_finished(progress, direction, record) && !may_be_early_data(progress, direction, record) => {
            Reading::inferred(Step::Finished)
        }
        (EarlyData::No, _) => padded_client_flight(progress, direction, record),
        // RFC 8446 4.5: an End Of Early Data stands between early data and Finished, if the data is accepted. A
        // pre-shared key is the condition for that (RFC 8446 4.2.10).
        (_, Size::EndOfEarlyData) if progress.resumed == Some(true) => Reading::inferred(Step::EndOfEarlyData),
        // Client, server and client again: it is no early data any longer.
        _ if progress.flight == Flight::ServerAfter => Reading::over(Step::TlsApplicationData),
        _ => Reading::inferred(Step::TlsEarlyData),
    }
}

/// Whether a record has the size of the client's Finished, or of its Encrypted Extensions and, behind them, its Finished,
/// with which its flight begins.
fn holds_finished(progress: &Progress, direction: Direction, record: &Protected) -> bool {
    let side = progress.side(direction);
    let begins = side.protected == 0 || matches!(side.reading.step, Step::TlsEarlyData | Step::EndOfEarlyData);
    let size = Size::behind_settings(record.length, progress.cipher_suite);
    record.size == Size::Finished || (progress.application_settings && begins && size == Size::Finished)
}

/// With the padding of Java a client's records have sizes that nothing else of its flight has: an empty Certificate is
/// shorter, any other longer. An alert comes in place of all.
fn padded_client_flight(progress: &Progress, direction: Direction, record: &Protected) -> Reading {
    match Size::padded_by_java(record.length, progress.cipher_suite) {
        Size::Finished => Reading::inferred(Step::Finished),
        Size::Alert if progress.side(direction).protected == 0 => Reading::inferred(Step::TlsAlert),
        // Client, server and client again.
        _ if progress.flight == Flight::ServerAfter => Reading::inferred(Step::TlsApplicationData),
        _ => Reading::certain(Step::EncryptedHandshake),
    }
}

/// Whether a record of a Finished's size may be early data, still under way.
fn may_be_early_data(progress: &Progress, direction: Direction, record: &Protected) -> bool {
    // The server's flight was decrypted and does not reject the data: their end comes first.
    let accepted = progress.side(direction.reverse()).finished == Finished::Seen;
    let alike = progress.early_data_length == record.length;
    progress.early_data == EarlyData::Sent && progress.resumed == Some(true) && (accepted || alike)
}

fn after_handshake(progress: &Progress, direction: Direction, size: Size) -> Reading {
    let client = progress.client == Some(direction);
    // Accepted early data has an answer, maybe before the tickets.
    let answers_early_data = progress.early_data == EarlyData::Ended;
    let before_client_data = !client && !progress.client_has_sent_data() && !answers_early_data;
    let concluded = progress.client_finished() == Finished::Inferred;
    let last_was_guessed = || {
        let last = progress.side(direction).reading;
        last.inferred && last.step == Step::TlsApplicationData
    };
    match size {
        _ if is_first_alert_sized(progress, direction, size) => Reading::inferred(Step::TlsAlert),
        Size::Alert => DATA,
        // RFC 8446 4.6.1: tickets come right after the client's Finished. A server that speaks first says little.
        Size::Long | Size::Full if before_client_data && concluded => Reading::inferred(Step::NewSessionTicket),
        _ if before_client_data && concluded => Reading::inferred(Step::TlsApplicationData),
        // Where nobody knows whether the client has finished, those after the first may be tickets as well.
        Size::Long if before_client_data && last_was_guessed() => Reading::inferred(Step::TlsApplicationData),
        _ => DATA,
    }
}
