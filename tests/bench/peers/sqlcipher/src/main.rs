//! `sqlcipher-peer FOLDER MESSAGES`: the workload of `vault-bench` on SQLCipher, under a raw key: no time goes into making one
//! of a passphrase.

#[path = "../../../vault/src/workload.rs"]
mod workload;

use rusqlite::Connection;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, messages] = arguments.as_slice() else { return Err("sqlcipher-peer FOLDER MESSAGES".into()) };
    let path = Path::new(folder).join("chat.db");
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(&path)?;
        connection.execute_batch(&format!("PRAGMA key = \"x'{}'\"", "5a".repeat(32)))?;
        Ok(connection)
    };
    workload::run(&open, &path, messages.parse()?)?;
    Ok(())
}
