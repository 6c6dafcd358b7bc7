//! What a file is: its first bytes are believed, not its name nor its sender.

/// First bytes that [`kind`] looks at.
pub const HEAD_BYTES: usize = 512;

type Magic = (usize, &'static [u8], &'static str);

/// Where, which bytes, what they mean; the first that fits.
const MAGIC: &[Magic] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
];

/// Office documents are archives: which one, its extension says, and it is believed no further than that.
const IN_ARCHIVES: [(&str, &str); 6] = [
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
];

/// The media type of a file that begins with `head`. Whatever is text is plain text, markup too: nothing that a browser
/// would run.
#[must_use]
pub fn kind(head: &[u8], extension: &str) -> &'static str {
    if head.starts_with(b"PK\x03\x04") {
        let office = IN_ARCHIVES.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
        return office.map_or("application/zip", |(_, kind)| kind);
    }
    let fits = |(at, magic, _): &&Magic| head.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    if let Some((_, _, kind)) = MAGIC.iter().find(fits) {
        return kind;
    }
    if is_text(head) { "text/plain" } else { "application/octet-stream" }
}

/// Whether a media type is one of a picture that browsers draw and that is made small.
#[must_use]
pub fn is_picture(kind: &str) -> bool {
    matches!(kind, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// UTF-8, of which the last character may be cut, without control characters other than white space.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(cut) if cut.error_len().is_none() => std::str::from_utf8(&head[..cut.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_say_what_a_file_is_and_not_its_name_c6() {
        for (head, extension, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "txt", "image/png"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp", "image/webp"),
            (b"RIFF\0\0\0\0WAVEfmt ", "wav", "audio/wav"),
            (b"\0\0\0\x20ftypisom", "png", "video/mp4"),
            (b"PK\x03\x04...", "docx", IN_ARCHIVES[0].1),
            (b"PK\x03\x04...", "pdf", "application/zip"),
            (b"MZ\x90\0", "pdf", "application/vnd.microsoft.portable-executable"),
            (b"%PDF-1.7", "", "application/pdf"),
            (b"<html><script>alert(1)</script>", "html", "text/plain"),
            (b"<svg onload=alert(1)>", "svg", "text/plain"),
            ("Grüße".as_bytes(), "", "text/plain"),
            (&"Grüße".as_bytes()[..3], "", "text/plain"),
            (b"\0\x01\x02", "png", "application/octet-stream"),
            (b"", "txt", "application/octet-stream"),
        ] {
            assert_eq!(kind(head, extension), expected, "{extension}");
        }
    }
}
