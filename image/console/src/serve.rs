//! The loop: look, draw, read a line, answer.

use crate::agent::{self, Question};
use crate::facts::Facts;
use crate::look;
use crate::page;
use crate::screen::{Asked, Kind, Screen};
use crate::terminal::Terminal;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(4);
/// How long a question may wait to be seen.
const TICK_MS: u16 = 300;

/// Shows the page and asks questions on `terminal`, for ever.
///
/// # Errors
/// When the terminal is gone or is none; the unit starts this anew then.
pub fn serve(terminal: &Path) -> io::Result<()> {
    let kind = Kind::of(&terminal.to_string_lossy());
    let mut desk = Desk {
        terminal: Terminal::open(terminal)?,
        screen: Screen::new(kind),
        kind,
        questions: PathBuf::from(agent::FOLDER),
        asked: None,
        answered: None,
    };
    let news = looker()?;
    // A question that waits already must not wait for services that do not answer yet.
    let mut facts = look::at_once();
    loop {
        while let Ok(newer) = news.try_recv() {
            facts = newer;
        }
        desk.turn(&mut facts)?;
    }
}

/// Looks in a thread of its own: a server that is slow to answer must not hold up a question.
fn looker() -> io::Result<Receiver<Facts>> {
    let (tell, news) = sync_channel(1);
    let work = move || {
        while tell.send(look::look()).is_ok() {
            thread::sleep(LOOK_EVERY);
        }
    };
    thread::Builder::new().name("look".to_owned()).spawn(work)?;
    Ok(news)
}

struct Desk {
    terminal: Terminal,
    screen: Screen,
    kind: Kind,
    questions: PathBuf,
    asked: Option<Question>,
    /// The question that was answered here, until its file is gone.
    answered: Option<PathBuf>,
}

impl Desk {
    fn turn(&mut self, facts: &mut Facts) -> io::Result<()> {
        let now_us = look::monotonic_us();
        self.see_question(now_us);
        // What a question is about is told with it.
        facts.storage = look::storage();
        let asked = self.asked.as_ref().map(|question| Asked {
            id: question.file.to_string_lossy().into_owned(),
            message: question.message.clone(),
        });
        let lines = page::page(facts, self.kind.height(asked.is_some()));
        if let Some(text) = self.screen.draw(lines, asked, now_us / 1_000_000) {
            self.terminal.write(&text)?;
        }
        if let Some(line) = self.terminal.line(TICK_MS)? {
            self.typed(&line)?;
        }
        Ok(())
    }

    fn see_question(&mut self, now_us: u64) {
        let waiting = agent::waiting(&self.questions, now_us);
        if self.answered.as_ref().is_some_and(|file| waiting.as_ref().is_none_or(|question| question.file != *file)) {
            self.answered = None;
        }
        let waiting = waiting.filter(|question| self.answered.as_ref() != Some(&question.file));
        if waiting != self.asked {
            if waiting.is_some() {
                self.terminal.forget_input();
            }
            self.asked = waiting;
        }
    }

    /// An answer to the question that is shown; without one, Enter shows the page again.
    fn typed(&mut self, line: &[u8]) -> io::Result<()> {
        let Some(question) = self.asked.take() else {
            self.screen.forget();
            return Ok(());
        };
        // Where nobody takes it any more, the other terminal was faster.
        let taken = agent::answer(&question, line).is_ok();
        self.answered = Some(question.file);
        self.terminal.write(if taken { "\r\nOne moment ...\r\n" } else { "\r\nThis was answered already.\r\n" })
    }
}
