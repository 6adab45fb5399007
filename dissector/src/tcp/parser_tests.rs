//! Headers and options, octet by octet.

use super::*;

/// A header without options: ports 40000 and 443, numbers that no octet repeats.
const PLAIN: [u8; 20] = [
    0x9c, 0x40, 0x01, 0xbb, // ports
    0xfe, 0xdc, 0xba, 0x98, // sequence number
    0x12, 0x34, 0x56, 0x78, // acknowledgement number
    0x50, 0x18, // data offset and flags
    0xfa, 0xf0, // window
    0xab, 0xcd, 0x00, 0x00, // checksum and urgent pointer
];

/// That header with so many words, flags, then options and payload.
fn header(words: u8, flags: u16, rest: &[u8]) -> Vec<u8> {
    let mut octets = PLAIN.to_vec();
    octets[12] = words << 4 | (flags >> 8) as u8;
    octets[13] = flags as u8;
    octets.extend_from_slice(rest);
    octets
}

#[track_caller]
fn read(octets: &[u8], reported_length: u32) -> Segment<'_> {
    segment(octets, reported_length).expect("a readable header").1
}

fn is_readable(octets: &[u8], reported_length: u32) -> bool {
    segment(octets, reported_length).is_ok()
}

#[test]
fn every_field_has_its_place() {
    let octets = header(6, 0xf18, &[1, 1, 1, 0, b'a', b'b', b'c']);
    let expected = Segment {
        source_port: 40000,
        destination_port: 443,
        sequence: SequenceNumber(0xfedc_ba98),
        acknowledgement: SequenceNumber(0x1234_5678),
        flags: Flags(0xf18),
        window: 64240,
        options: &[1, 1, 1, 0],
        payload: b"abc",
        payload_length: 3,
    };
    assert_eq!(segment(&octets, 27), Ok((&[][..], expected)));
}

#[test]
fn every_bit_of_the_flags_is_kept() {
    for bit in 0..12 {
        let segment_flags = read(&header(5, 1 << bit, &[]), 20).flags;
        assert_eq!(segment_flags, Flags(1 << bit));
    }
    let all = read(&header(5, 0xfff, &[]), 20).flags;
    assert_eq!(all, Flags(0xfff));
}

#[test]
fn a_header_cut_before_its_twentieth_octet_is_not_readable() {
    for captured in 0..HEADER_LENGTH {
        for reported in [0, captured as u32, 20, 1500] {
            assert!(!is_readable(&PLAIN[..captured], reported), "{captured} of {reported}");
        }
    }
    assert!(is_readable(&PLAIN, 20));
}

#[test]
fn options_and_payload_may_be_cut_anywhere_and_lengths_stay_as_sent() {
    let whole = header(8, 0x018, &[2, 4, 5, 180, 1, 3, 3, 7, 4, 2, 1, 1, 10, 11, 12, 13, 14]);
    let reported = whole.len() as u32;
    for captured in HEADER_LENGTH..=whole.len() {
        let segment = read(&whole[..captured], reported);
        assert_eq!(segment.payload_length, 5, "{captured}");
        assert_eq!(segment.options, &whole[20..captured.min(32)], "{captured}");
        assert_eq!(segment.payload, &whole[captured.min(32)..captured], "{captured}");
    }
}

#[test]
fn a_data_offset_below_five_words_is_impossible() {
    for words in 0..5 {
        for reported in [0, 4, 20, 24, 1500, u32::MAX] {
            assert!(!is_readable(&header(words, 0x010, &[0; 40]), reported), "{words} words of {reported}");
        }
    }
}

#[test]
fn a_header_longer_than_its_segment_is_impossible() {
    for words in 5..=15_u8 {
        let length = u32::from(words) * 4;
        let octets = header(words, 0x010, &[1; 40]);
        assert!(!is_readable(&octets, length - 1), "{words} words");
        assert!(!is_readable(&octets, 0), "{words} words");
        assert_eq!(read(&octets, length).payload_length, 0, "{words} words");
        assert_eq!(read(&octets, length).options.len(), length as usize - 20, "{words} words");
        assert_eq!(read(&octets, u32::MAX).payload_length, u32::MAX - length, "{words} words");
    }
}

#[test]
fn octets_after_the_segment_are_not_its_own() {
    let octets = header(5, 0x010, &[7, 8, 0, 0, 0, 0]);
    let (rest, segment) = segment(&octets, 22).unwrap();
    assert_eq!((segment.payload, segment.payload_length, rest), (&[7, 8][..], 2, &[0; 4][..]));
    let (rest, segment) = super::segment(&octets, 20).unwrap();
    assert_eq!((segment.payload, segment.payload_length, rest.len()), (&[][..], 0, 6));
}

#[test]
fn sequence_space_counts_syn_and_fin() {
    let cases = [(0x010, 0), (0x002, 1), (0x001, 1), (0x003, 2), (0x011, 1), (0x014, 0)];
    for (flags, beside_octets) in cases {
        let whole = header(5, flags, &[0; 9]);
        for octets in [0, 1, 9] {
            let segment = read(&whole, 20 + octets);
            assert_eq!(segment.length(), octets + beside_octets, "{flags:#x}");
            assert_eq!(segment.end(), segment.sequence.plus(octets + beside_octets), "{flags:#x}");
            assert_eq!(segment.octets_begin(), segment.sequence.plus(u32::from(flags & 2 != 0)), "{flags:#x}");
        }
    }
}

/// Every set of SYN, RST, ACK and FIN, and the bits that must not matter.
#[test]
fn kinds_of_segments_are_told_by_mask() {
    for flags in 0..0x1000_u16 {
        let [fin, syn, rst, ack] = [1, 2, 4, 16].map(|bit| flags & bit != 0);
        let octets = header(5, flags, &[1]);
        let (bare, with_octet) = (read(&octets, 20), read(&octets, 21));
        assert_eq!(bare.is_syn(), syn && !ack && !rst, "{flags:#x}");
        assert_eq!(bare.is_syn_ack(), syn && ack && !rst, "{flags:#x}");
        assert_eq!(bare.is_pure_ack(), ack && !syn && !fin && !rst, "{flags:#x}");
        assert!(!with_octet.is_pure_ack(), "{flags:#x}");
        assert_eq!(bare.flags.has(Flags::SYN.and(Flags::ACK)), syn && ack, "{flags:#x}");
        assert_eq!(bare.flags.has_any(Flags::SYN.and(Flags::ACK)), syn || ack, "{flags:#x}");
    }
}

#[test]
fn a_quoted_header_needs_eight_octets() {
    for length in 0..8 {
        assert!(quoted(&PLAIN[..length]).is_err(), "{length}");
    }
    let expected = (40000, 443, SequenceNumber(0xfedc_ba98));
    assert_eq!(quoted(&PLAIN[..8]), Ok((&[][..], expected)));
    assert_eq!(quoted(&PLAIN), Ok((&PLAIN[8..], expected)));
}

#[test]
fn flags_are_read_from_the_fourteenth_octet_on() {
    let octets = header(0, 0x112, &[]);
    for length in 0..=octets.len() {
        let expected = (length >= 14).then_some(Flags(0x112));
        assert_eq!(flags(&octets[..length]), expected, "{length}");
    }
}

/// Options as sent, and what they say.
#[track_caller]
fn says(octets: &[u8], expected: Options) {
    assert_eq!(options(octets), expected, "{octets:02x?}");
}

/// They say nothing.
#[track_caller]
fn says_nothing(octets: &[u8]) {
    says(octets, Options::default());
}

#[test]
fn maximum_segment_size() {
    says(&[2, 4, 0x05, 0xb4], Options { maximum_segment_size: Some(1460), ..Options::default() });
    says(&[2, 4, 0, 0], Options { maximum_segment_size: Some(0), ..Options::default() });
    says(&[2, 4, 0xff, 0xff], Options { maximum_segment_size: Some(65535), ..Options::default() });
}

#[test]
fn window_scale_is_at_most_14() {
    for shift in 0..=255 {
        says(&[3, 3, shift], Options { window_scale: Some(shift.min(14)), ..Options::default() });
    }
}

#[test]
fn sack_permitted() {
    says(&[4, 2], Options { sack_permitted: true, ..Options::default() });
}

#[test]
fn the_first_of_up_to_four_sack_blocks() {
    let blocks: Vec<u8> = (0..32).map(|octet| 0xf0 ^ octet).collect();
    let first = Some((SequenceNumber(0xf0f1_f2f3), SequenceNumber(0xf4f5_f6f7)));
    for count in 1..=4 {
        let mut octets = vec![5, 2 + 8 * count as u8];
        octets.extend_from_slice(&blocks[..8 * count]);
        says(&octets, Options { first_sack_block: first, ..Options::default() });
    }
}

#[test]
fn timestamps() {
    let octets = [8, 10, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff];
    says(&octets, Options { timestamps: Some((1, u32::MAX)), ..Options::default() });
}

#[test]
fn fast_open_with_a_cookie_or_a_request_for_one() {
    let expected = Options { fast_open: true, ..Options::default() };
    says(&[34, 2], expected);
    says(&[34, 10, 1, 2, 3, 4, 5, 6, 7, 8], expected);
}

#[test]
fn experimental_fast_open_is_told_by_its_identifier() {
    let expected = Options { fast_open: true, ..Options::default() };
    for kind in [253, 254] {
        says(&[kind, 4, 0xf9, 0x89], expected);
        says(&[kind, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8], expected);
        // Another experiment (RFC 6994), and options too short to name one.
        says_nothing(&[kind, 4, 0xf9, 0x8a]);
        says_nothing(&[kind, 4, 0x89, 0xf9]);
        says_nothing(&[kind, 3, 0xf9]);
        says_nothing(&[kind, 2]);
        // The one does not take back what the other says.
        says(&[kind, 4, 0xf9, 0x89, kind, 4, 0, 0], expected);
    }
}

#[test]
fn multipath_subtypes() {
    for subtype in 0..16 {
        says(&[30, 4, subtype << 4 | 0x0f, 0], Options { multipath: Some(subtype), ..Options::default() });
    }
    says(&[30, 3, 0x1f], Options { multipath: Some(1), ..Options::default() });
}

#[test]
fn a_usual_list_is_read_whole() {
    let octets = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7, 34, 2, 30, 4, 0, 1, 0, 0, 0, 0];
    let expected = Options {
        maximum_segment_size: Some(1460),
        window_scale: Some(7),
        sack_permitted: true,
        first_sack_block: None,
        timestamps: Some((9, 0)),
        fast_open: true,
        multipath: Some(0),
    };
    says(&octets, expected);
}

#[test]
fn no_operations_stand_anywhere() {
    says_nothing(&[1; 40]);
    let scale = Options { window_scale: Some(2), ..Options::default() };
    for before in 0..38 {
        let mut octets = vec![1; 40];
        octets[before..before + 3].copy_from_slice(&[3, 3, 2]);
        says(&octets, scale);
    }
}

#[test]
fn nothing_is_read_behind_the_end_of_the_list() {
    says_nothing(&[]);
    says_nothing(&[0]);
    says_nothing(&[0, 3, 3, 2]);
    says(&[3, 3, 2, 0, 4, 2], Options { window_scale: Some(2), ..Options::default() });
}

#[test]
fn unknown_kinds_are_passed_over() {
    let known = [0, 1, 2, 3, 4, 5, 8, 30, 34];
    for kind in (0..=255).filter(|kind| !known.contains(kind)) {
        for length in [2, 3, 6, 20] {
            let mut octets = vec![kind, length];
            octets.resize(usize::from(length), 0);
            octets.extend_from_slice(&[4, 2]);
            says(&octets, Options { sack_permitted: true, ..Options::default() });
        }
    }
}

/// The reader has lost its place: what came before holds, nothing else is read.
#[test]
fn an_impossible_length_ends_the_list() {
    let before = Options { sack_permitted: true, ..Options::default() };
    for kind in 2..=255 {
        for length in [0, 1, 9, 40, 255] {
            says(&[4, 2, kind, length, 3, 3, 2, 1, 1, 1], before);
        }
        says(&[4, 2, kind], before);
    }
}

#[test]
fn a_value_too_short_for_its_kind_is_passed_over() {
    let behind = Options { sack_permitted: true, ..Options::default() };
    let shortest = [(2, 4), (3, 3), (5, 10), (8, 10), (30, 3)];
    for (kind, shortest) in shortest {
        for length in 2..shortest {
            let mut octets = vec![kind, length];
            octets.resize(usize::from(length), 0xff);
            octets.extend_from_slice(&[4, 2]);
            says(&octets, behind);
        }
    }
}

/// Cut by the snap length, or by a header that is shorter than its options say.
#[test]
fn a_list_may_be_cut_anywhere() {
    let whole = [2, 4, 5, 180, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 34, 4, 1, 2, 30, 3, 0x10];
    for length in 0..=whole.len() {
        let expected = Options {
            maximum_segment_size: (length >= 4).then_some(1460),
            window_scale: (length >= 7).then_some(7),
            sack_permitted: length >= 9,
            first_sack_block: None,
            timestamps: (length >= 19).then_some((9, 8)),
            fast_open: length >= 23,
            multipath: (length >= 26).then_some(1),
        };
        says(&whole[..length], expected);
    }
}

/// Two octets of every value at every place of a list: it ends, whatever they are.
#[test]
fn no_octets_make_the_reader_stumble() {
    let whole = [2, 4, 5, 180, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0];
    for place in 0..whole.len() - 1 {
        for value in 0..=u16::MAX {
            let mut octets = whole;
            octets[place..place + 2].copy_from_slice(&value.to_be_bytes());
            let read = options(&octets);
            assert!(read.window_scale.map_or(true, |shift| shift <= MAXIMUM_SHIFT));
        }
    }
}
