//! Lines of the admin socket, of the enrol socket, and the state of the storage: what is read is written as the same again, and
//! no refusal tells what stood in the line.

use appliance_contract::{ContractError, decode_answer, decode_request, encode_answer, encode_request};
use storage_contract::State;

pub(crate) fn run(input: &[u8]) {
    match decode_request(input) {
        Ok(request) => {
            again(&encode_request(&request), |line| decode_request(line).and_then(|same| encode_request(&same)))
        }
        Err(refused) => tells_nothing(&refused),
    }
    match decode_answer(input) {
        Ok(answer) => again(&encode_answer(&answer), |line| decode_answer(line).and_then(|same| encode_answer(&same))),
        Err(refused) => tells_nothing(&refused),
    }
    if let Ok(key) = storage_contract::decode_request(input) {
        let line = storage_contract::encode_request(key.reveal());
        let same = storage_contract::decode_request(&line);
        assert!(
            line.len() > storage_contract::LINE_LIMIT_BYTES || same.is_ok_and(|same| same.reveal() == key.reveal())
        );
    }
    if let Ok(answer) = storage_contract::decode_answer(input) {
        let line = storage_contract::encode_answer(answer.clone());
        let same = storage_contract::decode_answer(&line);
        assert!(line.len() > storage_contract::LINE_LIMIT_BYTES || same == Ok(answer));
    }
    if let Some(state) = State::from_json(input) {
        assert_eq!(State::from_json(&state.to_json()), Some(state));
    }
}

type Line<L> = Result<L, ContractError>;

/// Escapes may make a line longer than it came, and then too long.
fn again<L: AsRef<[u8]>>(line: &Line<L>, once_more: impl FnOnce(&[u8]) -> Line<L>) {
    match line {
        Ok(line) => {
            let same = once_more(line.as_ref()).expect("what was written reads");
            assert_eq!(line.as_ref(), same.as_ref());
        }
        Err(refused) => assert!(matches!(refused, ContractError::TooLong { .. }), "{refused}"),
    }
}

fn tells_nothing(refused: &ContractError) {
    let told = refused.to_string();
    assert!(told.len() < 300, "{told}");
}
