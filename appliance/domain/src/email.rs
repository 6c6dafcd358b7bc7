//! The one e-mail address by which a user is known (A9).

use serde::{Deserialize, Serialize};

/// Why a text is not an address that may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: expected something like name@example.org, at most 254 characters")]
pub struct NotAnEmail;

/// An e-mail address in its comparable form (lower case).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address; letters are folded to lower case.
    ///
    /// # Errors
    /// [`NotAnEmail`] for anything that is not `local@domain.tld` in printable characters.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        // Folded first: folding may make letters of one that no address may hold, and more of them.
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\"@\\".contains(c));
        let domain_ok = domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        if text.len() <= 254 && local_ok && domain_ok { Ok(Self(text)) } else { Err(NotAnEmail) }
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_spelling_a9() {
        assert_eq!(Email::parse(" Alice.B@Acme.Example "), Email::parse("alice.b@acme.example"));
        for text in [
            "",
            "alice",
            "@acme.example",
            "a@b",
            "a b@acme.example",
            "a@acme..example",
            "a@-x.example",
            "a@x@y.example",
            "a@\u{130}.example",
        ] {
            assert_eq!(Email::parse(text), Err(NotAnEmail), "{text}");
        }
    }
}
