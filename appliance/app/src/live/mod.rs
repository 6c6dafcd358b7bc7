//! Connected devices: who is there, and what is pushed to them. Nothing here waits or touches a disk.

mod push;
mod queue;
mod registry;

pub use push::{
    BubbleRead, BubbleReceipt, CallNews, Described, Ending, Gone, Happened, Incoming, LinkNotice, LiveEvent, LiveIq,
    LiveMessage, LivePresence, LobbyAction, LobbyNotice, MessageType, Notice, NoticeAction, Occupant, PollEvent, Push,
    Refusal, Said, SmallPictureFacts, StandardForm, Standing,
};
pub use queue::Pushes;
pub use registry::{BindRefused, Binding, Device, Live};
