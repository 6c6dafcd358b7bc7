use crate::AppError;
use store::{Piece, SealedReader, VaultError, Wait};

/// Segments of a piece: as many as fit a client's window.
const AT_ONCE: usize = 4;
/// Segments that the disk is asked for ahead, where it had to be waited for.
const AHEAD: u64 = 32;
const SEGMENT_BYTES: u64 = 64 * 1024;

/// The bytes of a file, a few segments at a time.
pub struct Reading {
    reader: SealedReader,
}

impl Reading {
    pub(super) fn new(reader: SealedReader) -> Self {
        Self { reader }
    }

    pub(super) fn into_reader(self) -> SealedReader {
        self.reader
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.reader.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those from `offset` on, some of them: never more than `most`, and none at the end. What the system holds in memory is read at
    /// once: asking a thread for it would cost more. For the disk one is asked, and the disk for what comes next.
    ///
    /// # Errors
    /// When they were changed on the disk (D3) or cannot be read.
    pub async fn next(self, offset: u64, most: u64) -> Result<(Self, Piece), AppError> {
        // What is not asked for is not read: whether it was changed is another reader's business.
        let last = (offset % SEGMENT_BYTES).saturating_add(most).div_ceil(SEGMENT_BYTES);
        let count = usize::try_from(last).map_or(AT_ONCE, |last| last.min(AT_ONCE));
        let failed = |e: VaultError| AppError::Store(e.into());
        if let Some(piece) = self.reader.read_piece(offset, count, Wait::Never).map_err(failed)? {
            return Ok((self, cut(piece, most)));
        }
        let task = tokio::task::spawn_blocking(move || {
            let piece = self.reader.read_piece(offset, count, Wait::ForDisk);
            self.reader.ask_ahead(offset.saturating_add(SEGMENT_BYTES * u64::try_from(count).unwrap_or(0)), AHEAD);
            piece.map(|piece| (self, piece))
        });
        let (reading, piece) = task.await.map_err(|_| AppError::Busy)?.map_err(failed)?;
        let piece = piece.unwrap_or_else(|| Piece { bytes: Vec::new(), parts: Vec::new() });
        Ok((reading, cut(piece, most)))
    }
}

/// At most so many bytes of a piece.
fn cut(mut piece: Piece, most: u64) -> Piece {
    let mut left = usize::try_from(most).unwrap_or(usize::MAX);
    for part in &mut piece.parts {
        part.end = part.end.min(part.start.saturating_add(left));
        left -= part.len();
    }
    piece.parts.retain(|part| !part.is_empty());
    piece
}
