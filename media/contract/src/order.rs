//! What the server tells the node.

use serde::{Deserialize, Serialize};

use crate::configuration::{Configuration, Revoked};

/// One line down. Who may open the control socket may tell all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The whole state: first on a connection, and again when something of it changes.
    Configure(Box<Configuration>),
    /// One more revocation, at once. The node keeps [`crate::REVOKED_KEPT_MAX`] that have not expired; of more, those that
    /// expire first make room.
    Revoke(Revoked),
    /// Answered by [`crate::Fact::Standing`] at once.
    Report,
}
