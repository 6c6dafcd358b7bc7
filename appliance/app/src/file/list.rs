use super::announce::FILES_MAX;
use super::{FilePage, State, Viewer, described, look, settings};
use crate::people::{Page, Window};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, FileId};
use domain::rights::{Area, Right};
use std::collections::{BTreeMap, HashMap};
use store::file_grant::SharedFile;
use store::{Connection, file, file_grant};

/// Files that were shared with somebody, the newest of which are listed.
const RECEIVED_MAX: u32 = 1000;

/// Which files of a list; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name.
    pub name: Option<String>,
    /// The extension.
    pub extension: Option<String>,
    /// The media type, or what stands before its slash.
    pub kind: Option<String>,
    /// All of it has come.
    pub uploaded: Option<bool>,
    /// Shared with this person or bubble.
    pub viewer: Option<String>,
    /// Of this person.
    pub owner: Option<String>,
    /// In this order; else as the list has them, the newest first.
    pub order: Option<Order>,
    /// The last first.
    pub descending: bool,
}

/// What files are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What they are called, in any case.
    Name,
    /// How many bytes they have.
    Size,
    /// Their media type.
    Kind,
    /// When they came.
    Date,
}

impl Filter {
    /// What of a list is asked for, in the order asked for.
    fn of(&self, mut pages: Vec<FilePage>) -> Vec<FilePage> {
        pages.retain(|page| self.admits(page));
        match self.order {
            Some(Order::Name) => pages.sort_by_key(|page| page.file.name.to_lowercase()),
            Some(Order::Size) => pages.sort_by_key(|page| page.file.size_bytes),
            Some(Order::Kind) => pages.sort_by(|one, other| one.file.kind.cmp(&other.file.kind)),
            Some(Order::Date) => pages.sort_by_key(|page| page.file.uploaded_ms.unwrap_or(page.file.announced_ms)),
            None => return pages,
        }
        if self.descending {
            pages.reverse();
        }
        pages
    }

    fn admits(&self, page: &FilePage) -> bool {
        let FilePage { file, grants } = page;
        let lower = |text: &str| text.to_lowercase();
        let has_kind = |kind: &String| file.kind == *kind || file.kind.split('/').next() == Some(kind);
        let is_uploaded = matches!(file.state, State::Held | State::Clean);
        self.name.as_ref().is_none_or(|part| lower(&file.name).contains(&lower(part)))
            && self.extension.as_ref().is_none_or(|extension| file.extension.eq_ignore_ascii_case(extension))
            && self.kind.as_ref().is_none_or(has_kind)
            && self.uploaded.is_none_or(|uploaded| uploaded == is_uploaded)
            && self.viewer.as_ref().is_none_or(|id| grants.iter().any(|grant| grant.viewer.id() == id))
            && self.owner.as_ref().is_none_or(|id| file.owner.as_str() == id)
    }
}

/// How much of his share somebody uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumption {
    /// Bytes of his files, those on their way among them.
    pub used_bytes: u64,
    /// Bytes that they may have together.
    pub quota_bytes: u64,
}

/// One file, for who sees it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, caller: &Caller, id: &FileId) -> Result<FilePage, AppError> {
    let shared = look(app, caller, id).await?;
    Ok(FilePage { file: described(app, &shared.company, id).await?, grants: shared.access.grants })
}

/// The caller's own files, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller, filter: &Filter, window: Window) -> Result<Page<FilePage>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let (no, max) = (caller.no, u32::try_from(FILES_MAX).unwrap_or(u32::MAX));
    let read = move |c: &Connection| Ok::<_, AppError>(file::of_owner(c, no, max)?);
    let own = app.company(&caller.company).await?.read(read).await?;
    let pages = with_grants(app, own).await?;
    Ok(Page::cut(filter.of(pages), window))
}

/// All files of a company, the newest first, for who administers it.
///
/// # Errors
/// Missing right.
pub async fn of_company(
    app: &App,
    caller: &Caller,
    company: &CompanyId,
    filter: &Filter,
    window: Window,
) -> Result<Page<FilePage>, AppError> {
    app.permit(caller, Right::In(Area::CompanyAndMembers), company)?;
    let read = move |c: &Connection| Ok::<_, AppError>((file::all(c, window.limit, window.offset)?, file::count(c)?));
    let (files, total) = app.company(company).await?.read(read).await?;
    let mut items = with_grants(app, files).await?;
    items.retain(|page| filter.admits(page));
    Ok(Page { items, total })
}

async fn with_grants(app: &App, files: Vec<file::File>) -> Result<Vec<FilePage>, AppError> {
    let read = move |c: &Connection| {
        let page = |file: file::File| Ok::<_, AppError>(FilePage { grants: file_grant::grants(c, &file.id)?, file });
        files.into_iter().map(page).collect()
    };
    app.store.directory().read(read).await
}

/// The newest files that were shared with `viewer`, and that the caller sees: himself with all of his bubbles, or one bubble.
///
/// # Errors
/// [`AppError::NotFound`] for somebody else, or a bubble that he does not see.
pub async fn received(
    app: &App,
    caller: &Caller,
    viewer: &Viewer,
    filter: &Filter,
    window: Window,
) -> Result<Page<FilePage>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let viewers: Vec<String> = match viewer {
        Viewer::User(user) if *user == caller.user => {
            let relations = app.relations();
            let bubbles = relations.bubbles_of(&caller.user).map(|(id, _)| id.to_string());
            std::iter::once(user.to_string()).chain(bubbles).collect()
        }
        Viewer::Room(bubble) if app.relations().bubble(bubble).is_some_and(|b| b.is_seen_by(&caller.user)) => {
            vec![bubble.to_string()]
        }
        _ => return Err(AppError::NotFound("viewer")),
    };
    let read = move |c: &Connection| {
        let mut newest = BTreeMap::new();
        for viewer in viewers {
            let shared = file_grant::shared_with(c, &viewer, RECEIVED_MAX)?;
            newest.extend(shared.into_iter().map(|(id, at)| ((-at, id), ())));
            while newest.len() > usize::try_from(RECEIVED_MAX).unwrap_or(usize::MAX) {
                newest.pop_last();
            }
        }
        let ids = newest.into_keys().map(|(_, id)| id);
        let found = ids.filter_map(|id| file_grant::find(c, &id).map(|found| Some((id, found?))).transpose());
        Ok::<_, AppError>(found.collect::<Result<Vec<_>, _>>()?)
    };
    let shared = app.store.directory().read(read).await?;
    let pages = passed_on(app, caller, shared).await?;
    Ok(Page::cut(filter.of(pages), window))
}

/// Those of shared files that the caller sees and that were passed on, in the order given.
async fn passed_on(app: &App, caller: &Caller, shared: Vec<(FileId, SharedFile)>) -> Result<Vec<FilePage>, AppError> {
    let seen: Vec<(FileId, SharedFile)> = {
        let relations = app.relations();
        shared.into_iter().filter(|(_, file)| file.access.is_seen_by(&caller.user, &relations)).collect()
    };
    let mut by_company: BTreeMap<CompanyId, Vec<FileId>> = BTreeMap::new();
    for (id, file) in &seen {
        by_company.entry(file.company.clone()).or_default().push(id.clone());
    }
    let mut found: HashMap<FileId, file::File> = HashMap::new();
    for (company, ids) in by_company {
        let read = move |c: &Connection| {
            let files = ids.into_iter().filter_map(|id| file::find(c, &id).transpose());
            Ok::<_, AppError>(files.collect::<Result<Vec<_>, _>>()?)
        };
        let files = app.company(&company).await?.read(read).await?;
        found.extend(files.into_iter().filter(|file| file.state == State::Clean).map(|file| (file.id.clone(), file)));
    }
    let page = |(id, shared): (FileId, SharedFile)| {
        found.remove(&id).map(|file| FilePage { file, grants: shared.access.grants })
    };
    Ok(seen.into_iter().filter_map(page).collect())
}

/// How much of his share the caller uses.
///
/// # Errors
/// [`super::FileRefused::Off`] where no files are shared.
pub async fn consumption(app: &App, caller: &Caller) -> Result<Consumption, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let quota_bytes = settings(app)?.quota_bytes;
    let no = caller.no;
    let read = move |c: &Connection| Ok::<_, AppError>(file::consumption(c, no)?);
    let (_, used_bytes) = app.company(&caller.company).await?.read(read).await?;
    Ok(Consumption { used_bytes, quota_bytes })
}
