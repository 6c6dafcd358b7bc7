//! Good copies of what scrubbing finds damaged (D3): from the newest snapshot of the first target that has one.

use super::fetch::Fetch;
use super::run::keys;
use super::{BackupError, NamedTarget};
use crate::App;
use domain::ids::CompanyId;
use std::sync::{Arc, Weak};
use store::{Copies, DIRECTORY};

pub(super) struct Repositories(pub(super) Weak<App>);

impl Copies for Repositories {
    fn page(&self, database: &str, page: u32) -> Option<Vec<u8>> {
        if database == DIRECTORY {
            return self.first(|fetch| fetch.page(None, page));
        }
        let id = CompanyId::parse(database).ok()?;
        self.first(|fetch| fetch.page(Some(&id), page))
    }

    fn file(&self, company: &str, file: &str, small: bool, offset: u64, length: usize) -> Option<Vec<u8>> {
        let id = CompanyId::parse(company).ok()?;
        let path = store::stored_at(company, file, small);
        self.first(|fetch| fetch.bytes(&id, &path, offset..offset + length as u64))
    }
}

impl Repositories {
    fn first(&self, look: impl Fn(&Fetch<'_>) -> Result<Option<Vec<u8>>, BackupError>) -> Option<Vec<u8>> {
        let app = self.0.upgrade()?;
        let keys = keys(&app);
        app.backup.targets().iter().find_map(|NamedTarget { name, target, .. }| {
            let target = target.as_ref().ok()?;
            let progress = Arc::default();
            let found = Fetch::open(target.as_ref(), &keys, None, &progress).and_then(|fetch| look(&fetch));
            found.unwrap_or_else(|failure| {
                tracing::warn!(target = name, %failure, "a good copy of what is damaged could not be looked for");
                None
            })
        })
    }
}
