//! Setting a box up in a browser, as its first administrator does.

use crate::edge_box::{ADMIN_EMAIL, ADMIN_PASSWORD, DOMAIN};
use crate::{ACME, Answer, Client, EdgeBox, expect};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Where the setup is.
pub const SETUP: &str = "/api/edge/v1/setup";

/// Answers by step, with the names that every test box has.
pub fn usual_answers() -> [(&'static str, Value); 4] {
    [
        ("language", json!({"language": "fr"})),
        ("name", json!({"name": "localhost", "domain": DOMAIN})),
        ("company", json!({"name": ACME, "visibility": "private"})),
        ("administrator", json!({"email": ADMIN_EMAIL, "firstName": "Ada", "lastName": "Admin"})),
    ]
}

/// A browser that has entered the code of a box.
#[derive(Debug)]
pub struct Wizard {
    pub client: Client,
    pub token: String,
}

impl Wizard {
    /// Reads the code at the box's console and enters it.
    pub async fn unlock(edge: &EdgeBox) -> Self {
        let client = Client::new(edge);
        let code = json!({ "code": edge.setup_code() });
        let told = expect::data(&client.post(&format!("{SETUP}/code"), &code).await);
        let token = told["token"].as_str().expect("a token").to_owned();
        Self { client: client.with_token(&token), token }
    }

    /// Answers one step.
    pub async fn answer(&self, step: &str, fields: &Value) -> Answer {
        self.client.put(&format!("{SETUP}/answers/{step}"), fields).await
    }

    /// What was answered so far.
    pub async fn answers(&self) -> Value {
        expect::data(&self.client.get(&format!("{SETUP}/answers")).await)
    }

    /// A new recovery key.
    pub async fn recovery_key(&self) -> String {
        let made = expect::data(&self.client.post(&format!("{SETUP}/recovery-key"), &json!({})).await);
        made["key"].as_str().expect("a key").to_owned()
    }

    /// Types a recovery key.
    pub async fn check(&self, key: &str) -> Answer {
        self.client.post(&format!("{SETUP}/recovery-key/check"), &json!({ "key": key })).await
    }

    /// Answers everything; returns the recovery key.
    pub async fn answer_all(&self) -> String {
        for (step, fields) in usual_answers() {
            expect::data(&self.answer(step, &fields).await);
        }
        let key = self.recovery_key().await;
        expect::data(&self.check(&key).await);
        key
    }

    /// The end, with the password of the first administrator of every test box.
    pub async fn finish(&self) -> Answer {
        self.client.post(&format!("{SETUP}/finish"), &json!({ "password": ADMIN_PASSWORD })).await
    }
}

/// Asks until the box says that it needs no setup any more and its console says that it is ready.
pub async fn wait_until_set_up(edge: &EdgeBox) {
    let start = Instant::now();
    let client = Client::new(edge);
    while expect::data(&client.get(SETUP).await)["needed"] != json!(false) || edge.status()["ready"] != json!(true) {
        assert!(start.elapsed().as_secs() < crate::PATIENCE_S, "the box does not leave its setup");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
