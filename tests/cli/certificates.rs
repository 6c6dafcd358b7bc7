//! `certificate set`, `show`, `remove`: uploaded chains beside the box's own CA (E2).

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use world::device::STORE;
use world::tls::Door;
use world::{Device, EdgeBox, Outcome, World};

/// The name of every test box.
const NAME: &str = "localhost";

/// A customer's CA: root, intermediate, and a leaf with its key.
struct Customer {
    root: Certificate,
    middle: Certificate,
    middle_params: CertificateParams,
    middle_key: KeyPair,
    key: KeyPair,
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn leaf() -> CertificateParams {
    let mut params = CertificateParams::new(vec![NAME.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, "box");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

impl Customer {
    fn new() -> Self {
        let (root_key, middle_key, key) =
            (KeyPair::generate().expect("key"), KeyPair::generate().expect("key"), KeyPair::generate().expect("key"));
        let (root_params, middle_params) = (authority("Customer root"), authority("Customer intermediate"));
        let root = root_params.self_signed(&root_key).expect("signed");
        let middle = middle_params.signed_by(&middle_key, &Issuer::new(root_params, &root_key)).expect("signed");
        Self { root, middle, middle_params, middle_key, key }
    }

    fn sign(&self, params: &CertificateParams) -> String {
        let issuer = Issuer::from_params(&self.middle_params, &self.middle_key);
        params.signed_by(&self.key, &issuer).expect("signed").pem()
    }

    /// Leaf and intermediate for the box.
    fn chain(&self) -> String {
        self.sign(&leaf()) + &self.middle.pem()
    }
}

/// Runs `certificate set` with files of these contents, named `chain.pem` and `key.pem`.
fn set(edge: &EdgeBox, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Outcome {
    let (chain_file, key_file) = (edge.beside().join("chain.pem"), edge.beside().join("key.pem"));
    fs::write(&chain_file, chain).expect("temp");
    fs::write(&key_file, key).expect("temp");
    let path = |file: &Path| file.to_string_lossy().into_owned();
    edge.edge(&["certificate", "set", "--chain", &path(&chain_file), "--key", &path(&key_file)], "")
}

fn show(edge: &EdgeBox) -> Value {
    let text = edge.edge(&["certificate", "show", "--json"], "").succeeded("certificate show").out;
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn uploaded_chain_is_shown_at_once_and_open_sessions_go_on_e2() {
    let World { edge, alice, bob, .. } = World::new();
    let (alice, bob) = (alice.sign_in(&edge).await, bob.sign_in(&edge).await);
    let mut one = Device::online(&edge, &alice, "node_alice").await;
    let mut two = Device::online(&edge, &bob, "node_bob").await;
    let customer = Customer::new();
    let (own, given) = (Door::of(&edge), Door::of(&edge).trusting(&customer.root.pem()));
    assert!(given.tls(&["http/1.1"]).await.is_err(), "nobody has given it yet");

    let told = set(&edge, customer.chain(), customer.key.serialize_pem()).succeeded("certificate set").text();
    assert!(told.contains("uploaded") && told.contains(NAME), "{told}");
    given.tls(&["http/1.1"]).await.expect("new connections see the uploaded chain, with its intermediate");
    assert!(own.tls(&["http/1.1"]).await.is_err(), "and no longer the box's own CA");
    for number in 0..3 {
        let body = format!("still here {number}");
        one.message(bob.jid(), &format!("during-{number}"), &body, STORE).await;
        two.expect("the message on the open connection", |stanza| stanza.body() == Some(&body)).await;
    }
    let me = alice.client.through(given.clone()).get("/api/rainbow/enduser/v1.0/users/me").await;
    world::expect::data(&me);

    let status = edge.status();
    assert_eq!(status["certificate"]["kind"], json!("uploaded"), "{status}");
    assert_eq!(status["certificate"]["names"], json!([NAME]));
    assert!(status["certificate"]["expires_at_ms"].as_u64().is_some_and(|end| end > 1_795_478_400_000), "{status}");
    assert_eq!(show(&edge), status["certificate"]);

    edge.edge(&["certificate", "remove"], "").succeeded("certificate remove");
    own.tls(&["http/1.1"]).await.expect("the box's own CA signs again");
    assert!(given.tls(&["http/1.1"]).await.is_err());
    assert_eq!(edge.status()["certificate"]["kind"], json!("own_ca"));
    one.message(bob.jid(), "afterwards", "and still", STORE).await;
    two.expect("the message after the removal", |stanza| stanza.body() == Some("and still")).await;
    let again = edge.edge(&["certificate", "remove"], "").refused("removing what is not there");
    assert!(again.contains("no uploaded certificate"), "{again}");
}

#[tokio::test]
async fn uploaded_chain_of_a_stopped_box_is_shown_from_its_start_and_its_key_is_nowhere_in_clear_e2_d1() {
    let edge = EdgeBox::init();
    let customer = Customer::new();
    let key = customer.key.serialize_pem();
    set(&edge, customer.chain(), &key).succeeded("certificate set on a stopped box");
    assert_eq!(show(&edge)["kind"], json!("uploaded"));
    let given = Door::of(&edge).trusting(&customer.root.pem());
    for _ in 0..2 {
        edge.start();
        given.tls(&["http/1.1"]).await.expect("shown from the start");
        edge.terminate();
    }
    let lines: Vec<&str> = key.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(!lines.is_empty());
    assert!(world::secrecy::search(&edge.data(), &lines).is_empty(), "the key is on the disk in clear");
    assert!(!edge.log().contains(lines[0]), "the key is in the log");
    edge.edge(&["certificate", "remove"], "").succeeded("certificate remove on a stopped box");
    edge.start();
    Door::of(&edge).tls(&["http/1.1"]).await.expect("the box's own CA signs again");
}

#[test]
fn every_mistake_names_the_file_and_says_what_to_do_and_changes_nothing_e2() {
    let edge = EdgeBox::init();
    let customer = Customer::new();
    let (chain, key) = (customer.chain(), customer.key.serialize_pem());
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = leaf();
        change(&mut params);
        customer.sign(&params) + &customer.middle.pem()
    };
    let own = leaf().self_signed(&customer.key).expect("signed").pem();
    let foreign = KeyPair::generate().expect("a key").serialize_pem();
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIH0\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let expired = with(&|params| params.not_after = date_time_ymd(2020, 1, 2));
    let early = with(&|params| params.not_before = date_time_ymd(4000, 1, 2));
    let other = with(&|params| {
        params.subject_alt_names =
            CertificateParams::new(vec!["elsewhere.test".to_owned()]).expect("a name").subject_alt_names;
    });
    let useless = with(&|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let backwards = customer.middle.pem() + &customer.sign(&leaf());
    let gap = customer.sign(&leaf()) + &customer.root.pem();
    let huge = "x".repeat(100_000);
    let cases: &[(&str, &str, &[&str])] = &[
        ("no chain", &key, &["chain.pem", "no certificate"]),
        (&huge, &key, &["chain.pem", "more than 32768 bytes"]),
        (&chain, "no key", &["key.pem", "no private key"]),
        (&chain, encrypted, &["key.pem", "encrypted", "openssl pkey"]),
        (&chain, &foreign, &["key.pem", "does not belong"]),
        (&own, &key, &["chain.pem", "self-signed"]),
        (&expired, &key, &["chain.pem", "expired on 2020-01-02", "renew"]),
        (&early, &key, &["chain.pem", "not valid before 4000-01-02"]),
        (&other, &key, &["chain.pem", NAME, "elsewhere.test"]),
        (&useless, &key, &["chain.pem", "serverAuth"]),
        (&backwards, &key, &["chain.pem", "first"]),
        (&gap, &key, &["chain.pem", "certificate 1 is not signed by certificate 2"]),
    ];
    let before = show(&edge);
    assert_eq!(before["kind"], json!("own_ca"));
    for running in [false, true] {
        if running {
            edge.start();
        }
        for (chain, key, words) in cases {
            let told = set(&edge, chain, key).refused("a wrong chain");
            for word in *words {
                assert!(told.contains(word), "running: {running}: {word:?} is missing: {told}");
            }
        }
        assert!(set(&edge, [0x30, 0x82, 0xff], &key).refused("DER").contains("chain.pem: it is not PEM text"));
        assert_eq!(show(&edge), before);
    }
    let args = ["certificate", "set", "--chain", "/nowhere/chain.pem", "--key", "/nowhere/key.pem"];
    assert!(edge.edge(&args, "").refused("no file").contains("/nowhere/chain.pem"));
    let nothing = EdgeBox::empty();
    assert!(nothing.edge(&["certificate", "show"], "").refused("no box").contains("rainbow-edge init"));
}

#[test]
fn a_chain_that_covers_the_name_no_more_gives_way_to_the_own_ca_with_a_warning_e2() {
    let edge = EdgeBox::init();
    let customer = Customer::new();
    let told = set(&edge, customer.sign(&leaf()), customer.key.serialize_pem()).succeeded("the leaf alone").text();
    assert!(told.contains("warning") && told.contains("intermediate"), "{told}");
    set(&edge, customer.chain(), customer.key.serialize_pem()).succeeded("the whole chain");
    let edge = edge.with_args(&["--name", "renamed.test"]);
    edge.start();
    let status = edge.status();
    assert_eq!(status["certificate"]["kind"], json!("own_ca"), "{status}");
    assert_eq!(status["certificate"]["names"], json!(["renamed.test", "edge.test"]), "name and domain");
    let told = [status["warnings"].to_string(), edge.log_since_start(), edge.edge(&["status"], "").text()];
    for text in told {
        for word in ["does not cover the box's name renamed.test", "own CA", "certificate set"] {
            assert!(text.contains(word), "{word:?} is missing: {text}");
        }
    }
    edge.terminate();
    let edge = edge.with_args(&["--name", NAME]);
    edge.start();
    assert_eq!(edge.status()["certificate"]["kind"], json!("uploaded"), "the name is right again");
}
