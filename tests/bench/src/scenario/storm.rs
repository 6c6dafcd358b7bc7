//! Everybody comes back at once, as after a cable was pulled, while others write to each other.

use super::chat::{self, Load};
use super::{Orders, Span, available, employ};
use crate::latency::Latencies;
use crate::server::{Account, Server};
use crate::session::Session;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;

/// What the pairs write a second.
const PER_S: u32 = 200;

/// How long messages were on their way meanwhile.
#[derive(Clone, Debug)]
pub struct Storm {
    pub latencies: Latencies,
    /// Messages that did not arrive.
    pub lost: usize,
}

/// So many people go without a word, and come back evenly over the time that is measured.
///
/// # Errors
/// When somebody is not let in again, or a message is refused.
pub async fn run(server: &Server, people: usize, pairs: usize, span: Span) -> Result<Storm, String> {
    let accounts = server.accounts.strangers.get(..people).ok_or("too few accounts")?;
    drop(hold(available(server, accounts).await?));
    let written = chat::run(server, pairs, Load::Open { per_s: PER_S }, span);
    let (chat, back) = tokio::join!(written, come_back(server, accounts, span));
    let (chat, back) = (chat?, back?);
    if back.iter().any(Orders::is_closed) {
        return Err(String::from("a session did not stay"));
    }
    Ok(Storm { latencies: chat.latencies, lost: chat.lost })
}

fn hold(sessions: Vec<Session>) -> Vec<Orders> {
    sessions.into_iter().map(|session| employ(session, |_| ())).collect()
}

async fn come_back(server: &Server, accounts: &[Account], span: Span) -> Result<Vec<Orders>, String> {
    let begun = Instant::now() + span.warm_up;
    let apart = span.measured / u32::try_from(accounts.len()).unwrap_or(u32::MAX).max(1);
    let come = |(account, place)| async move {
        tokio::time::sleep_until(begun + apart * place).await;
        let mut session = Session::log_in(server, account).await?;
        session.become_available().await?;
        Ok::<_, String>(employ(session, |_| ()))
    };
    let coming = futures_util::stream::iter(accounts.iter().zip(0_u32..)).map(come);
    coming.buffer_unordered(accounts.len().max(1)).try_collect().await
}
