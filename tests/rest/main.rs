//! REST from outside: sign-in, boot sequence, people, conversations, administration; strangers and rubbish.

mod administration;
mod boot;
mod conversations;
mod hang_up;
mod malformed;
mod memory;
mod people;
mod routes;
mod sign_in;
mod transport;

use std::sync::OnceLock;
use world::{Person, SignedIn, World};

/// Path of the users noun.
const USERS: &str = "/api/rainbow/enduser/v1.0/users";
/// Path of the administration's users noun.
const ADMIN_USERS: &str = "/api/rainbow/admin/v1.0/users";
/// Path of the authentication portal.
const AUTHENTICATION: &str = "/api/rainbow/authentication/v1.0";
/// An id that is well formed and belongs to nobody.
const NOBODY: &str = "d00000000000000000000bad";

/// The one box of this suite; names of persons are unique per test.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

/// A company on that box that one test has to itself. Whoever compares what there is before and after looks at this one,
/// because the others' networks grow while tests run side by side.
struct OwnCompany {
    name: String,
    domain: String,
}

impl OwnCompany {
    fn new(test: &str) -> Self {
        let company = Self { name: format!("Quiet-{test}"), domain: format!("{test}.test") };
        world().edge.add_company(&company.name, "public");
        company
    }

    fn person(&self, name: &str, more: &[&str]) -> Person {
        world().edge.add_person(&self.name, &format!("{name}@{}", self.domain), more)
    }

    async fn signed_in(&self, name: &str) -> SignedIn {
        self.person(name, &[]).sign_in(&world().edge).await
    }
}
