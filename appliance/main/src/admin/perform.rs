//! What a console request does: the same whether it comes through the socket or from a command on a stopped box.

use app::people::{NewUser, Profile};
use app::{App, AppError, application, company, people};
use appliance_contract::{Answer, ApplicationAdd, CompanyAdd, Refusal, Request, Secret, UserAdd};
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;
use zeroize::Zeroizing;

/// Performs a request other than `Status`, which only a server can answer.
pub async fn perform(app: &App, request: Request) -> Answer {
    let outcome = match request {
        Request::UserAdd(new) => add_user(app, new).await,
        Request::CompanyAdd(new) => add_company(app, new).await,
        Request::ApplicationAdd(new) => add_application(app, new).await,
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
    let user = NewUser { email: new.email.clone(), password, profile, roles, active: true };
    let added = people::add(app, &company, user).await.map_err(|refused| refusal(&new.email, &refused))?;
    Ok(Answer::Added { id: added.id.to_string() })
}

async fn add_company(app: &App, new: CompanyAdd) -> Result<Answer, Refusal> {
    let refused = |refused: AppError| refusal(&new.name, &refused);
    let visibility = match new.visibility.as_deref() {
        None => Visibility::Public,
        Some(name) => Visibility::parse(name).ok_or_else(|| {
            refused(AppError::Invalid {
                field: "visibility",
                why: String::from("expected public, private, organization, closed or isolated"),
            })
        })?,
    };
    let id = company::add(app, &new.name, visibility).await.map_err(refused)?;
    Ok(Answer::Added { id: id.to_string() })
}

async fn add_application(app: &App, new: ApplicationAdd) -> Result<Answer, Refusal> {
    let added = application::add(app, &new.name).await.map_err(|refused| refusal(&new.name, &refused))?;
    Ok(Answer::Application { id: added.id.to_string(), secret: Secret::new(added.secret.to_string()) })
}

/// A refusal in words; `about` is what the person at the console asked for, as typed.
pub(super) fn refusal(about: &str, refused: &AppError) -> Refusal {
    let (code, what_to_do) = match refused {
        AppError::NotFound(_) => ("unknown", "Check the spelling; companies are made with `rainbow-edge company add`"),
        AppError::Exists(_) => ("in_use", "Choose another, or use the one that is there"),
        AppError::Invalid { .. } => ("invalid", "Correct it and try again; nothing was changed"),
        AppError::Busy => ("busy", "Try again in a moment"),
        AppError::Forbidden | AppError::Unauthenticated(_) => ("forbidden", "Ask the owner of the box"),
        AppError::Store(_) => ("storage", "Look at the box's log, and at the disk"),
    };
    // Storage failures keep their own words: the person at this console is the one who can mend them.
    let message = match refused {
        AppError::Store(cause) => cause.to_string(),
        other => other.to_string(),
    };
    Refusal { code: code.to_owned(), message: format!("{about}: {message}"), what_to_do: what_to_do.to_owned() }
}
