#![cfg_attr(fuzzing, no_main)]
stagedoor_fuzz::fuzz_main!("signed_request");
