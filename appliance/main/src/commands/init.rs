use super::{block_on, password};
use crate::cli::Init;
use crate::clock::{SystemClock, SystemRng};
use crate::error::CommandError;
use crate::{certificate, folder, root_key, server};
use app::people::{NewUser, Profile};
use app::{AppError, company, people};
use config_schema::Config;
use domain::clock::Clock;
use domain::email::Email;
use domain::ids::Incarnation;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;
use store::installation::Installation;
use vault::{Keyring, RootSource};
use zeroize::Zeroizing;

/// Makes a new box: keys, directory, the first company with its administrator, certificates.
pub(super) fn execute(init: &Init) -> Result<ExitCode, CommandError> {
    let name = host_name(&init.name, "--name")?;
    let domain = host_name(init.domain.as_deref().unwrap_or(&init.name), "--domain")?;
    check_words(init)?;
    let data = &init.folder.data;
    folder::examine(data)?;
    let named = root_key::find_for_new(&init.folder)?;
    let password = password::read_new()?;
    // What can be refused has been: only now is anything written.
    folder::make(data)?;
    let held = folder::hold(data)?;
    folder::begin(data)?;
    let root = named.map_or_else(|| root_key::make(data), Ok)?;
    let rng = SystemRng;
    let clock = SystemClock;
    let installation = Installation { name, domain: domain.clone(), incarnation: Incarnation::random(&rng) };
    let vault = Keyring::create(data, &root)?;
    Store::create(data, &vault, &installation, clock.now_ms())?;
    drop(vault);
    block_on(fill(init, &root, password))?;
    folder::finish(data)?;
    drop(held);
    tell(init, &domain);
    Ok(ExitCode::SUCCESS)
}

fn check_words(init: &Init) -> Result<(), CommandError> {
    let usage = |what: String| CommandError::Usage(what);
    Email::parse(&init.admin).map_err(|e| usage(format!("--admin: {e}")))?;
    domain::company::clean_name(&init.company)
        .map(|_| ())
        .ok_or_else(|| usage(String::from("--company: 1 to 255 characters, no control characters")))
}

async fn fill(init: &Init, root: &RootSource, password: Zeroizing<String>) -> Result<(), CommandError> {
    let data = &init.folder.data;
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let app = server::open(data, root, &Config::default(), clock, rng).await?;
    let company = company::add(&app, &init.company, Visibility::Public).await?;
    let roles = Roles::USER.with(Role::CompanyAdmin).with(Role::SuperAdministrator);
    let profile = Profile::default();
    let owner = NewUser { email: init.admin.clone(), password, profile, roles, active: true };
    people::add(&app, &company, owner).await.map_err(|e: AppError| CommandError::from(e))?;
    certificate::current(&app, data).await?;
    Ok(())
}

/// A DNS name or address that a certificate can carry.
fn host_name(name: &str, option: &str) -> Result<String, CommandError> {
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if name.len() <= 253 && name.split('.').all(label_ok) {
        return Ok(name);
    }
    Err(CommandError::Usage(format!("{option}: not a host name; expected something like rainbow.example.org")))
}

fn tell(init: &Init, domain: &str) {
    let data = init.folder.data.display();
    println!("A new box is in {data}.");
    if domain.split('.').count() == 2 {
        println!(
            "note: the official Rainbow SDK looks for pictures at cdn.{domain} when the host name has two labels; \
             a name of one or three labels avoids that"
        );
    }
    if root_key::is_development(&init.folder) {
        println!("warning: {}", root_key::DEVELOPMENT_WARNING);
    }
    println!("Next: rainbow-edge run --data {data}");
}
