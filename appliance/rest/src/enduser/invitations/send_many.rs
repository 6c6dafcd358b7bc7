use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use app::network::{self, Invited};
use axum::extract::State;
use serde_json::{Value, json};

/// Addresses of one request, as the SDK says.
const EMAILS_MAX: usize = 100;

/// `POST enduser/v1.0/users/{uid}/invitations/bulk` with `{emails: [...]}`: each is answered, in a report as the SDK
/// describes it. What is `ongoing` has been done already.
pub(crate) async fn send(State(edge): State<Edge>, Own(caller): Own, fields: Fields) -> Answer {
    let (mut ongoing, mut failed) = (Vec::new(), Vec::new());
    for (index, email) in read(fields)?.into_iter().enumerate() {
        match network::invite(&edge.app, &caller, Invited::Email(email.clone())).await {
            Ok(_) => ongoing.push(line(&email, index, "ongoing", &[])),
            Err(refused) => failed.push(line(&email, index, "failed", &[RestError::from(refused).json()])),
        }
    }
    let status = if ongoing.is_empty() { "failed" } else { "ongoing" };
    let counters = json!({ "total": ongoing.len() + failed.len(), "ongoing": ongoing.len(), "failed": failed.len() });
    data(&json!({ "report": { "status": status, "ongoing": ongoing, "failed": failed, "counters": counters } }))
}

fn line(email: &str, index: usize, status: &str, errors: &[Value]) -> Value {
    json!({ "email": email, "index": index, "status": status, "errors": errors })
}

fn read(mut fields: Fields) -> Result<Vec<String>, RestError> {
    let emails = fields.texts("emails")?.unwrap_or_default();
    if (1..=EMAILS_MAX).contains(&emails.len()) {
        return Ok(emails);
    }
    Err(RestError::invalid("emails", format!("expected a list of 1 to {EMAILS_MAX} addresses")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;

    #[test]
    fn a_list_of_addresses_is_bounded_e5() {
        let list = |length| read(fields(json!({ "emails": vec!["a@b.test"; length] })));
        assert!(list(1).is_ok() && list(EMAILS_MAX).is_ok());
        assert!(list(0).is_err() && list(EMAILS_MAX + 1).is_err());
        assert!(read(fields(json!({}))).is_err());
    }
}
