//! The setup as a rule over an application: what its end makes, what a failed end leaves, and that nothing outlives it (I8).

use crate::support::{Place, source};
use app::setup::{self, Facts, Setup, Surroundings};
use app::sign_in::{self, Credentials};
use app::{AppError, Source, Unauthenticated, installation, people};
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::{RecoveryKey, StoreError};
use zeroize::Zeroizing;

const PASSWORD: &str = "Correct-Horse-7";

/// Counts last strokes, of which the first `failing` fail, and keeps the codes that were shown and the keys that the disk got.
#[derive(Default)]
struct Stage {
    failing: u32,
    /// Why the disk takes no key.
    disk_fault: Mutex<Option<String>>,
    disk_keys: Mutex<Vec<String>>,
    strokes: AtomicU32,
    shown: Mutex<Vec<String>>,
}

impl Surroundings for Stage {
    fn show(&self, code: &str) {
        self.shown.lock().expect("no panic holds this").push(code.to_owned());
    }

    fn give_disk(&self, key: &RecoveryKey) -> Result<(), String> {
        if let Some(why) = self.disk_fault.lock().expect("no panic holds this").take() {
            return Err(why);
        }
        self.disk_keys.lock().expect("no panic holds this").push(key.shown().to_string());
        Ok(())
    }

    fn finish(&self) -> Result<(), StoreError> {
        if self.strokes.fetch_add(1, Ordering::SeqCst) < self.failing {
            return Err(StoreError::Fault(String::from("the disk")));
        }
        Ok(())
    }
}

async fn begin(place: &Place, stage: &Arc<Stage>) -> Arc<Setup> {
    let facts = Facts { fingerprint: String::from("AB:CD"), port: 8443 };
    Setup::begin(&place.app, facts, Arc::clone(stage) as Arc<dyn Surroundings>).await.expect("begins")
}

async fn answer(place: &Place, going_on: &Setup, step: &str, fields: Value) -> Result<(), AppError> {
    let Value::Object(fields) = fields else { panic!("an answer is an object") };
    setup::answer(&place.app, going_on, step, fields).await
}

async fn answer_all(place: &Place, going_on: &Setup) -> String {
    for (step, fields) in [
        ("language", json!({"language": "de"})),
        ("name", json!({"name": "box.acme.example", "domain": "acme.example"})),
        ("company", json!({"name": "Acme", "visibility": "closed"})),
        ("administrator", json!({"email": "ada@acme.example", "firstName": "Ada", "lastName": "Byron"})),
    ] {
        assert_eq!(going_on.step(), Some(step));
        answer(place, going_on, step, fields).await.expect("a valid answer");
    }
    let key = setup::make_recovery_key(&place.app, going_on).expect("a key").to_string();
    assert_eq!(going_on.step(), Some("recovery"), "made is not written down");
    setup::check_recovery_key(going_on, &key.to_lowercase()).expect("the same key");
    assert_eq!(going_on.step(), None);
    key
}

async fn finish(place: &Place, going_on: &Setup, password: &str) -> Result<setup::Finished, AppError> {
    setup::finish(&place.app, going_on, Zeroizing::new(password.to_owned())).await
}

#[tokio::test]
async fn the_end_makes_one_company_and_its_owner_though_the_last_stroke_failed_before_i8() {
    // The place has a company already: what an end that was cut off has left.
    let place = Place::new().await;
    let stage = Arc::new(Stage { failing: 2, ..Stage::default() });
    let going_on = begin(&place, &stage).await;
    answer_all(&place, &going_on).await;
    for _ in 0..2 {
        assert!(matches!(finish(&place, &going_on, PASSWORD).await, Err(AppError::Store(_))));
        assert!(!going_on.is_finished() && going_on.step().is_none(), "it goes on where it was");
    }
    let finished = finish(&place, &going_on, PASSWORD).await.expect("the third succeeds");
    assert_eq!(finished.address, "https://box.acme.example:8443");
    assert_eq!((finished.name.as_str(), finished.domain.as_str()), ("box.acme.example", "acme.example"));
    assert_eq!((place.app.name(), place.app.domain()), (finished.name, finished.domain));
    going_on.finished().await;
    let health = installation::health(&place.app).await.expect("readable");
    assert_eq!((health.companies, health.users), (1, 1), "what failed has left nothing");
    let owner = Credentials {
        login: String::from("Ada@acme.example"),
        password: Zeroizing::new(PASSWORD.to_owned()),
        application: None,
        client: String::from("test"),
        source: Source::default(),
    };
    let caller = place.caller(&sign_in::log_in(&place.app, owner).await.expect("the owner signs in")).await;
    let seen = people::find(&place.app, &caller, &caller.user).await.expect("himself");
    assert_eq!((seen.user.profile.language.as_str(), seen.user.profile.first_name.as_str()), ("de", "Ada"));
    assert_eq!(stage.strokes.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn after_the_end_everything_is_refused_and_nothing_is_kept_i8() {
    let place = Place::new().await;
    let going_on = begin(&place, &Arc::default()).await;
    let token = setup::unlock(&place.app, &going_on, &going_on.code(), source(1)).expect("the code");
    let key = answer_all(&place, &going_on).await;
    assert!(going_on.is_unlocked_by(&token));
    let both = tokio::join!(finish(&place, &going_on, PASSWORD), finish(&place, &going_on, "An0ther-one!"));
    assert!(both.0.is_ok() && matches!(both.1, Err(AppError::SetUp)), "the first of two wins");
    assert!(!going_on.is_unlocked_by(&token));
    assert!(matches!(finish(&place, &going_on, PASSWORD).await, Err(AppError::SetUp)));
    assert!(matches!(setup::unlock(&place.app, &going_on, &going_on.code(), source(1)), Err(AppError::SetUp)));
    assert!(matches!(setup::make_recovery_key(&place.app, &going_on), Err(AppError::SetUp)));
    assert!(matches!(setup::check_recovery_key(&going_on, &key), Err(AppError::SetUp)));
    let late = answer(&place, &going_on, "language", json!({"language": "fr"})).await;
    assert!(matches!(late, Err(AppError::SetUp)));
    let again = begin(&place, &Arc::default()).await;
    assert_eq!(setup::answers(&place.app, &again).answers, Map::new(), "the answers are gone from the disk");
}

#[tokio::test]
async fn answers_outlive_a_restart_and_tokens_codes_and_recovery_keys_do_not_i8() {
    let place = Place::new().await;
    let going_on = begin(&place, &Arc::default()).await;
    let code = going_on.code();
    let token = setup::unlock(&place.app, &going_on, &code, source(1)).expect("the code");
    let key = answer_all(&place, &going_on).await;
    let answered = setup::answers(&place.app, &going_on).answers;
    assert_eq!(answered["recovery"], json!({"confirmed": true}));
    let again = begin(&place, &Arc::default()).await;
    let after = setup::answers(&place.app, &again);
    assert_eq!(after.step, Some("recovery"));
    for step in ["language", "name", "company", "administrator"] {
        assert_eq!(after.answers[step], answered[step], "{step}");
    }
    assert!(!after.answers.contains_key("recovery"));
    assert!(!again.is_unlocked_by(&token));
    assert_ne!(again.code(), code);
    assert!(matches!(setup::check_recovery_key(&again, &key), Err(AppError::Invalid { field: "key", .. })));
    let early = finish(&place, &again, PASSWORD).await;
    assert!(matches!(early, Err(AppError::MissingStep("recovery"))));
}

#[tokio::test]
async fn a_new_recovery_key_voids_the_former_and_must_be_confirmed_anew_d2_i8() {
    let place = Place::new().await;
    let going_on = begin(&place, &Arc::default()).await;
    let first = answer_all(&place, &going_on).await;
    let second = setup::make_recovery_key(&place.app, &going_on).expect("another");
    assert_ne!(first, second.as_str());
    assert_eq!(going_on.step(), Some("recovery"));
    for wrong in [first.as_str(), "", "ABCD", "not a key at all"] {
        let refused = setup::check_recovery_key(&going_on, wrong);
        assert!(matches!(refused, Err(AppError::Invalid { field: "key", .. })), "{wrong}");
    }
    let early = finish(&place, &going_on, PASSWORD).await;
    assert!(matches!(early, Err(AppError::MissingStep("recovery"))));
    setup::check_recovery_key(&going_on, &second).expect("the last one");
    let weak = finish(&place, &going_on, "weak").await;
    assert!(matches!(weak, Err(AppError::Invalid { field: "password", .. })));
    finish(&place, &going_on, PASSWORD).await.expect("complete");
}

#[tokio::test]
async fn wrong_codes_are_counted_shown_anew_and_slowed_by_source_i8_e5() {
    let place = Place::new().await;
    let stage = Arc::new(Stage::default());
    let going_on = begin(&place, &stage).await;
    let enter = |code: &str, from: u8| setup::unlock(&place.app, &going_on, code, source(from)).map(|_| ());
    for round in 0..2 {
        let code = going_on.code();
        for left in (0..10).rev() {
            let refused = enter("ZZZZ-ZZZZ", 1);
            assert!(matches!(refused, Err(AppError::WrongCode { left: told }) if told == left), "{refused:?}");
        }
        let shown = stage.shown.lock().expect("no panic holds this").clone();
        assert_eq!((shown.len(), shown.last().map(String::as_str)), (round + 1, Some(going_on.code().as_str())));
        assert!(matches!(enter(&code, 2), Err(AppError::WrongCode { left: 9 })), "the former code is void");
        // The wrong try of the other source counts against the code: both begin anew together.
        enter(&going_on.code(), 2).expect("the new one");
        for _ in 0..9 {
            let _ = enter("ZZZZ-ZZZZ", 3 + u8::try_from(round).expect("small"));
        }
        stage.shown.lock().expect("no panic holds this").truncate(round + 1);
    }
    let waiting = enter(&going_on.code(), 1);
    let locked = matches!(waiting, Err(AppError::Unauthenticated(Unauthenticated::Locked { retry_after_s })) if retry_after_s > 500);
    assert!(locked, "who guessed twenty times waits, right or wrong: {waiting:?}");
    enter(&going_on.code(), 2).expect("others do not");
    place.clock.advance(601_000);
    enter(&going_on.code(), 1).expect("not for ever");
}

#[tokio::test]
async fn an_unknown_step_and_a_wrong_answer_change_nothing_i8() {
    let place = Place::new().await;
    let going_on = begin(&place, &Arc::default()).await;
    assert!(matches!(answer(&place, &going_on, "weather", json!({})).await, Err(AppError::NotFound(_))));
    let wrong = answer(&place, &going_on, "language", json!({"language": "tlh"})).await;
    assert!(matches!(wrong, Err(AppError::Invalid { field: "language", .. })));
    let after = setup::answers(&place.app, &going_on);
    assert_eq!((after.step, after.answers.len()), (Some("language"), 0));
    assert_eq!(after.suggestions["name"], json!("edge.test"));
}

#[tokio::test]
async fn the_disk_gets_the_recovery_key_before_the_last_stroke_and_the_setup_waits_for_it_d2_i8() {
    let place = Place::new().await;
    let stage = Arc::new(Stage { disk_fault: Mutex::new(Some(String::from("no key is at hand"))), ..Stage::default() });
    let going_on = begin(&place, &stage).await;
    let key = answer_all(&place, &going_on).await;
    let refused = finish(&place, &going_on, PASSWORD).await.expect_err("the disk refuses");
    assert_eq!(refused.to_string(), "the disk did not take the new key: no key is at hand");
    assert!(!going_on.is_finished() && stage.strokes.load(Ordering::SeqCst) == 0);
    finish(&place, &going_on, PASSWORD).await.expect("the disk takes it now");
    assert_eq!(*stage.disk_keys.lock().expect("no panic holds this"), [key]);
}
