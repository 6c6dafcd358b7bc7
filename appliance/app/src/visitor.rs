use std::sync::Arc;

/// Whoever is at the other end of a connection. Edges say when they turn out to be known, so that limits on strangers no
/// longer count the connection (decision 22).
#[derive(Clone)]
pub struct Visitor {
    on_signed_in: Arc<dyn Fn() + Send + Sync>,
}

impl Visitor {
    /// A visitor; `on_signed_in` may be called several times.
    #[must_use]
    pub fn new(on_signed_in: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { on_signed_in }
    }

    /// The visitor has shown a valid token, password or XMPP secret.
    pub fn signed_in(&self) {
        (self.on_signed_in)();
    }
}
