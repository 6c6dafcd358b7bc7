use crate::{App, AppError, Caller, Unauthenticated};
use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::ids::SubscriptionId;
use domain::outbound::{AllowedHost, HttpsUrl};
use domain::rights::Right;
use store::push_subscription::{self, PushSubscription};
use store::session;
use zeroize::Zeroizing;

/// Subscriptions of one user; the oldest goes when there are more.
const SUBSCRIPTIONS_MAX: u32 = 10;
const PUBLIC_KEY_LENGTH: usize = 65;
const SECRET_LENGTH: usize = 16;

/// What a browser tells of its subscription (Push API, `PushSubscription.toJSON`).
pub struct NewSubscription {
    /// Where its push service takes pushes.
    pub endpoint: String,
    /// Its public key, in base64url.
    pub p256dh: String,
    /// Its secret, in base64url.
    pub auth: Zeroizing<String>,
}

/// Has the browser of the caller's sign-in told of new messages; the same browser again renews its keys and keeps its id.
///
/// # Errors
/// [`AppError::Invalid`] for an address at no push service that the box calls (E6), or keys that are none.
pub async fn subscribe(app: &App, caller: &Caller, new: NewSubscription) -> Result<SubscriptionId, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let hosts = app.settings.push_hosts.as_deref();
    let hosts =
        hosts.ok_or_else(|| AppError::invalid("endpoint", "this box sends no pushes: they are switched off"))?;
    let subscription = PushSubscription {
        id: SubscriptionId::random(app.rng.as_ref()),
        user: caller.no,
        session: caller.session()?.clone(),
        endpoint: endpoint(&new.endpoint, hosts)?.whole(),
        p256dh: public_key(&new.p256dh)?,
        auth: secret(&new.auth)?,
        created_ms: app.clock.now_ms(),
    };
    let put = move |c: &store::Connection| {
        // The session may have ended since it was looked at.
        if session::find(c, &subscription.session)?.is_none() {
            return Err(AppError::from(Unauthenticated::InvalidToken));
        }
        Ok(push_subscription::put(c, &subscription, SUBSCRIPTIONS_MAX)?)
    };
    app.company(&caller.company).await?.write(put).await
}

fn endpoint(text: &str, hosts: &[AllowedHost]) -> Result<HttpsUrl, AppError> {
    let url = HttpsUrl::parse(text).map_err(|why| AppError::invalid("endpoint", why))?;
    if hosts.iter().any(|host| host.admits(&url)) {
        return Ok(url);
    }
    let why =
        format!("{} is no push service that this box may call: see push.hosts of its configuration", url.origin());
    Err(AppError::invalid("endpoint", why))
}

/// A point on P-256, uncompressed (RFC 8291, 3.1).
fn public_key(text: &str) -> Result<Vec<u8>, AppError> {
    let wrong = || AppError::invalid("p256dh", "expected an uncompressed point on P-256, 65 bytes in base64url");
    let bytes = base64url(text).filter(|bytes| bytes.len() == PUBLIC_KEY_LENGTH).ok_or_else(wrong)?;
    let parsed = ParsedPublicKey::try_from(&UnparsedPublicKey::new(&ECDH_P256, &bytes)).map_err(|_| wrong())?;
    // Whatever else would make encrypting to it fail is found now.
    let probe = PrivateKey::generate(&ECDH_P256).map_err(|_| AppError::Busy)?;
    aws_lc_rs::agreement::agree(&probe, parsed, (), |_| Ok(())).map_err(|()| wrong())?;
    Ok(bytes)
}

fn secret(text: &str) -> Result<Zeroizing<Vec<u8>>, AppError> {
    let wrong = || AppError::invalid("auth", "expected 16 bytes in base64url");
    base64url(text).map(Zeroizing::new).filter(|bytes| bytes.len() == SECRET_LENGTH).ok_or_else(wrong)
}

/// Base64url, with or without padding: browsers write it without, some libraries with.
fn base64url(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The receiver's keys of RFC 8291, appendix A.
    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn field(refused: Option<AppError>) -> &'static str {
        match refused {
            Some(AppError::Invalid { field, .. }) => field,
            other => panic!("not a refusal of a field: {other:?}"),
        }
    }

    #[test]
    fn only_a_point_on_the_curve_is_a_browsers_key_j9() {
        assert!(public_key(P256DH).is_ok() && public_key(&format!("{P256DH}=")).is_ok());
        let mut off_the_curve = BASE64.decode(P256DH).expect("base64");
        off_the_curve[64] ^= 1;
        let mut compressed = BASE64.decode(P256DH).expect("base64");
        compressed.truncate(33);
        compressed[0] = 2;
        let mut unknown_form = BASE64.decode(P256DH).expect("base64");
        unknown_form[0] = 5;
        let encoded = [off_the_curve, compressed, unknown_form, vec![4; 65], vec![0; 65], vec![0], Vec::new()];
        for bytes in encoded {
            assert_eq!(field(public_key(&BASE64.encode(&bytes)).err()), "p256dh", "{bytes:?}");
        }
        assert_eq!(field(public_key("not base64!").err()), "p256dh");
    }

    #[test]
    fn only_sixteen_bytes_are_a_browsers_secret_j9() {
        assert!(secret(AUTH).is_ok());
        for text in ["", "AAAA", "not base64!", P256DH] {
            assert_eq!(field(secret(text).err()), "auth", "{text}");
        }
    }

    #[test]
    fn only_listed_push_services_are_subscribed_to_e6() {
        let hosts = ["push.example.org", "*.notify.example.org"].map(|host| AllowedHost::parse(host).expect("a host"));
        assert!(endpoint("https://push.example.org/a", &hosts).is_ok());
        assert!(endpoint("https://db5p.notify.example.org/w/?token=a", &hosts).is_ok());
        for text in ["https://evil.test/a", "https://push.example.org:8443/a", "http://push.example.org/a", "rubbish"] {
            assert_eq!(field(endpoint(text, &hosts).err()), "endpoint", "{text}");
        }
    }
}
