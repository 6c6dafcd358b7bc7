//! `edge.toml`: `check` and `run` explain every mistake at once.

use world::EdgeBox;

const MISTAKES: &str = "\
[gate]
htps_port = 8443
connections_max = 5
[sign_in]
token_life_s = \"long\"
[nonsense]
x = 1
[log]
level = \"loud\"
";

/// What a person must be able to read about each mistake: key, value, what is allowed.
const EXPLANATIONS: [&[&str]; 5] = [
    &["gate.htps_port", "https_port"],
    &["gate.connections_max", "5", "16"],
    &["sign_in.token_life_s", "long", "10"],
    &["nonsense"],
    &["log.level", "loud", "info"],
];

#[test]
fn every_mistake_is_explained_at_once_by_check_and_by_run() {
    let edge = EdgeBox::init();
    edge.configure(MISTAKES);
    let checked = edge.edge(&["check"], "").refused("check of a wrong file");
    let run = edge.start_refused().refused("run with a wrong file");
    for (command, text) in [("check", checked), ("run", run)] {
        assert!(text.contains("edge.toml"), "{command} names the file: {text}");
        for words in EXPLANATIONS {
            let explained = text.lines().any(|line| words.iter().all(|word| line.contains(word)));
            assert!(explained, "{command}: no line with {words:?}: {text}");
        }
    }
}

#[test]
fn file_that_is_no_toml_is_explained_with_its_line() {
    let edge = EdgeBox::init();
    edge.configure("[gate]\nhttps_port = = 3\n");
    let text = edge.edge(&["check"], "").refused("check of a broken file");
    assert!(text.contains("edge.toml") && text.contains('2'), "{text}");
}

#[test]
fn a_right_file_passes_and_the_development_key_is_warned_of_d2() {
    let edge = EdgeBox::init();
    edge.configure("[sign_in]\ntoken_life_s = 600\n");
    let text = edge.edge(&["check"], "").succeeded("check of a right file").text();
    assert!(text.contains("root.key"), "check warns of the development key: {text}");
    edge.start();
    let status = edge.status();
    assert!(status["warnings"].to_string().contains("root.key"), "status warns of it: {status}");
}
