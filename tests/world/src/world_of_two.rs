//! The world of every suite: two companies, a few persons, an outsider among them, and nobody.

use crate::{EdgeBox, Person, SignedIn};

/// The company that the tests live in.
pub const ACME: &str = "Acme-Werke-Sondermann";
/// The company of the outsider. Isolated, so that whatever Acme's mode is, its people may see nobody of Acme (B3).
pub const GLOBEX: &str = "Globex-Aussenstelle";

/// A running box with company Acme (its first admin, who owns the box; a second admin, who
/// does not; alice, bob) and company Globex (its admin, and eve, the outsider).
#[derive(Debug)]
pub struct World {
    pub edge: EdgeBox,
    /// The account made by `init`: box owner and administrator of Acme.
    pub admin: Person,
    /// An administrator of Acme and of nothing else.
    pub manager: Person,
    pub alice: Person,
    pub bob: Person,
    pub eve: Person,
    pub globex_admin: Person,
}

impl World {
    /// Makes the box and its people, and starts it.
    pub fn new() -> Self {
        Self::configured("")
    }

    /// As `new`, with this `edge.toml` (none when empty).
    pub fn configured(toml: &str) -> Self {
        let edge = EdgeBox::init();
        if !toml.is_empty() {
            edge.configure(toml);
        }
        edge.add_company(GLOBEX, "isolated");
        let world = Self {
            admin: Person::first_admin(),
            manager: edge.add_person(ACME, "manager@acme.test", &["--admin"]),
            alice: edge.add_person(ACME, "alice@acme.test", &[]),
            bob: edge.add_person(ACME, "bob@acme.test", &[]),
            eve: edge.add_person(GLOBEX, "eve@globex.test", &[]),
            globex_admin: edge.add_person(GLOBEX, "admin@globex.test", &["--admin"]),
            edge,
        };
        world.edge.start();
        world
    }

    /// A further plain member of Acme, added while the box runs. `name` must be new to the test's box.
    pub fn member(&self, name: &str) -> Person {
        self.edge.add_person(ACME, &format!("{name}@acme.test"), &[])
    }

    /// A further person of Globex.
    pub fn outsider(&self, name: &str) -> Person {
        self.edge.add_person(GLOBEX, &format!("{name}@globex.test"), &[])
    }

    /// Adds a member of Acme and signs in.
    pub async fn signed_in(&self, name: &str) -> SignedIn {
        self.member(name).sign_in(&self.edge).await
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
