use super::Access;
use crate::live::{Device, Happened, LiveEvent, Push};
use crate::{App, AppError, Caller};
use domain::ids::CompanyId;
use domain::rights::Right;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::node;

/// People of one company whose last items are told to a device that has come.
const TOLD_MAX: u32 = 1000;

/// A device says of which nodes it wants to hear. It is told what was published last in each by the caller and by contacts
/// (XEP-0163, 4.3.4); of what comes from now on by itself.
///
/// # Errors
/// When the store fails.
pub async fn want(app: &App, caller: &Caller, device: &Device, nodes: &Arc<BTreeSet<String>>) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if !app.live.want(device, nodes) {
        return Ok(());
    }
    let companies: BTreeSet<CompanyId> = {
        let relations = app.relations();
        let contacts = relations.network(&caller.user);
        let theirs = contacts.iter().filter_map(|contact| relations.member(contact));
        theirs.map(|member| member.company.clone()).chain([caller.company.clone()]).collect()
    };
    let mut events = Vec::new();
    for company in companies {
        let names = Arc::clone(nodes);
        let read = move |c: &store::Connection| {
            let of = |name: &String| Ok((name.clone(), node::newest_of_all(c, name, TOLD_MAX)?));
            names.iter().map(of).collect::<Result<Vec<_>, AppError>>()
        };
        let found = app.company(&company).await?.read(read).await?;
        let relations = app.relations();
        for (node, published) in found {
            for (owner, access, item) in published {
                let near = owner == caller.user || relations.shows_presence(&owner, &caller.user);
                if near && Access::parse(&access).is_some_and(|access| access.lets(&relations, &owner, &caller.user)) {
                    events.push(LiveEvent { owner, node: node.clone(), happened: Happened::Published(item) });
                }
            }
        }
    }
    if !events.is_empty() {
        app.live.push_to(device, Push::Events(events));
    }
    Ok(())
}
