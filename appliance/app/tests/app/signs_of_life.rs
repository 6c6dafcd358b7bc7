use crate::support::Place;
use app::installation;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use store::{Connection, StoreError};

#[tokio::test]
async fn a_writer_that_hangs_gives_no_sign_of_life_and_one_that_refuses_does_i5() {
    let place = Place::new().await;
    installation::answers(&place.app).await.expect("all writers live");
    let refused = |_: &Connection| Err::<(), _>(StoreError::NoCompany(String::from("none")));
    place.store.directory().write(refused).await.expect_err("refused");
    installation::answers(&place.app).await.expect("a refusal is an answer");
    let (go_on, held) = mpsc::sync_channel::<()>(1);
    let hang = move |_: &Connection| {
        let _ = held.recv();
        Ok::<_, StoreError>(())
    };
    let store = Arc::clone(&place.store);
    let hanging = tokio::spawn(async move { store.directory().write(hang).await });
    let waited = async {
        while tokio::time::timeout(Duration::from_millis(200), installation::answers(&place.app)).await.is_ok() {}
    };
    tokio::time::timeout(Duration::from_secs(45), waited).await.expect("soon nobody answers");
    go_on.send(()).expect("it waits for this");
    hanging.await.expect("no panic").expect("committed");
    installation::answers(&place.app).await.expect("it lives again");
}
