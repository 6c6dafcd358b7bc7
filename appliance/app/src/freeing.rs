//! Deleting on a full disk (D7).

use crate::{App, AppError};
use std::sync::Arc;
use store::Lent;

/// Pieces of kept room that one deletion may take, one after another.
const PIECES_MAX: usize = 5;

/// Does work that frees something, or makes others free it, and that may be begun anew: where the disk is full, in room that is
/// kept for that.
///
/// # Errors
/// The work's own.
pub(crate) async fn freeing<T, W>(app: &App, work: impl Fn() -> W) -> Result<T, AppError>
where
    W: Future<Output = Result<T, AppError>>,
{
    let mut lent = Vec::new();
    let done = loop {
        let done = work().await;
        let is_full = matches!(&done, Err(AppError::Store(failure)) if failure.is_full_disk());
        if !is_full || lent.len() == PIECES_MAX {
            break done;
        }
        match lend(app).await {
            Some(piece) => lent.push(piece),
            None => break done,
        }
    };
    if !lent.is_empty() {
        // It waits for the disk; nobody waits for it.
        drop(tokio::task::spawn_blocking(move || drop(lent)));
    }
    done
}

async fn lend(app: &App) -> Option<Lent> {
    let store = Arc::clone(&app.store);
    tokio::task::spawn_blocking(move || store.lend_room()).await.ok().flatten()
}
