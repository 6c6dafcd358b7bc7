//! The box under load: its accounts are made by its own code while it is stopped, because thousands of people who each choose a
//! password by hand would be another measurement.

use super::{Account, Accounts, PASSWORD, Room, Server, Sizes, connector_to};
use app::App;
use app::company::{NewCompany, add_of_kind};
use app::people::{self, NewUser, Profile};
use config_schema::Config;
use domain::bubble::{Bubble, Membership, Status};
use domain::clock::Clock as _;
use domain::company::CompanyKind;
use domain::ids::{ApplicationPasswordId, BubbleId, CompanyId, UserId};
use domain::rights::Roles;
use domain::visibility::Visibility;
use rainbow_edge::clock::{SystemClock, SystemRng};
use rainbow_edge::{cli, root_key, settings};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use store::Store;
use store::application_password::{self, ApplicationPassword, Keys, Salt};
use store::bubble::Description;
use store::person::PersonNo;
use store::{bubble, bubble_members};
use vault::Keyring;
use world::edge_box::DOMAIN;
use world::{ClamAv, EdgeBox};

/// One source opens all connections of a bench.
const CONFIGURATION: &str = "[gate]\nconnections_max = 20000\nconnections_per_source_max = 20000\n\
    connections_per_source_burst = 100000\nconnections_per_source_per_minute = 100000\n";

/// The least that RFC 7677 (4) allows, and what the box does.
const ITERATIONS: u32 = 4096;
/// Their names stand where nobody looks for an address of a person.
const MAIL: &str = "bench.test";

/// As the table calls it.
pub const NAME: &str = "Rainbow Edge";
/// What it has done when it delivers a message.
pub const DURABILITY: &str = "in SQLite, encrypted, synced";

/// A box with these accounts, started, that takes all connections of a bench from one source.
pub async fn start(sizes: Sizes) -> Server {
    start_with(CONFIGURATION, None, sizes).await
}

/// A box with these accounts, started, as it comes.
pub async fn start_as_shipped(sizes: Sizes) -> Server {
    start_with("", None, sizes).await
}

/// A box as of [`start`] that takes files: its scanner is ClamAV with the settings of a box and one signature.
pub async fn start_with_scanner(sizes: Sizes) -> Server {
    let scanner = ClamAv::new();
    scanner.start();
    let configuration = scanner.configuration(CONFIGURATION);
    start_with(&configuration, Some(scanner), sizes).await
}

async fn start_with(configuration: &str, scanner: Option<ClamAv>, sizes: Sizes) -> Server {
    let edge = EdgeBox::init();
    edge.configure(configuration);
    let (accounts, rooms) = seed(&edge.data(), sizes).await;
    edge.start();
    Server {
        name: NAME,
        durability: DURABILITY,
        port: edge.https(),
        domain: DOMAIN.to_owned(),
        accounts,
        rooms,
        tls: connector_to(&edge.data().join("ca.pem")),
        pid: edge.pid(),
        salted: RefCell::new(HashMap::new()),
        edge: Some(edge),
        scanner,
        _peer: None,
    }
}

async fn seed(data: &Path, sizes: Sizes) -> (Accounts, Vec<Room>) {
    let folder = cli::Folder {
        data: data.to_owned(),
        key_file: None,
        passphrase_file: None,
        recovery_key_file: None,
        tpm_device: None,
    };
    let vault = Keyring::open(data, &root_key::find(&folder).expect("init made a key")).expect("the key opens it");
    let config = Config::default();
    let store = Store::open(data, vault, settings::database(&config), config.store.open_companies_max);
    let store = Arc::new(store.expect("init made a store"));
    let app = App::start(Arc::clone(&store), Arc::new(SystemClock), Arc::new(SystemRng), settings::app(&config));
    let app = app.await.expect("the box opens");
    // Members of the default company are strangers to one another (B6), and colleagues are those of others.
    let (home, strangers) = company(&app, &store, CompanyKind::Default, "strangers", sizes.strangers).await;
    let (_, writers) = company(&app, &store, CompanyKind::EndCustomer, "writers", sizes.writers).await;
    let (_, colleagues) = company(&app, &store, CompanyKind::EndCustomer, "colleagues", sizes.colleagues).await;
    let mut rooms = Vec::new();
    for members in sizes.rooms {
        rooms.push(make_bubble(&store, &home, &strangers[..*members]).await);
    }
    tokio::task::spawn_blocking(move || drop((app, store))).await.expect("the databases are closed");
    (Accounts { strangers, writers, colleagues }, rooms)
}

async fn company(
    app: &App,
    store: &Arc<Store>,
    kind: CompanyKind,
    name: &str,
    size: usize,
) -> (CompanyId, Vec<Account>) {
    let new = NewCompany { name: name.to_owned(), kind, visibility: Visibility::Public };
    let company = add_of_kind(app, new).await.expect("a new name");
    let mut members = Vec::with_capacity(size);
    for number in 0..size {
        let new = NewUser {
            email: format!("{name}-{number}@{MAIL}"),
            password: None,
            profile: Profile { first_name: name.to_owned(), last_name: number.to_string(), ..Profile::default() },
            set_apart: None,
            roles: Roles::USER,
            active: true,
        };
        let user = people::add(app, &company, new).await.expect("a new address");
        members.push((user.no, user.id.to_string()));
    }
    let numbers = members.iter().map(|(no, _)| *no).collect();
    give_passwords(store, &company, numbers).await;
    let accounts = members.into_iter().map(|(_, name)| Account { name, password: PASSWORD.to_owned() });
    (company, accounts.collect())
}

/// A bubble whose organizer is the first of these, and all of them in it: strangers could not ask one another in.
async fn make_bubble(store: &Arc<Store>, home: &CompanyId, people: &[Account]) -> Room {
    let (id, now_ms) = (BubbleId::random(&SystemRng), SystemClock.now_ms());
    let people: Vec<UserId> = people.iter().map(|one| UserId::parse(&one.name).expect("an id")).collect();
    let description = Description {
        name: format!("{} people", people.len()),
        topic: String::new(),
        custom_data: String::from("{}"),
        tags: String::from("[]"),
        wishes: String::from("{}"),
        avatar_ms: None,
    };
    let content = store.company(home).await.expect("the company is there");
    let of = id.clone();
    let put = content.write(move |c: &store::Connection| bubble::insert(c, &of, &description, now_ms));
    put.await.expect("the file can be written");
    let mut made = Bubble::new(home.clone(), people[0].clone(), false, now_ms);
    let member = Membership {
        status: Status::Accepted,
        moderator: false,
        added_ms: now_ms,
        reads_from_ms: now_ms,
        reads_until_ms: None,
        guest: false,
        put_out: false,
    };
    made.members.extend(people[1..].iter().map(|one| (one.clone(), member)));
    let (of, members) = (id.clone(), people.len());
    let put = move |c: &store::Connection| bubble_members::put(c, &of, &made, made.members.keys());
    store.directory().write(put).await.expect("the directory can be written");
    Room { jid: format!("room_{id}@muc.{DOMAIN}"), members }
}

/// An application password for each, the same one: it is derived once.
async fn give_passwords(store: &Arc<Store>, company: &CompanyId, members: Vec<PersonNo>) {
    let salt = Salt { salt: vec![7; 16], iterations: ITERATIONS };
    let (stored_key, server_key) = world::scram::kept(&world::scram::salted(PASSWORD, &salt.salt, salt.iterations));
    let keys = Keys { stored_key, server_key };
    let database = store.company(company).await.expect("the company is there");
    let put = move |c: &store::Connection| {
        for no in members {
            let id = ApplicationPasswordId::random(&SystemRng);
            let row = ApplicationPassword { id, name: String::from("bench"), created_ms: 0, used_ms: None };
            application_password::insert(c, no, &row, &salt, &keys)?;
        }
        Ok::<_, store::StoreError>(())
    };
    database.write(put).await.expect("the file can be written");
}
