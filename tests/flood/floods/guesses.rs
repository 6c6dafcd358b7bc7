//! Guessing: passwords, tokens, XMPP secrets.

use crate::attacker::{Act, Attacker, Flood, OPEN, SOURCES, TEXT, auth, basic, frame, status, until_cut};
use tokio::io::AsyncWriteExt as _;

/// One source tries the accounts of everybody, more at once than there are places in the queue for hashing.
pub(crate) const PASSWORDS_OF_ALL: Flood =
    Flood { name: "passwords of all accounts", attackers: 400, sources: 1, acts_min: 50, act: password_of_any };

/// All sources try the account of one.
pub(crate) const PASSWORDS_OF_ONE: Flood =
    Flood { name: "passwords of one account", attackers: 190, sources: SOURCES, acts_min: 50, act: password_of_one };

pub(crate) const TOKENS: Flood = Flood { name: "tokens", attackers: 57, sources: SOURCES, acts_min: 200, act: token };

/// XMPP secrets of everybody, several on each stream.
pub(crate) const SECRETS: Flood =
    Flood { name: "XMPP secrets", attackers: 57, sources: SOURCES, acts_min: 50, act: secret };

fn password_of_any(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let knowledge = attacker.knowledge.clone();
        let email = match attacker.chance.between(0, 4) {
            0 => format!("nobody{}@acme.test", attacker.chance.between(0, 1000)),
            _ => attacker.choose(&knowledge.emails).clone(),
        };
        guess(attacker, &email).await;
    })
}

fn password_of_one(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let victim = attacker.knowledge.victim.clone();
        guess(attacker, &victim).await;
    })
}

async fn guess(attacker: &mut Attacker, email: &str) {
    let wrong = basic(email, &format!("Guess-{:x}!", attacker.chance.bits()));
    let path = "/api/rainbow/authentication/v1.0/login";
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {wrong}\r\nConnection: close\r\n\r\n");
    let status = attacker.request(head.as_bytes()).await;
    assert_ne!(status, Some(200), "a guess is no way in");
    if status.is_some() {
        attacker.acted();
    }
    attacker.pause(20, 200).await;
}

fn token(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        for _ in 0..50 {
            let token = almost(attacker);
            let path = "/api/rainbow/enduser/v1.0/users/me";
            let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
            if stream.write_all(head.as_bytes()).await.is_err() {
                return;
            }
            let Some(status) = status(&mut stream).await else { return };
            assert!(status >= 400, "a token that was never given is refused: {status} for {token}");
            attacker.acted();
            attacker.pause(20, 120).await;
        }
    })
}

/// A good token with some letters changed, or none at all like one.
fn almost(attacker: &mut Attacker) -> String {
    let good = attacker.knowledge.insider.token.clone();
    let rubbish = format!("{:x}{:x}", attacker.chance.bits(), attacker.chance.bits());
    if attacker.chance.bits().is_multiple_of(4) {
        return rubbish;
    }
    let at = usize::try_from(attacker.chance.between(0, good.len() as u64 - 12)).expect("an index fits");
    format!("{}{}{}", &good[..at], &rubbish[..6], &good[at + 6..])
}

fn secret(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(mut stream) = attacker.websocket().await else { return };
        let knowledge = attacker.knowledge.clone();
        let mut sent = stream.write_all(&frame(TEXT, OPEN.as_bytes())).await.is_ok();
        for _ in 0..10 {
            let local = attacker.choose(&knowledge.locals).clone();
            let wrong = auth(&local, &format!("{:032x}", attacker.chance.bits()));
            sent = sent && stream.write_all(&frame(TEXT, wrong.as_bytes())).await.is_ok();
            if !sent {
                break;
            }
            attacker.acted();
            attacker.pause(5, 50).await;
        }
        let _ = stream.shutdown().await;
        until_cut(&mut stream).await;
    })
}
