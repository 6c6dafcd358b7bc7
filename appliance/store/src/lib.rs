//! Rows of Rainbow Edge: one file per noun, over the vault's encrypted SQLite.
//!
//! A company is a file (decision 8). Each open database has one writer thread with group commit (decision 10) and a few
//! read-only connections. Functions of the noun modules take a connection and do one statement or a few; which of them
//! form one change is decided in `app`.
#![warn(missing_docs)]

pub mod anchor;
pub mod application;
pub mod application_password;
mod ballast;
mod blocking;
pub mod box_key;
pub mod bubble;
pub mod bubble_conversation;
pub mod bubble_link;
pub mod bubble_members;
pub mod bubble_message;
pub mod bubble_reader;
pub mod call_record;
pub mod certificate;
mod checkpoint;
pub mod companies;
pub mod company;
pub mod container;
pub mod conversation;
mod counters;
pub mod custom_status;
mod database;
pub mod edges;
pub mod erasure;
mod error;
pub mod export;
pub mod fast_token;
pub mod favorite;
pub mod file;
mod file_bytes;
pub mod file_grant;
pub mod group;
pub mod inbox;
pub mod installation;
pub mod invitation;
pub mod join_link;
pub mod known_source;
pub mod login;
pub mod member;
pub mod message;
mod migrate;
mod moment;
pub mod node;
pub mod organization;
pub mod outbox;
pub mod password;
pub mod person;
pub mod pin;
mod place;
pub mod poll;
mod purpose;
pub mod push_subscription;
pub mod relay;
pub mod relay_revoked;
mod restored;
pub mod roster_item;
mod scrub;
pub mod session;
pub mod setup;
pub mod signing_key;
#[cfg(test)]
mod steps;
mod store;
mod survey;
pub mod thumbnail;
mod turn;
pub mod user;
pub mod word;
mod wrapping;
mod writer;

pub use ballast::{BALLAST_FILE, Lent};
pub use counters::Counters;
pub use database::{Database, DatabaseSettings};
pub use error::StoreError;
pub use file_bytes::{FileBytes, free_bytes, stored_at};
pub use moment::{CopiedDatabase, Image, Moment};
pub use purpose::Purpose;
pub use restored::{CompanyInside, Restored};
pub use rusqlite::Connection;
pub use scrub::{Copies, Found, Item, Mended, Scrub, ScrubStep};
pub use store::{DIRECTORY, Recovered, Store};
pub use survey::check::{CheckWish, Finding, Kind, Listener};
pub use survey::{DatabaseFacts, Inside, Survey};
pub use turn::{Branch, Rewrapped, Settled};
pub use vault::{
    BranchKey, Copied, Envelope, FileKey, KEYRING_FILE, KeyedHash, Keyring, PageCheck, Piece, RecoveryKey, RootSource,
    SEALED_PAGE_BYTES, SealedReader, SealedWriter, SecretKey, Stale, Vault, VaultError, Wait, keyring_box_id,
    sealed_len, sum_of, trailer,
};
pub use wrapping::FileWrapping;
