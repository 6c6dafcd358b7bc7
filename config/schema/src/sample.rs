//! The sample file, written from the declarations.

use crate::reader::Declared;

const HEAD: &str = "\
# Rainbow Edge: every setting with its range and its default.
# The file is optional, and so is every line: what is absent follows the default.
# Check a changed file with `rainbow-edge check`.
";

pub(crate) fn write(sections: &[Declared]) -> String {
    let mut text = String::from(HEAD);
    for section in sections {
        text.push_str(&format!("\n# {}\n[{}]\n", section.about, section.name));
        for setting in &section.settings {
            text.push_str(&format!("\n# {}\n# Allowed: {}.\n", setting.about, setting.allowed));
            text.push_str(&format!("#{} = {}\n", setting.key, setting.default));
        }
    }
    text
}
