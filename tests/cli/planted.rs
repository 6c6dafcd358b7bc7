//! A box in which secrets of every kind were planted, and a company that will be erased (D1, D2).

use crate::key_tree::{self, KeyTree};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use world::device::STORE;
use world::secrecy::Secrets;
use world::{ACME, ClamAv, Device, EdgeBox, Person, SignedIn, expect, noise};

const FILES: &str = "/api/rainbow/filestorage/v1.0/files";
const BYTES: &str = "/api/rainbow/fileserver/v1.0/files";

/// A running box whose root key lies beside its data, with a company that stays and one to be erased. Its people were there, and
/// have gone.
pub(crate) struct PlantedBox {
    pub(crate) edge: EdgeBox,
    /// Where backups go.
    pub(crate) usb: PathBuf,
    pub(crate) doomed_id: String,
    stays: Planted,
    pub(crate) goes: Planted,
    keys: KeyTree,
}

impl PlantedBox {
    pub(crate) async fn new() -> Self {
        let edge = EdgeBox::init();
        let (usb, key) = (edge.beside().join("usb"), edge.beside().join("own.key"));
        fs::create_dir_all(&usb).expect("a disk");
        let scanner = ClamAv::of_suite().configuration("reserve_bytes = 1048576");
        edge.configure(&format!("{scanner}\n[backup]\ntargets = [\"usb=file://{}\"]\n", usb.display()));
        fs::rename(edge.data().join("root.key"), &key).expect("init made root.key");
        let root = fs::read_to_string(&key).expect("a key file");
        let edge = edge.with_args(&["--key-file", &key.display().to_string()]);
        edge.start();
        let (mut stays, mut goes) = (Planted::new(&edge, ACME, "quinoa"), Planted::new(&edge, DOOMED, "zephyr"));
        stays.act(&edge).await;
        goes.act(&edge).await;
        // All its keys are known from its files; and whoever starts anew has to read what was said from them.
        edge.terminate();
        let copy = edge.beside().join("copy");
        edge.copy_data_to(&copy);
        let keys = key_tree::of_box(&copy, &root);
        edge.start();
        stays.act(&edge).await;
        let doomed_id = goes.act(&edge).await;
        Self { edge, usb, doomed_id, stays, goes, keys }
    }

    /// The administrator signs in, is online, and goes.
    pub(crate) async fn somebody_comes_by(&self) {
        let admin = Person::first_admin().sign_in(&self.edge).await;
        Device::online(&self.edge, &admin, "node_passer").await.leave().await;
        admin.sign_out().await;
    }

    /// All that was planted, and all keys.
    pub(crate) fn all(&self) -> Secrets {
        let keys = self.keys.by_company.values().cloned();
        keys.fold(self.keys.of_box.clone().and(self.stays.secrets()).and(self.goes.secrets()), Secrets::and)
    }

    /// What ends with the company to be erased.
    pub(crate) fn of_the_doomed(&self) -> Secrets {
        self.goes.secrets().and(self.keys.by_company[&self.doomed_id].clone())
    }
}

const DOOMED: &str = "Hooli-Nachlass";

/// Two people of one company, and what they did there.
pub(crate) struct Planted {
    pub(crate) company: String,
    one: Person,
    other: Person,
    /// Begins whatever they said.
    word: String,
    file: Option<String>,
    application_password: String,
    /// Of each sign-in: of the token what nobody else can write, and what stands for a password on a stream.
    tokens: Vec<(String, String)>,
}

impl Planted {
    fn new(edge: &EdgeBox, company: &str, word: &str) -> Self {
        if company != ACME {
            edge.add_company(company, "public");
        }
        let person = |first: &str| edge.add_person(company, &format!("{first}-{word}@planted.test"), &[]);
        let (one, other) = (person("olivia"), person("oskar"));
        let (word, application_password) = (word.to_owned(), String::new());
        Self { company: company.to_owned(), one, other, word, file: None, application_password, tokens: Vec::new() }
    }

    fn said(&self) -> String {
        format!("{} bought the harbour in silence", self.word)
    }

    fn file_name(&self) -> String {
        format!("{}-ledger-of-losses", self.word)
    }

    fn file_bytes(&self) -> Vec<u8> {
        noise(300_000, u64::from(self.word.as_bytes()[0]))
    }

    /// They sign in, talk, share a file, use an application password, and go. Answers the company's id.
    async fn act(&mut self, edge: &EdgeBox) -> String {
        let (one, other) = (self.one.sign_in(edge).await, self.other.sign_in(edge).await);
        let mut device = Device::online(edge, &one, "node_planted").await;
        for number in 0..20 {
            device.message(other.jid(), &format!("{}-{number}", self.word), &self.said(), STORE).await;
        }
        device.settle().await;
        device.leave().await;
        let mut device = Device::online(edge, &other, "node_planted").await;
        assert!(!device.whole_history(one.jid(), 100).await.is_empty());
        device.leave().await;
        self.share(&one).await;
        if self.application_password.is_empty() {
            let made = one.application_password("Old telephone", &self.one.password).await;
            self.application_password = made["password"].as_str().expect("an application password").to_owned();
        }
        Device::standard(edge, one.local(), &self.application_password, "telephone").await.leave().await;
        self.tokens.extend([&one, &other].map(|who| (signature(&who.token), who.secret().to_owned())));
        one.sign_out().await;
        one.company_id().to_owned()
    }

    async fn share(&mut self, who: &SignedIn) {
        if self.file.is_none() {
            let bytes = self.file_bytes();
            let body = serde_json::json!({"fileName": self.file_name(), "extension": "bin", "size": bytes.len()});
            let made = expect::data(&who.client.post(FILES, &body).await);
            let id = made["id"].as_str().expect("an id").to_owned();
            let put = who.client.request("PUT", &format!("{BYTES}/{id}")).body("application/octet-stream", &bytes);
            expect::data(&put.send().await);
            let begun = Instant::now();
            while expect::data(&who.client.get(&format!("{FILES}/{id}")).await)["isClean"].is_null() {
                assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "not scanned");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            self.file = Some(id);
        }
        let id = self.file.as_ref().expect("it was shared");
        assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], self.file_bytes()[..]);
    }

    /// All that was said, shown and typed.
    fn secrets(&self) -> Secrets {
        let of = &self.company;
        let mut secrets = Secrets::default()
            .text(&format!("message in {of}"), &self.said())
            .text(&format!("name of a file in {of}"), &self.file_name())
            .text(&format!("address in {of}"), &self.one.email)
            .text(&format!("password in {of}"), &self.one.password)
            .text(&format!("password in {of}"), &self.other.password)
            .text(&format!("application password in {of}"), &self.application_password);
        for (token, secret) in &self.tokens {
            secrets = secrets.text(&format!("token in {of}"), token);
            secrets = secrets.text(&format!("secret of a session in {of}"), secret);
        }
        // Places that lie in different segments, and some way into them.
        let bytes = self.file_bytes();
        for at in [1_000, 90_000, 250_000] {
            secrets = secrets.bytes(&format!("bytes of a file in {of}"), &bytes[at..at + 64]);
        }
        secrets
    }
}

/// Of a token what nobody else can write.
fn signature(token: &str) -> String {
    token.rsplit('.').next().unwrap_or(token).to_owned()
}
