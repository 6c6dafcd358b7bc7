//! What nmap reports, read from its XML.

use crate::program;
use world::Element;

/// Ports that answer, in nmap's order; what it can tell apart from closed only by silence (`open|filtered`) counts too.
pub(crate) fn open_ports(report: &Element) -> Vec<u16> {
    let host = report.find("host", "").unwrap_or_else(|| panic!("nmap saw no host: {report:?}"));
    let ports = host.child("ports", "").unwrap_or_else(|| panic!("nmap scanned no port: {report:?}"));
    let open = ports.children.iter().filter(|port| {
        let state = port.child("state", "").and_then(|state| state.attr("state"));
        port.name == "port" && state.is_some_and(|state| state.starts_with("open"))
    });
    open.map(|port| port.attr("portid").and_then(|id| id.parse().ok()).expect("nmap numbers ports")).collect()
}

/// Runs nmap without looking up names and without asking first whether the host is there.
pub(crate) fn scan(arguments: &[&str]) -> Element {
    let mut all = vec!["-n", "-Pn", "-oX", "-"];
    all.extend(arguments);
    let text = program::run(&["nmap"], &all);
    let from = text.find("<nmaprun").unwrap_or_else(|| panic!("nmap wrote no report: {text}"));
    let end = "</nmaprun>";
    let until = text.rfind(end).unwrap_or_else(|| panic!("nmap's report is cut: {text}")) + end.len();
    Element::parse(&text[from..until]).expect("nmap writes XML")
}

/// The entries of a script's table under `key`.
pub(crate) fn table<'a>(of: &'a Element, key: &str) -> Option<&'a Element> {
    of.children.iter().find(|child| child.name == "table" && child.attr("key") == Some(key))
}

/// The text of a table's element under `key`.
pub(crate) fn text<'a>(of: &'a Element, key: &str) -> Option<&'a str> {
    let element = of.children.iter().find(|child| child.name == "elem" && child.attr("key") == Some(key));
    element.map(|element| element.text.as_str())
}
