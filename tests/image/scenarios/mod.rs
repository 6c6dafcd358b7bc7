//! One file a boot. The first one is where the others begin.

mod another_machine;
mod arm64;
mod changed;
mod first_boot;
mod hardship;
mod installer;
mod older;
mod relay;
mod second_boot;
