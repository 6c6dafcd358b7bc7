//! ChannelData (RFC 8656, section 12.4): four bytes before the data, instead of a STUN message around it.

/// Channel number and length, 16 bits each.
pub const CHANNEL_HEAD_BYTES: usize = 4;
/// Numbers that a channel may have. RFC 8656, section 12, leaves only those up to 0x4FFF to clients; older ones, among them coturn's own
/// of Debian 12, choose from all that RFC 5766 allowed, which nothing else begins with either.
pub(crate) const NUMBERS: std::ops::RangeInclusive<u16> = 0x4000..=0x7FFF;
/// The first byte of any of them.
const FIRST_BYTES: std::ops::RangeInclusive<u8> = 0x40..=0x7F;

/// What came on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelData<'a> {
    /// 0x4000 to 0x7FFF.
    pub channel: u16,
    /// Without head and padding.
    pub data: &'a [u8],
}

/// Whether this datagram or frame is ChannelData, by its first byte.
#[must_use]
pub fn is_channel(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| FIRST_BYTES.contains(first))
}

impl<'a> ChannelData<'a> {
    /// `None` unless it is whole. More bytes than the head says are padding: at most three.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(CHANNEL_HEAD_BYTES)?;
        let channel = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let whole = NUMBERS.contains(&channel) && rest.len() >= length && rest.len() - length < CHANNEL_HEAD_BYTES;
        whole.then(|| Self { channel, data: &rest[..length] })
    }
}

/// The four bytes before `length` bytes of data. `None` when the data is longer than a head can say.
#[must_use]
pub fn channel_head(channel: u16, length: usize) -> Option<[u8; CHANNEL_HEAD_BYTES]> {
    let [high, low] = channel.to_be_bytes();
    let [longer, shorter] = u16::try_from(length).ok()?.to_be_bytes();
    Some([high, low, longer, shorter])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_data_is_read_as_it_is_written_g1() {
        for length in [0_usize, 1, 3, 4, 1200, 65535] {
            let mut bytes = channel_head(0x4ABC, length).unwrap().to_vec();
            bytes.resize(CHANNEL_HEAD_BYTES + length, 7);
            let read = ChannelData::read(&bytes).unwrap();
            assert_eq!((read.channel, read.data.len()), (0x4ABC, length));
        }
        assert_eq!(channel_head(0x4000, 65536), None);
    }

    #[test]
    fn what_is_cut_or_has_a_wrong_number_is_no_channel_data_e5() {
        for wrong in
            [&[][..], &[0x40], &[0x40, 0, 0, 1], &[0x80, 0, 0, 0], &[0x3F, 0xFF, 0, 0], &[0x40, 0, 0, 0, 0, 0, 0, 0]]
        {
            assert_eq!(ChannelData::read(wrong), None, "{wrong:?}");
        }
        assert!(ChannelData::read(&[0x4F, 0xFF, 0, 1, 9, 0, 0, 0]).is_some(), "three bytes of padding");
    }
}
