//! Rows hold what they should, and nothing in them does more than say it.

use super::*;

#[test]
fn times_are_in_utc() {
    assert_eq!(utc(0), "1970-01-01T00:00:00.000000000Z");
    assert_eq!(utc(1_700_000_000_123_456_789), "2023-11-14T22:13:20.123456789Z");
    assert_eq!(utc(951_782_400_000_000_000), "2000-02-29T00:00:00.000000000Z");
    assert_eq!(utc(-1), "1969-12-31T23:59:59.999999999Z");
    assert_eq!(utc(4_294_967_296_000_000_000), "2106-02-07T06:28:16.000000000Z");
    assert_eq!(seconds(1_500_000_000), "1.500000000");
}

#[test]
fn a_cell_is_no_formula_and_no_second_cell() {
    assert_eq!(separated("www.example.com"), "www.example.com");
    assert_eq!(separated("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    assert_eq!(separated("h2,http/1.1"), "\"h2,http/1.1\"");
    assert_eq!(separated("a\"b"), "\"a\"\"b\"");
    let mut text = String::new();
    push_quoted(&mut text, "a\\x1b\"\n");
    assert_eq!(text, "\"a\\\\x1b\\\"\\u000a\"");
}

#[test]
fn the_schema_has_every_column_once() {
    let names = heading(TCPPHASE_ROW_CSV).unwrap();
    let names: Vec<&str> = names.split(',').collect();
    let schema = schema();
    for name in &names {
        assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{}", name);
        assert_eq!(schema.matches(&format!("\n    \"{}\": {{", name)).count(), 1, "{}", name);
    }
    assert!(names.contains(&"idle_at_end") && names.contains(&"keepalive_client_above_idle"));
}
