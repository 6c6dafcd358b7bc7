//! Both ends of the worker's socket, and what somebody may send who has seized the worker.

use worker_contract::{
    Kind, PICTURE_BYTES_MAX, Refusal, SMALL_BYTES_MAX, Thumbnails, decode_answer, encode_answer, picture_bytes,
    request_head,
};

fn made() -> Thumbnails {
    let picture = |length: usize| [&b"\xff\xd8\xff"[..], &vec![7; length]].concat();
    Thumbnails { kind: Kind::Jpeg, width: 4000, height: 3000, small: picture(10), large: picture(300) }
}

#[test]
fn an_answer_arrives_as_it_was_sent() {
    let png = |seed: u8| [&b"\x89PNG\r\n\x1a\n"[..], &[seed]].concat();
    let transparent = Thumbnails { kind: Kind::Png, small: png(1), large: png(2), ..made() };
    let refusals = [Refusal::Unknown, Refusal::TooManyPixels, Refusal::Damaged].map(Err);
    for answer in [Ok(made()), Ok(transparent)].into_iter().chain(refusals) {
        assert_eq!(decode_answer(&encode_answer(&answer)), Ok(answer));
    }
}

#[test]
fn an_answer_that_is_cut_longer_or_says_what_it_is_not_is_none_i5() {
    let whole = encode_answer(&Ok(made()));
    for length in 0..whole.len() {
        assert!(decode_answer(&whole[..length]).is_err(), "{length} bytes");
    }
    assert!(decode_answer(&[&whole[..], &[0]].concat()).is_err());
    let html = Thumbnails { small: b"<script>".to_vec(), ..made() };
    let huge = Thumbnails { large: vec![0xff; usize::try_from(SMALL_BYTES_MAX).expect("small") + 1], ..made() };
    let flat = Thumbnails { width: 0, ..made() };
    for lie in [html, huge, flat] {
        assert!(decode_answer(&encode_answer(&Ok(lie))).is_err());
    }
    for bytes in [&b""[..], b"RBW1", b"RBW1\x09", b"RBW1\x01x", b"RBW2\x01"] {
        assert!(decode_answer(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_picture_that_is_too_large_is_not_asked_for_e5() {
    let head = request_head(u64::from(PICTURE_BYTES_MAX)).expect("as large as may be");
    assert_eq!(picture_bytes(head), Ok(PICTURE_BYTES_MAX));
    assert!(request_head(u64::from(PICTURE_BYTES_MAX) + 1).is_err() && request_head(0).is_err());
    for head in [*b"RBW1\xff\xff\xff\xff", *b"RBW1\0\0\0\0", *b"GET / HT"] {
        assert!(picture_bytes(head).is_err());
    }
}
