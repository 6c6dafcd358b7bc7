//! A STUN message: what is read is written so that it reads the same again, and nothing reaches beyond it.

use turn_proto::message::attribute::{FINGERPRINT, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256};
use turn_proto::message::{Algorithm, Key, Message, Writer, read_xor_address, xor_address};

pub(crate) fn run(input: &[u8]) {
    let Ok(message) = Message::read(input) else { return };
    let key = Key::long_term(Algorithm::Md5, "1:eve", "media.example", "guessed");
    assert!(!message.is_by(&key), "nobody guesses a code");
    let codes = [MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, FINGERPRINT];
    let plain: Vec<(u16, &[u8])> = message.attributes().filter(|(number, _)| !codes.contains(number)).collect();
    let mut written = Vec::new();
    let mut writer = Writer::new(&mut written, message.kind, message.transaction);
    for (number, value) in &plain {
        writer = writer.attribute(*number, value);
    }
    writer.fingerprint();
    let again = Message::read(&written).expect("what was written is a message");
    assert_eq!((again.kind, again.transaction), (message.kind, message.transaction));
    let attributes: Vec<(u16, &[u8])> = again.attributes().filter(|(number, _)| *number != FINGERPRINT).collect();
    assert_eq!(attributes, plain);
    for (number, value) in plain {
        if let Some(address) = read_xor_address(value, message.transaction) {
            let read = read_xor_address(&xor_address(address, message.transaction), message.transaction);
            assert_eq!(read, Some(address), "{number:#x}");
        }
    }
    if let Some(data) = message.data() {
        assert!(data.end <= input.len());
    }
}
