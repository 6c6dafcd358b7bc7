use super::super::GoingOn;
use crate::answer::{Answer, data};
use crate::body::Fields;
use app::setup;
use serde_json::json;
use zeroize::Zeroizing;

/// `POST /api/edge/v1/setup/recovery-key/check {key}`: whether it was written down.
pub(crate) async fn check(GoingOn(going_on): GoingOn, mut fields: Fields) -> Answer {
    let key = Zeroizing::new(fields.required_text("key")?);
    setup::check_recovery_key(&going_on, &key)?;
    data(&json!({ "confirmed": true }))
}
