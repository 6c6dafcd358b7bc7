//! Stored files: what was written is read again, in ranges, and whatever else lies there is an error, never data.

mod support;

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use support::{Folder, Seeded, WORD, secret};
use vault::{
    FileKey, FileWrapping, Keyring, Piece, RootSource, SealedReader, SealedWriter, SecretKey, VaultError, Wait,
    sealed_len,
};
use zeroize::Zeroizing;

const SEGMENT: usize = 1 << 16;
const HEADER: usize = 8;
const OVERHEAD: usize = 28;
const SEALED: usize = SEGMENT + OVERHEAD;
/// The file of the process that has a limit.
const LIMITED: &str = "VAULT_FILES_LIMITED";

fn u64_of(length: usize) -> u64 {
    u64::try_from(length).expect("a length fits")
}

fn fresh() -> FileKey {
    FileKey::generate().expect("a key")
}

fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut seeded = Seeded(seed);
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| seeded.next().to_le_bytes()).collect();
    bytes.truncate(length);
    bytes
}

fn write(path: &Path, key: &FileKey, plain: &[u8]) {
    let mut writer = SealedWriter::create(path, key.clone()).expect("a new file");
    writer.append(plain).expect("takes them");
    assert_eq!(writer.finish().expect("finishes"), u64_of(plain.len()));
}

/// All of a file, from range to range.
fn read(path: &Path, key: &FileKey) -> Result<Vec<u8>, VaultError> {
    let mut reader = SealedReader::open(path, key.clone())?;
    let mut plain = Vec::new();
    loop {
        let range = reader.read_at(u64_of(plain.len()))?;
        if range.is_empty() {
            break;
        }
        plain.extend_from_slice(range);
    }
    assert_eq!(reader.len(), u64_of(plain.len()), "it tells another length");
    Ok(plain)
}

/// The error of a file that must not be read to its end.
fn refusal(path: &Path, key: &FileKey, what: &str) -> VaultError {
    match read(path, key) {
        Err(error) => error,
        Ok(plain) => panic!("{what} gave {} bytes", plain.len()),
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Where a segment lies in its file.
fn place(number: usize) -> std::ops::Range<usize> {
    HEADER + number * SEALED..HEADER + (number + 1) * SEALED
}

#[test]
fn a_file_of_any_size_in_any_pieces_is_read_as_it_was_written_d1() {
    let folder = Folder::new("files-sizes");
    let mut seeded = Seeded(7);
    let sizes = [0, 1, 15, 16, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 5_000_000];
    for (number, size) in sizes.into_iter().enumerate() {
        for piece in [1_000, 65_536, 300_001, usize::MAX] {
            let (path, key, plain) = (folder.file(&format!("{number}-{piece}")), fresh(), bytes(7, size));
            let mut writer = SealedWriter::create(&path, key.clone()).expect("a new file");
            assert!(writer.is_empty());
            let mut rest = plain.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at((1 + seeded.below(piece)).min(rest.len()));
                writer.append(now).expect("takes them");
                rest = later;
                assert_eq!(writer.len(), u64_of(size - rest.len()));
            }
            assert_eq!(writer.finish().expect("finishes"), u64_of(size));
            assert_eq!(fs::metadata(&path).expect("a file").len(), sealed_len(u64_of(size)), "{size}");
            assert!(read(&path, &key).expect("reads") == plain, "{size} in pieces up to {piece}");
        }
    }
}

#[test]
fn a_range_is_read_from_any_place_and_ends_with_its_segment_c6() {
    let folder = Folder::new("files-ranges");
    let (path, key, plain) = (folder.file("a"), fresh(), bytes(1, 3 * SEGMENT + 77));
    write(&path, &key, &plain);
    let mut reader = SealedReader::open(&path, key).expect("opens");
    let mut seeded = Seeded(3);
    let edges = [0, SEGMENT - 1, SEGMENT, 3 * SEGMENT - 1, 3 * SEGMENT, plain.len() - 1];
    for offset in edges.into_iter().chain((0..200).map(|_| seeded.below(plain.len()))) {
        let end = ((offset / SEGMENT + 1) * SEGMENT).min(plain.len());
        assert!(reader.read_at(u64_of(offset)).expect("reads") == &plain[offset..end], "from {offset}");
    }
    for beyond in [u64_of(plain.len()), u64_of(plain.len()) + 1, u64_of(4 * SEGMENT), u64::MAX] {
        assert!(reader.read_at(beyond).expect("reads").is_empty(), "from {beyond}");
    }
}

/// The plain bytes of a piece.
fn plain(piece: Piece) -> Vec<u8> {
    piece.parts.into_iter().flat_map(|part| piece.bytes[part].to_vec()).collect()
}

#[test]
fn a_piece_is_the_bytes_of_its_segments_whether_the_disk_is_waited_for_or_not_c6() {
    let folder = Folder::new("piece");
    let (path, key, content) = (folder.file("a"), fresh(), bytes(11, 5 * SEGMENT + 100));
    write(&path, &key, &content);
    let reader = SealedReader::open(&path, key).expect("opens");
    for (offset, segments) in [(0, 1), (0, 4), (0, 100), (SEGMENT - 1, 2), (3 * SEGMENT + 7, 3), (5 * SEGMENT + 99, 1)]
    {
        let until = content.len().min((offset / SEGMENT + segments) * SEGMENT);
        let piece = reader.read_piece(u64_of(offset), segments, Wait::ForDisk).expect("reads").expect("it may wait");
        assert_eq!(plain(piece), content[offset..until], "{segments} from {offset}");
        // Just written: in the system's memory, where its file system can tell.
        if let Some(piece) = reader.read_piece(u64_of(offset), segments, Wait::Never).expect("reads") {
            assert_eq!(plain(piece), content[offset..until], "{segments} from {offset}, at once");
        }
    }
    let beyond = reader.read_piece(u64_of(content.len()), 4, Wait::ForDisk).expect("reads").expect("it may wait");
    assert!(plain(beyond).is_empty());
    reader.ask_ahead(u64_of(content.len()) * 2, 4);
}

#[test]
fn a_piece_with_a_changed_byte_is_an_error_and_others_are_read_d3() {
    let folder = Folder::new("piece-changed");
    let (path, key, content) = (folder.file("a"), fresh(), bytes(12, 4 * SEGMENT));
    write(&path, &key, &content);
    let file = OpenOptions::new().read(true).write(true).open(&path).expect("opens");
    let at = u64_of(HEADER + 2 * SEALED + 500);
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("reads");
    file.write_all_at(&[byte[0] ^ 1], at).expect("writes");
    let reader = SealedReader::open(&path, key).expect("opens");
    for wait in [Wait::ForDisk, Wait::Never] {
        let changed = reader.read_piece(0, 4, wait);
        assert!(
            matches!(changed, Err(VaultError::SegmentTampered { segment: 2, .. }) | Ok(None)),
            "what was changed is never returned"
        );
    }
    let before = reader.read_piece(0, 2, Wait::ForDisk).expect("reads").expect("it may wait");
    assert_eq!(plain(before), content[..2 * SEGMENT]);
}

#[test]
fn a_range_opens_only_the_segments_that_it_touches_d3() {
    let folder = Folder::new("files-touched");
    let (path, key, plain) = (folder.file("a"), fresh(), bytes(1, 3 * SEGMENT + 77));
    write(&path, &key, &plain);
    let mut sealed = fs::read(&path).expect("reads");
    sealed[place(1).start + 40_000] ^= 1;
    fs::write(&path, sealed).expect("writes");
    let mut reader = SealedReader::open(&path, key).expect("opens");
    for _ in 0..2 {
        // First what was read last, before the refusal: it is read again.
        for offset in [3 * SEGMENT, 0, 2 * SEGMENT, 3 * SEGMENT] {
            let end = plain.len().min(offset + SEGMENT);
            assert!(reader.read_at(u64_of(offset)).expect("reads") == &plain[offset..end], "from {offset}");
        }
        let error = reader.read_at(u64_of(SEGMENT + 5)).map(<[u8]>::len).expect_err("a changed segment");
        assert!(matches!(&error, VaultError::SegmentTampered { segment: 1, .. }), "{error}");
        let text = error.to_string();
        assert!(text.starts_with("segment 1 of ") && text.contains(path.to_str().expect("a name")), "{text}");
    }
}

#[test]
fn a_flipped_byte_is_an_error_never_data_d3() {
    let folder = Folder::new("files-flip");
    for length in [0, 100] {
        let (path, key, plain) = (folder.file(&format!("{length}")), fresh(), bytes(1, length));
        write(&path, &key, &plain);
        let sealed = fs::read(&path).expect("reads");
        for at in 0..sealed.len() {
            for mask in [1, 0x80, 0xff] {
                let mut changed = sealed.clone();
                changed[at] ^= mask;
                fs::write(&path, changed).expect("writes");
                let error = refusal(&path, &key, &format!("byte {at}"));
                let said = match at {
                    0..6 | 7 => matches!(error, VaultError::NotAVaultFile { .. }),
                    6 => matches!(error, VaultError::UnsupportedFormat { supported: 1, .. }),
                    _ => matches!(error, VaultError::SegmentTampered { segment: 0, .. }),
                };
                assert!(said, "byte {at}: {error}");
            }
        }
        fs::write(&path, sealed).expect("writes");
        assert_eq!(read(&path, &key).expect("unchanged, it reads"), plain);
    }
}

#[test]
fn a_moved_exchanged_or_foreign_segment_is_an_error_d3() {
    let folder = Folder::new("files-moved");
    let (path, key) = (folder.file("a"), fresh());
    let plain = bytes(1, 4 * SEGMENT);
    write(&path, &key, &plain);
    let sealed = fs::read(&path).expect("reads");
    let (other, other_key) = (folder.file("b"), fresh());
    write(&other, &other_key, &plain);
    let foreign = fs::read(&other).expect("reads");
    let with = |segment: usize, from: &[u8], number: usize| {
        let mut changed = sealed.clone();
        changed[place(segment)].copy_from_slice(&from[place(number)]);
        changed
    };
    let mut swapped = with(0, &sealed, 1);
    swapped[place(1)].copy_from_slice(&sealed[place(0)]);
    let last = &sealed[place(3).end..];
    let cases = [
        ("two segments swapped", swapped, 0),
        ("a segment doubled", with(2, &sealed, 1), 2),
        ("a segment of another file", with(1, &foreign, 1), 1),
        ("a segment left out", [&sealed[..place(2).start], &sealed[place(3).start..]].concat(), 3),
        ("the last segment of another file", [&sealed[..place(3).end], &foreign[place(3).end..]].concat(), 4),
        ("the last segment doubled", [&sealed[..], last].concat(), 4),
        ("the last segment alone", [&sealed[..HEADER], last].concat(), 0),
        ("a full segment for the last", [&sealed[..place(3).end], &sealed[place(3)], last].concat(), 5),
    ];
    for (what, changed, expected) in cases {
        fs::write(&path, changed).expect("writes");
        let error = refusal(&path, &key, what);
        assert!(matches!(error, VaultError::SegmentTampered { segment, .. } if segment == expected), "{what}: {error}");
    }
    let error = refusal(&other, &key, "another key");
    assert!(matches!(error, VaultError::SegmentTampered { .. }), "{error}");
}

#[test]
fn a_file_cut_anywhere_is_an_error_d3() {
    let folder = Folder::new("files-cut");
    for length in [0, SEGMENT, SEGMENT + 100] {
        let (path, key) = (folder.file(&format!("{length}")), fresh());
        write(&path, &key, &bytes(1, length));
        let file = OpenOptions::new().write(true).open(&path).expect("opens");
        let whole = usize::try_from(file.metadata().expect("a file").len()).expect("a length");
        for cut in (0..whole).rev() {
            file.set_len(u64_of(cut)).expect("cuts");
            let rest = cut.saturating_sub(HEADER) % SEALED;
            match SealedReader::open(&path, key.clone()).err().unwrap_or_else(|| panic!("cut to {cut}, it opens")) {
                VaultError::FileTruncated { segment, .. } => {
                    assert!(rest < OVERHEAD, "cut to {cut}");
                    assert_eq!(segment, u64_of(cut.saturating_sub(HEADER) / SEALED), "cut to {cut}");
                }
                VaultError::SegmentTampered { .. } => assert!(rest >= OVERHEAD, "cut to {cut}"),
                error => panic!("cut to {cut}: {error}"),
            }
        }
    }
}

#[test]
fn a_file_cut_while_it_is_read_is_an_error_d3() {
    let folder = Folder::new("files-cut-open");
    let (path, key) = (folder.file("a"), fresh());
    write(&path, &key, &bytes(1, 2 * SEGMENT));
    let mut reader = SealedReader::open(&path, key).expect("opens");
    OpenOptions::new().write(true).open(&path).expect("opens").set_len(u64_of(place(1).end - 1)).expect("cuts");
    assert_eq!(reader.read_at(0).expect("reads").len(), SEGMENT);
    let error = reader.read_at(u64_of(SEGMENT)).map(<[u8]>::len).expect_err("it is not there");
    assert!(matches!(error, VaultError::FileTruncated { segment: 1, .. }), "{error}");
}

#[test]
fn bytes_added_at_the_end_are_an_error_d3() {
    let folder = Folder::new("files-added");
    for length in [0, 100, SEGMENT] {
        let (path, key) = (folder.file(&format!("{length}")), fresh());
        write(&path, &key, &bytes(1, length));
        let sealed = fs::read(&path).expect("reads");
        for added in [1, 16, OVERHEAD, SEALED - length % SEGMENT - OVERHEAD, SEALED, SEALED + 1] {
            fs::write(&path, [&sealed[..], &vec![0; added]].concat()).expect("writes");
            refusal(&path, &key, &format!("{added} bytes added to {length}"));
        }
    }
}

#[test]
fn what_is_no_sealed_file_is_told_from_what_cannot_be_read_d3() {
    let folder = Folder::new("files-foreign");
    let open = |name: &str| SealedReader::open(&folder.file(name), fresh()).err().expect("it must not open");
    fs::write(folder.file("text"), "a text that somebody put here").expect("writes");
    assert!(matches!(open("text"), VaultError::NotAVaultFile { .. }));
    fs::write(folder.file("short"), "abc").expect("writes");
    assert!(matches!(open("short"), VaultError::NotAVaultFile { .. }));
    let error = open("nothing");
    assert!(matches!(error, VaultError::Io { action: "open", .. }), "{error}");
    assert!(error.to_string().contains("nothing"), "{error}");
}

/// A part that was cut short begins again: at each kind of place, with other bytes, several times.
#[test]
fn what_was_truncated_is_forgotten_and_other_bytes_take_its_place_c6() {
    let folder = Folder::new("files-truncate");
    let lengths = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 500, 3 * SEGMENT + 900];
    for (number, back) in lengths.into_iter().enumerate() {
        for more in [0, 10, 3 * SEGMENT] {
            let (path, key) = (folder.file(&format!("{number}-{more}")), fresh());
            let mut plain = bytes(1, 3 * SEGMENT + 900);
            let mut writer = SealedWriter::create(&path, key.clone()).expect("a new file");
            writer.append(&plain).expect("takes them");
            for round in [5, 6] {
                writer.truncate(u64_of(back)).expect("truncates");
                assert_eq!(writer.len(), u64_of(back));
                plain.truncate(back);
                let other = bytes(round, more);
                writer.append(&other).expect("takes them");
                plain.extend(other);
            }
            let error = writer.truncate(u64_of(plain.len()) + 1).expect_err("it has fewer");
            assert!(error.to_string().contains("it is shorter than that"), "{error}");
            assert_eq!(writer.finish().expect("finishes"), u64_of(plain.len()));
            assert_eq!(fs::metadata(&path).expect("a file").len(), sealed_len(u64_of(plain.len())));
            assert!(read(&path, &key).expect("reads") == plain, "back to {back}, then {more}");
        }
    }
}

/// What the README names as not detected: a segment as it was before its part began again.
#[test]
fn an_older_state_of_the_same_segment_is_not_detected_d3() {
    let folder = Folder::new("files-older");
    let (path, key) = (folder.file("a"), fresh());
    let (older, newer) = (bytes(1, SEGMENT), bytes(2, SEGMENT));
    let mut writer = SealedWriter::create(&path, key.clone()).expect("a new file");
    writer.append(&older).expect("takes them");
    let before = fs::read(&path).expect("reads");
    writer.truncate(0).expect("truncates");
    writer.append(&newer).expect("takes them");
    writer.finish().expect("finishes");
    assert!(read(&path, &key).expect("reads") == newer);
    let mut sealed = fs::read(&path).expect("reads");
    sealed[place(0)].copy_from_slice(&before[place(0)]);
    fs::write(&path, sealed).expect("writes");
    assert!(read(&path, &key).expect("reads") == older);
}

#[test]
fn truncating_into_a_changed_segment_is_an_error_and_forgets_nothing_d3() {
    let folder = Folder::new("files-truncate-changed");
    let (path, key, plain) = (folder.file("a"), fresh(), bytes(1, 2 * SEGMENT + 900));
    let mut writer = SealedWriter::create(&path, key.clone()).expect("a new file");
    writer.append(&plain).expect("takes them");
    let file = OpenOptions::new().read(true).write(true).open(&path).expect("opens");
    let at = u64_of(place(1).start + 100);
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("reads");
    file.write_all_at(&[byte[0] ^ 1], at).expect("writes");
    let error = writer.truncate(u64_of(SEGMENT + 5)).expect_err("a changed segment");
    assert!(matches!(error, VaultError::SegmentTampered { segment: 1, .. }), "{error}");
    assert_eq!(writer.len(), u64_of(plain.len()));
    file.write_all_at(&byte, at).expect("writes");
    writer.finish().expect("finishes");
    assert!(read(&path, &key).expect("reads") == plain);
}

#[test]
fn a_file_that_was_not_finished_does_not_open_d3() {
    let folder = Folder::new("files-unfinished");
    for length in [0, 100, SEGMENT, 3 * SEGMENT, 3 * SEGMENT + 5] {
        let (path, key) = (folder.file(&format!("{length}")), fresh());
        let mut writer = SealedWriter::create(&path, key.clone()).expect("a new file");
        writer.append(&bytes(1, length)).expect("takes them");
        drop(writer);
        let error = refusal(&path, &key, "an unfinished file");
        let expected = u64_of(length / SEGMENT);
        assert!(matches!(error, VaultError::FileTruncated { segment, .. } if segment == expected), "{length}: {error}");
        assert!(error.to_string().contains("never finished"), "{error}");
    }
}

#[test]
fn a_file_is_for_its_owner_only_and_never_replaced_d1() {
    let folder = Folder::new("files-mode");
    let (path, key) = (folder.file("a"), fresh());
    write(&path, &key, b"first");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    let error = SealedWriter::create(&path, fresh()).err().expect("a file is there");
    assert!(matches!(error, VaultError::AlreadyExists { .. }), "{error}");
    assert_eq!(read(&path, &key).expect("reads"), b"first");
}

#[test]
fn neither_content_nor_key_is_readable_on_the_disk_at_any_time_d1() {
    let folder = Folder::new("files-plain");
    let vector = Vector::read();
    let path = folder.file("a");
    let text: Vec<u8> = WORD.bytes().cycle().take(3 * SEGMENT + 700).collect();
    let mut writer = SealedWriter::create(&path, vector.file_key()).expect("a new file");
    let check = |when: &str, at_least: usize| {
        let sealed = fs::read(&path).expect("reads");
        assert!(sealed.len() >= at_least, "{when}: only {} bytes were searched", sealed.len());
        for needle in [WORD.as_bytes(), b"berraschung", b"Freitag", &vector.key[..8], &vector.key[24..]] {
            assert!(!holds(&sealed, needle), "{when}: it holds {:?}", String::from_utf8_lossy(needle));
        }
    };
    for piece in text.chunks(50_000) {
        writer.append(piece).expect("takes them");
        check("while it is received", HEADER);
    }
    writer.truncate(u64_of(SEGMENT + 10)).expect("truncates");
    check("after a part was cut short", SEALED);
    writer.append(&text[SEGMENT + 10..]).expect("takes them");
    check("received again", 3 * SEALED);
    writer.finish().expect("finishes");
    check("finished", 3 * SEALED + 700);
    assert!(read(&path, &vector.file_key()).expect("reads") == text);
}

/// Equal content, in one file and received again, looks unrelated each time.
#[test]
fn no_block_and_no_nonce_on_the_disk_repeats_d1() {
    let folder = Folder::new("files-repeat");
    let (path, key) = (folder.file("a"), fresh());
    let mut writer = SealedWriter::create(&path, key).expect("a new file");
    let (mut blocks, mut nonces) = (HashSet::new(), HashSet::new());
    let zeros = vec![0; 4 * SEGMENT + 320];
    for back in [0, SEGMENT + 48, 2 * SEGMENT, 4 * SEGMENT + 16] {
        writer.truncate(u64_of(back)).expect("truncates");
        writer.append(&zeros[back..]).expect("takes them");
        take_blocks(&fs::read(&path).expect("reads"), back / SEGMENT, &mut blocks, &mut nonces);
    }
    writer.finish().expect("finishes");
    take_blocks(&fs::read(&path).expect("reads"), 4, &mut blocks, &mut nonces);
    assert_eq!(nonces.len(), 4 + 3 + 2 + 1, "segments that were compared");
}

/// Looks at the segments of a file from `first` on.
fn take_blocks(sealed: &[u8], first: usize, blocks: &mut HashSet<Vec<u8>>, nonces: &mut HashSet<Vec<u8>>) {
    for segment in sealed[HEADER..].chunks(SEALED).skip(first) {
        assert!(nonces.insert(segment[..12].to_vec()), "a nonce repeats");
        for block in segment[12..].chunks(16) {
            assert!(blocks.insert(block.to_vec()), "a block repeats");
        }
    }
}

#[test]
fn a_wrapped_key_opens_for_its_file_and_company_only_d2() {
    let folder = Folder::new("files-wrap");
    let vault = Keyring::create(folder.path(), &RootSource::Raw(secret(1))).expect("creates");
    let (company, stored) = vault.new_company_key("acme1").expect("a key");
    let (other, _) = vault.new_company_key("acme2").expect("a key");
    let (wrapping, path, key) = (company.file_wrapping(), folder.file("a"), fresh());
    write(&path, &key, b"content");
    let wrapped = key.wrap(&wrapping, "f1").expect("wraps");
    assert_ne!(wrapped, key.wrap(&wrapping, "f1").expect("wraps"), "a nonce repeats");
    let again = vault.open_company_key("acme1", &stored).expect("opens").file_wrapping();
    let unwrapped = FileKey::unwrap(&again, "f1", &wrapped).expect("opens");
    assert_eq!(read(&path, &unwrapped).expect("reads"), b"content");
    let foreign = FileWrapping::from(secret(1));
    for (wrapping, id) in [(&wrapping, "f2"), (&wrapping, ""), (&other.file_wrapping(), "f1"), (&foreign, "f1")] {
        let error = FileKey::unwrap(wrapping, id, &wrapped).expect_err("another file or company");
        assert!(matches!(&error, VaultError::WrappedFileKey { file } if file == id), "{error}");
        assert!(error.to_string().starts_with(&format!("the stored key of file {id} does not open")), "{error}");
    }
    for at in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[at] ^= 0x10;
        assert!(FileKey::unwrap(&wrapping, "f1", &changed).is_err(), "byte {at}");
        assert!(FileKey::unwrap(&wrapping, "f1", &wrapped[..at]).is_err(), "{at} bytes");
    }
    assert!(FileKey::unwrap(&wrapping, "f1", &[&wrapped[..], &[0]].concat()).is_err());
}

#[test]
fn a_file_key_is_never_printed_or_stored_in_clear_d2() {
    let vector = Vector::read();
    let key = vector.file_key();
    assert_eq!(format!("{key:?}"), "FileKey(..)");
    assert!(!holds(&key.wrap(&vector.wrapping, "f").expect("wraps"), &vector.key[..4]));
}

#[test]
fn writers_and_readers_go_to_other_threads_c6() {
    fn goes<T: Send>() {}
    goes::<SealedWriter>();
    goes::<SealedReader>();
    goes::<FileKey>();
}

/// What an independent implementation made of the descriptions in `format.rs` and `key.rs`. Format v1 is final: the file
/// never changes.
struct Vector {
    wrapping: FileWrapping,
    file_id: &'static str,
    wrapped: Vec<u8>,
    key: [u8; 32],
    /// Sealed files of 0 and of 100 counting bytes.
    small: [Vec<u8>; 2],
    /// SHA-256 of those of one segment, and of two and 5 bytes.
    large: [Vec<u8>; 2],
}

impl Vector {
    fn read() -> Self {
        let mut lines = include_str!("vectors/file_v1.txt").lines();
        let mut line = || lines.next().expect("a line");
        Self {
            wrapping: SecretKey::new(Zeroizing::new(from_hex(line()).try_into().expect("32 bytes"))).into(),
            file_id: line(),
            wrapped: from_hex(line()),
            key: from_hex(line()).try_into().expect("32 bytes"),
            small: [(); 2].map(|()| from_hex(line())),
            large: [(); 2].map(|()| from_hex(line())),
        }
    }

    fn file_key(&self) -> FileKey {
        FileKey::unwrap(&self.wrapping, self.file_id, &self.wrapped).expect("opens")
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

fn counting(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).expect("below 251")).collect()
}

fn associated(number: usize, last: bool) -> Vec<u8> {
    [&b"rainbow-edge file v1\0"[..], &u64_of(number).to_be_bytes(), &[u8::from(last)]].concat()
}

/// Seals as the vector does, with another implementation of AES-GCM: the nonce of segment n is twelve times 160 + n.
fn sealed_by_hand(key: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    let (cipher, last) = (Aes256Gcm::new(key.into()), plain.len() / SEGMENT);
    let mut sealed = b"RBSEAL\x01\x10".to_vec();
    for number in 0..=last {
        let nonce = [u8::try_from(160 + number).expect("few segments"); 12];
        let mut segment = plain[number * SEGMENT..plain.len().min((number + 1) * SEGMENT)].to_vec();
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), &associated(number, number == last), segment.as_mut_slice().into())
            .expect("seals");
        sealed.extend([&nonce[..], &segment, &tag].concat());
    }
    sealed
}

#[test]
fn format_v1_is_as_committed_d1() {
    let (folder, vector) = (Folder::new("files-vector"), Vector::read());
    let sha256 = |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec();
    let by_hand = |length| sealed_by_hand(&vector.key, &counting(length));
    let large = [by_hand(SEGMENT), by_hand(2 * SEGMENT + 5)];
    for (sealed, digest) in large.iter().zip(&vector.large) {
        assert_eq!(&sha256(sealed), digest, "what this test seals is not the vector");
    }
    let [empty, small] = &vector.small;
    for (length, sealed) in [(0, empty), (100, small), (SEGMENT, &large[0]), (2 * SEGMENT + 5, &large[1])] {
        let path = folder.file(&format!("{length}"));
        fs::write(&path, sealed).expect("writes");
        assert!(read(&path, &vector.file_key()).expect("reads") == counting(length), "{length}");
    }
}

#[test]
fn what_is_written_opens_with_another_implementation_of_the_format_d1() {
    let (folder, vector) = (Folder::new("files-other"), Vector::read());
    let (path, plain) = (folder.file("a"), bytes(9, 2 * SEGMENT + 5));
    write(&path, &vector.file_key(), &plain);
    let sealed = fs::read(&path).expect("reads");
    let cipher = Aes256Gcm::new((&vector.key).into());
    let mut opened = Vec::new();
    for (number, segment) in sealed[HEADER..].chunks(SEALED).enumerate() {
        let (nonce, rest) = segment.split_first_chunk::<12>().expect("a nonce");
        let (body, tag) = rest.split_last_chunk::<16>().expect("a tag");
        let mut body = body.to_vec();
        let associated = associated(number, number == 2);
        cipher
            .decrypt_inout_detached(nonce.into(), &associated, body.as_mut_slice().into(), tag.into())
            .expect("opens");
        opened.extend(body);
    }
    assert!(opened == plain);
}

/// Appends what has room, in small pieces, until one is refused.
fn fill(path: &Path, key: &FileKey, plain: &[u8]) -> SealedWriter {
    let mut writer = SealedWriter::create(path, key.clone()).expect("a new file");
    let refused = plain.chunks(10_000).find_map(|piece| writer.append(piece).err()).expect("there is a limit");
    assert!(matches!(refused, VaultError::Io { action: "write to", .. }), "{refused}");
    assert_eq!(writer.len(), 520_000, "what was taken before");
    assert!(writer.append(&plain[520_000..525_000]).is_err(), "there is no more room than before");
    writer
}

/// Runs in a process of its own, in which no file may grow beyond 512,000 bytes: seven segments, and a part of the eighth.
#[test]
fn inside_of_the_limit() {
    let Some(path) = std::env::var_os(LIMITED) else { return };
    let (path, key, plain) = (Path::new(&path), fresh(), bytes(1, 600_000));
    let finish = |writer: SealedWriter, length: usize| {
        assert_eq!(writer.finish().expect("finishes"), u64_of(length));
        assert!(read(path, &key).expect("reads") == plain[..length], "{length}");
        fs::remove_file(path).expect("removes");
    };
    // The eighth segment, which was refused, is whole in memory.
    let mut writer = fill(path, &key, &plain);
    writer.truncate(500_000).expect("truncates");
    finish(writer, 500_000);

    let mut writer = fill(path, &key, &plain);
    writer.truncate(200_000).expect("truncates");
    writer.append(&plain[200_000..490_000]).expect("takes them");
    finish(writer, 490_000);

    // What was written of the eighth segment does not stay behind a shorter end.
    let mut writer = SealedWriter::create(path, key.clone()).expect("a new file");
    assert!(writer.append(&plain).is_err(), "all at once is too much as well");
    assert_eq!(writer.len(), u64_of(7 * SEGMENT), "the segments that had room were taken");
    writer.append(&plain[7 * SEGMENT..460_000]).expect("it goes on from there");
    finish(writer, 460_000);

    assert!(fill(path, &key, &plain).finish().is_err(), "the end has no room");
    assert!(SealedReader::open(path, key.clone()).is_err(), "a file without its end opens");
    println!("all of it");
}

#[test]
fn a_full_disk_is_an_error_and_the_file_goes_on_from_what_has_room_d3() {
    let folder = Folder::new("files-full");
    let limited = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" --exact inside_of_the_limit --nocapture";
    let test = std::env::current_exe().expect("this test");
    let mut shell = Command::new("/bin/sh");
    let output = shell.arg("-c").arg(limited).arg(test).env(LIMITED, folder.file("a")).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("all of it"), "{said}");
}
