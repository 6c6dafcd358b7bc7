//! libFuzzer over the target that `RAINBOW_EDGE_FUZZ` names.
#![no_main]

use fuzz_suite::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fn target() -> &'static Target {
    static TARGET: OnceLock<&Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("RAINBOW_EDGE_FUZZ").expect("RAINBOW_EDGE_FUZZ names a target");
        TARGETS.iter().find(|target| target.name == name).expect("RAINBOW_EDGE_FUZZ names a target that is there")
    })
}

fuzz_target!(|input: &[u8]| (target().run)(input));
