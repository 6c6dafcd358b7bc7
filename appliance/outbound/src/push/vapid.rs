//! Who pushes: a token signed with the box's key, for one push service and a few hours (RFC 8292).

use crate::OutboundError;
use app::web_push::BoxKey;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::outbound::HttpsUrl;
use serde_json::json;

/// Life of a token, in seconds; at most 24 hours are allowed (RFC 8292, 2), and clocks differ.
const LIFE_S: i64 = 12 * 3600;
/// `{"typ":"JWT","alg":"ES256"}`
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9";

/// The `Authorization` of a push. `contact` is an address by which the service reaches whoever runs the box.
pub(super) fn authorization(key: &BoxKey, to: &HttpsUrl, contact: &str, now_ms: i64) -> Result<String, OutboundError> {
    let failed = || OutboundError::Made("the token for a push service");
    let claims = json!({ "aud": to.origin(), "exp": now_ms.div_euclid(1000) + LIFE_S, "sub": contact });
    let signed = format!("{HEADER}.{}", BASE64.encode(claims.to_string()));
    let pair =
        EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.secret, &key.public);
    let signature = pair.map_err(|_| failed())?.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| failed())?;
    Ok(format!("vapid t={signed}.{}, k={}", BASE64.encode(signature), BASE64.encode(&key.public)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::Value;
    use zeroize::Zeroizing;

    #[test]
    fn a_token_says_for_whom_until_when_and_by_whom_and_is_signed_with_the_key_beside_it_j9() {
        let secret = vec![7_u8; 32];
        let pair = PrivateKey::from_private_key(&ECDH_P256, &secret).expect("a key");
        let public = pair.compute_public_key().expect("a public key").as_ref().to_vec();
        let key = BoxKey { secret: Zeroizing::new(secret), public };
        let to = HttpsUrl::parse("https://push.example.net/push/secret").expect("an address");
        let header = authorization(&key, &to, "mailto:it@acme.test", 1_453_341_205_999).expect("made");
        let (token, public) =
            header.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("two parts");
        assert_eq!(public, BASE64.encode(&key.public));
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let signature = BASE64.decode(signature).expect("base64url");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public)
            .verify(signed.as_bytes(), &signature)
            .expect("a good signature");
        let read =
            |part: &str| serde_json::from_slice::<Value>(&BASE64.decode(part).expect("base64url")).expect("JSON");
        let (head, claims) = signed.split_once('.').expect("a head");
        assert_eq!(read(head), json!({"typ": "JWT", "alg": "ES256"}));
        let expected =
            json!({"aud": "https://push.example.net", "exp": 1_453_341_205 + 43_200, "sub": "mailto:it@acme.test"});
        assert_eq!(read(claims), expected);
    }
}
