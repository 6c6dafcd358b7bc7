//! JIDs of users and bubbles: the local part is made of the id (decision 4).

use domain::ids::{BubbleId, UserId};

/// `ID@DOMAIN`.
pub(crate) fn bare(user: &UserId, domain: &str) -> String {
    format!("{user}@{domain}")
}

/// `tel_ID@DOMAIN`: the user's phone.
pub(crate) fn phone(user: &UserId, domain: &str) -> String {
    format!("tel_{user}@{domain}")
}

/// `room_ID@muc.DOMAIN`
pub(crate) fn room(bubble: &BubbleId, domain: &str) -> String {
    format!("room_{bubble}@muc.{domain}")
}

/// Which bubble's JID this is; `None` when it can be none's of this domain.
pub(crate) fn parse_room(jid: &str, domain: &str) -> Option<BubbleId> {
    let (local, of) = jid.split_once('@')?;
    if !of.strip_prefix("muc.")?.eq_ignore_ascii_case(domain) {
        return None;
    }
    BubbleId::parse(local.strip_prefix("room_")?).ok()
}

/// Whose bare JID this is; `None` when it can be nobody's of this domain.
pub(crate) fn parse(jid: &str, domain: &str) -> Option<UserId> {
    let (local, of) = jid.split_once('@')?;
    if of.eq_ignore_ascii_case(domain) { UserId::parse(local).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jid_reads_back_and_foreign_ones_are_nobodys() {
        let user = UserId::parse("d00000000000000000000bad").expect("an id");
        assert_eq!(parse(&bare(&user, "edge.test"), "edge.test"), Some(user.clone()));
        for jid in [phone(&user, "edge.test"), bare(&user, "other.test"), user.to_string(), String::from("@edge.test")]
        {
            assert_eq!(parse(&jid, "edge.test"), None, "{jid}");
        }
    }
}
