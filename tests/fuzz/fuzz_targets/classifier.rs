#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tcpphase_tests::fuzz::classifier::run(data));
