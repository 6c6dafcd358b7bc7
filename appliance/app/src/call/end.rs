use crate::live::{CallNews, Push};
use crate::outbox::{self, MessageEffect};
use crate::web_push::{Due, News};
use crate::{App, AppError};
use domain::call::{Medium, Outcome};
use domain::ids::{CallId, CompanyId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::call_record::{self, CallRecord, NewCall};
use store::push_subscription::PushSubscription;
use store::{Connection, person, user};

/// How often is looked for calls whose devices have gone without a word.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// A call that is over, also as it crosses from one company's file to the other's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Called {
    pub(crate) id: CallId,
    pub(crate) caller: UserId,
    pub(crate) callee: UserId,
    pub(crate) medium: Medium,
    pub(crate) began_ms: i64,
    pub(crate) outcome: Outcome,
    pub(crate) duration_ms: i64,
}

/// What devices hear of a record after its commit.
pub(crate) struct Entered {
    pub(crate) owner: UserId,
    pub(crate) record: CallRecord,
    /// Browsers of somebody who missed a call.
    pub(crate) browsers: Vec<PushSubscription>,
}

impl Called {
    /// Enters the call into the history of one of the two, in his company's file. Whoever has gone has none.
    pub(crate) fn enter(
        &self,
        content: &Connection,
        (outgoing, peers_company): (bool, &CompanyId),
        browsers: impl FnOnce(person::PersonNo, person::PersonNo) -> Vec<PushSubscription>,
    ) -> Result<Option<Entered>, AppError> {
        let (owner, peer) = if outgoing { (&self.caller, &self.callee) } else { (&self.callee, &self.caller) };
        let Some((owner_no, _)) = user::number(content, owner)? else { return Ok(None) };
        let peer_no = person::enter(content, peer, peers_company)?;
        let &Self { medium, began_ms, outcome, duration_ms, .. } = self;
        let new = NewCall { id: &self.id, began_ms, outgoing, medium, outcome, duration_ms };
        call_record::insert(content, owner_no, peer_no, &new)?;
        let Some(record) = call_record::find(content, owner_no, &self.id)? else { return Ok(None) };
        let browsers = if record.read { Vec::new() } else { browsers(owner_no, peer_no) };
        Ok(Some(Entered { owner: owner.clone(), record, browsers }))
    }
}

impl Entered {
    /// Tells the devices of whose record it is, and browsers of who missed the call and is not there.
    pub(crate) fn tell(&self, live: &crate::live::Live, pager: &crate::web_push::Pager, company: &CompanyId) {
        let Self { owner, record, browsers } = self;
        live.push_all(owner, &Push::Call(Arc::new(CallNews::Entered(record.clone()))));
        pager.page(Due {
            company: company.clone(),
            recipient: owner.clone(),
            sender: record.peer.clone(),
            news: News::MissedCall,
            browsers: browsers.clone(),
        });
    }
}

/// Writes what became of a call into both histories.
pub(super) async fn write(app: &App, called: Called) -> Result<(), AppError> {
    let companies = {
        let relations = app.relations();
        let company = |of| relations.member(of).map(|member| member.company.clone());
        company(&called.caller).zip(company(&called.callee))
    };
    // Somebody without an account any more has no history, and nobody else has one of him.
    let Some((from, to)) = companies else { return Ok(()) };
    let (crosses, now_ms, pager) = (from != to, app.clock.now_ms(), Arc::clone(&app.pager));
    let (home, away) = (from.clone(), to.clone());
    let change = move |c: &Connection| {
        let own = called.enter(c, (true, &away), |_, _| Vec::new())?;
        if crosses {
            outbox::to_company(c, &away, &MessageEffect::Called(called.clone()), now_ms)?;
            return Ok([own, None]);
        }
        let theirs = called.enter(c, (false, &home), |owner, peer| pager.find(c, owner, peer))?;
        Ok([own, theirs])
    };
    let (live, pager, of) = (Arc::clone(&app.live), Arc::clone(&app.pager), from.clone());
    let tell =
        move |entered: &[Option<Entered>; 2]| entered.iter().flatten().for_each(|one| one.tell(&live, &pager, &of));
    app.change_company(&from, change, tell).await?;
    if crosses {
        app.couriers.wake(&from, &to);
    }
    Ok(())
}

/// From now on: calls whose devices have gone, or that ring without end, are over.
pub(crate) async fn sweep(app: Weak<App>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(app) = app.upgrade() else { return };
        let lost = app.calls.lost(|user, device| app.live.is_there(user, device), app.clock.now_ms());
        write_all(&app, lost).await;
    }
}

/// The box stops: calls may go on without it, but what becomes of them it will not hear.
pub async fn end_all(app: &App) {
    let all = app.calls.all(app.clock.now_ms());
    write_all(app, all).await;
}

async fn write_all(app: &App, all: Vec<Called>) {
    for one in all {
        if let Err(failure) = write(app, one).await {
            tracing::error!(%failure, "a call could not be entered into the histories");
        }
    }
}
