//! The status page as a technician reads it from the serial port.

/// What a person takes from it to the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusPage {
    /// `https://` and where the box is reached.
    pub(crate) address: String,
    /// SHA-256 of the CA: `AB:CD:...`.
    pub(crate) fingerprint: String,
    /// While nobody has set the box up.
    pub(crate) code: Option<String>,
}

const PAIRS: usize = 32;

/// The newest page in `text`, once it holds an address and a fingerprint in full.
pub(crate) fn read(text: &str) -> Option<StatusPage> {
    let address = text.rmatch_indices("https://").find_map(|(at, _)| address(&text[at..]))?;
    let fingerprint = text.rmatch_indices("SHA-256").find_map(|(at, word)| fingerprint(&text[at + word.len()..]))?;
    let code = text.rmatch_indices("Set-up code").find_map(|(at, word)| code(&text[at + word.len()..]));
    Some(StatusPage { address, fingerprint, code })
}

/// A page that asks for the box's first run.
pub(crate) fn read_with_code(text: &str) -> Option<StatusPage> {
    read(text).filter(|page| page.code.is_some())
}

fn address(text: &str) -> Option<String> {
    let end = text.find(char::is_whitespace)?;
    let address = text[..end].trim_end_matches([',', '.', '/']);
    (address.len() > "https://".len()).then(|| address.to_owned())
}

/// A line of a terminal is shorter than a fingerprint: it may go on below.
fn fingerprint(text: &str) -> Option<String> {
    let words = text.split(|letter: char| letter == ':' || letter.is_whitespace()).filter(|word| !word.is_empty());
    let pairs: Vec<String> =
        words.skip_while(|word| !is_pair(word)).take_while(|word| is_pair(word)).map(str::to_uppercase).collect();
    (pairs.len() >= PAIRS).then(|| pairs[..PAIRS].join(":"))
}

fn is_pair(word: &str) -> bool {
    word.len() == 2 && word.chars().all(|letter| letter.is_ascii_hexdigit())
}

fn code(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    let is_group = |group: &str| group.len() == 4 && group.chars().all(|letter| letter.is_ascii_alphanumeric());
    (word.contains('-') && word.split('-').all(is_group)).then(|| word.to_owned())
}

#[test]
fn a_status_page_is_read_though_its_fingerprint_is_broken_over_lines_i7() {
    let half = ["0a"; 16].join(":");
    let text = format!("  https://10.0.2.15/\n  CA SHA-256  {half}:\n     {half}\n  Set-up code  ABCD-EF12 \n");
    let page = read_with_code(&text).expect("a page");
    assert_eq!((page.address.as_str(), page.code.as_deref()), ("https://10.0.2.15", Some("ABCD-EF12")));
    assert_eq!(page.fingerprint, ["0A"; 32].join(":"));
    assert_eq!(read(&text[..60]), None);
}
