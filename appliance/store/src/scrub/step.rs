//! One step of a round.

use super::record::{Found, Item, Position, Scrub};
use crate::StoreError;
use crate::store::DIRECTORY;
use crate::survey::check::{CheckWish, StoredFile, hurt, stored_after};
use crate::survey::{Subject, Survey};
use vault::{Damage, Examination, FileExamination};

/// Blocks of 64 KiB of one step, and segments: a MiB.
const BLOCKS: u32 = 16;
const SEGMENTS: u64 = 16;

/// What one step did.
#[derive(Debug, Default)]
pub struct ScrubStep {
    /// Bytes that were read.
    pub bytes: u64,
    /// What is damaged, and was not known to be.
    pub fresh: Vec<Found>,
    /// What was damaged, and is whole again.
    pub whole: Vec<Found>,
    /// What is damaged, in words for all of `fresh` together: pages with their tables.
    pub told: Vec<String>,
}

impl ScrubStep {
    fn note(&mut self, scrub: &mut Scrub, looked: impl Fn(&Found) -> bool, damaged: Vec<Found>) {
        let (fresh, whole) = scrub.note(looked, damaged);
        self.fresh.extend(fresh);
        self.whole.extend(whole);
    }
}

impl Survey<'_> {
    /// Reads the next MiB, and notes in `scrub` what is damaged of it. Where the round is at its end, that is noted; where the next
    /// one is to begin is the caller's to say (`begin_scrub`).
    ///
    /// # Errors
    /// When the directory does not open. What is wrong elsewhere is found, and is no error.
    pub fn scrub(&self, scrub: &mut Scrub, now_ms: i64) -> Result<ScrubStep, StoreError> {
        let mut step = ScrubStep::default();
        if scrub.at.database.is_empty() {
            scrub.at = Position { database: DIRECTORY.to_owned(), page: 1, ..Position::default() };
        }
        let name = scrub.at.database.clone();
        match self.subject(&name) {
            // It was removed meanwhile, with all that was found in it.
            Err(StoreError::NoCompany(_)) => {
                scrub.found.retain(|found| found.database != name);
                self.next_database(scrub, now_ms)?;
            }
            Err(failure) if name == DIRECTORY => return Err(failure),
            Err(failure) => {
                self.lost(scrub, &mut step, &failure.to_string(), now_ms);
                self.next_database(scrub, now_ms)?;
            }
            Ok(subject) if scrub.at.page > 0 => self.scrub_pages(&subject, scrub, &mut step, now_ms)?,
            Ok(subject) => self.scrub_files(&subject, scrub, &mut step, now_ms)?,
        }
        scrub.done_bytes += step.bytes;
        Ok(step)
    }

    /// Begins a round.
    pub fn begin_scrub(&self, scrub: &mut Scrub, now_ms: i64) {
        let all = CheckWish { files: true, ..CheckWish::default() };
        let total_bytes = self.check_bytes(&all);
        *scrub = Scrub {
            begun_ms: now_ms,
            total_bytes,
            last_ended_ms: scrub.last_ended_ms,
            found: std::mem::take(&mut scrub.found),
            ..Scrub::default()
        };
    }

    fn next_database(&self, scrub: &mut Scrub, now_ms: i64) -> Result<(), StoreError> {
        let directory = self.directory();
        let connection = directory.reader()?;
        let next = self.ids_after(&directory, &connection, Some(&scrub.at.database))?;
        scrub.at = match next.first() {
            Some(id) => Position { database: id.to_string(), page: 1, ..Position::default() },
            None => Position::default(),
        };
        if next.is_empty() {
            scrub.ended = true;
            scrub.last_ended_ms = now_ms;
        }
        Ok(())
    }

    /// The whole database cannot be looked at.
    fn lost(&self, scrub: &mut Scrub, step: &mut ScrubStep, why: &str, now_ms: i64) {
        let database = scrub.at.database.clone();
        let found = Found { database, item: Item::Database, since_ms: now_ms, text: why.to_owned() };
        step.told.push(why.to_owned());
        step.note(scrub, |known| known.item == Item::Database && known.database == found.database, vec![found.clone()]);
    }

    fn scrub_pages(
        &self,
        subject: &Subject,
        scrub: &mut Scrub,
        step: &mut ScrubStep,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let name = subject.place.database.clone();
        let looked = Examination::open(&subject.place.path, &subject.key)
            .and_then(|(mut look, _)| look.step(scrub.at.page, BLOCKS).map(|pages| (look, pages)));
        let (mut look, pages) = match looked {
            Ok(looked) => looked,
            Err(problem) => {
                self.lost(scrub, step, &problem.to_string(), now_ms);
                return self.next_database(scrub, now_ms);
            }
        };
        step.bytes = pages.bytes;
        let (from, next) = (scrub.at.page, pages.next.unwrap_or(u32::MAX));
        let in_range = |known: &Found| matches!(known.item, Item::Page(page) if (from..next).contains(&page));
        let damaged = pages.bad.iter().map(|(page, damage)| Found {
            database: name.clone(),
            item: Item::Page(*page),
            since_ms: now_ms,
            text: format!("page {page} {}", in_words(*damage)),
        });
        let opened = |known: &Found| known.database == name && (known.item == Item::Database || in_range(known));
        step.note(scrub, opened, damaged.collect());
        let is_fresh = |page: u32| step.fresh.iter().any(|found| found.item == Item::Page(page));
        let fresh: Vec<(u32, Damage)> = pages.bad.into_iter().filter(|(page, _)| is_fresh(*page)).collect();
        if !fresh.is_empty() {
            step.told.extend(hurt(subject, &mut look, &fresh));
        }
        match pages.next {
            Some(next) => scrub.at.page = next,
            None => {
                self.scrub_log(&name, &mut look, scrub, step, now_ms);
                scrub.at.page = 0;
                if subject.company.is_none() {
                    // The list of companies is in these pages: what is damaged is told, and mended, before it is read.
                    match self.next_database(scrub, now_ms) {
                        Err(_) if !step.fresh.is_empty() => {}
                        gone_on => gone_on?,
                    }
                }
            }
        }
        Ok(())
    }

    fn scrub_log(&self, name: &str, look: &mut Examination, scrub: &mut Scrub, step: &mut ScrubStep, now_ms: i64) {
        let bad = look.bad_frames().map_or_else(
            |problem| problem.to_string(),
            |frames| match frames.len() {
                0 => String::new(),
                count => format!("{count} frames of the log were changed"),
            },
        );
        let (database, text) = (name.to_owned(), bad.clone());
        let found = Found { database, item: Item::Log, since_ms: now_ms, text };
        let damaged = if bad.is_empty() { Vec::new() } else { vec![found] };
        if !bad.is_empty() {
            step.told.push(bad);
        }
        step.note(scrub, |known| known.database == name && known.item == Item::Log, damaged);
    }

    fn scrub_files(
        &self,
        subject: &Subject,
        scrub: &mut Scrub,
        step: &mut ScrubStep,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let after = scrub.at.after;
        let files = subject.reader().and_then(|connection| {
            if !connection.table_exists(None, "thumbnail").map_err(|failure| subject.place.failed(failure))? {
                return Ok(Vec::new());
            }
            stored_after(&connection, after, 2).map_err(|failure| subject.place.failed(failure))
        });
        // Pages that do not open were found before.
        let files = files.unwrap_or_default();
        let Some(first) = files.first() else { return self.next_database(scrub, now_ms) };
        let wanted = |file: &&StoredFile| file.no == first.no && file.small == scrub.at.small;
        let Some(file) = files.iter().find(wanted) else {
            scrub.at = Position { after: first.no, small: false, segment: 0, ..scrub.at.clone() };
            return Ok(());
        };
        let from = scrub.at.segment;
        let (damaged, next) = self.look_at_file(subject, file, from, step, now_ms);
        step.told.extend(damaged.iter().map(|found| found.text.clone()));
        let until = next.unwrap_or(u64::MAX);
        let looked = |known: &Found| {
            known.database == subject.place.database
                && match &known.item {
                    Item::File { file: id, small } => *id == file.id && *small == file.small,
                    Item::Segment { file: id, small, number } => {
                        *id == file.id && *small == file.small && (from..until).contains(number)
                    }
                    Item::Database | Item::Log | Item::Page(_) => false,
                }
        };
        step.note(scrub, looked, damaged);
        let at = scrub.at.clone();
        scrub.at = match next {
            Some(segment) => Position { segment, ..at },
            None if !file.small => Position { small: true, segment: 0, ..at },
            None => Position { after: file.no, small: false, segment: 0, ..at },
        };
        Ok(())
    }

    /// Some segments of a file; where to go on, `None` at its end.
    fn look_at_file(
        &self,
        subject: &Subject,
        file: &StoredFile,
        from: u64,
        step: &mut ScrubStep,
        now_ms: i64,
    ) -> (Vec<Found>, Option<u64>) {
        let name = &subject.place.database;
        let path = file.path(self.folder(), name);
        let opened = self.key_of(subject, file).and_then(|key| FileExamination::open(&path, &key, file.plain));
        let found = |item, text| Found {
            database: name.clone(),
            item,
            since_ms: now_ms,
            text: format!("file {}: {text}", file.id),
        };
        let mut look = match opened {
            Ok(look) => look,
            // It may have been taken away just now.
            Err(_) if !file.is_still_there(subject) => return (Vec::new(), None),
            Err(problem) => {
                let item = Item::File { file: file.id.clone(), small: file.small };
                return (vec![found(item, problem.to_string())], None);
            }
        };
        let mut damaged = Vec::new();
        let until = look.segments().min(from.saturating_add(SEGMENTS));
        for number in from..until {
            let (bytes, damage) = look.look(number);
            step.bytes += bytes;
            if let Some(damage) = damage {
                let item = Item::Segment { file: file.id.clone(), small: file.small, number };
                damaged.push(found(item, format!("segment {number} of {} {}", path.display(), in_words(damage))));
            }
        }
        if !damaged.is_empty() && !file.is_still_there(subject) {
            damaged.clear();
        }
        (damaged, (until < look.segments()).then_some(until))
    }
}

fn in_words(damage: Damage) -> &'static str {
    match damage {
        Damage::Changed => "does not open",
        Damage::Missing => "is cut off",
        Damage::Unreadable => "cannot be read from the disk",
    }
}
