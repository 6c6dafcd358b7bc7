use crate::answer::Answer;
use crate::authentication::login::told;
use crate::body::Fields;
use crate::edge::Edge;
use crate::enduser::rooms::open_invites::{came, source};
use crate::error::RestError;
use crate::path::Ids;
use app::Visitor;
use app::guest::{self, NewGuest, SignIn};
use app::people::Profile;
use axum::extract::State;
use axum::{Extension, Json};
use zeroize::Zeroizing;

/// `POST /api/edge/v1/meet/{token}` with `{name, language?, roomPassword?}`: makes a guest, signs him in and steps to the
/// door. The answer is that of a log-in, with where he is now.
pub(crate) async fn enter(
    State(edge): State<Edge>,
    visitor: Option<Extension<Visitor>>,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let first_name = fields.required_text("name")?.trim().to_owned();
    let language = fields.text("language")?.unwrap_or_default();
    let new = NewGuest {
        token: ids.token(),
        room_password: fields.text("roomPassword")?.map(Zeroizing::new),
        profile: Profile { first_name, language, ..Profile::default() },
        sign_in: SignIn::Session { client: String::from("guest") },
        source: source(visitor.as_ref()),
    };
    let registered = guest::register(&edge.app, new).await?;
    if let Some(Extension(visitor)) = visitor {
        visitor.signed_in();
    }
    let session = registered.session.ok_or(RestError::NotFound)?;
    let mut json = told(&edge, session).await?;
    json["meeting"] = came(&registered.arrival);
    Ok(Json(json))
}
