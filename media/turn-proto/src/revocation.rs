use std::collections::HashMap;

/// Persons remembered at once.
const REVOKED_MAX: usize = 65_536;

/// Whose credentials are no longer good although they have not expired: bounded, and forgotten once they have.
#[derive(Debug, Default)]
pub struct Revocations {
    /// Person and the latest expiry that is revoked.
    until: HashMap<String, u64>,
    /// Of everybody: set where there was no room for one more, so that none is let in again.
    of_all: u64,
    /// When those that had expired were last looked for.
    looked_unix_s: u64,
}

impl Revocations {
    /// One more. Without room, all credentials that expire so early are revoked: a person then asks for new ones.
    pub fn add(&mut self, person: &str, expiry_s_max: u64, unix_s: u64) {
        if self.until.len() >= REVOKED_MAX && unix_s > self.looked_unix_s {
            self.looked_unix_s = unix_s;
            self.until.retain(|_, until| *until > unix_s);
        }
        if let Some(until) = self.until.get_mut(person) {
            *until = expiry_s_max.max(*until);
        } else if self.until.len() < REVOKED_MAX {
            self.until.insert(person.to_owned(), expiry_s_max);
        } else {
            self.of_all = self.of_all.max(expiry_s_max);
        }
    }

    /// Whether a credential that expires then is revoked.
    #[must_use]
    pub fn holds(&self, person: &str, expires_unix_s: u64) -> bool {
        expires_unix_s <= self.of_all || self.until.get(person).is_some_and(|until| expires_unix_s <= *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revocations_are_bounded_and_never_let_anybody_in_again_e5() {
        let mut revocations = Revocations::default();
        for number in 0..2 * REVOKED_MAX {
            revocations.add(&format!("p{number}"), 1_000, 500);
        }
        assert!(revocations.until.len() <= REVOKED_MAX);
        assert!((0..2 * REVOKED_MAX).all(|number| revocations.holds(&format!("p{number}"), 1_000)));
        assert!(!revocations.holds("p0", 1_001), "a newer credential is good");
        revocations.add("other", 3_000, 2_000);
        assert_eq!(revocations.until.len(), 1, "what has expired is forgotten");
    }
}
