//! When something is drawn: a screen as a whole, a serial line as one more block, and a question always last.

use crate::page;

/// What stands on the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A virtual terminal of the kernel: 80 by 24 at least, drawn over.
    Screen,
    /// A serial line, and whoever logs it: appended to.
    Serial,
}

/// A question that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) message: String,
}

/// One less than the smallest screen has: the cursor stands below.
const HEIGHT: usize = 23;
/// Lines that the question may need below the page.
const FOR_QUESTION: usize = 2;
const REDRAW_EVERY_S: u64 = 60;
/// Clears the screen and puts the cursor at its beginning; no blanking.
const CLEAR: &str = "\x1b[9;0]\x1b[H\x1b[2J";

/// Remembers what is shown.
#[derive(Debug)]
pub(crate) struct Screen {
    kind: Kind,
    page: Vec<String>,
    asked: Option<Asked>,
    drawn_at_s: Option<u64>,
}

impl Kind {
    /// By the name of its device.
    pub(crate) fn of(terminal: &str) -> Self {
        let number = terminal.strip_prefix("/dev/tty").unwrap_or_default();
        let is_screen = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit());
        if is_screen { Self::Screen } else { Self::Serial }
    }

    /// How many lines a page may have.
    pub(crate) fn height(self, is_asked: bool) -> Option<usize> {
        (self == Self::Screen).then_some(if is_asked { HEIGHT - FOR_QUESTION } else { HEIGHT })
    }
}

impl Screen {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, page: Vec::new(), asked: None, drawn_at_s: None }
    }

    /// Draws anew at the next opportunity: something else was written over it, or a person wants to see it.
    pub(crate) fn forget(&mut self) {
        self.drawn_at_s = None;
    }

    /// What is to be written now; `None` when nothing.
    pub(crate) fn draw(&mut self, page: Vec<String>, asked: Option<Asked>, now_s: u64) -> Option<String> {
        let changed = page != self.page || asked != self.asked;
        let is_old = self.drawn_at_s.is_none_or(|at| now_s.saturating_sub(at) >= REDRAW_EVERY_S);
        // A log need not repeat itself, but who looks for the question must find it at the end.
        let is_due = is_old && (self.kind == Kind::Screen || asked.is_some() || self.drawn_at_s.is_none());
        if !changed && !is_due {
            return None;
        }
        self.drawn_at_s = Some(now_s);
        self.page = page;
        self.asked = asked;
        Some(self.text())
    }

    fn text(&self) -> String {
        let begin = if self.kind == Kind::Screen { CLEAR } else { "\r\n" };
        let mut text = begin.to_owned();
        for line in &self.page {
            text.push_str(line);
            text.push_str("\r\n");
        }
        if let Some(asked) = &self.asked {
            text.push_str(&page::question(&asked.message));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    fn asked(id: &str) -> Option<Asked> {
        Some(Asked { id: id.to_owned(), message: "Type the recovery key:".to_owned() })
    }

    #[test]
    fn a_screen_is_drawn_over_when_something_changed_and_once_a_minute_i1() {
        let mut screen = Screen::new(Kind::of("/dev/tty1"));
        assert_eq!(screen.draw(lines("a"), None, 0), Some(format!("{CLEAR}a\r\n")));
        assert_eq!(screen.draw(lines("a"), None, 59), None);
        assert_eq!(screen.draw(lines("b"), None, 59), Some(format!("{CLEAR}b\r\n")));
        assert_eq!(screen.draw(lines("b"), None, 118), None);
        assert!(screen.draw(lines("b"), None, 119).is_some());
    }

    #[test]
    fn a_serial_line_gets_a_block_for_a_change_and_no_cursor_tricks_i1() {
        for name in ["/dev/ttyS0", "/dev/ttyAMA0", "/dev/hvc0", "/dev/tty"] {
            assert_eq!(Kind::of(name), Kind::Serial, "{name}");
        }
        let mut screen = Screen::new(Kind::Serial);
        assert_eq!(screen.draw(lines("a"), None, 0).as_deref(), Some("\r\na\r\n"));
        assert_eq!(screen.draw(lines("a"), None, 1000), None);
        screen.forget();
        assert_eq!(screen.draw(lines("a"), None, 1001).as_deref(), Some("\r\na\r\n"), "somebody has pressed Enter");
    }

    #[test]
    fn the_question_stands_last_and_comes_back_after_a_minute_d2() {
        let mut screen = Screen::new(Kind::Serial);
        assert_eq!(screen.draw(lines("a"), asked("1"), 0).as_deref(), Some("\r\na\r\nType the recovery key: "));
        assert_eq!(screen.draw(lines("a"), asked("1"), 30), None);
        assert!(screen.draw(lines("a"), asked("1"), 60).expect("again").ends_with("Type the recovery key: "));
        assert!(screen.draw(lines("a"), asked("2"), 61).is_some(), "a wrong answer makes a new question");
        assert_eq!(screen.draw(lines("a"), None, 62).as_deref(), Some("\r\na\r\n"));
    }

    #[test]
    fn a_screen_leaves_room_for_the_question_d2() {
        assert_eq!(Kind::Screen.height(false), Some(23));
        assert_eq!(Kind::Screen.height(true), Some(21));
        assert_eq!(Kind::Serial.height(true), None);
    }
}
