use super::{Access, NODE, NODES_MAX, Node, Settings, check_name};
use crate::live::{Happened, LiveEvent};
use crate::{App, AppError, Caller};
use domain::rights::Right;
use std::sync::Arc;
use store::person::PersonNo;
use store::{Connection, node};

/// Makes a node.
///
/// # Errors
/// [`AppError::Exists`] when it is there; a name that breaks a rule; too many nodes.
pub async fn create(app: &App, caller: &Caller, name: &str, settings: Settings) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    check_name("node", name)?;
    let (me, made) = (caller.no, settings.fresh(name));
    let change = move |c: &Connection| {
        if node::find(c, me, &made.name)?.is_some() {
            return Err(AppError::Exists("this node"));
        }
        enter(c, me, &made)
    };
    app.company(&caller.company).await?.write(change).await
}

/// Enters a node that is not there yet.
pub(super) fn enter(c: &Connection, me: PersonNo, made: &Node) -> Result<(), AppError> {
    if node::all(c, me)?.len() >= NODES_MAX {
        return Err(AppError::invalid("node", format!("at most {NODES_MAX} nodes")));
    }
    Ok(node::put(c, me, made)?)
}

/// Sets a node of the caller anew.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there.
pub async fn configure(app: &App, caller: &Caller, name: &str, settings: Settings) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, wanted) = (caller.no, name.to_owned());
    let change = move |c: &Connection| {
        let found = node::find(c, me, &wanted)?.ok_or(AppError::NotFound(NODE))?;
        Ok::<_, AppError>(node::put(c, me, &settings.of(found))?)
    };
    app.company(&caller.company).await?.write(change).await
}

/// Deletes a node of the caller with its items; who hears of it is told.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there.
pub async fn delete(app: &App, caller: &Caller, name: &str) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, wanted) = (caller.no, name.to_owned());
    let change = move |c: &Connection| {
        let found = node::find(c, me, &wanted)?.ok_or(AppError::NotFound(NODE))?;
        node::remove(c, me, &wanted)?;
        Ok(found)
    };
    change_told(app, caller, change, Happened::Deleted).await
}

/// Changes a node, and tells the caller's devices, and contacts' unless the node is the caller's alone: what is told last is what
/// stands in it.
pub(super) async fn change_told(
    app: &App,
    caller: &Caller,
    change: impl FnOnce(&Connection) -> Result<Node, AppError> + Send + 'static,
    happened: Happened,
) -> Result<(), AppError> {
    let (live, owner) = (Arc::clone(&app.live), caller.user.clone());
    let tell = move |node: &Node| {
        let event = LiveEvent { owner, node: node.name.clone(), happened };
        let public = Access::parse(&node.access).is_some_and(|access| access != Access::Whitelist);
        live.publish(&Arc::new(event), public);
    };
    app.change_company(&caller.company, change, tell).await.map(drop)
}
