//! What the server tells the node.

use serde::{Deserialize, Serialize};

use crate::configuration::{Configuration, Revoked};

/// One line down. Who may open the control socket may tell all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The whole state: first on a connection, and again when something of it changes.
    Configure(Box<Configuration>),
    /// One more revocation, at once. The node keeps as many as it has room for; of more, all credentials that expire so
    /// early are revoked, whosever they are.
    Revoke(Revoked),
    /// Answered by [`crate::Fact::Standing`] at once.
    Report,
}
