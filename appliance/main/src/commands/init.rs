use super::{block_on, password};
use crate::cli::Init;
use crate::clock::{SystemClock, SystemRng};
use crate::error::CommandError;
use crate::{certificate, folder, foundation, root_key, server};
use app::people::{NewUser, Profile};
use app::{AppError, company, people};
use config_schema::Config;
use domain::clock::{Clock, Rng};
use domain::email::Email;
use domain::host;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use vault::{Keyring, RecoveryKey, RootSource};
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
    let root = foundation::lay(data, named, name, domain.clone(), SystemClock.now_ms())?;
    block_on(fill(init, &root, password))?;
    let recovery_key = init.recovery_key.then(|| set_recovery_key(data, &root)).transpose()?;
    folder::finish(data)?;
    drop(held);
    tell(init, &domain, recovery_key.as_ref());
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
    let owner =
        NewUser { email: init.admin.clone(), password: Some(password), profile, set_apart: None, roles, active: true };
    people::add(&app, &company, owner).await.map_err(|e: AppError| CommandError::from(e))?;
    certificate::current(&app, data).await?;
    Ok(())
}

fn host_name(name: &str, option: &str) -> Result<String, CommandError> {
    host::clean_name(name).ok_or_else(|| CommandError::Usage(format!("{option}: {}", host::EXPECTED)))
}

/// A fresh recovery key, sealed into the keyring (D2).
fn set_recovery_key(data: &Path, root: &RootSource) -> Result<RecoveryKey, CommandError> {
    let mut random = Zeroizing::new([0; 20]);
    SystemRng.fill(&mut *random);
    let key = RecoveryKey::new(random);
    Keyring::open(data, root)?.set_recovery_key(data, &key)?;
    Ok(key)
}

fn tell(init: &Init, domain: &str, recovery_key: Option<&RecoveryKey>) {
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
    if let Some(key) = recovery_key {
        println!("recovery key: {}", key.shown().as_str());
        println!("It is shown this once. Keep it apart from the box: it opens the data when the root key is lost.");
    }
    println!("Next: rainbow-edge run --data {data}");
}
