//! `rainbow-edge-storage prepare | root-key | enrol | older`, each started by a systemd unit.

use rainbow_edge_storage::{Place, StorageError, Tools, enrol, older, prepare, root_key};
use std::process::ExitCode;

const USAGE: &str = "usage: rainbow-edge-storage prepare | root-key | enrol | older
  prepare   make, open and mount the data partition
  root-key  make or recover the sealed root key of the vault
  enrol     let the recovery key that comes on standard input open the data partition
  older     ask for the recovery key, because the server refuses data that is older than it should be";

fn main() -> ExitCode {
    let (place, tools) = (Place::of_this_machine(), Tools::of_this_machine());
    let mut arguments = std::env::args().skip(1);
    let done = match (arguments.next().as_deref(), arguments.next()) {
        (Some("prepare"), None) => prepare(&place, &tools),
        (Some("root-key"), None) => root_key(&place, &tools),
        (Some("older"), None) => older(&place, &tools),
        (Some("enrol"), None) => enrol(&place, &tools, std::io::stdin().lock(), std::io::stdout().lock()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    done.map_or_else(|error| told(&error), |()| ExitCode::SUCCESS)
}

fn told(error: &StorageError) -> ExitCode {
    eprintln!("{error}. {}", error.what_to_do());
    ExitCode::FAILURE
}
