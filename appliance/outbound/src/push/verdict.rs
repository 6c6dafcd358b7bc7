//! What an answer of a push service means (RFC 8030, 5 and 7.3; RFC 8292, 4.2).

use crate::OutboundError;
use crate::https::Answered;
use hyper::StatusCode;
use std::time::Duration;

/// Waits before the second call and those after it.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(16)];
/// A service that wants to be left alone for longer is: news that come later than this are no news.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What to do after a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The service took it.
    Taken,
    /// The subscription is no more.
    Gone,
    /// Once more, after this.
    Again(Duration),
    /// It is given up.
    GivenUp,
}

/// `tried`: calls so far, this one included.
pub(super) fn verdict(outcome: &Result<Answered, OutboundError>, tried: usize) -> Verdict {
    let asked = match outcome {
        Ok(answered) if answered.status.is_success() => return Verdict::Taken,
        Ok(Answered { status: StatusCode::NOT_FOUND | StatusCode::GONE, .. }) => return Verdict::Gone,
        Ok(answered) if answered.status == StatusCode::TOO_MANY_REQUESTS || answered.status.is_server_error() => {
            answered.retry_after_s.map(Duration::from_secs)
        }
        Err(failure) if failure.may_pass() => None,
        Ok(_) | Err(_) => return Verdict::GivenUp,
    };
    let pause = tried.checked_sub(1).and_then(|index| PAUSES.get(index));
    let pause = pause.map(|pause| asked.map_or(*pause, |asked| asked.max(*pause)));
    pause.filter(|pause| *pause <= PAUSE_MAX).map_or(Verdict::GivenUp, Verdict::Again)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after_s: Option<u64>) -> Result<Answered, OutboundError> {
        Ok(Answered { status: StatusCode::from_u16(status).expect("a status"), retry_after_s })
    }

    #[test]
    fn an_answer_says_whether_it_was_taken_is_gone_or_to_be_tried_again_j9() {
        let seconds = |s| Verdict::Again(Duration::from_secs(s));
        for (status, retry_after_s, tried, expected) in [
            (201, None, 1, Verdict::Taken),
            (200, None, 1, Verdict::Taken),
            (404, None, 1, Verdict::Gone),
            (410, Some(5), 1, Verdict::Gone),
            (429, None, 1, seconds(1)),
            (429, Some(30), 1, seconds(30)),
            (503, Some(0), 2, seconds(4)),
            (503, None, 3, seconds(16)),
            (503, None, 4, Verdict::GivenUp),
            (503, Some(61), 1, Verdict::GivenUp),
            (503, Some(u64::MAX), 1, Verdict::GivenUp),
            (301, None, 1, Verdict::GivenUp),
            (400, None, 1, Verdict::GivenUp),
            (403, Some(1), 1, Verdict::GivenUp),
            (413, None, 1, Verdict::GivenUp),
        ] {
            assert_eq!(
                verdict(&answered(status, retry_after_s), tried),
                expected,
                "{status} {retry_after_s:?} {tried}"
            );
        }
    }

    #[test]
    fn a_service_that_cannot_be_reached_is_tried_again_and_a_forbidden_one_is_not_e6() {
        assert_eq!(verdict(&Err(OutboundError::TimedOut), 1), Verdict::Again(PAUSES[0]));
        assert_eq!(verdict(&Err(OutboundError::TimedOut), 4), Verdict::GivenUp);
        assert_eq!(verdict(&Err(OutboundError::Private), 1), Verdict::GivenUp);
    }
}
