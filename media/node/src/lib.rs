//! The media node: threads that take datagrams and byte streams, ask `turn-proto` and send on (decision 20).
//!
//! It has no disk, no database and no key of the vault; what it must know the server tells it over the control socket, and it goes on
//! while the server is away.

mod clock;
mod configure;
mod confine;
mod control;
mod error;
mod facts;
mod place;
mod shard;
mod shared;

pub use confine::{ConfineError, confine};
pub use error::NodeError;
pub use place::Place;

use media_io::{FastPath, Found, Udp, Wanted};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Barrier};

/// Serves until something breaks that cannot be gone on with; whoever started the process starts it again.
///
/// # Errors
/// Always: why it ended.
pub fn run(place: Place) -> Result<std::convert::Infallible, NodeError> {
    let (offloads, mut found) = media_io::Offloads::find(place.offloads);
    let listeners = place.listeners(offloads)?;
    let (path, of_path) = path(&place.path, &listeners)?;
    found.push(of_path);
    if place.confined {
        media_io::give_up_rights().map_err(NodeError::Rights)?;
    }
    let shared = Arc::new(shared::Shared::new(&listeners, path)?);
    let control = control::Control::new(place.control, Arc::clone(&shared), place.executable, &found)?;
    let streams = Arc::new(place.streams);
    let (ended, end) = sync_channel(listeners.len() + 1);
    // A thread that begins makes calls that are not needed later.
    let begun = Arc::new(Barrier::new(listeners.len() + 2));
    for (index, listeners) in listeners.into_iter().enumerate() {
        let shard = shard::Thread::new(index, listeners, Arc::clone(&streams), Arc::clone(&shared), offloads)?;
        let ended = ended.clone();
        spawn(format!("relay-{index}"), &begun, move || shard.run(), move |how| drop(ended.send(how)))?;
    }
    spawn("control".to_owned(), &begun, move || control.run(), move |how| drop(ended.send(how)))?;
    begun.wait();
    if place.confined {
        confine()?;
    }
    Err(end.recv().unwrap_or(NodeError::Ended))
}

/// The shortest way, where there is one; nobody outside can tell where in its table what is.
fn path(wanted: &Wanted, listeners: &[Vec<Udp>]) -> Result<(Option<FastPath>, Found), NodeError> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(NodeError::Randomness)?;
    let listening: Vec<_> = listeners.iter().flatten().map(Udp::local).collect();
    Ok(FastPath::find(wanted, &listening, u64::from_ne_bytes(seed)))
}

/// A thread whose end is told, also when it panics.
fn spawn(
    name: String,
    begun: &Arc<Barrier>,
    work: impl FnOnce() -> NodeError + Send + 'static,
    tell: impl FnOnce(NodeError) + Send + 'static,
) -> Result<(), NodeError> {
    let (of, begun) = (name.clone(), Arc::clone(begun));
    let body = move || {
        begun.wait();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        tell(ended.unwrap_or(NodeError::Panicked { name: of }));
    };
    std::thread::Builder::new().name(name).spawn(body).map_err(NodeError::Thread)?;
    Ok(())
}
