//! RFC 5769 and RFC 8489, appendix B.1 (as its erratum has it).

use turn_proto::message::attribute::{FINGERPRINT, NONCE, REALM, USERNAME, XOR_MAPPED_ADDRESS};
use turn_proto::message::{Algorithm, Integrity, Key, Malformed, Message, Writer};

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b1\
    51263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
const RESPONSE_V4: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643\
    000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
const RESPONSE_V6: &str = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179\
    bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
const LONG_TERM: &str = "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000\
    0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700\
    00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";
const LONG_TERM_SHA256: &str = "000100902112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f17\
    04001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653547679363473410000000014000b6578\
    616d706c652e6f726700001d000400020000001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect()
}

#[test]
fn the_short_term_vectors_are_read_and_shown_to_be_unchanged_g1() {
    let key = Key::short_term(PASSWORD);
    for vector in [REQUEST, RESPONSE_V4, RESPONSE_V6] {
        let bytes = bytes(vector);
        let message = Message::read(&bytes).unwrap();
        assert!(message.get(FINGERPRINT).is_some());
        assert_eq!(message.integrity(), Some(Integrity::Sha1));
        assert!(message.is_by(&key));
        assert!(!message.is_by(&Key::short_term("another")));
    }
    let request = bytes(REQUEST);
    assert_eq!(Message::read(&request).unwrap().text(USERNAME), Some("evtj:h6vY"));
}

#[test]
fn the_addresses_of_the_vectors_are_read_g1() {
    for (vector, address) in
        [(RESPONSE_V4, "192.0.2.1:32853"), (RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    {
        let bytes = bytes(vector);
        let message = Message::read(&bytes).unwrap();
        assert_eq!(message.address(XOR_MAPPED_ADDRESS), Some(address.parse().unwrap()));
    }
}

#[test]
fn the_long_term_vectors_are_shown_to_be_unchanged_g1() {
    for (vector, algorithm) in [(LONG_TERM, Algorithm::Md5), (LONG_TERM_SHA256, Algorithm::Sha256)] {
        let bytes = bytes(vector);
        let message = Message::read(&bytes).unwrap();
        let key = Key::long_term(algorithm, "マトリックス", "example.org", "TheMatrIX");
        assert!(message.is_by(&key), "{algorithm:?}");
        assert_eq!(message.text(REALM), Some("example.org"));
        assert!(message.text(NONCE).unwrap().ends_with("499k954d6OL34oL9FSTvy64sA"));
    }
}

#[test]
fn what_is_written_is_the_vector_byte_for_byte_g1() {
    let vector = bytes(LONG_TERM_SHA256);
    let message = Message::read(&vector).unwrap();
    let key = Key::long_term(Algorithm::Sha256, "マトリックス", "example.org", "TheMatrIX");
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, message.kind, message.transaction);
    for (number, value) in message.attributes().filter(|(number, _)| *number != 0x001C) {
        writer = writer.attribute(number, value);
    }
    writer.integrity(Integrity::Sha256, &key).end();
    assert_eq!(out, vector);
}

#[test]
fn no_bit_of_a_vector_can_be_changed_unseen_e5() {
    let (vector, key) = (bytes(REQUEST), Key::short_term(PASSWORD));
    // The number of the fingerprint may be changed: what is unknown behind the code of integrity does not count.
    let fingerprint = vector.len() - 8;
    for bit in (0..vector.len() * 8).filter(|bit| !(fingerprint..fingerprint + 2).contains(&(bit / 8))) {
        let mut changed = vector.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!Message::read(&changed).is_ok_and(|message| message.is_by(&key)), "bit {bit}");
    }
    for length in 0..vector.len() {
        assert!(matches!(Message::read(&vector[..length]), Err(Malformed::Length)), "{length} bytes");
    }
}
