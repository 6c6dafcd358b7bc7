use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use crate::enduser::rooms::open_invites::{came, source};
use crate::error::RestError;
use crate::user::{View, person};
use app::Visitor;
use app::guest::{self, NewGuest, SignIn};
use app::people::{Profile, Seen};
use axum::Extension;
use axum::extract::State;
use zeroize::Zeroizing;

/// `POST enduser/v1.0/users/self-register` with `{openInviteId, loginEmail, password, firstName, lastName, ...}`: makes a
/// guest of the bubble of a link. The box has no other registration of this kind.
pub(crate) async fn register(
    State(edge): State<Edge>,
    visitor: Option<Extension<Visitor>>,
    mut fields: Fields,
) -> Answer {
    let token = fields.text("openInviteId")?;
    let why = "is missing: people register here as guests of a bubble, others are invited by an administrator";
    let token = Zeroizing::new(token.ok_or_else(|| RestError::invalid("openInviteId", why))?);
    let sign_in = SignIn::Password {
        email: fields.required_text("loginEmail")?,
        password: Zeroizing::new(fields.required_text("password")?),
    };
    let new = NewGuest {
        token,
        room_password: fields.text("roomPassword")?.map(Zeroizing::new),
        profile: profile(&mut fields)?,
        sign_in,
        source: source(visitor.as_ref()),
    };
    let registered = guest::register(&edge.app, new).await?;
    if let Some(Extension(visitor)) = visitor {
        visitor.signed_in();
    }
    let arrival = came(&registered.arrival);
    let (user, company) = (registered.user, registered.company);
    let seen = Seen { user, company, company_name: None, standalone: false, near: true };
    let mut json = person(&seen, &edge.app.domain(), View::Private);
    json["openInvite"] = arrival;
    data(&json)
}

fn profile(fields: &mut Fields) -> Result<Profile, RestError> {
    let mut text = |name| Ok::<_, RestError>(fields.text(name)?.unwrap_or_default());
    Ok(Profile {
        first_name: text("firstName")?,
        last_name: text("lastName")?,
        title: text("title")?,
        job_title: text("jobTitle")?,
        nick_name: text("nickName")?,
        country: text("country")?,
        language: text("language")?,
        timezone: text("timezone")?,
    })
}
