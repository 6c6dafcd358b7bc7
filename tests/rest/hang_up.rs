//! Clients that hang up while the box works for them (E5).

use crate::{ADMIN_USERS, OwnCompany, USERS, world};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use world::{Device, Person, Seeded, SignedIn, expect};

const HANG_UPS: usize = 60;

fn new_user(admin: &SignedIn, person: &Person) -> Value {
    json!({
        "companyId": admin.company_id(), "loginEmail": person.email, "password": person.password,
        "firstName": person.first_name, "lastName": person.last_name, "roles": ["user"],
    })
}

async fn create(admin: &SignedIn, person: &Person) {
    expect::data(&admin.client.post(ADMIN_USERS, &new_user(admin, person)).await);
}

/// How a client goes.
#[derive(Clone, Copy, PartialEq)]
enum Farewell {
    /// FIN, once the box has asked for the body and the whole of it is sent: the request has come whole.
    End,
    /// RST: what the box has not read yet is lost.
    Reset,
    /// RST_STREAM of HTTP/2.
    ResetStream,
}

/// Sends the request, lets `after` go by and goes.
async fn ask_and_hang_up(admin: &SignedIn, person: &Person, after: Duration, farewell: Farewell) {
    if farewell == Farewell::ResetStream {
        return ask_and_reset_stream(admin, person, after).await;
    }
    let body = new_user(admin, person).to_string();
    let (length, token) = (body.len(), &admin.token);
    let head = format!(
        "POST {ADMIN_USERS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    let mut stream = admin.client.door().tls(&["http/1.1"]).await.expect("TLS connects");
    stream.write_all(head.as_bytes()).await.expect("the head is taken");
    let mut go_on = [0_u8; 25];
    let read = tokio::time::timeout(Duration::from_secs(world::PATIENCE_S), stream.read_exact(&mut go_on)).await;
    read.expect("the body is asked for in time").expect("the body is asked for");
    assert_eq!(String::from_utf8_lossy(&go_on), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.expect("the body is taken");
    stream.flush().await.expect("the body is taken");
    tokio::time::sleep(after).await;
    if farewell == Farewell::Reset {
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
async fn what_was_asked_whole_is_done_and_nothing_is_done_by_halves_when_clients_hang_up_e5() {
    let company = OwnCompany::new("hangup");
    let admin = company.person("boss", &["--admin"]).sign_in(&world().edge).await;
    let named = |name: String| Person::named(&company.name, &format!("{name}@{}", company.domain));
    let begun = Instant::now();
    create(&admin, &named("measure".to_owned())).await;
    let whole_us = u64::try_from(begun.elapsed().as_micros()).expect("a moment").max(1_000);

    let mut chance = Seeded::from_environment();
    let mut tried = Vec::new();
    for number in 0..HANG_UPS {
        let person = named(format!("person{number}"));
        let after = Duration::from_micros(chance.between(0, whole_us * 3 / 2));
        let farewell = [Farewell::End, Farewell::Reset, Farewell::ResetStream][number % 3];
        ask_and_hang_up(&admin, &person, after, farewell).await;
        tried.push((person, farewell));
    }
    // Passwords are hashed in the order of their coming: behind these, all of the above are done.
    for number in 0..3 {
        create(&admin, &named(format!("fence{number}"))).await;
    }
    for (person, farewell) in &tried {
        let again = admin.client.post(ADMIN_USERS, &new_user(&admin, person)).await;
        let was_there = again.status == 409;
        assert!(was_there || *farewell != Farewell::End, "{}: its request had come whole", person.email);
        if !was_there {
            expect::data(&again);
        }
        is_whole(person).await;
    }
}
