//! Relays of other sites: each holds a key of its own and stores nothing; who is given one here is given all (J10).

use super::credentials::{CredentialsKey, KEY_BYTES};
use crate::{App, AppError};
use store::relay::{self, Relay};
use zeroize::Zeroizing;

/// Relays of other sites; each costs every person three entries of a list.
const SITES_MAX: usize = 16;
/// Longest name of a host (RFC 1035, 2.3.4).
const HOST_BYTES_MAX: usize = 253;

/// One relay.
#[derive(Clone)]
pub struct Site {
    /// By which clients reach it.
    pub host: String,
    /// UDP and TCP port there.
    pub port: u16,
    pub(super) key: CredentialsKey,
}

pub(super) fn of_row(row: Relay) -> Option<Site> {
    Some(Site { key: CredentialsKey::new(&row.secret)?, host: row.host, port: row.port })
}

/// Makes the key of a relay at another site and sends people there from now on. Adding one again gives it another key. Only
/// who is at the box itself comes here, so no right is asked for.
///
/// # Errors
/// What can be no host, and more relays than a list may hold.
pub async fn add_site(app: &App, host: &str, port: u16) -> Result<Zeroizing<Vec<u8>>, AppError> {
    let host = host.to_ascii_lowercase();
    if !is_host(&host) || port == 0 {
        return Err(AppError::Invalid {
            field: "host",
            why: String::from("expected a host name or an address, and a port"),
        });
    }
    let sites = app.relay.sites();
    if sites.len() >= SITES_MAX && sites.iter().all(|site| site.host != host) {
        return Err(AppError::Invalid { field: "host", why: format!("at most {SITES_MAX} relays can be added") });
    }
    let mut secret = Zeroizing::new(vec![0; KEY_BYTES]);
    app.rng.fill(&mut secret);
    let (row, now_ms) = (Relay { host, port, secret: secret.clone() }, app.clock.now_ms());
    change(app, move |c| Ok(relay::put(c, &row, now_ms)?)).await?;
    Ok(secret)
}

/// Sends nobody there any more, and forgets the key: what it was given for people expires by itself.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn remove_site(app: &App, host: &str) -> Result<(), AppError> {
    let host = host.to_ascii_lowercase();
    let forget = move |c: &store::Connection| {
        if relay::remove(c, &host)? { Ok(()) } else { Err(AppError::NotFound("this relay")) }
    };
    change(app, forget).await
}

/// All of them, by host.
#[must_use]
pub fn list_sites(app: &App) -> Vec<Site> {
    app.relay.sites().to_vec()
}

async fn change(
    app: &App,
    change: impl FnOnce(&store::Connection) -> Result<(), AppError> + Send + 'static,
) -> Result<(), AppError> {
    let directory = app.store.directory();
    let after = move |c: &store::Connection| {
        change(c)?;
        Ok::<_, AppError>(relay::list(c)?)
    };
    let sites = directory.write(after).await?;
    app.relay.set_sites(sites.into_iter().filter_map(of_row).collect());
    Ok(())
}

/// A name of letters, digits, `-` and `.`, or an address without brackets.
fn is_host(host: &str) -> bool {
    let is_name = |host: &str| {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        host.len() <= HOST_BYTES_MAX && host.split('.').all(label)
    };
    host.parse::<std::net::IpAddr>().is_ok() || is_name(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_that_an_address_could_hide_in_j10() {
        for host in ["turn.example.org", "localhost", "192.0.2.1", "2001:db8::1", "a-1.b"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", ".", "a..b", "-a", "a b", "a/b", "a:443", "[::1]", "a?transport=tcp", "ü.example"] {
            assert!(!is_host(host), "{host}");
        }
    }
}
