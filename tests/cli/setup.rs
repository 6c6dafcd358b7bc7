//! The first run in a browser (I8): from empty data to a sign-in, cut off anywhere, by two at once, and by who may not.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use world::edge_box::{ADMIN_PASSWORD, DOMAIN};
use world::wizard::{SETUP, Wizard, usual_answers, wait_until_set_up};
use world::{ACME, Client, EdgeBox, Person, Seeded, expect, secrecy};

/// A box on no data, in its setup.
fn new_box() -> EdgeBox {
    let edge = EdgeBox::empty().with_args(&["--name", "localhost"]);
    edge.start_setup();
    edge
}

/// What `SETUP/REST` with a method answers.
async fn ask(client: &Client, method: &str, rest: &str) -> world::Answer {
    client.request(method, &format!("{SETUP}{rest}")).json(&json!({})).send().await
}

/// Every route of the setup but `GET setup`.
const ROUTES: [(&str, &str); 7] = [
    ("POST", "/code"),
    ("GET", "/answers"),
    ("PUT", "/answers/language"),
    ("PUT", "/answers/nothing"),
    ("POST", "/recovery-key"),
    ("POST", "/recovery-key/check"),
    ("POST", "/finish"),
];

#[tokio::test]
async fn a_box_on_no_data_is_set_up_in_a_browser_and_serves_at_once_i8_a1_a8() {
    let edge = new_box();
    let nobody = Client::new(&edge);
    let authority = fs::read(edge.data().join("ca.pem")).expect("the CA is there from the start");
    let told = expect::data(&nobody.get(SETUP).await);
    assert_eq!((&told["needed"], &told["unlocked"]), (&json!(true), &json!(false)));
    assert_eq!(told["steps"], json!(["language", "name", "company", "administrator", "recovery"]));
    assert_eq!(told["fingerprint"], edge.status()["setup"]["fingerprint"]);
    assert!(told["version"].is_string(), "{told}");

    let wizard = Wizard::unlock(&edge).await;
    assert_eq!(expect::data(&wizard.client.get(SETUP).await)["unlocked"], json!(true));
    assert_eq!(wizard.answers().await["suggestions"]["name"], json!("localhost"));
    for (step, fields) in usual_answers() {
        let refused = expect::refusal(&wizard.finish().await, 409);
        assert!(refused["errorDetails"].to_string().contains(step), "the missing step is named: {refused}");
        let after = expect::data(&wizard.answer(step, &fields).await);
        assert_eq!(after["answers"][step], fields);
    }
    let void = wizard.recovery_key().await;
    let key = wizard.recovery_key().await;
    expect::refusal(&wizard.check(&void).await, 400);
    expect::refusal(&wizard.finish().await, 409);
    expect::data(&wizard.check(&key.to_lowercase().replace('-', " ").replace('0', "o")).await);
    assert_eq!(wizard.answers().await["step"], Value::Null);
    let weak = wizard.client.post(&format!("{SETUP}/finish"), &json!({"password": "weak"})).await;
    assert!(expect::refusal(&weak, 400)["errorDetails"].to_string().contains("password"));

    let finished = expect::data(&wizard.finish().await);
    let address = format!("https://localhost:{}", edge.https());
    assert_eq!(finished, json!({"address": address, "domain": DOMAIN, "name": "localhost"}));
    wait_until_set_up(&edge).await;
    check_box(&edge, &authority).await;
    for (method, route) in ROUTES {
        for client in [&nobody, &wizard.client] {
            expect::refusal(&ask(client, method, route).await, 409);
        }
    }
    edge.restart();
    check_box(&edge, &authority).await;
}

/// The box is what was answered: its owner signs in, over the CA that it had from the start.
async fn check_box(edge: &EdgeBox, authority: &[u8]) {
    assert_eq!(fs::read(edge.data().join("ca.pem")).expect("there"), authority, "the CA stays");
    assert!(!edge.data().join("init.unfinished").exists());
    let owner = Person::first_admin().sign_in(edge).await;
    assert_eq!(owner.user["language"], json!("fr"), "{}", owner.user);
    assert_eq!((&owner.user["firstName"], &owner.user["lastName"]), (&json!("Ada"), &json!("Admin")));
    assert!(owner.jid().ends_with(&format!("@{DOMAIN}")));
    let companies = expect::list(&owner.client.get("/api/rainbow/admin/v1.0/companies").await);
    assert_eq!((companies.len(), &companies[0]["name"]), (1, &json!(ACME)), "the owner of the box sees it all");
    assert_eq!(companies[0]["visibility"], json!("private"));
    let status = edge.status();
    assert_eq!((&status["users"], &status["companies"], &status["setup"]), (&json!(1), &json!(1), &Value::Null));
}

#[tokio::test]
async fn the_console_tells_who_stands_before_the_box_what_he_needs_i8() {
    let edge = new_box();
    let status = edge.status();
    let code = edge.setup_code();
    assert!(is_code(&code), "{code}");
    assert_eq!((&status["ready"], &status["setup"]["step"]), (&json!(false), &json!("language")));
    let address = format!("https://localhost:{}", edge.https());
    assert_eq!(status["address"], json!(address));
    let fingerprint = status["setup"]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    assert_eq!(fingerprint.split(':').count(), 32, "{fingerprint}");
    let ca_file = edge.data().join("ca.pem").display().to_string();
    let text = edge.edge(&["status"], "").succeeded("status in a setup").text();
    for (who, text) in [("the terminal", edge.log()), ("status", text)] {
        for word in ["nobody has set this box up yet", &address, &ca_file, &fingerprint, &code] {
            assert!(text.contains(word), "{who} tells {word}: {text}");
        }
    }
    let add = edge.edge(&["user", "add", "--company", ACME, "--email", "x@acme.test"], crate::GOOD);
    let refused = add.refused("user add before there is a box");
    assert!(refused.contains("rainbow-edge run") && refused.contains("rainbow-edge init"), "{refused}");
    edge.terminate();
    let text = edge.edge(&["status"], "").text();
    assert!(text.contains("not set up yet"), "{text}");
}

/// `XXXX-XXXX` in Crockford's base32.
fn is_code(text: &str) -> bool {
    let symbol = |symbol: char| symbol.is_ascii_digit() || (symbol.is_ascii_uppercase() && !"ILOU".contains(symbol));
    text.split('-').map(str::len).collect::<Vec<_>>() == [4, 4] && text.replace('-', "").chars().all(symbol)
}

#[tokio::test]
async fn nobody_without_the_code_gets_anywhere_and_everything_else_is_not_there_i8_b1() {
    let edge = new_box();
    let nobody = Client::new(&edge);
    for (method, route) in ROUTES.iter().filter(|(_, route)| *route != "/code") {
        for client in [&nobody, &nobody.with_token("null"), &nobody.with_token("a.b.c"), &nobody.with_token("0")] {
            expect::refusal(&ask(client, method, route).await, 401);
        }
    }
    let wizard = Wizard::unlock(&edge).await;
    let routes = world::edge(&["routes", "--json"], "").succeeded("routes").out;
    let routes: Vec<Value> = serde_json::from_str(&routes).expect("a list");
    for route in routes {
        let (method, path) = (route["method"].as_str().expect("text"), route["path"].as_str().expect("text"));
        if path.starts_with(SETUP) {
            continue;
        }
        let path = path.replace(['{', '}'], "");
        expect::refusal(&wizard.client.request(method, &path).json(&json!({})).send().await, 404);
    }
    for path in ["/websocket", "/xmpp-websocket", "/api/edge/v1/setup/", "/api/edge/v1/setup/else"] {
        expect::refusal(&wizard.client.get(path).await, 404);
    }
    expect::refusal(&ask(&wizard.client, "PUT", "/answers/weather").await, 404);
    expect::refusal(&ask(&wizard.client, "PUT", "/answers/recovery").await, 400);
    expect::refusal(&ask(&wizard.client, "DELETE", "/answers").await, 405);
    expect::security_headers(&nobody.get(SETUP).await);
}

#[tokio::test]
async fn ten_wrong_codes_bring_a_new_one_and_twenty_make_the_source_wait_i8_e5() {
    let edge = new_box();
    let nobody = Client::new(&edge);
    let first = edge.setup_code();
    for round in 0..2 {
        for left in (0..10).rev() {
            let answer = nobody.post(&format!("{SETUP}/code"), &json!({"code": "0000-0000"})).await;
            let told = expect::refusal(&answer, 403)["errorDetails"].to_string();
            assert!(left == 0 || told.contains(&left.to_string()), "{round} {left}: {told}");
        }
        let code = edge.setup_code();
        assert_ne!(code, first);
        assert!(edge.log().contains(&code), "the new code is shown on the terminal");
    }
    let right = json!({"code": edge.setup_code()});
    let answer = nobody.post(&format!("{SETUP}/code"), &right).await;
    expect::refusal(&answer, 429);
    assert!(answer.header("retry-after").is_some());
    expect::data(&nobody.from_source(9).post(&format!("{SETUP}/code"), &right).await);
    for body in [json!({}), json!({"code": 7}), json!([])] {
        expect::refusal(&nobody.post(&format!("{SETUP}/code"), &body).await, 400);
    }
}

#[tokio::test]
async fn a_restart_half_way_goes_on_with_the_answers_and_a_new_code_i8() {
    let edge = new_box();
    let authority = fs::read(edge.data().join("ca.pem")).expect("there");
    let mut codes = vec![edge.setup_code()];
    for (number, (step, fields)) in usual_answers().iter().enumerate() {
        let wizard = Wizard::unlock(&edge).await;
        expect::data(&wizard.answer(step, fields).await);
        wizard.recovery_key().await;
        if number % 2 == 0 {
            edge.kill_9()
        } else {
            edge.terminate()
        }
        edge.start_setup();
        expect::refusal(&ask(&wizard.client, "GET", "/answers").await, 401);
        assert!(!codes.contains(&edge.setup_code()), "the code is new at each start");
        codes.push(edge.setup_code());
        let after = Wizard::unlock(&edge).await.answers().await;
        assert_eq!(after["answers"].as_object().map(serde_json::Map::len), Some(number + 1), "{after}");
        assert_eq!(&after["answers"][step], fields);
    }
    let wizard = Wizard::unlock(&edge).await;
    assert_eq!(wizard.answers().await["step"], json!("recovery"));
    let key = wizard.recovery_key().await;
    expect::data(&wizard.check(&key).await);
    expect::data(&wizard.finish().await);
    wait_until_set_up(&edge).await;
    check_box(&edge, &authority).await;
}

#[tokio::test]
async fn of_two_browsers_that_finish_at_once_one_wins_i8() {
    let edge = new_box();
    let (one, other) = (Wizard::unlock(&edge).await, Wizard::unlock(&edge).await);
    one.answer_all().await;
    let (first, second) = tokio::join!(one.finish(), other.finish());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", first.text(), second.text());
    wait_until_set_up(&edge).await;
    Person::first_admin().sign_in(&edge).await;
    assert_eq!(edge.status()["companies"], json!(1));
}

#[tokio::test]
async fn a_kill_anywhere_in_the_end_leaves_a_box_or_a_setup_and_nothing_between_i8_d3() {
    let mut chance = Seeded::from_environment();
    let rounds = if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 60 } else { 12 };
    let mut edge = new_box();
    let mut set_up = 0;
    for round in 0..rounds {
        let authority = fs::read(edge.data().join("ca.pem")).expect("there");
        let wizard = Wizard::unlock(&edge).await;
        let key = wizard.answer_all().await;
        let request = wizard.client.request("POST", &format!("{SETUP}/finish"));
        let request = request.json(&json!({ "password": ADMIN_PASSWORD }));
        // Cut off, the client fails: that is its right.
        let asking = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(chance.between(1, 900))).await;
        edge.kill_9();
        let answered = asking.await.is_ok_and(|answer| answer.status == 200);
        edge.start_any();
        assert_eq!(fs::read(edge.data().join("ca.pem")).expect("there"), authority, "round {round}: the CA stays");
        if edge.status()["ready"] == json!(true) {
            set_up += 1;
            check_box(&edge, &authority).await;
            edge.terminate();
            opens_by(&edge, &key);
            edge = new_box();
            continue;
        }
        assert!(!answered, "round {round}: told as finished, and gone");
        let after = Wizard::unlock(&edge).await.answers().await;
        assert_eq!(after["step"], json!("recovery"), "round {round}: the answers are kept: {after}");
        for (step, fields) in usual_answers() {
            assert_eq!(after["answers"][step], fields, "round {round}");
        }
        let companies = fs::read_dir(edge.data().join("companies")).expect("a folder").count();
        assert_eq!(companies, 0, "round {round}: a company that was half made is left");
    }
    println!("{set_up} of {rounds} were set up when they were killed");
}

/// A box whose root key is gone opens by its recovery key, and by no other.
fn opens_by(edge: &EdgeBox, key: &str) {
    let (right, wrong) = (edge.beside().join("recovery"), edge.beside().join("recovery-wrong"));
    fs::write(&right, format!("{}\n", key.to_lowercase())).expect("temp");
    let (first, rest) = key.split_at(1);
    let other = format!("{}{rest}", if first == "0" { "1" } else { "0" });
    fs::write(&wrong, other).expect("temp");
    let root = edge.data().join("root.key");
    if root.exists() {
        fs::remove_file(&root).expect("the root key is lost");
    }
    let add = |file: &Path, email: &str| {
        let file = file.to_string_lossy().into_owned();
        let args = ["user", "add", "--company", ACME, "--email", email, "--recovery-key-file", &file];
        edge.edge(&args, &format!("{}\n", crate::GOOD))
    };
    let told = add(&wrong, "never@acme.test").refused("another recovery key");
    assert!(told.contains("recovery key"), "{told}");
    add(&right, "rescued@acme.test").succeeded("the recovery key");
}

#[tokio::test]
async fn the_recovery_key_of_the_setup_opens_the_box_when_its_root_key_is_lost_d2_i8() {
    let edge = new_box();
    let wizard = Wizard::unlock(&edge).await;
    let key = wizard.answer_all().await;
    expect::data(&wizard.finish().await);
    wait_until_set_up(&edge).await;
    edge.terminate();
    opens_by(&edge, &key);
    let (right, wrong) = (edge.beside().join("recovery"), edge.beside().join("recovery-wrong"));
    edge.start_refused().refused("run without any key");
    let edge = edge.with_args(&["--recovery-key-file", &wrong.to_string_lossy()]);
    assert!(edge.start_refused().refused("run with another recovery key").contains("recovery key"));
    let edge = edge.with_args(&["--recovery-key-file", &right.to_string_lossy()]);
    edge.start();
    Person::first_admin().sign_in(&edge).await;
}

#[tokio::test]
async fn nothing_secret_of_a_setup_is_in_a_file_or_in_the_log_d1_f2_i8() {
    let edge = EdgeBox::empty().with_args(&["--name", "localhost"]);
    edge.configure("[log]\nlevel = \"debug\"\n");
    edge.start_setup();
    let code = edge.setup_code();
    let wizard = Wizard::unlock(&edge).await;
    let key = wizard.answer_all().await;
    let _ = wizard.check("0000-1111-2222-3333-4444-5555-6666-7777").await;
    let _ = wizard.client.post(&format!("{SETUP}/finish"), &json!({"password": "mistyped-passw0rd"})).await;
    let plain_key = key.replace('-', "");
    let secrets = [wizard.token.as_str(), &key, &plain_key, ADMIN_PASSWORD, "mistyped-passw0rd"];
    let personal = ["admin@acme.test", ACME];
    let look = |when: &str| {
        let needles: Vec<&str> = secrets.iter().chain(&personal).copied().collect();
        secrecy::assert_nothing_readable(&edge, &needles, when);
        assert_eq!(secrecy::search(&edge.data(), &[&code]), [], "{when}: the code is on the disk");
        let log = edge.log();
        let told: Vec<&str> = log.lines().filter(|line| line.contains(&code)).collect();
        assert!(told.iter().all(|line| line.starts_with("  code  ")), "{when}: the code is in the log: {told:?}");
    };
    look("in the setup");
    expect::data(&wizard.finish().await);
    wait_until_set_up(&edge).await;
    look("after the setup");
    edge.kill_9();
    look("after kill -9");
    edge.start();
    edge.terminate();
    look("after a clean stop");
}

#[tokio::test]
async fn init_takes_over_a_setup_that_was_begun_and_not_one_that_runs_i8() {
    let edge = new_box();
    let wizard = Wizard::unlock(&edge).await;
    expect::data(&wizard.answer("company", &json!({"name": "Never"})).await);
    let refused = edge.run_init(&[], ADMIN_PASSWORD).refused("init beside a setup that runs");
    assert!(refused.contains("in use"), "{refused}");
    expect::data(&wizard.client.get(&format!("{SETUP}/answers")).await);
    edge.kill_9();
    edge.run_init(&[], ADMIN_PASSWORD).succeeded("init after a setup that was begun");
    edge.start();
    Person::first_admin().sign_in(&edge).await;
    assert_eq!(expect::data(&Client::new(&edge).get(SETUP).await), json!({"needed": false}));
}

#[test]
fn run_in_a_folder_with_other_files_refuses_and_changes_nothing_i8() {
    let edge = EdgeBox::empty();
    fs::create_dir_all(edge.data()).expect("temp");
    fs::write(edge.data().join("holiday.jpg"), b"not ours").expect("temp");
    let text = edge.start_refused().refused("run in a folder that is not empty");
    assert!(text.contains("holiday.jpg"), "names what is in the way: {text}");
    assert_eq!(fs::read_dir(edge.data()).expect("a folder").count(), 1);
    let text = edge.edge(&["run", "--key-file", "/nowhere/root.key"], "").refused("run with a key that is not there");
    assert!(text.contains("holiday.jpg"), "{text}");
    let nothing = EdgeBox::empty().with_args(&["--name", "no name"]);
    assert!(nothing.start_refused().refused("a name that is none").contains("--name"));
}
