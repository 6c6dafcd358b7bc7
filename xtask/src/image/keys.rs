//! The keys that sign an image, made on the spot. They are for development: a vendor's are put into the same place.

use std::path::Path;

use super::tools::Tools;
use crate::Outcome;

/// What a key is for, and who its certificate says it is.
const KEYS: &[(&str, &str)] =
    &[("db", "/CN=Rainbow Edge development Secure Boot/"), ("pcr", "/CN=Rainbow Edge development PCR policy/")];

/// Makes `keys/{db,pcr}.{key,crt}` where they are missing: what a machine has once enrolled must go on to fit.
///
/// # Errors
/// `Failed` when openssl fails.
pub(super) fn ready(tools: &Tools, out: &Path) -> Outcome {
    super::folder(&out.join("keys"))?;
    for (name, subject) in KEYS {
        if out.join(format!("keys/{name}.key")).exists() && out.join(format!("keys/{name}.crt")).exists() {
            continue;
        }
        println!("  making the key {name}");
        let mut command = tools.command("openssl");
        // RSA with 2048 bits is what UEFI firmware and TPMs take everywhere.
        command.args(["req", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-days", "3650", "-subj", subject]);
        command.args(["-keyout", &format!("keys/{name}.key"), "-out", &format!("keys/{name}.crt")]);
        tools.run("making a signing key", "keys/openssl.log", &mut command)?;
    }
    Ok(())
}
