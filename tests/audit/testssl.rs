//! What testssl.sh finds, read from its JSON; run once for all tests.

use crate::{audited, program};
use serde_json::Value;
use std::sync::OnceLock;

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) id: String,
    /// `OK`, `INFO`, `LOW`, `MEDIUM`, `HIGH`, `CRITICAL`; `WARN` and `FATAL` are about the audit itself.
    pub(crate) severity: String,
    pub(crate) text: String,
}

/// All findings. The tool asks no name server (`-n none`) and, unless told to, nobody else either.
pub(crate) fn findings() -> &'static [Finding] {
    static FINDINGS: OnceLock<Vec<Finding>> = OnceLock::new();
    FINDINGS.get_or_init(|| {
        let edge = &audited().edge;
        let report = edge.beside().join("testssl.json");
        let [report_path, ca] = [report.clone(), edge.data().join("ca.pem")].map(|path| path.display().to_string());
        let (address, target) = (audited().address.to_string(), format!("localhost:{}", edge.https()));
        let mut arguments = vec!["--quiet", "--color", "0", "--warnings", "off", "-n", "none", "--add-ca", &ca];
        arguments.extend(["--jsonfile", &report_path, "--ip", &address]);
        // Protocols, server's defaults, headers, all vulnerabilities, forward secrecy, suites by strength, preference.
        arguments.extend(["-p", "-S", "-h", "-U", "-f", "-s", "-P", &target]);
        let said = program::run(&["testssl", "testssl.sh"], &arguments);
        let text = std::fs::read_to_string(&report).unwrap_or_else(|_| panic!("testssl.sh wrote no report:\n{said}"));
        let list: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{said}"));
        list.iter().map(Finding::from_json).collect()
    })
}

/// The finding of this id. Several names: versions of the tool differ.
pub(crate) fn finding(ids: &[&str]) -> &'static Finding {
    let found = findings().iter().find(|finding| ids.contains(&finding.id.as_str()));
    found.unwrap_or_else(|| panic!("testssl.sh says nothing of {ids:?}: {:#?}", findings()))
}

/// The texts of all findings of this id: a few ids come more than once.
pub(crate) fn texts(id: &str) -> Vec<&'static str> {
    findings().iter().filter(|finding| finding.id == id).map(|finding| finding.text.as_str()).collect()
}

impl Finding {
    fn from_json(json: &Value) -> Self {
        let text = |key: &str| json[key].as_str().unwrap_or_else(|| panic!("no {key}: {json}")).to_owned();
        Self { id: text("id"), severity: text("severity"), text: text("finding") }
    }

    /// Whether the auditor says so in as many words: `OK`, or an observation without judgement.
    pub(crate) fn is_fine(&self) -> bool {
        ["OK", "INFO"].contains(&self.severity.as_str())
    }
}
