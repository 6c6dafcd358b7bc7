use crate::facts::{Service, ServiceState};
use serde::Deserialize;
use std::process::{Command, Stdio};

/// A screen cannot show more, and something is very wrong then.
const UNITS_MAX: usize = 500;

#[derive(Deserialize)]
struct Listed {
    unit: String,
    active: String,
    sub: String,
}

/// All services, as systemd lists them; absent while it does not answer.
pub(super) fn look() -> Option<Vec<Service>> {
    let mut command = Command::new("/usr/bin/systemctl");
    command.args(["list-units", "--all", "--type=service", "--output=json", "--no-pager"]);
    let listed = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if listed.status.success() { parse(&listed.stdout) } else { None }
}

fn parse(json: &[u8]) -> Option<Vec<Service>> {
    let listed: Vec<Listed> = serde_json::from_slice(json).ok()?;
    let service = |one: Listed| Service { state: state(&one.active, &one.sub), unit: one.unit };
    Some(listed.into_iter().take(UNITS_MAX).map(service).collect())
}

fn state(active: &str, sub: &str) -> ServiceState {
    match (active, sub) {
        ("failed", _) => ServiceState::Failed,
        ("active", "exited") => ServiceState::Done,
        ("active" | "reloading", _) => ServiceState::Running,
        ("activating", _) => ServiceState::Starting,
        _ => ServiceState::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_of_systemd_become_words_for_people_i5() {
        let json = br#"[{"unit":"rainbow-edge-server.service","load":"loaded","active":"active","sub":"running","description":"x"},
            {"unit":"a.service","load":"loaded","active":"failed","sub":"failed","description":""},
            {"unit":"b.service","load":"loaded","active":"active","sub":"exited","description":""},
            {"unit":"c.service","load":"loaded","active":"activating","sub":"auto-restart","description":""},
            {"unit":"d.service","load":"not-found","active":"inactive","sub":"dead","description":""}]"#;
        let states: Vec<_> = parse(json).expect("a list").into_iter().map(|service| service.state).collect();
        use ServiceState::{Done, Failed, Running, Starting, Stopped};
        assert_eq!(states, [Running, Failed, Done, Starting, Stopped]);
        assert_eq!(parse(b"no"), None);
    }
}
