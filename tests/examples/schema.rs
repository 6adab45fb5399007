//! Prints the JSON Schema of `tshark -z tcpphase,log`: cmake/connection.schema.json.

#[allow(dead_code)] // As a part of a test.
fn main() {
    print!("{}", text());
}

/// As the library makes it.
pub fn text() -> String {
    let mut text = vec![0_u8; 1 << 16];
    // SAFETY: the buffer is as long as it says.
    let result = unsafe { tcpphase_ffi::tcpphase_row_schema(text.as_mut_ptr().cast(), text.len()) };
    assert_eq!(result, tcpphase_ffi::TCPPHASE_OK);
    let end = text.iter().position(|&octet| octet == 0).unwrap_or(0);
    String::from_utf8_lossy(&text[..end]).into_owned()
}
