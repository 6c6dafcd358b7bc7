//! The keyring: the small file in the data folder that says how the root key is made and holds the directory's
//! wrapped key. It is worth nothing without the root key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::branch::BranchKey;
use super::recovery::Record;
use super::recovery_key::RecoveryKey;
use super::root::{Kdf, RootKey, RootSource};
use super::secret::SecretKey;
use super::wrap::{self, Owner};
use crate::error::VaultError;
use crate::xaes::Xaes;

/// The keyring's name in the data folder.
pub const KEYRING_FILE: &str = "keyring.json";

const FORMAT: u32 = 1;
const KEYRING_BYTES_MAX: u64 = 64 * 1024;

/// Makes and opens the keyring of a data folder.
#[derive(Debug)]
pub struct Keyring;

/// The file's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: u32,
    /// 32 hexadecimal digits that name this box's data for life.
    box_id: String,
    kdf: Kdf,
    /// The directory's wrapped branch key, in base64.
    directory: String,
    /// The root key sealed under a recovery key, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Record>,
    /// The same under another recovery key, until it is known whether that takes the place of the one before. Both open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_recovery: Option<Record>,
    /// While companies' keys are wrapped anew under another root key: what the others are still wrapped with, sealed under
    /// what the root key makes now; in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retiring: Option<String>,
}

/// An opened key tree: gives and wraps the keys of the branches.
#[derive(Clone, Debug)]
pub struct Vault {
    box_id: String,
    /// The root key, sealed under what wraps: it is needed for a new recovery key only, and does not lie in memory till then.
    root: Vec<u8>,
    wrap_key: SecretKey,
    /// What some companies' keys may still be wrapped with.
    retiring: Option<SecretKey>,
    directory: BranchKey,
}

impl Keyring {
    /// Makes a keyring with a fresh directory key in `dir`, which exists; readable by its owner only, and whole on the
    /// disk before this returns.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`] where there is one: it is never replaced, because that would destroy all data;
    /// [`VaultError::RecoveryMakesNothing`].
    pub fn create(dir: &Path, source: &RootSource) -> Result<Vault, VaultError> {
        let path = dir.join(KEYRING_FILE);
        if path.exists() {
            return Err(VaultError::AlreadyExists { path });
        }
        let kdf = Kdf::for_source(source)?.ok_or(VaultError::RecoveryMakesNothing)?;
        let root = kdf.root_key(source)?.expect("the parameters were made for this source");
        let wrap_key = root.wrap_key();
        let directory = BranchKey::generate()?;
        let mut box_id = [0_u8; 16];
        getrandom::fill(&mut box_id).map_err(VaultError::Random)?;
        let content = Content {
            format: FORMAT,
            box_id: crate::error::hex(&box_id),
            kdf,
            directory: wrap::to_base64(&wrap::wrap(&wrap_key, Owner::Directory, &directory)?),
            recovery: None,
            next_recovery: None,
            retiring: None,
        };
        write_atomically(dir, &path, &content)?;
        let root = put_away(&wrap_key, &content.box_id, &root)?;
        Ok(Vault { box_id: content.box_id, root, wrap_key, retiring: None, directory })
    }

    /// Opens the keyring of `dir`. A recovery key opens it whatever kind of root key it was made with.
    ///
    /// # Errors
    /// [`VaultError::WrongRootKey`] or [`VaultError::WrongRecoveryKey`] where the key does not fit,
    /// [`VaultError::NoRecoveryKey`] where none was ever made, [`VaultError::RootKeyKind`] where a passphrase is needed
    /// and a key was given or the other way round, [`VaultError::KeyringFormat`] where the file is damaged.
    pub fn open(dir: &Path, source: &RootSource) -> Result<Vault, VaultError> {
        let path = dir.join(KEYRING_FILE);
        let content = read(&path)?;
        let root = root_key(&path, &content, source)?;
        let format_error = |reason: &str| VaultError::KeyringFormat { path: path.clone(), reason: reason.to_owned() };
        let wrapped = wrap::from_base64(&content.directory).ok_or_else(|| format_error("`directory` is not base64"))?;
        let wrap_key = root.wrap_key();
        let directory = wrap::unwrap(&wrap_key, Owner::Directory, &wrapped)
            .ok_or_else(|| VaultError::WrongRootKey { path: path.clone() })?;
        let retiring = content.retiring.as_deref().map(|sealed| {
            let sealed = wrap::from_base64(sealed);
            sealed
                .and_then(|sealed| wrap::open(&Xaes::new(wrap_key.expose()), &retiring_data(&content.box_id), &sealed))
        });
        let retiring = retiring.map(|key| key.ok_or_else(|| format_error("`retiring` does not open"))).transpose()?;
        let root = put_away(&wrap_key, &content.box_id, &root)?;
        Ok(Vault { box_id: content.box_id, root, wrap_key, retiring, directory })
    }
}

impl Keyring {
    /// Gives the root key of `dir` back to who has its recovery key, so that it can be sealed anew: a machine's TPM went
    /// away with the only copy (D2). It is known to open the keyring.
    ///
    /// # Errors
    /// As [`Keyring::open`]; [`VaultError::RootKeyKind`] where a passphrase makes the root key, which nobody has to keep.
    pub fn recover_root_key(dir: &Path, key: &RecoveryKey) -> Result<RootKey, VaultError> {
        let path = dir.join(KEYRING_FILE);
        let (expected, given) = (read(&path)?.kdf.name(), Kdf::Raw.name());
        if expected != given {
            return Err(VaultError::RootKeyKind { path, expected, given });
        }
        Self::open(dir, &RootSource::Recovery(key.clone())).and_then(|vault| vault.root())
    }
}

fn root_key(path: &Path, content: &Content, source: &RootSource) -> Result<RootKey, VaultError> {
    let path = || path.to_owned();
    if let RootSource::Recovery(key) = source {
        let mut records = content.recovery.iter().chain(&content.next_recovery).peekable();
        if records.peek().is_none() {
            return Err(VaultError::NoRecoveryKey { path: path() });
        }
        let opened = records.find_map(|record| record.open(key, &content.box_id).transpose());
        return opened.unwrap_or_else(|| Err(VaultError::WrongRecoveryKey { path: path() }));
    }
    content.kdf.root_key(source)?.ok_or_else(|| VaultError::RootKeyKind {
        path: path(),
        expected: content.kdf.name(),
        given: source.name(),
    })
}

impl Vault {
    /// Names this box's data for life.
    #[must_use]
    pub fn box_id(&self) -> &str {
        &self.box_id
    }

    /// The branch of the box's directory.
    #[must_use]
    pub fn directory_key(&self) -> BranchKey {
        self.directory.clone()
    }

    /// Makes `key` the recovery key of this keyring, which lies in `dir`; an earlier one opens nothing any more. Whole on
    /// the disk before this returns. Takes as long as a passphrase does.
    ///
    /// # Errors
    /// A keyring that cannot be read or written, or that another box's took the place of.
    pub fn set_recovery_key(&self, dir: &Path, key: &RecoveryKey) -> Result<(), VaultError> {
        let mut content = self.content_of(dir)?;
        content.recovery = Some(Record::seal(&self.root()?, key, &self.box_id)?);
        content.next_recovery = None;
        write_atomically(dir, &dir.join(KEYRING_FILE), &content)
    }

    /// Lets `key` open this keyring beside its recovery key of now, until [`Vault::settle_recovery_key`] says which of them
    /// stays. Whole on the disk before this returns.
    ///
    /// # Errors
    /// As [`Vault::set_recovery_key`].
    pub fn add_recovery_key(&self, dir: &Path, key: &RecoveryKey) -> Result<(), VaultError> {
        let mut content = self.content_of(dir)?;
        content.next_recovery = Some(Record::seal(&self.root()?, key, &self.box_id)?);
        write_atomically(dir, &dir.join(KEYRING_FILE), &content)
    }

    /// Keeps the key that [`Vault::add_recovery_key`] added as the recovery key, or the one before it; the other opens nothing
    /// any more.
    ///
    /// # Errors
    /// As [`Vault::set_recovery_key`].
    pub fn settle_recovery_key(&self, dir: &Path, new: bool) -> Result<(), VaultError> {
        let mut content = self.content_of(dir)?;
        let added = content.next_recovery.take();
        if new && added.is_some() {
            content.recovery = added;
        }
        write_atomically(dir, &dir.join(KEYRING_FILE), &content)
    }

    /// A fresh branch for a company, and the wrapped form to store. Without the stored form the company is erased.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn new_company_key(&self, company_id: &str) -> Result<(BranchKey, Vec<u8>), VaultError> {
        let branch = BranchKey::generate()?;
        let wrapped = wrap::wrap(&self.wrap_key, Owner::Company(company_id), &branch)?;
        Ok((branch, wrapped))
    }

    /// The form to store of a company's key that was turned.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn wrap_company_key(&self, company_id: &str, branch: &BranchKey) -> Result<Vec<u8>, VaultError> {
        wrap::wrap(&self.wrap_key, Owner::Company(company_id), branch)
    }

    /// Opens what [`Vault::new_company_key`] gave to store.
    ///
    /// # Errors
    /// [`VaultError::WrappedKey`] where it was changed or belongs to another company or box.
    pub fn open_company_key(&self, company_id: &str, wrapped: &[u8]) -> Result<BranchKey, VaultError> {
        let owner = Owner::Company(company_id);
        let opened = wrap::unwrap(&self.wrap_key, owner, wrapped);
        let opened = opened.or_else(|| wrap::unwrap(self.retiring.as_ref()?, owner, wrapped));
        opened.ok_or_else(|| VaultError::WrappedKey { company: company_id.to_owned() })
    }

    /// The stored form of a company's key under the root key of now; `None` where it is so already.
    ///
    /// # Errors
    /// As [`Vault::open_company_key`].
    pub fn rewrap_company_key(&self, company_id: &str, wrapped: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        if wrap::unwrap(&self.wrap_key, Owner::Company(company_id), wrapped).is_some() {
            return Ok(None);
        }
        self.wrap_company_key(company_id, &self.open_company_key(company_id, wrapped)?).map(Some)
    }

    /// Stores the directory's key, turned, in the keyring of `dir`. Whole on the disk before this returns.
    ///
    /// # Errors
    /// As [`Vault::set_recovery_key`].
    pub fn set_directory_key(&mut self, dir: &Path, branch: BranchKey) -> Result<(), VaultError> {
        let mut content = self.content_of(dir)?;
        content.directory = wrap::to_base64(&wrap::wrap(&self.wrap_key, Owner::Directory, &branch)?);
        write_atomically(dir, &dir.join(KEYRING_FILE), &content)?;
        self.directory = branch;
        Ok(())
    }

    /// Gives the data of `dir` another root key; the one before opens nothing any more once this returns. The recovery key
    /// stays what it is, and has to be given where there is one: the root key is sealed under it anew.
    ///
    /// From then on every company's key has to go through [`Vault::rewrap_company_key`], and at last
    /// [`Vault::forget_root`] is due. What a crash leaves of that is told by [`Vault::has_old_root`].
    ///
    /// # Errors
    /// [`VaultError::RecoveryKeyNeeded`], [`VaultError::WrongRecoveryKey`], [`VaultError::RecoveryMakesNothing`],
    /// [`VaultError::RootChanging`] while an earlier change is not over.
    pub fn change_root(
        &mut self,
        dir: &Path,
        source: &RootSource,
        recovery: Option<&RecoveryKey>,
    ) -> Result<(), VaultError> {
        let path = dir.join(KEYRING_FILE);
        let mut content = self.content_of(dir)?;
        if content.retiring.is_some() {
            return Err(VaultError::RootChanging { path });
        }
        let kdf = Kdf::for_source(source)?.ok_or(VaultError::RecoveryMakesNothing)?;
        let root = kdf.root_key(source)?.expect("the parameters were made for this source");
        let wrap_key = root.wrap_key();
        if content.recovery.is_some() || content.next_recovery.is_some() {
            let key = recovery.ok_or_else(|| VaultError::RecoveryKeyNeeded { path: path.clone() })?;
            root_key(&path, &content, &RootSource::Recovery(key.clone()))?;
            content.recovery = Some(Record::seal(&root, key, &self.box_id)?);
            content.next_recovery = None;
        }
        let put_away = put_away(&wrap_key, &self.box_id, &root)?;
        let retiring = wrap::seal(&Xaes::new(wrap_key.expose()), &retiring_data(&self.box_id), &self.wrap_key)?;
        content.kdf = kdf;
        content.directory = wrap::to_base64(&wrap::wrap(&wrap_key, Owner::Directory, &self.directory)?);
        content.retiring = Some(wrap::to_base64(&retiring));
        write_atomically(dir, &path, &content)?;
        self.retiring = Some(std::mem::replace(&mut self.wrap_key, wrap_key));
        self.root = put_away;
        Ok(())
    }

    /// Whether companies' keys may still be wrapped under the root key before.
    #[must_use]
    pub fn has_old_root(&self) -> bool {
        self.retiring.is_some()
    }

    /// Forgets what an earlier root key made, once no company's key needs it.
    ///
    /// # Errors
    /// As [`Vault::set_recovery_key`].
    pub fn forget_root(&mut self, dir: &Path) -> Result<(), VaultError> {
        let mut content = self.content_of(dir)?;
        content.retiring = None;
        write_atomically(dir, &dir.join(KEYRING_FILE), &content)?;
        self.retiring = None;
        Ok(())
    }

    /// The root key, for a moment.
    fn root(&self) -> Result<RootKey, VaultError> {
        let opened = wrap::open(&Xaes::new(self.wrap_key.expose()), &put_away_data(&self.box_id), &self.root);
        opened.map(RootKey::new).ok_or_else(|| VaultError::WrongRootKey { path: PathBuf::from(KEYRING_FILE) })
    }

    fn content_of(&self, dir: &Path) -> Result<Content, VaultError> {
        let path = dir.join(KEYRING_FILE);
        let content = read(&path)?;
        if content.box_id == self.box_id { Ok(content) } else { Err(VaultError::WrongRootKey { path }) }
    }
}

fn put_away(wrap_key: &SecretKey, box_id: &str, root: &RootKey) -> Result<Vec<u8>, VaultError> {
    wrap::seal(&Xaes::new(wrap_key.expose()), &put_away_data(box_id), root.key())
}

fn put_away_data(box_id: &str) -> Vec<u8> {
    [b"rainbow-edge root key in memory v1\0", box_id.as_bytes()].concat()
}

fn retiring_data(box_id: &str) -> Vec<u8> {
    [b"rainbow-edge retiring wrapping key v1\0", box_id.as_bytes()].concat()
}

/// The box that the bytes of a keyring belong to; `None` where they are none of a format that this version knows.
#[must_use]
pub fn keyring_box_id(bytes: &[u8]) -> Option<String> {
    let content: Content = serde_json::from_slice(bytes).ok()?;
    (content.format == FORMAT).then_some(content.box_id)
}

fn read(path: &Path) -> Result<Content, VaultError> {
    let io_error = |source| VaultError::Io { action: "read", path: path.to_owned(), source };
    let format_error = |reason: String| VaultError::KeyringFormat { path: path.to_owned(), reason };
    if fs::metadata(path).map_err(io_error)?.len() > KEYRING_BYTES_MAX {
        return Err(format_error("it is far too long".to_owned()));
    }
    let bytes = fs::read(path).map_err(io_error)?;
    let content: Content = serde_json::from_slice(&bytes).map_err(|error| format_error(error.to_string()))?;
    if content.format != FORMAT {
        return Err(format_error(format!("format {} is not {FORMAT}", content.format)));
    }
    Ok(content)
}

/// Writes beside, syncs, renames and syncs the folder: a crash leaves the whole file or none.
fn write_atomically(dir: &Path, path: &Path, content: &Content) -> Result<(), VaultError> {
    let beside = PathBuf::from(format!("{}.new", path.display()));
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(content)?)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|source| VaultError::Io { action: "write", path: path.to_owned(), source })
}
