use super::{File, Scan};
use crate::live::{Notice, NoticeAction, Push, SmallPictureFacts};
use crate::{App, AppError};
use domain::file::{Access, Viewer};
use domain::ids::{FileId, UserId};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::file_grant;
use store::thumbnail::Made;

/// The scan of a file came to an end, or takes too long to wait for: its owner's devices hear it (sheet section 11, 4).
pub(super) fn scanned(app: &App, owner: &UserId, id: &FileId, clean: bool) {
    app.live.push_all(owner, &Push::Notice(Arc::new(Notice::Scanned { file: id.clone(), clean })));
}

/// A file is there for everybody who may see it.
pub(super) async fn passed_on(app: &App, scan: &Scan) -> Result<(), AppError> {
    let id = scan.id.clone();
    let shared = app.store.directory().read(move |c| Ok::<_, AppError>(file_grant::find(c, &id)?)).await?;
    if let Some(shared) = shared {
        changed(app, &scan.id, &shared.access, NoticeAction::Create);
    }
    scanned(app, &scan.owner, &scan.id, true);
    Ok(())
}

/// A file was refused: its owner's devices read it again.
pub(super) fn refused(app: &App, scan: &Scan) {
    let access = Access { owner: scan.owner.clone(), grants: Vec::new() };
    changed(app, &scan.id, &access, NoticeAction::Update);
    scanned(app, &scan.owner, &scan.id, false);
}

/// The small picture of a file is there, for whoever may see the file (sheet section 11, 6).
pub(super) async fn made_small(app: &App, id: &FileId, file: &File, made: &Made) -> Result<(), AppError> {
    let of = id.clone();
    let shared = app.store.directory().read(move |c| Ok::<_, AppError>(file_grant::find(c, &of)?)).await?;
    let small = SmallPictureFacts {
        file: id.clone(),
        name: file.name.clone(),
        kind: made.kind.clone(),
        bytes: made.small.bytes,
        md5: made.small.md5.clone(),
    };
    if let Some(shared) = shared {
        push(app, &shared.access, &Push::Notice(Arc::new(Notice::Thumbnail(small))));
    }
    Ok(())
}

/// Tells whoever may see a file what happened to it.
pub(crate) fn changed(app: &App, id: &FileId, access: &Access, action: NoticeAction) {
    push(app, access, &Push::Notice(Arc::new(Notice::File { file: id.clone(), action })));
}

fn push(app: &App, access: &Access, push: &Push) {
    let mut people = BTreeSet::from([access.owner.clone()]);
    {
        let relations = app.relations();
        for grant in &access.grants {
            match &grant.viewer {
                Viewer::User(user) => drop(people.insert(user.clone())),
                Viewer::Room(bubble) => {
                    let members = relations.bubble(bubble).into_iter().flat_map(|bubble| bubble.accepted());
                    people.extend(members.filter(|user| access.is_seen_by(user, &relations)).cloned());
                }
            }
        }
    }
    for user in people {
        app.live.push_all(&user, push);
    }
}
