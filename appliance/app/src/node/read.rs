use super::{Access, ITEMS_MAX, Item, NODE, Node};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, UserId};
use domain::rights::Right;
use store::{Connection, node, person};

/// Somebody of whom the caller may know, and where he is.
fn company_of(app: &App, caller: &Caller, owner: &UserId) -> Result<CompanyId, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let relations = app.relations();
    let known = owner == &caller.user || relations.knows(&caller.user, owner);
    let member = relations.member(owner).filter(|_| known && !relations.parted_by_block(owner, &caller.user));
    Ok(member.ok_or(AppError::NotFound("user"))?.company.clone())
}

fn lets(app: &App, caller: &Caller, owner: &UserId, node: &Node) -> bool {
    Access::parse(&node.access).is_some_and(|access| access.lets(&app.relations(), owner, &caller.user))
}

/// Items of a node, newest first: these, or as many as are asked for. What one may not read is not there.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn items(
    app: &App,
    caller: &Caller,
    owner: &UserId,
    name: &str,
    ids: Vec<String>,
    max: Option<u32>,
) -> Result<Vec<Item>, AppError> {
    let company = company_of(app, caller, owner)?;
    let (of, wanted) = (owner.clone(), name.to_owned());
    let read = move |c: &Connection| {
        let Some(no) = person::find(c, &of)? else { return Ok(None) };
        let Some(node) = node::find(c, no, &wanted)? else { return Ok(None) };
        let items = if ids.is_empty() {
            node::items(c, no, &wanted, max.unwrap_or(ITEMS_MAX).min(ITEMS_MAX))?
        } else {
            let found = ids
                .iter()
                .take(usize::try_from(ITEMS_MAX).unwrap_or(usize::MAX))
                .map(|id| node::item(c, no, &wanted, id));
            found.filter_map(Result::transpose).collect::<Result<_, _>>()?
        };
        Ok::<_, AppError>(Some((node, items)))
    };
    let found = app.company(&company).await?.read(read).await?;
    let (_, items) = found.filter(|(node, _)| lets(app, caller, owner, node)).ok_or(AppError::NotFound(NODE))?;
    Ok(items)
}

/// The names of somebody's nodes that the caller may read.
///
/// # Errors
/// [`AppError::NotFound`] for people whom the caller may not know of.
pub async fn names(app: &App, caller: &Caller, owner: &UserId) -> Result<Vec<String>, AppError> {
    let company = company_of(app, caller, owner)?;
    let of = owner.clone();
    let read = move |c: &Connection| {
        let no = person::find(c, &of)?;
        Ok::<_, AppError>(no.map(|no| node::all(c, no)).transpose()?.unwrap_or_default())
    };
    let nodes = app.company(&company).await?.read(read).await?;
    Ok(nodes.into_iter().filter(|node| lets(app, caller, owner, node)).map(|node| node.name).collect())
}

/// One node of the caller.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn node(app: &App, caller: &Caller, name: &str) -> Result<Node, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, wanted) = (caller.no, name.to_owned());
    let found =
        app.company(&caller.company).await?.read(move |c| Ok::<_, AppError>(node::find(c, me, &wanted)?)).await?;
    found.ok_or(AppError::NotFound(NODE))
}
