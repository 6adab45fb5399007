//! Between the classifier's values and the structs that cross. Every field is named on both sides, so that
//! a field added to one and forgotten in the other does not compile.

use crate::guard::{inputs, octets, Failure};
use crate::types::*;
use tcpphase::verdict::{
    Basis, Context, Details, Facts, HandshakeFacts, HttpFacts, HttpFraming, HttpUnfinished, Initiator, KeepAliveFacts,
    KeepAliveStatus, Layer, NotKeepAlive, Notes, Persistent, PersistentBasis, Phase, Sender, Silent, Step, Steps,
    Summary, TlsFacts, TlsFailureCause, Unanswered, Verdict, MORE_MESSAGES,
};
use tcpphase::{story, words, Captured, Decrypted, Evidence, Origin};

const _: () = assert!(Steps::MAXIMUM == TCPPHASE_STEPS_MAXIMUM && MORE_MESSAGES == TCPPHASE_MORE_MESSAGES);

/// The segment as the classifier wants it.
///
/// # Safety
/// The pointers in `segment` are NULL, or point to as many octets as the lengths beside them say; nobody
/// changes those while the result lives.
pub unsafe fn captured<'a>(segment: &tcpphase_segment) -> Result<Captured<'a>, Failure> {
    let known_flags = TCPPHASE_SEGMENT_QUOTED | TCPPHASE_SEGMENT_FRAGMENT;
    if segment.flags & !known_flags != 0
        || segment.address_length as usize > TCPPHASE_ADDRESS_MAXIMUM
        || segment.captured_length > segment.reported_length
    {
        return Err(Failure::BadValue);
    }
    let identification = match segment.identification {
        TCPPHASE_IDENTIFICATION_NONE => None,
        number => Some(u16::try_from(number).map_err(|_| Failure::BadValue)?),
    };
    // SAFETY: the caller's promise.
    let (source, destination, octets) = unsafe {
        (
            octets(segment.source, segment.address_length)?,
            octets(segment.destination, segment.address_length)?,
            octets(segment.octets, segment.captured_length)?,
        )
    };
    Ok(Captured {
        frame: segment.frame,
        time: time_from_c(segment.time),
        source,
        destination,
        identification,
        octets,
        reported_length: segment.reported_length,
        quoted: segment.flags & TCPPHASE_SEGMENT_QUOTED != 0,
        fragment: segment.flags & TCPPHASE_SEGMENT_FRAGMENT != 0,
    })
}

/// The records as the classifier wants them.
///
/// # Safety
/// `records` is NULL or points to `count` structs; the pointers in them are NULL, or point to as many octets as the
/// length beside them says; nobody changes those while the result lives.
pub unsafe fn decrypted<'a>(records: *const tcpphase_record, count: u32) -> Result<Vec<Decrypted<'a>>, Failure> {
    // SAFETY: the caller's promise.
    let records: Vec<&tcpphase_record> = unsafe { inputs(records, count)? };
    let convert = |record: &&tcpphase_record| {
        let content = u8::try_from(record.content_type).map_err(|_| Failure::BadValue)?;
        // SAFETY: the caller's promise.
        Ok(Decrypted { content, octets: unsafe { octets(record.octets, record.length)? } })
    };
    records.iter().map(convert).collect()
}

/// The verdict as C wants it.
pub fn verdict_to_c(verdict: &Verdict) -> tcpphase_verdict {
    let Verdict {
        frame,
        sequence,
        connection,
        phase,
        steps,
        sender,
        basis,
        retransmission,
        inferred,
        after_gap,
        initiator,
        message,
        facts: _,
    } = *verdict;
    let Facts {
        duplicate_of,
        close_idle,
        handshake,
        keep_alive,
        not_keep_alive,
        tls,
        http,
        mqtt_keep_alive,
        notes,
        unanswered,
    } = verdict.facts();
    let TlsFacts { version, resumed, complete, hello_spans, time: tls_time, failed_by, cause, after, alert } = tls;
    let HttpFacts {
        persistent,
        basis: persistent_basis,
        method,
        status: http_status,
        more_messages,
        request_frame,
        response_frame,
        response_time: http_response_time,
        framing,
        unfinished,
        unfinished_message,
        unfinished_octets,
        timeout,
    } = http;
    let HandshakeFacts {
        syn_frame,
        synack_frame,
        time: handshake_time,
        server_time,
        client_time,
        attempt,
        retry_cost,
        simultaneous,
    } = handshake;
    let KeepAliveFacts { status, layer, number, idle, interval, probe_frame, response_time, answer_frame, context } =
        keep_alive;
    let mut codes = [0; TCPPHASE_STEPS_MAXIMUM];
    codes[..steps.codes().len()].copy_from_slice(steps.codes());
    let mark = |set, bit| if set { bit } else { 0 };

    tcpphase_verdict {
        struct_size: std::mem::size_of::<tcpphase_verdict>(),
        frame,
        sequence,
        connection: connection.unwrap_or(TCPPHASE_CONNECTION_NONE),
        marks: mark(retransmission, TCPPHASE_MARK_RETRANSMISSION)
            | mark(inferred, TCPPHASE_MARK_INFERRED)
            | mark(after_gap, TCPPHASE_MARK_AFTER_GAP),
        phase: phase as u8,
        sender: sender as u8,
        sender_basis: basis as u8,
        step_count: steps.codes().len() as u8,
        steps: codes,
        close_initiator: initiator.map_or(TCPPHASE_INITIATOR_NONE, |side| side as u8),
        notes: notes.0,
        duplicate_of: duplicate_of.unwrap_or(0),
        syn_frame: syn_frame.unwrap_or(0),
        synack_frame: synack_frame.unwrap_or(0),
        attempt: attempt.unwrap_or(0),
        handshake_time: time_to_c(handshake_time),
        server_time: time_to_c(server_time),
        client_time: time_to_c(client_time),
        retry_cost: time_to_c(retry_cost),
        simultaneous_open: u8::from(simultaneous),
        keepalive_status: status.map_or(0, |status| status as u8),
        keepalive_layer: layer.map_or(0, |layer| layer as u8),
        keepalive_context: context.map_or(0, |context| context as u8),
        keepalive_number: number.unwrap_or(0),
        keepalive_idle: time_to_c(idle),
        keepalive_interval: time_to_c(interval),
        keepalive_response_time: time_to_c(response_time),
        keepalive_probe_frame: probe_frame.unwrap_or(0),
        keepalive_answer_frame: answer_frame.unwrap_or(0),
        close_idle: time_to_c(close_idle),
        not_keepalive: not_keep_alive.map_or(0, |reason| reason as u8),
        tls_resumed: u8::from(resumed),
        tls_complete: u8::from(complete),
        tls_failed_by: failed_by.map_or(TCPPHASE_INITIATOR_NONE, |side| side as u8),
        tls_cause: cause.map_or(0, |cause| cause as u8),
        tls_after: after.map_or(0, |step| step as u8),
        http_method: method,
        http_persistent: persistent.map_or(0, |persistent| persistent as u8),
        http_persistent_basis: persistent_basis.map_or(0, |basis| basis as u8),
        http_framing: framing.map_or(0, |framing| framing as u8),
        tls_version: version.unwrap_or(0),
        tls_alert: alert.map_or(TCPPHASE_ALERT_NONE, u16::from),
        http_status: http_status.unwrap_or(0),
        http_message: message.unwrap_or(0),
        http_more_messages: more_messages,
        http_request_frame: request_frame.unwrap_or(0),
        http_response_frame: response_frame.unwrap_or(0),
        http_response_time: time_to_c(http_response_time),
        tls_time: time_to_c(tls_time),
        http_timeout: time_to_c(timeout),
        unanswered_time: time_to_c(unanswered.lasted),
        unanswered_transmissions: unanswered.transmissions.unwrap_or(0),
        unanswered_octets: unanswered.octets.unwrap_or(0),
        unanswered_how: unanswered.how.map_or(0, |how| how as u8),
        tls_hello_spans: u8::from(hello_spans),
        http_unfinished: unfinished.map_or(0, |what| what as u8),
        reserved: 0,
        http_unfinished_message: unfinished_message.unwrap_or(0),
        mqtt_keep_alive: time_to_c(mqtt_keep_alive),
        http_unfinished_octets: unfinished_octets.unwrap_or(-1),
    }
}

/// The verdict that C hands back.
pub fn verdict_from_c(verdict: &tcpphase_verdict) -> Result<Verdict, Failure> {
    let known_marks = TCPPHASE_MARK_RETRANSMISSION | TCPPHASE_MARK_INFERRED | TCPPHASE_MARK_AFTER_GAP;
    if verdict.marks & !known_marks != 0 || verdict.simultaneous_open > 1 {
        return Err(Failure::BadValue);
    }
    let codes = verdict.steps.get(..usize::from(verdict.step_count));
    let mut steps = Steps::default();
    for &code in codes.ok_or(Failure::BadValue)? {
        steps.push(required(code, Step::from_number)?);
    }

    let facts = Facts {
        duplicate_of: present(verdict.duplicate_of),
        close_idle: time_from_c(verdict.close_idle),
        handshake: HandshakeFacts {
            syn_frame: present(verdict.syn_frame),
            synack_frame: present(verdict.synack_frame),
            time: time_from_c(verdict.handshake_time),
            server_time: time_from_c(verdict.server_time),
            client_time: time_from_c(verdict.client_time),
            attempt: present(verdict.attempt),
            retry_cost: time_from_c(verdict.retry_cost),
            simultaneous: verdict.simultaneous_open == 1,
        },
        keep_alive: KeepAliveFacts {
            status: optional(verdict.keepalive_status, KeepAliveStatus::from_number)?,
            layer: optional(verdict.keepalive_layer, Layer::from_number)?,
            number: present(verdict.keepalive_number),
            idle: time_from_c(verdict.keepalive_idle),
            interval: time_from_c(verdict.keepalive_interval),
            probe_frame: present(verdict.keepalive_probe_frame),
            response_time: time_from_c(verdict.keepalive_response_time),
            answer_frame: present(verdict.keepalive_answer_frame),
            context: optional(verdict.keepalive_context, Context::from_number)?,
        },
        not_keep_alive: optional(verdict.not_keepalive, NotKeepAlive::from_number)?,
        tls: tls_from_c(verdict)?,
        http: HttpFacts {
            persistent: optional(verdict.http_persistent, Persistent::from_number)?,
            basis: optional(verdict.http_persistent_basis, PersistentBasis::from_number)?,
            method: verdict.http_method,
            status: Some(verdict.http_status).filter(|&status| status != 0),
            more_messages: verdict.http_more_messages,
            request_frame: present(verdict.http_request_frame),
            response_frame: present(verdict.http_response_frame),
            response_time: time_from_c(verdict.http_response_time),
            framing: optional(verdict.http_framing, HttpFraming::from_number)?,
            unfinished: optional(verdict.http_unfinished, HttpUnfinished::from_number)?,
            unfinished_message: present(verdict.http_unfinished_message),
            // A caller of an earlier version has no such field: 0 is none.
            unfinished_octets: Some(verdict.http_unfinished_octets)
                .filter(|&octets| octets >= 0 && verdict.http_unfinished != 0),
            timeout: time_from_c(verdict.http_timeout),
        },
        mqtt_keep_alive: time_from_c(verdict.mqtt_keep_alive),
        unanswered: unanswered_from_c(verdict)?,
        notes: Notes(verdict.notes),
    };
    Ok(Verdict {
        frame: verdict.frame,
        sequence: verdict.sequence,
        connection: Some(verdict.connection).filter(|&number| number != TCPPHASE_CONNECTION_NONE),
        phase: required(verdict.phase, Phase::from_number)?,
        steps,
        sender: required(verdict.sender, Sender::from_number)?,
        basis: required(verdict.sender_basis, Basis::from_number)?,
        retransmission: verdict.marks & TCPPHASE_MARK_RETRANSMISSION != 0,
        inferred: verdict.marks & TCPPHASE_MARK_INFERRED != 0,
        after_gap: verdict.marks & TCPPHASE_MARK_AFTER_GAP != 0,
        initiator: match verdict.close_initiator {
            TCPPHASE_INITIATOR_NONE => None,
            number => Some(required(number, Initiator::from_number)?),
        },
        message: present(verdict.http_message),
        facts: Some(facts).filter(|facts| *facts != Facts::default()),
    })
}

fn unanswered_from_c(verdict: &tcpphase_verdict) -> Result<Unanswered, Failure> {
    if verdict.unanswered_transmissions == 0 {
        return Ok(Unanswered::default());
    }
    Ok(Unanswered {
        transmissions: Some(verdict.unanswered_transmissions),
        lasted: time_from_c(verdict.unanswered_time),
        octets: Some(verdict.unanswered_octets),
        how: optional(verdict.unanswered_how, Silent::from_number)?,
    })
}

fn tls_from_c(verdict: &tcpphase_verdict) -> Result<TlsFacts, Failure> {
    if verdict.tls_resumed > 1 || verdict.tls_complete > 1 || verdict.tls_hello_spans > 1 {
        return Err(Failure::BadValue);
    }
    Ok(TlsFacts {
        version: Some(verdict.tls_version).filter(|&version| version != 0),
        resumed: verdict.tls_resumed == 1,
        complete: verdict.tls_complete == 1,
        hello_spans: verdict.tls_hello_spans == 1,
        time: time_from_c(verdict.tls_time),
        failed_by: match verdict.tls_failed_by {
            TCPPHASE_INITIATOR_NONE => None,
            number => Some(required(number, Sender::from_number)?),
        },
        cause: optional(verdict.tls_cause, TlsFailureCause::from_number)?,
        after: optional(verdict.tls_after, Step::from_number)?,
        alert: match verdict.tls_alert {
            TCPPHASE_ALERT_NONE => None,
            number => Some(u8::try_from(number).map_err(|_| Failure::BadValue)?),
        },
    })
}

/// The summary as C wants it.
pub fn summary_to_c(summary: &Summary) -> tcpphase_summary {
    let Summary {
        opened,
        ended,
        closed_by,
        reset_by,
        unanswered_by,
        waits_for,
        one_direction,
        duration,
        setup_time,
        max_idle,
        keep_alives,
        keep_alives_answered,
        unanswered_max,
        keep_alive_verdict,
        syn_attempts,
        tls_time,
        messages,
        end_idle,
        client_is_higher,
        tls_version,
        tls_resumed,
        tls_end,
        ref tls_names,
        traffic,
        round_trip,
        ref details,
    } = *summary;
    let Details { probing, probing_above, layer_above, messages: _, slowest_response, http_timeout, mqtt_keep_alive } =
        details.as_deref().cloned().unwrap_or_default();
    let above = probing_above.as_deref().copied().unwrap_or_default();
    let sides = [probing[0], probing[1], above[0], above[1]];
    tcpphase_summary {
        struct_size: std::mem::size_of::<tcpphase_summary>(),
        opened: opened as u8,
        ended: ended as u8,
        closed_by: closed_by as u8,
        one_direction: u8::from(one_direction),
        keepalive_verdict: keep_alive_verdict.map_or(0, |verdict| verdict as u8),
        tls_resumed: u8::from(tls_resumed),
        reserved: [0; 2],
        syn_attempts,
        keepalives: keep_alives,
        keepalives_answered: keep_alives_answered,
        unanswered_max,
        duration,
        setup_time: time_to_c(setup_time),
        max_idle: time_to_c(max_idle),
        tls_time: time_to_c(tls_time),
        messages,
        client_side: client_is_higher.map_or(0, |higher| if higher { 2 } else { 1 }),
        above_layer: layer_above.map_or(0, |layer| layer as u8),
        tls_version: tls_version.unwrap_or(0),
        end_idle: time_to_c(end_idle),
        slowest_response: time_to_c(slowest_response),
        http_timeout: time_to_c(http_timeout),
        probe_idle: sides.map(|side| time_to_c(side.idle)),
        probe_interval: sides.map(|side| time_to_c(side.interval)),
        probe_unanswered_max: sides.map(|side| side.unanswered_max),
        reset_by: reset_by.map_or(TCPPHASE_INITIATOR_NONE, |by| by as u8),
        unanswered_by: unanswered_by.map_or(TCPPHASE_INITIATOR_NONE, |by| by as u8),
        waits_for: waits_for.map_or(TCPPHASE_INITIATOR_NONE, |side| side as u8),
        tls_outcome: tls_end.map_or(0, |end| end.outcome as u8),
        tls_failed_by: tls_end.and_then(|end| end.failed_by).map_or(TCPPHASE_INITIATOR_NONE, |by| by as u8),
        tls_after: tls_end.and_then(|end| end.after).map_or(0, |step| step as u8),
        tls_inferred: u8::from(tls_end.map_or(false, |end| end.inferred)),
        alpn_chosen: u8::from(tls_names.as_ref().map_or(false, |names| names.is_protocol_chosen())),
        octets: traffic.map(|side| side.octets),
        round_trip: time_to_c(round_trip),
        segments: traffic.map(|side| side.segments),
        retransmitted: traffic.map(|side| side.retransmitted),
        tls_alert: tls_end.and_then(|end| end.alert).map_or(TCPPHASE_ALERT_NONE, u16::from),
        encrypted_hello: u8::from(tls_names.as_ref().map_or(false, |names| names.has_encrypted_hello())),
        reserved_end: [0; 5],
        mqtt_keep_alive: time_to_c(mqtt_keep_alive),
    }
}

/// One of TCPPHASE_TEXT_*, if there is any.
pub fn text(summary: &Summary, evidence: &Evidence, text: u32) -> Result<Option<String>, Failure> {
    let names = summary.tls_names.as_ref();
    Ok(match text {
        TCPPHASE_TEXT_SERVER_NAME => names.and_then(|names| names.server_name()).map(words::escaped),
        TCPPHASE_TEXT_ALPN => names.and_then(|names| names.protocols()).map(words::escaped),
        TCPPHASE_TEXT_TLS => Some(words::tls(summary)).filter(|words| !words.is_empty()),
        TCPPHASE_TEXT_STORY => Some(story::story(summary, evidence)).filter(|words| !words.is_empty()),
        _ => return Err(Failure::BadValue),
    })
}

/// What a row says of frames.
pub fn evidence_of(row: &tcpphase_row) -> Evidence {
    Evidence {
        first_frame: row.first_frame,
        last_frame: row.last_frame,
        handshake_frame: row.handshake_frame,
        tls_first_frame: row.tls_first_frame,
        tls_last_frame: row.tls_last_frame,
        slowest_frame: row.slowest_frame,
        close_frame: row.close_frame,
        reset_frame: row.reset_frame,
        race_frame: row.race_frame,
        unanswered_frame: row.unanswered_frame,
        slowest: row.slowest,
        notes: Notes(row.notes),
    }
}

/// The row with it.
pub fn row_with(row: &tcpphase_row, evidence: &Evidence) -> tcpphase_row {
    tcpphase_row {
        first_frame: evidence.first_frame,
        last_frame: evidence.last_frame,
        handshake_frame: evidence.handshake_frame,
        tls_first_frame: evidence.tls_first_frame,
        tls_last_frame: evidence.tls_last_frame,
        slowest_frame: evidence.slowest_frame,
        close_frame: evidence.close_frame,
        reset_frame: evidence.reset_frame,
        race_frame: evidence.race_frame,
        unanswered_frame: evidence.unanswered_frame,
        slowest: evidence.slowest,
        notes: evidence.notes.0,
        ..*row
    }
}

/// A connection's beginning as C wants it.
pub fn origin_to_c(origin: &Origin) -> tcpphase_origin {
    let padded = |address: [u8; 4]| {
        let mut octets = [0; TCPPHASE_ADDRESS_MAXIMUM];
        octets[..4].copy_from_slice(&address);
        octets
    };
    let mut out = tcpphase_origin {
        struct_size: std::mem::size_of::<tcpphase_origin>(),
        frame: origin.frame,
        address_length: 0,
        source: [0; TCPPHASE_ADDRESS_MAXIMUM],
        destination: [0; TCPPHASE_ADDRESS_MAXIMUM],
        source_port: 0,
        destination_port: 0,
    };
    if let Some(sent) = origin.sent {
        out.address_length = 4;
        (out.source, out.destination) = (padded(sent.source), padded(sent.destination));
        (out.source_port, out.destination_port) = (u32::from(sent.source_port), u32::from(sent.destination_port));
    }
    out
}

fn time_to_c(time: Option<i64>) -> i64 {
    time.unwrap_or(TCPPHASE_TIME_ABSENT)
}

fn time_from_c(time: i64) -> Option<i64> {
    Some(time).filter(|&time| time != TCPPHASE_TIME_ABSENT)
}

fn present(number: u32) -> Option<u32> {
    Some(number).filter(|&number| number != 0)
}

fn required<T>(number: u8, from_number: fn(u8) -> Option<T>) -> Result<T, Failure> {
    from_number(number).ok_or(Failure::BadValue)
}

fn optional<T>(number: u8, from_number: fn(u8) -> Option<T>) -> Result<Option<T>, Failure> {
    match number {
        0 => Ok(None),
        _ => required(number, from_number).map(Some),
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
