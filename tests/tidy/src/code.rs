//! Reading source text without a parser: what is code, where functions begin and end, which tests there are.

/// The languages whose functions are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    /// JavaScript and TypeScript.
    Script,
}

/// A function and the number of its lines that hold code, from its name to its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Counted from 1.
    pub line: usize,
    pub code_lines: usize,
}

/// By the ending of the name.
#[must_use]
pub fn language(path: &str) -> Option<Language> {
    match path.rsplit_once('.')?.1 {
        "rs" => Some(Language::Rust),
        "js" | "mjs" | "cjs" | "ts" | "tsx" => Some(Language::Script),
        _ => None,
    }
}

/// The text with comments and the insides of literals turned into spaces: same lines, same columns.
#[must_use]
pub fn code_only(text: &str, language: Language) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = skipped_until(&letters, at, language);
        if end == at {
            out.push(letters[at]);
            at += 1;
        } else {
            out.extend(letters[at..end].iter().map(|letter| if *letter == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that begins at `at` ends, or `at` when none begins there.
fn skipped_until(letters: &[char], at: usize, language: Language) -> usize {
    let next = letters.get(at + 1).copied().unwrap_or(' ');
    match (letters[at], next, language) {
        ('/', '/', _) => find(letters, at, |here| letters[here] == '\n'),
        ('/', '*', _) => find(letters, at + 2, |here| letters[here] == '*' && letters.get(here + 1) == Some(&'/')) + 2,
        ('"', _, _) => closing(letters, at, '"'),
        ('r', '"' | '#', Language::Rust) if !continues_word(letters, at) => raw_string(letters, at),
        ('\'', _, Language::Rust) => character(letters, at),
        ('\'' | '`', _, Language::Script) => closing(letters, at, letters[at]),
        ('/', _, Language::Script) if begins_pattern(letters, at) => closing(letters, at, '/'),
        _ => return at,
    }
    .min(letters.len())
}

fn find(letters: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..letters.len()).find(|here| stop(*here)).unwrap_or(letters.len())
}

fn closing(letters: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < letters.len() && letters[at] != quote {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"..."`, `r#"..."#`; `r#name` is no string.
fn raw_string(letters: &[char], at: usize) -> usize {
    let hashes = letters[at + 1..].iter().take_while(|letter| **letter == '#').count();
    if letters.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let ends = |here: usize| {
        letters[here] == '"'
            && letters[here + 1..].iter().take(hashes).filter(|letter| **letter == '#').count() == hashes
    };
    find(letters, at + 2 + hashes, ends) + 1 + hashes
}

/// `'x'` and `'\n'`, but not the lifetime `'a`.
fn character(letters: &[char], at: usize) -> usize {
    let escaped = letters.get(at + 1) == Some(&'\\');
    if escaped || letters.get(at + 2) == Some(&'\'') { closing(letters, at, '\'') } else { at }
}

fn continues_word(letters: &[char], at: usize) -> bool {
    at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_')
}

/// A slash where a value may begin opens a regular expression; after a value it divides.
fn begins_pattern(letters: &[char], at: usize) -> bool {
    if letters.get(at + 1) == Some(&'>') {
        // The end of an element without content.
        return false;
    }
    let before = letters[..at].iter().rev().find(|letter| !letter.is_whitespace());
    before.is_none_or(|letter| "(,=:[!&|?{};>".contains(*letter))
}

/// Every function with a body.
#[must_use]
pub fn functions(text: &str, language: Language) -> Vec<Function> {
    let code: Vec<char> = code_only(text, language).chars().collect();
    let starts = match language {
        Language::Rust => rust_bodies(&code),
        Language::Script => script_bodies(&code),
    };
    starts.into_iter().map(|(start, open)| measured(&code, start, open)).collect()
}

fn measured(code: &[char], start: usize, open: usize) -> Function {
    let end = block_end(code, open);
    let text: String = code[start..end].iter().collect();
    Function {
        line: 1 + code[..start].iter().filter(|letter| **letter == '\n').count(),
        code_lines: text.lines().filter(|line| !line.trim().is_empty()).count(),
    }
}

/// The index behind the brace that closes the one at `open`.
fn block_end(code: &[char], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.iter().enumerate().skip(open) {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// (index of `fn`, index of the opening brace); declarations without a body are left out.
fn rust_bodies(code: &[char]) -> Vec<(usize, usize)> {
    let is_fn = |at: &usize| code[*at..].starts_with(&['f', 'n', ' ']) && !continues_word(code, *at);
    let body = |start: usize| {
        let end = signature_end(code, start);
        (code.get(end) == Some(&'{')).then_some((start, end))
    };
    (0..code.len()).filter(is_fn).filter_map(body).collect()
}

/// The first `{` or `;` outside of brackets: `[u8; 2]` ends no signature.
fn signature_end(code: &[char], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.iter().enumerate().skip(start) {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' | ';' if depth == 0 => return at,
            _ => {}
        }
    }
    code.len()
}

/// Braces behind `=>`, or behind `name(...)` where the name is no keyword.
fn script_bodies(code: &[char]) -> Vec<(usize, usize)> {
    const NO_FUNCTION: &[&str] = &["if", "for", "while", "switch", "catch", "with"];
    let mut found = Vec::new();
    for open in (0..code.len()).filter(|at| code[*at] == '{') {
        let before: String = code[..open].iter().collect::<String>().trim_end().to_owned();
        if before.ends_with("=>") {
            found.push((open, open));
        } else if before.ends_with(')') {
            let start = opening_parenthesis(&before);
            let head = before[..start].trim_end();
            let name =
                head.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default();
            if !NO_FUNCTION.contains(&name) {
                found.push((open, open));
            }
        }
    }
    found
}

fn opening_parenthesis(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' if depth == 1 => return at,
            '(' => depth -= 1,
            _ => {}
        }
    }
    0
}

/// Names of the functions behind `#[test]` and `#[tokio::test]`.
#[must_use]
pub fn test_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut expected = false;
    for line in code_only(text, Language::Rust).lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            expected = true;
        } else if let (true, Some((_, rest))) = (expected, line.split_once("fn ")) {
            names.extend(rest.split('(').next().map(str::to_owned));
            expected = false;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Language, code_only, functions, test_names};

    #[test]
    fn braces_in_literals_and_comments_are_no_code() {
        let text = "let a = \"{\\\"\"; // {\nlet b = '{'; let c: &'static str = r#\"}\"{\"#; /* } */ x";
        let code = code_only(text, Language::Rust);
        assert!(!code.contains(['{', '}']), "{code}");
        assert!(code.contains("&'static str") && code.ends_with('x'));
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn a_pattern_of_a_script_is_skipped_and_a_division_is_not() {
        assert_eq!(code_only("a = /\"/; b", Language::Script), "a =    ; b");
        assert_eq!(code_only("a / b / c", Language::Script), "a / b / c");
    }

    #[test]
    fn a_function_is_measured_without_blank_lines_and_comments() {
        let text = "trait T { fn none(&self); }\nfn one(a: [u8; 2]) -> u8 {\n\n    // why\n    a[0]\n}\n";
        let found = functions(text, Language::Rust);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].code_lines), (2, 3));
    }

    #[test]
    fn functions_of_scripts_are_told_from_statements() {
        let text = "if (a) {\n}\nfunction f(b) {\n  g(() => {\n  });\n}\nclass C { m() { } }";
        assert_eq!(functions(text, Language::Script).len(), 3);
    }

    #[test]
    fn only_functions_marked_as_tests_are_tests() {
        let text = "#[test]\nfn one_d3() {}\nfn none() {}\n#[tokio::test(flavor = \"x\")]\nasync fn two() {}";
        assert_eq!(test_names(text), ["one_d3", "two"]);
    }
}
