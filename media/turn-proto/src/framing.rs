//! STUN messages and ChannelData one after another in a stream (RFC 8656, section 12.5).

use thiserror::Error;

use crate::channel_data::{CHANNEL_HEAD_BYTES, is_channel};
use crate::message::HEAD_BYTES;

/// The longest frame there can be: a STUN message whose length has 16 bits, or padded ChannelData.
pub const FRAME_BYTES_MAX: usize = HEAD_BYTES + 65536;

/// RFC 7983: what begins with a larger byte is another protocol, or ChannelData.
const STUN_FIRST_MAX: u8 = 3;

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// More bytes are needed before anything can be said.
    Incomplete,
    /// So many bytes make the next frame, of which the last ones may be padding.
    Whole {
        /// Of message or ChannelData.
        length: usize,
        /// With padding: where the next one begins.
        padded: usize,
    },
}

/// What cannot be the beginning of a frame: there is no way to find the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("neither a STUN message nor ChannelData begins with {first:#04x}")]
pub struct FrameError {
    /// The byte in question.
    pub first: u8,
}

/// Looks at what has been received and not yet handled.
///
/// # Errors
/// [`FrameError`]: the stream must be closed.
pub fn frame_length(received: &[u8]) -> Result<Frame, FrameError> {
    let Some(&first) = received.first() else { return Ok(Frame::Incomplete) };
    let channel = is_channel(received);
    if !channel && first > STUN_FIRST_MAX {
        return Err(FrameError { first });
    }
    let Some(&[_, _, high, low]) = received.first_chunk::<CHANNEL_HEAD_BYTES>() else { return Ok(Frame::Incomplete) };
    let told = usize::from(u16::from_be_bytes([high, low]));
    let length = told + if channel { CHANNEL_HEAD_BYTES } else { HEAD_BYTES };
    if !channel && told % 4 != 0 {
        return Err(FrameError { first });
    }
    let padded = length + padding(length);
    Ok(if received.len() >= padded { Frame::Whole { length, padded } } else { Frame::Incomplete })
}

/// How many bytes follow so that the next frame begins at a multiple of four.
#[must_use]
pub fn padding(length: usize) -> usize {
    length.wrapping_neg() % 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_wherever_the_stream_is_cut_g1() {
        let channel = [0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0];
        let mut binding = [0_u8; 20];
        binding[1] = 1;
        let stream = [&channel[..], &binding[..]].concat();
        for cut in 0..channel.len() {
            assert_eq!(frame_length(&stream[..cut]), Ok(Frame::Incomplete), "{cut}");
        }
        assert_eq!(frame_length(&stream), Ok(Frame::Whole { length: 9, padded: 12 }));
        assert_eq!(frame_length(&stream[12..]), Ok(Frame::Whole { length: 20, padded: 20 }));
    }

    #[test]
    fn a_stream_that_is_neither_is_given_up_at_its_first_byte_e5() {
        assert_eq!(frame_length(b"GET /"), Ok(Frame::Incomplete), "0x47 could be a channel");
        assert_eq!(frame_length(&[0x16]), Err(FrameError { first: 0x16 }), "TLS");
        assert_eq!(frame_length(&[0x80, 0]), Err(FrameError { first: 0x80 }));
        assert_eq!(frame_length(&[0, 1, 0, 3]), Err(FrameError { first: 0 }), "a length of STUN is a multiple of four");
    }
}
