#![no_main]

use tcpphase_tests::allocator::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

libfuzzer_sys::fuzz_target!(|data: &[u8]| tcpphase_tests::fuzz::repeated::run(data));
