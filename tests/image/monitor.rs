//! QEMU's monitor (QMP): the power button, the cable, a photograph of the screen.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Fault, Outcome};

const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Monitor {
    machine: String,
    line: BufReader<UnixStream>,
}

impl Monitor {
    /// Greets, as the protocol wants.
    pub(crate) fn open(machine: &str, line: UnixStream) -> Outcome<Self> {
        line.set_read_timeout(Some(LIMIT)).map_err(Fault::file("bound the monitor of", Path::new(machine)))?;
        let mut monitor = Self { machine: machine.to_owned(), line: BufReader::new(line) };
        monitor.read()?;
        monitor.ask("qmp_capabilities", &json!({}))?;
        Ok(monitor)
    }

    pub(crate) fn press_power_button(&mut self) -> Outcome<()> {
        self.ask("system_powerdown", &json!({}))
    }

    pub(crate) fn pull_cable(&mut self, card: &str) -> Outcome<()> {
        self.ask("set_link", &json!({ "name": card, "up": false }))
    }

    /// The machine was made waiting.
    pub(crate) fn let_run(&mut self) -> Outcome<()> {
        self.ask("cont", &json!({}))
    }

    pub(crate) fn photograph(&mut self, file: &Path) -> Outcome<()> {
        self.ask("screendump", &json!({ "filename": file, "format": "png" }))
    }

    fn ask(&mut self, command: &str, arguments: &Value) -> Outcome<()> {
        let text = format!("{}\n", json!({ "execute": command, "arguments": arguments }));
        self.line.get_mut().write_all(text.as_bytes()).map_err(|error| self.fault(error.to_string()))?;
        loop {
            let answer = self.read()?;
            if answer.get("return").is_some() {
                return Ok(());
            }
            if let Some(error) = answer.get("error") {
                return Err(self.fault(format!("{command}: {error}")));
            }
        }
    }

    fn read(&mut self) -> Outcome<Value> {
        let mut text = String::new();
        let count = self.line.read_line(&mut text).map_err(|error| self.fault(error.to_string()))?;
        if count == 0 {
            return Err(self.fault("it has ended".to_owned()));
        }
        serde_json::from_str(&text).map_err(|error| self.fault(format!("{error}: {text}")))
    }

    fn fault(&self, said: String) -> Fault {
        Fault::Monitor { machine: self.machine.clone(), said }
    }
}
