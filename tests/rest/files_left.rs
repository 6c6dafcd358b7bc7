//! Files of somebody whose account is deleted (D4). What becomes of a standalone account's: `appliance/app/tests/app/files_left.rs`.

use crate::files::{FILES, meets, shared};
use crate::{ADMIN_USERS, OwnCompany, world};
use serde_json::json;
use world::expect;

#[tokio::test]
async fn files_of_a_deleted_company_account_stay_and_its_administrator_decides_over_them_d4() {
    let home = OwnCompany::new("filesleft");
    let (leaver, viewer, heir) =
        (home.signed_in("leaver").await, home.signed_in("viewer").await, home.signed_in("heir").await);
    let admin = home.person("boss", &["--admin"]).sign_in(&world().edge).await;
    let eve = world().eve.sign_in(&world().edge).await;
    let plan = shared(&leaver, "plan.txt", b"belongs to the company", &[("user", viewer.id())]).await;
    let draft = shared(&leaver, "draft.txt", b"nobody saw it yet", &[]).await;
    let given = shared(&viewer, "given.txt", b"to who leaves", &[("user", leaver.id())]).await;
    let drop = |id: &str| format!("{FILES}/{id}/drop");
    let to_heir = json!({"userId": heir.id()});
    expect::refusal(&admin.client.put(&drop(&plan), &to_heir).await, 404);
    expect::success(&admin.client.delete(&format!("{ADMIN_USERS}/{}", leaver.id())).await);
    assert_eq!(meets(&viewer.client, &plan).await, (200, 200), "who saw it still does");
    let listed = expect::list(
        &admin.client.get(&format!("/api/rainbow/filestorage/v1.0/companies/{}/files", viewer.company_id())).await,
    );
    let left: Vec<_> = listed.iter().filter(|file| file["ownerId"] == json!(leaver.id())).collect();
    assert_eq!(left.len(), 2, "the company has them, under the id of who has left");
    for stranger in [&viewer, &heir, &eve] {
        let refused = stranger.client.put(&drop(&plan), &to_heir).await.status;
        assert!(refused == 403 || refused == 404, "{refused}");
    }
    let handed = expect::data(&admin.client.put(&drop(&draft), &to_heir).await);
    assert_eq!(handed["ownerId"], json!(heir.id()));
    assert_eq!((meets(&heir.client, &draft).await, meets(&admin.client, &draft).await), ((200, 200), (404, 404)));
    expect::refusal(&admin.client.put(&drop(&draft), &to_heir).await, 404);
    expect::success(&admin.client.delete(&format!("{FILES}/{plan}")).await);
    assert_eq!(meets(&viewer.client, &plan).await, (404, 404));
    let known = expect::data(&viewer.client.get(&format!("{FILES}/{given}")).await);
    assert_eq!(known["viewers"], json!([]), "who is gone sees nothing");
}
