//! A chain that somebody gave to the box, and whether it can be shown.

use super::{Shown, own_ca};
use crate::error::CommandError;
use app::App;
use app::installation::{find_certificate, keep_certificate, remove_certificate};
use appliance_contract::{CertificateKind, CertificateSet, Refusal};
use gate::{ChainError, Described};
use std::path::Path;
use store::certificate::Certificate;
use zeroize::Zeroizing;

const UPLOADED: &str = "uploaded";
const DAY_MS: i64 = 86_400_000;
/// Whoever gave a certificate is warned for so long before its end.
const WARN_BEFORE_DAYS: i64 = 30;

/// What port 443 has to show now: the uploaded chain when there is one that clients would take, else one of the box's own
/// CA. `ca.pem` in the data folder follows the CA.
///
/// # Errors
/// When the directory cannot be read or written, or a key or a file cannot be made.
pub async fn current(app: &App, data: &Path) -> Result<Shown, CommandError> {
    let own = own_ca::current(app, data).await?;
    let uploaded = find_certificate(app, UPLOADED).await?;
    Ok(choose(uploaded, own, &app.name(), app.now_ms()))
}

/// Checks and keeps a chain and its key in the encrypted directory.
///
/// # Errors
/// What is wrong with which file, or that the directory cannot be written.
pub(super) async fn set(app: &App, new: &CertificateSet) -> Result<(), Refusal> {
    let (chain, key) = (new.chain.as_bytes(), new.key.reveal().as_bytes());
    let name = app.name();
    let described = gate::examine(chain, key, &name, app.now_ms()).map_err(|wrong| refusal(new, &wrong))?;
    let certificate = Certificate {
        name,
        chain_pem: new.chain.clone(),
        key_pem: Zeroizing::new(new.key.reveal().to_owned()),
        expires_ms: described.expires_ms,
    };
    let kept = keep_certificate(app, UPLOADED, certificate).await;
    kept.map_err(|failed| crate::admin::refusal(&new.chain_file, &failed))
}

/// Forgets the uploaded chain and its key.
///
/// # Errors
/// When there is none, or the directory cannot be written.
pub(super) async fn remove(app: &App) -> Result<(), Refusal> {
    match remove_certificate(app, UPLOADED).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal {
            code: String::from("unknown"),
            message: String::from("there is no uploaded certificate"),
            what_to_do: String::from("The box shows one of its own CA already"),
        }),
        Err(failed) => Err(crate::admin::refusal("the uploaded certificate", &failed)),
    }
}

fn refusal(new: &CertificateSet, wrong: &ChainError) -> Refusal {
    let file = if wrong.is_about_the_key() { &new.key_file } else { &new.chain_file };
    Refusal {
        code: String::from("certificate_invalid"),
        message: format!("{file}: {wrong}"),
        what_to_do: String::from("Nothing was changed"),
    }
}

fn choose(uploaded: Option<Certificate>, own: Certificate, name: &str, now_ms: i64) -> Shown {
    let Some(uploaded) = uploaded else {
        return Shown { certificate: own, kind: CertificateKind::OwnCa, warnings: Vec::new() };
    };
    match gate::examine(uploaded.chain_pem.as_bytes(), uploaded.key_pem.as_bytes(), name, now_ms) {
        Ok(described) => {
            Shown { certificate: uploaded, kind: CertificateKind::Uploaded, warnings: warnings(&described, now_ms) }
        }
        Err(wrong) => {
            let warning = format!(
                "the uploaded certificate is not shown: {wrong}. Instead the box shows one of its own CA, which clients must \
                 trust; give it a new one with `rainbow-edge certificate set`"
            );
            Shown { certificate: own, kind: CertificateKind::OwnCa, warnings: vec![warning] }
        }
    }
}

fn warnings(described: &Described, now_ms: i64) -> Vec<String> {
    let mut warnings = Vec::new();
    let days = described.expires_ms.saturating_sub(now_ms) / DAY_MS;
    if days <= WARN_BEFORE_DAYS {
        warnings.push(format!(
            "the uploaded certificate expires in {days} days, on {}; give the box its renewal with \
             `rainbow-edge certificate set`",
            super::day(described.expires_ms)
        ));
    }
    if described.length == 1 {
        warnings.push(String::from(
            "the uploaded chain holds the box's certificate alone, and clients that do not know its issuer refuse it; \
             unless that is a root CA, upload it again with the intermediate certificates behind it",
        ));
    }
    warnings
}

#[cfg(test)]
mod tests;
