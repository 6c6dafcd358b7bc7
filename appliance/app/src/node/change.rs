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
        Ok::<_, AppError>(found)
    };
    let gone = app.company(&caller.company).await?.write(change).await?;
    tell(app, caller, &gone, Happened::Deleted);
    Ok(())
}

/// Tells the caller's devices, and contacts' unless the node is the caller's alone.
pub(super) fn tell(app: &App, caller: &Caller, node: &Node, happened: Happened) {
    let event = LiveEvent { owner: caller.user.clone(), node: node.name.clone(), happened };
    let public = Access::parse(&node.access).is_some_and(|access| access != Access::Whitelist);
    app.live.publish(&Arc::new(event), public);
}
