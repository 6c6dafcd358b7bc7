//! The write-ahead log: sealed frames, each written with its header in one call.

use std::ffi::c_int;
use std::sync::Arc;

use super::base::RealFile;
use super::log_state::Frame;
use super::main_file::{ODD_READ, ODD_WRITE, Read, Stop, UNSEALABLE};
use super::registry::{Database, Failure};
use crate::log_format::{
    FRAME_BYTES, FRAME_HEADER_BYTES, FrameHeader, LOG_HEADER_BYTES, LogHeader, be32, frame_at, frame_offset, is_valid,
    seal_frame_header, seal_log_header,
};
use crate::page::{PAGE_BYTES, Page, PageCipher, tag_of};

/// An open log of one connection.
pub(crate) struct LogFile {
    pub(crate) real: RealFile,
    pub(crate) database: Arc<Database>,
    cipher: PageCipher,
    /// A frame header that SQLite wrote and whose page has not come yet.
    held: Option<(u32, FrameHeader)>,
}

impl LogFile {
    pub(crate) fn new(real: RealFile, database: Arc<Database>) -> Self {
        let cipher = PageCipher::new(Arc::clone(database.keys()));
        Self { real, database, cipher, held: None }
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
        let changed = Failure::Frame(number);
        let whole = self.real.read(page, frame_offset(number) + FRAME_HEADER_BYTES as u64)?;
        if !whole || tag_of(page) != frame.tag {
            page.fill(0);
            return Err(changed.into());
        }
        self.cipher.open(page, frame.page()).map_err(|_| changed.into())
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
            self.flush()?;
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
                let sync_number = self.database.log.read().sync_number;
                self.write_frame(number, header, sync_number, page)
            }
            _ => {
                self.flush()?;
                let known = self.database.log.read().frame(number);
                let frame = known.ok_or(Failure::Refused("write a page without its header"))?;
                self.write_frame(number, frame.header, frame.sync_number, page)
            }
        }
    }

    fn write_log_header(&mut self, header: &LogHeader) -> Result<(), Stop> {
        self.flush()?;
        if !is_valid(header) {
            return Err(Failure::Refused("start a log of another format").into());
        }
        let sealed = seal_log_header(self.database.keys(), header);
        self.real.write(&sealed, 0)?;
        self.database.log.write().restart(Some(*header));
        Ok(())
    }

    /// Seals header and page afresh and writes both at once.
    fn write_frame(&mut self, number: u32, header: FrameHeader, sync_number: u32, page: &Page) -> Result<(), Stop> {
        let nonce = self.database.next_nonce()?;
        let mut sealed = *page;
        self.cipher.seal(&mut sealed, be32(&header, 0), &nonce).map_err(|_| UNSEALABLE)?;
        let sealed_header = seal_frame_header(&mut self.cipher, &header, sync_number, &sealed).ok_or(UNSEALABLE)?;
        let mut frame = [0; FRAME_BYTES];
        frame[..FRAME_HEADER_BYTES].copy_from_slice(&sealed_header);
        frame[FRAME_HEADER_BYTES..].copy_from_slice(&sealed);
        self.real.write(&frame, frame_offset(number))?;
        let tag = tag_of(&sealed);
        self.database.log.write().put(number, Frame { header, tag, sync_number });
        Ok(())
    }

    /// Writes a held header whose page did not come: SQLite corrects checksums so when a transaction wrote a frame
    /// twice. Its page is sealed again, because no two headers may be sealed under one nonce.
    fn flush(&mut self) -> Result<(), Stop> {
        let Some((number, header)) = self.held.take() else { return Ok(()) };
        self.database.check_writable()?;
        let known = self.database.log.read().frame(number);
        let frame = known
            .filter(|frame| frame.page() == be32(&header, 0))
            .ok_or(Failure::Refused("write a frame header without its page"))?;
        let mut page = [0; PAGE_BYTES];
        self.read_page(number, &frame, &mut page)?;
        self.write_frame(number, header, frame.sync_number, &page)
    }

    /// Cuts the log.
    pub(crate) fn truncate(&mut self, size: u64) -> Result<(), Stop> {
        self.flush()?;
        self.database.check_writable()?;
        self.real.truncate(size)?;
        let mut log = self.database.log.write();
        if size < LOG_HEADER_BYTES as u64 {
            log.restart(None);
        } else {
            let (after, _) = frame_at(size).unwrap_or((1, 0));
            log.truncate(after - 1);
        }
        Ok(())
    }

    /// Syncs; after a failure nothing more is written.
    pub(crate) fn sync(&mut self, flags: c_int) -> Result<(), Stop> {
        self.flush()?;
        self.database.check_writable()?;
        let point = self.database.log.read().sync_point();
        self.real.sync(flags).map_err(|code| {
            self.database.sync_failed();
            Stop::System(code)
        })?;
        self.database.log.write().synced(point);
        Ok(())
    }

    /// Writes what is held before the file is closed.
    pub(crate) fn finish(&mut self) -> Result<(), Stop> {
        self.flush()
    }
}
