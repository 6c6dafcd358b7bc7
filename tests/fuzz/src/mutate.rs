use world::Seeded;

/// Values at which parsers change their mind.
const BYTES: &[u8] = b"\0\x01\x02\x03\x7f\x80\xc0\xe2\xff\n\r\t \"&'*+,-./0129:;<=>?@AZ[\\]_az{|}~";
/// Texts that mean something to one of them.
const WORDS: &[&str] = &[
    "<",
    "/>",
    "</",
    "&#x",
    "&amp;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<?",
    "xmlns=''",
    "xmlns:p='",
    "stream:",
    "\r\n\r\n",
    "\r\n",
    "Host: ",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: ",
    "HTTP/1.1",
    "null",
    "true",
    "[]",
    "{}",
    "\\u0000",
    "18446744073709551616",
    "-1",
    "1e999",
    "\u{130}",
    "\u{2028}",
    "\u{feff}",
    "\u{1f4a9}",
    "=2C",
    "=3D",
    "n,,",
    "p=tls-exporter,,",
    ",r=",
    ",p=",
    "-----BEGIN CERTIFICATE-----",
    "=",
    "..",
    "%00",
    "%2e",
];

/// One of the corpus, changed in a few places; now and then crossed with another.
#[must_use]
pub fn mutated(seeded: &mut Seeded, corpus: &[Vec<u8>], length_max: usize) -> Vec<u8> {
    let mut input = pick(seeded, corpus).cloned().unwrap_or_default();
    for _ in 0..=below(seeded, 5) {
        change(seeded, &mut input, corpus);
    }
    input.truncate(length_max);
    input
}

fn change(seeded: &mut Seeded, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = below(seeded, input.len() + 1);
    let end = (at + below(seeded, 24)).min(input.len());
    match below(seeded, 9) {
        0 => drop(input.drain(at..end)),
        1 => {
            let again = input[at..end].repeat(1 + below(seeded, 40));
            drop(input.splice(at..at, again));
        }
        2 => drop(input.splice(at..at, pick(seeded, WORDS).copied().unwrap_or_default().bytes())),
        3 => drop(input.splice(at..end, pick(seeded, WORDS).copied().unwrap_or_default().bytes())),
        4 => input.truncate(at),
        5 => {
            let other = pick(seeded, corpus).cloned().unwrap_or_default();
            let from = below(seeded, other.len() + 1);
            drop(input.splice(at..end, other[from..].iter().copied()));
        }
        kind => {
            let Some(byte) = input.get_mut(at) else { return input.extend(pick(seeded, BYTES)) };
            *byte = match kind {
                6 => *byte ^ 1 << below(seeded, 8),
                7 => seeded.bits().to_le_bytes()[0],
                _ => pick(seeded, BYTES).copied().unwrap_or_default(),
            };
        }
    }
}

fn below(seeded: &mut Seeded, end: usize) -> usize {
    let number = seeded.bits() % u64::try_from(end.max(1)).unwrap_or(1);
    usize::try_from(number).unwrap_or_default()
}

fn pick<'a, T>(seeded: &mut Seeded, all: &'a [T]) -> Option<&'a T> {
    all.get(below(seeded, all.len()))
}
