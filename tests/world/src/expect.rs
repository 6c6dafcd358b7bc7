//! What every answer of a kind has in common, said once.

use crate::Answer;
use serde_json::Value;

/// A success as the SDK needs it (section 2): 200..206, JSON by content type and by content, an object.
#[track_caller]
pub fn success(answer: &Answer) -> Value {
    assert!((200..=206).contains(&answer.status), "{}: {} {}", answer.asked, answer.status, answer.text());
    json_object(answer)
}

/// The `data` of a success.
#[track_caller]
pub fn data(answer: &Answer) -> Value {
    let body = success(answer);
    assert!(!body["data"].is_null(), "{}: no `data` in {body}", answer.asked);
    body["data"].clone()
}

/// The elements of a list whose `total` is right: a list without it is asked for again for ever.
#[track_caller]
pub fn list(answer: &Answer) -> Vec<Value> {
    let body = success(answer);
    let items = body["data"].as_array().unwrap_or_else(|| panic!("{}: `data` is no list: {body}", answer.asked));
    let total = body["total"].as_u64().unwrap_or_else(|| panic!("{}: no `total`: {body}", answer.asked));
    assert!(total >= items.len() as u64, "{}: total {total} for {} items", answer.asked, items.len());
    items.clone()
}

/// A refusal in Rainbow's error form (section 2) with this status, told as JSON.
#[track_caller]
pub fn refusal(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}: {}", answer.asked, answer.text());
    let body = json_object(answer);
    assert_eq!(body["errorCode"].as_u64(), Some(u64::from(status)), "{}: {body}", answer.asked);
    for key in ["errorMsg", "errorDetails"] {
        assert!(body[key].as_str().is_some_and(|text| !text.is_empty()), "{}: no `{key}`: {body}", answer.asked);
    }
    assert!(body["errorDetailsCode"].is_number(), "{}: no numeric `errorDetailsCode`: {body}", answer.asked);
    for word in ["panicked", "rusqlite", "SQLITE", "src/", ".rs:"] {
        assert!(!answer.text().contains(word), "{}: an inner cause reached the client: {body}", answer.asked);
    }
    body
}

/// Two refusals that nobody can tell apart: same status and body once each one's own id is taken out.
#[track_caller]
pub fn indistinguishable(one: (&Answer, &str), other: (&Answer, &str)) {
    assert_eq!(one.0.status, other.0.status, "{} against {}", one.0.asked, other.0.asked);
    let blank = |(answer, id): (&Answer, &str)| answer.text().replace(id, "ID");
    assert_eq!(blank(one), blank(other), "{} against {}", one.0.asked, other.0.asked);
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(one.0), names(other.0), "header names, {} against {}", one.0.asked, other.0.asked);
}

/// An id that no client takes for a number (section 2): it has a letter of `a b c d f`.
#[track_caller]
pub fn not_number_like(id: &str) {
    assert!(id.contains(['a', 'b', 'c', 'd', 'f']), "{id:?} may be taken for a number");
}

/// The fields of a user that the SDK reads, and none that belongs to a log-in alone.
#[track_caller]
pub fn user(user: &Value) {
    for key in ["id", "jid_im", "displayName", "firstName", "lastName", "loginEmail", "companyId"] {
        assert!(user[key].is_string(), "a user has `{key}`: {user}");
    }
    for key in ["emails", "phoneNumbers"] {
        assert!(user[key].is_array(), "a user has the list `{key}`: {user}");
    }
    not_number_like(user["id"].as_str().unwrap_or_default());
    assert!(!user.to_string().contains("jid_password"), "jid_password belongs to log-in: {user}");
    assert!(!user.to_string().contains("argon2"), "a hash reached a client: {user}");
}

/// A person whom the caller may know of and who is not near: a name, and nothing by which one is written to or called.
#[track_caller]
pub fn distant(user: &Value, email: &str) {
    for key in ["id", "jid_im", "displayName"] {
        assert!(user[key].is_string(), "a person has `{key}`: {user}");
    }
    for key in ["loginEmail", "language", "timezone"] {
        assert!(user[key].is_null(), "`{key}` is for who is near: {user}");
    }
    for key in ["emails", "phoneNumbers"] {
        assert_eq!(user[key], Value::Array(Vec::new()), "`{key}` is for who is near: {user}");
    }
    for word in [email, "jid_password", "\"roles\"", "\"isActive\""] {
        assert!(!user.to_string().contains(word), "{word:?} reached somebody who is not near: {user}");
    }
}

/// Headers that every answer on the TLS port carries (E2).
#[track_caller]
pub fn security_headers(answer: &Answer) {
    let header = |name: &str| {
        answer.header(name).unwrap_or_else(|| panic!("{}: header {name} is missing", answer.asked)).to_owned()
    };
    let hsts = header("strict-transport-security");
    let age = hsts.split(';').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
    assert!(age.is_some_and(|seconds| seconds >= 31_536_000), "HSTS of a year at least: {hsts}");
    assert_eq!(header("x-content-type-options"), "nosniff");
    header("referrer-policy");
    header("content-security-policy");
    assert!(answer.header("server").is_none_or(|server| !server.contains('.')), "no version is told");
}

#[track_caller]
fn json_object(answer: &Answer) -> Value {
    let kind = answer.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/json"), "{}: content type {kind:?}: {}", answer.asked, answer.text());
    let body = answer.json();
    assert!(body.is_object(), "{}: the body is an object: {body}", answer.asked);
    body
}
