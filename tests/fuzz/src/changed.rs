//! A genuine file and what an input makes of it.

/// What `how` and `rest` say: another file in its place, single bytes, its end, places of `unit` bytes exchanged or blanked.
pub(crate) fn changed(genuine: &[u8], unit: usize, how: u8, rest: &[u8]) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    let at = |place: &[u8]| place.iter().fold(0, |at, byte| at << 8 | usize::from(*byte)) % genuine.len().max(1);
    let units = (genuine.len() / unit).max(1);
    match how % 6 {
        0 => return rest.to_vec(),
        1 => {
            for change in rest.chunks_exact(4) {
                bytes[at(&change[..3])] ^= change[3];
            }
        }
        2 => bytes.truncate(at(rest.get(..3).unwrap_or_default())),
        3 => bytes.extend(rest),
        4 => {
            for pair in rest.chunks_exact(2) {
                let [to, from] = [pair[0], pair[1]].map(|place| usize::from(place) % units * unit);
                let end = (from + unit).min(genuine.len());
                let to_end = (to + end - from).min(bytes.len());
                bytes[to..to_end].copy_from_slice(&genuine[from..from + to_end - to]);
            }
        }
        _ => {
            for place in rest {
                let start = usize::from(*place) % units * unit;
                let end = (start + unit).min(bytes.len());
                bytes[start..end].fill(0);
            }
        }
    }
    bytes
}

/// A folder of this process for one target.
pub(crate) fn folder(target: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("fuzz-{target}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
