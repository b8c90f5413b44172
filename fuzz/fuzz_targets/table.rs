#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ponder_fuzz_checks::table(bytes));
