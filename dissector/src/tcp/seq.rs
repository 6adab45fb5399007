//! Sequence numbers, modulo 2^32 (RFC 9293 3.4).

/// A sequence or acknowledgement number. It has no order, only a distance, which is right for numbers
/// less than 2^31 apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SequenceNumber(pub u32);

impl SequenceNumber {
    /// The number that many octets later.
    pub const fn plus(self, octets: u32) -> SequenceNumber {
        SequenceNumber(self.0.wrapping_add(octets))
    }

    /// The number that many octets earlier.
    pub const fn minus(self, octets: u32) -> SequenceNumber {
        SequenceNumber(self.0.wrapping_sub(octets))
    }

    /// Octets from `other` to this; negative when this comes first.
    pub const fn distance_from(self, other: SequenceNumber) -> i32 {
        self.0.wrapping_sub(other.0) as i32
    }

    /// Whether this comes before `other`.
    pub const fn is_before(self, other: SequenceNumber) -> bool {
        self.distance_from(other) < 0
    }

    /// Whether this comes after `other`.
    pub const fn is_after(self, other: SequenceNumber) -> bool {
        self.distance_from(other) > 0
    }

    /// Whether this is one of the `length + 1` numbers that begin with `start`.
    pub const fn is_within(self, start: SequenceNumber, length: u32) -> bool {
        self.0.wrapping_sub(start.0) <= length
    }

    /// The later of the two.
    pub const fn latest(self, other: SequenceNumber) -> SequenceNumber {
        if self.is_after(other) {
            self
        } else {
            other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SequenceNumber;

    #[test]
    fn order_holds_across_the_wrap() {
        let before = SequenceNumber(u32::MAX - 2);
        let after = before.plus(5);
        assert_eq!(after, SequenceNumber(2));
        assert!(before.is_before(after) && after.is_after(before));
        assert_eq!((after.distance_from(before), before.distance_from(after)), (5, -5));
        assert_eq!(before.latest(after), after);
        assert_eq!(after.latest(before), after);
        assert_eq!(after.minus(5), before);
    }

    #[test]
    fn a_number_is_neither_before_nor_after_itself() {
        let number = SequenceNumber(7);
        assert!(!number.is_before(number) && !number.is_after(number));
    }

    #[test]
    fn within_counts_both_ends() {
        let start = SequenceNumber(u32::MAX);
        assert!(start.is_within(start, 0));
        assert!(start.plus(3).is_within(start, 3));
        assert!(!start.plus(4).is_within(start, 3));
        assert!(!start.minus(1).is_within(start, 3));
    }
}
