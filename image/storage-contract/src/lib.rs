//! What the storage service of the image tells the console (a state in a file), and what the server tells it (the recovery
//! key, over a Unix socket). Pure: files and sockets are the caller's.

mod enrol;
mod state;

pub use enrol::{
    ENROL_SOCKET, EnrolError, LINE_LIMIT_BYTES, Refusal, decode_answer, decode_request, encode_answer, encode_request,
};
pub use state::{Lock, Phase, Problem, STATE_FILE, STATE_LIMIT_BYTES, State};

/// Folder of everything that the storage service keeps while the machine runs.
pub const RUN_FOLDER: &str = "/run/rainbow-edge-storage";
