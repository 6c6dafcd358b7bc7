//! XEP-0054 and XEP-0292: profiles, read from the directory, which is where they are changed; pictures are those that
//! their owners publish (XEP-0084).

use super::{Answer, Session, Supports, Xep};
use crate::stream::{Condition, ErrorType, iq_result, stanza_error};
use crate::xml::{self, Element, Node, namespace as ns};
use app::people::{self, Seen};
use app::{AppError, node};
use domain::ids::UserId;

pub(super) const NAMESPACE: &str = ns::VCARD_TEMP;
pub(super) const NAMESPACE_4: &str = ns::VCARD_4;

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[Xep::new(54, "1.2", "vcard-temp"), Xep::new(292, "0.12.0", "vCard4 Over XMPP")],
    server: &[],
    account: &[NAMESPACE, NAMESPACE_4],
};

/// What of somebody's profile the asker may read: addresses are for who is near (B6).
pub(super) struct Profile(Seen);

pub(super) async fn profile(session: &Session, owner: &UserId) -> Result<Profile, AppError> {
    Ok(Profile(people::find(&session.app, &session.caller, owner).await?))
}

impl Profile {
    fn full_name(&self) -> String {
        self.0.user.profile.full_name()
    }

    /// What stands in one line each: the name in a vCard 4, that in vcard-temp, the value.
    fn lines(&self) -> Vec<(&'static str, &'static str, String)> {
        let profile = &self.0.user.profile;
        let lines = [
            ("fn", "FN", self.full_name()),
            ("nickname", "NICKNAME", profile.nick_name.clone()),
            ("title", "TITLE", profile.job_title.clone()),
        ];
        lines.into_iter().filter(|(.., value)| !value.is_empty()).collect()
    }

    fn email(&self) -> Option<&str> {
        self.0.near.then(|| self.0.user.email.as_str())
    }

    pub(super) fn vcard_4(&self) -> Element {
        let text = |value: &str| Element::new("text", NAMESPACE_4).with_text(value);
        let mut vcard = Element::new("vcard", NAMESPACE_4);
        for (name, _, value) in self.lines() {
            vcard.push_child(Element::new(name, NAMESPACE_4).with_child(text(&value)));
        }
        let profile = &self.0.user.profile;
        let name = [("surname", &profile.last_name), ("given", &profile.first_name), ("prefix", &profile.title)];
        let mut names = Element::new("n", NAMESPACE_4);
        for (part, value) in name {
            names.push_child(Element::new(part, NAMESPACE_4).with_text(value));
        }
        vcard.push_child(names);
        if let Some(company) = &self.0.company_name {
            vcard.push_child(Element::new("org", NAMESPACE_4).with_child(text(company)));
        }
        if let Some(email) = self.email() {
            vcard.push_child(Element::new("email", NAMESPACE_4).with_child(text(email)));
        }
        vcard
    }

    fn vcard_temp(&self) -> Element {
        let line = |name, value: &str| Element::new(name, NAMESPACE).with_text(value);
        let mut vcard = Element::new("vCard", NAMESPACE);
        for (_, name, value) in self.lines() {
            vcard.push_child(line(name, &value));
        }
        let profile = &self.0.user.profile;
        let names = Element::new("N", NAMESPACE)
            .with_child(line("FAMILY", &profile.last_name))
            .with_child(line("GIVEN", &profile.first_name))
            .with_child(line("PREFIX", &profile.title));
        vcard.push_child(names);
        if let Some(company) = &self.0.company_name {
            vcard.push_child(Element::new("ORG", NAMESPACE).with_child(line("ORGNAME", company)));
        }
        if let Some(email) = self.email() {
            let internet = Element::new("EMAIL", NAMESPACE).with_child(Element::new("INTERNET", NAMESPACE));
            vcard.push_child(internet.with_child(line("USERID", email)));
        }
        vcard
    }
}

pub(super) fn read<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let owner = session.owner(iq)?;
        let mut vcard = profile(session, &owner).await?.vcard_temp();
        if let Some(photo) = photo(session, &owner).await? {
            vcard.push_child(photo);
        }
        Ok(vec![iq_result(iq).with_child(vcard)])
    })
}

pub(super) fn read_4<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let profile = profile(session, &session.owner(iq)?).await?;
        Ok(vec![iq_result(iq).with_child(profile.vcard_4())])
    })
}

pub(super) fn write<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let text = "profiles are changed in the settings of the account, pictures by publishing them (XEP-0084)";
        Ok(stanza_error(iq, ErrorType::Cancel, Condition::NotAllowed, text).into_iter().collect())
    })
}

/// The picture that somebody published, as far as the asker may read it.
async fn photo(session: &Session, owner: &UserId) -> Result<Option<Element>, AppError> {
    let newest =
        async |name: &str| match node::items(&session.app, &session.caller, owner, name, Vec::new(), Some(1)).await {
            Ok(items) => Ok(items.into_iter().next()),
            Err(AppError::NotFound(_)) => Ok(None),
            Err(failure) => Err(failure),
        };
    let (Some(metadata), Some(data)) = (newest(ns::AVATAR_METADATA).await?, newest(ns::AVATAR_DATA).await?) else {
        return Ok(None);
    };
    let kind = first_element(&metadata.payload)
        .and_then(|one| one.children().find_map(|info| info.attribute("type").map(str::to_owned)));
    let bytes = first_element(&data.payload).map(|one| one.text().into_owned());
    let photo = kind.zip(bytes).map(|(kind, bytes)| {
        let line = |name, value: &str| Element::new(name, NAMESPACE).with_text(value);
        Element::new("PHOTO", NAMESPACE).with_child(line("TYPE", &kind)).with_child(line("BINVAL", &bytes))
    });
    Ok(photo)
}

fn first_element(payload: &str) -> Option<Element> {
    let nodes = xml::parse_children(payload.as_bytes(), "", payload.len()).ok()?;
    nodes.into_iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) | Node::Raw(_) => None,
    })
}
