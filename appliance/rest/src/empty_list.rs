//! Lists that the SDK reads while it starts and whose feature comes later: empty by design, never missing, because a
//! list without `total` is asked for again for ever.

use crate::answer::{Answer, list};
use crate::caller::{Own, SignedIn};
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};

/// A list that belongs to nobody in particular.
pub(crate) async fn shared(_: SignedIn, query: Query) -> Answer {
    list(&[], 0, query.window(LIMIT_DEFAULT, LIMIT_MAX)?)
}

/// A list of the caller's own.
pub(crate) async fn own(_: Own, query: Query) -> Answer {
    list(&[], 0, query.window(LIMIT_DEFAULT, LIMIT_MAX)?)
}
