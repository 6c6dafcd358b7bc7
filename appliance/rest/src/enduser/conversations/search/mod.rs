//! Looking for a text in one's messages.

pub(crate) mod count;
pub(crate) mod hits;

use super::parse_peer;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::Query;
use app::conversation::{HITS_MAX, Peer, Sought};

/// `substring`, `peer`, `isRoom` and `limit` of a query.
fn sought(edge: &Edge, query: &Query, limit_default: u32) -> Result<Sought, RestError> {
    let limit = query.number("limit")?.unwrap_or(limit_default).min(HITS_MAX);
    let with = query.find("peer").filter(|peer| !peer.is_empty()).map(|peer| {
        let peer = parse_peer(peer, &edge.app.domain());
        peer.ok_or_else(|| RestError::invalid("peer", "expected the JID of a person or of a bubble"))
    });
    let with = with.transpose()?;
    if let (Some(peer), Some(_)) = (&with, query.find("isRoom"))
        && query.flag("isRoom")? != matches!(peer, Peer::Bubble(_))
    {
        return Err(RestError::invalid("isRoom", "the peer is of the other kind"));
    }
    Ok(Sought { text: query.find("substring").unwrap_or_default().to_owned(), with, limit })
}
