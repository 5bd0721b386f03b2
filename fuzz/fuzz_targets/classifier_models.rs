#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_bodies::classifier_models::run(data));
