//! REST from outside: sign-in, boot sequence, people, conversations, administration; strangers and rubbish.

mod accounts;
mod administration;
mod application_passwords;
mod boot;
mod bubble_administration;
mod bubble_containers;
mod bubbles;
mod companies;
mod conversations;
mod custom_status;
mod file_check;
mod file_disk;
mod file_scan;
mod files;
mod files_left;
mod guests;
mod hang_up;
mod health;
mod invitations;
mod joining;
mod links;
mod lists;
mod lobbies;
mod lock_out;
mod malformed;
mod members;
mod memory;
mod message_search;
mod not_served;
mod people;
mod pins;
mod polls;
mod push;
mod readers;
mod rekeying;
mod relay;
mod rights;
mod routes;
mod search;
mod sequences;
mod sessions;
mod sign_in;
mod tenant;
mod thumbnails;
mod timing;
mod transport;
mod visibility;

use std::sync::OnceLock;
use world::{ClamAv, Person, SignedIn, World};

/// Path of the users noun.
const USERS: &str = "/api/rainbow/enduser/v1.0/users";
/// Path of the administration's users noun.
const ADMIN_USERS: &str = "/api/rainbow/admin/v1.0/users";
/// Path of the administration's companies noun.
const ADMIN_COMPANIES: &str = "/api/rainbow/admin/v1.0/companies";
/// Path of the search for people.
const SEARCH: &str = "/api/rainbow/search/v1.0/users";
/// Path of the list of people whom one has blocked.
const BLOCKLIST: &str = "/api/edge/v1/blocklist";
/// Path of the authentication portal.
const AUTHENTICATION: &str = "/api/rainbow/authentication/v1.0";
/// Path of one's own sessions.
const SESSIONS: &str = "/api/edge/v1/sessions";
/// An id that is well formed and belongs to nobody.
const NOBODY: &str = "d00000000000000000000bad";

/// The one box of this suite; names of persons are unique per test.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::configured(&ClamAv::of_suite().configuration("")))
}

/// A company on that box that one test has to itself. Whoever compares what there is before and after looks at this one,
/// because the others' networks grow while tests run side by side.
struct OwnCompany {
    name: String,
    domain: String,
}

impl OwnCompany {
    fn new(test: &str) -> Self {
        Self::of_mode(test, "public")
    }

    fn of_mode(test: &str, visibility: &str) -> Self {
        let company = Self { name: format!("Quiet-{test}"), domain: format!("{test}.test") };
        world().edge.add_company(&company.name, visibility);
        company
    }

    fn person(&self, name: &str, more: &[&str]) -> Person {
        world().edge.add_person(&self.name, &format!("{name}@{}", self.domain), more)
    }

    async fn signed_in(&self, name: &str) -> SignedIn {
        self.person(name, &[]).sign_in(&world().edge).await
    }
}
