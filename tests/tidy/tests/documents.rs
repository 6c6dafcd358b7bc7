//! Documents that are there, short, and true where a program can tell.

use std::path::Path;

use tidy::{files, members, none, root};

const README_LINES_MAX: usize = 40;
const ARCHITECTURE_LINES_MAX: usize = 120;

/// Rooms that are no crates.
const OTHER_ROOMS: &[&str] = &["image/build", "tests/sdk", "tests/web"];

#[test]
fn every_room_has_a_short_readme() {
    let mut rooms: Vec<String> = members().into_iter().map(|member| member.folder).collect();
    rooms.extend(OTHER_ROOMS.iter().map(|room| (*room).to_owned()));
    let mut findings = Vec::new();
    for room in rooms {
        match std::fs::read_to_string(root().join(&room).join("README.md")) {
            Ok(text) if text.lines().count() > README_LINES_MAX => {
                findings.push(format!("{room}/README.md has more than {README_LINES_MAX} lines"))
            }
            Ok(_) => {}
            Err(_) => findings.push(format!("{room} has no README.md")),
        }
    }
    none(&findings);
}

#[test]
fn the_architecture_is_two_pages_and_names_rooms_that_exist() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md exists");
    let lines = text.lines().count();
    assert!(lines <= ARCHITECTURE_LINES_MAX, "ARCHITECTURE.md has {lines} lines, at most {ARCHITECTURE_LINES_MAX}");
    let rooms = rooms(&text);
    let gone = rooms.iter().filter(|room| !root().join(room).is_dir());
    let mut findings: Vec<String> =
        gone.map(|room| format!("ARCHITECTURE.md names {room}, which is no folder")).collect();
    let inside = |folder: &str| rooms.iter().any(|room| folder == *room || folder.starts_with(&format!("{room}/")));
    let untold = members().into_iter().map(|member| member.folder).filter(|folder| !inside(folder));
    findings.extend(untold.map(|folder| format!("ARCHITECTURE.md names no room that holds {folder}")));
    none(&findings);
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.path.ends_with(".md")) {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for target in links(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !root().join(folder).join(path).exists() {
                findings.push(format!("{}: link to {target}", file.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn a_link_is_found_and_an_address_is_not_one() {
    let text = "see [a](b.md#c) and [d](https://e) and `[f](g)`\n```\n[h](i)\n```\n";
    assert_eq!(links(text), ["b.md#c"]);
}

/// The table below `## Rooms`: what stands in back quotes in the first cell of a row.
fn rooms(text: &str) -> Vec<&str> {
    let section = text.split("\n## ").find(|section| section.starts_with("Rooms")).unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(|room| room.trim_end_matches('/')).collect()
}

/// Targets of Markdown links outside of code, without those of other sites.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect();
        found.extend(prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned));
    }
    found.retain(|target| !target.contains("://") && !target.starts_with("mailto:"));
    found
}
