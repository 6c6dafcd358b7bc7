//! Shared files (C6): who may see one, what becomes of one, and what its bytes say that it is.

mod kind;

use crate::ids::{BubbleId, UserId};
use crate::relations::Relations;
pub use kind::{HEAD_BYTES, is_picture, kind};

/// Most characters of a file's name.
pub const NAME_LENGTH_MAX: usize = 255;
/// Most characters of its extension.
pub const EXTENSION_LENGTH_MAX: usize = 32;
/// Most viewers of one file.
pub const VIEWERS_MAX: usize = 1000;

/// Who a file was shared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Viewer {
    /// A person.
    User(UserId),
    /// Whoever is in a bubble.
    Room(BubbleId),
}

impl Viewer {
    /// The id of whichever it is.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(user) => user.as_str(),
            Self::Room(bubble) => bubble.as_str(),
        }
    }

    /// Its `type` on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Room(_) => "room",
        }
    }

    /// Reads an id of a type; `None` when it is no such type, or no such id.
    #[must_use]
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "user" => UserId::parse(id).ok().map(Self::User),
            "room" => BubbleId::parse(id).ok().map(Self::Room),
            _ => None,
        }
    }
}

/// A viewer, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who may see the file.
    pub viewer: Viewer,
    /// When it was shared, in milliseconds since 1970.
    pub at_ms: i64,
}

/// Whose a file is, and who else may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Who uploaded it, or has it now.
    pub owner: UserId,
    /// Who it was shared with.
    pub grants: Vec<Grant>,
}

impl Access {
    /// Whether somebody may see the file. Of a bubble those who may read what was written there when it was shared: who
    /// came later to a bubble without history does not (C3), who left still does, as of its messages.
    #[must_use]
    pub fn is_seen_by(&self, user: &UserId, relations: &Relations) -> bool {
        self.owner == *user || self.grants.iter().any(|grant| grants(grant, user, relations))
    }
}

fn grants(grant: &Grant, user: &UserId, relations: &Relations) -> bool {
    match &grant.viewer {
        Viewer::User(viewer) => viewer == user,
        Viewer::Room(bubble) => relations
            .bubble(bubble)
            .and_then(|bubble| bubble.reads(user))
            .is_some_and(|(from, until)| from <= grant.at_ms && until.is_none_or(|until| grant.at_ms <= until)),
    }
}

/// Whether `owner` may share a file with `viewer`: whom his messages reach, and where he may write.
#[must_use]
pub fn may_share(owner: &UserId, viewer: &Viewer, relations: &Relations) -> bool {
    match viewer {
        Viewer::User(user) => owner != user && relations.reaches(owner, user),
        Viewer::Room(bubble) => {
            relations.bubble(bubble).is_some_and(|bubble| !bubble.archived && bubble.role(owner).is_some())
        }
    }
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Announced; its bytes are not here, or not all of them.
    Announced,
    /// All here, not yet looked at by the virus scanner: nobody gets it.
    Held,
    /// Found clean, and passed on.
    Clean,
    /// Refused by the scanner, or never looked at: nothing of it is kept.
    Refused,
}

impl State {
    const NAMES: [(Self, &'static str); 4] =
        [(Self::Announced, "announced"), (Self::Held, "held"), (Self::Clean, "clean"), (Self::Refused, "refused")];

    /// Its name in rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(state, _)| *state == self).map_or("announced", |(_, name)| name)
    }

    /// Reads a name; `None` when it is no state.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// Whether a text can be a file's name: something to see, no path, nothing that turns the reading direction or hides.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let length = name.chars().count();
    (1..=NAME_LENGTH_MAX).contains(&length) && !name.chars().any(bad) && !matches!(name.trim(), "" | "." | "..")
}

/// Whether a text can be a file's extension; there may be none.
#[must_use]
pub fn is_extension(extension: &str) -> bool {
    extension.is_empty() || (extension.chars().count() <= EXTENSION_LENGTH_MAX && is_name(extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bubble::{Bubble, Step};
    use crate::company::CompanyKind;
    use crate::ids::CompanyId;
    use crate::relations::{CompanyFacts, MemberFacts};
    use crate::rights::Roles;
    use crate::visibility::Visibility;

    fn user(n: u32) -> UserId {
        UserId::parse(&format!("d{n:023}")).expect("an id")
    }

    fn world() -> (Relations, BubbleId) {
        let company = CompanyId::parse("c00000000000000000000001").expect("an id");
        let mut relations = Relations::default();
        let facts = CompanyFacts {
            kind: CompanyKind::EndCustomer,
            visibility: Visibility::Private,
            organization: None,
            partner: None,
        };
        relations.put_company(company.clone(), facts);
        for n in 1..=4 {
            let facts = MemberFacts { company: company.clone(), roles: Roles::USER, active: true, set_apart: None };
            relations.put_member(user(n), facts);
        }
        let id = BubbleId::parse("b00000000000000000000001").expect("an id");
        let mut bubble = Bubble::new(company, user(1), false, 0);
        bubble.take(&user(1), Step::Add { user: user(2), moderator: false, accepted: true }, 100);
        relations.put_bubble(&id, bubble);
        (relations, id)
    }

    #[test]
    fn a_file_in_a_bubble_is_for_who_read_there_when_it_was_shared_c3_c6() {
        let (mut relations, id) = world();
        let grant = Grant { viewer: Viewer::Room(id.clone()), at_ms: 200 };
        let access = Access { owner: user(1), grants: vec![grant] };
        let mut bubble = relations.bubble(&id).expect("there").clone();
        bubble.take(&user(2), Step::Leave, 300);
        bubble.take(&user(1), Step::Add { user: user(3), moderator: false, accepted: true }, 400);
        relations.put_bubble(&id, bubble);
        let seen = |n| access.is_seen_by(&user(n), &relations);
        assert!(seen(1) && seen(2), "the owner, and who was there then");
        assert!(!seen(3), "who came later reads nothing from before");
        assert!(!seen(4), "an outsider");
        relations.remove_bubble(&id);
        assert!(!access.is_seen_by(&user(2), &relations), "a deleted bubble shows nothing (D5)");
    }

    #[test]
    fn files_go_where_messages_go_b6_c3() {
        let (mut relations, id) = world();
        let room = Viewer::Room(id.clone());
        assert!(may_share(&user(1), &Viewer::User(user(2)), &relations), "a colleague");
        assert!(may_share(&user(2), &room, &relations) && !may_share(&user(3), &room, &relations));
        assert!(!may_share(&user(1), &Viewer::User(user(9)), &relations), "nobody");
        relations.set_blocked(&user(2), &user(1), true);
        assert!(!may_share(&user(1), &Viewer::User(user(2)), &relations), "whoever has blocked him");
        let mut bubble = relations.bubble(&id).expect("there").clone();
        bubble.take(&user(1), Step::Archive, 500);
        relations.put_bubble(&id, bubble);
        assert!(!may_share(&user(1), &room, &relations), "an archived bubble");
    }

    #[test]
    fn names_hold_no_path_and_nothing_that_hides_b7() {
        for name in ["Bericht.pdf", "日本.txt", "a b (1).tar.gz", "Überraschung", ".profile"] {
            assert!(is_name(name), "{name}");
        }
        let long = "x".repeat(256);
        for name in ["", " ", ".", "..", "../a", "a/b", "a\\b", "a\0", "a\nb", "invoice\u{202e}fdp.exe", &long] {
            assert!(!is_name(name), "{name:?}");
        }
        assert!(is_extension("") && is_extension("tar.gz") && !is_extension("a/b") && !is_extension(&long));
    }
}
