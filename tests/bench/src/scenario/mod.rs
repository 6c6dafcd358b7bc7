//! What is done to a server, one file each. All of it runs on one thread, in a `LocalSet`.

pub mod chat;
pub mod fan_out;
pub mod files;
pub mod flood;
pub mod history;
pub mod idle;
pub mod log_in;
pub mod room;
pub mod storm;

use crate::server::{Account, Server};
use crate::session::Session;
use futures_util::{StreamExt as _, TryStreamExt as _};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Clients that log in at the same time.
const CONCURRENCY: usize = 32;

/// What tells a client what to send; the client goes when it is dropped.
type Orders = mpsc::Sender<Rc<str>>;
/// Orders that may wait for a client: more than a slow server lets pile up within a load.
const ORDERS_MAX: usize = 65_536;

/// How long a load goes on before it counts, and then counts.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub warm_up: Duration,
    pub measured: Duration,
}

/// Logs all of them in, in their order, each available.
async fn available(server: &Server, accounts: &[Account]) -> Result<Vec<Session>, String> {
    let log_in = |account| async move {
        let mut session = Session::log_in(server, account).await?;
        session.become_available().await?;
        Ok::<_, String>(session)
    };
    futures_util::stream::iter(accounts).map(log_in).buffered(CONCURRENCY).try_collect().await
}

/// Lets a session live on its own; its end before that of its orders is a failure of the bench.
fn employ(session: Session, hears: impl Fn(&str) + 'static) -> Orders {
    let (orders, inbox) = mpsc::channel(ORDERS_MAX);
    tokio::task::spawn_local(async move {
        if let Err(why) = session.live(inbox, hears).await {
            eprintln!("a session ended: {why}");
        }
    });
    orders
}
