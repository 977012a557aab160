#![cfg_attr(fuzzing, no_main)]
stagedoor_fuzz::fuzz_main!("session_token");
