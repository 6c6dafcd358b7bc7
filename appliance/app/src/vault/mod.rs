//! The databases themselves, for who keeps the box: asked at its console, which needs no right.

mod info;

pub use info::info;
