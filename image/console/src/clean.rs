//! Text from elsewhere, made harmless: no terminal may be driven by a name, a log line or a question.

/// Replaces what is not a visible letter: control characters, and the invisible ones that turn text around or hide it.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|letter| if is_harmless(letter) { letter } else { '?' }).collect()
}

fn is_harmless(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        && !matches!(letter, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Breaks a text at blanks into lines of at most `width` letters; a word that is longer is cut.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        used += word.len();
        line.extend(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_drives_the_terminal_i1() {
        assert_eq!(clean("box\x1b[2J\r\nname\u{9b}31m\u{7f}"), "box?[2J??name?31m?");
        assert_eq!(clean("a\u{202e}b\u{200b}c\u{feff}d\u{2066}"), "a?b?c?d?");
        assert_eq!(clean("Zürich, 東京, ok"), "Zürich, 東京, ok");
    }

    #[test]
    fn long_text_is_broken_at_blanks_and_long_words_are_cut_i1() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("  one   two ", 40), ["one two"]);
        assert_eq!(wrap("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("", 4), [""; 0]);
        assert_eq!(wrap("ä ö", 1), ["ä", "ö"]);
    }
}
