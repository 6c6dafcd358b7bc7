//! Connected devices: who is there, and what is pushed to them. Nothing here waits or touches a disk.

mod push;
mod queue;
mod registry;

pub use push::{
    BubbleRead, BubbleReceipt, Described, Ending, Gone, Happened, LiveEvent, LiveIq, LiveMessage, LivePresence,
    MessageType, Notice, NoticeAction, Occupant, Push, Refusal, Said, StandardForm, Standing,
};
pub use queue::Pushes;
pub use registry::{BindRefused, Binding, Device, Live};
