//! Which disk the running root lies on, and its partitions, as the kernel tells in `/sys`.

use crate::error::StorageError;
use crate::place::Place;
use crate::tool::Tools;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    pub(crate) node: PathBuf,
    pub(crate) partitions: Vec<Partition>,
    /// The partition that the running root lies on.
    root: PathBuf,
}

/// A partition of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) node: PathBuf,
    pub(crate) label: String,
    /// Blocks of 512 bytes.
    blocks: u64,
}

/// A root on a device on a device ... ends here.
const LAYERS_MAX: usize = 8;

impl Disk {
    /// The disk of the running root: through dm-verity down to its partitions, and up to what they are parts of.
    pub(crate) fn of_root(place: &Place, tools: &Tools) -> Result<Self, StorageError> {
        let (major, minor) = match place.root_device() {
            Some(numbers) => numbers,
            None => device_of(&place.at("/"))?,
        };
        let device = place.at(&format!("/sys/dev/block/{major}:{minor}"));
        let device = fs::canonicalize(&device).map_err(|_| no_disk(&format!("no block device {major}:{minor}")))?;
        let partition = bottom(device)?;
        let whole = partition.parent().filter(|_| partition.join("partition").exists());
        let whole = whole.ok_or_else(|| no_disk("the root is on no partition"))?;
        let mut partitions = Vec::new();
        for entry in fs::read_dir(whole).map_err(StorageError::file("read", whole))? {
            let folder = entry.map_err(StorageError::file("read", whole))?.path();
            if folder.join("partition").exists() {
                partitions.push(partition_of(place, tools, &folder)?);
            }
        }
        partitions.sort_by_key(|partition: &Partition| (partition.node.as_os_str().len(), partition.node.clone()));
        Ok(Self { node: node(place, whole)?, partitions, root: node(place, &partition)? })
    }

    /// Which of the two places for a system is running: they come in order, and are of one size.
    pub(crate) fn slot(&self) -> Option<String> {
        let running = self.partitions.iter().find(|partition| partition.node == self.root)?;
        let places = self.partitions.iter().filter(|partition| {
            partition.blocks == running.blocks && !partition.label.ends_with("_verity") && partition.label != "data"
        });
        let place = places.zip(["A", "B"]).find(|(partition, _)| partition.node == self.root);
        Some(format!("{} ({})", place?.1, running.label))
    }

    /// The partition of this label.
    pub(crate) fn partition(&self, label: &str) -> Option<&Partition> {
        self.partitions.iter().find(|partition| partition.label == label)
    }
}

fn device_of(path: &Path) -> Result<(u64, u64), StorageError> {
    let device = fs::metadata(path).map_err(StorageError::file("look at", path))?.dev();
    Ok((nix::sys::stat::major(device), nix::sys::stat::minor(device)))
}

/// Down to the device that lies on no other one. Data and hashes of a verity device are on the same disk.
fn bottom(mut device: PathBuf) -> Result<PathBuf, StorageError> {
    for _ in 0..LAYERS_MAX {
        let below = fs::read_dir(device.join("slaves")).ok();
        let mut below: Vec<PathBuf> = below.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        below.sort();
        match below.first() {
            None => return Ok(device),
            Some(first) => device = fs::canonicalize(first).map_err(StorageError::file("follow", first))?,
        }
    }
    Err(no_disk("the root lies on too many layers"))
}

fn partition_of(place: &Place, tools: &Tools, folder: &Path) -> Result<Partition, StorageError> {
    let blocks = fs::read_to_string(folder.join("size")).ok().and_then(|text| text.trim().parse().ok());
    let node = node(place, folder)?;
    let label = match uevent(folder, "PARTNAME=") {
        Some(label) => label,
        None => written_label(tools, &node)?,
    };
    Ok(Partition { node, label, blocks: blocks.unwrap_or(0) })
}

/// The kernel knows no name of a partition that was made since the start; the disk does.
fn written_label(tools: &Tools, node: &Path) -> Result<String, StorageError> {
    let read = tools.run("blkid").args(["--probe", "--match-tag=PART_ENTRY_NAME", "--output=value"]).arg(node).end()?;
    Ok(String::from_utf8_lossy(&read.output).trim().to_owned())
}

fn node(place: &Place, folder: &Path) -> Result<PathBuf, StorageError> {
    let name = uevent(folder, "DEVNAME=").ok_or_else(|| no_disk(&format!("{} has no name", folder.display())))?;
    Ok(place.at(&format!("/dev/{name}")))
}

fn uevent(folder: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join("uevent")).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned)
}

fn no_disk(why: &str) -> StorageError {
    StorageError::NoDisk(why.to_owned())
}
