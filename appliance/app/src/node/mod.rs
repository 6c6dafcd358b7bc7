//! Nodes (XEP-0163): what a person publishes for the own devices and for contacts, a small and bounded part of XEP-0060.

mod change;
mod known;
mod publish;
mod read;
mod want;

pub use change::{configure, create, delete};
pub(crate) use known::Known;
pub use known::{known_wants, learn_wants};
pub use publish::{publish, retract};
pub use read::{items, names, node};
pub use store::node::{Item, Node};
pub use want::want;

use crate::AppError;
use domain::ids::UserId;
use domain::relations::Relations;

/// What is not found when a node, or an item of one, is not there for who asks.
pub const NODE: &str = "this node, or item of it,";

/// Nodes of one account.
const NODES_MAX: usize = 128;
/// Items of one node.
pub const ITEMS_MAX: u32 = 256;
/// Bytes of one item.
const ITEM_BYTES_MAX: usize = 128 * 1024;
/// Bytes of all items of one account.
const BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Bytes of the name of a node, or of the id of an item.
const NAME_BYTES_MAX: usize = 512;

/// Who may read a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Who sees the owner's presence (B6).
    Presence,
    /// Who may know of the owner (B3) and is not blocked.
    Open,
    /// The owner alone: nobody can be put on a list.
    Whitelist,
}

impl Access {
    const NAMES: [(Self, &'static str); 3] =
        [(Self::Presence, "presence"), (Self::Open, "open"), (Self::Whitelist, "whitelist")];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(access, _)| *access == self).map_or("whitelist", |(_, name)| name)
    }

    /// Reads a name; `None` when it is none of these.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(access, _)| *access)
    }

    fn lets(self, relations: &Relations, owner: &UserId, reader: &UserId) -> bool {
        owner == reader
            || match self {
                Self::Presence => relations.shows_presence(owner, reader),
                Self::Open => relations.knows(reader, owner) && !relations.parted_by_block(owner, reader),
                Self::Whitelist => false,
            }
    }
}

/// What of a node's settings is asked for; what is `None` is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Who may read it.
    pub access: Option<Access>,
    /// Items that it holds, 1 to [`ITEMS_MAX`].
    pub items_max: Option<u32>,
}

impl Settings {
    /// A node as it is made when nothing else is asked for (XEP-0163, 3).
    fn fresh(self, name: &str) -> Node {
        self.of(Node { name: name.to_owned(), access: Access::Presence.name().to_owned(), items_max: 1 })
    }

    fn of(self, node: Node) -> Node {
        Node {
            access: self.access.map_or(node.access, |access| access.name().to_owned()),
            items_max: self.items_max.map_or(node.items_max, |most| most.clamp(1, ITEMS_MAX)),
            name: node.name,
        }
    }
}

fn check_name(field: &'static str, name: &str) -> Result<(), AppError> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(AppError::invalid(field, format!("1 to {NAME_BYTES_MAX} bytes, no control characters")));
    }
    Ok(())
}
