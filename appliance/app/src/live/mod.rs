//! Connected devices: who is there, and what is pushed to them. Nothing here waits or touches a disk.

mod push;
mod registry;

pub use push::{Ending, LiveMessage, LivePresence, Notice, NoticeAction, Push, Refusal};
pub use registry::{BindRefused, Binding, Device, Live};
