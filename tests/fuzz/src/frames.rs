//! STUN and ChannelData one after another in a stream: where it is cut changes nothing, and no frame is larger than allowed.
//!
//! The first byte of the input says how long the parts are in which the rest comes.

use turn_proto::{ChannelData, FRAME_BYTES_MAX, Frame, FrameError, channel_head, frame_length, is_channel};

pub(crate) fn run(input: &[u8]) {
    let Some((length, bytes)) = input.split_first() else { return };
    let whole = frames(bytes, bytes.len().max(1));
    assert_eq!(frames(bytes, usize::from(*length).max(1)), whole, "cut into parts of {length} bytes");
    for frame in whole.0 {
        assert!(frame.len() <= FRAME_BYTES_MAX);
        if let Some(read) = ChannelData::read(&frame) {
            assert!(is_channel(&frame));
            let head = channel_head(read.channel, read.data.len()).expect("it came in a frame");
            assert_eq!(&frame[..head.len()], head);
        }
    }
}

/// What comes out of parts of this length, and what ended it.
fn frames(bytes: &[u8], length: usize) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let (mut kept, mut frames) = (Vec::new(), Vec::new());
    for part in bytes.chunks(length) {
        kept.extend_from_slice(part);
        loop {
            match frame_length(&kept) {
                Ok(Frame::Whole { length, padded }) => {
                    assert!(length <= padded && padded <= kept.len());
                    frames.push(kept[..length].to_vec());
                    kept.drain(..padded);
                }
                Ok(Frame::Incomplete) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}
