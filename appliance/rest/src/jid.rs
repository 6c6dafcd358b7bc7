//! JIDs of users: the local part is the id (decision 4).

use domain::ids::UserId;

/// `ID@DOMAIN`.
pub(crate) fn bare(user: &UserId, domain: &str) -> String {
    format!("{user}@{domain}")
}

/// `tel_ID@DOMAIN`: the user's phone.
pub(crate) fn phone(user: &UserId, domain: &str) -> String {
    format!("tel_{user}@{domain}")
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
