//! JIDs, e-mail addresses, host names, addresses of push services, ids, typed secrets: what is read is written so that it
//! reads as the same again.

use domain::base32;
use domain::email::Email;
use domain::host::clean_name;
use domain::ids::{ArchiveId, UserId};
use domain::outbound::{AllowedHost, HttpsUrl};
use xmpp::jid::{BareJid, Jid, PART_BYTES_MAX};

pub(crate) fn run(input: &[u8]) {
    let Some(text) = crate::text(input) else { return };
    jid(text);
    web(text);
    if let Ok(email) = Email::parse(text) {
        assert_eq!(Email::parse(email.as_str()), Ok(email.clone()), "another address by its own spelling");
        assert!(email.as_str().len() <= 254, "longer than an address may be");
    }
    if let Some(name) = clean_name(text) {
        assert_eq!(clean_name(&name), Some(name.clone()));
        assert!(name.len() <= 253 && name.is_ascii());
    }
    if let Ok(id) = UserId::parse(text) {
        assert_eq!(id.as_str(), text);
    }
    if let Some(id) = ArchiveId::parse(text) {
        assert_eq!(ArchiveId::parse(&id.to_string()), Some(id));
    }
    let mut secret = [0; 20];
    if base32::read(text, &mut secret) {
        let (mut written, mut again) = (String::new(), [0; 20]);
        base32::write(&secret, &mut written);
        assert!(base32::read(&written, &mut again) && again == secret);
    }
}

fn jid(text: &str) {
    let Ok(jid) = Jid::parse(text) else { return };
    assert_eq!(Jid::parse(jid.as_str()), Ok(jid.clone()));
    assert_eq!(Jid::from_parts(jid.local(), jid.domain(), jid.resource()), Ok(jid.clone()));
    let parts = [jid.local(), Some(jid.domain()), jid.resource()];
    assert!(parts.into_iter().flatten().all(|part| (1..=PART_BYTES_MAX).contains(&part.len())));
    let bare = jid.to_bare();
    assert_eq!(BareJid::parse(bare.as_str()), Ok(bare.clone()));
    assert!(bare.resource().is_none() && !jid.as_str().chars().any(char::is_control));
}

fn web(text: &str) {
    if let Ok(url) = HttpsUrl::parse(text) {
        assert!(HttpsUrl::parse(&url.whole()).is_ok_and(|again| again == url), "{text:?}");
        let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(is_plain(url.host()) && is_plain(url.path()), "what is no part of a request line: {text:?}");
        assert!(!url.authority().contains(['@', '/', '\\', '?', '#']), "{text:?}");
    }
    if let Ok(host) = AllowedHost::parse(text) {
        assert!(AllowedHost::parse(&host.to_string()).is_ok_and(|again| again == host), "{text:?}");
    }
}
