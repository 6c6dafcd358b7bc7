//! Clients that hang up while the box works for them (E5).

use crate::{ADMIN_USERS, OwnCompany, USERS, world};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use world::{Device, Person, Seeded, SignedIn, expect};

const HANG_UPS: u32 = 60;

fn new_user(admin: &SignedIn, person: &Person) -> Value {
    json!({
        "companyId": admin.company_id(), "loginEmail": person.email, "password": person.password,
        "firstName": person.first_name, "lastName": person.last_name, "roles": ["user"],
    })
}

async fn create(admin: &SignedIn, person: &Person) {
    expect::data(&admin.client.post(ADMIN_USERS, &new_user(admin, person)).await);
}

/// Sends the whole request over HTTP/1.1, lets `after` go by and ends the connection: by FIN, or by RST.
async fn ask_and_hang_up(admin: &SignedIn, person: &Person, after: Duration, reset: bool) {
    let body = new_user(admin, person).to_string();
    let (length, token) = (body.len(), &admin.token);
    let request = format!(
        "POST {ADMIN_USERS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = admin.client.door().tls(&["http/1.1"]).await.expect("TLS connects");
    stream.write_all(request.as_bytes()).await.expect("the request is taken");
    stream.flush().await.expect("the request is taken");
    tokio::time::sleep(after).await;
    if reset {
        stream.get_ref().0.set_zero_linger().expect("an open socket");
    }
}

/// Sends it over HTTP/2 and takes the stream back before it is answered.
async fn ask_and_reset_stream(admin: &SignedIn, person: &Person, after: Duration) {
    let request = admin.client.over_http2().request("POST", ADMIN_USERS).json(&new_user(admin, person));
    let _answered = tokio::time::timeout(after, request.send()).await;
}

/// Whoever can sign in can do everything: the account is not half there.
async fn is_whole(person: &Person) {
    let signed_in = person.sign_in(&world().edge).await;
    let me = expect::data(&signed_in.client.get(&format!("{USERS}/me")).await);
    assert_eq!(me["loginEmail"], json!(person.email));
    Device::online(&world().edge, &signed_in, "phone").await.leave().await;
}

#[tokio::test]
async fn an_account_whose_maker_hung_up_is_whole_or_not_there_e5() {
    let company = OwnCompany::new("hangup");
    let admin = company.person("boss", &["--admin"]).sign_in(&world().edge).await;
    let named = |name: String| Person::named(&company.name, &format!("{name}@{}", company.domain));
    let begun = Instant::now();
    create(&admin, &named("measure".to_owned())).await;
    let whole_us = u64::try_from(begun.elapsed().as_micros()).expect("a moment").max(1_000);

    let mut chance = Seeded::from_environment();
    let people: Vec<Person> = (0..HANG_UPS).map(|number| named(format!("person{number}"))).collect();
    for person in &people {
        let after = Duration::from_micros(chance.between(0, whole_us * 3 / 2));
        match chance.between(0, 3) {
            0 => ask_and_reset_stream(&admin, person, after).await,
            kind => ask_and_hang_up(&admin, person, after, kind == 1).await,
        }
    }
    // Passwords are hashed in the order of their coming: behind these, all of the above are done.
    for number in 0..3 {
        create(&admin, &named(format!("fence{number}"))).await;
    }
    let mut there = 0;
    for person in &people {
        let answer = admin.client.post(ADMIN_USERS, &new_user(&admin, person)).await;
        if answer.status == 409 {
            there += 1;
        } else {
            expect::data(&answer);
        }
        is_whole(person).await;
    }
    assert!(there > 0, "no request was read before its client hung up: this test tried nothing");
    println!("{there} of {HANG_UPS} were there");
}
