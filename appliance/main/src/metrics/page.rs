//! Prometheus' text format, version 0.0.4. Names, labels and texts are ours: nothing in them would have to be escaped.

use domain::count::Durations;
use std::fmt::{Display, Write};

#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// A number that only grows.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "counter", help);
        self.sample(name, value);
    }

    /// A number that goes up and down.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, value);
    }

    /// As [`Page::gauge`], with a label.
    pub(super) fn labelled_gauge(&mut self, name: &str, help: &str, label: (&str, &str), value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(&format!("{name}{{{}=\"{}\"}}", label.0, label.1), value);
    }

    /// Numbers that go up and down, told apart by a label.
    pub(super) fn gauges(&mut self, name: &str, help: &str, label: &str, values: &[(&str, u64)]) {
        self.family(name, "gauge", help);
        for (word, value) in values {
            self.sample(&format!("{name}{{{label}=\"{word}\"}}"), value);
        }
    }

    /// Numbers that only grow, told apart by a label.
    pub(super) fn counters(&mut self, name: &str, help: &str, label: &str, values: &[(&str, u64)]) {
        self.family(name, "counter", help);
        for (word, value) in values {
            self.sample(&format!("{name}{{{label}=\"{word}\"}}"), value);
        }
    }

    /// As [`Page::counters`], by two labels.
    pub(super) fn counters_by_two(
        &mut self,
        name: &str,
        help: &str,
        labels: [&str; 2],
        values: &[(&str, &[(&str, u64)])],
    ) {
        self.family(name, "counter", help);
        let [outer, inner] = labels;
        for (word, values) in values {
            for (detail, value) in *values {
                self.sample(&format!("{name}{{{outer}=\"{word}\",{inner}=\"{detail}\"}}"), value);
            }
        }
    }

    /// How long something took, as a histogram in seconds.
    pub(super) fn durations(&mut self, name: &str, help: &str, durations: &Durations) {
        self.family(name, "histogram", help);
        let mut all = 0;
        for (longest, count) in durations.at_most() {
            self.sample(&format!("{name}_bucket{{le=\"{}\"}}", longest.as_secs_f64()), count);
            all = count;
        }
        all += durations.longer();
        self.sample(&format!("{name}_bucket{{le=\"+Inf\"}}"), all);
        self.sample(&format!("{name}_sum"), durations.sum().as_secs_f64());
        self.sample(&format!("{name}_count"), all);
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name} {value}");
    }
}
