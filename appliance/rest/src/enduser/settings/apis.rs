use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use serde_json::json;

/// After so many minutes the client asks again.
const LIFE_MIN: u32 = 1440;

/// `GET enduser/v1.0/settings/apis`: headers to be added to requests; the box asks for none.
pub(crate) async fn read(_: SignedIn) -> Answer {
    data(&json!({ "ttl": LIFE_MIN, "additionalHeaders": [] }))
}
