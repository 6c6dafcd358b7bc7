//! Persons and their sign-ins.

use crate::http::{Answer, Client};
use crate::{EdgeBox, edge_box};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub company: String,
    pub email: String,
    pub password: String,
    pub first_name: String,
    pub last_name: String,
}

impl Person {
    /// A person whose names and password follow from the address, so that a search of the disk can look for them.
    pub fn named(company: &str, email: &str) -> Self {
        let local = email.split('@').next().unwrap_or(email);
        Self {
            company: company.to_owned(),
            email: email.to_owned(),
            password: format!("Pw1!{local}-is-secret"),
            first_name: format!("Firstname{local}"),
            last_name: format!("Lastname{local}"),
        }
    }

    /// The administrator whom `init` makes.
    pub fn first_admin() -> Self {
        let mut admin = Self::named(crate::ACME, edge_box::ADMIN_EMAIL);
        admin.password = edge_box::ADMIN_PASSWORD.to_owned();
        admin
    }

    /// Asks for a sign-in and returns whatever is answered.
    pub async fn try_sign_in(&self, edge: &EdgeBox) -> Answer {
        sign_in_with(edge, &self.email, &self.password, None).await
    }

    /// Signs in; the answer must be the one of a success.
    pub async fn sign_in(&self, edge: &EdgeBox) -> SignedIn {
        let answer = self.try_sign_in(edge).await;
        assert_eq!(answer.status, 200, "sign-in of {}: {}", self.email, answer.text());
        SignedIn::from_answer(edge, &answer.json())
    }
}

/// Sends the log-in request of the protocol sheet's section 3, with an application (id, secret) or without.
pub async fn sign_in_with(edge: &EdgeBox, email: &str, password: &str, app: Option<(&str, &str)>) -> Answer {
    sign_in_through(&Client::new(edge), email, password, app).await
}

/// The same through this client, which may come from another source.
pub async fn sign_in_through(client: &Client, email: &str, password: &str, app: Option<(&str, &str)>) -> Answer {
    let mut request = client
        .request("GET", "/api/rainbow/authentication/v1.0/login")
        .header("authorization", &format!("Basic {}", BASE64.encode(format!("{email}:{password}"))));
    if let Some((id, secret)) = app {
        let proof =
            hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{secret}{password}").as_bytes())
                .as_ref());
        request = request.header("x-rainbow-app-auth", &format!("Basic {}", BASE64.encode(format!("{id}:{proof}"))));
    }
    request.send().await
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A live sign-in: token, own user and a client that carries the token.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub token: String,
    pub user: Value,
    pub client: Client,
}

impl SignedIn {
    /// Reads the answer of a log-in.
    pub fn from_answer(edge: &EdgeBox, answer: &Value) -> Self {
        let token = answer["token"].as_str().expect("a log-in answers `token` at top level").to_owned();
        let client = Client::new(edge).with_token(&token);
        Self { token, user: answer["loggedInUser"].clone(), client }
    }

    fn text(&self, key: &str) -> &str {
        self.user[key].as_str().unwrap_or_else(|| panic!("loggedInUser lacks `{key}`"))
    }

    /// The user's id.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The bare JID.
    pub fn jid(&self) -> &str {
        self.text("jid_im")
    }

    /// The local part of the JID: the SASL user name.
    pub fn local(&self) -> &str {
        self.jid().split('@').next().unwrap_or_default()
    }

    /// The XMPP secret of this sign-in.
    pub fn secret(&self) -> &str {
        self.text("jid_password")
    }

    /// The company's id.
    pub fn company_id(&self) -> &str {
        self.text("companyId")
    }

    /// Makes an application password of this name; the answer's id, name, password and jid.
    pub async fn application_password(&self, name: &str, current: &str) -> Value {
        let body = serde_json::json!({ "name": name, "currentPassword": current });
        crate::expect::data(&self.client.post("/api/edge/v1/application-passwords", &body).await)
    }

    /// Ends this sign-in.
    pub async fn sign_out(&self) -> Answer {
        self.client.get("/api/rainbow/authentication/v1.0/logout").await
    }
}
