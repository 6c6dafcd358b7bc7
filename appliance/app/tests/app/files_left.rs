//! Files of a standalone account that is deleted: they go with time (D4).

use crate::support::{self, Place};
use app::company::{self, NewCompany};
use app::file::{self, FileSettings, Grant, New, Part, Verdict, Viewer};
use app::people::{self, NewUser, Profile};
use app::{AppError, Caller, Settings};
use domain::company::CompanyKind;
use domain::ids::FileId;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;

const DAY_MS: i64 = 86_400_000;

async fn uploaded(place: &Place, who: &Caller, viewers: Vec<Viewer>) -> FileId {
    let new = New { name: String::from("a.txt"), extension: String::from("txt"), size_bytes: 3, viewers };
    let id = file::announce(&place.app, who, new).await.expect("room").file.id;
    let mut receiving = file::receive(&place.app, who, &id, Part::Whole).await.expect("announced");
    receiving.append(b"abc".to_vec()).await.expect("room");
    receiving.done();
    file::finish(&place.app, who, &id).await.expect("whole");
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_deleted_standalone_account_go_after_thirty_days_d4() {
    let shared =
        FileSettings { size_limit_bytes: 1 << 20, chunk_bytes: 1 << 20, quota_bytes: 1 << 20, reserve_bytes: 0 };
    let place = Place::with(Settings { files: Some(shared), ..support::settings() }).await;
    let standalone =
        NewCompany { name: String::from("Standalone"), kind: CompanyKind::Default, visibility: Visibility::Private };
    let home = company::add_of_kind(&place.app, standalone).await.expect("the first of its kind");
    let mut scans = file::scans(&place.app, || true);
    let (leaver, stayer) = (place.person_of(&home, "leaver").await, place.person_of(&home, "stayer").await);
    let admin = NewUser {
        email: support::email("keeper"),
        password: Some(zeroize::Zeroizing::new(support::PASSWORD.to_owned())),
        profile: Profile::default(),
        set_apart: None,
        roles: Roles::USER.with(Role::CompanyAdmin).with(Role::SuperAdministrator),
        active: true,
    };
    people::add(&place.app, &place.company, admin).await.expect("the box owner");
    let (leaver, stayer) = (place.caller(&leaver).await, place.caller(&stayer).await);
    let (gone, kept) = (uploaded(&place, &leaver, Vec::new()).await, uploaded(&place, &stayer, Vec::new()).await);
    for _ in 0..2 {
        let scan = scans.recv().await.expect("held");
        file::judge(&place.app, &scan, Verdict::Clean).await.expect("passed on");
    }
    let keeper = place.caller(&place.sign_in("keeper").await.expect("a sign-in")).await;
    people::remove(&place.app, &keeper, &leaver.user).await.expect("the box owner may");
    let lies = |id: &FileId| place.lies(id.as_str());
    place.clock.advance(29 * DAY_MS);
    file::look_after(&place.app).await.expect("a round");
    assert!(lies(&gone) && lies(&kept), "T0 to +30 days");
    place.clock.advance(DAY_MS + 1);
    file::look_after(&place.app).await.expect("a round");
    assert!(!lies(&gone), "its bytes are gone");
    assert!(lies(&kept), "those of others stay");
    let keeper = place.caller(&place.sign_in("keeper").await.expect("a sign-in")).await;
    let any = file::Filter::default();
    let window = people::Window { offset: 0, limit: 10 };
    let left = file::of_company(&place.app, &keeper, &home, &any, window).await.expect("hers");
    let ids: Vec<_> = left.items.iter().map(|page| page.file.id.clone()).collect();
    assert_eq!(ids, [kept], "and nothing tells of it");
    let grants: Vec<Grant> = left.items[0].grants.clone();
    assert!(grants.is_empty());
    let refused = file::find(&place.app, &keeper, &gone).await.map(drop);
    assert!(matches!(refused, Err(AppError::NotFound(_))), "{refused:?}");
}
