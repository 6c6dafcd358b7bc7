use super::change::{change_told, enter};
use super::{BYTES_MAX, ITEM_BYTES_MAX, Item, NODE, Settings, check_name};
use crate::live::Happened;
use crate::{App, AppError, Caller};
use domain::rights::Right;
use store::{Connection, node};

/// Publishes an item in a node of the caller, which is made if it is not there; who wants to hear of it is told. `options` is
/// how the node must be, or is made (XEP-0060, 7.1.5).
///
/// # Errors
/// [`AppError::Exists`] when the node is set otherwise; what is too long or too much.
pub async fn publish(app: &App, caller: &Caller, name: &str, item: Item, options: Settings) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    check_name("node", name)?;
    check_name("id", &item.id)?;
    if item.payload.len() > ITEM_BYTES_MAX {
        return Err(AppError::invalid("item", format!("at most {ITEM_BYTES_MAX} bytes")));
    }
    let (me, name, published, now_ms) = (caller.no, name.to_owned(), item.clone(), app.clock.now_ms());
    let change = move |c: &Connection| {
        let node = match node::find(c, me, &name)? {
            Some(node) if options.of(node.clone()) == node => node,
            Some(_) => return Err(AppError::Exists("this node, set otherwise,")),
            None => {
                let made = options.fresh(&name);
                enter(c, me, &made)?;
                made
            }
        };
        let others = node::bytes(c, me, (&name, &published.id))?;
        if others.saturating_add(u64::try_from(published.payload.len()).unwrap_or(u64::MAX)) > BYTES_MAX {
            return Err(AppError::invalid("item", format!("at most {BYTES_MAX} bytes in all nodes together")));
        }
        node::publish(c, me, &node, &published, now_ms.saturating_mul(1000))?;
        Ok(node)
    };
    change_told(app, caller, change, Happened::Published(item)).await
}

/// Takes an item of the caller back; who hears of the node is told.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there.
pub async fn retract(app: &App, caller: &Caller, name: &str, id: &str) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, name, wanted) = (caller.no, name.to_owned(), id.to_owned());
    let change = move |c: &Connection| {
        let node = node::find(c, me, &name)?.ok_or(AppError::NotFound(NODE))?;
        let there = node::retract(c, me, &name, &wanted)?;
        if there { Ok(node) } else { Err(AppError::NotFound(NODE)) }
    };
    change_told(app, caller, change, Happened::Retracted(id.to_owned())).await
}
