//! The write-ahead log: sealed frames. Those of a transaction that follow one another are gathered, and written in one call
//! when it commits, or when somebody needs them sooner (D7).

use std::ffi::c_int;
use std::ops::Range;
use std::sync::Arc;

use libsqlite3_sys as ffi;

use super::base::RealFile;
use super::copying;
use super::log_state::Frame;
use super::main_file::{ODD_READ, ODD_WRITE, Read, Stop, UNSEALABLE};
use super::registry::{Database, Failure};
use crate::aead::TAG_BYTES;
use crate::log_format::{
    FRAME_BYTES, FRAME_HEADER_BYTES, FrameHeader, LOG_HEADER_BYTES, LogHeader, be32, frame_at, frame_offset, is_valid,
    seal_frame_header, seal_log_header,
};
use crate::page::{PAGE_BYTES, Page, PageCipher, tag_of};

/// The base VFS takes less than 128 KiB in one call.
const FRAMES_PER_WRITE_MAX: usize = 31;
/// What a checkpoint reads at once; as little as the base VFS takes in one call.
const FRAMES_AHEAD: usize = 16;
/// Room that most transactions need; what needs more gets all that a write takes, once.
const USUAL_BYTES: usize = 8 * FRAME_BYTES;
const ALL_BYTES: usize = FRAMES_PER_WRITE_MAX * FRAME_BYTES;

/// An open log of one connection.
pub(crate) struct LogFile {
    pub(crate) real: RealFile,
    pub(crate) database: Arc<Database>,
    cipher: PageCipher,
    /// A frame header that SQLite wrote and whose page has not come yet.
    held: Option<(u32, FrameHeader)>,
    gathered: Gathered,
    lost: Option<Lost>,
    ahead: Ahead,
}

/// Frames that a checkpoint is going to read next, as it comes upon those that follow one another: a transaction that changed
/// many pages wrote them in the order in which they are copied.
#[derive(Default)]
struct Ahead {
    first: u32,
    bytes: Vec<u8>,
    /// The frame that was copied last.
    copied: u32,
}

impl Ahead {
    /// The sealed page of frame `number`, where it was read already.
    fn page(&self, number: u32) -> Option<&Page> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?.checked_mul(FRAME_BYTES)?;
        self.bytes.get(at + FRAME_HEADER_BYTES..at + FRAME_BYTES)?.try_into().ok()
    }
}

/// The first frame that could not be written although SQLite holds it for written. None may follow it, or a gap would be
/// committed, until somebody has written this one anew: the transaction was rolled back then.
#[derive(Clone, Copy)]
struct Lost {
    frame: u32,
    /// What was known to stand in its place.
    before: Option<[u8; TAG_BYTES]>,
}

/// Sealed frames that are not in the file yet, one after another.
#[derive(Default)]
struct Gathered {
    first: u32,
    frames: Vec<Frame>,
    bytes: Vec<u8>,
}

impl Gathered {
    /// The frame that would follow.
    fn next(&self) -> u32 {
        self.first.saturating_add(u32::try_from(self.frames.len()).unwrap_or(u32::MAX))
    }

    /// Keeps the room.
    fn empty(&mut self) {
        self.frames.clear();
        self.bytes.clear();
        self.first = 0;
    }

    /// Adds a frame, which `seal` makes of header and page in place.
    fn push(
        &mut self,
        (header, page): (&FrameHeader, &Page),
        seal: impl FnOnce(&mut FrameHeader, &mut Page) -> Result<Frame, Stop>,
    ) -> Result<(), Stop> {
        let start = self.bytes.len();
        if self.bytes.capacity() - start < FRAME_BYTES {
            let room = if start < USUAL_BYTES { USUAL_BYTES } else { ALL_BYTES };
            self.bytes.reserve_exact(room.saturating_sub(start).max(FRAME_BYTES));
        }
        self.bytes.extend_from_slice(header);
        self.bytes.extend_from_slice(page);
        let (header, page) = self.bytes[start..].split_at_mut(FRAME_HEADER_BYTES);
        let whole = (header.try_into().ok()).zip(page.try_into().ok()).ok_or_else(|| Stop::from(ODD_WRITE));
        match whole.and_then(|(header, page)| seal(header, page)) {
            Ok(frame) => self.frames.push(frame),
            Err(stop) => {
                // Half of it may still be clear.
                self.bytes[start..].fill(0);
                self.bytes.truncate(start);
                return Err(stop);
            }
        }
        Ok(())
    }
}

impl LogFile {
    pub(crate) fn new(real: RealFile, database: Arc<Database>) -> Self {
        let cipher = PageCipher::new(Arc::clone(database.live_keys()));
        Self { real, database, cipher, held: None, gathered: Gathered::default(), lost: None, ahead: Ahead::default() }
    }

    /// Reads the log header, or from inside one frame.
    pub(crate) fn read(&mut self, buffer: &mut [u8], offset: u64) -> Result<Read, Stop> {
        self.flush()?;
        let Some((number, within)) = frame_at(offset) else {
            return self.read_log_header(buffer, offset);
        };
        let wanted = within..within + buffer.len();
        if wanted.end > FRAME_BYTES {
            return Err(ODD_READ.into());
        }
        let known = self.database.log.read().frame(number);
        let Some(frame) = known else {
            // Recovery reads whole frames until one is not valid: what the scan did not approve reads as nothing.
            buffer.fill(0);
            let recovery = wanted == (0..FRAME_BYTES);
            return if recovery { Ok(Read::Whole) } else { Err(Failure::Frame(number).into()) };
        };
        if wanted.end <= FRAME_HEADER_BYTES {
            buffer.copy_from_slice(&frame.header[wanted]);
            return Ok(Read::Whole);
        }
        if wanted == (FRAME_HEADER_BYTES..FRAME_BYTES) {
            let page = <&mut Page>::try_from(buffer).map_err(|_| ODD_READ)?;
            if copying::is_on(&self.database) {
                self.read_to_copy(number, &frame, page)?;
                copying::read(&self.database, (frame.page(), frame.tag));
                return Ok(Read::Whole);
            }
            return self.read_page(number, &frame, page).map(|()| Read::Whole);
        }
        let mut whole = [0; FRAME_BYTES];
        let (header, page) = whole.split_at_mut(FRAME_HEADER_BYTES);
        header.copy_from_slice(&frame.header);
        let page = <&mut Page>::try_from(page).map_err(|_| ODD_READ)?;
        self.read_page(number, &frame, page)?;
        buffer.copy_from_slice(&whole[wanted]);
        Ok(Read::Whole)
    }

    /// The header comes from what is known: the scan or our own writing approved it.
    fn read_log_header(&mut self, buffer: &mut [u8], offset: u64) -> Result<Read, Stop> {
        let start = usize::try_from(offset).map_err(|_| ODD_READ)?;
        let header = self.database.log.read().header;
        let Some(header) = header else {
            buffer.fill(0);
            return Ok(Read::BeyondEnd);
        };
        buffer.copy_from_slice(header.get(start..start + buffer.len()).ok_or(ODD_READ)?);
        Ok(Read::Whole)
    }

    fn read_page(&mut self, number: u32, frame: &Frame, page: &mut Page) -> Result<(), Stop> {
        self.read_sealed(number, frame, page)?;
        self.cipher.open(page, frame.page()).map_err(|_| Failure::Frame(number).into())
    }

    /// Reads a sealed page for a checkpoint: with the next ones, where the last one was the frame before.
    fn read_to_copy(&mut self, number: u32, frame: &Frame, page: &mut Page) -> Result<(), Stop> {
        let follows = std::mem::replace(&mut self.ahead.copied, number).checked_add(1) == Some(number);
        let known = |ahead: &Ahead| ahead.page(number).is_some_and(|page| tag_of(page) == frame.tag);
        if follows && !known(&self.ahead) {
            self.ahead.first = number;
            self.ahead.bytes.resize(FRAMES_AHEAD * FRAME_BYTES, 0);
            // What the file does not have is zero then, and what is not known by its tag is not taken.
            self.real.read(&mut self.ahead.bytes, frame_offset(number))?;
        }
        match self.ahead.page(number) {
            Some(ahead) if tag_of(ahead) == frame.tag => *page = *ahead,
            _ => self.read_sealed(number, frame, page)?,
        }
        Ok(())
    }

    fn read_sealed(&self, number: u32, frame: &Frame, page: &mut Page) -> Result<(), Stop> {
        let whole = self.real.read(page, frame_offset(number) + FRAME_HEADER_BYTES as u64)?;
        if whole && tag_of(page) == frame.tag {
            return Ok(());
        }
        page.fill(0);
        Err(Failure::Frame(number).into())
    }

    /// Takes the log header, a frame header or a frame's page.
    pub(crate) fn write(&mut self, buffer: &[u8], offset: u64) -> Result<(), Stop> {
        self.database.check_writable()?;
        let Some((number, within)) = frame_at(offset) else {
            let header = <&LogHeader>::try_from(buffer).map_err(|_| ODD_WRITE)?;
            return if offset == 0 { self.write_log_header(header) } else { Err(ODD_WRITE.into()) };
        };
        if let Ok(header) = <&FrameHeader>::try_from(buffer)
            && within == 0
        {
            if self.held.is_some() {
                self.flush()?;
            }
            self.held = Some((number, *header));
            return Ok(());
        }
        let page = <&Page>::try_from(buffer).map_err(|_| ODD_WRITE)?;
        if within != FRAME_HEADER_BYTES {
            return Err(ODD_WRITE.into());
        }
        match self.held {
            Some((held, header)) if held == number => {
                self.held = None;
                self.append(number, &header, page)
            }
            _ => {
                self.flush()?;
                self.check_not_lost(number)?;
                let known = self.database.log.read().frame(number);
                let frame = known.ok_or(Failure::Refused("write a page without its header"))?;
                self.write_frame(number, (&frame.header, page), frame.sync_number)
            }
        }
    }

    fn tag_known(&self, number: u32) -> Option<[u8; TAG_BYTES]> {
        self.database.log.read().frame(number).map(|frame| frame.tag)
    }

    fn check_not_lost(&mut self, number: u32) -> Result<(), Stop> {
        self.lost = self.lost.filter(|lost| self.tag_known(lost.frame) == lost.before);
        match self.lost {
            Some(lost) if number >= lost.frame => {
                Err(Failure::Refused("go on after a frame that could not be written").into())
            }
            _ => Ok(()),
        }
    }

    fn write_log_header(&mut self, header: &LogHeader) -> Result<(), Stop> {
        self.flush()?;
        if !is_valid(header) {
            return Err(Failure::Refused("start a log of another format").into());
        }
        let sealed = seal_log_header(&self.database.keys(), header);
        self.real.write(&sealed, 0)?;
        self.database.log.write().restart(Some(*header));
        self.ahead = Ahead::default();
        self.lost = None;
        Ok(())
    }

    /// Takes a frame that SQLite adds. It is in the file at the latest when it commits.
    fn append(&mut self, number: u32, header: &FrameHeader, page: &Page) -> Result<(), Stop> {
        if self.lost.is_some_and(|lost| lost.frame == number) {
            self.lost = None;
        }
        self.check_not_lost(number)?;
        if number != self.gathered.next() || self.gathered.frames.len() == FRAMES_PER_WRITE_MAX {
            self.write_gathered()?;
            self.gathered.first = number;
        }
        let sync_number = self.database.log.read().sync_number;
        self.gather((header, page), sync_number)?;
        if self.gathered.frames.last().is_some_and(Frame::commits) { self.write_gathered() } else { Ok(()) }
    }

    fn gather(&mut self, frame: (&FrameHeader, &Page), sync_number: u32) -> Result<(), Stop> {
        let nonce = self.database.next_nonce()?;
        let cipher = &mut self.cipher;
        self.gathered.push(frame, |header, page| {
            let known = *header;
            cipher.seal(page, be32(&known, 0), &nonce).map_err(|_| UNSEALABLE)?;
            *header = seal_frame_header(cipher, &known, sync_number, page).ok_or(UNSEALABLE)?;
            Ok(Frame { header: known, tag: tag_of(page), sync_number })
        })
    }

    /// Writes what is gathered in one call. What cannot be written is lost with its transaction.
    fn write_gathered(&mut self) -> Result<(), Stop> {
        let Gathered { first, frames, bytes } = &self.gathered;
        let first = *first;
        if frames.is_empty() {
            return Ok(());
        }
        let written = self.real.write(bytes, frame_offset(first));
        let mut ahead = None;
        if written.is_ok() {
            let mut log = self.database.log.write();
            (first..).zip(frames).for_each(|(number, frame)| log.put(number, *frame));
            ahead = log.ahead(frame_offset(first) + bytes.len() as u64);
        } else if self.lost.is_none_or(|lost| first < lost.frame) {
            self.lost = Some(Lost { frame: first, before: self.tag_known(first) });
        }
        self.gathered.empty();
        if let Some(ahead) = ahead {
            self.write_ahead(ahead);
        }
        Ok(written?)
    }

    /// Makes the log longer than it need be. A sync of a file that grew, or whose room was never written, is a commit of the file
    /// system's journal as well, for each of ours; recovery takes these zeros for what they are (D7).
    fn write_ahead(&self, ahead: Range<u64>) {
        static ZEROS: [u8; ALL_BYTES] = [0; ALL_BYTES];
        let mut at = ahead.start;
        while at < ahead.end {
            let length = usize::try_from(ahead.end - at).unwrap_or(ALL_BYTES).min(ALL_BYTES);
            if self.real.write(&ZEROS[..length], at).is_err() {
                return self.database.log.write().written_ahead(None);
            }
            at += length as u64;
        }
        self.database.log.write().written_ahead(Some(ahead.end));
    }

    /// Seals header and page of a frame afresh and writes both at once.
    fn write_frame(&mut self, number: u32, frame: (&FrameHeader, &Page), sync_number: u32) -> Result<(), Stop> {
        self.gathered.first = number;
        self.gather(frame, sync_number)?;
        self.write_gathered()
    }

    /// Writes what is gathered, and a held header whose page did not come: SQLite corrects checksums so when a transaction
    /// wrote a frame twice. Its page is sealed again, because no two headers may be sealed under one nonce.
    fn flush(&mut self) -> Result<(), Stop> {
        let held = self.held.take();
        self.write_gathered()?;
        let Some((number, header)) = held else { return Ok(()) };
        let known = self.database.log.read().frame(number);
        // Of a new frame the page's write failed before it came here, which SQLite knows: such a frame never was.
        let Some(frame) = known.filter(|frame| frame.page() == be32(&header, 0)) else { return Ok(()) };
        self.database.check_writable()?;
        self.check_not_lost(number)?;
        let mut page = [0; PAGE_BYTES];
        self.read_page(number, &frame, &mut page)?;
        self.write_frame(number, (&header, &page), frame.sync_number)
    }

    /// Bytes of the file.
    pub(crate) fn size(&mut self) -> Result<u64, Stop> {
        self.flush()?;
        Ok(self.real.size()?)
    }

    /// Cuts the log.
    pub(crate) fn truncate(&mut self, size: u64) -> Result<(), Stop> {
        self.flush()?;
        self.database.check_writable()?;
        self.real.truncate(size)?;
        if size >= LOG_HEADER_BYTES as u64 {
            let (after, _) = frame_at(size).unwrap_or((1, 0));
            let mut log = self.database.log.write();
            log.truncate(after - 1);
            log.reaches(size);
            return Ok(());
        }
        self.database.log.write().restart(None);
        // Else a part of the next header might lie before frames that are long copied back, and look as if somebody had
        // changed it.
        self.sync_file(ffi::SQLITE_SYNC_NORMAL)
    }

    /// Syncs; after a failure nothing more is written.
    pub(crate) fn sync(&mut self, flags: c_int) -> Result<(), Stop> {
        self.flush()?;
        self.database.check_writable()?;
        let point = self.database.log.read().sync_point();
        self.sync_file(flags)?;
        self.database.log.write().synced(point);
        Ok(())
    }

    fn sync_file(&self, flags: c_int) -> Result<(), Stop> {
        self.real.sync(flags).map_err(|code| {
            self.database.sync_failed();
            Stop::System(code)
        })
    }

    /// Writes what is held before the file is closed.
    pub(crate) fn finish(&mut self) -> Result<(), Stop> {
        self.flush()
    }
}
