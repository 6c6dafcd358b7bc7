//! Ids in paths. What can be no id is an address that does not exist: 404, as for an id of nobody.

use crate::error::RestError;
use crate::jid;
use app::conversation::Peer;
use app::file::Viewer;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::ids::{
    ApplicationPasswordId, BubbleId, CompanyId, ContainerId, ConversationId, FavoriteId, FileId, GroupId, InvitationId,
    PinId, PollId, SessionId, SubscriptionId, UserId,
};
use zeroize::Zeroizing;

/// The placeholders of a route, by name.
#[derive(Debug)]
pub(crate) struct Ids(Vec<(String, String)>);

/// The placeholders that [`Ids`] reads.
#[cfg(test)]
pub(crate) const PLACEHOLDERS: [&str; 24] = [
    "uid",
    "company",
    "conversation",
    "jid",
    "invitation",
    "group",
    "favorite",
    "member",
    "other",
    "session",
    "token",
    "application_password",
    "subscription",
    "step",
    "room",
    "file",
    "viewer",
    "part",
    // Of a file in a slot: for clients that tell its type by the end of the address.
    "name",
    "kind",
    "peer",
    "pin",
    "container",
    "poll",
];

/// Which part of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartName {
    /// The next bytes.
    Number(usize),
    /// There are no more.
    End,
}

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, RestError> {
        let found = RawPathParams::from_request_parts(parts, state).await;
        let found = found.map_err(|_| RestError::NotFound)?;
        Ok(Self(found.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

impl Ids {
    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// `{uid}`
    pub(crate) fn user(&self) -> Result<UserId, RestError> {
        UserId::parse(self.text("uid")).map_err(|_| RestError::NotFound)
    }

    /// `{company}`
    pub(crate) fn company(&self) -> Result<CompanyId, RestError> {
        CompanyId::parse(self.text("company")).map_err(|_| RestError::NotFound)
    }

    /// `{other}`: a second company.
    pub(crate) fn other_company(&self) -> Result<CompanyId, RestError> {
        CompanyId::parse(self.text("other")).map_err(|_| RestError::NotFound)
    }

    /// `{member}`: somebody in a list of the user `{uid}`.
    pub(crate) fn member(&self) -> Result<UserId, RestError> {
        UserId::parse(self.text("member")).map_err(|_| RestError::NotFound)
    }

    /// `{invitation}`
    pub(crate) fn invitation(&self) -> Result<InvitationId, RestError> {
        InvitationId::parse(self.text("invitation")).map_err(|_| RestError::NotFound)
    }

    /// `{group}`
    pub(crate) fn group(&self) -> Result<GroupId, RestError> {
        GroupId::parse(self.text("group")).map_err(|_| RestError::NotFound)
    }

    /// `{favorite}`
    pub(crate) fn favorite(&self) -> Result<FavoriteId, RestError> {
        FavoriteId::parse(self.text("favorite")).map_err(|_| RestError::NotFound)
    }

    /// `{conversation}`
    pub(crate) fn conversation(&self) -> Result<ConversationId, RestError> {
        ConversationId::parse(self.text("conversation")).map_err(|_| RestError::NotFound)
    }

    /// `{session}`
    pub(crate) fn session(&self) -> Result<SessionId, RestError> {
        SessionId::parse(self.text("session")).map_err(|_| RestError::NotFound)
    }

    /// `{token}`: no id but a secret; what can be none is looked up as well, so that it is refused as slowly.
    pub(crate) fn token(&self) -> Zeroizing<String> {
        Zeroizing::new(self.text("token").to_owned())
    }

    /// `{application_password}`
    pub(crate) fn application_password(&self) -> Result<ApplicationPasswordId, RestError> {
        ApplicationPasswordId::parse(self.text("application_password")).map_err(|_| RestError::NotFound)
    }

    /// `{subscription}`
    pub(crate) fn subscription(&self) -> Result<SubscriptionId, RestError> {
        SubscriptionId::parse(self.text("subscription")).map_err(|_| RestError::NotFound)
    }

    /// `{step}`: of a setup; whether there is one of that name, the verb says.
    pub(crate) fn step(&self) -> &str {
        self.text("step")
    }

    /// `{room}`
    pub(crate) fn room(&self) -> Result<BubbleId, RestError> {
        BubbleId::parse(self.text("room")).map_err(|_| RestError::NotFound)
    }

    /// `{container}`
    pub(crate) fn container(&self) -> Result<ContainerId, RestError> {
        ContainerId::parse(self.text("container")).map_err(|_| RestError::NotFound)
    }

    /// `{file}`
    pub(crate) fn file(&self) -> Result<FileId, RestError> {
        FileId::parse(self.text("file")).map_err(|_| RestError::NotFound)
    }

    /// `{viewer}`: a person or a bubble, told apart by nothing but who they are: `me` is a person, others of either kind are
    /// looked up by the verb.
    pub(crate) fn viewer(&self, me: &UserId) -> Result<Viewer, RestError> {
        let text = self.text("viewer");
        let kind = if text == me.as_str() { "user" } else { "room" };
        Viewer::parse(kind, text).ok_or(RestError::NotFound)
    }

    /// `{part}`: a number, or `end`.
    pub(crate) fn part(&self) -> Result<PartName, RestError> {
        match self.text("part") {
            "end" => Ok(PartName::End),
            text if text.len() <= 5 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                text.parse().map(PartName::Number).map_err(|_| RestError::NotFound)
            }
            _ => Err(RestError::NotFound),
        }
    }

    /// `{kind}` and `{peer}`: a person or a bubble. Rainbow's documents name the kinds in the plural, its SDK in the singular.
    pub(crate) fn peer(&self) -> Result<Peer, RestError> {
        let id = self.text("peer");
        let peer = match self.text("kind") {
            "users" | "user" => UserId::parse(id).map(Peer::User),
            "rooms" | "room" => BubbleId::parse(id).map(Peer::Bubble),
            _ => return Err(RestError::NotFound),
        };
        peer.map_err(|_| RestError::NotFound)
    }

    /// `{pin}`
    pub(crate) fn pin(&self) -> Result<PinId, RestError> {
        PinId::parse(self.text("pin")).map_err(|_| RestError::NotFound)
    }

    /// `{poll}`
    pub(crate) fn poll(&self) -> Result<PollId, RestError> {
        PollId::parse(self.text("poll")).map_err(|_| RestError::NotFound)
    }

    /// `{jid}` of a bubble
    pub(crate) fn room_by_jid(&self, domain: &str) -> Result<BubbleId, RestError> {
        jid::parse_room(self.text("jid"), domain).ok_or(RestError::NotFound)
    }

    /// `{jid}`
    pub(crate) fn user_by_jid(&self, domain: &str) -> Result<UserId, RestError> {
        jid::parse(self.text("jid"), domain).ok_or(RestError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &str, value: &str) -> Ids {
        Ids(vec![(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn an_id_that_can_be_nobodys_is_not_found() {
        let me = UserId::parse("d00000000000000000000bad").expect("an id");
        for text in ["", "1", "111111111111111111111111", "../../etc/passwd", "D00000000000000000000BAD", "{uid}"] {
            let refusals = [
                ids("uid", text).user().err(),
                ids("company", text).company().err(),
                ids("other", text).other_company().err(),
                ids("member", text).member().err(),
                ids("invitation", text).invitation().err(),
                ids("group", text).group().err(),
                ids("favorite", text).favorite().err(),
                ids("conversation", text).conversation().err(),
                ids("session", text).session().err(),
                ids("application_password", text).application_password().err(),
                ids("subscription", text).subscription().err(),
                ids("jid", text).user_by_jid("edge.test").err(),
                ids("jid", text).room_by_jid("edge.test").err(),
                ids("room", text).room().err(),
                ids("container", text).container().err(),
                ids("file", text).file().err(),
                ids("viewer", text).viewer(&me).err(),
                ids("pin", text).pin().err(),
                ids("poll", text).poll().err(),
                Ids(vec![(String::from("kind"), String::from("rooms")), (String::from("peer"), text.to_owned())])
                    .peer()
                    .err(),
                ids("kind", text).peer().err(),
            ];
            assert!(refusals.iter().all(|refusal| matches!(refusal, Some(RestError::NotFound))), "{text}");
        }
        assert!(ids("uid", "d00000000000000000000bad").user().is_ok());
    }
}
