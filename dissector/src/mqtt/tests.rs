//! MQTT 3.1.1 and 5: packets however they are cut, and K11: their keep-alives.

use super::connect::{recognise, server_keep_alive};
use super::Mqtt;
use crate::application::{Application, Octets, Outcome, Recognition};
use crate::connection::Direction::{self, Back, Forth};
use crate::heartbeat::HeartbeatKind;
use crate::verdict::{Step, Time, SECOND};

const CONNECT: &[u8] = b"\x10\x0e\0\x04MQTT\x04\x02\0\x05\0\x02ab";
const CONNECT_5: &[u8] = b"\x10\x0f\0\x04MQTT\x05\x02\0\x3c\0\0\x02ab";
const CONNACK: &[u8] = b"\x20\x02\0\0";
const SUBSCRIBE: &[u8] = b"\x82\x06\0\x01\0\x01t\0";
const SUBACK: &[u8] = b"\x90\x03\0\x01\0";
const PINGREQ: &[u8] = b"\xc0\0";
const PINGRESP: &[u8] = b"\xd0\0";
const DISCONNECT: &[u8] = b"\xe0\0";

/// A PUBLISH with this quality of service and so many octets.
fn publish(quality: u8, length: usize) -> Vec<u8> {
    let mut packet = vec![0x30 | quality << 1];
    let mut left = length;
    loop {
        packet.push((left & 0x7f) as u8 | if left > 0x7f { 0x80 } else { 0 });
        left >>= 7;
        if left == 0 {
            break;
        }
    }
    packet.extend(std::iter::repeat(b'x').take(length));
    packet
}

fn hears(mqtt: &mut Mqtt, direction: Direction, captured: &[u8], time: Time) -> Outcome {
    let mut outcome = Outcome::default();
    let number = (time / SECOND) as u32;
    mqtt.octets(&Octets { direction, captured, missing: 0, time, frame: number }, &mut outcome);
    mqtt.remember_place(number, number + 1000);
    outcome
}

fn names(outcome: &Outcome) -> String {
    outcome.steps.iter().map(Step::name).collect::<Vec<_>>().join(", ")
}

/// A connection that is open.
fn begun(connect: &[u8]) -> Mqtt {
    let mut mqtt = Mqtt::default();
    hears(&mut mqtt, Forth, connect, 0);
    hears(&mut mqtt, Back, if connect == CONNECT { CONNACK } else { b"\x20\x03\0\0\0" }, 0);
    mqtt
}

#[test]
fn a_connect_is_recognised_from_its_flags_on() {
    for connect in [CONNECT, CONNECT_5] {
        for length in 0..=connect.len() {
            let expected = if length < 10 { Recognition::NeedMore } else { Recognition::Yes };
            assert_eq!(recognise(&connect[..length]), expected, "{length}");
        }
    }
    // A length of two octets: 16384 and beyond takes three.
    assert_eq!(recognise(b"\x10\x80\x01\0\x04MQTT\x04\xc2"), Recognition::Yes);
    assert_eq!(recognise(b"\x10\xff\xff\xff\x7f\0\x04MQTT\x05\x40"), Recognition::Yes, "a password alone is of MQTT 5");
    for other in [
        &b"\x11\x0e\0\x04MQTT\x04\x02"[..],
        b"\x20\x02\0\0",
        b"\x10\x0b\0\x04MQTT\x04\x02",
        b"\x10\x0e\0\x04MQTX",
        b"\x10\x0e\0\x06MQIsdp\x03",
        b"\x10\x0e\0\x04MQTT\x03\x02",
        b"\x10\x0e\0\x04MQTT\x06\x02",
        b"\x10\x0e\0\x04MQTT\x04\x03",
        b"\x10\x0e\0\x04MQTT\x04\x1c",
        b"\x10\x0e\0\x04MQTT\x04\x08",
        b"\x10\x0e\0\x04MQTT\x04\x20",
        b"\x10\x0e\0\x04MQTT\x04\x40",
        b"\x10\xff\xff\xff\xff\x7f",
    ] {
        assert_eq!(recognise(other), Recognition::No, "{other:x?}");
    }
}

#[test]
fn packets_are_told_apart_however_they_are_cut() {
    let packets = [
        CONNECT,
        SUBSCRIBE,
        &publish(0, 5),
        PINGREQ,
        &publish(1, 130),
        &publish(2, 20_000),
        b"\x62\x02\0\x03",
        PINGREQ,
        DISCONNECT,
    ];
    let octets = packets.concat();
    let expected = "MQTT CONNECT, MQTT Packets, MQTT PINGREQ, MQTT Packets, MQTT PINGREQ, MQTT DISCONNECT";
    for size in (1..80).chain([100, 1000, 1460, 19_999, octets.len()]) {
        let mut mqtt = Mqtt::default();
        let (mut steps, mut keep_alive): (Vec<Step>, _) = (Vec::new(), Vec::new());
        for piece in octets.chunks(size) {
            let outcome = hears(&mut mqtt, Forth, piece, SECOND);
            steps.extend(outcome.steps.iter());
            keep_alive.extend(outcome.keep_alive);
        }
        steps.dedup();
        let told: Vec<&str> = steps.iter().map(|step| step.name()).collect();
        assert_eq!((told.join(", ").as_str(), &keep_alive[..]), (expected, &[5 * SECOND][..]), "{size}");
    }
}

#[test]
fn a_long_message_passes_but_for_its_last_octet() {
    let mut mqtt = begun(CONNECT);
    let message = publish(0, 1_000_000);
    hears(&mut mqtt, Back, &message[..1000], SECOND);
    let rest = mqtt.rest(Back);
    assert_eq!((rest.octets, rest.step), (message.len() as u64 - 1000, Some(Step::MqttPackets)));
    mqtt.passes(Back, rest.octets - 1, 2 * SECOND);
    assert_eq!(names(&hears(&mut mqtt, Back, b"x\xd0\0", 3 * SECOND)), "MQTT Packets, MQTT PINGRESP");
    assert_eq!(mqtt.rest(Forth).octets, 0);
}

#[test]
fn k11_a_pingreq_waits_for_its_pingresp() {
    let mut mqtt = begun(CONNECT);
    let first = hears(&mut mqtt, Forth, PINGREQ, 5 * SECOND);
    let facts = first.heartbeat.expect("a heartbeat");
    assert!(first.is_keep_alive());
    assert_eq!((facts.kind, facts.number, facts.idle), (HeartbeatKind::Probe, Some(1), Some(5 * SECOND)));
    let second = hears(&mut mqtt, Forth, PINGREQ, 10 * SECOND);
    let facts = second.heartbeat.expect("a heartbeat");
    assert_eq!((facts.number, facts.interval), (Some(2), Some(5 * SECOND)));
    // Each has its own answer.
    for (time, probe) in [(11, 5), (12, 10)] {
        let answer = hears(&mut mqtt, Back, PINGRESP, time * SECOND);
        let facts = answer.heartbeat.expect("a heartbeat");
        assert!(answer.is_keep_alive());
        assert_eq!((facts.probe_frame, facts.probe_place), (Some(probe), Some(probe + 1000)));
    }
    let none = hears(&mut mqtt, Back, PINGRESP, 13 * SECOND);
    assert_eq!((none.heartbeat, names(&none).as_str()), (None, "MQTT PINGRESP"));
    let cut = hears(&mut mqtt, Forth, &PINGREQ[..1], 14 * SECOND);
    assert!(cut.is_keep_alive() && cut.heartbeat.is_none());
    assert!(hears(&mut mqtt, Forth, &PINGREQ[1..], 14 * SECOND).is_keep_alive());
    assert!(!hears(&mut mqtt, Forth, &[PINGREQ, SUBSCRIBE].concat(), 15 * SECOND).is_keep_alive());
    assert!(!hears(&mut mqtt, Forth, DISCONNECT, 16 * SECOND).is_keep_alive());
}

#[test]
fn a_server_may_overrule_the_keep_alive_time() {
    let mut mqtt = Mqtt::default();
    assert_eq!(hears(&mut mqtt, Forth, CONNECT_5, 0).keep_alive, Some(60 * SECOND));
    let connack = b"\x20\x10\0\0\x0d\x21\0\x0a\x12\0\x01z\x24\x01\x13\0\x1e";
    for size in [1, 2, 7, connack.len()] {
        let mut mqtt = mqtt.clone();
        let said: Vec<Time> =
            connack.chunks(size).filter_map(|piece| hears(&mut mqtt, Back, piece, SECOND).keep_alive).collect();
        assert_eq!(said, [30 * SECOND], "{size}");
    }
    assert_eq!(server_keep_alive(b"\0\0\0"), None);
    assert_eq!(server_keep_alive(b"\0\0\x03\x21\0\x0a"), None);
    assert_eq!(server_keep_alive(b"\0\0\x05\xee\0\x13\0\x1e"), None, "nobody knows how long a property is");
    // MQTT 3.1.1 has no properties.
    let mut mqtt = Mqtt::default();
    hears(&mut mqtt, Forth, CONNECT, 0);
    assert_eq!(names(&hears(&mut mqtt, Back, connack, 0)), "Data");
}

#[test]
fn the_client_waits_for_what_it_has_asked() {
    let mut mqtt = Mqtt::default();
    hears(&mut mqtt, Forth, CONNECT, 0);
    assert!(mqtt.is_waiting());
    assert_eq!(hears(&mut mqtt, Back, CONNACK, 0).client, Some(Forth));
    assert!(!mqtt.is_waiting());
    hears(&mut mqtt, Forth, &[SUBSCRIBE, &publish(0, 9), &publish(1, 9), &publish(2, 9)].concat(), SECOND);
    for answer in [SUBACK, b"\x40\x02\0\x02", b"\x50\x02\0\x03"] {
        assert!(mqtt.is_waiting());
        hears(&mut mqtt, Back, answer, SECOND);
    }
    assert!(!mqtt.is_waiting());
    hears(&mut mqtt, Back, b"\x70\x02\0\x03", SECOND);
    hears(&mut mqtt, Back, &publish(1, 9), SECOND);
    assert!(!mqtt.is_waiting(), "the server asks for nothing that a person waits for");
}

#[test]
fn packets_that_cannot_come_next_lose_their_side_alone() {
    let lost: &[(Direction, &[u8])] = &[
        (Forth, CONNECT),
        (Forth, CONNACK),
        (Forth, PINGRESP),
        (Forth, SUBACK),
        (Forth, b"\0\0"),
        (Forth, b"\xf0\0"),
        (Forth, b"\xc1\0"),
        (Forth, b"\xc0\x01"),
        (Forth, b"\x36\x05"),
        (Forth, b"\x38\x05"),
        (Forth, b"\x80\x06"),
        (Forth, b"\xe0\x01\0"),
        (Forth, b"\x30\xff\xff\xff\xff\x01"),
        (Back, PINGREQ),
        (Back, SUBSCRIBE),
        (Back, DISCONNECT),
        (Back, CONNACK),
        (Back, CONNECT),
        (Back, b"HTTP"),
    ];
    for &(direction, octets) in lost {
        let mut mqtt = begun(CONNECT);
        if octets == CONNACK && direction == Back {
            continue;
        }
        let outcome = hears(&mut mqtt, direction, octets, SECOND);
        assert_eq!((names(&outcome).as_str(), outcome.after_gap), ("Data", false), "{octets:x?}");
        assert_eq!(names(&hears(&mut mqtt, direction, PINGREQ, SECOND)), "Data", "{octets:x?}");
        let other = if direction == Forth { PINGRESP } else { PINGREQ };
        assert_ne!(names(&hears(&mut mqtt, direction.reverse(), other, SECOND)), "Data", "{octets:x?}");
    }
    // What is of MQTT 5 alone.
    for (direction, octets) in [(Back, &b"\xe0\x02\x8d\0"[..]), (Back, DISCONNECT), (Forth, b"\xf0\x02\x18\0")] {
        assert_ne!(names(&hears(&mut begun(CONNECT_5), direction, octets, SECOND)), "Data", "{octets:x?}");
    }
    // The first packet of a server.
    let mut mqtt = Mqtt::default();
    hears(&mut mqtt, Forth, CONNECT, 0);
    assert_eq!(names(&hears(&mut mqtt, Back, &publish(0, 5), 0)), "Data");
}

#[test]
fn g2_a_hole_in_a_packet_is_counted_and_one_beyond_it_is_not_guessed() {
    let mut mqtt = begun(CONNECT);
    let message = publish(0, 1000);
    hears(&mut mqtt, Forth, &message[..103], SECOND);
    mqtt.gap(Forth, Some(900));
    assert_eq!(names(&hears(&mut mqtt, Forth, PINGREQ, SECOND)), "MQTT PINGREQ");
    let mut outcome = Outcome::default();
    let cut = Octets { direction: Forth, captured: &message[..3], missing: 1000, time: 0, frame: 1 };
    mqtt.octets(&cut, &mut outcome);
    assert_eq!(names(&hears(&mut mqtt, Forth, PINGREQ, SECOND)), "MQTT PINGREQ");
    mqtt.gap(Forth, None);
    let lost = hears(&mut mqtt, Forth, PINGREQ, SECOND);
    assert_eq!((names(&lost), lost.after_gap), (String::from("Data"), true));
    assert_eq!(names(&hears(&mut mqtt, Back, PINGRESP, SECOND)), "MQTT PINGRESP");
    // Of a CONNECT with a hole nobody reads a time that is none.
    let mut mqtt = Mqtt::default();
    hears(&mut mqtt, Forth, &CONNECT[..8], 0);
    mqtt.gap(Forth, Some(4));
    assert_eq!(hears(&mut mqtt, Forth, &CONNECT[12..], 0).keep_alive, None);
}

#[test]
fn arbitrary_octets_do_not_panic() {
    let mut state = 0x1234_5678_9abc_def1u64;
    for round in 0..3000 {
        let mut mqtt = if round % 2 == 0 { Mqtt::default() } else { begun(CONNECT_5) };
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let octets = state.to_be_bytes();
            let direction = if state & 1 == 0 { Forth } else { Back };
            hears(&mut mqtt, direction, &octets[..1 + (state >> 61) as usize], SECOND);
            recognise(&octets);
            server_keep_alive(&octets);
            if state % 31 == 0 {
                mqtt.gap(direction, Some((state >> 40) as u32));
            }
        }
    }
}
