//! What a console request does: the same whether it comes through the socket or from a command on a stopped box.

use super::{erase, export, keys, vault};
use crate::certificate::{self, Wish};
use crate::folder;
use app::company::NewCompany;
use app::people::{NewUser, Profile};
use app::relay::{self, NodeState};
use app::{App, AppError, application, company, people};
use appliance_contract::{
    Answer, ApplicationAdd, CompanyAdd, Refusal, RelayProbe, RelaySite, RelayTransport, RelayWay, Request, Secret,
    UserAdd,
};
use domain::company::CompanyKind;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Performs a request other than `Status`, which only a server can answer.
pub async fn perform(app: &Arc<App>, data: &Path, request: Request) -> Answer {
    let outcome = match request {
        Request::UserAdd(new) => add_user(app, new).await,
        Request::CompanyAdd(new) => add_company(app, new).await,
        Request::ApplicationAdd(new) => add_application(app, new).await,
        Request::CertificateSet(new) => certificate::perform(app, data, Wish::Set(new)).await,
        Request::CertificateShow => certificate::perform(app, data, Wish::Show).await,
        Request::CertificateRemove => certificate::perform(app, data, Wish::Remove).await,
        Request::VaultInfo { after } => vault::info(app, after).await,
        Request::VaultCheck(wish) => vault::begin_check(app, wish),
        Request::VaultChecking { seen } => vault::checking(app, seen),
        Request::VaultCheckStop => vault::end_check(app),
        Request::RelayAdd(site) => add_relay(app, site).await,
        Request::RelayRemove { host } => match relay::remove_site(app, &host).await {
            Ok(()) => Ok(relays(app)),
            Err(refused) => Err(refusal(&host, &refused)),
        },
        Request::RelayList => Ok(relays(app)),
        Request::RelayProbe => Ok(probe(app, data)),
        Request::BackupBegin(_) | Request::BackupJob { .. } => {
            Err(refusal("backup", &AppError::NotFound("a running server")))
        }
        Request::VaultRekey(asked) => keys::rekey(app, asked).await,
        Request::CompanyErase(asked) => erase::erase(app, asked).await,
        Request::VaultReceipts => erase::receipts(app).await,
        Request::VaultTurns => Ok(Answer::Turns(keys::turns(app))),
        Request::VaultRoot(asked) => keys::change_root(app, data, asked).await,
        Request::VaultRecoveryKey { key } => keys::change_recovery_key(app, &key).await,
        Request::ExportPlan { of, after } => export::plan(app, &of, after.as_deref()).await,
        Request::ExportBegin(asked) => export::begin(app, asked).await,
        Request::ExportSnapshot => export::snapshot(app),
        Request::Status => Err(refusal("status", &AppError::NotFound("a running server"))),
    };
    outcome.unwrap_or_else(Answer::Refused)
}

async fn add_user(app: &App, new: UserAdd) -> Result<Answer, Refusal> {
    let company = company::find_by_name(app, &new.company).await;
    let company = company.and_then(|found| found.ok_or(AppError::NotFound("this company")));
    let company = company.map_err(|refused| refusal(&new.company, &refused))?;
    let roles = if new.admin { Roles::USER.with(Role::CompanyAdmin) } else { Roles::USER };
    let profile = Profile {
        first_name: new.first_name.unwrap_or_default(),
        last_name: new.last_name.unwrap_or_default(),
        ..Profile::default()
    };
    let password = Zeroizing::new(new.password.reveal().to_owned());
    let user =
        NewUser { email: new.email.clone(), password: Some(password), profile, set_apart: None, roles, active: true };
    let added = people::add(app, &company, user).await.map_err(|refused| refusal(&new.email, &refused))?;
    Ok(Answer::Added { id: added.id.to_string() })
}

async fn add_company(app: &App, new: CompanyAdd) -> Result<Answer, Refusal> {
    let refused = |refused: AppError| refusal(&new.name, &refused);
    let wrong = |field, why: &str| refused(AppError::Invalid { field, why: why.to_owned() });
    let visibility = match new.visibility.as_deref() {
        None => Visibility::Public,
        Some(name) => Visibility::parse(name)
            .ok_or_else(|| wrong("visibility", "expected public, private, organization, closed or isolated"))?,
    };
    let kind = kind(new.kind.as_deref()).ok_or_else(|| wrong("kind", "expected customer, partner or default"))?;
    let new = NewCompany { name: new.name.clone(), kind, visibility };
    let id = company::add_of_kind(app, new).await.map_err(refused)?;
    Ok(Answer::Added { id: id.to_string() })
}

/// The kind that a person at the console names; `None` when it is none.
fn kind(name: Option<&str>) -> Option<CompanyKind> {
    match name {
        None | Some("customer") => Some(CompanyKind::EndCustomer),
        Some("partner") => Some(CompanyKind::Partner),
        Some("default") => Some(CompanyKind::Default),
        Some(_) => None,
    }
}

async fn add_application(app: &App, new: ApplicationAdd) -> Result<Answer, Refusal> {
    let added = application::add(app, &new.name).await.map_err(|refused| refusal(&new.name, &refused))?;
    Ok(Answer::Application { id: added.id.to_string(), secret: Secret::new(added.secret.to_string()) })
}

async fn add_relay(app: &App, site: RelaySite) -> Result<Answer, Refusal> {
    let key = relay::add_site(app, &site.host, site.port).await.map_err(|refused| refusal(&site.host, &refused))?;
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Answer::Relay { realm: app.domain(), key: Secret::new(digits) })
}

fn relays(app: &App) -> Answer {
    let sites = relay::list_sites(app).into_iter();
    Answer::Relays(sites.map(|site| RelaySite { host: site.host, port: site.port }).collect())
}

/// What somebody at the box needs to try what people are given.
fn probe(app: &App, data: &Path) -> Answer {
    let configuration = relay::configuration(app);
    let (node, capabilities) = match relay::node_state(app) {
        NodeState::There { ready, .. } => (true, ready.capabilities),
        NodeState::Never | NodeState::Away { .. } => (false, Vec::new()),
    };
    let in_words = |of: media_contract::Capability| {
        format!("{}: {} ({})", of.name, if of.used { "in use" } else { "not in use" }, of.reason)
    };
    let external = configuration.iter().flat_map(|of| &of.external).map(|of| of.public.to_string());
    Answer::RelayProbe(Box::new(RelayProbe {
        relay: configuration.is_some(),
        node,
        capabilities: capabilities.into_iter().map(in_words).collect(),
        name: app.name(),
        external: external.collect(),
        virtual_addresses: configuration.as_ref().is_none_or(|of| of.relay_ports.is_none()),
        ca: std::fs::read_to_string(data.join(folder::CA_FILE)).ok(),
        ways: relay::hand_out_for_probe(app).servers.into_iter().filter_map(way).collect(),
    }))
}

fn way(server: relay::Server) -> Option<RelayWay> {
    let transport = match server.transport {
        relay::Transport::Udp => RelayTransport::Udp,
        relay::Transport::Tls => RelayTransport::Tls,
    };
    let shown = server.credentials?;
    let password = Secret::new(shown.password.to_string());
    Some(RelayWay { transport, host: server.host, port: server.port, username: shown.username, password })
}

/// A refusal in words; `about` is what the person at the console asked for, as typed.
pub(crate) fn refusal(about: &str, refused: &AppError) -> Refusal {
    let (code, what_to_do) = match refused {
        AppError::NotFound(_) => ("unknown", "Check the spelling; companies are made with `rainbow-edge company add`"),
        AppError::Exists(_) => ("in_use", "Choose another, or use the one that is there"),
        AppError::Invalid { .. } => ("invalid", "Correct it and try again; nothing was changed"),
        AppError::Busy => ("busy", "Try again in a moment"),
        AppError::SetUp | AppError::MissingStep(_) | AppError::WrongCode { .. } | AppError::DiskLock(_) => {
            ("not_set_up", "Set the box up in a browser first")
        }
        AppError::Forbidden
        | AppError::Bubble(_)
        | AppError::Poll(_)
        | AppError::File(_)
        | AppError::NotInside
        | AppError::WrongRoomPassword
        | AppError::Unauthenticated(_) => ("forbidden", "Ask the owner of the box"),
        AppError::Store(_) => ("storage", "Look at the box's log, and at the disk"),
    };
    // Storage failures keep their own words: the person at this console is the one who can mend them.
    let message = match refused {
        AppError::Store(cause) => cause.to_string(),
        other => other.to_string(),
    };
    Refusal { code: code.to_owned(), message: format!("{about}: {message}"), what_to_do: what_to_do.to_owned() }
}
