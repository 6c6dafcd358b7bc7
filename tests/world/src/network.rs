//! Two people of different companies come into one another's network, by the interface that clients use.

use crate::{SignedIn, expect};
use serde_json::json;

impl SignedIn {
    /// Invites somebody by id; the invitation's id.
    pub async fn invite(&self, other: &Self) -> String {
        let path = format!("/api/rainbow/enduser/v1.0/users/{}/invitations", self.id());
        let made = expect::data(&self.client.post(&path, &json!({"invitedUserId": other.id()})).await);
        made["id"].as_str().expect("an invitation has an id").to_owned()
    }

    /// Accepts an invitation.
    pub async fn accept(&self, invitation: &str) {
        let path = format!("/api/rainbow/enduser/v1.0/users/{}/invitations/{invitation}/accept", self.id());
        expect::data(&self.client.post(&path, &json!({})).await);
    }

    /// Invites somebody, who accepts.
    pub async fn join(&self, other: &Self) {
        let invitation = self.invite(other).await;
        other.accept(&invitation).await;
    }
}
