//! The calls of the SDK, and what of them the box is said to serve.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::Failure;

/// Every call: service, function, method, path. A function that asks in several ways has several lines.
const CALLS: &str = "appliance/rest/src/rainbow_calls.tsv";
/// What is served of them: service, function, `served` or `empty`, proofs.
const SERVED: &str = "tests/sdk/coverage/served.tsv";

/// A function of a service of the SDK.
pub(super) type Function = (String, String);

/// How far a call is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// By a route.
    Served,
    /// A list that is always empty, because its feature comes later.
    Empty,
}

/// What is said of a call that is served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) service: Service,
    /// `FILE:NAME` of tests.
    pub(super) proofs: Vec<String>,
}

/// Both files.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Method and path of every way in which a function asks.
    pub(super) calls: BTreeMap<Function, Vec<(String, String)>>,
    pub(super) said: BTreeMap<Function, Said>,
}

/// Method and path, without the names of placeholders; whether the list there is empty by design.
pub(super) type Routes = BTreeMap<(String, String), bool>;

#[derive(Deserialize)]
struct Route {
    method: String,
    path: String,
    empty_by_design: bool,
}

impl Table {
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let text = |file: &str| {
            let read = std::fs::read_to_string(root.join(file));
            read.map_err(|error| Failure::Failed(format!("{file} cannot be read: {error}")))
        };
        Self::parse(&text(CALLS)?, &text(SERVED)?).map_err(Failure::Failed)
    }

    pub(super) fn parse(calls: &str, served: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for line in calls.lines() {
            let [service, function, method, path] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("{CALLS}: `{line}` is not: service, function, method, path"));
            };
            let asks = table.calls.entry((service.to_owned(), function.to_owned())).or_default();
            asks.push((method.to_owned(), path.to_owned()));
        }
        for line in served.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let (function, said) = said(&columns).ok_or_else(|| format!("{SERVED}: `{line}` is not well formed"))?;
            if !table.calls.contains_key(&function) {
                return Err(format!("{SERVED}: the SDK has no {} {}", function.0, function.1));
            }
            if table.said.insert(function, said).is_some() {
                return Err(format!("{SERVED}: `{line}` stands there twice"));
            }
        }
        Ok(table)
    }

    /// Where the table says other than the routes.
    pub(super) fn against(&self, routes: &Routes) -> Vec<String> {
        let mut findings = Vec::new();
        for (function, asks) in &self.calls {
            let said = self.said.get(function).map(|said| said.service);
            for ask in asks {
                let is = routes.get(ask).map(|empty| if *empty { Service::Empty } else { Service::Served });
                if is != said {
                    let told = |service: Option<Service>| service.map_or("not served", Service::name);
                    let (name, method, path) = (&function.1, &ask.0, &ask.1);
                    findings.push(format!(
                        "{SERVED}: {name} is said to be {}, and {method} {path} is {}",
                        told(said),
                        told(is)
                    ));
                }
            }
        }
        findings
    }

    /// The services, each once.
    pub(super) fn services(&self) -> BTreeSet<&str> {
        self.calls.keys().map(|(service, _)| service.as_str()).collect()
    }
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Empty => "empty by design",
        }
    }
}

fn said(columns: &[&str]) -> Option<(Function, Said)> {
    let [service, function, how, proofs @ ..] = columns else { return None };
    let how = match *how {
        "served" => Service::Served,
        // Nothing can be proved of what is always empty.
        "empty" if proofs.is_empty() => Service::Empty,
        _ => return None,
    };
    let proofs = proofs.iter().map(|proof| (*proof).to_owned()).collect();
    Some(((String::from(*service), String::from(*function)), Said { service: how, proofs }))
}

/// What `rainbow-edge routes --json` prints.
pub(super) fn routes(json: &str) -> Result<Routes, Failure> {
    let routes: Vec<Route> = serde_json::from_str(json)
        .map_err(|error| Failure::Failed(format!("the routes of the executable cannot be read: {error}")))?;
    Ok(routes.into_iter().map(|route| ((route.method, shape(&route.path)), route.empty_by_design)).collect())
}

fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "A\tread\tGET\t/x/{}\nA\tread\tGET\t/x/{}/y\nB\tlist\tGET\t/z\n";

    fn against(served: &str, json: &str) -> usize {
        let table = Table::parse(TWO, served).expect("well formed");
        table.against(&routes(json).expect("routes")).len()
    }

    #[test]
    fn a_call_is_served_when_each_way_of_asking_has_a_route() {
        let route =
            |path: &str, empty: bool| format!(r#"{{"method":"GET","path":"{path}","empty_by_design":{empty}}}"#);
        let one = format!("[{}]", route("/x/{id}", false));
        let both = format!("[{},{}]", route("/x/{id}", false), route("/x/{id}/y", false));
        let empty = format!("[{}]", route("/z", true));
        for (served, json, findings) in [
            ("", "[]", 0),
            ("A\tread\tserved\n", both.as_str(), 0),
            ("A\tread\tserved\n", one.as_str(), 1),
            ("A\tread\tserved\n", "[]", 2),
            ("", both.as_str(), 2),
            ("B\tlist\tempty\n", empty.as_str(), 0),
            ("B\tlist\tserved\n", empty.as_str(), 1),
        ] {
            assert_eq!(against(served, json), findings, "{served} {json}");
        }
    }

    #[test]
    fn lines_that_say_nothing_are_refused() {
        for served in ["A\tread\tperhaps\n", "A\tread\n", "A\twrite\tserved\n", "B\tlist\tempty\ta.rs:b\n", "\n", "A\n"]
        {
            assert!(Table::parse(TWO, served).is_err(), "{served:?}");
        }
        assert!(Table::parse(TWO, "A\tread\tserved\nA\tread\tserved\n").is_err(), "twice");
        assert!(Table::parse("A\tread\tGET\n", "").is_err());
    }
}
