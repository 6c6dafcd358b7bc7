//! Stored files (D1, D3): each sealed under a key of its own, which is stored wrapped by its company's branch. A file is
//! written once, from its start, by a [`SealedWriter`]; what was finished never changes and is read in ranges by a
//! [`SealedReader`].

pub(crate) mod format;
mod key;
mod reader;
mod writer;

pub use format::sealed_len;
pub use key::FileKey;
pub use reader::{Piece, SealedReader, Wait};
pub use writer::SealedWriter;
