//! The files in a zip, one after the other: stored or deflated, up to the many of zip64, never all at once in memory.

/// No record of a vulnerability is larger.
const FILE_BYTES_MAX: usize = 64 << 20;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const END_64_LOCATOR: u32 = 0x0706_4b50;
const ENTRY: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
const END_BYTES: usize = 22;
/// The end may be followed by a comment of this length.
const COMMENT_BYTES_MAX: usize = 0xffff;
const STORED: u64 = 0;
const DEFLATED: u64 = 8;

/// An entry of the list at the end of the file.
struct Entry {
    name: String,
    method: u64,
    checksum: u64,
    packed_bytes: usize,
    /// Where its own header stands.
    place: usize,
    /// Of the entry in the list.
    bytes: usize,
}

/// Calls `act` with name and content of each file, in their order.
///
/// # Errors
/// What is damaged, or what `act` says.
pub(super) fn each_file(zip: &[u8], mut act: impl FnMut(&str, &[u8]) -> Result<(), String>) -> Result<(), String> {
    let (count, mut at) = list(zip)?;
    for _ in 0..count {
        let entry = entry(zip, at)?;
        at += entry.bytes;
        if !entry.name.ends_with('/') {
            act(&entry.name, &content(zip, &entry)?)?;
        }
    }
    Ok(())
}

/// How many entries there are, and where they begin.
fn list(zip: &[u8]) -> Result<(u64, usize), String> {
    let last = zip.len().checked_sub(END_BYTES).ok_or("the zip is cut off")?;
    let end = (last.saturating_sub(COMMENT_BYTES_MAX)..=last)
        .rev()
        .find(|at| number(zip, *at, 4) == Ok(u64::from(END)))
        .ok_or("the end of the zip is missing; it was cut off")?;
    let locator = end.checked_sub(20).filter(|at| number(zip, *at, 4) == Ok(u64::from(END_64_LOCATOR)));
    let Some(locator) = locator else {
        return Ok((number(zip, end + 10, 2)?, place(zip, end + 16, 4)?));
    };
    let end = place(zip, locator + 8, 8)?;
    expect(zip, end, END_64, "the end of the zip64")?;
    Ok((number(zip, end + 32, 8)?, place(zip, end + 48, 8)?))
}

fn entry(zip: &[u8], at: usize) -> Result<Entry, String> {
    expect(zip, at, ENTRY, "an entry of the zip's list")?;
    let length = |offset: usize| place(zip, at + offset, 2);
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    Ok(Entry {
        name: String::from_utf8_lossy(part(zip, at + 46, name)?).into_owned(),
        method: number(zip, at + 10, 2)?,
        checksum: number(zip, at + 16, 4)?,
        packed_bytes: place(zip, at + 20, 4)?,
        place: place(zip, at + 42, 4)?,
        bytes: 46 + name + extra + comment,
    })
}

fn content(zip: &[u8], entry: &Entry) -> Result<Vec<u8>, String> {
    let name = &entry.name;
    expect(zip, entry.place, LOCAL, name)?;
    let skipped = place(zip, entry.place + 26, 2)? + place(zip, entry.place + 28, 2)?;
    let packed = part(zip, entry.place + 30 + skipped, entry.packed_bytes)?;
    let content = match entry.method {
        STORED if packed.len() <= FILE_BYTES_MAX => packed.to_vec(),
        DEFLATED => miniz_oxide::inflate::decompress_to_vec_with_limit(packed, FILE_BYTES_MAX)
            .map_err(|error| format!("{name} in the zip cannot be unpacked: {error}"))?,
        STORED => return Err(format!("{name} in the zip is larger than {FILE_BYTES_MAX} bytes")),
        other => return Err(format!("{name} is packed by method {other}; only stored and deflated can be read")),
    };
    if u64::from(checksum(&content)) != entry.checksum {
        return Err(format!("{name} in the zip is damaged: its checksum is wrong"));
    }
    Ok(content)
}

fn expect(zip: &[u8], at: usize, signature: u32, what: &str) -> Result<(), String> {
    if number(zip, at, 4)? == u64::from(signature) { Ok(()) } else { Err(format!("the zip is damaged at {what}")) }
}

fn place(zip: &[u8], at: usize, bytes: usize) -> Result<usize, String> {
    usize::try_from(number(zip, at, bytes)?)
        .map_err(|_| "the zip is damaged: it names a place beyond its end".to_owned())
}

fn number(zip: &[u8], at: usize, bytes: usize) -> Result<u64, String> {
    Ok(part(zip, at, bytes)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn part(zip: &[u8], at: usize, bytes: usize) -> Result<&[u8], String> {
    let end = at.checked_add(bytes);
    end.and_then(|end| zip.get(at..end)).ok_or_else(|| "the zip is damaged: it is shorter than it says".to_owned())
}

/// CRC-32, bit by bit with a table of half bytes.
fn checksum(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let step = |value: u32| if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
    let table: [u32; 16] = std::array::from_fn(|index| {
        let start = u32::try_from(index).unwrap_or_default();
        (0..4).fold(start, |value, _| step(value))
    });
    let half = |sum: u32, bits: u32| sum >> 4 ^ table[usize::try_from((sum ^ bits) & 0xf).unwrap_or_default()];
    !bytes.iter().fold(!0, |sum, byte| half(half(sum, u32::from(*byte)), u32::from(*byte >> 4)))
}

#[cfg(test)]
mod tests {
    use super::{END, END_64, END_64_LOCATOR, ENTRY, LOCAL, checksum, each_file};

    fn bytes(numbers: &[(u64, usize)]) -> Vec<u8> {
        numbers.iter().flat_map(|(number, length)| number.to_le_bytes()[..*length].to_vec()).collect()
    }

    /// Two stored files; with `large` the list's place stands in the records of zip64 only.
    fn zip(large: bool) -> Vec<u8> {
        let (mut zip, mut list) = (Vec::new(), Vec::new());
        for (name, content) in [("a.json", "{}"), ("folder/b.json", "[1, 2]")] {
            let sum = u64::from(checksum(content.as_bytes()));
            let (name_bytes, content_bytes) = (name.len() as u64, content.len() as u64);
            let sizes = [(0, 2), (0, 4), (sum, 4), (content_bytes, 4), (content_bytes, 4), (name_bytes, 2)];
            list.extend(bytes(&[(u64::from(ENTRY), 4), (20, 2), (20, 2), (0, 2)]));
            list.extend(bytes(&sizes));
            list.extend(bytes(&[(0, 8), (0, 4), (0, 2), (zip.len() as u64, 4)]));
            list.extend(name.bytes());
            zip.extend(bytes(&[(u64::from(LOCAL), 4), (20, 2), (0, 2)]));
            zip.extend(bytes(&sizes));
            zip.extend(bytes(&[(0, 2)]));
            zip.extend(name.bytes().chain(content.bytes()));
        }
        let (place, length) = (zip.len() as u64, list.len() as u64);
        zip.extend(list);
        let end = zip.len() as u64;
        if large {
            zip.extend(bytes(&[
                (u64::from(END_64), 4),
                (44, 8),
                (0, 4),
                (0, 8),
                (2, 8),
                (2, 8),
                (length, 8),
                (place, 8),
            ]));
            zip.extend(bytes(&[(u64::from(END_64_LOCATOR), 4), (0, 4), (end, 8), (1, 4)]));
        }
        let (count, place) = if large { (0xffff, 0xffff_ffff) } else { (2, place) };
        zip.extend(bytes(&[(u64::from(END), 4), (0, 4), (count, 2), (count, 2), (length, 4), (place, 4), (0, 2)]));
        zip
    }

    fn names(zip: &[u8]) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        each_file(zip, |name, content| {
            all.push(format!("{name} {}", content.len()));
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn small_and_large_zips_are_read_file_by_file_i6() {
        for large in [false, true] {
            let found = names(&zip(large)).expect("it is whole");
            assert_eq!(found, ["a.json 2", "folder/b.json 6"], "large: {large}");
        }
    }

    #[test]
    fn a_zip_cut_off_anywhere_is_refused_i6() {
        for large in [false, true] {
            let whole = zip(large);
            (0..whole.len()).for_each(|length| assert!(names(&whole[..length]).is_err(), "cut at {length}"));
        }
    }

    #[test]
    fn a_changed_byte_never_changes_a_file_unnoticed_i6() {
        let whole = zip(false);
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            // Names, dates and versions may change; what stands in the files may not.
            let read = each_file(&changed, |_, content| match content {
                b"{}" | b"[1, 2]" => Ok(()),
                other => Err(format!("{other:?} came through")),
            });
            assert!(!read.is_err_and(|why| why.contains("came through")), "byte {at}");
        }
    }

    #[test]
    fn the_checksum_is_the_one_of_zip_i6() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum(b""), 0);
    }
}
