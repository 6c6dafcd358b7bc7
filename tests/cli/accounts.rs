//! `user add`, `company add`, `application add` (A1, A8, A9, A11, B2).

use crate::GOOD;
use world::{ACME, EdgeBox, Person, expect, person};

#[tokio::test]
async fn people_added_before_and_during_the_run_can_sign_in_at_once_a8() {
    let edge = EdgeBox::init();
    let before = edge.add_person(ACME, "before@acme.test", &[]);
    edge.start();
    let during = edge.add_person(ACME, "during@acme.test", &["--admin"]);
    let before = before.sign_in(&edge).await;
    assert!(!before.user["roles"].to_string().contains("admin"));
    let during = during.sign_in(&edge).await;
    assert_eq!(during.user["adminType"], serde_json::json!("company_admin"));
    assert_eq!(before.company_id(), during.company_id());
    Person::first_admin().sign_in(&edge).await;
}

#[tokio::test]
async fn an_address_and_a_password_are_enough_a3() {
    let edge = EdgeBox::init();
    edge.edge(&["user", "add", "--company", ACME, "--email", "bare@acme.test"], &format!("{GOOD}\n"))
        .succeeded("user add");
    edge.start();
    expect::success(&person::sign_in_with(&edge, "bare@acme.test", GOOD, None).await);
}

#[test]
fn user_add_explains_refusals_running_or_not_a1_a9() {
    let edge = EdgeBox::init();
    let add = |company: &str, email: &str, password: &str| {
        edge.edge(&["user", "add", "--company", company, "--email", email], &format!("{password}\n"))
    };
    add(ACME, "taken@acme.test", GOOD).succeeded("user add");
    for running in [false, true] {
        if running {
            edge.start();
        }
        assert!(add(ACME, "weak@acme.test", "weak").refused("a weak password").to_lowercase().contains("password"));
        assert!(add(ACME, "Taken@Acme.test", GOOD).refused("a taken address").contains("@"));
        assert!(add("Nowhere Inc", "x@acme.test", GOOD).refused("an unknown company").contains("Nowhere Inc"));
        add(ACME, "no-address", GOOD).refused("no address");
    }
}

#[test]
fn company_add_knows_the_modes_and_refuses_twins_b2() {
    let edge = EdgeBox::init();
    for mode in ["public", "private", "closed", "isolated"] {
        edge.add_company(&format!("Company {mode}"), mode);
    }
    edge.edge(&["company", "add", "--name", "Plain"], "").succeeded("company add without a mode");
    let text = edge.edge(&["company", "add", "--name", "Odd", "--visibility", "secret"], "").refused("an unknown mode");
    assert!(text.contains("isolated"), "the modes are listed: {text}");
    edge.edge(&["company", "add", "--name", "Plain"], "").refused("a company of the same name");
    for kind in ["customer", "partner", "default"] {
        edge.add_company_of_kind(&format!("Company of kind {kind}"), "public", kind);
    }
    let text = edge.edge(&["company", "add", "--name", "Odd", "--kind", "club"], "").refused("an unknown kind");
    assert!(text.contains("partner"), "{text}");
    edge.start();
    edge.add_company("While running", "private");
    edge.add_person("While running", "new@other.test", &["--admin"]);
}

#[tokio::test]
async fn application_signs_in_with_its_secret_without_any_and_never_with_a_wrong_one_a11() {
    let edge = EdgeBox::init();
    edge.start();
    let text = edge.edge(&["application", "add", "--name", "Our bot"], "").succeeded("application add").out;
    let (id, secret) = id_and_secret(&text);
    expect::not_number_like(&id);
    let alice = edge.add_person(ACME, "alice@acme.test", &[]);
    let sign_in = |app| person::sign_in_with(&edge, &alice.email, &alice.password, app);
    let right = expect::success(&sign_in(Some((&id, &secret))).await);
    assert_eq!(right["loggedInApplication"]["id"], serde_json::json!(id));
    expect::success(&sign_in(None).await);
    let wrong = format!("{secret}x");
    for (id, secret) in [(id.as_str(), wrong.as_str()), (&id, ""), ("d00000000000000000000bad", &secret)] {
        let answer = sign_in(Some((id, secret))).await;
        assert!(matches!(answer.status, 401 | 403), "{id} {}", answer.text());
        expect::refusal(&answer, answer.status);
    }
    // Whoever gives no id names no application, and counts as none whatever else is sent.
    let nameless = expect::success(&sign_in(Some(("", &secret))).await);
    assert_eq!(nameless["loggedInApplication"]["id"], serde_json::Value::Null);
    let wrong_password = person::sign_in_with(&edge, &alice.email, "Wr0ng-password", Some((&id, &secret))).await;
    expect::refusal(&wrong_password, 401);
    edge.restart();
    expect::success(&person::sign_in_with(&edge, &alice.email, &alice.password, Some((&id, &secret))).await);
}

/// Reads `application add`: an id of 24 hexadecimal characters and the last word of the line that says `secret`.
fn id_and_secret(text: &str) -> (String, String) {
    let is_id = |word: &&str| word.len() == 24 && word.chars().all(|c| c.is_ascii_hexdigit());
    let id = text.split_whitespace().find(is_id).unwrap_or_else(|| panic!("no id: {text}"));
    let line =
        text.lines().find(|line| line.to_lowercase().contains("secret")).unwrap_or_else(|| panic!("no secret: {text}"));
    let secret = line.split_whitespace().last().unwrap_or_default();
    assert!(secret.len() >= 20 && secret != id, "{text}");
    (id.to_owned(), secret.to_owned())
}
