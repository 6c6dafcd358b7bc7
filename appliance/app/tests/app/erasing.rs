//! Erasing a company destroys its key: where it was stored nothing of it is left, and nothing that is left opens (D2).

use crate::support::Place;
use app::AppError;
use app::company;
use domain::visibility::Visibility;
use store::{Connection, StoreError, companies, relay_revoked};

/// Every page of the directory as it is now, the log's included.
async fn pages(place: &Place) -> Vec<Vec<u8>> {
    let read = |c: &Connection| {
        let mut statement = c.prepare("SELECT data FROM sqlite_dbpage")?;
        let pages = statement.query_map([], |row| row.get(0))?;
        Ok::<Vec<Vec<u8>>, StoreError>(pages.collect::<Result<_, _>>()?)
    };
    place.store.directory().read(read).await.expect("the directory")
}

fn holds(pages: &[Vec<u8>], needle: &[u8]) -> bool {
    pages.iter().any(|page| page.windows(needle.len()).any(|bytes| bytes == needle))
}

#[tokio::test]
async fn of_an_erased_companys_key_no_byte_is_left_in_the_directory_or_its_log_d2() {
    let place = Place::new().await;
    let doomed = company::add(&place.app, "Initech", Visibility::Public).await.expect("a company");
    let (member, stays) = (place.person_of(&doomed, "ida").await, place.person("anna").await);
    let wanted = doomed.clone();
    let entry = place.store.directory().read(move |c| companies::find(c, &wanted)).await.expect("the directory");
    let wrapped = entry.expect("an entry").wrapped_key;
    assert!(holds(&pages(&place).await, &wrapped), "it is where it is looked for");

    let receipt = company::destroy(&place.app, &doomed).await.expect("it is erased").receipt;
    assert!(receipt.is_authentic() && receipt.erasure.people == 1 && receipt.erasure.company == doomed.as_str());
    assert_eq!(receipt.public_key, company::receipt_key(&place.app).await.expect("a key"));
    let after = pages(&place).await;
    for part in wrapped[10..].chunks_exact(16) {
        assert!(!holds(&after, part), "a part of the stored key is left");
    }
    assert_eq!(place.bytes_of("directory.db-wal"), Some(0), "the log was cut behind it");
    assert!(!place.lies(&format!("{doomed}.db")), "its database lies on the disk");
    assert!(matches!(place.store.company(&doomed).await, Err(StoreError::NoCompany(_))));
    assert!(matches!(place.store.file_wrapping(&doomed).await, Err(StoreError::NoCompany(_))));
    assert!(app::sign_in::authenticate(&place.app, &member.token).await.is_err(), "a session outlived its company");
    place.caller(&stays).await;
    let revoked = place.store.directory().read(relay_revoked::list).await.expect("the directory");
    assert_eq!(revoked.len(), 1, "what a member was given for relays is good for nothing");

    assert!(matches!(company::destroy(&place.app, &doomed).await, Err(AppError::NotFound(_))), "once is enough");
    let told = company::receipts(&place.app).await.expect("the directory");
    assert_eq!(told, [serde_json::to_string(&receipt).expect("JSON")]);
}
