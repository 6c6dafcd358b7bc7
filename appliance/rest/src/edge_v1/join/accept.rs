use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use crate::path::Ids;
use app::Visitor;
use app::sign_in::{self, Joining};
use axum::Extension;
use axum::extract::State;
use serde_json::json;
use zeroize::Zeroizing;

/// `POST /api/edge/v1/join/{token} {password, firstName?, lastName?}`: uses the link up.
pub(crate) async fn accept(
    State(edge): State<Edge>,
    visitor: Option<Extension<Visitor>>,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let joining = Joining {
        token: ids.token(),
        password: Zeroizing::new(fields.required_text("password")?),
        first_name: fields.text("firstName")?,
        last_name: fields.text("lastName")?,
        source: visitor.as_ref().map(|Extension(visitor)| visitor.source()).unwrap_or_default(),
    };
    let email = sign_in::join(&edge.app, joining).await?;
    if let Some(Extension(visitor)) = visitor {
        visitor.signed_in();
    }
    data(&json!({ "email": email }))
}
