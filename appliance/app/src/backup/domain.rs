//! The packs of one company, or of the box, at a target: which chunks are there, and new ones as they are sent.

use super::BackupError;
use super::manifest::{Name, Pack};
use super::pack::{self, ChunkName, DomainKeys, Filling, Index, PackName};
use super::target::{Object, Target};
use domain::clock::Rng;
use domain::hex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// A pack that is there.
pub(super) struct Known {
    pub(super) name: PackName,
    pub(super) bytes: u64,
    pub(super) index: Index,
}

/// One company's packs, or the box's.
pub(super) struct Domain {
    folder: String,
    keys: DomainKeys,
    packs: Vec<Known>,
    /// Pack, and place in its index.
    places: HashMap<ChunkName, (usize, usize)>,
    filling: Filling,
    used: BTreeSet<usize>,
    /// Bytes of chunks that were used, by pack.
    live: HashMap<usize, u64>,
    /// Bytes of packs that were sent.
    sent: u64,
}

/// Where packs of a tag lie.
pub(super) fn folder(tag: &str) -> String {
    format!("objects/{tag}")
}

impl Domain {
    /// Which packs lie there, as remembered and, of those that nobody remembers, as they say themselves. What was sent by a run
    /// that was cut off is so not sent again.
    pub(super) fn open(
        target: &dyn Target,
        tag: &str,
        keys: DomainKeys,
        remembered: Vec<Known>,
    ) -> Result<Self, BackupError> {
        let folder = folder(tag);
        let mut there = packs_in(target, &folder)?;
        let mut packs = Vec::with_capacity(there.len());
        for known in remembered {
            // One of another size is not what was written.
            if there.remove(&known.name) == Some(known.bytes) {
                packs.push(known);
            }
        }
        for (name, bytes) in there {
            if let Some(index) = read_index(target, &folder, &keys, &name, bytes)? {
                packs.push(Known { name, bytes, index });
            }
        }
        // Names begin with the time: where two packs hold a chunk the later one counts, so that the other may go.
        packs.sort_by_key(|known| known.name);
        let mut domain = Self {
            folder,
            keys,
            packs,
            places: HashMap::new(),
            filling: Filling::default(),
            used: BTreeSet::new(),
            live: HashMap::new(),
            sent: 0,
        };
        (0..domain.packs.len()).for_each(|at| domain.learn(at));
        Ok(domain)
    }

    fn learn(&mut self, at: usize) {
        for (nth, (name, _)) in self.packs[at].index.0.iter().enumerate() {
            self.places.insert(*name, (at, nth));
        }
    }

    /// Chunks of these packs are sent again, so that the packs may go.
    pub(super) fn leave(&mut self, sparse: &HashSet<PackName>) {
        let packs = &self.packs;
        self.places.retain(|_, (at, _)| packs.get(*at).is_none_or(|known| !sparse.contains(&known.name)));
    }

    pub(super) fn name<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Name {
        Name(self.keys.name(parts))
    }

    /// Whether a chunk is at the target, or on its way.
    pub(super) fn has(&self, name: &Name) -> bool {
        self.places.contains_key(&name.0)
    }

    /// Has a chunk at the target from now on; `plain` is asked only where it is not there.
    pub(super) fn keep<'a>(
        &mut self,
        target: &dyn Target,
        (time_ms, rng): (i64, &dyn Rng),
        name: Name,
        plain: impl FnOnce() -> Result<&'a [u8], BackupError>,
    ) -> Result<(), BackupError> {
        let Name(name) = name;
        if let Some((at, nth)) = self.places.get(&name).copied() {
            if let Some((_, range)) = self.packs.get(at).and_then(|known| known.index.0.get(nth)) {
                self.used.insert(at);
                *self.live.entry(at).or_default() += range.end - range.start;
            }
            return Ok(());
        }
        self.places.insert(name, (self.packs.len(), usize::MAX));
        if self.filling.add(&self.keys, &name, plain()?)? {
            self.flush(target, time_ms, rng)?;
        }
        Ok(())
    }

    /// Sends what is not sent yet.
    pub(super) fn flush(&mut self, target: &dyn Target, time_ms: i64, rng: &dyn Rng) -> Result<(), BackupError> {
        if self.filling.is_empty() {
            return Ok(());
        }
        let mut name = [0; 16];
        rng.fill(&mut name);
        name[..6].copy_from_slice(&time_ms.to_be_bytes()[2..]);
        let (bytes, index) = std::mem::take(&mut self.filling).finish(&self.keys, &name)?;
        let object = format!("{}/{}", self.folder, hex::write(&name));
        target.put(&object, &bytes).map_err(BackupError::target(&object))?;
        let (at, size) = (self.packs.len(), bytes.len() as u64);
        self.packs.push(Known { name, bytes: size, index });
        self.used.insert(at);
        self.live.insert(at, size);
        self.sent += size;
        self.learn(at);
        Ok(())
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Packs that hold what was kept.
    pub(super) fn used(&self) -> Vec<Pack> {
        self.used.iter().filter_map(|at| self.packs.get(*at)).map(|known| Pack(known.name)).collect()
    }

    /// Packs of which less than half was kept.
    pub(super) fn sparse(&self) -> Vec<PackName> {
        let live = |at: &usize| self.live.get(at).copied().unwrap_or(0);
        let packs = self.used.iter().filter_map(|at| Some((at, self.packs.get(*at)?)));
        packs.filter(|(at, known)| live(at) < known.bytes / 2).map(|(_, known)| known.name).collect()
    }

    pub(super) fn into_packs(self) -> Vec<Known> {
        self.packs
    }

    /// Removes packs that nothing needs.
    pub(super) fn prune(&mut self, target: &dyn Target, needed: &HashSet<Pack>) -> Result<u64, BackupError> {
        let removed = remove_packs(target, &self.folder, needed)?;
        self.packs.retain(|known| needed.contains(&Pack(known.name)));
        Ok(removed)
    }
}

/// Packs in a folder, and their sizes. What has no pack's name is left alone.
fn packs_in(target: &dyn Target, folder: &str) -> Result<HashMap<PackName, u64>, BackupError> {
    let objects = target.list(folder).map_err(BackupError::target(folder))?;
    Ok(objects.iter().filter_map(|Object { name, bytes }| Some((hex::read(name)?, *bytes))).collect())
}

/// Removes packs of a folder but those that are needed; how many.
pub(super) fn remove_packs(target: &dyn Target, folder: &str, needed: &HashSet<Pack>) -> Result<u64, BackupError> {
    let mut removed = 0;
    for name in packs_in(target, folder)?.into_keys().filter(|name| !needed.contains(&Pack(*name))) {
        let object = format!("{folder}/{}", hex::write(&name));
        target.remove(&object).map_err(BackupError::target(&object))?;
        removed += 1;
    }
    Ok(removed)
}

/// The index of a pack; `None` where it is none: left half-way by something that does not write whole objects.
fn read_index(
    target: &dyn Target,
    folder: &str,
    keys: &DomainKeys,
    name: &PackName,
    bytes: u64,
) -> Result<Option<Index>, BackupError> {
    let object = format!("{folder}/{}", hex::write(name));
    let end = bytes.saturating_sub(pack::END_BYTES_MAX)..bytes;
    let end = target.get(&object, Some(end)).map_err(BackupError::target(&object))?;
    Ok(end.and_then(|end| pack::index(keys, name, bytes, &end)))
}

/// Where chunks are among the packs that a snapshot names.
pub(super) struct Source {
    folder: String,
    keys: DomainKeys,
    packs: Vec<PackName>,
    places: HashMap<ChunkName, (usize, Range<u64>)>,
}

/// A chunk's place.
pub(super) type ChunkPlace = (usize, Range<u64>);

impl Source {
    /// Reads the indexes of the packs.
    pub(super) fn open(target: &dyn Target, tag: &str, keys: DomainKeys, packs: &[Pack]) -> Result<Self, BackupError> {
        let folder = folder(tag);
        let there = packs_in(target, &folder)?;
        let mut source =
            Self { folder, keys, packs: packs.iter().map(|Pack(name)| *name).collect(), places: HashMap::new() };
        for (at, name) in source.packs.iter().enumerate() {
            let object = format!("{}/{}", source.folder, hex::write(name));
            let bytes = *there.get(name).ok_or_else(|| BackupError::Missing(object.clone()))?;
            let index = read_index(target, &source.folder, &source.keys, name, bytes)?;
            let Some(index) = index else { return Err(why_not_a_pack(target, object)) };
            source.places.extend(index.0.into_iter().map(|(name, range)| (name, (at, range))));
        }
        Ok(source)
    }

    pub(super) fn name<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Name {
        Name(self.keys.name(parts))
    }

    pub(super) fn place(&self, name: &Name) -> Result<ChunkPlace, BackupError> {
        let place = self.places.get(&name.0).cloned();
        place.ok_or_else(|| BackupError::Missing(format!("a chunk of {}", self.folder)))
    }

    /// Reads and opens one chunk.
    pub(super) fn chunk(&self, target: &dyn Target, name: &Name) -> Result<Vec<u8>, BackupError> {
        let (pack, range) = self.place(name)?;
        let sealed = self.read(target, pack, range)?;
        self.open_chunk(pack, name, &sealed)
    }

    /// Opens what was read of a pack.
    pub(super) fn open_chunk(&self, pack: usize, name: &Name, sealed: &[u8]) -> Result<Vec<u8>, BackupError> {
        let opened = self.keys.open(&name.0, sealed);
        opened.ok_or_else(|| BackupError::damaged(&self.object(pack), "a chunk in it does not open"))
    }

    /// Reads a range of a pack.
    pub(super) fn read(&self, target: &dyn Target, pack: usize, range: Range<u64>) -> Result<Vec<u8>, BackupError> {
        let object = self.object(pack);
        let wanted = range.end - range.start;
        let bytes = target.get(&object, Some(range)).map_err(BackupError::target(&object))?;
        let bytes = bytes.ok_or_else(|| BackupError::Missing(object.clone()))?;
        if bytes.len() as u64 == wanted { Ok(bytes) } else { Err(BackupError::damaged(&object, "it is cut short")) }
    }

    fn object(&self, pack: usize) -> String {
        let name = self.packs.get(pack).map(|name| hex::write(name)).unwrap_or_default();
        format!("{}/{name}", self.folder)
    }
}

fn why_not_a_pack(target: &dyn Target, object: String) -> BackupError {
    let start = target.get(&object, Some(0..8));
    match start.ok().flatten().as_deref().and_then(pack::version) {
        Some(version) if version > pack::VERSION => {
            BackupError::Newer { object, found: u32::from(version), known: u32::from(pack::VERSION) }
        }
        _ => BackupError::damaged(&object, "its index does not open"),
    }
}
