use domain::ids::UserId;

/// Before an address in its key: ids of people have no colon.
const ADDRESS: &str = "xmpp:";

/// Whom a roster speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listed {
    /// Somebody of this box, or an id of nobody: that is not told.
    Person(UserId),
    /// Any other address without a resource. The box reaches none of them.
    Address(String),
}

impl Listed {
    /// The key of what is noted.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Person(user) => user.to_string(),
            Self::Address(jid) => format!("{ADDRESS}{jid}"),
        }
    }

    /// `None`: no key of any.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        match key.strip_prefix(ADDRESS) {
            Some(jid) => Some(Self::Address(jid.to_owned())),
            None => UserId::parse(key).ok().map(Self::Person),
        }
    }

    /// The person, if it is one.
    #[must_use]
    pub fn person(&self) -> Option<&UserId> {
        match self {
            Self::Person(user) => Some(user),
            Self::Address(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_whom_it_is_of_and_no_address_is_taken_for_a_person() {
        let id = "d00000000000000000000bad";
        let person = Listed::Person(UserId::parse(id).expect("an id"));
        for listed in [person, Listed::Address(id.to_owned()), Listed::Address(String::from("a@b.test"))] {
            assert_eq!(Listed::of_key(&listed.key()), Some(listed));
        }
        assert_eq!(Listed::of_key("a@b.test"), None);
    }
}
