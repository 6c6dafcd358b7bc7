//! What a person would read of the bytes that a terminal gets: no colours, no cursor, one line under another.

/// Takes bytes as they come, however they are cut.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    /// `ESC [`: ends with a letter.
    Control,
    /// `ESC ]` and its kin: end with BEL or `ESC \`.
    Command,
    CommandEscape,
    /// `ESC (`: one more letter.
    CharacterSet,
}

impl Reader {
    /// Appends to `text` what is to be read of `bytes`.
    pub(crate) fn read(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        for byte in bytes {
            self.state = self.next(*byte, text);
        }
    }

    fn next(&self, byte: u8, text: &mut Vec<u8>) -> State {
        match (self.state, byte) {
            (State::Text, 0x1b) => State::Escape,
            (State::Text, _) => {
                if byte == b'\n' || byte == b'\t' || byte >= b' ' {
                    text.push(byte);
                }
                State::Text
            }
            (State::Escape, b'[') => State::Control,
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => State::Command,
            (State::Escape, b'(' | b')' | b'#' | b'%') => State::CharacterSet,
            (State::Control, b'@'..=b'~') => {
                // The cursor goes elsewhere: what follows stands on another line.
                if matches!(byte, b'H' | b'f' | b'd' | b'E' | b'F') {
                    text.push(b'\n');
                }
                State::Text
            }
            (State::Control, _) => State::Control,
            (State::Command, 0x07) => State::Text,
            (State::Command | State::CommandEscape, 0x1b) => State::CommandEscape,
            (State::CommandEscape, b'\\') => State::Text,
            (State::Command | State::CommandEscape, _) => State::Command,
            (State::Escape | State::CharacterSet, _) => State::Text,
        }
    }
}

#[test]
fn only_what_a_person_reads_is_left_of_a_terminals_bytes_i7() {
    let mut text = Vec::new();
    let mut reader = Reader::default();
    for part in ["a\x1b[3", "1mb\r\n\x1b]0;title\x07c\x1b[2;1Hd\x1b(Be", "\x1b]3008;x\x1b\\f"] {
        reader.read(part.as_bytes(), &mut text);
    }
    assert_eq!(String::from_utf8_lossy(&text), "ab\nc\nde\u{66}");
}
