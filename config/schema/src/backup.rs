use std::path::PathBuf;

use domain::backup::Target;

use crate::reader::Section;

/// Backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where they go; none: there are none.
    pub targets: Vec<Target>,
    /// A snapshot is taken so often.
    pub every_s: u64,
    /// Everything is looked at anew, and verified by a restore, so often.
    pub full_every_s: u64,
    /// Snapshots are kept for so long.
    pub keep_s: u64,
    /// A last verified snapshot older than this is an alarm.
    pub alarm_after_s: u64,
    /// PEM certificates of further CAs for S3 and WebDAV.
    pub ca_file: Option<PathBuf>,
}

impl Backup {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        let backup = Self {
            targets: section.targets(
                "targets",
                "Where backups go, all of them at once: NAME=file:///PATH, NAME=s3://ACCESSKEY@HOST/BUCKET, NAME=sftp://USER@HOST/PATH?host_key=SHA256:..., NAME=davs://USER@HOST/PATH. The secret of NAME lies in backup-NAME.secret.",
            ),
            every_s: section.integer("every_s", 3_600, 300..=86_400, "A snapshot is taken so often, in seconds."),
            full_every_s: section.integer(
                "full_every_s", 86_400, 3_600..=604_800,
                "Everything is looked at anew, and verified by a restore, so often, in seconds.",
            ),
            keep_s: section.integer("keep_s", 604_800, 3_600..=31_536_000, "Snapshots are kept for so long, in seconds."),
            alarm_after_s: section.integer(
                "alarm_after_s", 129_600, 3_600..=2_592_000,
                "A last verified snapshot that is older than this is an alarm, in seconds.",
            ),
            ca_file: section.optional(
                "ca_file", "a file of PEM certificates", |text| Some(PathBuf::from(text)),
                "Further CAs that are trusted for s3 and davs; in the data folder unless absolute.",
            ),
        };
        section.must(backup.full_every_s >= backup.every_s, "full_every_s", "at least every_s");
        backup
    }
}
