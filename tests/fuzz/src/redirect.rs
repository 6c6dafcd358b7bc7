//! Port 80: whatever is asked there, the answer sends nobody anywhere but to the box, and is a short one.

use crate::door::{NAME, PUBLIC_PORT, answer, door};

const STATUS: [&str; 6] = ["308", "400", "405", "414", "431", "505"];
const ANSWER_BYTES_MAX: usize = 1024;

pub(crate) fn run(input: &[u8]) {
    let answer = answer(door().http, input);
    if answer.is_empty() {
        return;
    }
    assert!(answer.len() <= input.len() + ANSWER_BYTES_MAX, "{} bytes for {}", answer.len(), input.len());
    let text = String::from_utf8_lossy(&answer);
    let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)).unwrap_or_default();
    assert!(STATUS.contains(&status), "{text}");
    for line in text.lines().filter(|line| line.to_ascii_lowercase().starts_with("location:")) {
        let at = line["location:".len()..].trim();
        let own = [NAME, "127.0.0.1"].map(|host| format!("https://{host}:{PUBLIC_PORT}/"));
        assert!(own.iter().any(|own| at.starts_with(own.as_str())), "{at}");
    }
}
