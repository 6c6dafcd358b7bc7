//! The certificate of port 443 (E2, decision 23): an uploaded chain, or one of the box's own CA. Private keys live in the
//! encrypted directory only.

mod keeper;
mod own_ca;
mod uploaded;

pub use keeper::Keeper;
pub use uploaded::current;

use crate::error::CommandError;
use app::App;
use appliance_contract::{Answer, CertificateFacts, CertificateKind, CertificateSet, Refusal};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;
use store::certificate::Certificate;
use time::OffsetDateTime;

/// What the port shows, and what people should know about it.
pub struct Shown {
    /// Chain and key.
    pub certificate: Certificate,
    /// Whose it is.
    pub kind: CertificateKind,
    /// Sentences for people, each with what to do.
    pub warnings: Vec<String>,
}

impl Shown {
    /// Without the key.
    #[must_use]
    pub fn facts(&self) -> CertificateFacts {
        let Certificate { chain_pem, name, expires_ms, .. } = &self.certificate;
        // Chains that are shown were examined or made here.
        let names = gate::describe(chain_pem.as_bytes(), *expires_ms).map(|described| described.names);
        CertificateFacts {
            kind: self.kind,
            names: names.unwrap_or_else(|_| vec![name.clone()]),
            expires_at_ms: u64::try_from(*expires_ms).unwrap_or(0),
            fingerprint: fingerprint(chain_pem),
            warnings: self.warnings.clone(),
        }
    }
}

/// What the command line may ask about certificates.
pub enum Wish {
    /// Another chain.
    Set(CertificateSet),
    /// Nothing but to know.
    Show,
    /// The box's own CA again.
    Remove,
}

/// Does it in the directory and says what is to be shown from now on. A running box then tells its port: [`Keeper`].
///
/// # Errors
/// Why not, in words.
pub async fn perform(app: &App, data: &Path, wish: Wish) -> Result<Answer, Refusal> {
    match wish {
        Wish::Set(new) => uploaded::set(app, &new).await?,
        Wish::Remove => uploaded::remove(app).await?,
        Wish::Show => {}
    }
    match current(app, data).await {
        Ok(shown) => Ok(Answer::Certificate(shown.facts())),
        Err(failed) => Err(unusable(&failed)),
    }
}

pub(crate) fn unusable(failed: &CommandError) -> Refusal {
    Refusal {
        code: String::from("storage"),
        message: format!("the certificate: {failed}"),
        what_to_do: String::from("Look at the box's log, and at the disk"),
    }
}

/// The SHA-256 fingerprint of the first certificate of a PEM text, as people compare it: `AB:CD:...`.
#[must_use]
pub fn fingerprint(pem: &str) -> String {
    let Ok(der) = CertificateDer::from_pem_slice(pem.as_bytes()) else { return String::from("unreadable") };
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
    digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// `2026-11-24`, in UTC.
#[must_use]
pub fn day(ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000))
        .map_or_else(|_| String::from("a day that no calendar has"), |moment| moment.date().to_string())
}
