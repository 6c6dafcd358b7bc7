//! Questions that wait.

use std::fs;
use std::path::{Path, PathBuf};

/// More than a question ever takes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) file: PathBuf,
    pub(crate) message: String,
    /// Where the answer goes.
    pub(crate) socket: PathBuf,
    process: u32,
    /// In microseconds of the monotonic clock; 0 is never.
    not_after_us: u64,
}

/// The oldest question that still waits: its process lives, and its time is not over.
pub(crate) fn waiting(folder: &Path, now_us: u64) -> Option<Question> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ask.")));
    files.sort_by_key(|file| (fs::metadata(file).and_then(|about| about.modified()).ok(), file.clone()));
    let lives = |question: &Question| Path::new(&format!("/proc/{}", question.process)).exists();
    let mut questions = files.into_iter().filter_map(|file| read(&file));
    questions.find(|question| question.is_in_time(now_us) && question.is_of(folder) && lives(question))
}

fn read(file: &Path) -> Option<Question> {
    if fs::metadata(file).ok()?.len() > FILE_BYTES_MAX {
        return None;
    }
    parse(file, &fs::read_to_string(file).ok()?)
}

fn parse(file: &Path, text: &str) -> Option<Question> {
    let section = text.lines().skip_while(|line| line.trim() != "[Ask]").skip(1);
    let lines: Vec<&str> = section.take_while(|line| !line.starts_with('[')).collect();
    let value = |key: &str| lines.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    Some(Question {
        file: file.to_owned(),
        message: value("Message").unwrap_or("Password:").to_owned(),
        socket: PathBuf::from(value("Socket")?),
        process: value("PID")?.trim().parse().ok()?,
        not_after_us: value("NotAfter").and_then(|text| text.trim().parse().ok()).unwrap_or(0),
    })
}

impl Question {
    fn is_in_time(&self, now_us: u64) -> bool {
        self.not_after_us == 0 || self.not_after_us > now_us
    }

    /// An answer goes nowhere but beside the question.
    fn is_of(&self, folder: &Path) -> bool {
        self.socket.parent() == Some(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: &str = "[Ask]\nPID=1\nSocket=/run/systemd/ask-password/sck.1\nAcceptCached=0\nEcho=0\nNotAfter=500\n\
        Silent=0\nMessage=Type the recovery key:\nId=rainbow-edge-storage\n";

    #[test]
    fn a_question_of_systemd_is_read_d2() {
        let question = parse(Path::new("ask.1"), ASK).expect("a question");
        assert_eq!(question.message, "Type the recovery key:");
        assert_eq!(question.socket, Path::new("/run/systemd/ask-password/sck.1"));
        assert!(question.is_in_time(499) && !question.is_in_time(500));
        let for_ever = parse(Path::new("ask.1"), &ASK.replace("NotAfter=500", "NotAfter=0")).expect("a question");
        assert!(for_ever.is_in_time(u64::MAX));
    }

    #[test]
    fn what_is_no_question_or_answers_elsewhere_is_not_asked_d2() {
        for text in
            ["", "[Ask]\n", "[Ask]\nPID=x\nSocket=/a\n", "PID=1\nSocket=/a\n", "[Ask]\nPID=1\n[Else]\nSocket=/a\n"]
        {
            assert_eq!(parse(Path::new("ask.1"), text), None, "{text}");
        }
        let elsewhere = parse(Path::new("ask.1"), &ASK.replace("ask-password/sck", "notify/sck")).expect("reads");
        assert!(!elsewhere.is_of(Path::new("/run/systemd/ask-password")));
        // As systemd 257 writes it.
        let here = parse(Path::new("ask.1"), &ASK.replace("ask-password/sck", "ask-password//sck")).expect("reads");
        assert!(here.is_of(Path::new("/run/systemd/ask-password")));
    }
}
