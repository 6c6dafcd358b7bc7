//! Durable effects (decisions 8, 9, 12): what a change of one company's file causes in another file is a row of its own
//! transaction, delivered at least once, in order, to a receiver that applies it once.
//!
//! A lane names the file that follows: `directory`, or the id of another company.

mod courier;
mod directory;
mod message;

pub(crate) use courier::Couriers;
pub(crate) use directory::DirectoryEffect;
pub(crate) use message::{Copied, MessageEffect};

use crate::AppError;
use domain::ids::CompanyId;
use serde::Serialize;
use store::{Connection, StoreError, outbox};

/// The lane of the box's directory.
const DIRECTORY: &str = "directory";

fn unreadable(e: &serde_json::Error) -> StoreError {
    StoreError::Row { table: "outbox", what: e.to_string() }
}

fn add(content: &Connection, lane: &str, kind: &str, effect: &impl Serialize, now_ms: i64) -> Result<(), AppError> {
    let payload = serde_json::to_string(effect).map_err(|e| unreadable(&e))?;
    outbox::add(content, lane, kind, &payload, now_ms)?;
    Ok(())
}

/// What the directory must follow.
pub(crate) fn to_directory(content: &Connection, effect: &DirectoryEffect, now_ms: i64) -> Result<(), AppError> {
    add(content, DIRECTORY, directory::KIND, effect, now_ms)
}

/// What another company's file must follow.
pub(crate) fn to_company(
    content: &Connection,
    company: &CompanyId,
    effect: &MessageEffect,
    now_ms: i64,
) -> Result<(), AppError> {
    add(content, company.as_str(), message::KIND, effect, now_ms)
}
