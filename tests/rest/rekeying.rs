//! A company's key is turned while the rest of the box goes on: its files open with their keys wrapped anew (D2).

use crate::files::{BYTES, FILES, meets, noise, shared};
use crate::thumbnails::{made, picture};
use crate::{OwnCompany, world};
use world::expect;

#[tokio::test]
async fn files_and_their_small_pictures_open_after_their_companys_key_was_turned_d2_c6() {
    let company = OwnCompany::new("rekeying");
    let (owner, friend) = (company.signed_in("rekey-olga").await, company.signed_in("rekey-otto").await);
    let mut files = Vec::new();
    // More than one change takes, so that several are gone through.
    for number in 0..70 {
        let bytes = noise(2_000 + number, 4_000 + number as u64);
        let id = shared(&owner, &format!("{number}.bin"), &bytes, &[("user", friend.id())]).await;
        files.push((id, bytes));
    }
    let drawn = shared(&owner, "slope.png", &picture(600, 400), &[("user", friend.id())]).await;
    made(&friend, &drawn).await;
    let small = friend.client.get(&format!("{BYTES}/{drawn}?thumbnail=true")).await;
    assert_eq!(small.status, 200, "{}", small.text());
    for round in 1..=2 {
        let args = ["vault", "rekey", "--company", owner.company_id()];
        let told = world().edge.edge(&args, "").succeeded("rekey").out;
        assert!(told.contains("72 file keys wrapped anew"), "round {round}, 71 files and a small picture: {told}");
        for (id, bytes) in &files {
            let answer = friend.client.get(&format!("{BYTES}/{id}")).await;
            assert_eq!((answer.status, &answer.body[..]), (200, &bytes[..]));
        }
        let again = friend.client.get(&format!("{BYTES}/{drawn}?thumbnail=true")).await;
        assert_eq!((again.status, &again.body[..]), (200, &small.body[..]));
        let after = shared(&owner, "after.bin", b"sealed after the turn", &[("user", friend.id())]).await;
        assert_eq!(meets(&friend.client, &after).await, (200, 200));
        expect::data(&owner.client.delete(&format!("{FILES}/{after}")).await);
    }
}
