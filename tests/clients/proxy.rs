//! A way to the box that breaks.

use crate::world;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify};

/// Listens on a port of its own and passes bytes on, until it is told to break.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    cut: Notify,
    /// Bytes of the box that the client still gets on the next connection, if it breaks by itself.
    budget: Mutex<Option<usize>>,
    /// What the box still believes to be connected.
    forgotten: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Open.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let shared = Arc::new(Shared::default());
        let of_task = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, Arc::clone(&of_task)));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection that is open: the client sees its end, the box does not.
    pub(crate) fn cut(&self) {
        self.shared.cut.notify_one();
    }

    /// The next connection ends by itself after so many bytes of the box, wherever that is in a stanza.
    pub(crate) async fn next_breaks_after(&self, bytes: usize) {
        *self.shared.budget.lock().await = Some(bytes);
    }
}

async fn pass(mut client: TcpStream, shared: Arc<Shared>) {
    let mut budget = shared.budget.lock().await.take();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", world().edge.https())).await else { return };
    let (mut of_client, mut of_server) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut of_client) => match read {
                Ok(bytes) if bytes > 0 && server.write_all(&of_client[..bytes]).await.is_ok() => {}
                _ => return,
            },
            read = server.read(&mut of_server) => match read {
                Ok(bytes) if bytes > 0 => {
                    let passed = budget.map_or(bytes, |left| left.min(bytes));
                    if client.write_all(&of_server[..passed]).await.is_err() {
                        return;
                    }
                    budget = budget.map(|left| left - passed);
                    if budget == Some(0) {
                        break;
                    }
                }
                _ => return,
            },
            () = shared.cut.notified() => break,
        }
    }
    shared.forgotten.lock().await.push(server);
}
