//! Secrets that people read and type: Crockford's base32, which has no letters that look alike.
//!
//! Reading forgives what reading and typing do to it: blanks, dashes, small letters, O for 0, I and L for 1.

/// Symbols by value. No I, L, O and U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols between two dashes.
const GROUP: usize = 4;

/// Writes `bytes` as symbols, five bits each, in groups with dashes between them; what is left of the last five bits is 0.
/// Appends only, so that who needs no copy left behind gives a text with room enough.
pub fn write(bytes: &[u8], into: &mut String) {
    let (mut held, mut bits, mut written) = (0_u32, 0_u32, 0_usize);
    let mut symbol = |value: u32| {
        if written > 0 && written.is_multiple_of(GROUP) {
            into.push('-');
        }
        written += 1;
        let index = usize::try_from(value & 31).expect("five bits fit");
        into.push(char::from(SYMBOLS[index]));
    };
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            symbol(held >> bits);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        symbol(held << (5 - bits));
    }
}

/// Reads `into.len()` bytes; `false` when the text holds more or fewer symbols than they take, or something that is none.
#[must_use]
pub fn read(text: &str, into: &mut [u8]) -> bool {
    let wanted = (into.len() * 8).div_ceil(5);
    let (mut held, mut bits, mut symbols) = (0_u32, 0_u32, 0_usize);
    let mut bytes = into.iter_mut();
    for letter in text.chars().filter(|letter| !letter.is_whitespace() && !is_dash(*letter)) {
        let Some(value) = value(letter) else { return false };
        symbols += 1;
        if symbols > wanted {
            return false;
        }
        held = held << 5 | value;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            let Some(byte) = bytes.next() else { return false };
            *byte = u8::try_from(held >> bits).expect("what was above has been taken");
            held &= (1 << bits) - 1;
        }
    }
    symbols == wanted && held == 0
}

/// The dash of keyboards and those that word processors make of it.
fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value(letter: char) -> Option<u32> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = SYMBOLS.iter().position(|symbol| char::from(*symbol) == letter)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> String {
        let mut text = String::new();
        write(bytes, &mut text);
        text
    }

    #[test]
    fn what_is_written_in_groups_reads_back_d2() {
        for seed in 0..=255_u8 {
            for length in [1, 5, 20, 32] {
                let bytes: Vec<u8> =
                    (0..length).map(|at: u8| seed.wrapping_mul(at.wrapping_add(7)) ^ at.rotate_left(3)).collect();
                let text = written(&bytes);
                let mut back = vec![0; bytes.len()];
                assert!(read(&text, &mut back), "{text}");
                assert_eq!(back, bytes);
            }
        }
        assert_eq!(written(&[0xff; 5]), "ZZZZ-ZZZZ");
        assert_eq!(written(&[0; 20]), "0000-0000-0000-0000-0000-0000-0000-0000");
        assert_eq!(written(&[]), "");
    }

    #[test]
    fn blanks_dashes_small_letters_and_look_alikes_are_forgiven_d2() {
        let (mut one, mut other) = ([0; 5], [0; 5]);
        assert!(read("0O1I-L9AZ", &mut one));
        for text in ["0011-19az", " o0 1 1 1 9 a z\n", "OOLLl9Az", "00\u{2013}11 19AZ"] {
            assert!(read(text, &mut other), "{text}");
            assert_eq!(one, other, "{text}");
        }
    }

    #[test]
    fn too_few_too_many_and_strange_symbols_are_refused_d2() {
        let mut bytes = [0; 5];
        for text in ["", "0000-000", "0000-00000", "0000-000U", "0000-000!", "0000-000é", "----"] {
            assert!(!read(text, &mut bytes), "{text}");
        }
        assert!(!read("01", &mut [0; 1]), "what is over of the last symbol is not zero");
    }
}
