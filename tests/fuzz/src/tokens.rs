//! Bearer tokens, the XMPP secrets of sessions, proofs of application passwords: the genuine one is accepted, whatever
//! differs from it in a bit is refused, and no store fails on it.
//!
//! The first byte of the input chooses what is shown, the second how it is made: from the input alone, or from the genuine one
//! by changes that the rest of the input describes.

use crate::place::Place;
use app::{AppError, sign_in};
use std::sync::{Mutex, OnceLock, PoisonError};

pub(crate) fn run(input: &[u8]) {
    static PLACE: OnceLock<Mutex<Place>> = OnceLock::new();
    let place = PLACE.get_or_init(|| Mutex::new(Place::new())).lock().unwrap_or_else(PoisonError::into_inner);
    let [kind, how, rest @ ..] = input else { return };
    let app = &place.app;
    match kind % 3 {
        0 => {
            let genuine = &place.member.token;
            let Some(shown) = made(genuine, *how, rest) else { return };
            let answer = place.runtime.block_on(sign_in::authenticate(app, &shown));
            told(answer.map(|caller| caller.user == place.member.user.id), shown == *genuine);
        }
        1 => {
            let genuine = place.member.xmpp_secret.as_str();
            let Some(shown) = made(genuine, *how, rest) else { return };
            let user = place.member.user.id.as_str();
            let answer = place.runtime.block_on(sign_in::authenticate_stream(app, user, &shown));
            told(answer.map(|caller| caller.user == place.member.user.id), shown == genuine);
            let other = place.administrator.user.id.as_str();
            let answer = place.runtime.block_on(sign_in::authenticate_stream(app, other, &shown));
            told(answer.map(|_| true), false);
        }
        _ => {
            let Some((proof, message)) = rest.split_first_chunk::<32>() else { return };
            let Some(message) = crate::text(message) else { return };
            let user = place.member.user.id.as_str();
            let answer = place.runtime.block_on(sign_in::authenticate_by_proof(app, user, message, proof));
            told(answer.map(|_| true), false);
        }
    }
}

fn told(answer: Result<bool, AppError>, genuine: bool) {
    match answer {
        Ok(right_person) => assert!(genuine && right_person, "something else is accepted"),
        Err(AppError::Unauthenticated(_)) => assert!(!genuine, "the genuine one is refused"),
        Err(other) => panic!("neither right nor wrong: {other}"),
    }
}

fn made(genuine: &str, how: u8, rest: &[u8]) -> Option<String> {
    let mut bytes = genuine.as_bytes().to_vec();
    match how % 5 {
        0 => return crate::text(rest).map(str::to_owned),
        1 => {
            for change in rest.chunks_exact(2) {
                let at = usize::from(change[0]) % bytes.len();
                bytes[at] = change[1];
            }
        }
        2 => {
            let at = usize::from(*rest.first()?) % bytes.len();
            bytes.splice(at..at, rest[1..].iter().copied());
        }
        3 => bytes.truncate(usize::from(*rest.first()?)),
        _ => bytes.extend(rest),
    }
    String::from_utf8(bytes).ok()
}
