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
        Request::Status => Err(AppError::NotFound("a running server")),
    };
    outcome.unwrap_or_else(|refused| Answer::Refused(refusal(&refused)))
}

async fn add_user(app: &App, new: UserAdd) -> Result<Answer, AppError> {
    let company = company::find_by_name(app, &new.company).await?.ok_or(AppError::NotFound("this company"))?;
    let roles = if new.admin { Roles::USER.with(Role::CompanyAdmin) } else { Roles::USER };
    let profile = Profile {
        first_name: new.first_name.unwrap_or_default(),
        last_name: new.last_name.unwrap_or_default(),
        ..Profile::default()
    };
    let password = Zeroizing::new(new.password.reveal().to_owned());
    let user = people::add(app, &company, NewUser { email: new.email, password, profile, roles, active: true }).await?;
    Ok(Answer::Added { id: user.id.to_string() })
}

async fn add_company(app: &App, new: CompanyAdd) -> Result<Answer, AppError> {
    let visibility = match new.visibility.as_deref() {
        None => Visibility::Public,
        Some(name) => Visibility::parse(name).ok_or_else(|| AppError::Invalid {
            field: "visibility",
            why: String::from("expected public, private, organization, closed or isolated"),
        })?,
    };
    let id = company::add(app, &new.name, visibility).await?;
    Ok(Answer::Added { id: id.to_string() })
}

async fn add_application(app: &App, new: ApplicationAdd) -> Result<Answer, AppError> {
    let added = application::add(app, &new.name).await?;
    Ok(Answer::Application { id: added.id.to_string(), secret: Secret::new(added.secret.to_string()) })
}

fn refusal(refused: &AppError) -> Refusal {
    let (code, what_to_do) = match refused {
        AppError::NotFound(_) => ("unknown", "Check the spelling; companies are made with `rainbow-edge company add`"),
        AppError::Exists(_) => ("in_use", "Choose another, or use the one that is there"),
        AppError::Invalid { .. } => ("invalid", "Correct it and try again; nothing was changed"),
        AppError::Busy => ("busy", "Try again in a moment"),
        AppError::Forbidden | AppError::Unauthenticated(_) => ("forbidden", "Ask the owner of the box"),
        AppError::Store(_) => ("storage", "Look at the box's log, and at the disk"),
    };
    let message = match refused {
        AppError::Store(cause) => cause.to_string(),
        other => other.to_string(),
    };
    Refusal { code: code.to_owned(), message, what_to_do: what_to_do.to_owned() }
}
