//! Every key of a stopped box, by whoever has its root key: what must not be found where it does not belong (D2).

use std::collections::BTreeMap;
use std::path::Path;
use store::Purpose;
use vault::{BranchKey, Envelope, Keyring, Role, RootSource, SecretKey};
use world::secrecy::Secrets;

/// Keys of the tree, which lie in locked pages and nowhere else.
const KEY: &str = "key: ";
/// Secrets that are rows of the directory, and so content that SQLite has in its cache and whoever signs with them in hand.
const ROW: &str = "row: ";

/// Of the tree, as its name says.
pub(crate) fn is_key(name: &str) -> bool {
    name.starts_with(KEY)
}

/// A row of the directory, as its name says.
pub(crate) fn is_row(name: &str) -> bool {
    name.starts_with(ROW)
}

/// All keys of a box.
pub(crate) struct KeyTree {
    pub(crate) of_box: Secrets,
    pub(crate) by_company: BTreeMap<String, Secrets>,
}

/// All keys of the box in `data`, which nobody has open; `root` as it stands in a key file.
pub(crate) fn of_box(data: &Path, root: &str) -> KeyTree {
    let source = RootSource::from_key_bytes(root.as_bytes()).expect("a root key");
    let vault = Keyring::open(data, &source).expect("it opens the keyring");
    let digits = root.trim();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    let raw: Vec<u8> = (0..64).step_by(2).map(byte).collect();
    let root = SecretKey::copied(raw.as_slice().try_into().expect("32 bytes"));
    let mut secrets = Secrets::default().bytes("root key", root.expose());
    secrets = secrets.bytes(&format!("{KEY}what wraps keys"), root.derive(&[b"wrap"]).expose());
    for purpose in Purpose::ALL {
        secrets = secrets.bytes(&format!("{KEY}{purpose:?}"), purpose.of(&vault).expose());
    }
    let directory = vault.directory_key();
    secrets = secrets.and(of_branch("the directory", &directory, None));
    let path = data.join("directory.db");
    let (rows, _) = vault::open(&path, &directory.database_key(), Role::Reader).expect("the directory opens");
    let of_rows = |sql: &str| -> Vec<(String, Vec<u8>)> {
        let mut statement = rows.prepare(sql).expect("a query");
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        found.map(|row| row.expect("a row")).collect()
    };
    for (what, secret) in of_rows(
        "SELECT 'of ' || purpose, secret FROM box_key UNION ALL SELECT 'that signs tokens', secret FROM signing_key
         UNION ALL SELECT 'of relay ' || host, secret FROM relay",
    ) {
        secrets = secrets.bytes(&format!("{ROW}key {what}"), &secret);
    }
    for (kind, pem) in of_rows("SELECT kind, CAST(key_pem AS BLOB) FROM certificate") {
        secrets = secrets.and(of_pem(&kind, &String::from_utf8(pem).expect("PEM is text")));
    }
    let of_companies = of_rows("SELECT id, wrapped_key FROM company").into_iter().map(|(id, wrapped)| {
        let branch = vault.open_company_key(&id, &wrapped).expect("its key");
        let secrets = of_company(data, &id, &branch);
        (id, secrets)
    });
    KeyTree { of_box: secrets, by_company: of_companies.collect() }
}

/// A private key: the lines of its text, and the number that is the secret of it (RFC 5915).
fn of_pem(kind: &str, pem: &str) -> Secrets {
    let lines = pem.lines().filter(|line| line.len() >= 40 && !line.starts_with("--"));
    lines.fold(Secrets::default(), |secrets, line| secrets.text(&format!("{ROW}TLS key of {kind}"), line))
}

/// The keys of a company and of its files.
fn of_company(data: &Path, id: &str, branch: &BranchKey) -> Secrets {
    let mut secrets = of_branch(id, branch, Some(id));
    let wrapping = branch.derive("file keys");
    secrets = secrets.bytes(&format!("{KEY}what wraps files of {id}"), wrapping.expose());
    let path = data.join("companies").join(format!("{id}.db"));
    let (rows, _) = vault::open(&path, &branch.database_key(), Role::Reader).expect("a company opens");
    let mut statement = rows.prepare("SELECT id, wrapped_key FROM file WHERE wrapped_key NOT NULL").expect("a query");
    let files = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))).expect("rows");
    for (file, wrapped) in files.map(|row| row.expect("a row")) {
        // Wrapped: version, then as an envelope of this associated data (sealed_file/key.rs).
        let about = [b"rainbow-edge file key v1\0", file.as_bytes()].concat();
        let key = Envelope::new(&wrapping).open(&about, &wrapped[1..]).expect("the key of a file");
        secrets = secrets.bytes(&format!("{KEY}file of {id}"), &key);
    }
    secrets
}

/// A branch's own keys, and those that its database is sealed with.
fn of_branch(name: &str, branch: &BranchKey, company: Option<&str>) -> Secrets {
    let mut secrets = Secrets::default();
    for key in epochs(branch, company) {
        let database = key.derive(&[b"database"]);
        secrets = secrets.bytes(&format!("{KEY}branch of {name}"), key.expose());
        secrets = secrets.bytes(&format!("{KEY}database of {name}"), database.expose());
        for purpose in ["page", "wal frame header", "wal header", "rollback journal"] {
            let derived = database.derive(&[purpose.as_bytes()]);
            secrets = secrets.bytes(&format!("{KEY}{purpose} of {name}"), derived.expose());
        }
    }
    secrets
}

/// The raw keys of a branch that was never turned: read out of its stored form, version 1 (key/wrap.rs).
fn epochs(branch: &BranchKey, company: Option<&str>) -> Vec<SecretKey> {
    let keeper = SecretKey::generate().expect("chance");
    let stored = branch.keep(&keeper, company).expect("sealed");
    let (head, entries) = stored.split_at(10);
    assert_eq!(head[0], 1, "a branch that was never turned");
    let (kind, id) = company.map_or(("directory", ""), |id| ("company", id));
    let opened = |entry: &[u8]| {
        let (label, sealed) = entry.split_at(4);
        let about = [b"rainbow-edge branch key v1\0", kind.as_bytes(), b"\0", id.as_bytes(), b"\0", label, &head[1..9]];
        let key = Envelope::new(&keeper).open(&about.concat(), sealed).expect("what was just sealed");
        SecretKey::copied(key.as_slice().try_into().expect("32 bytes"))
    };
    entries.chunks_exact(4 + 24 + 32 + 16).map(opened).collect()
}
